//! Assigns one offset to each (attribute, type) so that no two of one owner overlap.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::{FieldLayout, RecordLayout, RowLayout, round_up, size_align};
use crate::schema::{Record, Type};
use crate::sort_compactly;

/// What an offset is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    /// The set of ancestors of the named type.
    Ancestors(&'a str),
    /// The value of an attribute: name and type.
    Value(&'a str, &'a Type),
    /// The tags' table with values of this type.
    Tags(&'a Type),
    /// The presence byte of an optional attribute.
    Presence(&'a str, &'a Type),
}

impl Key<'_> {
    fn size_align(self) -> (u32, u32) {
        match self {
            Self::Ancestors(_) | Self::Tags(_) => (8, 8),
            Self::Value(_, ty) => size_align(ty),
            Self::Presence(..) => (1, 1),
        }
    }
}

/// Keys and the owners (entity types, then contexts) in which each occurs.
pub(super) struct Colouring<'a> {
    owners: usize,
    keys: BTreeMap<Key<'a>, BTreeSet<usize>>,
}

impl<'a> Colouring<'a> {
    pub(super) fn new(owners: usize) -> Self {
        Self { owners, keys: BTreeMap::new() }
    }

    pub(super) fn key(&mut self, owner: usize, key: Key<'a>) {
        self.keys.entry(key).or_default().insert(owner);
    }

    pub(super) fn record(&mut self, owner: usize, record: &'a Record) {
        for (name, attribute) in &record.attributes {
            self.key(owner, Key::Value(name, &attribute.ty));
            if !attribute.required {
                self.key(owner, Key::Presence(name, &attribute.ty));
            }
        }
    }

    /// First fit, widest and most shared keys first, ties in key order: deterministic.
    pub(super) fn rows(self) -> Vec<RowLayout> {
        let mut order: Vec<(&Key<'a>, &BTreeSet<usize>)> = self.keys.iter().collect();
        let rank = |(key, owners): &(&Key<'a>, &BTreeSet<usize>)| {
            let (_, align) = key.size_align();
            (core::cmp::Reverse(align), core::cmp::Reverse(owners.len()))
        };
        sort_compactly(&mut order, |a, b| rank(a).cmp(&rank(b)).then_with(|| a.0.cmp(b.0)));
        let mut used: Vec<Vec<bool>> = vec![Vec::new(); self.owners];
        let mut rows = vec![RowLayout::default(); self.owners];
        for (key, owners) in order {
            let offset = first_fit(&used, owners, key.size_align());
            for owner in owners {
                if let (Some(used), Some(row)) = (used.get_mut(*owner), rows.get_mut(*owner)) {
                    take(used, offset, key.size_align().0);
                    place(row, *key, offset);
                }
            }
        }
        for row in &mut rows {
            join_presence(&mut row.fields);
            sort_compactly(&mut row.ancestors, Ord::cmp);
        }
        rows
    }
}

fn first_fit(used: &[Vec<bool>], owners: &BTreeSet<usize>, (size, align): (u32, u32)) -> u32 {
    let is_free = |offset: u32| {
        owners
            .iter()
            .filter_map(|owner| used.get(*owner))
            .all(|used| used.iter().skip(to_usize(offset)).take(to_usize(size)).all(|taken| !taken))
    };
    let mut offset = 0;
    while !is_free(offset) {
        offset += align;
    }
    offset
}

fn take(used: &mut Vec<bool>, offset: u32, size: u32) {
    let (start, end) = (to_usize(offset), to_usize(offset.saturating_add(size)));
    if used.len() < end {
        used.resize(end, false);
    }
    used.iter_mut().skip(start).take(end - start).for_each(|taken| *taken = true);
}

fn place(row: &mut RowLayout, key: Key<'_>, offset: u32) {
    row.size = row.size.max(round_up(offset.saturating_add(key.size_align().0)));
    match key {
        Key::Ancestors(name) => row.ancestors.push((name.to_string(), offset)),
        Key::Tags(_) => row.tags = Some(offset),
        Key::Value(name, ty) => {
            let (name, record) = (name.to_string(), RecordLayout::of(ty));
            row.fields.push(FieldLayout { name, offset, presence: None, record });
        }
        // Joined with its value when the row is complete.
        Key::Presence(name, _) => row.fields.push(FieldLayout {
            name: name.to_string(),
            offset: 0,
            presence: Some(offset),
            record: None,
        }),
    }
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Sorts by name and merges each presence entry into the entry of its value.
fn join_presence(fields: &mut Vec<FieldLayout>) {
    sort_compactly(fields, |a, b| (&a.name, a.presence).cmp(&(&b.name, b.presence)));
    fields.dedup_by(|next, value| {
        let is_presence = next.name == value.name;
        if is_presence {
            value.presence = next.presence;
        }
        is_presence
    });
}
