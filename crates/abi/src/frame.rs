//! Frames, and the one encoder that writes them: no allocation, every access checked.

use core::ops::Range;

use crate::bytes::{padded, read_u32, read_u64, write_u32};
use crate::gather::{Environment, GatherTable, Path, Projection};
use crate::{ABI_VERSION, Handle, KeptRows};

/// Offsets in bytes of the parts of a frame.
pub mod header {
    /// `u32`: the contract's version.
    pub const ABI: usize = 0;
    /// `u32`: length of the frame in bytes.
    pub const LENGTH: usize = 4;
    /// 16 bytes: digest of the layout.
    pub const LAYOUT: usize = 8;
    /// `u32`: index of the action in the schema.
    pub const ACTION: usize = 24;
    /// `u32`: number of the request environment in the gather table.
    pub const ENVIRONMENT: usize = 28;
    /// `u32`: index of the principal's type in the schema.
    pub const PRINCIPAL_TYPE: usize = 32;
    /// `u32`: index of the resource's type in the schema.
    pub const RESOURCE_TYPE: usize = 36;
    /// 16 bytes: the principal's handle.
    pub const PRINCIPAL: usize = 40;
    /// 16 bytes: the resource's handle.
    pub const RESOURCE: usize = 56;
    /// `i64`: the host's time in milliseconds since 1970-01-01T00:00:00Z; zero if not given.
    pub const NOW: usize = 72;
    /// `u32`: bit 0 is set if the time is given.
    pub const CLOCK: usize = 80;
    /// `u32`: number of slots.
    pub const SLOT_COUNT: usize = 84;
    /// `u32`: offset of the context's row.
    pub const CONTEXT: usize = 88;
    /// Two `u32`: offset and number of the module's literal indexes (`u32`, ascending) that are
    /// the principal or one of its ancestors; zero if the host does not dispatch.
    pub const PRINCIPAL_KEYS: usize = 92;
    /// Two `u32`: the same for the resource.
    pub const RESOURCE_KEYS: usize = 100;
    /// Two `u32`: offset and number of grants that may matter.
    pub const GRANTS: usize = 108;
    /// Two `u32`: offset and number of the directory's entries (handle, `u32` row, `u32` zero),
    /// ascending by handle: the rows reached through tags.
    pub const DIRECTORY: usize = 116;
    /// Where the slots begin: one `u32` per path, the offset of the entity's row from the start
    /// of the frame, or zero if there is no such entity. The context's row follows, then rows.
    pub const SLOTS: usize = 128;
}

/// Where the encoder finds rows.
pub trait Rows {
    /// The row of the entity with this handle, if the store has it.
    fn row(&self, handle: Handle) -> Option<RowRef<'_>>;

    /// The number of this content of the store, which no other content has that is encoded with
    /// the same [`KeptRows`]; 0 if there is none, and then every row is looked up.
    fn epoch(&self) -> u64 {
        0
    }
}

/// A stored row.
#[derive(Clone, Copy, Debug)]
pub struct RowRef<'a> {
    /// Index of the entity's type in the schema.
    pub entity_type: u32,
    /// The row's bytes, as [`Row`](crate::Row) wrote them.
    pub bytes: &'a [u8],
    /// The row's [`version`](crate::Row::version), the same for no other row of its type; 0 if the
    /// store has none, and then the row is copied into each frame.
    pub version: u128,
}

/// What a frame is encoded from.
#[derive(Clone, Copy, Debug)]
pub struct EncodeRequest<'a> {
    /// Number of the environment in the gather table.
    pub environment: u32,
    /// The principal.
    pub principal: Handle,
    /// The resource.
    pub resource: Handle,
    /// The context's row.
    pub context: &'a [u8],
}

/// Why no frame was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The frame needs more bytes than there are.
    TooLarge {
        /// Bytes there are.
        capacity: usize,
    },
    /// The gather table has no such environment.
    UnknownEnvironment {
        /// The number that was given.
        environment: u32,
    },
    /// A row or the gather table does not fit the layout.
    Malformed,
}

