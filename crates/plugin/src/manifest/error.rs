//! Why manifests are refused.

use super::{Import, MANIFEST_BYTES_MAX, NAME_BYTES_MAX, World};

/// Why a manifest was refused. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It exceeds [`MANIFEST_BYTES_MAX`].
    #[error("manifest is {len} bytes, the limit is {MANIFEST_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// It is not TOML, or has other keys or values than those of a manifest.
    #[error("line {line}: {message}")]
    Toml {
        /// Where.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A name is empty, longer than [`NAME_BYTES_MAX`] or has other characters than it may have.
    #[error("line {line}: `{name}` is no name of at most {NAME_BYTES_MAX} bytes")]
    Name {
        /// Where.
        line: usize,
        /// The beginning of what was given.
        name: String,
    },
    /// Plugins of this world cannot import that.
    #[error("line {line}: plugins of the world {world} have no import `{import}`")]
    ImportOfWorld {
        /// Where.
        line: usize,
        /// The import.
        import: Import,
        /// The plugin's world.
        world: World,
    },
    /// A name is given twice, or is the host's to write and the plugin's too: an attribute for the age in a record that the
    /// plugin sets, or around one.
    #[error("line {line}: `{name}` is given twice")]
    Twice {
        /// Where.
        line: usize,
        /// The name.
        name: String,
    },
    /// Documents are named, but the interface to read them is not imported.
    #[error("line {line}: documents are named without the import `documents`")]
    WithoutImport {
        /// Where.
        line: usize,
    },
    /// Plugins of this world provide no such thing.
    #[error("line {line}: `{key}` is provided by plugins of the world {of}, not {world}")]
    KeyOfWorld {
        /// Where.
        line: usize,
        /// The key below `provides`.
        key: &'static str,
        /// The world that has the key.
        of: World,
        /// The plugin's world.
        world: World,
    },
    /// An entity type is to be stamped of which nothing is provided.
    #[error("line {line}: nothing is provided of `{type_name}`, which is to be stamped")]
    StampOfNothing {
        /// Where.
        line: usize,
        /// The entity type.
        type_name: String,
    },
}
