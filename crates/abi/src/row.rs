//! Rows: the encoded attributes of one entity or context, as a host stores them.
//!
//! A row is its fixed part (see [`RowLayout`]) and, after it, the strings and sets it holds. A
//! string or set is described by two `u32` at its offset: the distance in bytes from that
//! descriptor to the content, and the number of bytes or elements; both are zero if it is empty.
//! Content is 8-byte aligned and padded with zeros. The content of a descriptor in the fixed part
//! is preceded by one 8-byte word that holds the length in bytes of all that hangs below it, so
//! that it can be copied as one block.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{padded, write};
use crate::layout::{FieldLayout, RecordLayout, RowLayout, size_align, stride};
use crate::schema::{
    Attribute, Bounds, EntityType, Record, SET_ELEMENTS_MAX, STRING_BYTES_MAX, Schema,
};
use crate::{EntityUid, Handle, Type, Value};

/// The encoded attributes of one entity or context, conforming to the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    // INVARIANT: written by `Writer` for one `RowLayout`; every descriptor stays inside.
    bytes: Box<[u8]>,
}

impl Row {
    /// Encodes a context.
    ///
    /// # Errors
    ///
    /// [`RowError`] names the first attribute that does not conform.
    pub fn context(
        schema: &Schema,
        layout: &RowLayout,
        record: &Record,
        values: &BTreeMap<String, Value>,
    ) -> Result<Self, RowError> {
        let mut writer = Writer::new(schema, layout.size);
        let place = Place { at: 0, is_nested: false };
        writer.fields(&layout.fields, record, &listed(values), place)?;
        Ok(writer.finish())
    }

    /// Encodes an entity's attributes, tags and ancestors.
    ///
    /// `values` and `tags` ascend by name, no name twice; `ancestors` is the transitive closure, in
    /// any order.
    ///
    /// # Errors
    ///
    /// [`RowError`] names the first attribute or ancestor that does not conform.
    pub fn entity(
        schema: &Schema,
        (layout, entity_type): (&RowLayout, &EntityType),
        values: &[Named<'_>],
        tags: &[Named<'_>],
        ancestors: &[Ancestor<'_>],
    ) -> Result<Self, RowError> {
        let mut writer = Writer::new(schema, layout.size);
        let place = Place { at: 0, is_nested: false };
        writer.fields(&layout.fields, &entity_type.attributes, values, place)?;
        writer.ancestors(layout, ancestors)?;
        match (&entity_type.tags, layout.tags) {
            (Some(ty), Some(offset)) => writer.tags(ty, offset, tags)?,
            _ if tags.is_empty() => {}
            _ => return Err(RowErrorKind::UnexpectedTags.into()),
        }
        Ok(writer.finish())
    }

    /// Encodes one value on its own, its fixed part at offset 0: a constant of a module.
    ///
    /// No limit on elements or bytes applies: the text it comes from is bounded.
    ///
    /// # Errors
    ///
    /// [`RowError`] names the first part that is not of the type.
    pub fn constant(schema: &Schema, ty: &Type, value: &Value) -> Result<Self, RowError> {
        let mut writer = Writer { is_unlimited: true, ..Writer::new(schema, stride(ty)) };
        writer.value(&element_attribute(ty), value, Place { at: 0, is_nested: false })?;
        Ok(writer.finish())
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A digest of the row as one of this type, by the schema's index; never 0.
    pub fn version(&self, entity_type: u32) -> u128 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&entity_type.to_le_bytes());
        hasher.update(&self.bytes);
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        u128::from_le_bytes(bytes).max(1)
    }
}

/// The name and the value of an attribute or a tag.
type Named<'v> = (&'v str, &'v Value);

/// The uid and the handle of an ancestor.
type Ancestor<'u> = (&'u EntityUid, Handle);

/// The fields of a record, ascending by name.
fn listed(values: &BTreeMap<String, Value>) -> Vec<Named<'_>> {
    values.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

/// Why a value does not conform to its declared type, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Path of the attribute, as `env.location`; empty for the whole.
    pub path: String,
    /// What is wrong there.
    pub kind: RowErrorKind,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowErrorKind {
    /// A required attribute is absent.
    Missing,
    /// The schema declares no such attribute.
    Unknown,
    /// The value has another type than the declared one.
    WrongType {
        /// The declared type.
        want: Type,
    },
    /// An enumerated entity type has no such id, or the schema no such action.
    UnknownId {
        /// The uid that was given.
        uid: EntityUid,
    },
    /// A set has more elements than its limit.
    TooManyElements {
        /// Distinct elements given.
        len: usize,
        /// The limit, from `@max` or the default.
        max: u32,
    },
    /// A string has more bytes than its limit.
    TooLong {
        /// Bytes given.
        len: usize,
        /// The limit, from `@max` or the default.
        max: u32,
    },
    /// A number is outside its declared bounds.
    OutOfBounds {
        /// The value given; milliseconds for datetimes and durations.
        value: i64,
        /// Least value, from `@min`.
        min: i64,
        /// Largest value, from `@max`.
        max: i64,
    },
    /// An ancestor is of a type that the schema does not allow.
    UnexpectedAncestor {
        /// The ancestor.
        uid: EntityUid,
    },
    /// The entity type has no tags.
    UnexpectedTags,
}

impl RowError {
    /// The error as seen from outside the part `name`, where it was found.
    fn inside(mut self, name: &str) -> Self {
        self.path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{name}.{path}"),
        };
        self
    }
}

