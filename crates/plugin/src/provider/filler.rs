//! Puts values of a provider, and their age, into the contexts of requests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use trapkey::{
    ContextValue, Datetime, Duration, EntityUid, Model, Request, RowErrorKind, SetError, Slot,
    SlotError, Value,
};

use super::{Provider, Shared, current};

/// Puts what a provider knows into requests of one action, in place. Made once by [`Provider::filler`] for a schema.
pub struct Filler {
    known: Shared,
    /// The attributes that the provider may set and the action's context has.
    slots: BTreeMap<String, Slot<Value>>,
    age: Option<Slot<Duration>>,
}

impl Provider {
    /// Resolves what the provider may set in contexts of `action`. What the action's context has not is left out.
    ///
    /// # Errors
    ///
    /// [`SlotError::UnknownAction`], and [`SlotError::WrongType`] if the attribute for the age is no duration.
    pub fn filler(&self, model: &Arc<Model>, action: &EntityUid) -> Result<Filler, SlotError> {
        let scope = &self.plugin.scope;
        let mut slots = BTreeMap::new();
        for path in &scope.context {
            if let Some(slot) = find(model, action, path)? {
                slots.insert(path.clone(), slot);
            }
        }
        let age = match &scope.age {
            Some(path) => find(model, action, path)?,
            None => None,
        };
        Ok(Filler { known: Arc::clone(&self.known), slots, age })
    }
}

impl Filler {
    /// Puts the values of the last good refresh into `request`, and how old they are at `now`. Before the first good
    /// refresh, values stay as they are and the age is [`AGE_UNKNOWN`](super::AGE_UNKNOWN), or the largest that the
    /// attribute may have. What lies in a record that is absent is left out, and nothing is taken away: a request that is
    /// filled again keeps what is no longer told, so fill a clone of the one that has no facts yet.
    ///
    /// It never waits for the plugin.
    ///
    /// # Errors
    ///
    /// [`SetError`]; the request may have some of the values, and should not be decided.
    pub fn fill(&self, request: &mut Request, now: Datetime) -> Result<(), SetError> {
        let known = current(&self.known);
        if let Some(slot) = &self.age {
            let Duration(mut age) = known.age(now);
            if let Some(bounds) = slot.attribute().bounds {
                age = age.min(bounds.max).max(bounds.min);
            }
            present(request.set(slot, Duration(age)))?;
        }
        for (path, slot) in &self.slots {
            if let Some(value) = known.context.get(path) {
                present(request.set(slot, value))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Filler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filler").field("slots", &self.slots).finish_non_exhaustive()
    }
}

/// The slot at a path; none if the action's context has no such attribute.
fn find<T: ContextValue>(
    model: &Arc<Model>,
    action: &EntityUid,
    path: &str,
) -> Result<Option<Slot<T>>, SlotError> {
    match model.slot(action, path) {
        Ok(slot) => Ok(Some(slot)),
        Err(SlotError::UnknownAttribute { .. } | SlotError::NotARecord { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Passes over attributes of records that are absent.
fn present(set: Result<(), SetError>) -> Result<(), SetError> {
    match set {
        Err(SetError::Context(error)) if error.kind == RowErrorKind::NoRecord => Ok(()),
        set => set,
    }
}
