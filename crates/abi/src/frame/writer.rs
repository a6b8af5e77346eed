//! A frame while it is written.

use core::ops::Range;

use super::{Broken, EncodeRequest, header};
use crate::bytes::{padded, read_u32, read_u64, write_u32};
use crate::gather::{Environment, GatherTable, Projection};
use crate::{ABI_VERSION, Handle, KeptRows};

/// Bytes of an entry of the directory.
const ENTRY: usize = 24;

/// Rows that tags may lead to in one frame; each is compared with all before it.
pub const DIRECTORY_MAX: usize = 1024;

/// An entry of the directory; the path is that by which the row was found, zero when finished.
#[derive(Clone, Copy)]
pub(super) struct DirectoryEntry {
    pub(super) handle: Handle,
    pub(super) row: u32,
    pub(super) path: u32,
}

/// Where a frame goes: the first `limit` bytes of `out`, and rows that are kept behind these, whose
/// offsets count from so many bytes before `out`.
pub(super) struct Area<'o> {
    pub(super) out: &'o mut [u8],
    pub(super) limit: usize,
    /// The most bytes of a frame with the rows that are kept elsewhere.
    pub(super) whole: usize,
    pub(super) kept: Option<(&'o mut KeptRows, usize)>,
}

/// A frame being written: `end` bytes so far, and `staged` entries of the directory at the end of
/// the first `limit` bytes of `out`, the first one last.
pub(super) struct Frame<'o> {
    pub(super) out: &'o mut [u8],
    pub(super) limit: usize,
    /// The most bytes of a frame with the rows that are kept elsewhere.
    pub(super) whole: usize,
    pub(super) kept: Option<(&'o mut KeptRows, usize)>,
    pub(super) end: usize,
    pub(super) staged: usize,
    /// Bytes of rows that are kept elsewhere: they count as if they were here.
    pub(super) elsewhere: usize,
}

impl<'o> Frame<'o> {
    /// The header, which lacks its length, and empty slots.
    #[inline]
    pub(super) fn start(
        table: &GatherTable,
        request: &EncodeRequest<'_>,
        environment: &Environment,
        Area { out, limit, whole, kept }: Area<'o>,
    ) -> Result<Self, Broken> {
        let end = table.context_offset();
        let head = out.get_mut(..limit).and_then(|frame| frame.get_mut(..end));
        let head = head.ok_or(Broken::TooLarge)?;
        let (fixed, slots) = head.split_first_chunk_mut().ok_or(Broken::Malformed)?;
        let slot_count = to_u32(table.paths.len())?;
        *fixed = start_of_header(table, request, environment);
        put(fixed, header::SLOT_COUNT, slot_count.to_le_bytes());
        put(fixed, header::CONTEXT, to_u32(end)?.to_le_bytes());
        slots.fill(0);
        Ok(Self { out, limit, whole, kept, end, staged: 0, elsewhere: 0 })
    }

    #[inline]
    pub(super) fn u32(&mut self, at: usize, value: u32) -> Result<(), Broken> {
        write_u32(self.out, at, value).ok_or(Broken::TooLarge)
    }

    #[inline]
    pub(super) fn slot(&self, path: u32) -> Result<u32, Broken> {
        read_u32(self.out, slot_offset(path)).ok_or(Broken::Malformed)
    }

    /// Appends the projection of a row; gives its offset.
    #[inline]
    pub(super) fn row(&mut self, projection: &Projection, source: &[u8]) -> Result<u32, Broken> {
        let at = self.end;
        if projection.mask.is_empty() {
            return to_u32(at);
        }
        let left = self.limit.min(self.whole.saturating_sub(self.elsewhere));
        let limit = left.checked_sub(self.staged * ENTRY).ok_or(Broken::TooLarge)?;
        self.end = project(self.out, at..limit, projection, source)?;
        to_u32(at)
    }

