//! Rows: the encoded attributes of one entity or context, as a host stores them.
//!
//! A row is its fixed part (see [`RowLayout`]) and, after it, the strings and sets it holds. A
//! string or set is described by two `u32` at its offset: the distance in bytes from that
//! descriptor to the content, and the number of bytes or elements; both are zero if it is empty.
//! Content is 8-byte aligned and padded with zeros. The content of a descriptor in the fixed part
//! is preceded by one 8-byte word that holds the length in bytes of all that hangs below it, so
//! that it can be copied as one block.

mod check;
mod edit;
mod field;

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{padded, read_u32, write};
use crate::layout::{FieldLayout, RecordLayout, RowLayout, size_align, stride};
use crate::schema::{Attribute, EntityType, Record, SET_ELEMENTS_MAX, Schema};
use crate::{EntityUid, Handle, Type, Value};
use check::{Encoded, encode, known_id, set_len, text_len};

pub use check::RowValue;
pub use edit::{ROOM_BYTES_MAX, RowEditor, RowSpace};
pub use field::RowField;

/// The encoded attributes of one entity or context, conforming to the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    // INVARIANT: written by `Writer` for one `RowLayout`; every descriptor stays inside.
    bytes: Vec<u8>,
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
        writer.fields(&layout.fields, &entity_type.attributes, &values.iter().copied(), place)?;
        writer.ancestors(layout, ancestors)?;
        match (&entity_type.tags, layout.tags) {
            (Some(ty), Some(offset)) => writer.tags(ty, offset, tags)?,
            _ if tags.is_empty() => {}
            _ => return Err(RowErrorKind::UnexpectedTags.into()),
        }
        // There may be millions of these.
        writer.bytes.shrink_to_fit();
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
        let (attribute, record) = (element_attribute(ty), RecordLayout::of(ty));
        let place = Place { at: 0, is_nested: false };
        writer.value((&attribute, record.as_ref()), value, place)?;
        Ok(writer.finish())
    }

    /// A context in which every attribute is absent, or its type's zero; to be written as a whole.
    pub fn blank(layout: &RowLayout) -> Self {
        Self { bytes: alloc::vec![0; to_usize(layout.size)] }
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All that hangs below the descriptor at an offset of the fixed part, padded to whole words;
    /// nothing if it is empty.
    #[inline]
    pub fn content(&self, descriptor: usize) -> &[u8] {
        let word = |at| read_u32(&self.bytes, at).map_or(0, to_usize);
        let start = match word(descriptor) {
            0 => return &[],
            distance => descriptor + distance,
        };
        let len = start.checked_sub(8).map_or(0, word);
        self.bytes.get(start..start + len).unwrap_or_default()
    }

    /// Whether a field is there, and all that it is inside.
    pub fn has(&self, field: &RowField) -> bool {
        let mut presences = field.guards.iter().chain(&field.presence);
        presences.all(|at| self.bytes.get(*at).is_some_and(|byte| *byte != 0))
    }

    /// The number at an offset of the fixed part, as a Long, datetime or duration is.
    pub fn int(&self, offset: usize) -> Option<i64> {
        self.bytes.get(offset..)?.first_chunk().map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// Puts another number at an offset at which the layout has one; whether there was room.
    ///
    /// The number must lie within the bounds that the schema declares: modules rely on them.
    pub fn put_int(&mut self, offset: usize, value: i64) -> bool {
        let place = self.bytes.get_mut(offset..).and_then(<[u8]>::first_chunk_mut);
        place.map(|place| *place = value.to_le_bytes()).is_some()
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
fn listed(values: &BTreeMap<String, Value>) -> impl ExactSizeIterator<Item = Named<'_>> + Clone {
    values.iter().map(|(name, value)| (name.as_str(), value))
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
    /// The optional record that would hold the attribute is absent.
    NoRecord,
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
            Self::NoRecord => f.write_str("the record around it is absent"),
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
        Row { bytes: self.bytes }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let written = write(&mut self.bytes, at, bytes);
        debug_assert!(written.is_some(), "the layout covers every field");
    }

    fn fields<'v>(
        &mut self,
        layout: &[FieldLayout],
        record: &Record,
        values: &(impl ExactSizeIterator<Item = Named<'v>> + Clone),
        place: Place,
    ) -> Result<(), RowError> {
        let written = self.known_fields(layout, record, values.clone(), place);
        // An unknown name is told first, whatever else is wrong.
        let is_unknown = |(name, _): &Named<'_>| !record.attributes.contains_key(*name);
        match written {
            Ok(count) if count == values.len() => Ok(()),
            other => match values.clone().find(is_unknown) {
                Some((name, _)) => Err(RowError::from(RowErrorKind::Unknown).inside(name)),
                None => other.map(|_| ()),
            },
        }
    }

    /// Writes the fields that the record has; gives how many of the values that were.
    fn known_fields<'v>(
        &mut self,
        layout: &[FieldLayout],
        record: &Record,
        values: impl Iterator<Item = Named<'v>>,
        place: Place,
    ) -> Result<usize, RowError> {
        // All three are in name order, and `layout` and `record` hold the same names.
        let mut count = 0;
        let mut values = values.peekable();
        for (field, (name, attribute)) in layout.iter().zip(&record.attributes) {
            while values.next_if(|(given, _)| *given < name.as_str()).is_some() {}
            match values.next_if(|(given, _)| *given == name.as_str()) {
                Some((_, value)) => {
                    count += 1;
                    let at = place.at + to_usize(field.offset);
                    let place_of_value = Place { at, ..place };
                    self.value((attribute, field.record.as_ref()), value, place_of_value)
                        .map_err(|error| error.inside(name))?;
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
        Ok(count)
    }

    fn value(
        &mut self,
        (attribute, layout): (&Attribute, Option<&RecordLayout>),
        value: &Value,
        place: Place,
    ) -> Result<(), RowError> {
        if let Some(value) = RowValue::of(value) {
            match encode(self.schema, attribute, value)? {
                Encoded::Fixed(fixed) => self.put(place.at, fixed.bytes()),
                Encoded::Text(text) => self.string(text, attribute, place)?,
            }
            return Ok(());
        }
        match (&attribute.ty, value, layout) {
            (Type::Set(element), Value::Set(elements), _) => {
                self.set((attribute, element), elements, place)
            }
            (Type::Record(record), Value::Record(values), Some(layout)) => {
                self.fields(&layout.fields, record, &listed(values), place)
            }
            (want, _, _) => Err(wrong_type(want)),
        }
    }

    fn string(&mut self, text: &str, attribute: &Attribute, place: Place) -> Result<(), RowError> {
        if !self.is_unlimited {
            text_len(attribute, text.len())?;
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
        (attribute, ty): (&Attribute, &Type),
        elements: &[Value],
        place: Place,
    ) -> Result<(), RowError> {
        let mut set = Value::Set(elements.to_vec());
        set.canonicalize();
        let Value::Set(elements) = set else {
            return Err(wrong_type(ty));
        };
        if !self.is_unlimited {
            set_len(attribute, elements.len())?;
        }
        if elements.is_empty() {
            return Ok(());
        }
        let step = to_usize(stride(ty));
        let start = self.open_block(place);
        self.bytes.resize(start + elements.len() * step, 0);
        let (attribute, record) = (element_attribute(ty), RecordLayout::of(ty));
        for (index, element) in elements.iter().enumerate() {
            let at = start + index * step;
            self.value((&attribute, record.as_ref()), element, Place { at, is_nested: true })
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
            known_id(self.schema, &uid.type_name, &uid.id)?;
            placed.push((offset, *handle));
        }
        crate::sort_compactly(&mut placed, Ord::cmp);
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
        let (attribute, record) = (element_attribute(ty), RecordLayout::of(ty));
        let of_key = element_attribute(&Type::String);
        for (index, (key, value)) in tags.iter().enumerate() {
            let at = start + index * step;
            self.string(key, &of_key, Place { at, is_nested: true })
                .and_then(|()| {
                    let place = Place { at: at + 8, is_nested: true };
                    self.value((&attribute, record.as_ref()), value, place)
                })
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
