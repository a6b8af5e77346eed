//! Why a reading of the clocks was refused.

use std::time::Duration;

use crate::Datetime;

/// Why a reading of the clocks was refused; the engine goes on with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// The monotonic clock is behind the last reading.
    #[error("the monotonic clock went back from {before:?} to {after:?}")]
    MonotonicBack {
        /// What it said.
        before: Duration,
        /// What it says.
        after: Duration,
    },
    /// The wall clock is further ahead than the monotonic clock explains.
    #[error("the wall clock says {} ms, expected {} ms and no more than {slack:?} beyond", wall.0, expected.0)]
    Jump {
        /// What the monotonic clock makes of the last trusted reading.
        expected: Datetime,
        /// What the wall clock says.
        wall: Datetime,
        /// By how much it may be ahead.
        slack: Duration,
    },
    /// The wall clock is before the time mark.
    #[error("the wall clock says {} ms, the time mark is {} ms and no more than {slack:?} ahead", wall.0, mark.0)]
    SetBack {
        /// The latest instant that a trusted clock has shown.
        mark: Datetime,
        /// What the wall clock says.
        wall: Datetime,
        /// By how much it may be behind.
        slack: Duration,
    },
}
