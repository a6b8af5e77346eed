//! Which sessions depend on what, and which have which keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trapkey_abi::Handle;

use crate::Request;
use crate::recorder::{Seen, settle};
use crate::snapshot::Snapshot;

use super::key::SubjectKey;

/// What one session's decision depends on, as far as changes are told by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Concerns {
    // INVARIANT: each ascends, no handle twice.
    entities: Box<[Handle]>,
    /// The principal and its ancestors, and the same for the resource, where there are templates.
    principals: Box<[Handle]>,
    resources: Box<[Handle]>,
}

impl Snapshot {
    /// What the decision of `request` depends on that looked up `seen`.
    pub(super) fn concerns(&self, request: &Request, seen: &mut Vec<Seen>) -> Concerns {
        let Some(live) = &self.live else { return Concerns::default() };
        // A request that cannot be encoded depends on what was seen until then.
        let environment =
            live.encodable(request, request.at(), &[]).map(|encodable| encodable.environment);
        let grants = environment.map_or(None, |environment| {
            live.grants_of(&self.facts(live), (environment, request), seen)
        });
        if self.observes() {
            let resource = request.resource().handle();
            seen.push((resource, crate::recorder::version(&self.facts(live), resource)));
        }
        settle(seen);
        let mut entities: Vec<Handle> = seen.iter().map(|(handle, _)| *handle).collect();
        // One that was looked up twice by two snapshots would have two versions; it is one entity.
        entities.dedup();
        let (principals, resources) = match grants {
            Some(grants) => (grants.principals.into(), grants.resources.into()),
            None => (Box::default(), Box::default()),
        };
        Concerns { entities: entities.into(), principals, resources }
    }
}

/// Pairs of what is depended on and who does.
type Pairs = BTreeSet<(Handle, u32)>;

/// All sessions by what they depend on and by their keys.
#[derive(Default)]
pub(super) struct Index {
    // INVARIANT: the pairs are those of `concerns`.
    concerns: BTreeMap<u32, Concerns>,
    entities: Pairs,
    principals: Pairs,
    resources: Pairs,
    subjects: BTreeSet<(Arc<SubjectKey>, u32)>,
}

impl Index {
    /// Puts a session under its keys.
    pub(super) fn insert(&mut self, place: u32, keys: &[Arc<SubjectKey>]) {
        self.subjects.extend(keys.iter().map(|key| (Arc::clone(key), place)));
    }

    /// Takes a session out of everything.
    pub(super) fn remove(&mut self, place: u32, keys: &[Arc<SubjectKey>]) {
        for key in keys {
            self.subjects.remove(&(Arc::clone(key), place));
        }
        self.note(place, Concerns::default());
        self.concerns.remove(&place);
    }

    /// Says what a session depends on from now on.
    pub(super) fn note(&mut self, place: u32, concerns: Concerns) {
        let before = self.concerns.get(&place);
        if before == Some(&concerns) {
            return;
        }
        let empty = Concerns::default();
        let before = before.unwrap_or(&empty);
        for (pairs, before, after) in [
            (&mut self.entities, &before.entities, &concerns.entities),
            (&mut self.principals, &before.principals, &concerns.principals),
            (&mut self.resources, &before.resources, &concerns.resources),
        ] {
            for handle in before.iter().filter(|handle| after.binary_search(handle).is_err()) {
                pairs.remove(&(*handle, place));
            }
            for handle in after.iter().filter(|handle| before.binary_search(handle).is_err()) {
                pairs.insert((*handle, place));
            }
        }
        self.concerns.insert(place, concerns);
    }

    /// The sessions that depend on an entity.
    pub(super) fn of_entity(&self, handle: Handle) -> impl Iterator<Item = u32> {
        of(&self.entities, handle)
    }

    /// The sessions to which grants for these slots matter; a template without slots concerns all.
    pub(super) fn of_grant(
        &self,
        principal: Option<Handle>,
        resource: Option<Handle>,
    ) -> Box<dyn Iterator<Item = u32> + '_> {
        match (principal, resource) {
            (Some(principal), Some(resource)) => Box::new(
                of(&self.principals, principal)
                    .filter(move |place| self.resources.contains(&(resource, *place))),
            ),
            (Some(principal), None) => Box::new(of(&self.principals, principal)),
            (None, Some(resource)) => Box::new(of(&self.resources, resource)),
            (None, None) => Box::new(self.concerns.keys().copied()),
        }
    }

    /// The sessions that have a key.
    pub(super) fn of_subject(&self, key: &SubjectKey) -> impl Iterator<Item = u32> + use<'_> {
        let key = Arc::new(key.clone());
        let range = (Arc::clone(&key), 0)..=(key, u32::MAX);
        self.subjects.range(range).map(|(_, place)| *place)
    }
}

fn of(pairs: &Pairs, handle: Handle) -> impl Iterator<Item = u32> {
    pairs.range((handle, 0)..=(handle, u32::MAX)).map(|(_, place)| *place)
}
