//! The attributes of a context as places in its row, worked out once.

use alloc::string::String;
use alloc::vec::Vec;

use super::{element_attribute, to_usize};
use crate::Type;
use crate::gather::Projection;
use crate::layout::{FieldLayout, RecordLayout, RowLayout, size_align, stride};
use crate::schema::{Attribute, Record};

/// An attribute of a context: where it lies in the row, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowField {
    // INVARIANT: all offsets are those of `attribute` in the rows of one layout.
    pub(super) path: String,
    /// Where its own name begins in `path`; the context has none.
    pub(super) name: Option<usize>,
    pub(super) at: usize,
    pub(super) size: usize,
    pub(super) presence: Option<usize>,
    /// Presence bytes of the optional records around it.
    pub(super) guards: Vec<usize>,
    pub(super) attribute: Attribute,
    /// Of a set, the elements and the distance from one to the next.
    pub(super) element: Option<(Attribute, usize)>,
    /// Of a record, its attributes in the order of their names.
    pub(super) fields: Vec<RowField>,
    /// Descriptors in its fixed part.
    pub(super) spills: Vec<usize>,
}

impl RowField {
    /// The whole context, whose fields are its attributes.
    pub fn context(layout: &RowLayout, record: &Record) -> Self {
        let mut context = Self {
            path: String::new(),
            name: None,
            at: 0,
            size: to_usize(layout.size),
            presence: None,
            guards: Vec::new(),
            attribute: Attribute::new(Type::Record(record.clone()), true),
            element: None,
            fields: Vec::new(),
            spills: Vec::new(),
        };
        context.fields = context.fields_of(&layout.fields, record);
        context.collect_spills();
        context
    }

    /// `layout` and `record` hold the same names, both in name order.
    fn fields_of(&self, layout: &[FieldLayout], record: &Record) -> Vec<Self> {
        let fields = layout.iter().zip(&record.attributes);
        fields.map(|(field, (name, attribute))| self.field_of(field, name, attribute)).collect()
    }

    fn field_of(&self, layout: &FieldLayout, name: &str, attribute: &Attribute) -> Self {
        let mut path = self.path.clone();
        if !self.is_context() {
            path.push('.');
        }
        let start = path.len();
        path.push_str(name);
        let mut guards = self.guards.clone();
        guards.extend(self.presence);
        let element = match &attribute.ty {
            Type::Set(ty) => Some((element_attribute(ty), to_usize(stride(ty)))),
            Type::Bool
            | Type::Long
            | Type::String
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_)
            | Type::Record(_) => None,
        };
        let mut field = Self {
            path,
            name: Some(start),
            at: self.at + to_usize(layout.offset),
            size: to_usize(size_align(&attribute.ty).0),
            presence: layout.presence.map(|offset| self.at + to_usize(offset)),
            guards,
            attribute: attribute.clone(),
            element,
            fields: Vec::new(),
            spills: Vec::new(),
        };
        if let Type::Record(record) = &attribute.ty {
            field.fields = field.fields_of(&RecordLayout::new(record).fields, record);
        }
        field.collect_spills();
        field
    }

    fn collect_spills(&mut self) {
        self.spills = self.fields.iter().flat_map(|field| field.spills.iter().copied()).collect();
        if matches!(self.attribute.ty, Type::String | Type::Set(_)) {
            self.spills.push(self.at);
        }
    }

    /// Its path, as `env.location`; empty for the whole context.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its name: the last part of its path.
    pub fn name(&self) -> &str {
        self.name.and_then(|start| self.path.get(start..)).unwrap_or_default()
    }

    /// Offset in bytes of its value from the row's start.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// What it may be.
    pub fn attribute(&self) -> &Attribute {
        &self.attribute
    }

    /// Of a record, its attributes in the order of their names.
    pub fn fields(&self) -> &[Self] {
        &self.fields
    }

    /// Whether a projection copies any of it: its value, or the byte that says it is there.
    pub fn is_read(&self, projection: &Projection) -> bool {
        let value = self.at..self.at + self.size;
        let presence = self.presence.map(|at| at..at + 1);
        projection.copies(value) || presence.is_some_and(|presence| projection.copies(presence))
    }

    /// Whether it is the whole context.
    pub fn is_context(&self) -> bool {
        // Not an empty path: an attribute's name may be empty.
        self.name.is_none()
    }
}
