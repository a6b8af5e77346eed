//! Which grants fit a request: what a decision does before it encodes, and after it has decided.

use std::sync::Arc;

use trapkey_abi::response::fields::NEVER_ENDS;
use trapkey_abi::{Environment, Handle, SlotTest};

use super::store::{Bucket, Grants};
use super::templates::{Link, Templates};
use super::{StoredGrant, rules};
use crate::{Entities, StoredEntity};

/// Grants of one entity that are looked at one after the other rather than searched.
const SCANNED: usize = 8;

/// What grants are found for.
pub(crate) struct Asked<'a> {
    /// The request environment.
    pub(crate) environment: &'a Environment,
    pub(crate) principal: Handle,
    pub(crate) resource: Handle,
    /// The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) at: Option<i64>,
}

/// The grants that fit a request, in buffers that are used again.
#[derive(Debug, Default)]
pub(crate) struct Found {
    // INVARIANT: the first `len` of `fitting` are those found last; the others keep grants whose
    // counters then need not be written to when they are found again.
    fitting: Vec<Fitting>,
    len: usize,
    /// A bit for each template, by its ordinal, that a grant brings in.
    mask: Vec<u64>,
}

/// A grant whose slots fit a request.
#[derive(Clone, Debug)]
pub(crate) struct Fitting {
    stored: Arc<StoredGrant>,
    ordinal: u32,
    /// Number of its template among the policies.
    pub(crate) policy: u32,
    pub(crate) is_break_glass: bool,
    /// Whether it counts at the request's instant.
    pub(crate) counts: bool,
    /// Milliseconds until it begins or ends.
    turn: u64,
}

impl Fitting {
    pub(crate) fn stored(&self) -> &StoredGrant {
        &self.stored
    }
}

impl Clone for Found {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    /// Copies `from` into the buffers that are there.
    fn clone_from(&mut self, from: &Self) {
        let Self { fitting, len, mask } = from;
        self.fitting.clone_from(fitting);
        self.len = *len;
        self.mask.clone_from(mask);
    }
}

impl Found {
    /// Forgets what was found.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if self.len != 0 {
            self.len = 0;
            self.mask.clear();
        }
    }

    /// The grants whose slots fit, those included that have not begun.
    pub(crate) fn fitting(&self) -> &[Fitting] {
        self.fitting.get(..self.len).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bits of templates.
    pub(crate) fn mask(&self) -> &[u64] {
        &self.mask
    }

    /// The bits of templates, to be given back.
    pub(crate) fn take_mask(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.mask)
    }

    pub(crate) fn give_mask(&mut self, mask: Vec<u64>) {
        self.mask = mask;
    }

    /// For how many milliseconds no grant begins or ends that would change a response which has an
    /// entry of these policies: of a template that is brought in, that is only one with an entry.
    pub(crate) fn remaining(&self, mask: &[u64], has_entry: impl Fn(u32) -> bool) -> u64 {
        let matters = |fit: &&Fitting| !is_set(mask, fit.ordinal) || has_entry(fit.policy);
        self.fitting().iter().filter(matters).map(|fit| fit.turn).min().unwrap_or(NEVER_ENDS)
    }

    fn push(&mut self, stored: &Arc<StoredGrant>, link: &Link, counts: bool, turn: u64) {
        if counts {
            set(&mut self.mask, link.ordinal);
        }
        let (ordinal, policy) = (link.ordinal, link.policy);
        let is_break_glass = link.break_glass.is_some();
        let place = self.fitting.get_mut(self.len);
        self.len += 1;
        match place {
            // Cloning the `Arc` writes to a counter that threads share: only when it must change.
            Some(same) if Arc::ptr_eq(&same.stored, stored) => {
                let (before, own) = (same, (ordinal, policy, is_break_glass, counts, turn));
                (
                    before.ordinal,
                    before.policy,
                    before.is_break_glass,
                    before.counts,
                    before.turn,
                ) = own;
            }
            Some(other) => {
                let stored = Arc::clone(stored);
                *other = Fitting { stored, ordinal, policy, is_break_glass, counts, turn };
            }
            None => {
                let stored = Arc::clone(stored);
                let fit = Fitting { stored, ordinal, policy, is_break_glass, counts, turn };
                self.fitting.push(fit);
            }
        }
    }
}

/// Whether the bit of a template is set.
#[inline]
pub(crate) fn is_set(mask: &[u64], ordinal: u32) -> bool {
    let word = usize::try_from(ordinal / u64::BITS).ok().and_then(|word| mask.get(word));
    word.is_some_and(|word| word >> (ordinal % u64::BITS) & 1 != 0)
}

