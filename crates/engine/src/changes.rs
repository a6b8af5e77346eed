//! What changed from one snapshot to the next, for those who keep something that depends on it.

use std::collections::VecDeque;

use trapkey_abi::Handle;

/// Something that a writer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "writers come to say more than that all may have changed")]
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

    /// All changes after the snapshot `number`; `None` if they are no longer known.
    #[expect(dead_code, reason = "sessions read it")]
    pub(crate) fn after(&self, number: u64) -> Option<impl Iterator<Item = Change>> {
        if number < self.since {
            return None;
        }
        let first = self.kept.partition_point(|(of, _)| *of <= number);
        Some(self.kept.iter().skip(first).map(|(_, change)| *change))
    }
}
