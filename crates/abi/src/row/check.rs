//! What a value must be to enter a row: the same checks, whoever writes it.

use crate::schema::{Attribute, Bounds, Schema};
use crate::{Handle, Ip, RowErrorKind, Type, Value};

/// A value that is no set and no record; borrowed, so that nothing is allocated for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowValue<'v> {
    /// Of type `Bool`.
    Bool(bool),
    /// Of type `Long`.
    Long(i64),
    /// Of type `Decimal`, in ten-thousandths.
    Decimal(i64),
    /// Of type `Datetime`, in milliseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// Of type `Duration`, in milliseconds.
    Duration(i64),
    /// Of type `Ip`.
    Ip(Ip),
    /// Of type `Entity`.
    Entity {
        /// Type name with its namespace.
        type_name: &'v str,
        /// Unescaped id.
        id: &'v str,
    },
    /// Of type `String`.
    String(&'v str),
}

impl<'v> RowValue<'v> {
    /// The value without its owner; none for a set or a record.
    pub fn of(value: &'v Value) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Long(value) => Self::Long(*value),
            Value::Decimal(value) => Self::Decimal(*value),
            Value::Datetime(value) => Self::Datetime(*value),
            Value::Duration(value) => Self::Duration(*value),
            Value::Ip(ip) => Self::Ip(*ip),
            Value::Entity(uid) => Self::Entity { type_name: &uid.type_name, id: &uid.id },
            Value::String(text) => Self::String(text),
            Value::Set(_) | Value::Record(_) => return None,
        })
    }

    /// The value with an owner.
    pub fn to_value(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Long(value) => Value::Long(value),
            Self::Decimal(value) => Value::Decimal(value),
            Self::Datetime(value) => Value::Datetime(value),
            Self::Duration(value) => Value::Duration(value),
            Self::Ip(ip) => Value::Ip(ip),
            Self::Entity { type_name, id } => Value::Entity(crate::EntityUid::new(type_name, id)),
            Self::String(text) => Value::String(text.into()),
        }
    }
}

/// The encoding of a value whose length its type gives.
#[derive(Clone, Copy)]
pub(super) struct Fixed {
    bytes: [u8; 24],
    len: usize,
}

impl Fixed {
    fn new(source: &[u8]) -> Self {
        let mut bytes = [0; 24];
        for (target, byte) in bytes.iter_mut().zip(source) {
            *target = *byte;
        }
        Self { bytes, len: source.len() }
    }

    pub(super) fn handle(handle: Handle) -> Self {
        Self::new(&handle.to_bytes())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// A value as it goes into a row.
pub(super) enum Encoded<'v> {
    Fixed(Fixed),
    Text(&'v str),
}

/// Encodes `value` if it conforms to `attribute`; whether a text is too long is not asked here.
pub(super) fn encode<'v>(
    schema: &Schema,
    attribute: &Attribute,
    value: RowValue<'v>,
) -> Result<Encoded<'v>, RowErrorKind> {
    let fixed = match (&attribute.ty, value) {
        (Type::Bool, RowValue::Bool(value)) => Fixed::new(&[u8::from(value)]),
        (Type::Long, RowValue::Long(number))
        | (Type::Decimal, RowValue::Decimal(number))
        | (Type::Datetime, RowValue::Datetime(number))
        | (Type::Duration, RowValue::Duration(number)) => {
            if let Some(Bounds { min, max }) = attribute.bounds
                && !(min..=max).contains(&number)
            {
                return Err(RowErrorKind::OutOfBounds { value: number, min, max });
            }
            Fixed::new(&number.to_le_bytes())
        }
        (Type::Ip, RowValue::Ip(ip)) => Fixed::new(&ip.to_bytes()),
        (Type::Entity(name), RowValue::Entity { type_name, id }) if type_name == name => {
            known_id(schema, type_name, id)?;
            Fixed::handle(Handle::of(type_name, id))
        }
        (Type::String, RowValue::String(text)) => return Ok(Encoded::Text(text)),
        (want, _) => return Err(RowErrorKind::WrongType { want: want.clone() }),
    };
    Ok(Encoded::Fixed(fixed))
}

/// Enumerated types and action types have the entities that the schema declares and no others.
pub(super) fn known_id(schema: &Schema, type_name: &str, id: &str) -> Result<(), RowErrorKind> {
    if schema.has_id(type_name, id) {
        Ok(())
    } else {
        Err(RowErrorKind::UnknownId { uid: crate::EntityUid::new(type_name, id) })
    }
}

/// Whether a text is short enough for its attribute.
pub(super) fn text_len(attribute: &Attribute, len: usize) -> Result<(), RowErrorKind> {
    let max = attribute.string_bytes_max();
    if len > super::to_usize(max) { Err(RowErrorKind::TooLong { len, max }) } else { Ok(()) }
}

/// Whether a set of so many distinct elements is small enough for its attribute.
pub(super) fn set_len(attribute: &Attribute, len: usize) -> Result<(), RowErrorKind> {
    let max = attribute.set_elements_max();
    if len > super::to_usize(max) {
        return Err(RowErrorKind::TooManyElements { len, max });
    }
    Ok(())
}
