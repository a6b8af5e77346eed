//! A map from handles, shared by snapshots: many small shards under a directory of two levels, so
//! that a change copies one shard and its way through the directory, while readers keep the old ones.
//!
//! Handles are digests, so their leading bits choose the shard and the bits after these the slot.
//! Slots are in the order of handles: the content alone, not its history, decides the order of
//! iteration, and a search ends at the first greater handle.

use std::iter::Peekable;
use std::sync::Arc;

use trapkey_abi::Handle;

type Entry<V> = (Handle, Arc<V>);
type Shard<V> = Arc<[Option<Entry<V>>]>;

/// Mean number of entries of a shard beyond which there are more shards.
///
/// A change copies the entries of one shard and two lists of the directory: with a million entities
/// about 61 and twice 128. Between 16 and 128 entries the cost of a change is the same.
const SHARD_ENTRIES_MEAN_MAX: usize = 64;

/// A change at one handle: its new content, or none.
pub(crate) type Change<V> = (Handle, Option<Arc<V>>);

/// A map from handles to values; a clone shares everything.
#[derive(Debug)]
pub(crate) struct Table<V> {
    // INVARIANT: `directory` has 2^`upper` lists of 2^`lower` shards. An entry is in the shard of
    // its handle's leading bits, at its home slot or in the run of full slots that starts there;
    // entries ascend.
    directory: Arc<[Arc<[Shard<V>]>]>,
    upper: u32,
    lower: u32,
    len: usize,
}

impl<V> Clone for Table<V> {
    fn clone(&self) -> Self {
        let Self { directory, upper, lower, len } = self;
        Self { directory: Arc::clone(directory), upper: *upper, lower: *lower, len: *len }
    }
}

impl<V> Table<V> {
    pub(crate) fn new() -> Self {
        let shards: Arc<[Shard<V>]> = Arc::new([Shard::default()]);
        Self { directory: Arc::new([shards]), upper: 0, lower: 0, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, handle: Handle) -> Option<&Arc<V>> {
        let bits = handle.high;
        let shards = self.directory.get(leading_bits(bits, self.upper))?;
        let shard = shards.get(leading_bits(bits << self.upper, self.lower))?;
        let bits = bits << (self.upper + self.lower);
        let home = leading_bits(bits, shard.len().checked_ilog2()?);
        for slot in shard.get(home..)? {
            match slot {
                Some((found, entity)) if *found == handle => return Some(entity),
                Some((found, _)) if *found < handle => {}
                _ => return None,
            }
        }
        None
    }

    /// All values, ascending by handle.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<V>> {
        self.entries().map(|(_, entity)| entity)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry<V>> {
        self.directory
            .iter()
            .flat_map(|shards| shards.iter())
            .flat_map(|shard| shard.iter().flatten())
    }

    /// The handles whose values are not the same in both tables, ascending.
    pub(crate) fn difference<'t>(
        &'t self,
        other: &'t Self,
        is_same: impl Fn(&V, &V) -> bool + Copy + 't,
    ) -> impl Iterator<Item = Handle> {
        // Tables of one history share what did not change.
        let is_alike = (self.upper, self.lower) == (other.upper, other.lower);
        let lists = self.directory.iter().zip(&*other.directory);
        let shards = lists
            .filter(move |(own, other)| is_alike && !Arc::ptr_eq(own, other))
            .flat_map(|(own, other)| own.iter().zip(&**other))
            .filter(|(own, other)| !Arc::ptr_eq(own, other))
            .flat_map(move |(own, other)| {
                differing(own.iter().flatten(), other.iter().flatten(), is_same)
            });
        let whole = if is_alike { None } else { Some((self.entries(), other.entries())) };
        let apart = move |(own, other)| differing(own, other, is_same);
        shards.chain(whole.into_iter().flat_map(apart))
    }

    /// Applies `changes`, at most one for each handle.
    pub(crate) fn apply(&mut self, mut changes: Vec<Change<V>>) {
        changes.sort_unstable_by_key(|(handle, _)| *handle);
        let shard_bits = shard_bits(self.len + changes.len());
        if shard_bits > self.upper + self.lower {
            self.spread(shard_bits);
        }
        let (upper, lower) = (self.upper, self.lower);
        let directory = Arc::make_mut(&mut self.directory);
        let mut changes = changes.into_iter().peekable();
        while let Some((Handle { high, .. }, _)) = changes.peek() {
            let index = leading_bits(*high, upper + lower);
            let (list, place) = (leading_bits(*high, upper), leading_bits(*high << upper, lower));
            // By the invariant there is always such a shard.
            let Some(shard) =
                directory.get_mut(list).map(Arc::make_mut).and_then(|s| s.get_mut(place))
            else {
                break;
            };
            let before = take_entries(shard);
            self.len -= before.len();
            let of_shard = std::iter::from_fn(|| {
                changes.next_if(|(handle, _)| leading_bits(handle.high, upper + lower) == index)
            });
            let after = merge(before, of_shard);
            self.len += after.len();
            *shard = lay_out(after, upper + lower);
        }
    }

