//! Grants by what they are for: shared with snapshots, changed by the writer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use trapkey_abi::{EntityUid, Handle};

use super::{Grant, GrantError, StoredGrant, rules};
use crate::loaded::Loaded;
use crate::table::{Change, Table};
use crate::{Datetime, Entities, Limits};

/// The grants of one moment; a clone shares everything.
#[derive(Clone, Debug)]
pub(crate) struct Grants {
    // INVARIANT: a grant with a principal is in the bucket of that, any other in that of its
    // resource; `len` counts both.
    by_principal: Table<Bucket>,
    by_resource: Table<Bucket>,
    len: usize,
}

/// The grants of one entity.
#[derive(Debug)]
pub(super) struct Bucket(
    // INVARIANT: ascending by resource, then by id; not empty.
    Box<[Arc<StoredGrant>]>,
);

impl Bucket {
    pub(super) fn all(&self) -> &[Arc<StoredGrant>] {
        &self.0
    }

    /// Those with this resource.
    pub(super) fn with_resource(&self, resource: Handle) -> &[Arc<StoredGrant>] {
        let start = self.0.partition_point(|stored| stored.resource < resource);
        let rest = self.0.get(start..).unwrap_or_default();
        let len = rest.partition_point(|stored| stored.resource == resource);
        rest.get(..len).unwrap_or_default()
    }
}

impl Grants {
    pub(crate) fn new() -> Self {
        Self { by_principal: Table::new(), by_resource: Table::new(), len: 0 }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn of_principal(&self, handle: Handle) -> Option<&Bucket> {
        self.by_principal.get(handle).map(Arc::as_ref)
    }

    pub(super) fn of_resource(&self, handle: Handle) -> Option<&Bucket> {
        self.by_resource.get(handle).map(Arc::as_ref)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<StoredGrant>> {
        let buckets = self.by_principal.iter().chain(self.by_resource.iter());
        buckets.flat_map(|bucket| bucket.all())
    }

    fn bucket(&self, stored: &StoredGrant) -> Option<&Bucket> {
        match stored.principal {
            Handle::NONE => self.of_resource(stored.resource),
            principal => self.of_principal(principal),
        }
    }

    /// Puts grants in or takes them out.
    fn change(&mut self, changed: &[Arc<StoredGrant>], is_added: bool) {
        type Buckets = BTreeMap<Handle, Vec<Arc<StoredGrant>>>;
        let (mut principals, mut resources) = (Buckets::new(), Buckets::new());
        for stored in changed {
            let (buckets, handle) = match stored.principal {
                Handle::NONE => (&mut resources, stored.resource),
                principal => (&mut principals, principal),
            };
            let before = || self.bucket(stored).map(|bucket| bucket.all().to_vec());
            let bucket = buckets.entry(handle).or_insert_with(|| before().unwrap_or_default());
            let order = |other: &Arc<StoredGrant>| {
                let key = (stored.resource, stored.grant.id.as_str());
                (other.resource, other.grant.id.as_str()).cmp(&key)
            };
            match bucket.binary_search_by(order) {
                Err(place) if is_added => bucket.insert(place, Arc::clone(stored)),
                Ok(place) if !is_added => drop(bucket.remove(place)),
                Ok(_) | Err(_) => {}
            }
        }
        let change = |(handle, bucket): (Handle, Vec<Arc<StoredGrant>>)| -> Change<Bucket> {
            let is_left = !bucket.is_empty();
            (handle, is_left.then(|| Arc::new(Bucket(bucket.into_boxed_slice()))))
        };
        self.by_principal.apply(principals.into_iter().map(change).collect());
        self.by_resource.apply(resources.into_iter().map(change).collect());
        let len = changed.len();
        self.len = if is_added { self.len + len } else { self.len.saturating_sub(len) };
    }
}

/// The grants of an engine, and what its writers need to find them by.
pub(crate) struct GrantStore {
    // INVARIANT: `shared`, `by_id`, `by_ticket` and `by_end` have the same grants.
    shared: Grants,
    by_id: BTreeMap<String, Arc<StoredGrant>>,
    by_ticket: BTreeSet<(String, String)>,
    by_end: BTreeSet<(Datetime, String)>,
    /// Grants that are gone and may have uses that were not reported.
    pub(super) gone: VecDeque<Arc<StoredGrant>>,
    /// The latest time that the host gave.
    now: Option<Datetime>,
    max: usize,
    per_entity_max: usize,
}

impl GrantStore {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            shared: Grants::new(),
            by_id: BTreeMap::new(),
            by_ticket: BTreeSet::new(),
            by_end: BTreeSet::new(),
            gone: VecDeque::new(),
            now: None,
            max: limits.grants_max,
            per_entity_max: limits.grants_per_entity_max,
        }
    }

