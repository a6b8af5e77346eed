//! What conditions read: the bytes of rows, and the paths by which the encoder finds rows.

use std::collections::{BTreeMap, BTreeSet};

use trapkey_abi::{Path, Projection, Read, RecordLayout, Spill, Type, is_spilled, size_align};

use super::value::{Memory, Origin, Route, RowAt};

/// The bytes that conditions read of entity rows, by entity type, and of the context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) entity_types: BTreeMap<u32, Bytes>,
    pub(crate) context: Bytes,
}

/// Ranges of one row's fixed part, and descriptors whose content is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    reads: BTreeSet<Read>,
    spills: BTreeSet<Spill>,
}

impl Bytes {
    pub(crate) fn add(&mut self, other: &Self) {
        self.reads.extend(&other.reads);
        self.spills.extend(&other.spills);
    }

    pub(crate) fn projection(&self) -> Projection {
        Projection::new(self.reads.iter().copied(), self.spills.iter().copied())
    }

    fn read(&mut self, offset: u32, ty: &Type) {
        self.reads.insert(Read { offset, len: size_align(ty).0 });
        self.spill(offset, ty);
    }

    fn spill(&mut self, offset: u32, ty: &Type) {
        match ty {
            Type::String | Type::Set(_) => {
                self.spills.insert(Spill(offset));
            }
            Type::Record(record) if is_spilled(ty) => {
                let layout = RecordLayout::new(record);
                for (field, attribute) in layout.fields.iter().zip(record.attributes.values()) {
                    self.spill(offset.saturating_add(field.offset), &attribute.ty);
                }
            }
            Type::Bool
            | Type::Long
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_)
            | Type::Record(_) => {}
        }
    }
}

impl Reads {
    pub(crate) fn add(&mut self, other: &Self) {
        for (entity_type, bytes) in &other.entity_types {
            self.entity_types.entry(*entity_type).or_default().add(bytes);
        }
        self.context.add(&other.context);
    }

    /// Marks a value as read; constants, elements and tags lie in no row's fixed part.
    pub(super) fn read(&mut self, memory: &Memory, ty: &Type) {
        let Some(Origin { row, offset }) = &memory.origin else {
            return;
        };
        match row {
            RowAt::Context => self.context.read(*offset, ty),
            RowAt::Entity(entity_type, _) => {
                self.entity_types.entry(*entity_type).or_default().read(*offset, ty);
            }
            RowAt::Tag(..) => {}
        }
    }

    /// Marks a handle that the encoder follows, in the context or in a row of an entity type.
    pub(super) fn handle(&mut self, entity_type: Option<u32>, offset: u32) {
        let handle = Type::Entity(String::new());
        match entity_type {
            None => self.context.read(offset, &handle),
            Some(index) => self.entity_types.entry(index).or_default().read(offset, &handle),
        }
    }

    /// Marks the tags or ancestors whose descriptor is at an offset.
    pub(super) fn tags(&mut self, entity_type: u32, offset: u32) {
        self.entity_types.entry(entity_type).or_default().read(offset, &Type::String);
    }
}

/// All entity paths of a module in the order of their slots.
#[derive(Debug)]
pub(crate) struct Paths {
    order: Vec<Path>,
    numbers: BTreeMap<Path, u32>,
}

impl Paths {
    pub(crate) fn new() -> Self {
        let order = vec![Path::Principal, Path::Resource];
        let numbers = BTreeMap::from([(Path::Principal, 0), (Path::Resource, 1)]);
        Self { order, numbers }
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn into_order(self) -> Vec<Path> {
        self.order
    }

    /// The number of a route's path, given the number of the path it starts from.
    pub(super) fn intern(&mut self, route: &Route, of: Option<u32>) -> u32 {
        let of = of.unwrap_or(0);
        let path = match route {
            Route::Principal => Path::Principal,
            Route::Resource => Path::Resource,
            Route::Literal(handle) => Path::Literal { handle: *handle },
            Route::Context(offset) => Path::Context { offset: *offset },
            Route::Row(_, field) => Path::Row { of, offset: field.offset },
            Route::Tags(_, field) => {
                Path::Tags { of, offset: field.offset, stride: field.stride, handle: field.handle }
            }
        };
        let next = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(path).or_insert(next);
        if number == next {
            self.order.push(path);
        }
        number
    }
}
