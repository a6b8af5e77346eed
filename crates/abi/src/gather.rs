//! The gather table: which rows a frame carries, and which of their attributes.

use alloc::vec::Vec;
use core::ops::Range;

use crate::bytes::padded;
use crate::frame::header;
use crate::{Handle, LayoutDigest};

/// What a module reads, so that the encoder can put that and nothing else into a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GatherTable {
    /// Layout that the offsets below refer to.
    pub layout: LayoutDigest,
    /// Entity paths; slot `i` of a frame belongs to path `i`. A path comes after the one it
    /// starts from.
    pub paths: Vec<Path>,
    /// Request environments sorted by action, principal type, resource type; the position of an
    /// environment is its number in frames.
    pub environments: Vec<Environment>,
    /// Per entity type, by the schema's index, what some policy reads.
    pub entity_types: Vec<Projection>,
    /// What is read of contexts; environments refer to it.
    pub contexts: Vec<Projection>,
}

/// How the entity of a slot is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Path {
    /// The principal; always path 0.
    Principal,
    /// The resource; always path 1.
    Resource,
    /// The handle at an offset of the context's row.
    Context {
        /// Offset in bytes from the start of the context's row.
        offset: u32,
    },
    /// The handle at an offset of the row of another path.
    Row {
        /// Index of that path.
        of: u32,
        /// Offset in bytes from the start of that row.
        offset: u32,
    },
    /// An entity named in a policy.
    Literal {
        /// Its handle.
        handle: Handle,
    },
    /// Every entity in the values of the tags of another path's row. The slot is zero; the rows
    /// are found through the frame's directory.
    Tags {
        /// Index of that path.
        of: u32,
        /// Offset in bytes of the tags' descriptor in that row.
        offset: u32,
        /// Distance in bytes from one tag to the next.
        stride: u32,
        /// Offset in bytes of the handle in a tag.
        handle: u32,
    },
}

/// One combination of action, principal type and resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Environment {
    /// Index of the action in the schema.
    pub action: u32,
    /// Index of the principal's type in the schema.
    pub principal_type: u32,
    /// Index of the resource's type in the schema.
    pub resource_type: u32,
    /// Index into [`GatherTable::contexts`].
    pub context: u32,
    /// The paths that this environment's policies read, ascending.
    pub paths: Vec<u32>,
    /// The templates that a grant may bring in here, by their ordinals among the module's
    /// templates, ascending.
    pub templates: Vec<u32>,
}

/// The part of a row that is copied into a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Projection {
    /// The row's fixed part is copied through this mask, one word for every eight bytes; what
    /// lies beyond is not copied.
    pub mask: Vec<u64>,
    /// Offsets of the descriptors whose content is copied too, ascending.
    pub spills: Vec<u32>,
}

/// One read of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// Offset in bytes.
    pub offset: u32,
    /// Length in bytes.
    pub len: u32,
}

/// Offset of a descriptor whose content is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spill(pub u32);

impl Projection {
    /// The projection that copies `reads` and the content of `spills`.
    pub fn new(
        reads: impl IntoIterator<Item = Read>,
        spills: impl IntoIterator<Item = Spill>,
    ) -> Self {
        let mut projection = Self::default();
        for read in reads {
            projection.read(read);
        }
        projection.spills.extend(spills.into_iter().map(|spill| spill.0));
        crate::sort_compactly(&mut projection.spills, Ord::cmp);
        projection.spills.dedup();
        projection
    }

    /// Whether any of these bytes of a row's fixed part are copied.
    pub fn copies(&self, bytes: Range<usize>) -> bool {
        bytes.into_iter().any(|byte| {
            let word = self.mask.get(byte / 8);
            word.is_some_and(|word| word.to_le_bytes().get(byte % 8).is_some_and(|mask| *mask != 0))
        })
    }

    fn read(&mut self, read: Read) {
        for byte in read.offset..read.offset.saturating_add(read.len) {
            let word = usize::try_from(byte / 8).unwrap_or(usize::MAX);
            if self.mask.len() <= word {
                self.mask.resize(word.saturating_add(1), 0);
            }
            if let Some(word) = self.mask.get_mut(word) {
                *word |= 0xff << (byte % 8 * 8);
            }
        }
    }
}

impl GatherTable {
    /// Offset in bytes of the context's row in every frame of this module.
    #[inline]
    pub fn context_offset(&self) -> usize {
        context_offset(self.paths.len())
    }

    /// Number of the environment of an action, a principal's type and a resource's type, given by
    /// their indexes in the schema.
    pub fn environment(&self, action: u32, principal_type: u32, resource_type: u32) -> Option<u32> {
        let key = (action, principal_type, resource_type);
        let index = self
            .environments
            .binary_search_by_key(&key, |e| (e.action, e.principal_type, e.resource_type))
            .ok()?;
        u32::try_from(index).ok()
    }
}

/// Where the context's row starts in a frame with `paths` slots.
#[inline]
pub(crate) const fn context_offset(paths: usize) -> usize {
    header::SLOTS + padded(paths * 4)
}
