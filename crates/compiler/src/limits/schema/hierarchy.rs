//! How many ancestors the entity types or actions of a schema have.

use std::collections::{BTreeMap, BTreeSet};

/// Which declarations are directly in which.
pub(super) struct Hierarchy {
    /// Per declaration, the indexes of its parents.
    parents: Vec<BTreeSet<usize>>,
}

impl Hierarchy {
    /// Takes the name of each declaration and, of each parent, the names it may have: the first
    /// that is declared counts, and none if none is, as Cedar will refuse that.
    pub(super) fn new(declarations: impl Iterator<Item = (String, Vec<[String; 2]>)>) -> Self {
        let (names, parents): (Vec<_>, Vec<_>) = declarations.unzip();
        let indexes: BTreeMap<String, usize> =
            names.into_iter().enumerate().map(|(index, name)| (name, index)).collect();
        let find = |parent: &[String; 2]| parent.iter().find_map(|name| indexes.get(name).copied());
        let parents = parents.iter().map(|parents| parents.iter().filter_map(find).collect());
        Self { parents: parents.collect() }
    }

    /// Number of ancestors of each declaration; nothing if all together are more than `max`.
    pub(super) fn ancestors(&self, max: usize) -> Option<Vec<usize>> {
        let mut total = 0_usize;
        let mut counts = Vec::with_capacity(self.parents.len());
        for parents in &self.parents {
            let mut found = parents.clone();
            let mut pending: Vec<usize> = parents.iter().copied().collect();
            while let Some(next) = pending.pop() {
                for parent in self.parents.get(next).into_iter().flatten() {
                    if found.insert(*parent) {
                        pending.push(*parent);
                    }
                }
                if total.saturating_add(found.len()) > max {
                    return None;
                }
            }
            total = total.saturating_add(found.len());
            counts.push(found.len());
        }
        Some(counts)
    }
}
