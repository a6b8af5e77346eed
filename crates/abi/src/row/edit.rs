//! Changing one attribute of a context's row where it lies.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::check::{Encoded, Fixed, encode, known_id, set_len, text_len};
use super::{Place, Row, RowError, RowErrorKind, RowField, RowValue, Writer, to_u32, to_usize};
use crate::bytes::{padded, read_u32, read_u64, write};
use crate::layout::RecordLayout;
use crate::schema::Schema;
use crate::{EntityUid, Handle, Type, Value};

/// Bytes that the first text or set of an attribute reserves at most for later ones.
pub const ROOM_BYTES_MAX: usize = 16 * 1024;

/// What belongs to a row that is changed: where content has room, and working space.
#[derive(Clone, Debug, Default)]
pub struct RowSpace {
    // INVARIANT: each room is inside the row it belongs to, and no other content is.
    rooms: Vec<Room>,
    elements: Vec<u8>,
    before: Vec<u8>,
}

/// Bytes of a row that are kept for the content of one descriptor.
#[derive(Clone, Copy, Debug)]
struct Room {
    descriptor: usize,
    start: usize,
    len: usize,
}

/// Writes attributes of one row in place. Each write checks first and changes nothing if it fails.
#[derive(Debug)]
pub struct RowEditor<'r> {
    schema: &'r Schema,
    row: &'r mut Row,
    space: &'r mut RowSpace,
}

impl<'r> RowEditor<'r> {
    /// An editor of a context's row; its fields come from the layout that the row was written for.
    pub fn new(schema: &'r Schema, row: &'r mut Row, space: &'r mut RowSpace) -> Self {
        Self { schema, row, space }
    }

