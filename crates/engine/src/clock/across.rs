//! Decisions where the time is not simply what the request says.

use std::time::Duration as Span;

use trapkey_abi::response::fields::NEVER_ENDS;

use super::{TimeBounds, Trust, later};
use crate::snapshot::{Decide, Snapshot};
use crate::{Datetime, DecideError, Decision, Duration, Request};

/// Instants at which one request is decided at most.
const STEPS_MAX: usize = 8;

/// From where to where a request is decided.
struct Window {
    /// By how many milliseconds the request moves first.
    first: i64,
    /// Milliseconds from there to the latest instant; none if there is no end.
    width: Option<u64>,
}

impl TimeBounds {
    /// Whether a request of this instant is decided at that instant alone.
    #[inline]
    pub(crate) fn is_plain(&self, at: Option<Datetime>, jump_max: Span) -> bool {
        match (self.trust, at, self.low) {
            (_, None, _) => true,
            (Trust::Trusted, Some(at), Some(low)) => at >= low && at <= later(low, jump_max),
            (Trust::Trusted | Trust::Holdover { .. } | Trust::Untrusted, Some(_), _) => false,
        }
    }

    /// Where a request of this instant is decided.
    fn window(&self, at: Datetime, jump_max: Span) -> Result<Window, DecideError> {
        let low = self.low.ok_or(DecideError::ClockUnknown)?;
        let bound = self.high.max(Some(self.wall)).filter(|_| self.trust != Trust::Untrusted);
        if let Some(bound) = bound
            && at > later(bound, jump_max)
        {
            return Err(DecideError::ClockAhead { at: at.0, clock: bound.0 });
        }
        // What has passed since the clocks were read has passed for the window, too.
        let passed = match self.trust {
            Trust::Trusted | Trust::Holdover { .. } => at.0.saturating_sub(self.wall.0).max(0),
            Trust::Untrusted => 0,
        };
        let start = match self.trust {
            Trust::Trusted => low.max(at),
            Trust::Holdover { .. } | Trust::Untrusted => Datetime(low.0.saturating_add(passed)),
        };
        let first = start.0.checked_sub(at.0).ok_or(DecideError::ClockUnknown)?;
        let width = match self.trust {
            Trust::Trusted => Some(0),
            Trust::Holdover { .. } => self.high.map(|high| high.0.abs_diff(low.0)),
            Trust::Untrusted => None,
        };
        Ok(Window { first, width })
    }
}

impl Snapshot {
    /// Whether the request is decided at its own instant alone.
    #[inline]
    pub(crate) fn is_plain(&self, request: &Request) -> bool {
        self.clock.is_none_or(|clock| clock.is_plain(request.at(), self.jump_max))
    }

    /// Lets `decide` decide at every instant that matters; allows if all of them do.
    #[cold]
    #[inline(never)]
    pub(crate) fn decide_across(
        &self,
        request: &Request,
        decision: &mut Decision,
        decide: &mut Decide<'_>,
    ) {
        let (contents, at) =
            (self.live.as_ref().map(|live| live.loaded().contents()), request.at());
        decision.start(self.generation, contents, at);
        // Without either the request would be plain.
        let (Some(clock), Some(at)) = (self.clock, at) else { return };
        let decided = clock
            .window(at, self.jump_max)
            .and_then(|window| self.decide_within(&window, request, decision, decide));
        if let Err(error) = decided {
            decision.start(self.generation, contents, Some(at));
            decision.fail(error);
        }
    }

    fn decide_within(
        &self,
        window: &Window,
        request: &Request,
        decision: &mut Decision,
        decide: &mut Decide<'_>,
    ) -> Result<(), DecideError> {
        let mut moved = request.clone();
        moved.advance(Duration(window.first)).map_err(|_| DecideError::ClockUnknown)?;
        let start = moved.at();
        self.decide_plain(&moved, decision, &mut *decide);
        let first = decision.remaining_ms();
        let (mut position, mut remaining) = (0_u64, first);
        let mut steps = 1;
        // Later steps only say whether they allow; what is reported is the first.
        let mut step = Decision::new();
        while decision.is_allow() && within(position, remaining, window.width) {
            steps += 1;
            if steps > STEPS_MAX || remaining == 0 {
                return Err(DecideError::ClockUnsettled);
            }
            let by = i64::try_from(remaining).map_err(|_| DecideError::ClockUnsettled)?;
            moved.advance(Duration(by)).map_err(|_| DecideError::ClockUnknown)?;
            position = position.saturating_add(remaining);
            self.decide_plain(&moved, &mut step, &mut *decide);
            remaining = step.remaining_ms();
            if !step.is_allow() {
                std::mem::swap(decision, &mut step);
                decision.hold_at(self.generation, start, 0);
                return Ok(());
            }
        }
        let after = match (remaining, window.width) {
            (NEVER_ENDS, _) => NEVER_ENDS,
            (remaining, Some(width)) => position.saturating_add(remaining).saturating_sub(width),
            (_, None) => 0,
        };
        // A deny at the first step stays one until that step ends.
        let holds = match (decision.is_allow(), steps) {
            (true, 1) => after,
            (true, _) => first.min(after),
            (false, _) => first,
        };
        let at = request.at().max(start);
        decision.hold_at(self.generation, at, holds);
        Ok(())
    }
}

/// Whether a decision made at a position ends within the window.
fn within(position: u64, remaining: u64, width: Option<u64>) -> bool {
    match (remaining, width) {
        (NEVER_ENDS, _) => false,
        // At its own instant it holds in any case.
        (remaining, Some(width)) => position.saturating_add(remaining.max(1)) <= width,
        (_, None) => true,
    }
}
