//! Frames, and the one encoder that writes them: no allocation, every access checked.

mod writer;

use core::ops::Range;

use crate::bytes::read_u32;
use crate::gather::{GatherTable, Path};
use crate::{Handle, KeptRows};
pub use writer::DIRECTORY_MAX;
use writer::{
    Area, DirectoryEntry, Frame, handle_at, item, project, slot_offset, to_u32, to_usize,
};

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
    /// `i64`: the request's instant in milliseconds since 1970-01-01T00:00:00Z; zero if not given.
    pub const NOW: usize = 72;
    /// `u32`: bit 0 is set if the instant is given.
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
    /// Two `u32`: offset and number of `u64` words with a bit for each template, by its ordinal
    /// among the module's templates, for which a live grant fits the request; both are zero if
    /// there is none, and the last word is not zero. The words follow the context's row.
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
    /// The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub now: Option<i64>,
    /// A bit for each template for which a live grant fits; words at the end may be left out.
    pub grants: &'a [u64],
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
    encode_into(table, request, rows, Area { out, limit, whole: limit, kept: None })
        .map_err(|broken| broken.error(limit, request))
}

/// Writes the frame of `request` to a part of the area for frames, but for rows that are kept there
/// already or can be from now on; gives its length in bytes.
///
/// # Errors
///
/// [`EncodeError`]; the part then holds no frame. Rows that are kept count, so that whether a frame
/// is too large does not depend on what was encoded before.
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
    let whole = kept.frame_bytes_max();
    encode_into(table, request, rows, Area { out, limit, whole, kept: Some((kept, frame.start)) })
        .map_err(|broken| broken.error(limit, request))
}

#[inline]
fn encode_into<R: Rows>(
    table: &GatherTable,
    request: &EncodeRequest<'_>,
    rows: &R,
    area: Area<'_>,
) -> Result<usize, Broken> {
    let environment = usize::try_from(request.environment)
        .ok()
        .and_then(|index| table.environments.get(index))
        .ok_or(Broken::UnknownEnvironment)?;
    let mut frame = Frame::start(table, request, environment, area)?;
    frame.row(item(&table.contexts, environment.context)?, request.context)?;
    if !request.grants.is_empty() {
        frame.grants(request.grants)?;
    }
    let mut walk = Walk { frame: &mut frame, table, rows, epoch: rows.epoch() };
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
    frame.finish()
}

/// Why no frame was written: an [`EncodeError`] that fits in a register.
#[derive(Clone, Copy)]
enum Broken {
    TooLarge,
    UnknownEnvironment,
    Malformed,
}

impl Broken {
    #[cold]
    fn error(self, capacity: usize, request: &EncodeRequest<'_>) -> EncodeError {
        match self {
            Self::TooLarge => EncodeError::TooLarge { capacity },
            Self::UnknownEnvironment => {
                EncodeError::UnknownEnvironment { environment: request.environment }
            }
            Self::Malformed => EncodeError::Malformed,
        }
    }
}

/// Where the handles lie in a row's tags.
#[derive(Clone, Copy)]
struct Tags {
    offset: u32,
    stride: u32,
    handle: u32,
}

/// Following paths while a frame is written.
struct Walk<'t, 'f, 'o, R> {
    frame: &'f mut Frame<'o>,
    table: &'t GatherTable,
    rows: &'t R,
    epoch: u64,
}

impl<R: Rows> Walk<'_, '_, '_, R> {
    /// Puts the row of the one entity of a path into its slot.
    #[inline]
    fn single(&mut self, path: u32, handle: Handle) -> Result<(), Broken> {
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
    fn find(&mut self, handle: Handle) -> Result<u32, Broken> {
        if self.epoch != 0
            && let Some((kept, base)) = &self.frame.kept
            && let Some((at, len)) = kept.find(handle, self.epoch)
        {
            let base = *base;
            self.frame.count(to_usize(len))?;
            return relative(at, base);
        }
        self.look_up(handle)
    }

    #[inline(never)]
    fn look_up(&mut self, handle: Handle) -> Result<u32, Broken> {
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
        if let Some((at, len)) = kept.renew(handle, row.version, self.epoch) {
            self.frame.count(to_usize(len))?;
            return relative(at, base);
        }
        let Range { start, end } = kept.free();
        let (Some(start), Some(end)) = (start.checked_sub(base), end.checked_sub(base)) else {
            return Err(Broken::Malformed);
        };
        match project(self.frame.out, start..end, projection, row.bytes) {
            Ok(end) => {
                kept.keep(handle, row.version, self.epoch, end + base);
                self.frame.count(end - start)?;
                to_u32(start)
            }
            Err(Broken::TooLarge) => {
                kept.fill();
                self.frame.row(projection, row.bytes)
            }
            Err(broken) => Err(broken),
        }
    }

    fn row(&mut self, path: u32, of: u32, offset: usize) -> Result<(), Broken> {
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

    fn tags(&mut self, path: u32, of: u32, tags: Tags) -> Result<(), Broken> {
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

    fn tags_of(&mut self, path: u32, row: u32, tags: Tags) -> Result<(), Broken> {
        let descriptor = to_usize(row) + to_usize(tags.offset);
        let field = |at| read_u32(self.frame.out, at).ok_or(Broken::Malformed);
        let content = descriptor + to_usize(field(descriptor)?);
        for index in 0..to_usize(field(descriptor + 4)?) {
            let at = content + index * to_usize(tags.stride) + to_usize(tags.handle);
            let handle = handle_at(self.frame.out, at)?;
            self.stage(path, handle)?;
        }
        Ok(())
    }

    /// Adds the row of one of a path's entities to the directory.
    fn stage(&mut self, path: u32, handle: Handle) -> Result<(), Broken> {
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

/// The offset from a frame of what is kept at an offset of the area, whose 0 stands for nothing.
#[inline]
fn relative(at: u32, base: usize) -> Result<u32, Broken> {
    match at {
        0 => Ok(0),
        at => to_u32(to_usize(at).checked_sub(base).ok_or(Broken::Malformed)?),
    }
}
