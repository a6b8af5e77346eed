//! The kept decisions: sets of a few places each; the one that was used longest ago makes room.

use crate::recorder::Seen;
use crate::{Datetime, Decision};

use super::key::Key;

/// Places of a set.
const WAYS: usize = 4;

/// A decision and what it depends on.
pub(super) struct Entry {
    // INVARIANT: `decision` is that of a request with the entry's key at `at`; `number` is that of
    // a snapshot by which all of `seen` were found.
    pub(super) at: Option<Datetime>,
    /// For how long from `at` on it holds, in milliseconds; all ones for ever.
    pub(super) remaining: u64,
    pub(super) number: u64,
    pub(super) seen: Box<[Seen]>,
    pub(super) decision: Decision,
}

impl Entry {
    /// For how long the decision holds from this instant on; `None` if it does not.
    #[inline]
    pub(super) fn remaining_at(&self, now: Option<Datetime>) -> Option<u64> {
        match (now, self.at) {
            (Some(now), Some(at)) if now == at => Some(self.remaining),
            (Some(Datetime(now)), Some(Datetime(at))) => {
                let passed = u64::try_from(now.checked_sub(at)?).ok()?;
                match self.remaining {
                    u64::MAX => Some(u64::MAX),
                    remaining if passed < remaining => Some(remaining - passed),
                    _ => None,
                }
            }
            // The key says whether there is an instant; without one nothing has moved.
            (None, None) => Some(self.remaining),
            (Some(_), None) | (None, Some(_)) => None,
        }
    }
}

/// A key and its entry.
struct Place {
    key: Box<[u64]>,
    /// When it was used last, by the table's count.
    used: u64,
    entry: Entry,
}

/// Kept decisions by their keys.
pub(super) struct Table {
    // INVARIANT: `hashes` and `places` have `WAYS` for each set, whose number is a power of two; a
    // hash is that of the key at its place, where there is one.
    hashes: Box<[u64]>,
    places: Box<[Option<Place>]>,
    len: usize,
    /// Counts finds.
    turn: u64,
    /// Given where a place is empty, which it never is.
    nothing: Decision,
}

impl Table {
    /// At most `entries_max`, but room for one set.
    pub(super) fn new(entries_max: usize) -> Self {
        let sets = 1 << (entries_max / WAYS).max(1).ilog2();
        let mut places = Vec::new();
        places.resize_with(sets * WAYS, || None);
        Self {
            hashes: vec![0; sets * WAYS].into_boxed_slice(),
            places: places.into_boxed_slice(),
            len: 0,
            turn: 0,
            nothing: Decision::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn clear(&mut self) {
        self.places.fill_with(|| None);
        self.len = 0;
    }

    /// The place of a key.
    #[inline]
    pub(super) fn find(&mut self, key: &Key) -> Option<usize> {
        if key.is_empty() {
            return None;
        }
        let first = self.first(key.hash);
        let hashes = self.hashes.get(first..)?.first_chunk::<WAYS>()?;
        for (way, hash) in hashes.iter().enumerate() {
            if *hash == key.hash
                && let Some(Some(place)) = self.places.get_mut(first + way)
                && *place.key == *key.words
            {
                self.turn = self.turn.wrapping_add(1);
                place.used = self.turn;
                return Some(first + way);
            }
        }
        None
    }

    #[inline]
    pub(super) fn entry(&mut self, place: usize) -> Option<&mut Entry> {
        Some(&mut self.places.get_mut(place)?.as_mut()?.entry)
    }

    #[inline]
    pub(super) fn decision(&self, place: usize) -> &Decision {
        match self.places.get(place) {
            Some(Some(place)) => &place.entry.decision,
            Some(None) | None => &self.nothing,
        }
    }

    /// Keeps an entry in place of that of the same key, or in a free place, or in place of the one
    /// that was used longest ago.
    pub(super) fn put(&mut self, key: &Key, entry: Entry) {
        let index = self.find(key).unwrap_or_else(|| self.victim(key.hash));
        self.turn = self.turn.wrapping_add(1);
        let used = self.turn;
        if let (Some(hash), Some(place)) = (self.hashes.get_mut(index), self.places.get_mut(index))
        {
            self.len += usize::from(place.is_none());
            *hash = key.hash;
            *place = Some(Place { key: key.words.as_slice().into(), used, entry });
        }
    }

    fn victim(&self, hash: u64) -> usize {
        let first = self.first(hash);
        let places = self.places.iter().enumerate().skip(first).take(WAYS);
        let used = places.map(|(index, place)| (place.as_ref().map(|place| place.used), index));
        used.min().map_or(first, |(_, index)| index)
    }

    /// The first place of a hash's set.
    #[inline]
    fn first(&self, hash: u64) -> usize {
        let sets = self.hashes.len() / WAYS;
        // The high bits of a folded product are as good as the low ones.
        let set = usize::try_from(hash >> 32).unwrap_or(0) & sets.saturating_sub(1);
        set * WAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> Entry {
        let (at, seen) = (Some(Datetime(100)), Box::default());
        Entry { at, remaining: 50, number, seen, decision: Decision::new() }
    }

    fn key(words: &[u64], hash: u64) -> Key {
        Key { words: words.to_vec(), hash }
    }

    /// The number of the entry that is found.
    fn found(table: &mut Table, key: &Key) -> Option<u64> {
        let place = table.find(key)?;
        table.entry(place).map(|entry| entry.number)
    }

    #[test]
    fn keys_with_one_hash_are_told_apart() {
        let mut table = Table::new(8);
        let keys = [key(&[1, 2], 7), key(&[2, 1], 7), key(&[1, 2, 0], 7)];
        for (number, key) in (0..).zip(&keys) {
            assert_eq!(found(&mut table, key), None);
            table.put(key, entry(number));
        }
        for (number, key) in (0..).zip(&keys) {
            assert_eq!(found(&mut table, key), Some(number));
        }
        assert_eq!(found(&mut table, &key(&[1, 2], 8)), None);
        assert_eq!(found(&mut table, &key(&[], 0)), None);
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let mut table = Table::new(4);
        let keys: Vec<Key> = (1..=5).map(|word| key(&[word], word << 32)).collect();
        for (number, key) in (0..).zip(&keys[..4]) {
            table.put(key, entry(number));
        }
        assert_eq!(found(&mut table, &keys[0]), Some(0));
        table.put(&keys[4], entry(4));
        let left = keys.iter().map(|key| found(&mut table, key)).collect::<Vec<_>>();
        assert_eq!(left, [Some(0), None, Some(2), Some(3), Some(4)]);
        table.put(&keys[4], entry(9));
        assert_eq!((found(&mut table, &keys[4]), table.len()), (Some(9), 4));
        table.clear();
        assert_eq!((found(&mut table, &keys[0]), table.len()), (None, 0));
    }

    #[test]
    fn an_entry_holds_from_its_instant_until_before_its_horizon() {
        let entry = entry(0);
        let at = |now| entry.remaining_at(Some(Datetime(now)));
        assert_eq!((at(99), at(100), at(149), at(150)), (None, Some(50), Some(1), None));
        assert_eq!((at(i64::MIN), at(i64::MAX), entry.remaining_at(None)), (None, None, None));
        let ever = Entry { remaining: u64::MAX, ..self::entry(0) };
        assert_eq!(ever.remaining_at(Some(Datetime(i64::MAX))), Some(u64::MAX));
        let now = Entry { remaining: 0, ..self::entry(0) };
        assert_eq!(now.remaining_at(Some(Datetime(100))), Some(0));
        assert_eq!(now.remaining_at(Some(Datetime(101))), None);
    }
}
