//! Sessions: decisions that are kept true, and handed back to the host when they no longer are.
//!
//! The host owns a [`Sessions`] and drives it: [`Sessions::poll`] decides again those sessions that
//! depend on what has changed, or whose horizon has come, and hands over those that flip.

mod amend;
mod due;
mod error;
mod flip;
mod index;
mod key;
mod limits;
mod poll;
mod session;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use trapkey_abi::EntityUid;

use crate::recorder::Seen;
use crate::{Datetime, Decision, Dependencies, Engine, Request};

use due::Due;
use index::Index;
use session::Session;

pub use amend::{AmendError, Amendment};
pub use error::{AcknowledgeError, OpenSessionError, SessionError, UpdateError};
pub use flip::{Cause, Flip};
pub use key::{SESSION_KEY_BYTES_MAX, SessionId, SessionKeys, SubjectKey};
pub use limits::{SessionCounts, SessionLimits, SessionTerms};

/// The open sessions of one host.
///
/// Nothing happens by itself: what a session is told about is found out at the next
/// [`Sessions::poll`], whose cost follows the sessions that are concerned. Times are the host's, in
/// one scale with the instants of requests; they never go back: an earlier one counts as the latest
/// that was given.
pub struct Sessions {
    // INVARIANT: `index`, `locks`, `due`, `updated` and `revoked` name sessions of `slots` that are
    // open; `free` names the slots that have none.
    engine: Engine,
    limits: SessionLimits,
    slots: Vec<Option<Session>>,
    free: Vec<u32>,
    index: Index,
    /// Which session is the only one that may hold each of these.
    locks: BTreeMap<EntityUid, u32>,
    due: Due,
    /// Sessions whose context was changed since the last poll.
    updated: BTreeSet<u32>,
    /// Sessions that were revoked since the last poll.
    revoked: BTreeSet<u32>,
    /// Number of the last snapshot whose changes are taken account of.
    number: u64,
    now: Datetime,
    /// Ordinal of the session that was opened last.
    ordinal: u64,
    counts: SessionCounts,
    /// Working space.
    decision: Decision,
    seen: Vec<Seen>,
}

impl Engine {
    /// A table of sessions whose decisions are kept true, for the host to drive.
    pub fn sessions(&self, limits: SessionLimits) -> Sessions {
        Sessions {
            engine: self.clone(),
            limits,
            slots: Vec::new(),
            free: Vec::new(),
            index: Index::default(),
            locks: BTreeMap::new(),
            due: Due::default(),
            updated: BTreeSet::new(),
            revoked: BTreeSet::new(),
            number: self.snapshot().number,
            now: Datetime(i64::MIN),
            ordinal: 0,
            counts: SessionCounts::default(),
            decision: Decision::new(),
            seen: Vec::new(),
        }
    }
}

impl Sessions {
    /// Decides `request` and, if that is allow, opens a session.
    ///
    /// A request whose instant is before `now` is moved to `now` first.
    ///
    /// # Errors
    ///
    /// [`OpenSessionError`]: limits before anything is decided, then [`OpenSessionError::Denied`]
    /// with the decision. No session is opened then.
    pub fn open(
        &mut self,
        now: Datetime,
        mut request: Request,
        keys: SessionKeys,
        terms: SessionTerms,
    ) -> Result<(SessionId, &Decision), OpenSessionError> {
        let now = self.reach(now);
        let keys = keys.subject_keys(&request)?;
        self.admit(&keys, &terms)?;
        let stands = catch_up(&mut request, now).map_err(OpenSessionError::Advance)?;
        let snapshot = self.engine.snapshot();
        self.seen.clear();
        snapshot.decide_seeing(&request, &mut self.decision, &mut self.seen);
        self.counts.decided = self.counts.decided.wrapping_add(1);
        if !self.decision.is_allow() {
            return Err(OpenSessionError::Denied(Box::new(self.decision.clone())));
        }
        let concerns = snapshot.concerns(&request, &mut self.seen);
        self.ordinal = self.ordinal.saturating_add(1);
        let mut session = Session::new(self.ordinal, request, terms, now);
        session.keys = keys;
        session.number = snapshot.number;
        session.settle(stands, self.decision.clone());
        drop(snapshot);
        let place = self.place(session)?;
        self.index.note(place, concerns);
        let id = SessionId::new(place, self.ordinal);
        self.counts.opened = self.counts.opened.wrapping_add(1);
        Ok((id, &self.decision))
    }