impl From<RowErrorKind> for RowError {
    fn from(kind: RowErrorKind) -> Self {
        Self { path: String::new(), kind }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return write!(f, "{}", self.kind);
        }
        write!(f, "`{}`: {}", self.path, self.kind)
    }
}

impl fmt::Display for RowErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("required attribute is missing"),
            Self::Unknown => f.write_str("the schema declares no such attribute"),
            Self::WrongType { want } => write!(f, "expected a value of type {want}"),
            Self::UnknownId { uid } => write!(f, "`{uid}` is not an id of its enumerated type"),
            Self::TooManyElements { len, max } => {
                write!(f, "set has {len} elements, the limit is {max}")
            }
            Self::TooLong { len, max } => write!(f, "string is {len} bytes, the limit is {max}"),
            Self::OutOfBounds { value, min, max } => {
                write!(f, "value is {value}, expected {min} to {max}")
            }
            Self::UnexpectedAncestor { uid } => {
                write!(f, "the schema does not allow the ancestor `{uid}`")
            }
            Self::UnexpectedTags => f.write_str("the entity type has no tags"),
        }
    }
}

impl core::error::Error for RowError {}

/// Where a value is written, and whether that is inside other content.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    is_nested: bool,
}

struct Writer<'a> {
    schema: &'a Schema,
    bytes: Vec<u8>,
    is_unlimited: bool,
}

impl<'a> Writer<'a> {
    fn new(schema: &'a Schema, size: u32) -> Self {
        let bytes = alloc::vec![0; to_usize(size)];
        Self { schema, bytes, is_unlimited: false }
    }

    fn finish(self) -> Row {
        Row { bytes: self.bytes.into_boxed_slice() }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let written = write(&mut self.bytes, at, bytes);
        debug_assert!(written.is_some(), "the layout covers every field");
    }

