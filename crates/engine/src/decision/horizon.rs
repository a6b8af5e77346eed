//! Until when a decision holds.

use std::time::Duration;

use trapkey_abi::response::fields;
use trapkey_abi::{Effect, Policy};

use super::Decision;
use crate::Datetime;

/// Until when a decision holds while nothing but time changes: no facts, no grants, no publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// Not beyond the instant of the request.
    Now,
    /// For so long from the request's instant on, that end excluded.
    Remaining(Duration),
    /// For ever.
    Never,
}

impl Decision {
    /// The instant of the request, if that says one.
    pub fn at(&self) -> Option<Datetime> {
        self.at
    }

    /// Until when the decision holds while nothing but time changes. It may hold longer, never
    /// shorter. A decision that was not reached holds no longer than now.
    pub fn horizon(&self) -> Horizon {
        match self.remaining {
            0 => Horizon::Now,
            fields::NEVER_ENDS => Horizon::Never,
            ms => Horizon::Remaining(Duration::from_millis(ms)),
        }
    }

    /// The satisfied forbids that are past their `@expires` at the request's instant: they go on
    /// forbidding, and somebody should know. In the order of the policy set.
    pub fn expired(&self) -> impl Iterator<Item = &Policy> {
        let at = self.at.map(|Datetime(at)| at);
        let satisfied = self.entries().filter(|entry| entry.error.is_none());
        satisfied.filter_map(|entry| self.policy(&entry)).filter(move |policy| {
            let ends = policy.expires.filter(|_| policy.effect == Effect::Forbid);
            ends.zip(at).is_some_and(|(ends, at)| at >= ends)
        })
    }

    /// For how long from the request's instant on the decision holds, for a monotonic timer; `None`
    /// if for ever.
    pub fn remaining(&self) -> Option<Duration> {
        match self.horizon() {
            Horizon::Now => Some(Duration::ZERO),
            Horizon::Remaining(remaining) => Some(remaining),
            Horizon::Never => None,
        }
    }

    /// As in a response: milliseconds, all ones if the decision holds for ever.
    pub(crate) fn remaining_ms(&self) -> u64 {
        self.remaining
    }

    /// The first instant at which the decision may no longer hold; `None` if it holds for ever, or
    /// if the request has no instant, and then [`Decision::remaining`] says how long.
    pub fn valid_until(&self) -> Option<Datetime> {
        let Datetime(at) = self.at?;
        match self.remaining {
            fields::NEVER_ENDS => None,
            ms => at.checked_add_unsigned(ms).map(Datetime),
        }
    }
}
