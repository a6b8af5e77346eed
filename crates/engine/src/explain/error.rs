//! Why there is no explanation.

use crate::{DecideError, PublishError};

/// Why a request is not explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The published bundle was built without its explaining module.
    #[error("the published bundle has no explaining module, build it with one")]
    NotInBundle,
    /// No candidate decides beside the active module.
    #[error("there is no shadow")]
    NoShadow,
    /// The explaining module cannot be used.
    #[error("unusable explaining module")]
    Module(#[source] Box<PublishError>),
    /// A probe of the explaining module does not say which clause it is.
    #[error("probe {probe} of the explaining module names no clause of the {policies} policies")]
    Clause {
        /// Index of the probe.
        probe: usize,
        /// Number of policies of the module that decides.
        policies: usize,
    },
    /// The request could not be decided.
    #[error("the request was not decided")]
    Undecided(#[source] DecideError),
}