    /// What decisions are to see.
    pub(crate) fn snapshot(&self) -> Grants {
        self.shared.clone()
    }

    /// Notes what time it is; it never goes back.
    pub(crate) fn tell(&mut self, now: Datetime) {
        self.now = self.now.max(Some(now));
    }

    pub(super) fn held(&self) -> impl Iterator<Item = &Arc<StoredGrant>> {
        self.by_id.values()
    }

    /// Adds a grant, if it is one that this module and these entities admit.
    pub(crate) fn add(
        &mut self,
        grant: Grant,
        loaded: &Loaded,
        entities: &Entities,
    ) -> Result<Arc<StoredGrant>, GrantError> {
        rules::check(&grant, self.now)?;
        if self.by_id.contains_key(&grant.id) {
            return Err(GrantError::Duplicate { id: grant.id });
        }
        let template = rules::template(loaded, &grant.template)?;
        rules::check_slots(&grant, template, entities)?;
        let lasts = rules::lasts(&grant, self.now);
        rules::check_break_glass(&grant, template, lasts)?;
        if self.by_id.len() >= self.max {
            return Err(GrantError::TooMany { max: self.max });
        }
        let stored = Arc::new(StoredGrant::new(grant, lasts));
        let len = self.shared.bucket(&stored).map_or(0, |bucket| bucket.all().len());
        let grant = &stored.grant;
        if let Some(uid) = grant.principal.as_ref().or(grant.resource.as_ref())
            && len >= self.per_entity_max
        {
            return Err(GrantError::TooManyOfEntity { uid: uid.clone(), max: self.per_entity_max });
        }
        self.by_id.insert(grant.id.clone(), Arc::clone(&stored));
        self.by_end.insert((grant.expires, grant.id.clone()));
        if let Some(ticket) = &grant.ticket {
            self.by_ticket.insert((ticket.clone(), grant.id.clone()));
        }
        self.shared.change(&[Arc::clone(&stored)], true);
        Ok(stored)
    }

    /// Takes these grants out; gives those that were there.
    pub(crate) fn remove(&mut self, ids: &[String]) -> Vec<Arc<StoredGrant>> {
        let mut removed = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(stored) = self.by_id.remove(id) else { continue };
            self.by_end.remove(&(stored.grant.expires, id.clone()));
            if let Some(ticket) = &stored.grant.ticket {
                self.by_ticket.remove(&(ticket.clone(), id.clone()));
            }
            removed.push(stored);
        }
        self.shared.change(&removed, false);
        let may_be_used = |stored: &&Arc<StoredGrant>| rules::qualifies(stored, Some(i64::MAX));
        self.gone.extend(removed.iter().filter(may_be_used).map(Arc::clone));
        while self.gone.len() > self.max {
            self.gone.pop_front();
        }
        removed
    }

    pub(super) fn ids_by_id(&self, id: &str) -> Vec<String> {
        self.by_id.contains_key(id).then(|| id.to_owned()).into_iter().collect()
    }

    pub(super) fn ids_by_ticket(&self, ticket: &str) -> Vec<String> {
        let from = self.by_ticket.range((ticket.to_owned(), String::new())..);
        from.take_while(|(of, _)| of == ticket).map(|(_, id)| id.clone()).collect()
    }

    pub(super) fn ids_by_principal(&self, principal: &EntityUid) -> Vec<String> {
        let bucket = self.shared.of_principal(principal.handle());
        let all = bucket.map_or([].as_slice(), Bucket::all).iter();
        let own = all.filter(|stored| stored.grant.principal.as_ref() == Some(principal));
        own.map(|stored| stored.grant.id.clone()).collect()
    }

    /// Those that are over; notes the time.
    pub(super) fn ids_over_at(&mut self, now: Datetime) -> Vec<String> {
        self.tell(now);
        let over = self.by_end.iter().take_while(|(end, _)| *end <= now);
        over.map(|(_, id)| id.clone()).collect()
    }
}
