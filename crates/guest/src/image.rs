//! Entities as one block of bytes: what a filter has of them, built in or pushed.
//!
//! Little-endian: 8 bytes `tkimage\x01`, 16 bytes of layout digest, `u32` count, `u32` length of the whole; then the
//! handles, 16 bytes each, ascending as numbers; then for each entity `u32` type, `u32` offset of its row from the start
//! of the image and `u32` length of the row, and `u32` zero; then the rows, each eight-byte aligned; then BLAKE3 of all
//! before it. Rows are not checked one by one: who pushes an image is who pushes policies, and the digest tells only
//! whether it came as it was written.

use std::borrow::Cow;

use trapkey_abi::{Handle, LayoutDigest, RowRef, Rows};

/// The first bytes.
pub const MAGIC: [u8; 8] = *b"tkimage\x01";

/// Bytes before the handles.
pub const HEAD_BYTES: usize = 32;

/// Bytes of what follows the handles for each entity.
const PLACE_BYTES: usize = 16;

/// Bytes of an image at most.
pub const IMAGE_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Entities in an image at most.
pub const ENTITIES_MAX: usize = 1_000_000;

/// Bytes of the digest at the end.
const DIGEST_BYTES: usize = 32;

/// Why bytes are no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// They do not begin as one.
    Magic,
    /// It was made for another schema.
    Layout,
    /// A length or an offset does not fit.
    Shape,
    /// Handles do not ascend.
    Order,
    /// They are not those that were written.
    Digest,
}

impl core::fmt::Display for ImageError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Magic => "no image of entities",
            Self::Layout => "image of entities of another schema",
            Self::Shape => "image of entities whose lengths do not fit",
            Self::Order => "image of entities that are not in order",
            Self::Digest => "image of entities that was damaged",
        })
    }
}

impl core::error::Error for ImageError {}

/// An image that was checked.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    // INVARIANT: `handles` ascend, and `places` has a row inside `bytes` for each.
    bytes: &'a [u8],
    handles: &'a [[u8; 16]],
    places: &'a [[u8; PLACE_BYTES]],
}

impl<'a> Image<'a> {
    /// Checks `bytes` as an image of entities that conform to the schema with this layout.
    ///
    /// # Errors
    ///
    /// [`ImageError`]
    pub fn read(bytes: &'a [u8], layout: &LayoutDigest, types: usize) -> Result<Self, ImageError> {
        let (head, _) = bytes.split_at_checked(HEAD_BYTES).ok_or(ImageError::Magic)?;
        if !head.starts_with(&MAGIC) {
            return Err(ImageError::Magic);
        }
        if head.get(8..24) != Some(&layout.0) {
            return Err(ImageError::Layout);
        }
        let count = word(head, 24).ok_or(ImageError::Shape)?;
        if word(head, 28) != Some(bytes.len()) || count > ENTITIES_MAX {
            return Err(ImageError::Shape);
        }
        let image = Self::split(bytes).ok_or(ImageError::Shape)?;
        let Self { handles, places, .. } = image;
        let number = |handle: &[u8; 16]| u128::from_le_bytes(*handle);
        if !handles.is_sorted_by(|a, b| number(a) < number(b)) {
            return Err(ImageError::Order);
        }
        let fits = |place: &[u8; PLACE_BYTES]| image.at(place).is_some_and(|(ty, _)| ty < types);
        if places.iter().all(fits) { Ok(image) } else { Err(ImageError::Shape) }
    }

    /// The parts of bytes that say how many entities they have.
    fn split(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
        let count = word(head, 24)?;
        let (handles, rest) = rest.split_at_checked(count.checked_mul(16)?)?;
        let (places, _) = rest.split_at_checked(count.checked_mul(PLACE_BYTES)?)?;
        Some(Self { bytes, handles: handles.as_chunks().0, places: places.as_chunks().0 })
    }

    /// The image of no entities.
    pub const fn empty() -> Image<'static> {
        Image { bytes: &[], handles: &[], places: &[] }
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.handles.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }

    /// Type and row of an entity by its place.
    fn at(&self, place: &[u8; PLACE_BYTES]) -> Option<(usize, &'a [u8])> {
        let (ty, start, len) = (word(place, 0)?, word(place, 4)?, word(place, 8)?);
        Some((ty, self.bytes.get(start..start.checked_add(len)?)?))
    }
}