    /// Distributes all entries over 2^`shard_bits` shards.
    fn spread(&mut self, shard_bits: u32) {
        let (upper, lower) = (shard_bits / 2, shard_bits.div_ceil(2));
        let mut entries = self.entries().cloned().peekable();
        let mut shards = (0..1_usize << shard_bits).map(|index| {
            let of_shard = std::iter::from_fn(|| {
                entries.next_if(|(handle, _)| leading_bits(handle.high, shard_bits) == index)
            });
            lay_out(of_shard.collect(), shard_bits)
        });
        let directory =
            (0..1_usize << upper).map(|_| shards.by_ref().take(1 << lower).collect()).collect();
        drop(shards);
        drop(entries);
        *self = Self { directory, upper, lower, len: self.len };
    }
}

/// The handles that only one of two ascending lists has, or both with different values; ascending.
fn differing<'t, V: 't>(
    own: impl Iterator<Item = &'t Entry<V>>,
    other: impl Iterator<Item = &'t Entry<V>>,
    is_same: impl Fn(&V, &V) -> bool,
) -> impl Iterator<Item = Handle> {
    let (mut own, mut other) = (own.peekable(), other.peekable());
    std::iter::from_fn(move || {
        loop {
            let least = match (own.peek(), other.peek()) {
                (Some((own, _)), Some((other, _))) => (*own).min(*other),
                (Some((handle, _)), None) | (None, Some((handle, _))) => *handle,
                (None, None) => return None,
            };
            let entity = own.next_if(|(handle, _)| *handle == least).map(|(_, entity)| entity);
            let before = other.next_if(|(handle, _)| *handle == least).map(|(_, entity)| entity);
            let is_kept = match (entity, before) {
                (Some(entity), Some(before)) => is_same(entity, before),
                (Some(_), None) | (None, Some(_) | None) => false,
            };
            if !is_kept {
                return Some(least);
            }
        }
    })
}

/// Number of leading bits that choose the shard.
fn shard_bits(len: usize) -> u32 {
    len.div_ceil(SHARD_ENTRIES_MEAN_MAX).next_power_of_two().ilog2()
}

/// The `count` leading bits of `word` as a number.
fn leading_bits(word: u64, count: u32) -> usize {
    // Two shifts, because shifting by all 64 bits at once is none.
    usize::try_from(word >> 1 >> (63 - count.min(63))).unwrap_or(usize::MAX)
}

/// The entries of a shard that is about to be replaced: moved if nobody else has it.
fn take_entries<V>(shard: &mut Shard<V>) -> Vec<Entry<V>> {
    match Arc::get_mut(shard) {
        Some(slots) => slots.iter_mut().filter_map(Option::take).collect(),
        None => shard.iter().flatten().cloned().collect(),
    }
}

/// Both lists ascend by handle.
fn merge<V>(before: Vec<Entry<V>>, changes: impl Iterator<Item = Change<V>>) -> Vec<Entry<V>> {
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
fn take_below<V>(
    before: &mut Peekable<std::vec::IntoIter<Entry<V>>>,
    handle: Handle,
    after: &mut Vec<Entry<V>>,
) {
    while let Some(entry) = before.next_if(|(found, _)| *found < handle) {
        after.push(entry);
    }
    if let Some((_, replaced)) = before.next_if(|(found, _)| *found == handle) {
        drop(replaced);
    }
}

/// Puts ascending entries into slots, at most half of them full but for the run past the end.
fn lay_out<V>(entries: Vec<Entry<V>>, shard_bits: u32) -> Shard<V> {
    if entries.is_empty() {
        return Shard::default();
    }
    let capacity = (entries.len() * 2).next_power_of_two();
    // Fewer than `capacity` entries run past the end, so the length tells the capacity.
    let slot_bits = capacity.ilog2();
    let mut slots = Vec::with_capacity(capacity);
    for entry in entries {
        let home = leading_bits(entry.0.high << shard_bits, slot_bits);
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
