//! Bundles of the example folders.

use trapkey::{Bundle, CompileOptions, Release, Semantics, Sources, compile};
use trapkey_testkit::Folder;

/// Which semantics a bundle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Cedar,
    Trapkey,
}

impl Rule {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "cedar" => Self::Cedar,
            "trapkey" => Self::Trapkey,
            name => panic!("no rule is called `{name}`"),
        }
    }
}

/// A folder as a bundle.
pub(crate) fn packed(folder: &Folder, rule: Rule) -> Vec<u8> {
    let semantics = match rule {
        Rule::Cedar => Semantics::CEDAR,
        Rule::Trapkey => Semantics::TRAPKEY,
    };
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
    let release = Release { name: "kit".into(), version: "1".into(), sequence: 1 };
    Bundle::pack(&release, &compiled.module).unwrap()
}

pub(crate) fn bundle(folder: &Folder, rule: Rule) -> Bundle {
    Bundle::open(&packed(folder, rule)).unwrap()
}
