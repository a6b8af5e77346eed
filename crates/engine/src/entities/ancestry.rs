//! Ancestors: what can be reached through parents.

use std::collections::HashMap;
use std::sync::Arc;

use trapkey_abi::{Handle, sort_compactly};

use super::Table;
use super::draft::Draft;
use super::names::Identity;
use super::{ANCESTORS_MAX, EntitiesError, EntityError};

/// Ancestors of one entity, ascending by handle.
pub(super) type Ancestors = Box<[Arc<Identity>]>;

/// The ancestors of each of `entities`, all of which may have changed; those of others are read
/// from `stored`, where `removed` no longer counts.
pub(super) fn ancestors(
    stored: &Table,
    entities: &[Draft],
    removed: Option<Handle>,
) -> Result<Vec<Ancestors>, EntitiesError> {
    let positions: HashMap<Handle, usize> = entities
        .iter()
        .enumerate()
        .map(|(position, draft)| (draft.facts.identity.handle, position))
        .collect();
    let mut order = Order::new(entities, &positions);
    let mut done: Vec<Option<Ancestors>> = Vec::new();
    done.resize_with(entities.len(), || None);
    while let Some(position) = order.ready.pop() {
        let Some(draft) = entities.get(position) else {
            continue;
        };
        let mut found: Vec<Arc<Identity>> = Vec::new();
        for parent in &draft.facts.parents {
            found.push(Arc::clone(parent));
            let further = match positions.get(&parent.handle) {
                Some(position) => done.get(*position).and_then(Option::as_deref),
                None if removed == Some(parent.handle) => None,
                None => stored.get(parent.handle).map(|parent| &*parent.ancestors),
            };
            found.extend(further.into_iter().flatten().cloned());
        }
        sort_compactly(&mut found, |a, b| a.handle.cmp(&b.handle));
        found.dedup_by_key(|ancestor| ancestor.handle);
        if found.len() > ANCESTORS_MAX {
            return Err(draft.refused(EntityError::TooManyAncestors { len: found.len() }));
        }
        if let Some(slot) = done.get_mut(position) {
            *slot = Some(found.into_boxed_slice());
        }
        order.finish(position);
    }
    let count = done.len();
    let done: Vec<Ancestors> = done.into_iter().flatten().collect();
    if done.len() < count {
        return Err(order.cycle(entities, &positions));
    }
    Ok(done)
}

/// Parents before children, as far as there is no cycle.
struct Order {
    /// Pairs of parent and child, by position, ascending.
    edges: Vec<(usize, usize)>,
    /// Per entity the number of parents that are not finished.
    waiting: Vec<usize>,
    /// Entities whose parents are all finished.
    ready: Vec<usize>,
}

impl Order {
    fn new(entities: &[Draft], positions: &HashMap<Handle, usize>) -> Self {
        let mut edges = Vec::new();
        let mut waiting = Vec::with_capacity(entities.len());
        for (child, draft) in entities.iter().enumerate() {
            let before = edges.len();
            let parents = draft.facts.parents.iter();
            edges.extend(
                parents.filter_map(|p| positions.get(&p.handle)).map(|parent| (*parent, child)),
            );
            waiting.push(edges.len() - before);
        }
        edges.sort_unstable();
        let ready = waiting
            .iter()
            .enumerate()
            .filter(|(_, waiting)| **waiting == 0)
            .map(|(position, _)| position)
            .collect();
        Self { edges, waiting, ready }
    }

    fn finish(&mut self, parent: usize) {
        let start = self.edges.partition_point(|(from, _)| *from < parent);
        let edges = self.edges.iter().skip(start).take_while(|(from, _)| *from == parent);
        for (_, child) in edges {
            if let Some(waiting) = self.waiting.get_mut(*child) {
                *waiting -= 1;
                if *waiting == 0 {
                    self.ready.push(*child);
                }
            }
        }
    }

    /// A cycle among the entities that never became ready.
    fn cycle(&self, entities: &[Draft], positions: &HashMap<Handle, usize>) -> EntitiesError {
        let is_stuck = |position: usize| self.waiting.get(position).is_some_and(|left| *left > 0);
        let stuck_parent = |position: usize| {
            let draft = entities.get(position).into_iter();
            let parents = draft.flat_map(|draft| &draft.facts.parents);
            parents.filter_map(|p| positions.get(&p.handle)).copied().find(|p| is_stuck(*p))
        };
        // Everything stuck has a stuck parent, so a walk along them returns to where it was.
        let mut step_of: HashMap<usize, usize> = HashMap::new();
        let mut path = Vec::new();
        let mut at = (0..entities.len()).find(|position| is_stuck(*position));
        while let Some(position) = at {
            if let Some(step) = step_of.insert(position, path.len()) {
                path.drain(..step);
                break;
            }
            path.push(position);
            at = stuck_parent(position);
        }
        let uids = path
            .into_iter()
            .filter_map(|position| entities.get(position))
            .map(|draft| draft.facts.identity.uid.clone())
            .collect();
        EntitiesError::Cycle { uids }
    }
}
