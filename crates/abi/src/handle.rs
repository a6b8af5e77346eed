//! Entity handles: 128 bits of BLAKE3 over an entity's type and id, the same on every host.

use alloc::string::String;
use core::fmt;

use crate::bytes::read_u64;

/// The name of an entity inside frames and modules.
///
/// Two different uids with one handle are refused where entities are stored; an honest collision
/// has a chance of about 2⁻⁶⁴ at four billion entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Handle {
    // Field order gives the contract's order: as a little-endian 128-bit number.
    /// Bytes 8 to 15 of the digest, little-endian.
    pub high: u64,
    /// Bytes 0 to 7 of the digest, little-endian.
    pub low: u64,
}

impl Handle {
    /// The handle of no entity: an absent optional attribute reads as this.
    pub const NONE: Self = Self { high: 0, low: 0 };

    /// Handle of the entity with this type name (with its namespace) and unescaped id.
    ///
    /// The digest runs over the type's length in bytes as a little-endian `u32`, the type, the id.
    pub fn of(type_name: &str, id: &str) -> Self {
        let len = u32::try_from(type_name.len()).unwrap_or(u32::MAX).to_le_bytes();
        let parts = [&len, type_name.as_bytes(), id.as_bytes()];
        // Most names fit in two blocks of the digest, and one call costs less than three.
        let mut joined = [0; 128];
        let mut end = 0;
        for part in parts {
            if let Some(place) = joined.get_mut(end..end + part.len()) {
                place.copy_from_slice(part);
            }
            end += part.len();
        }
        let digest = if let Some(joined) = joined.get(..end) {
            blake3::hash(joined)
        } else {
            let mut hasher = blake3::Hasher::new();
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize()
        };
        Self::from_bytes(digest.as_bytes().first_chunk().copied().unwrap_or_default())
    }

    /// The handle whose encoded form is `bytes`.
    #[inline]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let [low, high] = [0, 8].map(|at| read_u64(&bytes, at).unwrap_or_default());
        Self { high, low }
    }

    /// The encoded form: a little-endian 128-bit number.
    #[inline]
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.high) << 64 | u128::from(self.low)).to_le_bytes()
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

/// An entity's full name: its type, with namespace, and its unescaped id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EntityUid {
    /// Type name with its namespace, as `Plant::Asset`.
    pub type_name: String,
    /// Id without quotes or escapes.
    pub id: String,
}

impl EntityUid {
    /// The uid of the entity `id` of type `type_name`.
    pub fn new(type_name: impl Into<String>, id: impl Into<String>) -> Self {
        Self { type_name: type_name.into(), id: id.into() }
    }

    /// The uid's handle.
    pub fn handle(&self) -> Handle {
        Handle::of(&self.type_name, &self.id)
    }
}

impl fmt::Display for EntityUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::\"{}\"", self.type_name, self.id.escape_debug())
    }
}
