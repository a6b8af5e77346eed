//! The schema as a host needs it: entity types, actions and the types of their attributes.

#[cfg(feature = "serde")]
mod compact;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::EntityUid;
#[cfg(feature = "serde")]
use compact::CompactSchema;

/// Elements a set may have where no `@max` says otherwise; a bound makes the worst case static.
pub const SET_ELEMENTS_MAX: u32 = 64;

/// Bytes a string may have where no `@max` says otherwise.
pub const STRING_BYTES_MAX: u32 = 256;

/// Ancestors that one entity may have.
pub const ANCESTORS_MAX: usize = 1_024;

/// Entity types and actions of one schema, each sorted by name.
///
/// The position of an entity type or an action in its list is its index in frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CompactSchema", into = "CompactSchema"))]
pub struct Schema {
    /// Entity types sorted by name; action types are among them.
    pub entity_types: Vec<EntityType>,
    /// Actions and action groups sorted by uid.
    pub actions: Vec<Action>,
}

impl Schema {
    /// Index and declaration of the entity type `name`.
    pub fn entity_type(&self, name: &str) -> Option<(u32, &EntityType)> {
        let index = self.entity_types.binary_search_by(|t| t.name.as_str().cmp(name)).ok()?;
        Some((u32::try_from(index).ok()?, self.entity_types.get(index)?))
    }

    /// Whether an entity may have this id: enumerated types and action types have the entities that
    /// the schema declares and no others.
    pub fn has_id(&self, type_name: &str, id: &str) -> bool {
        let Some((_, entity_type)) = self.entity_type(type_name) else { return true };
        let order_of = |own: &str| own.cmp(id);
        match &entity_type.ids {
            Some(ids) => ids.binary_search_by(|own| order_of(own)).is_ok(),
            None if entity_type.is_action => {
                let name = |a: &Action| a.uid.type_name.as_str().cmp(type_name);
                let order = |a: &Action| name(a).then_with(|| order_of(&a.uid.id));
                self.actions.binary_search_by(order).is_ok()
            }
            None => true,
        }
    }

    /// Index and declaration of the action `uid`.
    pub fn action(&self, uid: &EntityUid) -> Option<(u32, &Action)> {
        let index = self.actions.binary_search_by(|a| a.uid.cmp(uid)).ok()?;
        Some((u32::try_from(index).ok()?, self.actions.get(index)?))
    }
}

/// One entity type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EntityType {
    /// Name with its namespace.
    pub name: String,
    /// Attributes by name.
    pub attributes: Record,
    /// Type of the tags' values, where the type has tags.
    pub tags: Option<Type>,
    /// Names of all types that can be ancestors, sorted.
    pub ancestors: Vec<String>,
    /// The ids of an enumerated type, sorted.
    pub ids: Option<Vec<String>>,
    /// Whether this is the type of actions: its entities come from the schema alone.
    pub is_action: bool,
}

/// One action or action group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The action's uid.
    pub uid: EntityUid,
    /// All groups it is in, directly or not, sorted.
    pub groups: Vec<EntityUid>,
    /// Names of the entity types that may be principal, sorted; empty for a group.
    pub principals: Vec<String>,
    /// Names of the entity types that may be resource, sorted.
    pub resources: Vec<String>,
    /// Type of the context.
    pub context: Record,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// 64-bit signed integer.
    Long,
    /// UTF-8 text.
    String,
    /// Fixed-point number with four digits after the point, as an integer of ten-thousandths.
    Decimal,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Datetime,
    /// Milliseconds.
    Duration,
    /// IPv4 or IPv6 address with a prefix length.
    Ip,
    /// Reference to an entity of the named type.
    Entity(String),
    /// Set of values of one type.
    Set(Box<Type>),
    /// Closed record.
    Record(Record),
}

/// The attributes of a record, an entity type or a context.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Record {
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Attribute {
    /// Type of its value.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub ty: Type,
    /// Whether a conforming value always has it.
    pub required: bool,
    /// How it moves with time, from `@clock`.
    pub clock: Option<Clock>,
    /// Largest number of elements of a set, or of bytes of a string, from `@max`.
    pub max: Option<u32>,
    /// Least and largest value of a Long, datetime or duration, from `@min` and `@max`.
    pub bounds: Option<Bounds>,
}

/// The values that a number may have; both ends are among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Bounds {
    /// Least value; milliseconds for datetimes and durations.
    pub min: i64,
    /// Largest value.
    pub max: i64,
}

impl Attribute {
    /// An attribute without annotations.
    pub fn new(ty: Type, required: bool) -> Self {
        Self { ty, required, clock: None, max: None, bounds: None }
    }

    /// Elements a set attribute may have.
    pub fn set_elements_max(&self) -> u32 {
        self.max.unwrap_or(SET_ELEMENTS_MAX)
    }

    /// Bytes a string attribute may have.
    pub fn string_bytes_max(&self) -> u32 {
        self.max.unwrap_or(STRING_BYTES_MAX)
    }
}

/// How a context attribute moves with the clock while nothing else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Clock {
    /// A datetime that is the current time.
    Instant,
    /// A duration that grows with time.
    Elapsed,
    /// A duration that shrinks with time.
    Remaining,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("Bool"),
            Self::Long => f.write_str("Long"),
            Self::String => f.write_str("String"),
            Self::Decimal => f.write_str("decimal"),
            Self::Datetime => f.write_str("datetime"),
            Self::Duration => f.write_str("duration"),
            Self::Ip => f.write_str("ipaddr"),
            Self::Entity(name) => f.write_str(name),
            Self::Set(element) => write!(f, "Set<{element}>"),
            Self::Record(record) => {
                f.write_str("{")?;
                for (index, (name, attribute)) in record.attributes.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    let mark = if attribute.required { "" } else { "?" };
                    write!(f, "{comma}{name}{mark}: {}", attribute.ty)?;
                }
                f.write_str("}")
            }
        }
    }
}