/// Sets the bit of a template.
pub(crate) fn set(mask: &mut Vec<u64>, ordinal: u32) {
    let word = usize::try_from(ordinal / u64::BITS).unwrap_or(usize::MAX);
    if mask.len() <= word {
        mask.resize(word.saturating_add(1), 0);
    }
    if let Some(word) = mask.get_mut(word) {
        *word |= 1 << (ordinal % u64::BITS);
    }
}

/// One side of a request, and what it is in where templates ask that.
struct Side<'e> {
    own: Handle,
    stored: Option<&'e StoredEntity>,
}

/// How an entity of a grant is reached from that of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The grant has none.
    Free,
    /// It is the same.
    Own,
    /// The request's is in it.
    Above,
}

impl<'e> Side<'e> {
    fn new(own: Handle, groups: bool, entities: &'e Entities) -> Self {
        Self { own, stored: if groups { entities.find(own) } else { None } }
    }

    fn reach(&self, of: Handle) -> Option<Reach> {
        if of == Handle::NONE {
            Some(Reach::Free)
        } else if of == self.own {
            Some(Reach::Own)
        } else {
            self.stored.filter(|stored| stored.is_in(of)).map(|_| Reach::Above)
        }
    }

    /// The entity and what it is in.
    fn handles(&self) -> impl Iterator<Item = (Handle, Reach)> {
        let above = self.stored.into_iter().flat_map(StoredEntity::ancestor_handles);
        let above = above.map(|handle| (handle, Reach::Above));
        [(self.own, Reach::Own)].into_iter().chain(above)
    }
}

fn passes(test: Option<SlotTest>, reach: Reach) -> bool {
    match (test, reach) {
        (None, Reach::Free) | (Some(_), Reach::Own) | (Some(SlotTest::In), Reach::Above) => true,
        (None, Reach::Own | Reach::Above)
        | (Some(_), Reach::Free)
        | (Some(SlotTest::Equal), Reach::Above) => false,
    }
}

impl Grants {
    /// Finds the grants that fit. It costs a look-up for each side of the request and, where a
    /// template asks what that is in, for each ancestor; then what is found.
    pub(crate) fn find(
        &self,
        asked: &Asked<'_>,
        entities: &Entities,
        templates: &Templates,
        found: &mut Found,
    ) {
        if asked.environment.templates.is_empty() {
            return;
        }
        let principal = Side::new(asked.principal, templates.principal_groups, entities);
        let resource = Side::new(asked.resource, templates.resource_groups, entities);
        let mut fits = |stored: &Arc<StoredGrant>, principal: Reach, resource: Reach| {
            let Some(link) = templates.find(stored.template) else { return };
            if passes(link.principal, principal) && passes(link.resource, resource) {
                consider(stored, link, asked, found);
            }
        };
        for (handle, reach) in principal.handles() {
            let Some(bucket) = self.of_principal(handle) else { continue };
            each(bucket, &resource, |stored, of_resource| fits(stored, reach, of_resource));
        }
        for (handle, reach) in resource.handles() {
            let Some(bucket) = self.of_resource(handle) else { continue };
            bucket.all().iter().for_each(|stored| fits(stored, Reach::Free, reach));
        }
    }
}

/// The grants of a principal that are for the resource, or for any.
fn each(bucket: &Bucket, resource: &Side<'_>, mut visit: impl FnMut(&Arc<StoredGrant>, Reach)) {
    if bucket.all().len() <= SCANNED {
        for stored in bucket.all() {
            if let Some(reach) = resource.reach(stored.resource) {
                visit(stored, reach);
            }
        }
        return;
    }
    let free = [(Handle::NONE, Reach::Free)];
    for (handle, reach) in free.into_iter().chain(resource.handles()) {
        bucket.with_resource(handle).iter().for_each(|stored| visit(stored, reach));
    }
}

/// Adds a grant whose slots fit, unless it is over or does not count in this environment.
fn consider(stored: &Arc<StoredGrant>, link: &Link, asked: &Asked<'_>, found: &mut Found) {
    let is_open = asked.environment.templates.binary_search(&link.ordinal).is_ok();
    if !is_open || !rules::qualifies(stored, link.break_glass) {
        return;
    }
    let grant = &stored.grant;
    let Some(at) = asked.at else {
        // Nothing shows that it has ended: that must not permit, and must not keep from forbidding.
        if link.is_forbid {
            found.push(stored, link, true, 0);
        }
        return;
    };
    let until = |then: i64| u64::try_from(i128::from(then) - i128::from(at)).unwrap_or(0);
    if at >= grant.expires.0 {
        return;
    }
    match grant.not_before.filter(|not_before| not_before.0 > at) {
        Some(not_before) => found.push(stored, link, false, until(not_before.0)),
        None => found.push(stored, link, true, until(grant.expires.0)),
    }
}
