//! What events do to sessions: other values in their contexts, and their end.

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey_abi::{RowErrorKind, Value};

use crate::{Datetime, Model, Request, SetError, Slot, SlotError};

use super::session::advance;
use super::{Sessions, SubjectKey, UpdateError};

/// Characters of a reason that are kept.
const REASON_CHARS_MAX: usize = 256;

/// The requests of sessions after updates, by place; none for what the next poll has to end.
pub(super) type Updates = BTreeMap<u32, Option<Request>>;

/// What came of one session's context.
enum Updated {
    /// It has the attribute, which was set.
    Set(Box<Request>),
    /// It cannot be moved to the present, which is for the next poll to say.
    Stuck,
    /// It has no such attribute, or the record around it is absent.
    Without,
}

impl Sessions {
    /// Gives an attribute of the context another value in all sessions of a subject that have it,
    /// which the next poll decides again; gives their number. The path is that of
    /// [`Model::slot`](crate::Model::slot). A value that `@clock` marks is that of `now`.
    ///
    /// Sessions whose action has no such attribute, or that lack the optional record around it, keep
    /// their context.
    ///
    /// # Errors
    ///
    /// [`UpdateError`]; all sessions are as before. A subject without sessions is none.
    pub fn update(
        &mut self,
        now: Datetime,
        key: &SubjectKey,
        path: &str,
        value: &Value,
    ) -> Result<usize, UpdateError> {
        let now = self.reach(now);
        let mut updates = Updates::new();
        let count = self.plan(now, (key, path, value), &mut updates)?;
        self.commit(now, updates);
        Ok(count)
    }

    /// What an update would make of the sessions, after those in `updates`; their number. Everything
    /// is checked on copies, so that nothing changes on an error.
    pub(super) fn plan(
        &self,
        now: Datetime,
        (key, path, value): (&SubjectKey, &str, &Value),
        updates: &mut Updates,
    ) -> Result<usize, UpdateError> {
        let mut slots = Slots::new(self.engine.model(), path);
        let (mut subjects, mut count) = (0_usize, 0_usize);
        for place in self.index.of_subject(key) {
            subjects += 1;
            let Some(session) = self.at(place) else { continue };
            let updated = match updates.get(&place) {
                Some(Some(request)) => slots.set(request, session.stands.max(now), now, value),
                Some(None) | None => slots.set(&session.request, session.stands, now, value),
            };
            let request = match updated {
                Ok(Updated::Set(request)) => Some(*request),
                Ok(Updated::Stuck) => None,
                Ok(Updated::Without) => continue,
                Err(source) => return Err(UpdateError::Set { path: path.to_owned(), source }),
            };
            updates.insert(place, request);
            count += 1;
        }
        if count == 0 && subjects > 0 {
            let (key, path) = (key.clone(), path.to_owned());
            return Err(UpdateError::UnknownAttribute { key, path });
        }
        Ok(count)
    }

    /// Makes planned updates true.
    pub(super) fn commit(&mut self, now: Datetime, updates: Updates) {
        for (place, request) in updates {
            self.updated.insert(place);
            if let (Some(session), Some(request)) = (self.at_mut(place), request) {
                session.request = request;
                session.stands = session.stands.max(now);
            }
        }
    }

    /// Revokes all sessions of a subject; gives their number. They cannot be used any more, and the
    /// next poll hands them over and closes them.
    ///
    /// Of the reason the first 256 characters are kept.
    pub fn revoke(&mut self, key: &SubjectKey, reason: &str) -> usize {
        let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
        let places: Vec<u32> = self.index.of_subject(key).collect();
        let mut count = 0;
        for place in places {
            if let Some(session) = self.at_mut(place)
                && session.revoked.is_none()
            {
                session.revoked = Some(reason.clone());
                self.revoked.insert(place);
                count += 1;
            }
        }
        count
    }
}

/// One attribute in the contexts of all actions.
struct Slots<'p> {
    model: Option<Arc<Model>>,
    path: &'p str,
    /// By action; an error where its context has no such attribute.
    by_action: BTreeMap<u32, Result<Slot<Value>, SlotError>>,
}

impl<'p> Slots<'p> {
    fn new(model: Option<Arc<Model>>, path: &'p str) -> Self {
        Self { model, path, by_action: BTreeMap::new() }
    }

    /// What the request becomes at `now` with another value.
    fn set(
        &mut self,
        request: &Request,
        stands: Datetime,
        now: Datetime,
        value: &Value,
    ) -> Result<Updated, SetError> {
        let Some(slot) = self.of(request) else { return Ok(Updated::Without) };
        let mut request = request.clone();
        if advance(&mut request, stands, now).is_err() {
            return Ok(Updated::Stuck);
        }
        match request.set(slot, value) {
            Ok(()) => Ok(Updated::Set(Box::new(request))),
            Err(SetError::Context(error)) if error.kind == RowErrorKind::NoRecord => {
                Ok(Updated::Without)
            }
            Err(error) => Err(error),
        }
    }

    fn of(&mut self, request: &Request) -> Option<&Slot<Value>> {
        let Self { model, path, by_action } = self;
        let model = model.as_ref().filter(|model| model.layout().digest == request.layout())?;
        let action = usize::try_from(request.action()).ok()?;
        let uid = &model.schema().actions.get(action)?.uid;
        let slot = by_action.entry(request.action()).or_insert_with(|| model.slot(uid, path));
        // What one action's context lacks, another's may have.
        slot.as_ref().ok()
    }
}
