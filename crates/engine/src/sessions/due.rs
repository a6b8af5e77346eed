//! Which sessions a poll has to look at because of the time.

use std::collections::{BTreeMap, BTreeSet};

use crate::Datetime;

/// Sessions by when they are due.
#[derive(Default)]
pub(super) struct Due {
    // INVARIANT: both hold the same pairs.
    order: BTreeSet<(Datetime, u32)>,
    of: BTreeMap<u32, Datetime>,
}

impl Due {
    /// Makes a session due at another time, or not at all.
    pub(super) fn set(&mut self, place: u32, due: Option<Datetime>) {
        let before = match due {
            Some(due) => self.of.insert(place, due),
            None => self.of.remove(&place),
        };
        if before == due {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, place));
        }
        if let Some(due) = due {
            self.order.insert((due, place));
        }
    }

    /// The sessions that are due by `now`.
    pub(super) fn by(&self, now: Datetime) -> impl Iterator<Item = u32> {
        self.order.range(..=(now, u32::MAX)).map(|(_, place)| *place)
    }
}
