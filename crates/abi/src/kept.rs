//! Rows that stay in a module's memory from one frame to the next, so that an entity that is asked
//! about again is not copied again.

use alloc::boxed::Box;
use core::ops::Range;

use crate::Handle;

/// Places for kept rows; a row goes to the place that its entity's handle gives.
const PLACES: usize = 512;

/// Rows kept behind the frames of one module's memory, by the handles of their entities.
///
/// A kept row is what the encoder would have put into the frame, so only frames of the same module
/// may refer to it. A row that finds no room goes into the frame, and the next frame starts with
/// nothing kept.
#[derive(Clone, Debug)]
pub struct KeptRows {
    // INVARIANT: the row of each place of this `age` lies in `area`, before `end`.
    places: Box<[Place]>,
    /// Offsets in bytes from the start of the area for frames.
    area: Range<usize>,
    end: usize,
    age: u32,
    is_full: bool,
    /// Longest frame in bytes, with the rows that are kept outside it.
    frame_bytes_max: usize,
}

/// What is known of one entity.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    handle: Handle,
    /// The store's content at which this was last found to hold.
    epoch: u64,
    /// The row's version; 0 if there was no such entity.
    version: u128,
    /// Where the row is; 0 if there was no such entity.
    at: u32,
    /// Its length in bytes.
    len: u32,
    age: u32,
}

impl KeptRows {
    /// Nothing kept yet; rows go to this part of the area for frames, in bytes from its start. A
    /// frame has at most so many bytes together with the rows that are kept outside it.
    pub fn new(area: Range<usize>, frame_bytes_max: usize) -> Self {
        // Nothing is kept at 0, which stands for no row.
        let start = crate::padded(area.start.max(8));
        let places = alloc::vec![Place::default(); PLACES].into_boxed_slice();
        let area = start..area.end.max(start);
        Self { places, end: start, area, age: 1, is_full: false, frame_bytes_max }
    }

    /// Forgets all rows: their bytes may be overwritten.
    pub fn clear(&mut self) {
        self.end = self.area.start;
        self.is_full = false;
        self.age = self.age.checked_add(1).unwrap_or_else(|| {
            self.places.fill(Place::default());
            1
        });
    }

    /// Makes room if there was none; frames that were encoded before are then void.
    #[inline]
    pub fn start(&mut self) {
        if self.is_full {
            self.clear();
        }
    }

    /// Offset and length of this entity's row, zeros if there is no such entity; nothing if that is
    /// not known of this content of the store.
    #[inline]
    pub(crate) fn find(&self, handle: Handle, epoch: u64) -> Option<(u32, u32)> {
        let place = self.places.get(index(handle))?;
        let is_known = place.handle == handle && place.epoch == epoch && place.age == self.age;
        is_known.then_some((place.at, place.len))
    }

    /// Offset and length of this entity's row, if it has the same version as before.
    pub(crate) fn renew(
        &mut self,
        handle: Handle,
        version: u128,
        epoch: u64,
    ) -> Option<(u32, u32)> {
        let place = self.places.get_mut(index(handle))?;
        let is_same = place.handle == handle && place.version == version && place.age == self.age;
        if is_same && place.at != 0 {
            place.epoch = epoch;
            Some((place.at, place.len))
        } else {
            None
        }
    }

    /// Longest frame in bytes, with the rows that are kept outside it.
    pub(crate) fn frame_bytes_max(&self) -> usize {
        self.frame_bytes_max
    }

    /// Where the next row may be written.
    pub(crate) fn free(&self) -> Range<usize> {
        self.end..self.area.end
    }

    /// Keeps the row that was written at the start of what is free.
    pub(crate) fn keep(&mut self, handle: Handle, version: u128, epoch: u64, end: usize) {
        let len = end.saturating_sub(self.end);
        if let (Ok(at), Ok(len), Some(place)) =
            (u32::try_from(self.end), u32::try_from(len), self.places.get_mut(index(handle)))
        {
            *place = Place { handle, epoch, version, at, len, age: self.age };
            self.end = end;
        }
    }

    /// Says that there is no such entity.
    pub(crate) fn keep_absent(&mut self, handle: Handle, epoch: u64) {
        if let Some(place) = self.places.get_mut(index(handle)) {
            *place = Place { handle, epoch, version: 0, at: 0, len: 0, age: self.age };
        }
    }

    /// Says that a row found no room.
    pub(crate) fn fill(&mut self) {
        self.is_full = true;
    }
}

/// Handles are digests, so their low bits are spread.
#[inline]
fn index(handle: Handle) -> usize {
    let [low, high, ..] = handle.low.to_le_bytes();
    usize::from(u16::from_le_bytes([low, high])) % PLACES
}