/// An image that was checked, with its bytes.
#[derive(Clone, Debug)]
pub struct OwnedImage {
    // INVARIANT: `Image::read` took `bytes`, or they are empty.
    bytes: Cow<'static, [u8]>,
    digest: [u8; DIGEST_BYTES],
}

impl OwnedImage {
    /// Checks `bytes`, once for all requests; no bytes are the image of no entities.
    ///
    /// # Errors
    ///
    /// [`ImageError`]
    pub fn read(
        bytes: Cow<'static, [u8]>,
        layout: &LayoutDigest,
        types: usize,
    ) -> Result<Self, ImageError> {
        if bytes.is_empty() {
            return Ok(Self { bytes, digest: [0; DIGEST_BYTES] });
        }
        Image::read(&bytes, layout, types)?;
        let (written, digest) = bytes.split_last_chunk().ok_or(ImageError::Shape)?;
        if blake3::hash(written).as_bytes() != digest {
            return Err(ImageError::Digest);
        }
        let digest = *digest;
        Ok(Self { bytes, digest })
    }

    /// The image, without checking it again.
    pub fn image(&self) -> Image<'_> {
        Image::split(&self.bytes).unwrap_or(Image::empty())
    }

    /// The digest at its end; zeros if it has no bytes.
    pub fn digest(&self) -> &[u8; DIGEST_BYTES] {
        &self.digest
    }
}

impl Rows for Image<'_> {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        let wanted = u128::from_le_bytes(handle.to_bytes());
        let order = |own: &[u8; 16]| u128::from_le_bytes(*own).cmp(&wanted);
        let index = self.handles.binary_search_by(order).ok()?;
        let (ty, bytes) = self.at(self.places.get(index)?)?;
        Some(RowRef { entity_type: u32::try_from(ty).ok()?, bytes, version: 0 })
    }
}

/// Writes the image of entities with these types and rows, in any order.
///
/// # Errors
///
/// [`ImageError::Shape`] if it would be above [`ENTITIES_MAX`] or [`IMAGE_BYTES_MAX`].
pub fn write<'r>(
    layout: &LayoutDigest,
    entities: impl Iterator<Item = (Handle, u32, &'r [u8])>,
) -> Result<Vec<u8>, ImageError> {
    let mut entities: Vec<_> = entities.collect();
    entities.sort_unstable_by_key(|(handle, _, _)| *handle);
    let too_large = |_| ImageError::Shape;
    if entities.len() > ENTITIES_MAX {
        return Err(ImageError::Shape);
    }
    let start = HEAD_BYTES + entities.len() * (16 + PLACE_BYTES);
    let padded = |len: usize| len.next_multiple_of(8);
    let rows: usize = entities.iter().map(|(_, _, row)| padded(row.len())).sum();
    let total = start + rows + DIGEST_BYTES;
    if total > IMAGE_BYTES_MAX {
        return Err(ImageError::Shape);
    }
    let mut image = Vec::with_capacity(total);
    image.extend_from_slice(&MAGIC);
    image.extend_from_slice(&layout.0);
    for number in [entities.len(), total] {
        image.extend_from_slice(&u32::try_from(number).map_err(too_large)?.to_le_bytes());
    }
    for (handle, _, _) in &entities {
        image.extend_from_slice(&handle.to_bytes());
    }
    let mut at = start;
    for (_, ty, row) in &entities {
        let [start, len] = [at, row.len()].map(u32::try_from);
        for number in [*ty, start.map_err(too_large)?, len.map_err(too_large)?, 0] {
            image.extend_from_slice(&number.to_le_bytes());
        }
        at += padded(row.len());
    }
    for (_, _, row) in &entities {
        image.extend_from_slice(row);
        image.resize(image.len().next_multiple_of(8), 0);
    }
    let digest = *blake3::hash(&image).as_bytes();
    image.extend_from_slice(&digest);
    Ok(image)
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}
