//! The table behind a store: many small tables, so that a change copies one of them and the list of
//! all, while readers keep the old ones.
//!
//! Handles are digests, so their leading bits choose the shard and the bits after these the slot.
//! Slots are in the order of handles: the content alone, not its history, decides the order of
//! iteration, and a search ends at the first greater handle.

use std::iter::Peekable;
use std::sync::Arc;

use trapkey_abi::Handle;

use super::StoredEntity;

type Entry = (Handle, Arc<StoredEntity>);
type Shard = Arc<[Option<Entry>]>;

/// A change of one entity: its new content, or none.
pub(super) type Change = (Handle, Option<Arc<StoredEntity>>);

/// A map from handles to entities; a clone shares everything.
#[derive(Clone, Debug)]
pub(super) struct Table {
    // INVARIANT: there are 2^`bits` shards. An entry is in the shard of its handle's leading bits,
    // at its home slot or in the run of full slots that starts there; entries ascend.
    shards: Arc<[Shard]>,
    bits: u32,
    len: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { shards: Arc::new([Shard::default()]), bits: 0, len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, handle: Handle) -> Option<&Arc<StoredEntity>> {
        let shard = self.shards.get(leading_bits(handle.high, self.bits))?;
        let home = home(handle, self.bits, shard.len().checked_ilog2()?);
        for slot in shard.get(home..)? {
            match slot {
                Some((found, entity)) if *found == handle => return Some(entity),
                Some((found, _)) if *found < handle => {}
                _ => return None,
            }
        }
        None
    }

    /// All entities, ascending by handle.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<StoredEntity>> {
        self.shards.iter().flat_map(|shard| shard.iter().flatten()).map(|(_, entity)| entity)
    }

    /// Applies `changes`, at most one for each handle.
    pub(super) fn apply(&mut self, mut changes: Vec<Change>) {
        changes.sort_unstable_by_key(|(handle, _)| *handle);
        let bits = shard_bits(self.len + changes.len());
        if bits > self.bits {
            self.spread(bits);
        }
        let bits = self.bits;
        let mut len = self.len;
        let shards = Arc::make_mut(&mut self.shards);
        let mut changes = changes.into_iter().peekable();
        while let Some((handle, _)) = changes.peek() {
            let index = leading_bits(handle.high, bits);
            let Some(shard) = shards.get_mut(index) else {
                break;
            };
            let before = take_entries(shard);
            len -= before.len();
            let of_shard = std::iter::from_fn(|| {
                changes.next_if(|(handle, _)| leading_bits(handle.high, bits) == index)
            });
            let after = merge(before, of_shard);
            len += after.len();
            *shard = lay_out(after, bits);
        }
        self.len = len;
    }

    /// Distributes all entries over 2^`bits` shards.
    fn spread(&mut self, bits: u32) {
        let mut entries = self.shards.iter().flat_map(|s| s.iter().flatten()).cloned().peekable();
        let shards = (0..1_usize << bits)
            .map(|index| {
                let of_shard = std::iter::from_fn(|| {
                    entries.next_if(|(handle, _)| leading_bits(handle.high, bits) == index)
                });
                lay_out(of_shard.collect(), bits)
            })
            .collect();
        self.shards = shards;
        self.bits = bits;
    }
}

/// Number of leading bits that choose the shard: with about four times as many shards as entries
/// in a shard a change copies least, because copying an entry misses the cache.
fn shard_bits(len: usize) -> u32 {
    len.checked_ilog2().map_or(0, |log| log / 2 + 1)
}

/// The `count` leading bits of `word` as a number.
fn leading_bits(word: u64, count: u32) -> usize {
    // Two shifts, because shifting by all 64 bits at once is none.
    usize::try_from(word >> 1 >> (63 - count.min(63))).unwrap_or(usize::MAX)
}

/// The first slot where `handle` can be, in a shard of at least 2^`slot_bits` slots.
fn home(handle: Handle, shard_bits: u32, slot_bits: u32) -> usize {
    leading_bits(handle.high << shard_bits, slot_bits)
}

/// The entries of a shard that is about to be replaced: moved if nobody else has it.
fn take_entries(shard: &mut Shard) -> Vec<Entry> {
    match Arc::get_mut(shard) {
        Some(slots) => slots.iter_mut().filter_map(Option::take).collect(),
        None => shard.iter().flatten().cloned().collect(),
    }
}

/// Both lists ascend by handle.
fn merge(before: Vec<Entry>, changes: impl Iterator<Item = Change>) -> Vec<Entry> {
    let mut after = Vec::with_capacity(before.len() + 1);
    let mut before = before.into_iter().peekable();
    for (handle, entity) in changes {
        take_below(&mut before, handle, &mut after);
        if let Some(entity) = entity {
            after.push((handle, entity));
        }
    }
    after.extend(before);
    after
}

/// Moves what is below `handle`, and drops what is at it.
fn take_below(
    before: &mut Peekable<std::vec::IntoIter<Entry>>,
    handle: Handle,
    after: &mut Vec<Entry>,
) {
    while let Some(entry) = before.next_if(|(found, _)| *found < handle) {
        after.push(entry);
    }
    if let Some((_, replaced)) = before.next_if(|(found, _)| *found == handle) {
        drop(replaced);
    }
}

/// Puts ascending entries into slots, at most half of them full but for the run past the end.
fn lay_out(entries: Vec<Entry>, bits: u32) -> Shard {
    if entries.is_empty() {
        return Shard::default();
    }
    let capacity = (entries.len() * 2).next_power_of_two();
    // Fewer than `capacity` entries run past the end, so the length tells the capacity.
    let slot_bits = capacity.ilog2();
    let mut slots = Vec::with_capacity(capacity);
    for entry in entries {
        let home = home(entry.0, bits, slot_bits);
        while slots.len() < home {
            slots.push(None);
        }
        slots.push(Some(entry));
    }
    while slots.len() < capacity {
        slots.push(None);
    }
    Arc::from(slots)
}
