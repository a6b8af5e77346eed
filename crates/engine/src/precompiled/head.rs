//! The artefact's bytes: a header, then what the runtime made of the module.
//!
//! All numbers are little-endian, texts are padded with zeros.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 8 | `trapkeyc`, whose last letter stands for code |
//! | 8 | 4 | version of the header: 1 |
//! | 12 | 4 | length of the code |
//! | 16 | 32 | BLAKE3-256 of all bytes from offset 48 on |
//! | 48 | 4 | flags: bit 0, the code relies on signal handlers; all others are refused |
//! | 52 | 28 | version of the engine |
//! | 80 | 48 | target |
//! | 128 | 32 | digest of the bundle |
//! | 160 | | code |

use trapkey_bundle::Digest;

use super::{PrecompiledError, Target};

/// Largest artefact in bytes: native code is up to eight times as long as the longest module.
pub const PRECOMPILED_BYTES_MAX: usize = 128 * 1024 * 1024;

const MAGIC: [u8; 8] = *b"trapkeyc";
const VERSION: u32 = 1;
const SIGNAL_HANDLERS: u32 = 1;
const DIGESTED_OFFSET: usize = 48;
const ENGINE_OFFSET: usize = 52;
const ENGINE_BYTES: usize = 28;
const TARGET_OFFSET: usize = ENGINE_OFFSET + ENGINE_BYTES;
const TARGET_BYTES: usize = 48;
#[cfg(feature = "cranelift")]
const HEAD_BYTES: usize = 160;

/// What an artefact says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrecompiledHead<'a> {
    /// Version of the engine that has made it, which alone can load it.
    pub engine: &'a str,
    /// What its code runs on.
    pub target: Target,
    /// Whether the code relies on signal handlers, see [`Options::signal_handlers`](crate::Options::signal_handlers).
    pub signal_handlers: bool,
    /// Digest of the bundle whose module it is.
    pub bundle: Digest,
    /// Length of the code in bytes.
    pub code_bytes: u32,
}

impl<'a> PrecompiledHead<'a> {
    /// Reads the header of an artefact that is not damaged. Says nothing of who has made it.
    ///
    /// # Errors
    ///
    /// [`PrecompiledError`]
    pub fn read(artefact: &'a [u8]) -> Result<Self, PrecompiledError> {
        split(artefact).map(|(head, _)| head)
    }

    /// Whether `bytes` begin as an artefact does.
    pub fn is_of(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }
}

/// The fixed part, not yet judged.
struct Raw<'a> {
    magic: &'a [u8; 8],
    version: u32,
    length: u32,
    digest: Digest,
    flags: u32,
    engine: &'a [u8; ENGINE_BYTES],
    target: &'a [u8; TARGET_BYTES],
    bundle: Digest,
}

impl<'a> Raw<'a> {
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        Some(Self {
            magic: take(rest)?,
            version: u32::from_le_bytes(*take(rest)?),
            length: u32::from_le_bytes(*take(rest)?),
            digest: Digest(*take(rest)?),
            flags: u32::from_le_bytes(*take(rest)?),
            engine: take(rest)?,
            target: take(rest)?,
            bundle: Digest(*take(rest)?),
        })
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(first)
}

/// The header and the code; checks size, magic, version, length, digest, flags and texts, in this order.
pub(super) fn split(artefact: &[u8]) -> Result<(PrecompiledHead<'_>, &[u8]), PrecompiledError> {
    let len = artefact.len();
    if len > PRECOMPILED_BYTES_MAX {
        return Err(PrecompiledError::TooLarge { len });
    }
    let mut code = artefact;
    let Some(raw) = Raw::take(&mut code) else {
        return Err(PrecompiledError::Truncated { len });
    };
    if *raw.magic != MAGIC {
        return Err(PrecompiledError::Magic);
    }
    if raw.version != VERSION {
        return Err(PrecompiledError::Version { found: raw.version });
    }
    if u32::try_from(code.len()) != Ok(raw.length) {
        return Err(PrecompiledError::Length { stated: raw.length, len: code.len() });
    }
    let computed = Digest::of(artefact.get(DIGESTED_OFFSET..).unwrap_or_default());
    if raw.digest != computed {
        return Err(PrecompiledError::Digest { stated: raw.digest, computed });
    }
    if raw.flags & !SIGNAL_HANDLERS != 0 {
        return Err(PrecompiledError::Flags { found: raw.flags });
    }
    let head = PrecompiledHead {
        engine: text(raw.engine, ENGINE_OFFSET)?,
        target: text(raw.target, TARGET_OFFSET)?.parse()?,
        signal_handlers: raw.flags & SIGNAL_HANDLERS != 0,
        bundle: raw.bundle,
        code_bytes: raw.length,
    };
    Ok((head, code))
}

/// The text before the zeros that pad a field.
fn text(field: &[u8], offset: usize) -> Result<&str, PrecompiledError> {
    let end = field.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let text = field.get(..end).and_then(|text| str::from_utf8(text).ok());
    text.ok_or(PrecompiledError::Text { offset })
}

/// An artefact of this head and code; absent if a field of the header cannot hold what it should.
#[cfg(feature = "cranelift")]
pub(super) fn join(head: &PrecompiledHead<'_>, code: &[u8]) -> Option<Vec<u8>> {
    let flags = if head.signal_handlers { SIGNAL_HANDLERS } else { 0 };
    let mut digested = Vec::with_capacity(HEAD_BYTES + code.len());
    digested.extend_from_slice(&flags.to_le_bytes());
    digested.extend_from_slice(&padded::<ENGINE_BYTES>(head.engine)?);
    digested.extend_from_slice(&padded::<TARGET_BYTES>(head.target.triple())?);
    digested.extend_from_slice(&head.bundle.0);
    digested.extend_from_slice(code);
    let mut bytes = Vec::with_capacity(DIGESTED_OFFSET + digested.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(code.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&Digest::of(&digested).0);
    bytes.append(&mut digested);
    Some(bytes)
}

#[cfg(feature = "cranelift")]
fn padded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut field = [0; N];
    field.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(field)
}