    /// The same editor for a shorter time.
    pub fn reborrow(&mut self) -> RowEditor<'_> {
        RowEditor { schema: self.schema, row: self.row, space: self.space }
    }

    /// Sets an attribute that is no set and no record. A text allocates when it is the first, or is
    /// longer than any before and than [`ROOM_BYTES_MAX`]; other values never do.
    ///
    /// # Errors
    ///
    /// [`RowError`] if the value does not conform, or an optional record around it is absent.
    pub fn put(&mut self, field: &RowField, value: RowValue<'_>) -> Result<(), RowError> {
        self.guarded(field)?;
        match encode(self.schema, &field.attribute, value).map_err(|kind| error(field, kind))? {
            Encoded::Fixed(fixed) => self.write(field.at, fixed.bytes()),
            Encoded::Text(text) => {
                let attribute = &field.attribute;
                text_len(attribute, text.len()).map_err(|kind| error(field, kind))?;
                let max = to_usize(attribute.string_bytes_max());
                self.content(field.at, text.as_bytes(), text.len(), max);
            }
        }
        self.mark(field);
        Ok(())
    }

    /// Sets an attribute to an entity whose `handle` is known, so that nothing is hashed.
    ///
    /// # Errors
    ///
    /// As [`RowEditor::put`].
    pub fn put_resolved(
        &mut self,
        field: &RowField,
        uid: &EntityUid,
        handle: Handle,
    ) -> Result<(), RowError> {
        debug_assert!(handle == uid.handle());
        self.guarded(field)?;
        match &field.attribute.ty {
            Type::Entity(name) if *name == uid.type_name => {}
            want => return Err(error(field, RowErrorKind::WrongType { want: want.clone() })),
        }
        let known = known_id(self.schema, &uid.type_name, &uid.id);
        known.map_err(|kind| error(field, kind))?;
        self.write(field.at, Fixed::handle(handle).bytes());
        self.mark(field);
        Ok(())
    }

    /// Whether the attribute is a set that [`RowEditor::put_set`] can write.
    pub fn is_plain_set(field: &RowField) -> bool {
        field.element.as_ref().is_some_and(|(element, _)| order_of(&element.ty).is_some())
    }

    /// Sets an attribute that is a set of values whose length their type gives: no texts, sets or
    /// records. It allocates when it is the first, or is longer than any before and than
    /// [`ROOM_BYTES_MAX`].
    ///
    /// # Errors
    ///
    /// As [`RowEditor::put`].
    pub fn put_set<'v>(
        &mut self,
        field: &RowField,
        elements: impl Iterator<Item = RowValue<'v>>,
    ) -> Result<(), RowError> {
        self.guarded(field)?;
        let wrong = || error(field, RowErrorKind::WrongType { want: field.attribute.ty.clone() });
        let (element, step) = field.element.as_ref().ok_or_else(wrong)?;
        let sort = order_of(&element.ty).ok_or_else(wrong)?;
        let max = to_usize(field.attribute.set_elements_max()).saturating_mul(*step);
        let scratch = &mut self.space.elements;
        scratch.clear();
        scratch.reserve(max.min(ROOM_BYTES_MAX));
        for value in elements {
            match encode(self.schema, element, value).map_err(|kind| error(field, kind))? {
                Encoded::Fixed(fixed) => scratch.extend_from_slice(fixed.bytes()),
                Encoded::Text(_) => return Err(wrong()),
            }
            scratch.resize(scratch.len().next_multiple_of(*step), 0);
        }
        let len = sort(scratch);
        set_len(&field.attribute, len).map_err(|kind| error(field, kind))?;
        // Taken out, so that the row can be written; a vector that is moved keeps its bytes.
        let scratch = core::mem::take(&mut self.space.elements);
        self.content(field.at, scratch.get(..len * step).unwrap_or_default(), len, max);
        self.space.elements = scratch;
        self.mark(field);
        Ok(())
    }

    /// Sets an attribute to any value of its type. Sets and records are encoded apart first, which
    /// allocates.
    ///
    /// # Errors
    ///
    /// As [`RowEditor::put`]; a whole context cannot be set like this.
    pub fn put_value(&mut self, field: &RowField, value: &Value) -> Result<(), RowError> {
        if let Some(value) = RowValue::of(value) {
            return self.put(field, value);
        }
        self.guarded(field)?;
        let attribute = &field.attribute;
        if field.is_context() {
            return Err(error(field, RowErrorKind::WrongType { want: attribute.ty.clone() }));
        }
        let staged = self.stage(field, value)?;
        let fixed = staged.get(..field.size).unwrap_or_default();
        self.write(field.at, fixed);
        for &spill in &field.spills {
            let (block, count) = block_at(&staged, spill - field.at);
            self.content(spill, block, count, 0);
        }
        self.mark(field);
        Ok(())
    }

    /// Takes an optional attribute away.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::Missing`] if it is required; [`RowErrorKind::NoRecord`] if an optional record
    /// around it is absent.
    pub fn clear(&mut self, field: &RowField) -> Result<(), RowError> {
        self.guarded(field)?;
        let presence = field.presence.ok_or_else(|| error(field, RowErrorKind::Missing))?;
        if let Some(bytes) = self.row.bytes.get_mut(field.at..field.at + field.size) {
            bytes.fill(0);
        }
        self.write(presence, &[0]);
        Ok(())
    }

    /// Says that an optional record is there, whose attributes are written next.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::WrongType`] if it is no record; [`RowErrorKind::NoRecord`].
    pub fn enter(&mut self, field: &RowField) -> Result<(), RowError> {
        self.guarded(field)?;
        if !matches!(field.attribute.ty, Type::Record(_)) {
            let want = field.attribute.ty.clone();
            return Err(error(field, RowErrorKind::WrongType { want }));
        }
        self.mark(field);
        Ok(())
    }

    /// Makes several changes or, if one fails, none. It allocates when the row is longer than ever.
    ///
    /// # Errors
    ///
    /// What `change` fails with.
    pub fn all_or_none<T, E>(
        &mut self,
        change: impl FnOnce(RowEditor<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut before = core::mem::take(&mut self.space.before);
        before.clone_from(&self.row.bytes);
        let result = change(self.reborrow());
        if result.is_err() {
            self.row.bytes.clone_from(&before);
            // Rooms made by the change are beyond the row's end again.
            let end = self.row.bytes.len();
            self.space.rooms.retain(|room| room.start + room.len <= end);
        }
        self.space.before = before;
        result
    }

    fn guarded(&self, field: &RowField) -> Result<(), RowError> {
        let is_there = |guard: &usize| self.row.bytes.get(*guard) == Some(&1);
        if field.guards.iter().all(is_there) {
            Ok(())
        } else {
            Err(error(field, RowErrorKind::NoRecord))
        }
    }

    /// The bytes of a value on its own, its fixed part at offset 0.
    fn stage(&self, field: &RowField, value: &Value) -> Result<Vec<u8>, RowError> {
        let mut writer = Writer::new(self.schema, to_u32(padded(field.size)));
        let record = RecordLayout::of(&field.attribute.ty);
        let place = Place { at: 0, is_nested: false };
        writer
            .value((&field.attribute, record.as_ref()), value, place)
            .map_err(|error| error.inside(&field.path))?;
        Ok(writer.bytes)
    }

    fn mark(&mut self, field: &RowField) {
        if let Some(presence) = field.presence {
            self.write(presence, &[1]);
        }
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        let written = write(&mut self.row.bytes, at, bytes);
        debug_assert!(written.is_some(), "the layout covers every field");
    }

    /// Makes `block` the content of a descriptor, in its room or in a new one.
    fn content(&mut self, descriptor: usize, block: &[u8], count: usize, max: usize) {
        let len = padded(block.len());
        // Even for nothing: what comes later then has its room.
        let Room { start, .. } = self.room(descriptor, len, padded(max));
        if block.is_empty() {
            self.write(descriptor, &[0; 8]);
            return;
        }
        self.write(start, block);
        if let Some(rest) = self.row.bytes.get_mut(start + block.len()..start + len) {
            rest.fill(0);
        }
        // The word before the content says how much of the room belongs to it.
        self.write(start - 8, &to_u32(len).to_le_bytes());
        self.write(descriptor, &to_u32(start - descriptor).to_le_bytes());
        self.write(descriptor + 4, &to_u32(count).to_le_bytes());
    }

    /// The descriptor's room of at least `len` bytes; a larger one at the end of the row if need be.
    fn room(&mut self, descriptor: usize, len: usize, max: usize) -> Room {
        let own = self.space.rooms.iter_mut().find(|room| room.descriptor == descriptor);
        let known = own.as_ref().map_or(0, |room| room.len);
        if let Some(room) = &own
            && len <= known
        {
            return **room;
        }
        // Twice as long as before: rooms that were left are then fewer bytes than the last.
        let wanted = len.max(max.min(ROOM_BYTES_MAX)).max(known * 2);
        let start = padded(self.row.bytes.len()) + 8;
        self.row.bytes.resize(start + wanted, 0);
        let room = Room { descriptor, start, len: wanted };
        match own {
            Some(own) => *own = room,
            None => self.space.rooms.push(room),
        }
        room
    }
}

