//! Puts values of providers, and their age, into the contexts of requests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use trapkey::{
    Attribute, Clock, ContextValue, Datetime, Duration, EntityUid, Model, Request, RowErrorKind,
    SetError, Slot, SlotError, Type, Value,
};

use super::{Provider, Shared, current};

/// Puts what a provider knows into requests of one action, in place. Made once by [`Provider::filler`] for a schema.
pub struct Filler {
    known: Shared,
    /// The attributes that the provider may set and the action's context has.
    slots: BTreeMap<String, Slot<Value>>,
    age: Option<(String, Slot<Duration>)>,
}

impl Provider {
    /// Resolves what the provider may set in contexts of `action`. What the action's context has not is left out, but for
    /// the age if no action has an attribute for it.
    ///
    /// # Errors
    ///
    /// [`SlotError::UnknownAction`], [`SlotError::WrongType`] if the attribute for the age is no duration, and
    /// [`SlotError::UnknownAttribute`] or [`SlotError::NotARecord`] if no action has it.
    pub fn filler(&self, model: &Arc<Model>, action: &EntityUid) -> Result<Filler, SlotError> {
        let scope = &self.plugin.scope;
        let mut slots = BTreeMap::new();
        for path in &scope.context {
            if let Some(slot) = there(model.slot(action, path))? {
                slots.insert(path.clone(), slot);
            }
        }
        let age = match &scope.age {
            Some(path) => age(model, action, path)?.map(|slot| (path.clone(), slot)),
            None => None,
        };
        Ok(Filler { known: Arc::clone(&self.known), slots, age })
    }
}

/// The slot for the age; none if other actions alone have it.
fn age(
    model: &Arc<Model>,
    action: &EntityUid,
    path: &str,
) -> Result<Option<Slot<Duration>>, SlotError> {
    let slot = model.slot(action, path);
    if there::<Duration>(slot.clone())?.is_some() {
        return slot.map(Some);
    }
    for other in &model.schema().actions {
        if there::<Duration>(model.slot(&other.uid, path))?.is_some() {
            return Ok(None);
        }
    }
    slot.map(Some)
}

/// The slot; none if the action's context has no such attribute.
fn there<T: ContextValue>(slot: Result<Slot<T>, SlotError>) -> Result<Option<Slot<T>>, SlotError> {
    match slot {
        Ok(slot) => Ok(Some(slot)),
        Err(SlotError::UnknownAttribute { .. } | SlotError::NotARecord { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Filler {
    /// Puts the values of the last good refresh into `request`, and how old they are at `now`. Values that `@clock` marks
    /// are moved by the time since they were told. Before the first good refresh, values stay as they are and the
    /// age is [`AGE_UNKNOWN`](super::AGE_UNKNOWN), or the largest that the attribute may have. A value in a record that
    /// is absent is left out; a value that is no longer told is not taken away, so fill a clone of what was sent.
    ///
    /// It never waits for the plugin.
    ///
    /// # Errors
    ///
    /// [`SetError`], also if the record around the age is absent; the request may have some of the values, and must not
    /// be decided.
    pub fn fill(&self, request: &mut Request, now: Datetime) -> Result<(), SetError> {
        Self::fill_all([self], request, now)
    }

    /// The same of several providers of one action. Where several tell their age by one attribute, the largest counts:
    /// filled one after another, the last would.
    ///
    /// # Errors
    ///
    /// As [`Filler::fill`].
    pub fn fill_all<'f>(
        fillers: impl IntoIterator<Item = &'f Self>,
        request: &mut Request,
        now: Datetime,
    ) -> Result<(), SetError> {
        let mut ages: BTreeMap<&str, (&Slot<Duration>, Duration)> = BTreeMap::new();
        for filler in fillers {
            let known = current(&filler.known);
            let by = known.since_told(now);
            for (path, slot) in &filler.slots {
                if let Some(value) = known.context.get(path) {
                    present(request.set(slot, moved(value, slot.attribute(), by)))?;
                }
            }
            if let Some((path, slot)) = &filler.age {
                let age = known.age(now);
                let (_, largest) = ages.entry(path).or_insert((slot, age));
                *largest = age.max(*largest);
            }
        }
        // Last, so that nothing that a plugin told stands in its place.
        for (slot, Duration(age)) in ages.into_values() {
            request.set(slot, Duration(bounded(age, slot.attribute())))?;
        }
        Ok(())
    }
}

/// A value after so many milliseconds.
fn moved(value: &Value, attribute: &Attribute, by: i64) -> Value {
    match (value, &attribute.ty, attribute.clock) {
        (Value::Duration(age), Type::Duration, Some(Clock::Elapsed)) => {
            Value::Duration(bounded(age.saturating_add(by), attribute))
        }
        (Value::Duration(rest), Type::Duration, Some(Clock::Remaining)) => {
            Value::Duration(bounded(rest.saturating_sub(by), attribute))
        }
        (Value::Datetime(at), Type::Datetime, Some(Clock::Instant)) => {
            Value::Datetime(bounded(at.saturating_add(by), attribute))
        }
        (Value::Record(fields), Type::Record(record), _) => {
            let field = |(name, value): (&String, &Value)| {
                let attribute = record.attributes.get(name);
                let value = attribute.map_or_else(|| value.clone(), |own| moved(value, own, by));
                (name.clone(), value)
            };
            Value::Record(fields.iter().map(field).collect())
        }
        (value, _, _) => value.clone(),
    }
}

/// As near as the attribute may be.
fn bounded(value: i64, attribute: &Attribute) -> i64 {
    attribute.bounds.map_or(value, |bounds| value.min(bounds.max).max(bounds.min))
}

impl fmt::Debug for Filler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filler").field("slots", &self.slots).finish_non_exhaustive()
    }
}

/// Passes over attributes of records that are absent.
fn present(set: Result<(), SetError>) -> Result<(), SetError> {
    match set {
        Err(SetError::Context(error)) if error.kind == RowErrorKind::NoRecord => Ok(()),
        set => set,
    }
}
