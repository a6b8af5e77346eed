//! Why facts were not refreshed.

use trapkey::{AmendError, Datetime, ReadError};

use crate::CallError;
use crate::error::Blame;

/// Why facts were not refreshed; all is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The plugin was not called, or gave nothing that can be taken.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The engine has no schema yet. The plugin was not called, unless the engine lost it meanwhile.
    #[error("nothing is published")]
    NothingPublished,
    /// The host's clock says a time before the facts that are known; the plugin was not called. Either time reaches them, or
    /// [`Provider::forget`](crate::Provider::forget) gives them up.
    #[error("it is {}, the facts are of {}, in milliseconds since 1970", .now.0, .last.0)]
    ClockWentBack {
        /// The host's time.
        now: Datetime,
        /// When the facts were true.
        last: Datetime,
    },
    /// The facts are older than those that are known.
    #[error("the facts are of {}, known are those of {}, in milliseconds since 1970", .as_of.0, .last.0)]
    OutOfOrder {
        /// When these facts were true.
        as_of: Datetime,
        /// When the known ones were.
        last: Datetime,
    },
    /// A value is not JSON, or not of its attribute's type, or beyond its limits.
    #[error("the value of `{of}` cannot be taken")]
    Value {
        /// The entity or the attribute of contexts.
        of: String,
        /// What is wrong.
        source: ReadError,
    },
    /// Entities would not conform to the schema; or they went away whenever facts were applied, which is not the plugin's
    /// fault.
    #[error("the facts cannot be applied")]
    Amend(#[source] AmendError),
    /// The refresher was stopped while the plugin was asked.
    #[error("the refresher was stopped")]
    Over,
}

impl Blame for RefreshError {
    fn is_misbehaviour(&self) -> bool {
        match self {
            Self::Call(error) => error.is_misbehaviour(),
            Self::NothingPublished
            | Self::ClockWentBack { .. }
            | Self::Amend(AmendError::UnknownEntity { .. })
            | Self::Over => false,
            Self::OutOfOrder { .. } | Self::Value { .. } | Self::Amend(_) => true,
        }
    }
}
