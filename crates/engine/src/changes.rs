//! What changed from one snapshot to the next, for those who keep something that depends on it.

use std::collections::VecDeque;

use trapkey_abi::Handle;

/// Something that a writer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Another module is live.
    Published,
    /// The row of this entity is another one, or there is one where there was none, or none.
    Entity(Handle),
    /// A grant for these entities was made, revoked or removed; `None` where its template has no
    /// such slot.
    Grant { principal: Option<Handle>, resource: Option<Handle> },
    /// Any of the facts may be others.
    All,
}

/// The last changes of an engine, each with the number of the snapshot that brought it.
pub(crate) struct Changes {
    // INVARIANT: `kept` ascends by number and holds all changes since the snapshot `since`.
    kept: VecDeque<(u64, Change)>,
    since: u64,
    max: usize,
}

impl Changes {
    pub(crate) fn new(max: usize) -> Self {
        Self { kept: VecDeque::new(), since: 0, max }
    }

    /// Notes what the snapshot of this number brings.
    pub(crate) fn push(&mut self, number: u64, change: Change) {
        self.kept.push_back((number, change));
        while self.kept.len() > self.max {
            if let Some((number, _)) = self.kept.pop_front() {
                self.since = number;
            }
        }
    }

    /// All changes after the snapshot `number`, each with the number of its own; `None` if they are
    /// no longer known.
    pub(crate) fn after(&self, number: u64) -> Option<impl Iterator<Item = (u64, Change)>> {
        if number < self.since {
            return None;
        }
        let first = self.kept.partition_point(|(of, _)| *of <= number);
        Some(self.kept.iter().skip(first).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_from_any_number_that_is_still_known() {
        let mut changes = Changes::new(3);
        let after = |changes: &Changes, number| {
            let after = changes.after(number);
            after.map(|after| after.map(|(number, _)| number).collect::<Vec<_>>())
        };
        assert_eq!(after(&changes, 0), Some(vec![]));
        for number in [1, 2, 2] {
            changes.push(number, Change::Published);
        }
        assert_eq!(after(&changes, 0), Some(vec![1, 2, 2]));
        assert_eq!(after(&changes, 1), Some(vec![2, 2]));
        assert_eq!(after(&changes, 2), Some(vec![]));
        // Of snapshot 2 one change is lost, so who has not seen it cannot be told.
        changes.push(5, Change::All);
        changes.push(5, Change::Published);
        assert_eq!(after(&changes, 0), None);
        assert_eq!(after(&changes, 1), None);
        assert_eq!(after(&changes, 2), Some(vec![5, 5]));
        assert_eq!(after(&changes, 4), Some(vec![5, 5]));
        assert_eq!(after(&changes, 5), Some(vec![]));
    }
}
