//! Which candidates a request can match by its scope alone, found without visiting the others.
//!
//! A candidate whose scope names a principal or a resource can only match, or err, where that is
//! the request's own or an ancestor of it: scopes cannot err and come first. A list of candidates
//! is split by the scope that leaves the least to visit, and each part again by the other one.

use std::collections::BTreeMap;

use trapkey_abi::Handle;

use super::{Candidate, length};

/// Candidates that are visited one after the other rather than looked up.
const VISITED: usize = 8;

/// One side of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Principal,
    Resource,
}

/// The entity that a scope names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) handle: Handle,
    /// Whether the request's own entity can be this one: it has its type.
    pub(crate) is_own: bool,
    /// Whether descendants match too.
    pub(crate) is_group: bool,
}

/// How a list of candidates is visited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plan<L> {
    /// All of them.
    Visit(Vec<L>),
    /// Those without a key, and those whose key is the request's.
    Split(Box<Split<L>>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Split<L> {
    pub(super) side: Side,
    /// What is visited for every request; absent if that is nothing.
    pub(super) always: Option<Plan<L>>,
    /// By the handle of the request's own entity.
    pub(super) own: BTreeMap<Handle, Plan<L>>,
    /// By the handle of an ancestor.
    pub(super) above: BTreeMap<Handle, Plan<L>>,
}

/// A candidate where it is visited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visited<'l> {
    pub(super) candidate: &'l Candidate,
    /// Whether its scope's principal is the request's, as is known where it is visited.
    pub(super) principal: bool,
    /// The same for the resource.
    pub(super) resource: bool,
}

impl Candidate {
    pub(super) fn key(&self, side: Side) -> Option<Key> {
        match side {
            Side::Principal => self.principal,
            Side::Resource => self.resource,
        }
    }
}

impl Visited<'_> {
    fn key(&self, side: Side) -> Option<Key> {
        self.candidate.key(side)
    }

    fn known(self, side: Side) -> Self {
        match side {
            Side::Principal => Self { principal: true, ..self },
            Side::Resource => Self { resource: true, ..self },
        }
    }
}

