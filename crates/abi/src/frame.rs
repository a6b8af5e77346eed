//! Frames, and the one encoder that writes them: no allocation, every access checked.

use crate::bytes::{padded, read_u32, read_u64, write, write_u32};
use crate::gather::{GatherTable, Path, Projection};
use crate::{ABI_VERSION, Handle};

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
}

/// A stored row.
#[derive(Clone, Copy, Debug)]
pub struct RowRef<'a> {
    /// Index of the entity's type in the schema.
    pub entity_type: u32,
    /// The row's bytes, as [`Row`](crate::Row) wrote them.
    pub bytes: &'a [u8],
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
    let environment = usize::try_from(request.environment)
        .ok()
        .and_then(|index| table.environments.get(index))
        .ok_or(EncodeError::UnknownEnvironment { environment: request.environment })?;
    let mut frame = Frame::start(table, out)?;
    frame.u32(header::ACTION, environment.action)?;
    frame.u32(header::ENVIRONMENT, request.environment)?;
    frame.u32(header::PRINCIPAL_TYPE, environment.principal_type)?;
    frame.u32(header::RESOURCE_TYPE, environment.resource_type)?;
    frame.bytes(header::PRINCIPAL, &request.principal.to_bytes())?;
    frame.bytes(header::RESOURCE, &request.resource.to_bytes())?;
    frame.row(item(&table.contexts, environment.context)?, request.context)?;
    let mut walk = Walk { frame, table, rows };
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
}

impl<R: Rows> Walk<'_, '_, R> {
    /// Puts the row of the one entity of a path into its slot.
    fn single(&mut self, path: u32, handle: Handle) -> Result<(), EncodeError> {
        if handle == Handle::NONE {
            return Ok(());
        }
        let Some(row) = self.rows.row(handle) else {
            return Ok(());
        };
        let at = self.frame.row(item(&self.table.entity_types, row.entity_type)?, row.bytes)?;
        self.frame.u32(header::SLOTS + to_usize(path) * 4, at)
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
        let row = if let Some(row) = self.frame.staged_row(handle)? {
            row
        } else {
            let Some(row) = self.rows.row(handle) else {
                return Ok(());
            };
            let projection = item(&self.table.entity_types, row.entity_type)?;
            self.frame.row(projection, row.bytes)?
        };
        self.frame.push(DirectoryEntry { handle, row, path })
    }
}

/// Bytes of an entry of the directory.
const ENTRY: usize = 24;

/// Rows that tags may lead to in one frame; each is compared with all before it.
pub const DIRECTORY_MAX: usize = 1024;

/// An entry of the directory; the path is that by which the row was found, zero when finished.
#[derive(Clone, Copy)]
struct DirectoryEntry {
    handle: Handle,
    row: u32,
    path: u32,
}

/// A frame being written: `end` bytes so far, and `staged` entries of the directory at the end of
/// `out`, the first one last.
struct Frame<'o> {
    out: &'o mut [u8],
    end: usize,
    staged: usize,
}

impl<'o> Frame<'o> {
    /// Header fields that depend on the module alone, and empty slots.
    fn start(table: &GatherTable, out: &'o mut [u8]) -> Result<Self, EncodeError> {
        let end = table.context_offset();
        let capacity = out.len();
        out.get_mut(..end).ok_or(EncodeError::TooLarge { capacity })?.fill(0);
        let mut frame = Self { out, end, staged: 0 };
        frame.u32(header::ABI, ABI_VERSION)?;
        frame.bytes(header::LAYOUT, &table.layout.0)?;
        frame.u32(header::SLOT_COUNT, to_u32(table.paths.len())?)?;
        frame.u32(header::CONTEXT, to_u32(end)?)?;
        Ok(frame)
    }

    fn too_large(&self) -> EncodeError {
        EncodeError::TooLarge { capacity: self.out.len() }
    }