    fn fields(
        &mut self,
        layout: &[FieldLayout],
        record: &Record,
        values: &[Named<'_>],
        place: Place,
    ) -> Result<(), RowError> {
        if let Some((name, _)) = values.iter().find(|(n, _)| !record.attributes.contains_key(*n)) {
            return Err(RowError::from(RowErrorKind::Unknown).inside(name));
        }
        // All three are in name order; `layout` and `record` hold the same names, and no value has
        // another one.
        let mut values = values.iter().peekable();
        for (field, (name, attribute)) in layout.iter().zip(&record.attributes) {
            match values.next_if(|(given, _)| given == name) {
                Some((_, value)) => {
                    let at = place.at + to_usize(field.offset);
                    let place_of_value = Place { at, ..place };
                    self.value(attribute, value, place_of_value).map_err(|e| e.inside(name))?;
                    if let Some(presence) = field.presence {
                        self.put(place.at + to_usize(presence), &[1]);
                    }
                }
                None if attribute.required => {
                    return Err(RowError::from(RowErrorKind::Missing).inside(name));
                }
                None => {}
            }
        }
        debug_assert!(values.next().is_none(), "names ascend");
        Ok(())
    }

    fn value(
        &mut self,
        attribute: &Attribute,
        value: &Value,
        place: Place,
    ) -> Result<(), RowError> {
        match (&attribute.ty, value) {
            (Type::Bool, Value::Bool(value)) => self.put(place.at, &[u8::from(*value)]),
            (Type::Long, Value::Long(number))
            | (Type::Decimal, Value::Decimal(number))
            | (Type::Datetime, Value::Datetime(number))
            | (Type::Duration, Value::Duration(number)) => {
                if let Some(Bounds { min, max }) = attribute.bounds
                    && !(min..=max).contains(number)
                {
                    return Err(RowErrorKind::OutOfBounds { value: *number, min, max }.into());
                }
                self.put(place.at, &number.to_le_bytes());
            }
            (Type::Ip, Value::Ip(ip)) => self.put(place.at, &ip.to_bytes()),
            (Type::Entity(name), Value::Entity(uid)) if uid.type_name == *name => {
                self.known_id(uid)?;
                self.put(place.at, &uid.handle().to_bytes());
            }
            (Type::String, Value::String(text)) => {
                self.string(text, attribute.string_bytes_max(), place)?;
            }
            (Type::Set(element), Value::Set(elements)) => {
                self.set(element, elements, attribute.set_elements_max(), place)?;
            }
            (Type::Record(record), Value::Record(values)) => {
                let layout = RecordLayout::new(record);
                self.fields(&layout.fields, record, &listed(values), place)?;
            }
            (want, _) => return Err(wrong_type(want)),
        }
        Ok(())
    }

    /// Enumerated types and action types have the entities that the schema declares and no others.
    fn known_id(&self, uid: &EntityUid) -> Result<(), RowError> {
        let Some((_, entity_type)) = self.schema.entity_type(&uid.type_name) else { return Ok(()) };
        let is_known = match &entity_type.ids {
            Some(ids) => ids.binary_search(&uid.id).is_ok(),
            None => !entity_type.is_action || self.schema.action(uid).is_some(),
        };
        if is_known { Ok(()) } else { Err(RowErrorKind::UnknownId { uid: uid.clone() }.into()) }
    }

    fn string(&mut self, text: &str, max: u32, place: Place) -> Result<(), RowError> {
        if text.len() > to_usize(max) && !self.is_unlimited {
            return Err(RowErrorKind::TooLong { len: text.len(), max }.into());
        }
        if !text.is_empty() {
            let start = self.open_block(place);
            self.bytes.extend_from_slice(text.as_bytes());
            self.close_block(place, start, text.len());
        }
        Ok(())
    }

    fn set(
        &mut self,
        ty: &Type,
        elements: &[Value],
        max: u32,
        place: Place,
    ) -> Result<(), RowError> {
        let mut set = Value::Set(elements.to_vec());
        set.canonicalize();
        let Value::Set(elements) = set else {
            return Err(wrong_type(ty));
        };
        if elements.len() > to_usize(max) && !self.is_unlimited {
            let len = elements.len();
            return Err(RowErrorKind::TooManyElements { len, max }.into());
        }
        if elements.is_empty() {
            return Ok(());
        }
        let step = to_usize(stride(ty));
        let start = self.open_block(place);
        self.bytes.resize(start + elements.len() * step, 0);
        let attribute = element_attribute(ty);
        for (index, element) in elements.iter().enumerate() {
            let at = start + index * step;
            self.value(&attribute, element, Place { at, is_nested: true })
                .map_err(|error| error.inside(&index.to_string()))?;
        }
        self.close_block(place, start, elements.len());
        Ok(())
    }

    fn ancestors(
        &mut self,
        layout: &RowLayout,
        ancestors: &[Ancestor<'_>],
    ) -> Result<(), RowError> {
        let mut placed: Vec<(u32, Handle)> = Vec::with_capacity(ancestors.len());
        for (uid, handle) in ancestors {
            let Some(offset) = layout.ancestors_offset(&uid.type_name) else {
                let uid = EntityUid::clone(uid);
                return Err(RowErrorKind::UnexpectedAncestor { uid }.into());
            };
            self.known_id(uid)?;
            placed.push((offset, *handle));
        }
        placed.sort_unstable();
        placed.dedup();
        for of_type in placed.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((offset, _)) = of_type.first() else { continue };
            let place = Place { at: to_usize(*offset), is_nested: false };
            let start = self.open_block(place);
            for (_, handle) in of_type {
                self.bytes.extend_from_slice(&handle.to_bytes());
            }
            self.close_block(place, start, of_type.len());
        }
        Ok(())
    }

    /// A tag is its key's descriptor, then its value; tags are sorted by the key's bytes.
    fn tags(&mut self, ty: &Type, offset: u32, tags: &[Named<'_>]) -> Result<(), RowError> {
        if tags.len() > to_usize(SET_ELEMENTS_MAX) {
            let kind = RowErrorKind::TooManyElements { len: tags.len(), max: SET_ELEMENTS_MAX };
            return Err(kind.into());
        }
        if tags.is_empty() {
            return Ok(());
        }
        let place = Place { at: to_usize(offset), is_nested: false };
        let step = 8 + to_usize(stride(ty));
        let start = self.open_block(place);
        self.bytes.resize(start + tags.len() * step, 0);
        let attribute = element_attribute(ty);
        for (index, (key, value)) in tags.iter().enumerate() {
            let at = start + index * step;
            self.string(key, STRING_BYTES_MAX, Place { at, is_nested: true })
                .and_then(|()| self.value(&attribute, value, Place { at: at + 8, is_nested: true }))
                .map_err(|error| error.inside(key))?;
        }
        self.close_block(place, start, tags.len());
        Ok(())
    }

    /// Starts the content of the descriptor at `place`; gives the content's offset.
    fn open_block(&mut self, place: Place) -> usize {
        let end = padded(self.bytes.len()) + if place.is_nested { 0 } else { 8 };
        self.bytes.resize(end, 0);
        end
    }

    /// Ends the content that began at `start`: pads it and writes its descriptor.
    fn close_block(&mut self, place: Place, start: usize, count: usize) {
        self.bytes.resize(padded(self.bytes.len()), 0);
        let len = to_u32(self.bytes.len() - start);
        if !place.is_nested {
            self.put(start - 8, &len.to_le_bytes());
        }
        self.put(place.at, &to_u32(start - place.at).to_le_bytes());
        self.put(place.at + 4, &to_u32(count).to_le_bytes());
    }
}

/// Elements and tags have no annotations of their own: the default limits hold.
fn element_attribute(ty: &Type) -> Attribute {
    debug_assert!(size_align(ty).0 > 0 || matches!(ty, Type::Record(_)));
    Attribute::new(ty.clone(), true)
}

fn wrong_type(want: &Type) -> RowError {
    RowErrorKind::WrongType { want: want.clone() }.into()
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
