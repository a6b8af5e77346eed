//! JSON values read as values of a declared type.

use std::collections::BTreeMap;
use std::fmt;

use trapkey_abi::{EntityUid, Record, TextError, Type, Value};

use super::extension::read_extension;
use super::{Fields, Place, Raw};

/// Why a JSON value is not a value of the declared type, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// Path of the value, as `entities[3].attrs.zone`.
    pub path: String,
    /// What is wrong there.
    pub kind: ValueErrorKind,
}

/// What is wrong with a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// The value is of another type than the declared one.
    WrongType {
        /// The declared type.
        want: Type,
        /// What was found.
        found: Found,
    },
    /// The value is not a reference to an entity.
    NotAReference {
        /// What was found.
        found: Found,
    },
    /// The reference is to an entity of another type than the declared one.
    WrongEntityType {
        /// The declared type.
        want: String,
        /// The type of the reference.
        found: String,
    },
    /// The schema declares no such attribute.
    UnknownAttribute,
    /// The schema declares no tags here.
    UnexpectedTag,
    /// The value is written as `__expr`, which Cedar no longer reads.
    Expr,
    /// The text is not one of the extension type.
    Text {
        /// The extension type.
        want: Type,
        /// What is wrong with the text.
        reason: TextError,
    },
    /// No function of this name makes extension values.
    UnknownFunction {
        /// The name that was given.
        name: String,
    },
    /// The function takes another number of arguments.
    ArgumentCount {
        /// Name of the function.
        name: String,
        /// Arguments it takes.
        want: usize,
        /// Arguments given.
        found: usize,
    },
    /// The function's result is out of range.
    Overflow {
        /// Name of the function.
        name: String,
    },
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A 64-bit signed integer.
    Long,
    /// Any other number.
    OtherNumber,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.kind)
    }
}

impl std::error::Error for ValueError {}

impl fmt::Display for ValueErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType { want, found } => {
                write!(f, "expected a value of type {want}, found {found}")
            }
            Self::NotAReference { found } => {
                write!(f, "expected an entity as `type` and `id`, found {found}")
            }
            Self::WrongEntityType { want, found } => {
                write!(f, "expected an entity of type `{want}`, found one of type `{found}`")
            }
            Self::UnknownAttribute => f.write_str("the schema declares no such attribute"),
            Self::UnexpectedTag => f.write_str("the entity type has no tags"),
            Self::Expr => f.write_str("`__expr` is no longer part of Cedar's JSON"),
            Self::Text { want, reason } => write!(f, "expected a text of type {want}: {reason}"),
            Self::UnknownFunction { name } => {
                write!(f, "no function `{name}` makes values of an extension type")
            }
            Self::ArgumentCount { name, want, found } => {
                write!(f, "`{name}` takes {want} arguments, found {found}")
            }
            Self::Overflow { name } => write!(f, "the result of `{name}` is out of range"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Long => "an integer",
            Self::OtherNumber => "a number that is not a 64-bit integer",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

impl Raw<'_> {
    pub(crate) fn found(&self) -> Found {
        match self {
            Self::Null => Found::Null,
            Self::Bool(_) => Found::Bool,
            Self::Long(_) => Found::Long,
            Self::OtherNumber => Found::OtherNumber,
            Self::String(_) => Found::String,
            Self::Array(_) => Found::Array,
            Self::Object(_) => Found::Object,
        }
    }
}

impl Place<'_> {
    pub(crate) fn error(&self, kind: ValueErrorKind) -> ValueError {
        ValueError { path: self.to_string(), kind }
    }

    pub(crate) fn wrong_type(&self, want: &Type, raw: &Raw<'_>) -> ValueError {
        self.error(ValueErrorKind::WrongType { want: want.clone(), found: raw.found() })
    }
}

/// Reads `raw` as a value of type `ty`.
///
/// Limits, ids of enumerated types and absent attributes are left to the row.
pub(crate) fn read_value(ty: &Type, raw: &Raw<'_>, place: &Place<'_>) -> Result<Value, ValueError> {
    match (ty, raw) {
        (Type::Bool, Raw::Bool(value)) => Ok(Value::Bool(*value)),
        (Type::Long, Raw::Long(value)) => Ok(Value::Long(*value)),
        (Type::String, Raw::String(value)) => Ok(Value::String(value.to_string())),
        (Type::Decimal | Type::Datetime | Type::Duration | Type::Ip, _) => {
            read_extension(ty, raw, place)
        }
        (Type::Entity(want), _) => {
            let uid = read_reference(raw, place)?;
            if uid.type_name != *want {
                let (want, found) = (want.clone(), uid.type_name);
                return Err(place.error(ValueErrorKind::WrongEntityType { want, found }));
            }
            Ok(Value::Entity(uid))
        }
        (Type::Set(element), Raw::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| read_value(element, item, &Place::Item(place, index)))
            .collect::<Result<_, _>>()
            .map(Value::Set),
        (Type::Record(record), Raw::Object(fields)) => {
            read_record(record, fields, place).map(Value::Record)
        }
        (Type::Bool | Type::Long | Type::String | Type::Set(_) | Type::Record(_), _) => {
            Err(place.wrong_type(ty, raw))
        }
    }
}

/// Reads the fields of a record, an entity or a context.
pub(crate) fn read_record(
    record: &Record,
    fields: &Fields<'_>,
    place: &Place<'_>,
) -> Result<BTreeMap<String, Value>, ValueError> {
    // Not collected, which would sort again.
    let mut values = BTreeMap::new();
    for (name, raw) in fields.iter() {
        let place = Place::Field(place, name);
        let attribute = record
            .attributes
            .get(name)
            .ok_or_else(|| place.error(ValueErrorKind::UnknownAttribute))?;
        values.insert(name.to_owned(), read_value(&attribute.ty, raw, &place)?);
    }
    Ok(values)
}

/// Reads a reference to an entity: `type` and `id`, alone or under `__entity`; keys beside them
/// are ignored, as Cedar does.
pub(crate) fn read_reference(raw: &Raw<'_>, place: &Place<'_>) -> Result<EntityUid, ValueError> {
    let uid = match raw {
        Raw::Object(fields) => {
            if let Some(Raw::String(_)) = fields.get("__expr") {
                return Err(place.error(ValueErrorKind::Expr));
            }
            match fields.get("__entity") {
                // Cedar reads two strings in an array as type and id, and would prefer them to the
                // keys beside them.
                Some(Raw::Array(_)) => None,
                inner => inner.and_then(type_and_id).or_else(|| type_and_id(raw)),
            }
        }
        _ => None,
    };
    uid.ok_or_else(|| place.error(ValueErrorKind::NotAReference { found: raw.found() }))
}

fn type_and_id(raw: &Raw<'_>) -> Option<EntityUid> {
    let Raw::Object(fields) = raw else {
        return None;
    };
    match (fields.get("type"), fields.get("id")) {
        (Some(Raw::String(type_name)), Some(Raw::String(id))) => {
            Some(EntityUid::new(type_name.as_ref(), id.as_ref()))
        }
        _ => None,
    }
}
