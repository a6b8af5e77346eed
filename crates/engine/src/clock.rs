//! How far the host's clock is to be trusted, and what that means for decisions.
//!
//! The engine has no clock: the host tells it what its clocks say. The *time mark* is the latest
//! instant that a trusted clock has shown; it never goes back, so a window that has closed stays
//! closed whatever the wall clock says later.

mod across;
mod error;

use std::time::Duration;

use crate::{Datetime, Engine};

pub use error::ClockError;

/// What the host's clocks say at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The wall clock.
    pub wall: Datetime,
    /// A clock that never goes back, from any moment on.
    pub monotonic: Duration,
    /// How far the wall clock is to be trusted.
    pub trust: Trust,
}

/// How far a wall clock is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is synchronised.
    Trusted,
    /// It has lost its source, and is off by no more than this.
    Holdover {
        /// The bound, in either direction.
        uncertainty: Duration,
    },
    /// It may say anything.
    Untrusted,
}

/// What an engine takes the time to be: not before `low`, not after `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBounds {
    /// The earliest instant that it may be; none if no trusted clock was ever read.
    pub low: Option<Datetime>,
    /// The latest instant that it may be; none if the clock is untrusted.
    pub high: Option<Datetime>,
    /// The wall clock as it was read.
    pub wall: Datetime,
    /// How far that is trusted.
    pub trust: Trust,
}

/// The clocks of one engine as its writers keep them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClockState {
    /// The last reading.
    last: Option<ClockReading>,
    /// The last reading of a trusted clock, from which the next is expected.
    anchor: Option<ClockReading>,
    /// The time mark.
    mark: Option<Datetime>,
}

impl ClockState {
    /// Takes a reading.
    ///
    /// # Errors
    ///
    /// [`ClockError`]; the state is as before.
    fn read(
        &mut self,
        reading: ClockReading,
        jump_max: Duration,
    ) -> Result<TimeBounds, ClockError> {
        if let Some(last) = self.last
            && reading.monotonic < last.monotonic
        {
            let (before, after) = (last.monotonic, reading.monotonic);
            return Err(ClockError::MonotonicBack { before, after });
        }
        let slack = match reading.trust {
            Trust::Trusted => jump_max,
            Trust::Holdover { uncertainty } => jump_max.saturating_add(uncertainty),
            Trust::Untrusted => return Ok(self.accept(reading)),
        };
        if let Some(anchor) = self.anchor {
            let passed = reading.monotonic.saturating_sub(anchor.monotonic);
            let expected = later(anchor.wall, passed);
            if reading.wall > later(expected, slack) {
                return Err(ClockError::Jump { expected, wall: reading.wall, slack });
            }
        }
        if let Some(mark) = self.mark
            && later(reading.wall, slack) < mark
        {
            return Err(ClockError::SetBack { mark, wall: reading.wall, slack });
        }
        Ok(self.accept(reading))
    }

    fn accept(&mut self, reading: ClockReading) -> TimeBounds {
        self.last = Some(reading);
        let wall = reading.wall;
        let (low, high) = match reading.trust {
            Trust::Trusted => {
                self.anchor = Some(reading);
                self.mark = self.mark.max(Some(wall));
                (self.mark, self.mark)
            }
            Trust::Holdover { uncertainty } => {
                let low = self.mark.max(Some(earlier(wall, uncertainty)));
                (low, low.max(Some(later(wall, uncertainty))))
            }
            Trust::Untrusted => (self.mark, None),
        };
        TimeBounds { low, high, wall, trust: reading.trust }
    }
}

/// The end of time is as late as it gets.
fn later(at: Datetime, by: Duration) -> Datetime {
    Datetime(at.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

fn earlier(at: Datetime, by: Duration) -> Datetime {
    Datetime(at.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

impl Engine {
    /// Tells the engine what the host's clocks say; gives what it takes the time to be from now on.
    ///
    /// From the first reading on, a request whose instant is before the time mark is moved there
    /// before it is decided, and one that is further ahead of the clock than
    /// [`Options::clock_jump_max`](crate::Options::clock_jump_max) is denied. While the time is
    /// uncertain, a request is decided at the earliest instant that it may be, and again wherever
    /// the decision may turn before the latest: it is allowed if all of these allow. Ages and
    /// remaining times move along, as if the same clock had measured them.
    ///
    /// A trusted reading also ends the grants that are over by the time mark. Another degree of trust
    /// lets sessions be decided again at their next poll, and kept decisions go.
    ///
    /// # Errors
    ///
    /// [`ClockError`] if the clock went back, or jumped by more than
    /// [`Options::clock_jump_max`](crate::Options::clock_jump_max) beyond what the monotonic clock
    /// says; the engine goes on with the reading before.
    pub fn set_clock(&self, reading: ClockReading) -> Result<TimeBounds, ClockError> {
        let jump_max = self.options().clock_jump_max;
        self.take_reading(|state| state.read(reading, jump_max))
    }

    /// Tells the engine what a trusted clock says, where somebody answers for a jump forward.
    ///
    /// # Errors
    ///
    /// [`ClockError`] if a clock went back: closed windows stay closed.
    pub fn accept_clock(&self, reading: ClockReading) -> Result<TimeBounds, ClockError> {
        self.take_reading(|state| match state.mark {
            Some(mark) if reading.wall < mark => {
                Err(ClockError::SetBack { mark, wall: reading.wall, slack: Duration::ZERO })
            }
            Some(_) | None => state.read(reading, Duration::MAX),
        })
    }

    /// What the engine takes the time to be; none if it was never told.
    pub fn clock(&self) -> Option<TimeBounds> {
        self.snapshot().clock
    }

    fn take_reading(
        &self,
        read: impl FnOnce(&mut ClockState) -> Result<TimeBounds, ClockError>,
    ) -> Result<TimeBounds, ClockError> {
        let clock = self.change_clock(read)?;
        if let (Trust::Trusted, Some(mark)) = (clock.trust, clock.low) {
            self.expire_grants(mark);
        }
        Ok(clock)
    }
}
