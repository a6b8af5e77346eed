//! What a row of one entity type or context holds where: handles and descriptors.

use std::collections::{BTreeMap, BTreeSet};

use trapkey_abi::{FieldLayout, Projection, Record, RecordLayout, RowLayout, Schema, Type, stride};

/// Length in bytes of an encoded handle.
pub(super) const HANDLE_BYTES: u32 = 16;

/// Offsets in the fixed part of a row.
#[derive(Default)]
pub(super) struct RowShape {
    /// Length of the fixed part in bytes.
    pub(super) size: u32,
    /// Entity-typed attributes and the indexes of their types.
    pub(super) handles: BTreeMap<u32, u32>,
    /// Descriptors of strings, sets, tags and ancestors.
    pub(super) descriptors: BTreeSet<u32>,
    /// The table of tags.
    pub(super) tags: Option<TagShape>,
}

/// Where a row's tags are, and where in each of them.
pub(super) struct TagShape {
    /// Offset of the table's descriptor.
    pub(super) offset: u32,
    /// Distance in bytes from one tag to the next.
    pub(super) stride: u32,
    /// Entity-typed values in a tag and the indexes of their types.
    pub(super) handles: BTreeMap<u32, u32>,
}

/// Bytes of a tag's key, before its value.
const TAG_KEY_BYTES: u32 = 8;

impl RowShape {
    pub(super) fn new(
        schema: &Schema,
        row: &RowLayout,
        attributes: &Record,
        tags: Option<&Type>,
    ) -> Self {
        let mut shape = Self {
            size: row.size,
            handles: BTreeMap::new(),
            descriptors: row.ancestors.iter().map(|(_, offset)| *offset).collect(),
            tags: None,
        };
        shape.descriptors.extend(row.tags);
        shape.fields(schema, 0, &row.fields, attributes);
        if let (Some(offset), Some(ty)) = (row.tags, tags) {
            let mut tag = Self::default();
            tag.value(schema, TAG_KEY_BYTES, ty);
            let stride = TAG_KEY_BYTES.saturating_add(stride(ty));
            shape.tags = Some(TagShape { offset, stride, handles: tag.handles });
        }
        shape
    }

    fn fields(&mut self, schema: &Schema, base: u32, fields: &[FieldLayout], record: &Record) {
        // Both hold the same names in name order.
        for (field, attribute) in fields.iter().zip(record.attributes.values()) {
            self.value(schema, base.saturating_add(field.offset), &attribute.ty);
        }
    }

    fn value(&mut self, schema: &Schema, offset: u32, ty: &Type) {
        match ty {
            Type::Entity(name) => {
                if let Some((index, _)) = schema.entity_type(name) {
                    self.handles.insert(offset, index);
                }
            }
            Type::String | Type::Set(_) => {
                self.descriptors.insert(offset);
            }
            Type::Record(record) => {
                self.fields(schema, offset, &RecordLayout::new(record).fields, record);
            }
            Type::Bool
            | Type::Long
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip => {}
        }
    }
}

/// Whether the mask copies all of the `len` bytes at `offset`.
pub(super) fn covers(projection: &Projection, offset: u32, len: u32) -> bool {
    (offset..offset.saturating_add(len)).all(|byte| {
        let word = usize::try_from(byte / 8).ok().and_then(|word| projection.mask.get(word));
        word.is_some_and(|word| word >> (byte % 8 * 8) & 0xff == 0xff)
    })
}