    /// Appends the bits of templates for which a grant fits, but for words of zeros at the end.
    #[cold]
    pub(super) fn grants(&mut self, words: &[u64]) -> Result<(), Broken> {
        let count = words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        let (words, at) = (words.get(..count).unwrap_or_default(), self.end);
        if words.is_empty() {
            return Ok(());
        }
        let len = count.checked_mul(8).ok_or(Broken::TooLarge)?;
        self.within(len.checked_add(self.staged * ENTRY).ok_or(Broken::TooLarge)?)?;
        let target = self.out.get_mut(at..at + len).ok_or(Broken::TooLarge)?;
        for (target, word) in target.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *target = word.to_le_bytes();
        }
        self.end = at + len;
        self.u32(header::GRANTS, to_u32(at)?)?;
        self.u32(header::GRANTS + 4, to_u32(count)?)
    }

    /// Counts a row that is kept elsewhere.
    #[inline]
    pub(super) fn count(&mut self, len: usize) -> Result<(), Broken> {
        self.elsewhere += len;
        self.within(self.staged * ENTRY)
    }

    /// Whether there is room for so many bytes more.
    #[inline]
    fn within(&self, more: usize) -> Result<(), Broken> {
        let end = self.end + more;
        if end > self.limit || end + self.elsewhere > self.whole {
            return Err(Broken::TooLarge);
        }
        Ok(())
    }

    fn entry_offset(&self, index: usize) -> Result<usize, Broken> {
        self.limit.checked_sub((index + 1) * ENTRY).ok_or(Broken::TooLarge)
    }

    pub(super) fn entry(&self, index: usize) -> Result<DirectoryEntry, Broken> {
        let at = self.entry_offset(index)?;
        let field = |at| read_u32(self.out, at).ok_or(Broken::Malformed);
        let handle = handle_at(self.out, at)?;
        Ok(DirectoryEntry { handle, row: field(at + 16)?, path: field(at + 20)? })
    }

    fn put_entry(&mut self, at: usize, entry: DirectoryEntry) -> Result<(), Broken> {
        let error = Broken::TooLarge;
        let target = self.out.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
        *target.ok_or(error)? = entry.handle.to_bytes();
        self.u32(at + 16, entry.row)?;
        self.u32(at + 20, entry.path)
    }

    pub(super) fn staged_row(&self, handle: Handle) -> Result<Option<u32>, Broken> {
        for index in 0..self.staged {
            let entry = self.entry(index)?;
            if entry.handle == handle {
                return Ok(Some(entry.row));
            }
        }
        Ok(None)
    }

    pub(super) fn push(&mut self, entry: DirectoryEntry) -> Result<(), Broken> {
        self.within((self.staged + 1) * ENTRY)?;
        if self.staged >= DIRECTORY_MAX {
            return Err(Broken::TooLarge);
        }
        let at = self.entry_offset(self.staged)?;
        self.put_entry(at, entry)?;
        self.staged += 1;
        Ok(())
    }

    /// Moves the staged entries behind the rows, ascending by handle, each handle once.
    fn directory(&mut self) -> Result<(), Broken> {
        let start = self.end;
        let mut previous = Handle::NONE;
        let mut count = 0;
        while let Some(next) = self.least_above(previous)? {
            self.within((self.staged + 1) * ENTRY)?;
            let at = self.end;
            self.put_entry(at, DirectoryEntry { path: 0, ..next })?;
            self.end = at + ENTRY;
            previous = next.handle;
            count += 1;
        }
        self.u32(header::DIRECTORY, to_u32(start)?)?;
        self.u32(header::DIRECTORY + 4, count)
    }

    fn least_above(&self, bound: Handle) -> Result<Option<DirectoryEntry>, Broken> {
        let mut least: Option<DirectoryEntry> = None;
        for index in 0..self.staged {
            let entry = self.entry(index)?;
            let is_less = least.is_none_or(|least| entry.handle < least.handle);
            if entry.handle > bound && is_less {
                least = Some(entry);
            }
        }
        Ok(least)
    }

    #[inline]
    pub(super) fn finish(&mut self) -> Result<usize, Broken> {
        if self.staged > 0 {
            self.directory()?;
        }
        self.u32(header::LENGTH, to_u32(self.end)?)?;
        Ok(self.end)
    }
}

/// Writes the projection of a row into a part of `out`: its fixed part, then the content of its
/// descriptors. Gives where it ends.
#[inline]
pub(super) fn project(
    out: &mut [u8],
    room: Range<usize>,
    projection: &Projection,
    source: &[u8],
) -> Result<usize, Broken> {
    let at = room.start;
    let len = projection.mask.len() * 8;
    let words = source.get(..len).ok_or(Broken::Malformed)?;
    let out = out.get_mut(..room.end).ok_or(Broken::TooLarge)?;
    let fixed = out.get_mut(at..at + len).ok_or(Broken::TooLarge)?;
    mask(fixed.as_chunks_mut().0, words.as_chunks().0, &projection.mask);
    let mut end = at + len;
    for &spill in &projection.spills {
        let spill = to_usize(spill);
        let Some(block) = content(source, spill)? else { continue };
        let target = out.get_mut(end..end + block.len()).ok_or(Broken::TooLarge)?;
        copy(target, block);
        let distance = to_u32(end - (at + spill))?;
        write_u32(out, at + spill, distance).ok_or(Broken::Malformed)?;
        end = padded(end + block.len());
    }
    if end <= room.end { Ok(end) } else { Err(Broken::TooLarge) }
}

