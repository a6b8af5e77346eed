//! Rows that note which of them are looked up.

use std::cell::RefCell;

use trapkey_abi::{Handle, RowRef, Rows, sort_compactly};

/// An entity that was looked up, with the version of its row; 0 if there was none.
pub(crate) type Seen = (Handle, u128);

/// Looks rows up elsewhere, and notes each look-up.
pub(crate) struct Recorder<'r, R> {
    rows: &'r R,
    // A cell, because rows are looked up through a shared reference.
    seen: RefCell<&'r mut Vec<Seen>>,
}

impl<'r, R: Rows> Recorder<'r, R> {
    /// Adds to `seen`.
    pub(crate) fn new(rows: &'r R, seen: &'r mut Vec<Seen>) -> Self {
        Self { rows, seen: RefCell::new(seen) }
    }
}

impl<R: Rows> Rows for Recorder<'_, R> {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        let row = self.rows.row(handle);
        self.seen.borrow_mut().push((handle, row.map_or(0, |row| row.version)));
        row
    }

    // No epoch: rows that are kept would not be looked up.
}

/// The version of an entity's row; 0 if there is none.
pub(crate) fn version<R: Rows>(rows: &R, handle: Handle) -> u128 {
    rows.row(handle).map_or(0, |row| row.version)
}

/// Sorts what was seen; each entity once.
pub(crate) fn settle(seen: &mut Vec<Seen>) {
    sort_compactly(seen, Ord::cmp);
    seen.dedup();
}
