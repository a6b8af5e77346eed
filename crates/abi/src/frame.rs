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
/// Bytes of `out` beyond the frame are left as they are; every byte of the frame is written.
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
    let context_offset = table.context_offset();
    let mut frame = Frame { end: context_offset, out };
    frame.start(table, context_offset)?;
    frame.u32(header::ACTION, environment.action)?;
    frame.u32(header::ENVIRONMENT, request.environment)?;
    frame.u32(header::PRINCIPAL_TYPE, environment.principal_type)?;
    frame.u32(header::RESOURCE_TYPE, environment.resource_type)?;
    frame.bytes(header::PRINCIPAL, &request.principal.to_bytes())?;
    frame.bytes(header::RESOURCE, &request.resource.to_bytes())?;
    let context = item(&table.contexts, environment.context)?;
    frame.row(context, request.context)?;
    for &path in &environment.paths {
        let handle = match *item(&table.paths, path)? {
            Path::Principal => request.principal,
            Path::Resource => request.resource,
            Path::Literal { handle } => handle,
            Path::Context { offset } => handle_at(request.context, to_usize(offset))?,
            Path::Row { of, offset } => match frame.slot(of)? {
                0 => Handle::NONE,
                row => frame.handle(to_usize(row) + to_usize(offset))?,
            },
            Path::Tags { .. } => return Err(EncodeError::Malformed),
        };
        if handle == Handle::NONE {
            continue;
        }
        let Some(row) = rows.row(handle) else { continue };
        let at = frame.row(item(&table.entity_types, row.entity_type)?, row.bytes)?;
        frame.u32(header::SLOTS + to_usize(path) * 4, at)?;
    }
    frame.finish()
}

/// A frame being written: `end` bytes so far.
struct Frame<'o> {
    out: &'o mut [u8],
    end: usize,
}

impl Frame<'_> {
    fn too_large(&self) -> EncodeError {
        EncodeError::TooLarge { capacity: self.out.len() }
    }

    fn bytes(&mut self, at: usize, source: &[u8]) -> Result<(), EncodeError> {
        write(self.out, at, source).ok_or(EncodeError::TooLarge { capacity: self.out.len() })
    }

    fn u32(&mut self, at: usize, value: u32) -> Result<(), EncodeError> {
        self.bytes(at, &value.to_le_bytes())
    }

    /// Header fields that depend on the module alone, and empty slots.
    fn start(&mut self, table: &GatherTable, context_offset: usize) -> Result<(), EncodeError> {
        let error = self.too_large();
        self.out.get_mut(..context_offset).ok_or(error)?.fill(0);
        self.u32(header::ABI, ABI_VERSION)?;
        self.bytes(header::LAYOUT, &table.layout.0)?;
        self.u32(header::SLOT_COUNT, to_u32(table.paths.len())?)?;
        self.u32(header::CONTEXT, to_u32(context_offset)?)
    }

    fn slot(&self, path: u32) -> Result<u32, EncodeError> {
        read_u32(self.out, header::SLOTS + to_usize(path) * 4).ok_or(EncodeError::Malformed)
    }

    fn handle(&self, at: usize) -> Result<Handle, EncodeError> {
        handle_at(self.out, at)
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

    fn finish(mut self) -> Result<usize, EncodeError> {
        let len = to_u32(self.end)?;
        self.u32(header::LENGTH, len)?;
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