/// The plan that visits least; `leaf` says what becomes of a candidate where it is visited.
pub(super) fn plan<L>(
    candidates: &[Candidate],
    leaf: &mut impl FnMut(Visited<'_>) -> L,
) -> Plan<L> {
    let visited = |candidate| Visited { candidate, principal: false, resource: false };
    split(candidates.iter().map(visited).collect(), &[Side::Principal, Side::Resource], leaf)
}

/// The plan that visits all.
pub(super) fn visit_all<L>(
    candidates: &[Candidate],
    leaf: &mut impl FnMut(Visited<'_>) -> L,
) -> Plan<L> {
    let visited = |candidate| Visited { candidate, principal: false, resource: false };
    Plan::Visit(candidates.iter().map(visited).map(leaf).collect())
}

fn split<L>(
    candidates: Vec<Visited<'_>>,
    sides: &[Side],
    leaf: &mut impl FnMut(Visited<'_>) -> L,
) -> Plan<L> {
    let best = if candidates.len() <= VISITED {
        None
    } else {
        let costs = sides.iter().map(|side| (cost(&candidates, *side), *side));
        costs.min().filter(|(cost, _)| *cost < candidates.len())
    };
    let Some((_, side)) = best else {
        return Plan::Visit(candidates.into_iter().map(leaf).collect());
    };
    let rest: Vec<Side> = sides.iter().copied().filter(|other| *other != side).collect();
    let (always, buckets) = buckets(candidates, side);
    let always = (!always.is_empty()).then(|| split(always, &rest, leaf));
    let (mut own, mut above) = (BTreeMap::new(), BTreeMap::new());
    for (handle, bucket) in buckets {
        let is_group = |visited: &Visited<'_>| visited.key(side).is_some_and(|key| key.is_group);
        let groups: Vec<Visited<'_>> = bucket.iter().copied().filter(is_group).collect();
        if !groups.is_empty() {
            above.insert(handle, split(groups, &rest, leaf));
        }
        if bucket.iter().any(|visited| visited.key(side).is_some_and(|key| key.is_own)) {
            own.insert(handle, split(bucket, &rest, leaf));
        }
    }
    Plan::Split(Box::new(Split { side, always, own, above }))
}

/// The most that are visited for one handle, those without a key included.
fn cost(candidates: &[Visited<'_>], side: Side) -> usize {
    let mut buckets: BTreeMap<Handle, usize> = BTreeMap::new();
    let keys = candidates.iter().filter_map(|visited| visited.key(side));
    keys.for_each(|key| *buckets.entry(key.handle).or_default() += 1);
    let always = candidates.len() - buckets.values().sum::<usize>();
    always + buckets.values().max().copied().unwrap_or(0)
}

/// The candidates without a key, and the others by the handle of their key.
fn buckets(
    candidates: Vec<Visited<'_>>,
    side: Side,
) -> (Vec<Visited<'_>>, BTreeMap<Handle, Vec<Visited<'_>>>) {
    let mut always = Vec::new();
    let mut buckets: BTreeMap<Handle, Vec<Visited<'_>>> = BTreeMap::new();
    for visited in candidates {
        match visited.key(side) {
            Some(key) => buckets.entry(key.handle).or_default().push(visited.known(side)),
            None => always.push(visited),
        }
    }
    (always, buckets)
}

/// A table from handles to numbers, as the module searches it: entries of 24 bytes (handle, number
/// `u32`, zero `u32`), at the place that some bits of the handle's low half give or behind it; a
/// handle of zeros is no entry, and ends a search.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) bytes: Vec<u8>,
    /// Selects the bits that give the place.
    pub(super) mask: u32,
    /// How many bits of the low half lie below these.
    pub(super) shift: u32,
}

/// Bytes of an entry.
pub(super) const ENTRY: u32 = 24;

/// Entries of a table whose bits are chosen so that few entries share a place.
const CHOSEN_MAX: usize = 256;

impl Table {
    pub(super) fn new(numbers: &BTreeMap<Handle, u32>) -> Self {
        // At most half full: most searches end at the first entry.
        let places = numbers.len().saturating_mul(2).next_power_of_two();
        let shifts = if numbers.len() <= CHOSEN_MAX { 0..=40 } else { 0..=0 };
        let laid = |shift| (lay_out(numbers, places, shift), shift);
        let best = shifts.map(laid).min_by_key(|((_, searched), shift)| (*searched, *shift));
        let ((entries, _), shift) = best.unwrap_or_default();
        let mut bytes = Vec::with_capacity(entries.len() * 24);
        for entry in entries {
            let (handle, number) = entry.unwrap_or((Handle::NONE, 0));
            bytes.extend_from_slice(&handle.to_bytes());
            bytes.extend_from_slice(&u64::from(number).to_le_bytes());
        }
        Self { bytes, mask: length(places).saturating_sub(1), shift }
    }
}

type Entries = Vec<Option<(Handle, u32)>>;

/// The entries, each at its place or behind it, with a free one at the end; and how many entries
/// are looked at when each is searched.
fn lay_out(numbers: &BTreeMap<Handle, u32>, places: usize, shift: u32) -> (Entries, usize) {
    let mask = u64::try_from(places - 1).unwrap_or(0);
    let mut entries: Entries = vec![None; places];
    let mut searched = 0;
    for (handle, number) in numbers {
        let place = usize::try_from(handle.low >> shift & mask).unwrap_or(0);
        let behind = entries.iter().skip(place).take_while(|entry| entry.is_some()).count();
        searched += behind + 1;
        match entries.get_mut(place + behind) {
            Some(free) => *free = Some((*handle, *number)),
            None => entries.push(Some((*handle, *number))),
        }
    }
    entries.push(None);
    (entries, searched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(policy: u32, principal: Option<Key>, resource: Option<Key>) -> Candidate {
        Candidate { policy, class: 0, condition: Some(policy), expires: None, principal, resource }
    }

    fn key(number: u64, is_group: bool) -> Key {
        Key { handle: Handle { high: 1, low: number }, is_own: true, is_group }
    }

    /// The policies visited for a principal and a resource, each with their ancestors.
    fn visited(plan: &Plan<u32>, principal: &[u64], resource: &[u64]) -> Vec<u32> {
        let split = match plan {
            Plan::Visit(candidates) => return candidates.clone(),
            Plan::Split(split) => split,
        };
        let request = match split.side {
            Side::Principal => principal,
            Side::Resource => resource,
        };
        let mut found = Vec::new();
        let handle = |low: &u64| Handle { high: 1, low: *low };
        let own = request.first().and_then(|own| split.own.get(&handle(own)));
        let above = request.iter().skip(1).filter_map(|group| split.above.get(&handle(group)));
        for plan in split.always.iter().chain(own).chain(above) {
            found.extend(visited(plan, principal, resource));
        }
        found
    }

    #[test]
    fn what_can_match_is_visited_once_and_little_else_is() {
        let mut candidates = Vec::new();
        for number in 0..100 {
            let low = u64::from(number);
            candidates.push(candidate(
                number,
                Some(key(low % 10, low % 3 == 0)),
                Some(key(low, false)),
            ));
        }
        candidates.push(candidate(100, None, None));
        candidates.push(candidate(101, Some(key(7, true)), None));
        candidates.push(candidate(102, None, Some(key(7, true))));
        let plan = plan(&candidates, &mut |visited| visited.candidate.policy);
        let requests: [(&[u64], &[u64]); 5] =
            [(&[7], &[7]), (&[3, 7], &[33]), (&[200, 1, 2], &[201, 7]), (&[7], &[200]), (&[], &[])];
        for (principal, resource) in requests {
            let matches = |key: Option<Key>, request: &[u64]| {
                let Some(key) = key else { return true };
                let own = request.first() == Some(&key.handle.low);
                own || key.is_group && request.contains(&key.handle.low)
            };
            let mut want: Vec<u32> = candidates
                .iter()
                .filter(|c| matches(c.principal, principal) && matches(c.resource, resource))
                .map(|c| c.policy)
                .collect();
            let mut found = visited(&plan, principal, resource);
            found.sort_unstable();
            let distinct = found.len();
            found.dedup();
            assert_eq!(found.len(), distinct, "{principal:?} {resource:?}");
            want.retain(|policy| !found.contains(policy));
            assert!(want.is_empty(), "{want:?} is not visited for {principal:?} {resource:?}");
            assert!(found.len() <= 2 * VISITED, "{found:?}");
        }
    }

    #[test]
    fn few_candidates_and_such_without_keys_are_not_split() {
        let same: Vec<Candidate> =
            (0..50).map(|n| candidate(n, Some(key(1, true)), None)).collect();
        let all: Vec<u32> = (0..50).collect();
        let mut policy = |visited: Visited<'_>| visited.candidate.policy;
        assert_eq!(plan(&same, &mut policy), Plan::Visit(all.clone()));
        let none: Vec<Candidate> = (0..50).map(|n| candidate(n, None, None)).collect();
        assert_eq!(plan(&none, &mut policy), Plan::Visit(all));
    }

    #[test]
    fn every_handle_is_found_at_its_place_or_behind() {
        for len in [0, 1, 2, 3, 5, 8, 100, 1000] {
            let numbers: BTreeMap<Handle, u32> = (0..len)
                .map(|n: u32| (Handle { high: u64::from(n) + 1, low: u64::from(n % 7) }, n))
                .collect();
            let table = Table::new(&numbers);
            let entries: Vec<&[u8]> = table.bytes.chunks(24).collect();
            assert!(entries.len() > table.mask as usize + 1);
            assert!(entries.last().unwrap().iter().all(|byte| *byte == 0));
            for (handle, number) in &numbers {
                let place = usize::try_from(handle.low >> table.shift).unwrap();
                let mut search = entries.iter().skip(place & table.mask as usize);
                let found = search.find(|entry| {
                    entry[..16] == handle.to_bytes() || entry[..16] == Handle::NONE.to_bytes()
                });
                assert_eq!(found.unwrap()[16..20], number.to_le_bytes());
            }
        }
    }

    #[test]
    fn handles_are_spread_where_they_differ() {
        let numbers: BTreeMap<Handle, u32> =
            (0..64).map(|n: u32| (Handle { high: 1, low: u64::from(n) << 20 }, n)).collect();
        let table = Table::new(&numbers);
        assert_ne!(table.shift, 0);
        let (_, searched) = lay_out(&numbers, 128, table.shift);
        assert_eq!(searched, 64);
    }
}
