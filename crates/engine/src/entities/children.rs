//! Which entities name which as a parent: what a writer needs to find descendants.

use std::collections::BTreeSet;

use trapkey_abi::Handle;

use super::Facts;

/// Pairs of parent and child.
#[derive(Clone, Debug, Default)]
pub(super) struct ChildIndex {
    pairs: BTreeSet<(Handle, Handle)>,
}

impl ChildIndex {
    /// The entities that name `parent`, ascending.
    pub(super) fn of(&self, parent: Handle) -> impl Iterator<Item = Handle> {
        let last = Handle { high: u64::MAX, low: u64::MAX };
        self.pairs.range((parent, Handle::NONE)..=(parent, last)).map(|(_, child)| *child)
    }

    pub(super) fn insert<'f>(&mut self, children: impl Iterator<Item = &'f Facts>) {
        let pairs = children.flat_map(pairs_of);
        if self.pairs.is_empty() {
            // Built from a sorted list in one pass.
            self.pairs = pairs.collect();
        } else {
            self.pairs.extend(pairs);
        }
    }

    pub(super) fn remove(&mut self, child: &Facts) {
        for pair in pairs_of(child) {
            self.pairs.remove(&pair);
        }
    }
}

fn pairs_of(child: &Facts) -> impl Iterator<Item = (Handle, Handle)> {
    child.parents.iter().map(|parent| (parent.handle, child.identity.handle))
}
