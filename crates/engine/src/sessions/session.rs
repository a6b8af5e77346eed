//! One session: its request, its last decision, and what ends it.

use std::sync::Arc;

use crate::{AdvanceError, Datetime, Decision, Duration, Request};

use super::flip::Cause;
use super::key::SubjectKey;
use super::limits::SessionTerms;

/// One open session.
pub(super) struct Session {
    // INVARIANT: `decision` is that of `request` at `stands` by the snapshot `number`, unless the
    // session is among those that were updated; `duties` are those of its obligations.
    pub(super) ordinal: u64,
    pub(super) request: Request,
    pub(super) decision: Decision,
    pub(super) keys: Box<[Arc<SubjectKey>]>,
    pub(super) terms: SessionTerms,
    pub(super) opened: Datetime,
    pub(super) touched: Datetime,
    /// To which instant the request has been moved.
    pub(super) stands: Datetime,
    /// The first instant at which the decision may be another.
    pub(super) horizon: Option<Datetime>,
    pub(super) number: u64,
    pub(super) duties: Vec<Duty>,
    /// Why it was revoked.
    pub(super) revoked: Option<String>,
}

/// An obligation that the PEP has to acknowledge.
pub(super) struct Duty {
    pub(super) name: String,
    /// Until when; `None` if it is acknowledged.
    pub(super) deadline: Option<Datetime>,
}

impl Session {
    /// A session that is yet to be settled.
    pub(super) fn new(ordinal: u64, request: Request, terms: SessionTerms, now: Datetime) -> Self {
        Self {
            ordinal,
            request,
            decision: Decision::new(),
            keys: Box::default(),
            terms,
            opened: now,
            touched: now,
            stands: now,
            horizon: None,
            number: 0,
            duties: Vec::new(),
            revoked: None,
        }
    }

    /// Takes a decision of the request at `stands`; gives the one before.
    pub(super) fn settle(&mut self, stands: Datetime, decision: Decision) -> Decision {
        self.stands = stands;
        let after = |ms: u64| Datetime(stands.0.saturating_add_unsigned(ms));
        // A decision that holds for this instant only is to be made again at the next.
        self.horizon = match decision.remaining_ms() {
            u64::MAX => None,
            remaining => Some(after(remaining.max(1))),
        };
        if let Some(until) = decision.valid_until().filter(|until| *until > stands) {
            self.horizon = self.horizon.map(|horizon| horizon.min(until));
        }
        let before = std::mem::replace(&mut self.decision, decision);
        if let Some(within) = self.terms.acknowledge_within {
            self.note_duties(later(stands, within));
        }
        before
    }

    /// Obligations that are new have until `deadline`; those that are gone no longer count.
    fn note_duties(&mut self, deadline: Datetime) {
        let decision = &self.decision;
        if !decision.is_allow() {
            // Duties of a refusal are not those of the session.
            self.duties.clear();
            return;
        }
        let is_due = |name: &str| decision.obligations().any(|obligation| obligation.name == name);
        self.duties.retain(|duty| is_due(&duty.name));
        for obligation in self.decision.obligations() {
            let name = &obligation.name;
            if !self.duties.iter().any(|duty| duty.name == *name) {
                self.duties.push(Duty { name: name.clone(), deadline: Some(deadline) });
            }
        }
    }

    /// Whether there is such an obligation; it is then fulfilled.
    pub(super) fn acknowledge(&mut self, name: &str) -> bool {
        if let Some(duty) = self.duties.iter_mut().find(|duty| duty.name == name) {
            duty.deadline = None;
            return true;
        }
        self.decision.obligations().any(|obligation| obligation.name == name)
    }

    /// When the session ends whatever is decided, and why; the first end if there are several.
    pub(super) fn ends(&self) -> Option<(Datetime, Cause)> {
        let terms = &self.terms;
        let aged = terms.age_max.map(|max| (later(self.opened, max), Cause::Aged));
        let idle = terms.idle_max.map(|max| (later(self.touched, max), Cause::Idle));
        let duties = self.duties.iter().filter_map(|duty| {
            let obligation = duty.name.clone();
            Some((duty.deadline?, Cause::Unacknowledged { obligation }))
        });
        aged.into_iter().chain(idle).chain(duties).min_by_key(|(end, _)| *end)
    }

    /// When a poll has to look at the session next.
    pub(super) fn due(&self) -> Option<Datetime> {
        let end = self.ends().map(|(end, _)| end);
        match (self.horizon, end) {
            (Some(horizon), Some(end)) => Some(horizon.min(end)),
            (Some(due), None) | (None, Some(due)) => Some(due),
            (None, None) => None,
        }
    }

    /// Moves the request to `now`, if it does not stand there.
    pub(super) fn reach(&mut self, now: Datetime) -> Result<(), AdvanceError> {
        advance(&mut self.request, self.stands, now)?;
        self.stands = self.stands.max(now);
        Ok(())
    }
}

/// Moves a request from one instant to a later one.
pub(super) fn advance(
    request: &mut Request,
    from: Datetime,
    to: Datetime,
) -> Result<(), AdvanceError> {
    let by = to.0.saturating_sub(from.0);
    if by > 0 { request.advance(Duration(by)) } else { Ok(()) }
}

/// So much later; the last instant there is if it would be after that.
fn later(at: Datetime, by: std::time::Duration) -> Datetime {
    let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Datetime(at.0.saturating_add(ms))
}
