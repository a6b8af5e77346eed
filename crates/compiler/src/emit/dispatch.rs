//! Which candidates a request can match by its scope alone, found without visiting the others.
//!
//! A candidate whose scope names a principal or a resource can only match, or err, where that is
//! the request's own or an ancestor of it: scopes cannot err and come first. A list of candidates
//! is split by the scope that leaves the least to visit, and each part again by the other one.

use std::collections::BTreeMap;

use trapkey_abi::Handle;

use super::Candidate;

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
    /// Whether descendants match too.
    pub(crate) is_group: bool,
}

/// How a list of candidates is visited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plan {
    /// All of them.
    Visit(Vec<Candidate>),
    /// Those without a key, and those whose key is the request's.
    Split(Box<Split>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Split {
    pub(super) side: Side,
    /// What is visited for every request; absent if that is nothing.
    pub(super) always: Option<Plan>,
    /// By the handle of the request's own entity.
    pub(super) own: BTreeMap<Handle, Plan>,
    /// By the handle of an ancestor.
    pub(super) above: BTreeMap<Handle, Plan>,
}

impl Candidate {
    fn key(&self, side: Side) -> Option<Key> {
        match side {
            Side::Principal => self.principal,
            Side::Resource => self.resource,
        }
    }
}

/// The plan that visits least.
pub(super) fn plan(candidates: &[Candidate]) -> Plan {
    split(candidates.to_vec(), &[Side::Principal, Side::Resource])
}

fn split(candidates: Vec<Candidate>, sides: &[Side]) -> Plan {
    if candidates.len() <= VISITED {
        return Plan::Visit(candidates);
    }
    let best = sides.iter().map(|side| (cost(&candidates, *side), *side)).min();
    let Some((_, side)) = best.filter(|(cost, _)| *cost < candidates.len()) else {
        return Plan::Visit(candidates);
    };
    let rest: Vec<Side> = sides.iter().copied().filter(|other| *other != side).collect();
    let (always, buckets) = buckets(&candidates, side);
    let always = (!always.is_empty()).then(|| split(always, &rest));
    let (mut own, mut above) = (BTreeMap::new(), BTreeMap::new());
    for (handle, bucket) in buckets {
        let is_group = |candidate: &&Candidate| candidate.key(side).is_some_and(|key| key.is_group);
        let groups: Vec<Candidate> = bucket.iter().filter(is_group).cloned().collect();
        if !groups.is_empty() {
            above.insert(handle, split(groups, &rest));
        }
        own.insert(handle, split(bucket, &rest));
    }
    Plan::Split(Box::new(Split { side, always, own, above }))
}

/// The most that are visited for one handle, those without a key included.
fn cost(candidates: &[Candidate], side: Side) -> usize {
    let mut buckets: BTreeMap<Handle, usize> = BTreeMap::new();
    let keys = candidates.iter().filter_map(|candidate| candidate.key(side));
    keys.for_each(|key| *buckets.entry(key.handle).or_default() += 1);
    let always = candidates.len() - buckets.values().sum::<usize>();
    always + buckets.values().max().copied().unwrap_or(0)
}

/// The candidates without a key, and the others by the handle of their key.
fn buckets(
    candidates: &[Candidate],
    side: Side,
) -> (Vec<Candidate>, BTreeMap<Handle, Vec<Candidate>>) {
    let mut always = Vec::new();
    let mut buckets: BTreeMap<Handle, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        match candidate.key(side) {
            Some(key) => buckets.entry(key.handle).or_default().push(candidate.clone()),
            None => always.push(candidate.clone()),
        }
    }
    (always, buckets)
}

/// A table from handles to numbers, as the module searches it: entries of 24 bytes (handle, number
/// `u32`, zero `u32`), at the handle's low bits or behind; a handle of zeros is no entry.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) bytes: Vec<u8>,
    /// Number of entries less one; their number is a power of two.
    pub(super) mask: u32,
}

/// Bytes of an entry.
pub(super) const ENTRY: u32 = 24;

impl Table {
    /// At least a quarter of the entries stay free, so that a search ends.
    pub(super) fn new(numbers: &BTreeMap<Handle, u32>) -> Self {
        let capacity = (numbers.len() + numbers.len() / 3 + 1).next_power_of_two();
        let mut entries: Vec<Option<(Handle, u32)>> = vec![None; capacity];
        let mask = u64::try_from(capacity - 1).unwrap_or(0);
        for (handle, number) in numbers {
            let start = usize::try_from(handle.low & mask).unwrap_or(0);
            let (before, from) = entries.split_at_mut(start.min(capacity));
            let free = from.iter_mut().chain(before).find(|entry| entry.is_none());
            if let Some(free) = free {
                *free = Some((*handle, *number));
            }
        }
        let mut bytes = Vec::with_capacity(capacity * 24);
        for entry in entries {
            let (handle, number) = entry.unwrap_or((Handle::NONE, 0));
            bytes.extend_from_slice(&handle.to_bytes());
            bytes.extend_from_slice(&u64::from(number).to_le_bytes());
        }
        Self { bytes, mask: u32::try_from(mask).unwrap_or(u32::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(policy: u32, principal: Option<Key>, resource: Option<Key>) -> Candidate {
        Candidate { policy, class: 0, condition: Some(policy), principal, resource }
    }

    fn key(number: u64, is_group: bool) -> Key {
        Key { handle: Handle { high: 1, low: number }, is_group }
    }

    /// The policies visited for a principal and a resource, each with their ancestors.
    fn visited(plan: &Plan, principal: &[u64], resource: &[u64]) -> Vec<u32> {
        let split = match plan {
            Plan::Visit(candidates) => return candidates.iter().map(|c| c.policy).collect(),
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
        let plan = plan(&candidates);
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
        assert_eq!(plan(&same), Plan::Visit(same.clone()));
        let none: Vec<Candidate> = (0..50).map(|n| candidate(n, None, None)).collect();
        assert_eq!(plan(&none), Plan::Visit(none.clone()));
    }

    #[test]
    fn every_handle_is_found_behind_its_low_bits() {
        for len in [0, 1, 2, 3, 5, 8, 100, 1000] {
            let numbers: BTreeMap<Handle, u32> = (0..len)
                .map(|n: u32| (Handle { high: u64::from(n) + 1, low: u64::from(n % 7) }, n))
                .collect();
            let table = Table::new(&numbers);
            let entries: Vec<&[u8]> = table.bytes.chunks(24).collect();
            assert_eq!(entries.len(), table.mask as usize + 1);
            assert!(entries.iter().any(|entry| entry.iter().all(|byte| *byte == 0)));
            for (handle, number) in &numbers {
                let start = usize::try_from(handle.low).unwrap() & table.mask as usize;
                let mut search = entries.iter().cycle().skip(start);
                let found = search.find(|entry| {
                    entry[..16] == handle.to_bytes() || entry[..16] == Handle::NONE.to_bytes()
                });
                assert_eq!(found.unwrap()[16..20], number.to_le_bytes());
            }
        }
    }
}