    fn bytes(&mut self, at: usize, source: &[u8]) -> Result<(), EncodeError> {
        write(self.out, at, source).ok_or(EncodeError::TooLarge { capacity: self.out.len() })
    }

    fn u32(&mut self, at: usize, value: u32) -> Result<(), EncodeError> {
        self.bytes(at, &value.to_le_bytes())
    }

    fn slot(&self, path: u32) -> Result<u32, EncodeError> {
        read_u32(self.out, header::SLOTS + to_usize(path) * 4).ok_or(EncodeError::Malformed)
    }

    /// Appends the projection of a row; gives its offset.
    fn row(&mut self, projection: &Projection, source: &[u8]) -> Result<u32, EncodeError> {
        let at = self.end;
        let len = projection.mask.len() * 8;
        let error = self.too_large();
        let fixed = self.out.get_mut(at..at + len).ok_or(error)?;
        let words = source.get(..len).ok_or(EncodeError::Malformed)?;
        let pairs = fixed.as_chunks_mut::<8>().0.iter_mut().zip(words.as_chunks::<8>().0);
        for ((target, source), mask) in pairs.zip(&projection.mask) {
            *target = (u64::from_le_bytes(*source) & mask).to_le_bytes();
        }
        self.end = at + len;
        for &spill in &projection.spills {
            self.spill(at, to_usize(spill), source)?;
        }
        if self.end + self.staged * ENTRY > self.out.len() {
            return Err(self.too_large());
        }
        to_u32(at)
    }

    /// Appends the content of the descriptor at `spill` and points the copied descriptor to it.
    fn spill(&mut self, row: usize, spill: usize, source: &[u8]) -> Result<(), EncodeError> {
        let distance = to_usize(read_u32(source, spill).ok_or(EncodeError::Malformed)?);
        if distance == 0 {
            return Ok(());
        }
        let content = spill + distance;
        let len = content
            .checked_sub(8)
            .and_then(|word| read_u32(source, word))
            .map(to_usize)
            .ok_or(EncodeError::Malformed)?;
        let block = source.get(content..content + len).ok_or(EncodeError::Malformed)?;
        let at = self.end;
        self.bytes(at, block)?;
        self.end = padded(at + len);
        let distance = to_u32(at - (row + spill))?;
        write_u32(self.out, row + spill, distance).ok_or(EncodeError::Malformed)
    }

    fn entry_offset(&self, index: usize) -> Result<usize, EncodeError> {
        self.out.len().checked_sub((index + 1) * ENTRY).ok_or(self.too_large())
    }

    fn entry(&self, index: usize) -> Result<DirectoryEntry, EncodeError> {
        let at = self.entry_offset(index)?;
        let field = |at| read_u32(self.out, at).ok_or(EncodeError::Malformed);
        let handle = handle_at(self.out, at)?;
        Ok(DirectoryEntry { handle, row: field(at + 16)?, path: field(at + 20)? })
    }

    fn put_entry(&mut self, at: usize, entry: DirectoryEntry) -> Result<(), EncodeError> {
        self.bytes(at, &entry.handle.to_bytes())?;
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

    fn finish(mut self) -> Result<usize, EncodeError> {
        if self.staged > 0 {
            self.directory()?;
        }
        self.u32(header::LENGTH, to_u32(self.end)?)?;
        if self.end > self.out.len() {
            return Err(self.too_large());
        }
        Ok(self.end)
    }
}

fn handle_at(bytes: &[u8], at: usize) -> Result<Handle, EncodeError> {
    match (read_u64(bytes, at), read_u64(bytes, at + 8)) {
        (Some(low), Some(high)) => Ok(Handle { high, low }),
        _ => Err(EncodeError::Malformed),
    }
}

fn item<T>(items: &[T], index: u32) -> Result<&T, EncodeError> {
    items.get(to_usize(index)).ok_or(EncodeError::Malformed)
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn to_u32(value: usize) -> Result<u32, EncodeError> {
    u32::try_from(value).map_err(|_| EncodeError::Malformed)
}
