//! Where each attribute lies in a row: computed from the schema alone, one offset for each
//! (attribute, type) over every entity type and context.
//!
//! A row has a fixed part, laid out here, then the strings and sets it holds. Attributes with one
//! name and type share one offset wherever they occur, so one emitted condition serves every
//! request environment; attributes that never occur together may share bytes.

mod colour;
mod digest;

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::padded;
use crate::schema::{Record, Schema, Type};
use colour::{Colouring, Key};

pub use digest::{LAYOUT_DIGEST_BYTES, LayoutDigest};

/// Offsets of every attribute of every entity type and context of one schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Rows of the entity types, by the schema's index.
    pub entity_types: Vec<RowLayout>,
    /// Rows of the contexts, by the index of the action in the schema.
    pub contexts: Vec<RowLayout>,
    /// Digest over the schema and all offsets; frames carry it.
    pub digest: LayoutDigest,
}

/// The fixed part of the row of one entity type or context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowLayout {
    /// Length in bytes, a multiple of eight.
    pub size: u32,
    /// Attributes sorted by name.
    pub fields: Vec<FieldLayout>,
    /// Offset of the tags' table, where the entity type has tags.
    pub tags: Option<u32>,
    /// Per ancestor type, sorted by name, the offset of the set of ancestors of that type.
    pub ancestors: Vec<(String, u32)>,
}

/// Where one attribute of a row or a record lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLayout {
    /// Name of the attribute.
    pub name: String,
    /// Offset in bytes of its value from the start of the row or record.
    pub offset: u32,
    /// Offset of the byte that is 1 if an optional attribute is there, else 0.
    pub presence: Option<u32>,
    /// The layout of the value itself, if that is a record; its offsets count from the value's.
    pub record: Option<RecordLayout>,
}

/// The layout of a record type on its own: as a nested attribute, set element or tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    /// Length in bytes, a multiple of eight.
    pub size: u32,
    /// Fields sorted by name.
    pub fields: Vec<FieldLayout>,
}

impl Layout {
    /// Computes the layout of `schema`.
    pub fn new(schema: &Schema) -> Self {
        let types = schema.entity_types.len();
        let mut records: Vec<&Record> = Vec::new();
        for action in &schema.actions {
            if let Err(place) = records.binary_search(&&action.context) {
                records.insert(place, &action.context);
            }
        }
        let mut colouring = Colouring::new(types + records.len());
        for (owner, entity_type) in schema.entity_types.iter().enumerate() {
            colouring.record(owner, &entity_type.attributes);
            for ancestor in &entity_type.ancestors {
                colouring.key(owner, Key::Ancestors(ancestor));
            }
            if let Some(tags) = &entity_type.tags {
                colouring.key(owner, Key::Tags(tags));
            }
        }
        for (index, record) in records.iter().enumerate() {
            colouring.record(types + index, record);
        }
        let mut rows = colouring.rows();
        let context_rows = rows.split_off(types);
        let contexts = schema
            .actions
            .iter()
            .map(|action| {
                records
                    .binary_search(&&action.context)
                    .ok()
                    .and_then(|index| context_rows.get(index))
                    .cloned()
                    .unwrap_or_default()
            })
            .collect();
        let mut layout = Self { entity_types: rows, contexts, digest: LayoutDigest::default() };
        layout.digest = LayoutDigest::of(schema, &layout);
        layout
    }
}

impl RowLayout {
    /// The layout of the attribute `name`.
    pub fn field(&self, name: &str) -> Option<&FieldLayout> {
        find(&self.fields, name)
    }

    /// Offset of the set of ancestors of the type `name`.
    pub fn ancestors_offset(&self, name: &str) -> Option<u32> {
        let index = self.ancestors.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok()?;
        self.ancestors.get(index).map(|(_, offset)| *offset)
    }
}

impl RecordLayout {
    /// Lays out `record`: eight-byte aligned values in name order, then bytes.
    pub fn new(record: &Record) -> Self {
        let mut fields = Vec::new();
        let mut size = 0_u32;
        for align in [8, 1] {
            for (name, attribute) in &record.attributes {
                // Once each: asked twice, a nested record would cost twice what the next one does.
                let record = if align == 8 { Self::of(&attribute.ty) } else { None };
                let (bytes, its_align) = match &record {
                    Some(record) => (record.size, 8),
                    None if matches!(attribute.ty, Type::Record(_)) => continue,
                    None => size_align(&attribute.ty),
                };
                if its_align == align {
                    let name = name.clone();
                    fields.push(FieldLayout { name, offset: size, presence: None, record });
                    size = size.saturating_add(bytes);
                }
            }
        }
        crate::sort_compactly(&mut fields, |a, b| a.name.cmp(&b.name));
        for (field, attribute) in fields.iter_mut().zip(record.attributes.values()) {
            if !attribute.required {
                field.presence = Some(size);
                size = size.saturating_add(1);
            }
        }
        Self { size: round_up(size), fields }
    }

    /// The layout of values of `ty`, if these are records.
    pub fn of(ty: &Type) -> Option<Self> {
        match ty {
            Type::Record(record) => Some(Self::new(record)),
            Type::Bool
            | Type::Long
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::String
            | Type::Ip
            | Type::Entity(_)
            | Type::Set(_) => None,
        }
    }

    /// The layout of the field `name`.
    pub fn field(&self, name: &str) -> Option<&FieldLayout> {
        find(&self.fields, name)
    }
}

fn find<'a>(fields: &'a [FieldLayout], name: &str) -> Option<&'a FieldLayout> {
    let index = fields.binary_search_by(|f| f.name.as_str().cmp(name)).ok()?;
    fields.get(index)
}

/// Length and alignment in bytes of a value's fixed part.
pub fn size_align(ty: &Type) -> (u32, u32) {
    match ty {
        Type::Bool => (1, 1),
        Type::Long
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::String
        | Type::Set(_) => (8, 8),
        Type::Entity(_) => (16, 8),
        Type::Ip => (24, 8),
        Type::Record(record) => (RecordLayout::new(record).size, 8),
    }
}

/// Distance in bytes from one element of a set of `ty` to the next.
///
/// At least eight, so that a set of empty records has an end that differs from its start.
pub fn stride(ty: &Type) -> u32 {
    round_up(size_align(ty).0).max(8)
}

/// Whether part of a value of `ty` lies outside its fixed part.
pub fn is_spilled(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Set(_) => true,
        Type::Record(record) => record.attributes.values().any(|a| is_spilled(&a.ty)),
        Type::Bool
        | Type::Long
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_) => false,
    }
}

fn round_up(size: u32) -> u32 {
    u32::try_from(padded(usize::try_from(size).unwrap_or(usize::MAX))).unwrap_or(u32::MAX)
}
