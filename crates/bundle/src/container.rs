//! The container's bytes: header, head, module, and room for what later versions add.
//!
//! All numbers are little-endian.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 8 | `trapkey` and a zero byte |
//! | 8 | 4 | version of the container: 1 |
//! | 12 | 4 | length of the trailer |
//! | 16 | 32 | BLAKE3-256 of the bytes from offset 48 to the end of the extension |
//! | 48 | 4 | flags: what a reader must understand; none is defined, so all are refused |
//! | 52 | 4 | length of the head |
//! | 56 | 4 | length of the module |
//! | 60 | 4 | length of the extension |
//! | 64 | | head, module, extension, trailer |
//!
//! The extension is empty, or a bundle of its own with the explaining module. The trailer is empty in
//! this version and skipped when read: later versions may put signatures of the digest into it.

use crate::Digest;
use crate::bundle::OpenError;

const MAGIC: [u8; 8] = *b"trapkey\0";
const VERSION: u32 = 1;
const DIGESTED_OFFSET: usize = 48;

/// The parts of a container whose digest is right.
pub(crate) struct Container<'a> {
    pub(crate) digest: Digest,
    pub(crate) head: &'a [u8],
    pub(crate) module: &'a [u8],
    pub(crate) extension: &'a [u8],
}

/// The fixed part, not yet judged.
struct Header {
    magic: [u8; 8],
    version: u32,
    trailer: u32,
    digest: Digest,
    flags: u32,
    head: u32,
    module: u32,
    extension: u32,
}

impl<'a> Container<'a> {
    /// Splits `bytes`; checks magic, version, flags, lengths and digest, in this order.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, OpenError> {
        let mut rest = bytes;
        let Some(header) = Header::take(&mut rest) else {
            return Err(OpenError::Truncated { len: bytes.len() });
        };
        if header.magic != MAGIC {
            return Err(OpenError::Magic);
        }
        if header.version != VERSION {
            return Err(OpenError::Version { found: header.version });
        }
        if header.flags != 0 {
            return Err(OpenError::Flags { found: header.flags });
        }
        let lengths = [header.head, header.module, header.extension, header.trailer];
        let stated = lengths.into_iter().map(u64::from).sum();
        if u64::try_from(rest.len()) != Ok(stated) {
            return Err(OpenError::Lengths { stated, len: rest.len() });
        }
        let parts = Self::split(&header, bytes, rest);
        let Some((digested, head, module, extension)) = parts else {
            return Err(OpenError::Lengths { stated, len: rest.len() });
        };
        let computed = Digest::of(digested);
        if header.digest != computed {
            return Err(OpenError::Digest { stated: header.digest, computed });
        }
        Ok(Self { digest: computed, head, module, extension })
    }

    /// The digested part, the head and the module.
    fn split(header: &Header, bytes: &'a [u8], rest: &'a [u8]) -> Option<Parts<'a>> {
        let (head, rest) = rest.split_at_checked(usize::try_from(header.head).ok()?)?;
        let (module, rest) = rest.split_at_checked(usize::try_from(header.module).ok()?)?;
        let (extension, _) = rest.split_at_checked(usize::try_from(header.extension).ok()?)?;
        let end = bytes.len().checked_sub(usize::try_from(header.trailer).ok()?)?;
        Some((bytes.get(DIGESTED_OFFSET..end)?, head, module, extension))
    }
}

/// What is digested, head, module, extension.
type Parts<'a> = (&'a [u8], &'a [u8], &'a [u8], &'a [u8]);

impl Header {
    fn take(rest: &mut &[u8]) -> Option<Self> {
        Some(Self {
            magic: take(rest)?,
            version: u32::from_le_bytes(take(rest)?),
            trailer: u32::from_le_bytes(take(rest)?),
            digest: Digest(take(rest)?),
            flags: u32::from_le_bytes(take(rest)?),
            head: u32::from_le_bytes(take(rest)?),
            module: u32::from_le_bytes(take(rest)?),
            extension: u32::from_le_bytes(take(rest)?),
        })
    }
}

/// Joins `head` and `module`; absent if a length does not fit its field.
pub(crate) fn write(head: &[u8], module: &[u8], extension: &[u8]) -> Option<Vec<u8>> {
    let head_len = u32::try_from(head.len()).ok()?;
    let module_len = u32::try_from(module.len()).ok()?;
    let extension_len = u32::try_from(extension.len()).ok()?;
    let mut digested = Vec::with_capacity(head.len() + module.len() + extension.len() + 16);
    for word in [0, head_len, module_len, extension_len] {
        digested.extend_from_slice(&word.to_le_bytes());
    }
    digested.extend_from_slice(head);
    digested.extend_from_slice(module);
    digested.extend_from_slice(extension);
    let mut bytes = Vec::with_capacity(DIGESTED_OFFSET + digested.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    bytes.extend_from_slice(&Digest::of(&digested).0);
    bytes.extend_from_slice(&digested);
    Some(bytes)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}
