//! Rows that stay in a module's memory from one frame to the next, so that an entity that is asked
//! about again is not copied again.

use alloc::boxed::Box;
use core::ops::Range;

/// Places for kept rows; a row goes to the place that its version gives.
const PLACES: usize = 512;

/// Rows kept behind the frames of one module's memory, by their version.
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
}

/// A row that may be kept.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    version: u128,
    at: u32,
    age: u32,
}

impl KeptRows {
    /// Nothing kept yet; rows go to this part of the area for frames, in bytes from its start.
    pub fn new(area: Range<usize>) -> Self {
        let start = crate::padded(area.start);
        let places = alloc::vec![Place::default(); PLACES].into_boxed_slice();
        Self { places, end: start, area: start..area.end.max(start), age: 1, is_full: false }
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

    /// Where the row of this version is.
    #[inline]
    pub(crate) fn find(&self, version: u128) -> Option<usize> {
        let place = self.places.get(index(version))?;
        let is_it = place.version == version && place.age == self.age;
        if is_it { usize::try_from(place.at).ok() } else { None }
    }

    /// Where the next row may be written.
    #[inline]
    pub(crate) fn free(&self) -> Range<usize> {
        self.end..self.area.end
    }

    /// Keeps the row that was written at the start of what is free.
    #[inline]
    pub(crate) fn keep(&mut self, version: u128, end: usize) {
        if let (Ok(at), Some(place)) =
            (u32::try_from(self.end), self.places.get_mut(index(version)))
        {
            *place = Place { version, at, age: self.age };
            self.end = end;
        }
    }

    /// Says that a row found no room.
    pub(crate) fn fill(&mut self) {
        self.is_full = true;
    }
}

/// Versions are digests, so their low bits are spread.
#[inline]
fn index(version: u128) -> usize {
    let [low, high, ..] = version.to_le_bytes();
    usize::from(u16::from_le_bytes([low, high])) % PLACES
}