    /// The session's last decision: true as far as the last poll knows.
    ///
    /// # Errors
    ///
    /// [`SessionError::Closed`], [`SessionError::Revoked`].
    pub fn decision(&self, id: SessionId) -> Result<&Decision, SessionError> {
        Ok(&self.session(id)?.decision)
    }

    /// The session's last decision, if nothing that this knows of stands against it at `now`: what a
    /// PEP asks where it cannot poll first.
    ///
    /// # Errors
    ///
    /// As [`Sessions::decision`]; [`SessionError::Overdue`] if the session has to be decided again or
    /// to end, which is for [`Sessions::poll`].
    pub fn check(&self, id: SessionId, now: Datetime) -> Result<&Decision, SessionError> {
        let session = self.session(id)?;
        let is_due = session.due().is_some_and(|due| due <= now.max(self.now));
        if is_due || self.updated.contains(&id.place()) {
            return Err(SessionError::Overdue { id });
        }
        Ok(&session.decision)
    }

    /// The session's request, as it was decided last or has been updated since.
    ///
    /// # Errors
    ///
    /// [`SessionError::Closed`], [`SessionError::Revoked`].
    pub fn request(&self, id: SessionId) -> Result<&Request, SessionError> {
        Ok(&self.session(id)?.request)
    }

    /// What the session's decision depends on, by the newest facts.
    ///
    /// # Errors
    ///
    /// [`SessionError::Closed`], [`SessionError::Revoked`]; [`SessionError::Undecidable`] if the
    /// request can no longer be decided.
    pub fn dependencies(&self, id: SessionId) -> Result<Dependencies, SessionError> {
        let request = &self.session(id)?.request;
        self.engine.dependencies(request).map_err(|source| SessionError::Undecidable { id, source })
    }

    /// Says that the session was used.
    ///
    /// # Errors
    ///
    /// [`SessionError::Closed`], [`SessionError::Revoked`]; [`SessionError::Overdue`] if its time has
    /// run out already.
    pub fn touch(&mut self, id: SessionId, now: Datetime) -> Result<(), SessionError> {
        let now = self.reach(now);
        let session = self.session_mut(id)?;
        if session.ends().is_some_and(|(end, _)| end <= now) {
            return Err(SessionError::Overdue { id });
        }
        session.touched = now;
        Ok(())
    }

    /// Says that the PEP fulfils all obligations of this name.
    ///
    /// # Errors
    ///
    /// [`AcknowledgeError`]; [`SessionError::Overdue`] in it if the session's time has run out.
    pub fn acknowledge(
        &mut self,
        id: SessionId,
        now: Datetime,
        obligation: &str,
    ) -> Result<(), AcknowledgeError> {
        let now = self.reach(now);
        let session = self.session_mut(id)?;
        if session.ends().is_some_and(|(end, _)| end <= now) {
            return Err(SessionError::Overdue { id }.into());
        }
        if !session.acknowledge(obligation) {
            let obligation = obligation.to_owned();
            return Err(AcknowledgeError::NotAnObligation { obligation });
        }
        Ok(())
    }

    /// Closes a session. Its id is never given again.
    ///
    /// # Errors
    ///
    /// [`SessionError::Closed`] if it is closed; [`SessionError::Revoked`] if the next poll closes it.
    pub fn close(&mut self, id: SessionId) -> Result<(), SessionError> {
        self.session(id)?;
        self.remove(id.place());
        Ok(())
    }

