//! How a plugin behaves: what is counted, and when it is quarantined.

use std::time::Duration;

use trapkey::Datetime;

use crate::Limits;

/// Whether a plugin is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    #[default]
    Good,
    /// It is; its last calls, as many, misbehaved.
    Suspect {
        /// Misbehaved calls in a row.
        strikes: u32,
    },
    /// It is not before `until`, unless it is released. The first call then decides: a good one
    /// ends it, a misbehaved one begins a quarantine that lasts twice as long.
    Quarantined {
        /// When it may be called again.
        until: Datetime,
    },
}

/// What is known of a plugin. Counts begin when it is loaded, and stay at their largest value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether it is called.
    pub standing: Standing,
    /// Calls that gave what was asked for.
    pub good: u64,
    /// Calls of which the plugin said that they failed. They speak neither for nor against it.
    pub failed: u64,
    /// Calls that trapped, met a limit or gave what is not taken.
    pub misbehaved: u64,
    /// Calls that were refused, because it was quarantined or busy or the call was not right.
    pub refused: u64,
    /// Quarantines that began.
    pub quarantines: u64,
    /// Lines that were dropped, because one call had too many.
    pub lines_dropped: u64,
    /// What the last call said that was not good, and its sources.
    pub last_error: Option<String>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good,
    Failed,
    Misbehaved,
}

/// Counts calls and says whether the next may be made.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    health: Health,
    strikes: u32,
    /// Quarantines since the last good call.
    in_a_row: u32,
}

impl Ledger {
    /// Whether the plugin may be called; the end of its quarantine if not. One that would last longer than the longest is
    /// of a clock that was ahead, and over.
    pub(crate) fn admit(&self, now: Datetime, limits: &Limits) -> Result<(), Datetime> {
        let max = milliseconds(limits.quarantine_max);
        match self.health.standing {
            Standing::Quarantined { until }
                if now < until && until.0.saturating_sub(now.0) <= max =>
            {
                Err(until)
            }
            Standing::Quarantined { .. } | Standing::Good | Standing::Suspect { .. } => Ok(()),
        }
    }

    /// Notes what became of a call that was made.
    pub(crate) fn note(&mut self, now: Datetime, outcome: Outcome, limits: &Limits) {
        let health = &mut self.health;
        match outcome {
            Outcome::Good => {
                health.good = health.good.saturating_add(1);
                health.standing = Standing::Good;
                (self.strikes, self.in_a_row) = (0, 0);
            }
            Outcome::Failed => health.failed = health.failed.saturating_add(1),
            Outcome::Misbehaved => {
                health.misbehaved = health.misbehaved.saturating_add(1);
                self.strikes = self.strikes.saturating_add(1);
                if self.strikes < limits.strikes_max.get() {
                    health.standing = Standing::Suspect { strikes: self.strikes };
                    return;
                }
                let lasts = duration(limits, self.in_a_row);
                let until = Datetime(now.0.saturating_add(lasts));
                health.standing = Standing::Quarantined { until };
                health.quarantines = health.quarantines.saturating_add(1);
                self.in_a_row = self.in_a_row.saturating_add(1);
            }
        }
    }

    /// Notes a call that was not made.
    pub(crate) fn refused(&mut self) {
        self.health.refused = self.health.refused.saturating_add(1);
    }

    pub(crate) fn dropped(&mut self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        self.health.lines_dropped = self.health.lines_dropped.saturating_add(lines);
    }

    pub(crate) fn erred(&mut self, text: String) {
        self.health.last_error = Some(text);
    }

    /// Ends a quarantine, and forgets what led to it.
    pub(crate) fn release(&mut self) {
        self.health.standing = Standing::Good;
        (self.strikes, self.in_a_row) = (0, 0);
    }

    pub(crate) fn health(&self) -> Health {
        self.health.clone()
    }
}

/// How long the quarantine after `in_a_row` others lasts, in milliseconds.
fn duration(limits: &Limits, in_a_row: u32) -> i64 {
    let doubled = 1_i64.checked_shl(in_a_row).filter(|factor| *factor > 0).unwrap_or(i64::MAX);
    milliseconds(limits.quarantine).saturating_mul(doubled).min(milliseconds(limits.quarantine_max))
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn quarantine_comes_after_strikes_in_a_row_and_doubles_to_its_limit() {
        let (limits, mut ledger) = (Limits::default(), Ledger::default());
        for outcome in [Outcome::Misbehaved, Outcome::Misbehaved, Outcome::Good] {
            ledger.note(Datetime(0), outcome, &limits);
        }
        ledger.note(Datetime(0), Outcome::Misbehaved, &limits);
        ledger.note(Datetime(0), Outcome::Failed, &limits);
        assert_eq!(ledger.health().standing, Standing::Suspect { strikes: 1 });
        ledger.note(Datetime(0), Outcome::Misbehaved, &limits);
        ledger.note(Datetime(0), Outcome::Misbehaved, &limits);
        let mut now = 0;
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            let until = now + minutes * MINUTE;
            assert_eq!(ledger.admit(Datetime(until - 1), &limits), Err(Datetime(until)));
            assert_eq!(ledger.admit(Datetime(until), &limits), Ok(()));
            now = until;
            ledger.note(Datetime(now), Outcome::Misbehaved, &limits);
        }
        assert_eq!(ledger.health().quarantines, 9);
        assert!(ledger.admit(Datetime(now), &limits).is_err());
        assert_eq!(ledger.admit(Datetime(now - 1), &limits), Ok(()));
        ledger.release();
        assert_eq!(ledger.admit(Datetime(now), &limits), Ok(()));
        assert_eq!(ledger.health().standing, Standing::Good);
        ledger.note(Datetime(now), Outcome::Misbehaved, &limits);
        assert_eq!(ledger.health().standing, Standing::Suspect { strikes: 1 });
    }

    #[test]
    fn good_call_after_a_quarantine_makes_the_next_one_short() {
        let (limits, mut ledger) = (Limits::default(), Ledger::default());
        for _ in 0..4 {
            ledger.note(Datetime(0), Outcome::Misbehaved, &limits);
        }
        assert_eq!(ledger.admit(Datetime(0), &limits), Err(Datetime(2 * MINUTE)));
        ledger.note(Datetime(2 * MINUTE), Outcome::Good, &limits);
        for _ in 0..3 {
            ledger.note(Datetime(2 * MINUTE), Outcome::Misbehaved, &limits);
        }
        assert_eq!(ledger.admit(Datetime(2 * MINUTE), &limits), Err(Datetime(3 * MINUTE)));
    }

    #[test]
    fn any_number_of_quarantines_lasts_at_most_the_longest() {
        let limits = Limits::default();
        for in_a_row in [6, 31, 62, 63, 64, 65, u32::MAX] {
            assert_eq!(duration(&limits, in_a_row), 60 * MINUTE, "{in_a_row}");
        }
    }
}
