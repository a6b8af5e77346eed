//! Little-endian reads and writes with bounds checked and no panic.

/// `len` rounded up to a multiple of eight bytes, the alignment of everything in a frame.
pub const fn padded(len: usize) -> usize {
    len.div_ceil(8).saturating_mul(8)
}

#[inline]
pub(crate) fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[inline]
pub(crate) fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn write(bytes: &mut [u8], at: usize, source: &[u8]) -> Option<()> {
    let end = at.checked_add(source.len())?;
    bytes.get_mut(at..end)?.copy_from_slice(source);
    Some(())
}

#[inline]
pub(crate) fn write_u32(bytes: &mut [u8], at: usize, value: u32) -> Option<()> {
    *bytes.get_mut(at..)?.first_chunk_mut()? = value.to_le_bytes();
    Some(())
}