    /// The engine that decides.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sessions that are open, those included that the next poll closes.
    pub fn len(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Whether no session is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What has been done so far.
    pub fn counts(&self) -> SessionCounts {
        self.counts
    }

    /// The sessions that have this key.
    pub fn of(&self, key: &SubjectKey) -> impl Iterator<Item = SessionId> {
        self.index.of_subject(key).filter_map(|place| {
            let session = self.at(place)?;
            Some(SessionId::new(place, session.ordinal))
        })
    }

    /// The session that holds the lock of this entity.
    pub fn holder(&self, exclusive: &EntityUid) -> Option<SessionId> {
        let place = *self.locks.get(exclusive)?;
        Some(SessionId::new(place, self.at(place)?.ordinal))
    }

    /// The latest time that was given.
    fn reach(&mut self, now: Datetime) -> Datetime {
        self.now = self.now.max(now);
        self.now
    }

    fn at(&self, place: u32) -> Option<&Session> {
        self.slots.get(usize::try_from(place).ok()?)?.as_ref()
    }

    fn at_mut(&mut self, place: u32) -> Option<&mut Session> {
        self.slots.get_mut(usize::try_from(place).ok()?)?.as_mut()
    }

    fn session(&self, id: SessionId) -> Result<&Session, SessionError> {
        let session = self.at(id.place()).filter(|session| session.ordinal == id.ordinal());
        usable(id, session)
    }

    fn session_mut(&mut self, id: SessionId) -> Result<&mut Session, SessionError> {
        self.session(id)?;
        self.at_mut(id.place()).ok_or(SessionError::Closed { id })
    }

    /// Whether there may be one more session of these keys.
    fn admit(
        &self,
        keys: &[std::sync::Arc<SubjectKey>],
        terms: &SessionTerms,
    ) -> Result<(), OpenSessionError> {
        let limits = &self.limits;
        if self.len() >= limits.sessions_max {
            return Err(OpenSessionError::TooMany { max: limits.sessions_max });
        }
        for key in keys {
            let max = limits.max_of(key);
            if self.index.of_subject(key).take(max).count() >= max {
                return Err(OpenSessionError::TooManyOfSubject { key: (**key).clone(), max });
            }
        }
        if let Some(entity) = &terms.exclusive
            && let Some(by) = self.holder(entity)
        {
            return Err(OpenSessionError::Locked { entity: entity.clone(), by });
        }
        Ok(())
    }

    /// Puts a session into a slot and under its keys.
    fn place(&mut self, session: Session) -> Result<u32, OpenSessionError> {
        let place = if let Some(place) = self.free.pop() {
            place
        } else {
            let max = self.limits.sessions_max;
            let place = u32::try_from(self.slots.len());
            let place = place.map_err(|_| OpenSessionError::TooMany { max })?;
            self.slots.push(None);
            place
        };
        self.index.insert(place, &session.keys);
        if let Some(entity) = &session.terms.exclusive {
            self.locks.insert(entity.clone(), place);
        }
        self.due.set(place, session.due());
        let slot = usize::try_from(place).ok().and_then(|place| self.slots.get_mut(place));
        if let Some(slot) = slot {
            *slot = Some(session);
        }
        Ok(place)
    }

    /// Takes a session out of its slot and of all that names it.
    fn remove(&mut self, place: u32) -> Option<Session> {
        let slot = self.slots.get_mut(usize::try_from(place).ok()?)?;
        let session = slot.take()?;
        self.free.push(place);
        self.index.remove(place, &session.keys);
        if let Some(entity) = &session.terms.exclusive {
            self.locks.remove(entity);
        }
        self.due.set(place, None);
        self.updated.remove(&place);
        self.revoked.remove(&place);
        Some(session)
    }
}

/// A session that its id may still use.
fn usable(id: SessionId, session: Option<&Session>) -> Result<&Session, SessionError> {
    let session = session.ok_or(SessionError::Closed { id })?;
    if session.revoked.is_some() {
        return Err(SessionError::Revoked { id });
    }
    Ok(session)
}

/// Moves a request to `now` if it is of an earlier instant; gives where it then stands.
fn catch_up(request: &mut Request, now: Datetime) -> Result<Datetime, crate::AdvanceError> {
    let Some(at) = request.at() else { return Ok(now) };
    session::advance(request, at, now)?;
    Ok(at.max(now))
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions")
            .field("len", &self.len())
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}
