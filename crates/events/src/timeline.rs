//! Applies the effects of events, so that an older event never overwrites a newer one.

use std::collections::BTreeMap;

use trapkey_abi::EntityUid;
use trapkey_engine::{AmendError, Amendment, Datetime, Sessions, SubjectKey};

/// A change, and when the event happened that brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// When the event happened.
    pub at: Datetime,
    /// The change.
    pub amendment: Amendment,
}

/// Why effects were not applied; all is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// A newer event has set the same.
    #[error(
        "an event of {newer} has set what this one of {at} would set, in milliseconds since 1970"
    )]
    Stale {
        /// When the event happened, in milliseconds.
        at: i64,
        /// When the newer one did.
        newer: i64,
    },
    /// It happened before events that are no longer remembered, so it may be older than what it
    /// would overwrite.
    #[error(
        "the event of {at} is not after {forgotten}, up to which events are forgotten, in milliseconds since 1970"
    )]
    Forgotten {
        /// When the event happened, in milliseconds.
        at: i64,
        /// Up to when events are forgotten.
        forgotten: i64,
    },
    /// The change cannot be made.
    #[error("the effects cannot be applied")]
    Amend(#[source] AmendError),
}

/// When what was last set by an event.
#[derive(Debug)]
pub struct Timeline {
    // INVARIANT: at most `targets_max` targets; those that were dropped were set at `forgotten` or
    // before.
    targets: BTreeMap<Target, i64>,
    targets_max: usize,
    forgotten: i64,
}

/// What an event sets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Attribute(EntityUid, String),
    Context(SubjectKey, String),
}

impl Timeline {
    /// A timeline that remembers this many targets; beyond, the oldest are forgotten, and events
    /// that are not newer than those are refused.
    pub fn new(targets_max: usize) -> Self {
        Self { targets: BTreeMap::new(), targets_max, forgotten: i64::MIN }
    }

    /// Applies all effects of an event, or none: to `sessions` and to the facts and grants of their
    /// engine. Revocations know no order: an old one revokes too.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]
    pub fn apply(
        &mut self,
        sessions: &mut Sessions,
        effects: Vec<Dated>,
        now: Datetime,
    ) -> Result<(), ApplyError> {
        let mut set = Vec::new();
        let mut amendments = Vec::with_capacity(effects.len());
        for Dated { at, amendment } in effects {
            if let Some(target) = Target::of(&amendment) {
                self.check(&target, at.0)?;
                set.push((target, at.0));
            }
            amendments.push(amendment);
        }
        sessions.amend(now, &amendments).map_err(ApplyError::Amend)?;
        for (target, at) in set {
            self.targets.insert(target, at);
        }
        while self.targets.len() > self.targets_max {
            let oldest = self.targets.iter().min_by_key(|(_, at)| **at);
            let Some((target, at)) = oldest.map(|(target, at)| (target.clone(), *at)) else {
                break;
            };
            self.targets.remove(&target);
            self.forgotten = self.forgotten.max(at);
        }
        Ok(())
    }

    fn check(&self, target: &Target, at: i64) -> Result<(), ApplyError> {
        match self.targets.get(target) {
            Some(newer) if *newer > at => Err(ApplyError::Stale { at, newer: *newer }),
            None if at <= self.forgotten => {
                Err(ApplyError::Forgotten { at, forgotten: self.forgotten })
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Target {
    fn of(amendment: &Amendment) -> Option<Self> {
        match amendment {
            Amendment::Attribute { entity, attribute, .. } => {
                Some(Self::Attribute(entity.clone(), attribute.clone()))
            }
            Amendment::Context { key, path, .. } => Some(Self::Context(key.clone(), path.clone())),
            Amendment::RevokeSessions { .. } | Amendment::RevokeGrants { .. } => None,
        }
    }
}