/// All content that hangs below the descriptor at `spill` of a stored row; none if it is empty.
#[inline]
fn content(source: &[u8], spill: usize) -> Result<Option<&[u8]>, Broken> {
    let distance = to_usize(read_u32(source, spill).ok_or(Broken::Malformed)?);
    if distance == 0 {
        return Ok(None);
    }
    let start = spill + distance;
    let len = start.checked_sub(8).and_then(|word| read_u32(source, word));
    let len = to_usize(len.ok_or(Broken::Malformed)?);
    source.get(start..start + len).map(Some).ok_or(Broken::Malformed)
}

/// Copies words through their masks. A function of its own: its arguments cannot overlap, which the
/// compiler then need not test.
#[inline(never)]
fn mask(target: &mut [[u8; 8]], source: &[[u8; 8]], mask: &[u64]) {
    for ((target, source), mask) in target.iter_mut().zip(source).zip(mask) {
        *target = (u64::from_le_bytes(*source) & mask).to_le_bytes();
    }
}

/// Copies content, most of which is a few words: a loop over these costs less than `memcpy`.
fn copy(target: &mut [u8], source: &[u8]) {
    let (words, rest) = source.as_chunks::<8>();
    let (target, target_rest) = target.as_chunks_mut::<8>();
    for (target, word) in target.iter_mut().zip(words) {
        *target = *word;
    }
    target_rest.copy_from_slice(rest);
}

/// The header's fields that the request decides.
#[inline]
fn start_of_header(
    table: &GatherTable,
    request: &EncodeRequest<'_>,
    environment: &Environment,
) -> [u8; header::SLOTS] {
    let mut fixed = [0; header::SLOTS];
    put(&mut fixed, header::ABI, ABI_VERSION.to_le_bytes());
    put(&mut fixed, header::LAYOUT, table.layout.0);
    put(&mut fixed, header::ACTION, environment.action.to_le_bytes());
    put(&mut fixed, header::ENVIRONMENT, request.environment.to_le_bytes());
    put(&mut fixed, header::PRINCIPAL_TYPE, environment.principal_type.to_le_bytes());
    put(&mut fixed, header::RESOURCE_TYPE, environment.resource_type.to_le_bytes());
    put(&mut fixed, header::PRINCIPAL, request.principal.to_bytes());
    put(&mut fixed, header::RESOURCE, request.resource.to_bytes());
    if let Some(now) = request.now {
        put(&mut fixed, header::NOW, now.to_le_bytes());
        put(&mut fixed, header::CLOCK, 1_u32.to_le_bytes());
    }
    fixed
}

/// Writes a field of the header; `at` is a constant, so nothing is checked at run time.
#[inline]
fn put<const N: usize>(fixed: &mut [u8; header::SLOTS], at: usize, value: [u8; N]) {
    let field = fixed.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
    debug_assert!(field.is_some(), "the header has every field");
    if let Some(field) = field {
        *field = value;
    }
}

#[inline]
pub(super) fn slot_offset(path: u32) -> usize {
    header::SLOTS + to_usize(path) * 4
}

#[inline]
pub(super) fn handle_at(bytes: &[u8], at: usize) -> Result<Handle, Broken> {
    match (read_u64(bytes, at), read_u64(bytes, at + 8)) {
        (Some(low), Some(high)) => Ok(Handle { high, low }),
        _ => Err(Broken::Malformed),
    }
}

#[inline]
pub(super) fn item<T>(items: &[T], index: u32) -> Result<&T, Broken> {
    items.get(to_usize(index)).ok_or(Broken::Malformed)
}

#[inline]
pub(super) fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[inline]
pub(super) fn to_u32(value: usize) -> Result<u32, Broken> {
    u32::try_from(value).map_err(|_| Broken::Malformed)
}
