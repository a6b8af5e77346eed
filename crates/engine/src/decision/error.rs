//! Why a decision was not reached.

use trapkey_abi::ResponseError;

/// Why a decision was not reached; the verdict is deny.
///
/// Exhaustive: a new way to fail must break the build of every PEP that distinguishes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// No bundle has been published.
    #[error("nothing is published")]
    NothingPublished,
    /// The request was made for another layout than the published one.
    #[error("the request was made for another layout")]
    Stale,
    /// The module has no such combination of action, principal type and resource type.
    #[error("the module has no such request environment")]
    NoEnvironment,
    /// The frame is longer than the module allows.
    #[error("the frame does not fit in {capacity} bytes")]
    FrameTooLarge {
        /// The module's limit in bytes.
        capacity: usize,
    },
    /// A row does not have the form that its layout says.
    #[error("a row does not fit the layout")]
    Malformed,
    /// The module used up its instruction budget.
    #[error("the instruction budget is used up")]
    OutOfFuel,
    /// The module stopped at an impossible instruction.
    #[error("the module trapped")]
    Trap,
    /// The module's response breaks the contract.
    #[error("the module's response breaks the contract")]
    Response(#[source] ResponseError),
    /// The request says an instant that is too far ahead of the host's clock.
    #[error("the request is of {at} ms, the clock says {clock} ms")]
    ClockAhead {
        /// The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
        at: i64,
        /// The latest instant that the clock may be.
        clock: i64,
    },
    /// No trusted clock was ever read, or the request cannot be what it is at the clock's time.
    #[error("the request cannot be moved to the clock's time")]
    ClockUnknown,
    /// The time is so uncertain that the decision turns too often within it.
    #[error("the decision turns too often while the time is uncertain")]
    ClockUnsettled,
    /// No instance of the module could be made.
    #[error("no instance of the module could be made")]
    Instance,
}

impl DecideError {
    /// Whether the instance that failed so can decide again.
    pub(crate) fn leaves_instance(self) -> bool {
        match self {
            Self::NothingPublished
            | Self::Stale
            | Self::NoEnvironment
            | Self::FrameTooLarge { .. }
            | Self::ClockAhead { .. }
            | Self::ClockUnknown
            | Self::ClockUnsettled
            | Self::Malformed => true,
            Self::OutOfFuel | Self::Trap | Self::Response(_) | Self::Instance => false,
        }
    }
}