impl core::fmt::Display for EncodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooLarge { capacity } => {
                write!(f, "frame does not fit in {capacity} bytes")
            }
            Self::UnknownEnvironment { environment } => {
                write!(f, "the module has no request environment {environment}")
            }
            Self::Malformed => f.write_str("row does not fit the layout"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// Writes the frame of `request` to the start of `out` and gives its length in bytes.
///
/// Every byte of the frame is written; the end of `out` may be used as working space.
///
/// # Errors
///
/// [`EncodeError`]; `out` then holds no frame.
pub fn encode<R: Rows>(
    table: &GatherTable,
    request: &EncodeRequest<'_>,
    rows: &R,
    out: &mut [u8],
) -> Result<usize, EncodeError> {
    let limit = out.len();
    encode_into(table, request, rows, Area { out, limit, kept: None })
}

/// Writes the frame of `request` to a part of the area for frames, but for rows that are kept there
/// already or can be from now on; gives its length in bytes.
///
/// # Errors
///
/// [`EncodeError`]; the part then holds no frame.
#[inline]
pub fn encode_keeping<R: Rows>(
    table: &GatherTable,
    request: &EncodeRequest<'_>,
    rows: &R,
    (area, frame): (&mut [u8], Range<usize>),
    kept: &mut KeptRows,
) -> Result<usize, EncodeError> {
    let limit = frame.len();
    let out = area.get_mut(frame.start..).ok_or(EncodeError::TooLarge { capacity: 0 })?;
    if limit > out.len() {
        return Err(EncodeError::TooLarge { capacity: out.len() });
    }
    encode_into(table, request, rows, Area { out, limit, kept: Some((kept, frame.start)) })
}

#[inline]
fn encode_into<R: Rows>(
    table: &GatherTable,
    request: &EncodeRequest<'_>,
    rows: &R,
    area: Area<'_>,
) -> Result<usize, EncodeError> {
    let environment = usize::try_from(request.environment)
        .ok()
        .and_then(|index| table.environments.get(index))
        .ok_or(EncodeError::UnknownEnvironment { environment: request.environment })?;
    let mut frame = Frame::start(table, request, environment, area)?;
    frame.row(item(&table.contexts, environment.context)?, request.context)?;
    let mut walk = Walk { frame, table, rows, epoch: rows.epoch() };
    for &path in &environment.paths {
        match *item(&table.paths, path)? {
            Path::Principal => walk.single(path, request.principal)?,
            Path::Resource => walk.single(path, request.resource)?,
            Path::Literal { handle } => walk.single(path, handle)?,
            Path::Context { offset } => {
                walk.single(path, handle_at(request.context, to_usize(offset))?)?;
            }
            Path::Row { of, offset } => walk.row(path, of, to_usize(offset))?,
            Path::Tags { of, offset, stride, handle } => {
                let tags = Tags { offset, stride, handle };
                walk.tags(path, of, tags)?;
            }
        }
    }
    walk.frame.finish()
}

/// Where the handles lie in a row's tags.
#[derive(Clone, Copy)]
struct Tags {
    offset: u32,
    stride: u32,
    handle: u32,
}

/// Following paths while a frame is written.
struct Walk<'t, 'o, R> {
    frame: Frame<'o>,
    table: &'t GatherTable,
    rows: &'t R,
    epoch: u64,
}

impl<R: Rows> Walk<'_, '_, R> {
    /// Puts the row of the one entity of a path into its slot.
    #[inline]
    fn single(&mut self, path: u32, handle: Handle) -> Result<(), EncodeError> {
        if handle == Handle::NONE {
            return Ok(());
        }
        match self.find(handle)? {
            0 => Ok(()),
            at => self.frame.u32(slot_offset(path), at),
        }
    }

    /// The offset of an entity's row, which is written if it is not there yet; 0 if there is none.
    #[inline]
    fn find(&mut self, handle: Handle) -> Result<u32, EncodeError> {
        if self.epoch != 0
            && let Some((kept, base)) = &self.frame.kept
            && let Some(at) = kept.find(handle, self.epoch)
        {
            return relative(at, *base);
        }
        self.look_up(handle)
    }

    #[inline(never)]
    fn look_up(&mut self, handle: Handle) -> Result<u32, EncodeError> {
        let Some(row) = self.rows.row(handle) else {
            if let Some((kept, _)) = self.frame.kept.as_mut().filter(|_| self.epoch != 0) {
                kept.keep_absent(handle, self.epoch);
            }
            return Ok(0);
        };
        let projection = item(&self.table.entity_types, row.entity_type)?;
        let Some((kept, base)) = self.frame.kept.as_mut().filter(|_| row.version != 0) else {
            return self.frame.row(projection, row.bytes);
        };
        let base = *base;
        if let Some(at) = kept.renew(handle, row.version, self.epoch) {
            return relative(at, base);
        }
        let Range { start, end } = kept.free();
        let (Some(start), Some(end)) = (start.checked_sub(base), end.checked_sub(base)) else {
            return Err(EncodeError::Malformed);
        };
        match project(self.frame.out, start..end, projection, row.bytes)? {
            Some(end) => {
                kept.keep(handle, row.version, self.epoch, end + base);
                to_u32(start)
            }
            None => {
                kept.fill();
                self.frame.row(projection, row.bytes)
            }
        }
    }

    fn row(&mut self, path: u32, of: u32, offset: usize) -> Result<(), EncodeError> {
        match self.frame.slot(of)? {
            0 => {
                for index in 0..self.frame.staged {
                    let entry = self.frame.entry(index)?;
                    if entry.path == of {
                        let handle = handle_at(self.frame.out, to_usize(entry.row) + offset)?;
                        self.stage(path, handle)?;
                    }
                }
                Ok(())
            }
            row => {
                let handle = handle_at(self.frame.out, to_usize(row) + offset)?;
                self.single(path, handle)
            }
        }
    }

    fn tags(&mut self, path: u32, of: u32, tags: Tags) -> Result<(), EncodeError> {
        match self.frame.slot(of)? {
            0 => {
                for index in 0..self.frame.staged {
                    let entry = self.frame.entry(index)?;
                    if entry.path == of {
                        self.tags_of(path, entry.row, tags)?;
                    }
                }
                Ok(())
            }
            row => self.tags_of(path, row, tags),
        }
    }

    fn tags_of(&mut self, path: u32, row: u32, tags: Tags) -> Result<(), EncodeError> {
        let descriptor = to_usize(row) + to_usize(tags.offset);
        let field = |at| read_u32(self.frame.out, at).ok_or(EncodeError::Malformed);
        let content = descriptor + to_usize(field(descriptor)?);
        for index in 0..to_usize(field(descriptor + 4)?) {
            let at = content + index * to_usize(tags.stride) + to_usize(tags.handle);
            let handle = handle_at(self.frame.out, at)?;
            self.stage(path, handle)?;
        }
        Ok(())
    }

    /// Adds the row of one of a path's entities to the directory.
    fn stage(&mut self, path: u32, handle: Handle) -> Result<(), EncodeError> {
        if handle == Handle::NONE {
            return Ok(());
        }
        let row = match self.frame.staged_row(handle)? {
            Some(row) => row,
            None => self.find(handle)?,
        };
        match row {
            0 => Ok(()),
            row => self.frame.push(DirectoryEntry { handle, row, path }),
        }
    }
}

/// Bytes of an entry of the directory.
const ENTRY: usize = 24;

/// Rows that tags may lead to in one frame; each is compared with all before it.
const DIRECTORY_MAX: usize = 1024;

/// An entry of the directory; the path is that by which the row was found, zero when finished.
#[derive(Clone, Copy)]
struct DirectoryEntry {
    handle: Handle,
    row: u32,
    path: u32,
}

/// Where a frame goes: the first `limit` bytes of `out`, and rows that are kept behind these, whose
/// offsets count from so many bytes before `out`.
struct Area<'o> {
    out: &'o mut [u8],
    limit: usize,
    kept: Option<(&'o mut KeptRows, usize)>,
}

/// A frame being written: `end` bytes so far, and `staged` entries of the directory at the end of
/// the first `limit` bytes of `out`, the first one last.
struct Frame<'o> {
    out: &'o mut [u8],
    limit: usize,
    kept: Option<(&'o mut KeptRows, usize)>,
    end: usize,
    staged: usize,
}

impl<'o> Frame<'o> {
    /// The header, which lacks its length, and empty slots.
    #[inline]
    fn start(
        table: &GatherTable,
        request: &EncodeRequest<'_>,
        environment: &Environment,
        Area { out, limit, kept }: Area<'o>,
    ) -> Result<Self, EncodeError> {
        let end = table.context_offset();
        let head = out.get_mut(..limit).and_then(|frame| frame.get_mut(..end));
        let head = head.ok_or(EncodeError::TooLarge { capacity: limit })?;
        let (fixed, slots) = head.split_first_chunk_mut().ok_or(EncodeError::Malformed)?;
        let slot_count = to_u32(table.paths.len())?;
        *fixed = start_of_header(table, request, environment);
        put(fixed, header::SLOT_COUNT, slot_count.to_le_bytes());
        put(fixed, header::CONTEXT, to_u32(end)?.to_le_bytes());
        slots.fill(0);
        Ok(Self { out, limit, kept, end, staged: 0 })
    }

    #[inline]
    fn too_large(&self) -> EncodeError {
        EncodeError::TooLarge { capacity: self.limit }
    }

    #[inline]
    fn u32(&mut self, at: usize, value: u32) -> Result<(), EncodeError> {
        write_u32(self.out, at, value).ok_or(EncodeError::TooLarge { capacity: self.limit })
    }

    #[inline]
    fn slot(&self, path: u32) -> Result<u32, EncodeError> {
        read_u32(self.out, slot_offset(path)).ok_or(EncodeError::Malformed)
    }

    /// Appends the projection of a row; gives its offset.
    #[inline]
    fn row(&mut self, projection: &Projection, source: &[u8]) -> Result<u32, EncodeError> {
        let at = self.end;
        let staged = self.staged * ENTRY;
        let limit = self.limit.checked_sub(staged).ok_or(self.too_large())?;
        let error = self.too_large();
        self.end = project(self.out, at..limit, projection, source)?.ok_or(error)?;
        to_u32(at)
    }

    fn entry_offset(&self, index: usize) -> Result<usize, EncodeError> {
        self.limit.checked_sub((index + 1) * ENTRY).ok_or(self.too_large())
    }

    fn entry(&self, index: usize) -> Result<DirectoryEntry, EncodeError> {
        let at = self.entry_offset(index)?;
        let field = |at| read_u32(self.out, at).ok_or(EncodeError::Malformed);
        let handle = handle_at(self.out, at)?;
        Ok(DirectoryEntry { handle, row: field(at + 16)?, path: field(at + 20)? })
    }

    fn put_entry(&mut self, at: usize, entry: DirectoryEntry) -> Result<(), EncodeError> {
        let error = self.too_large();
        let target = self.out.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
        *target.ok_or(error)? = entry.handle.to_bytes();
        self.u32(at + 16, entry.row)?;
        self.u32(at + 20, entry.path)
    }

    fn staged_row(&self, handle: Handle) -> Result<Option<u32>, EncodeError> {
        for index in 0..self.staged {
            let entry = self.entry(index)?;
            if entry.handle == handle {
                return Ok(Some(entry.row));
            }
        }
        Ok(None)
    }

    fn push(&mut self, entry: DirectoryEntry) -> Result<(), EncodeError> {
        let at = self.entry_offset(self.staged)?;
        if at < self.end || self.staged >= DIRECTORY_MAX {
            return Err(self.too_large());
        }
        self.put_entry(at, entry)?;
        self.staged += 1;
        Ok(())
    }

    /// Moves the staged entries behind the rows, ascending by handle, each handle once.
    fn directory(&mut self) -> Result<(), EncodeError> {
        let start = self.end;
        let mut previous = Handle::NONE;
        let mut count = 0;
        while let Some(next) = self.least_above(previous)? {
            let at = self.end;
            if at + ENTRY > self.entry_offset(self.staged - 1)? {
                return Err(self.too_large());
            }
            self.put_entry(at, DirectoryEntry { path: 0, ..next })?;
            self.end = at + ENTRY;
            previous = next.handle;
            count += 1;
        }
        self.u32(header::DIRECTORY, to_u32(start)?)?;
        self.u32(header::DIRECTORY + 4, count)
    }

    fn least_above(&self, bound: Handle) -> Result<Option<DirectoryEntry>, EncodeError> {
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
    fn finish(mut self) -> Result<usize, EncodeError> {
        if self.staged > 0 {
            self.directory()?;
        }
        self.u32(header::LENGTH, to_u32(self.end)?)?;
        Ok(self.end)
    }
}

/// The offset from a frame of what is kept at an offset of the area, whose 0 stands for nothing.
#[inline]
fn relative(at: u32, base: usize) -> Result<u32, EncodeError> {
    match at {
        0 => Ok(0),
        at => to_u32(to_usize(at).checked_sub(base).ok_or(EncodeError::Malformed)?),
    }
}

/// Writes the projection of a row into a part of `out`: its fixed part, then the content of its
/// descriptors. Gives where it ends, or nothing if there is no room.
#[inline]
fn project(
    out: &mut [u8],
    room: Range<usize>,
    projection: &Projection,
    source: &[u8],
) -> Result<Option<usize>, EncodeError> {
    let at = room.start;
    let len = projection.mask.len() * 8;
    let words = source.get(..len).ok_or(EncodeError::Malformed)?;
    let Some(out) = out.get_mut(..room.end) else { return Ok(None) };
    let Some(fixed) = out.get_mut(at..at + len) else { return Ok(None) };
    mask(fixed.as_chunks_mut().0, words.as_chunks().0, &projection.mask);
    let mut end = at + len;
    for &spill in &projection.spills {
        let spill = to_usize(spill);
        let Some(block) = content(source, spill)? else { continue };
        let Some(target) = out.get_mut(end..end + block.len()) else { return Ok(None) };
        copy(target, block);
        let distance = to_u32(end - (at + spill))?;
        write_u32(out, at + spill, distance).ok_or(EncodeError::Malformed)?;
        end = padded(end + block.len());
    }
    Ok((end <= room.end).then_some(end))
}

/// All content that hangs below the descriptor at `spill` of a stored row; none if it is empty.
#[inline]
fn content(source: &[u8], spill: usize) -> Result<Option<&[u8]>, EncodeError> {
    let distance = to_usize(read_u32(source, spill).ok_or(EncodeError::Malformed)?);
    if distance == 0 {
        return Ok(None);
    }
    let start = spill + distance;
    let len = start.checked_sub(8).and_then(|word| read_u32(source, word));
    let len = to_usize(len.ok_or(EncodeError::Malformed)?);
    source.get(start..start + len).map(Some).ok_or(EncodeError::Malformed)
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
fn slot_offset(path: u32) -> usize {
    header::SLOTS + to_usize(path) * 4
}

#[inline]
fn handle_at(bytes: &[u8], at: usize) -> Result<Handle, EncodeError> {
    match (read_u64(bytes, at), read_u64(bytes, at + 8)) {
        (Some(low), Some(high)) => Ok(Handle { high, low }),
        _ => Err(EncodeError::Malformed),
    }
}

#[inline]
fn item<T>(items: &[T], index: u32) -> Result<&T, EncodeError> {
    items.get(to_usize(index)).ok_or(EncodeError::Malformed)
}

#[inline]
fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[inline]
fn to_u32(value: usize) -> Result<u32, EncodeError> {
    u32::try_from(value).map_err(|_| EncodeError::Malformed)
}