fn error(field: &RowField, kind: RowErrorKind) -> RowError {
    RowError { path: field.path.clone(), kind }
}

/// The content of a descriptor in the fixed part of bytes just written, and its count.
fn block_at(bytes: &[u8], at: usize) -> (&[u8], usize) {
    let word = |at| read_u32(bytes, at).map_or(0, to_usize);
    let (distance, count) = (word(at), word(at + 4));
    if distance == 0 {
        return (&[], 0);
    }
    let start = at + distance;
    (bytes.get(start..start + word(start - 8)).unwrap_or_default(), count)
}

/// Sorts elements, takes repetitions out and gives how many are left.
type Sort = fn(&mut [u8]) -> usize;

/// How elements of a type are ordered; none if their length is not the type's.
fn order_of(ty: &Type) -> Option<Sort> {
    Some(match ty {
        Type::Bool | Type::Long | Type::Decimal | Type::Datetime | Type::Duration => {
            |bytes| distinct::<8>(bytes, |a, b| i64::from_le_bytes(*a).cmp(&i64::from_le_bytes(*b)))
        }
        Type::Entity(_) => |bytes| {
            distinct::<16>(bytes, |a, b| u128::from_le_bytes(*a).cmp(&u128::from_le_bytes(*b)))
        },
        Type::Ip => |bytes| distinct::<24>(bytes, |a, b| ip_key(a).cmp(&ip_key(b))),
        Type::String | Type::Set(_) | Type::Record(_) => return None,
    })
}

/// Address, prefix and family, as they are compared.
fn ip_key(bytes: &[u8; 24]) -> (u64, u64, [u8; 2]) {
    let word = |at| read_u64(bytes, at).unwrap_or_default();
    let [.., prefix, family, _, _, _, _, _, _] = *bytes;
    (word(8), word(0), [prefix, family])
}

fn distinct<const N: usize>(bytes: &mut [u8], order: fn(&[u8; N], &[u8; N]) -> Ordering) -> usize {
    let (elements, _) = bytes.as_chunks_mut::<N>();
    elements.sort_unstable_by(order);
    let mut len = 0_usize;
    for next in 0..elements.len() {
        let element = elements.get(next).copied();
        let last = len.checked_sub(1).and_then(|last| elements.get(last)).copied();
        if element != last
            && let (Some(target), Some(element)) = (elements.get_mut(len), element)
        {
            *target = element;
            len += 1;
        }
    }
    len
}
