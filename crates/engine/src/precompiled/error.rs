//! Why an artefact is refused.

use trapkey_bundle::Digest;

use super::{PRECOMPILED_BYTES_MAX, Target};

/// Why an artefact is refused. None of its code has run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrecompiledError {
    /// It exceeds [`PRECOMPILED_BYTES_MAX`].
    #[error("artefact is {len} bytes, the limit is {PRECOMPILED_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// The bytes end inside the header.
    #[error("{len} bytes are too few for an artefact's header")]
    Truncated {
        /// Bytes given.
        len: usize,
    },
    /// The bytes do not begin as an artefact does.
    #[error("not a precompiled module")]
    Magic,
    /// The header is of another version.
    #[error("version of the artefact's header is {found}, this reader knows 1")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The code is longer or shorter than the header says.
    #[error("{len} bytes follow the header, which states {stated}")]
    Length {
        /// Length in the header.
        stated: u32,
        /// Bytes after the header.
        len: usize,
    },
    /// The bytes are not those that were written.
    #[error("digest of the artefact is {computed}, the header states {stated}")]
    Digest {
        /// Digest in the header.
        stated: Digest,
        /// Digest of the bytes.
        computed: Digest,
    },
    /// The artefact requires what this reader does not know.
    #[error("unknown flags {found:#x}")]
    Flags {
        /// The flags found.
        found: u32,
    },
    /// A text of the header is not UTF-8 padded with zeros.
    #[error("unreadable text at byte {offset} of the header")]
    Text {
        /// Where it begins.
        offset: usize,
    },
    /// The artefact is for a target that this reader does not know.
    #[error("unknown target `{text}`, the targets are {}", Target::list())]
    UnknownTarget {
        /// The name found.
        text: String,
    },
    /// Another version of the engine has made it.
    #[error("artefact was made by version {artefact} of the engine, this is {engine}")]
    Engine {
        /// The version that has made it.
        artefact: String,
        /// This version.
        engine: &'static str,
    },
    /// It was made from another bundle.
    #[error("artefact was made from bundle {artefact}, this is {bundle}")]
    Bundle {
        /// Digest of the bundle that it was made from.
        artefact: Digest,
        /// Digest of the bundle that it came with.
        bundle: Digest,
    },
    /// The engine runs code of another target.
    #[error("artefact is for {artefact}, the engine runs {}", target_name(*.engine))]
    Target {
        /// The artefact's target.
        artefact: Target,
        /// What the engine runs; `None` if there are no artefacts for it.
        engine: Option<Target>,
    },
    /// Accesses outside a module's memory are caught by other means.
    #[error(
        "artefact {} on signal handlers, the engine {} them",
        if *.artefact { "relies" } else { "does not rely" },
        if *.engine { "installs" } else { "does not install" }
    )]
    SignalHandlers {
        /// Whether the artefact relies on them.
        artefact: bool,
        /// Whether the engine has them, see [`Options::signal_handlers`](crate::Options::signal_handlers).
        engine: bool,
    },
}

fn target_name(target: Option<Target>) -> &'static str {
    target.map_or("code that is not compiled ahead of time", Target::triple)
}
