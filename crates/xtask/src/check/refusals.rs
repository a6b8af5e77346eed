//! Every way a library refuses has a case in the refusal tests.

use syn::Visibility;
use syn::visit::{self, Visit};

use crate::repository::{Repository, TaskError};
use crate::source::Source;

const LIBRARIES: [&str; 11] = [
    "crates/authorizer/src/**/*.rs",
    "crates/component/src/**/*.rs",
    "crates/abi/src/**/*.rs",
    "crates/bundle/src/**/*.rs",
    "crates/compiler/src/**/*.rs",
    "crates/engine/src/**/*.rs",
    "crates/envoy/src/**/*.rs",
    "crates/guest/src/image.rs",
    "crates/link/src/**/*.rs",
    "crates/plugin/src/**/*.rs",
    "crates/events/src/**/*.rs",
];

const CASES: [&str; 2] = ["tests/refusal.rs", "tests/refusal/**/*.rs"];

/// A variant of a public error enum, and where it is defined.
#[derive(Debug, PartialEq, Eq)]
struct Variant {
    name: [String; 2],
    place: String,
}

pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let mut findings = Vec::new();
    let libraries = sources(repository, &LIBRARIES, &mut findings)?;
    let cases = sources(repository, &CASES, &mut findings)?;
    if cases.is_empty() {
        findings.push(format!("no {} or {}", CASES[0], CASES[1]));
    }
    findings.extend(untested(&libraries, &cases));
    Ok(findings)
}

fn sources(
    repository: &Repository,
    patterns: &[&str],
    findings: &mut Vec<String>,
) -> Result<Vec<Source>, TaskError> {
    let pathspecs: Vec<String> = patterns.iter().map(|glob| format!(":(glob){glob}")).collect();
    let pathspecs: Vec<&str> = pathspecs.iter().map(String::as_str).collect();
    let mut sources = Vec::new();
    for path in repository.files(&pathspecs)? {
        match Source::parse(&path, &repository.read(&path)?) {
            Ok(source) => sources.push(source),
            Err(error) => findings.push(format!("{path}: not Rust: {error}")),
        }
    }
    Ok(sources)
}

fn untested(libraries: &[Source], cases: &[Source]) -> Vec<String> {
    libraries
        .iter()
        .flat_map(variants)
        .filter(|variant| {
            let [of, own] = &variant.name;
            let words = [of.as_str(), ":", ":", own.as_str()];
            !cases.iter().any(|case| !case.find(&words).is_empty())
        })
        .map(|Variant { name: [of, own], place }| {
            format!("{place}: `{of}::{own}` has no case in {}", CASES[0])
        })
        .collect()
}

fn variants(source: &Source) -> Vec<Variant> {
    let mut enums = Enums { source, variants: Vec::new() };
    enums.visit_file(&source.syntax);
    enums.variants
}

struct Enums<'a> {
    source: &'a Source,
    variants: Vec<Variant>,
}

impl<'ast> Visit<'ast> for Enums<'_> {
    fn visit_item_enum(&mut self, node: &'ast syn::ItemEnum) {
        let name = node.ident.to_string();
        let line = node.ident.span().start().line;
        let is_public = matches!(node.vis, Visibility::Public(_));
        if is_public && name.ends_with("Error") && !self.source.is_test(line) {
            self.variants.extend(node.variants.iter().map(|variant| Variant {
                name: [name.clone(), variant.ident.to_string()],
                place: format!("{}:{}", self.source.path, variant.ident.span().start().line),
            }));
        }
        visit::visit_item_enum(self, node);
    }
}

#[cfg(test)]
mod tests {
    use super::untested;
    use crate::source::Source;

    const LIBRARY: &str = "
        pub enum OpenError { TooLarge { len: usize }, Manifest(ManifestError) }
        pub enum Open { Now }
        enum InnerError { Never }
        #[cfg(test)]
        mod tests { pub enum FakeError { Never } }
    ";

    #[track_caller]
    fn check(cases: &str, want: &[&str]) {
        let library = Source::parse("crates/bundle/src/open.rs", LIBRARY);
        let cases = Source::parse("tests/refusal.rs", cases);
        let [library, cases] = [library, cases].map(|source| source.expect("the fixture is Rust"));
        assert_eq!(untested(&[library], &[cases]), want);
    }

    #[test]
    fn variants_in_use_are_accepted() {
        check(
            "fn f() { check(OpenError::TooLarge { len: 1 }); assert!(matches!(e, \
             trapkey::OpenError::Manifest(_))); }",
            &[],
        );
    }

    #[test]
    fn variants_without_a_case_are_named() {
        check(
            "// OpenError::TooLarge\nfn f() { let s = \"OpenError::Manifest\"; }",
            &[
                "crates/bundle/src/open.rs:2: `OpenError::TooLarge` has no case in tests/refusal.rs",
                "crates/bundle/src/open.rs:2: `OpenError::Manifest` has no case in tests/refusal.rs",
            ],
        );
    }

    #[test]
    fn longer_name_is_another_variant() {
        check(
            "fn f() { OpenError::TooLargeByFar; OpenError::Manifest; }",
            &["crates/bundle/src/open.rs:2: `OpenError::TooLarge` has no case in tests/refusal.rs"],
        );
    }
}
