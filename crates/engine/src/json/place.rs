//! Places in a document, as `entities[3].attrs.zone`; rendered only when something is wrong there.

use std::fmt;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    /// The document, or the value that the reader was given.
    Root(&'static str),
    /// A field of an object.
    Field(&'p Place<'p>, &'p str),
    /// An item of an array.
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(parent, name) if is_plain(name) => write!(f, "{parent}.{name}"),
            Self::Field(parent, name) => write!(f, "{parent}[\"{}\"]", name.escape_debug()),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_path() {
        let root = Place::Root("entities");
        let item = Place::Item(&root, 3);
        let attrs = Place::Field(&item, "attrs");
        assert_eq!(Place::Field(&attrs, "zone").to_string(), "entities[3].attrs.zone");
        assert_eq!(Place::Field(&attrs, "a.b").to_string(), "entities[3].attrs[\"a.b\"]");
    }
}
