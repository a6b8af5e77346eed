//! Why a candidate does not decide beside the active module, or does not become it.

use trapkey_bundle::Digest;

use crate::{GuardError, PublishError};

/// Why a shadow was not started; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShadowError {
    /// There is no active module to compare with.
    #[error("nothing is published")]
    NothingPublished,
    /// Another candidate decides already; it is to be promoted or discarded first.
    #[error("bundle {running} is a shadow already, so {candidate} cannot be one")]
    Running {
        /// Digest of the bundle that is a shadow.
        running: Digest,
        /// Digest of the bundle that was to be one.
        candidate: Digest,
    },
    /// Requests are made for one schema, so both must have the same.
    #[error("the schema of bundle {candidate} is not that of the active bundle {active}")]
    OtherSchema {
        /// Digest of the active bundle.
        active: Digest,
        /// Digest of the bundle that was to be a shadow.
        candidate: Digest,
    },
    /// The bundle cannot be loaded.
    #[error("the candidate is refused")]
    Bundle(#[source] PublishError),
}

/// Why a shadow was not promoted; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromoteError {
    /// No candidate decides beside the active module, or no longer.
    #[error("there is no shadow")]
    NoShadow,
    /// No guard can watch it.
    #[error("the candidate cannot be guarded")]
    Guard(#[source] GuardError),
}
