//! A bundle in parts that can be edited, and digests that are right afterwards.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is taken apart here was packed by us"
)]

use serde_json::Value;
use trapkey::Digest;
use trapkey_abi::section;
use wasmparser::{Parser, Payload};

use super::bundle::suffix;

/// What a bundle is made of.
#[derive(Clone)]
pub(super) struct Parts {
    /// The module without its custom sections.
    pub(super) core: Vec<u8>,
    /// Names and contents of the custom sections.
    pub(super) sections: [(&'static str, Vec<u8>); 4],
}

impl Parts {
    /// Takes a module apart.
    pub(super) fn of(module: &[u8]) -> Self {
        let names = [section::MANIFEST, section::LAYOUT, section::GATHER, section::POLICIES];
        let sections = names.map(|name| (name, content(module, name)));
        let core = module.strip_suffix(suffix(&sections).as_slice());
        Self { core: core.expect("the sections end the module").to_vec(), sections }
    }

    pub(super) fn module(&self) -> Vec<u8> {
        [self.core.as_slice(), &suffix(&self.sections)].concat()
    }

    /// The manifest as JSON, or nothing if it is none.
    pub(super) fn manifest(&self) -> Value {
        serde_json::from_slice(&self.sections[0].1).unwrap_or_default()
    }

    /// Writes the layout's digest where it is stated.
    pub(super) fn set_layout(&mut self, digest: &Value) {
        for (number, key) in [(0, "layout_digest"), (2, "layout")] {
            let content = &mut self.sections[number].1;
            if let Ok(Value::Object(mut fields)) = serde_json::from_slice(content) {
                fields.insert(key.to_owned(), digest.clone());
                *content = Value::Object(fields).to_string().into_bytes();
            }
        }
    }
}

fn content(module: &[u8], name: &str) -> Vec<u8> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(custom) = payload.expect("the module is whole")
            && custom.name() == name
        {
            return custom.data().to_vec();
        }
    }
    panic!("no section `{name}`");
}

/// Head and module in a container.
pub(super) fn contain(head: &[u8], module: &[u8]) -> Vec<u8> {
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short").to_le_bytes();
    let mut bytes = b"trapkey\0\x01\0\0\0\0\0\0\0".to_vec();
    bytes.extend([0; 36]);
    bytes.extend(len(head));
    bytes.extend(len(module));
    bytes.extend([0; 4]);
    bytes.extend(head);
    bytes.extend(module);
    seal(bytes)
}

/// Writes the digest of a container into it.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let trailer = bytes.get(12..16).map_or(0, |word| {
        let word = u32::from_le_bytes(word.try_into().expect("four bytes"));
        usize::try_from(word).unwrap_or(usize::MAX)
    });
    let end = bytes.len().checked_sub(trailer);
    if let Some(digest) = end.and_then(|end| bytes.get(48..end)).map(Digest::of) {
        bytes[16..48].copy_from_slice(&digest.0);
    }
    bytes
}

/// Applies edits, each two bytes of position, one of bytes removed, one of bytes put there and
/// those bytes. Positions wrap around.
pub(super) fn apply_edits(target: &mut Vec<u8>, mut edits: &[u8]) {
    while let [low, high, removed, len, rest @ ..] = edits {
        let position = usize::from(u16::from_le_bytes([*low, *high]));
        let (text, rest) = rest.split_at(rest.len().min(usize::from(*len)));
        let start = position % (target.len() + 1);
        let end = target.len().min(start + usize::from(*removed));
        target.splice(start..end, text.iter().copied());
        edits = rest;
    }
}
