//! Time in requests: at which instant one is made, and what it becomes as time passes.

use std::sync::Arc;

use trapkey_abi::{Attribute, Clock, FieldLayout, Record, RowLayout, Type};

use super::{Datetime, Duration, Request};

/// Why a request cannot be moved in time; it is as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdvanceError {
    /// An attribute would leave 64 bits, or the bounds that the schema declares.
    #[error("`context.{path}` cannot move by {by} ms from {value}")]
    OutOfBounds {
        /// Path of the attribute, as `env.now`.
        path: String,
        /// Its value, in milliseconds.
        value: i64,
        /// By how many milliseconds it was to move.
        by: i64,
    },
    /// The request was given an instant, which would leave 64 bits.
    #[error("the instant {at} ms cannot move by {by} ms")]
    Instant {
        /// The instant, in milliseconds since 1970-01-01T00:00:00Z.
        at: i64,
        /// By how many milliseconds it was to move.
        by: i64,
    },
}

/// The attributes of one action's context that move with time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clocks(Arc<[ClockField]>);

/// One attribute that moves with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClockField {
    path: String,
    clock: Clock,
    /// Offset in bytes from the row's start.
    offset: usize,
    /// Offsets of the bytes that are 1 if the attribute, and each record that it is in, is there.
    presence: Vec<usize>,
    min: i64,
    max: i64,
}

impl Clocks {
    /// Those of a context.
    pub(crate) fn of(layout: &RowLayout, context: &Record) -> Self {
        let mut fields = Vec::new();
        let place = Place { path: "", offset: 0, presence: &[] };
        find(context, &layout.fields, &place, &mut fields);
        Self(fields.into())
    }
}

/// Where a record is.
struct Place<'p> {
    path: &'p str,
    offset: usize,
    presence: &'p [usize],
}

fn find(record: &Record, fields: &[FieldLayout], place: &Place<'_>, found: &mut Vec<ClockField>) {
    for field in fields {
        let Some(attribute) = record.attributes.get(&field.name) else { continue };
        let absolute = |offset: u32| usize::try_from(offset).ok()?.checked_add(place.offset);
        let Some(offset) = absolute(field.offset) else { continue };
        let mut presence = place.presence.to_vec();
        presence.extend(field.presence.and_then(absolute));
        let point = if place.path.is_empty() { "" } else { "." };
        let path = format!("{}{point}{}", place.path, field.name);
        if let (Type::Record(record), Some(layout)) = (&attribute.ty, &field.record) {
            let place = Place { path: &path, offset, presence: &presence };
            find(record, &layout.fields, &place, found);
        } else if let Some(clock) = attribute.clock {
            let (min, max) = bounds(attribute);
            found.push(ClockField { path, clock, offset, presence, min, max });
        }
    }
}

fn bounds(attribute: &Attribute) -> (i64, i64) {
    attribute.bounds.map_or((i64::MIN, i64::MAX), |bounds| (bounds.min, bounds.max))
}

impl ClockField {
    /// Offset in bytes from the row's start.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the value grows as time passes; else it shrinks.
    #[inline]
    pub(crate) fn grows(&self) -> bool {
        match self.clock {
            Clock::Instant | Clock::Elapsed => true,
            Clock::Remaining => false,
        }
    }

    /// Its value in a request of its action; `None` if it is absent.
    #[inline]
    pub(crate) fn value(&self, request: &Request) -> Option<i64> {
        let row = request.context.bytes();
        let is_there = |at: &usize| row.get(*at).is_some_and(|byte| *byte != 0);
        if self.presence.iter().all(is_there) { request.context.int(self.offset) } else { None }
    }

    fn moved(&self, value: i64, by: i64) -> Option<i64> {
        let moved = match self.clock {
            Clock::Instant | Clock::Elapsed => value.checked_add(by),
            Clock::Remaining => value.checked_sub(by),
        };
        moved.filter(|moved| (self.min..=self.max).contains(moved))
    }
}

impl Request {
    /// What of its context moves with time.
    pub(crate) fn clock_fields(&self) -> &[ClockField] {
        &self.clocks.0
    }

    /// The instant at which the request is made: the one it was given, else the first attribute of
    /// its context that `@clock("instant")` marks and that is there.
    pub fn at(&self) -> Option<Datetime> {
        self.at.or_else(|| {
            let mut instants = self.clocks.0.iter().filter(|field| field.clock == Clock::Instant);
            instants.find_map(|field| field.value(self)).map(Datetime)
        })
    }

    /// Gives the request an instant, whatever its context says; `None` takes it away.
    pub fn set_at(&mut self, at: Option<Datetime>) {
        self.at = at;
    }

    /// Makes the request what it is so much later, if nothing but time changes: attributes that
    /// `@clock` marks move, and so does the instant.
    ///
    /// # Errors
    ///
    /// [`AdvanceError`]; the request is as before.
    pub fn advance(&mut self, by: Duration) -> Result<(), AdvanceError> {
        let Duration(by) = by;
        let clocks = self.clocks.clone();
        for field in &*clocks.0 {
            let Some(value) = field.value(self) else { continue };
            if field.moved(value, by).is_none() {
                return Err(AdvanceError::OutOfBounds { path: field.path.clone(), value, by });
            }
        }
        if let Some(Datetime(at)) = self.at {
            let moved = at.checked_add(by).ok_or(AdvanceError::Instant { at, by })?;
            self.at = Some(Datetime(moved));
        }
        for field in &*clocks.0 {
            let moved = field.value(self).and_then(|value| field.moved(value, by));
            if let Some(moved) = moved {
                self.context.put_int(field.offset, moved);
            }
        }
        Ok(())
    }
}
