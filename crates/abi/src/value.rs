//! Typed values on the host's side, before they are encoded.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::EntityUid;

/// A value of a [`Type`](crate::Type).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Value {
    /// Of type `Bool`.
    Bool(bool),
    /// Of type `Long`.
    Long(i64),
    /// Of type `String`.
    String(String),
    /// Of type `Decimal`, in ten-thousandths.
    Decimal(i64),
    /// Of type `Datetime`, in milliseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// Of type `Duration`, in milliseconds.
    Duration(i64),
    /// Of type `Ip`.
    Ip(Ip),
    /// Of type `Entity`.
    Entity(EntityUid),
    /// Of type `Set`; order and repetition do not matter.
    Set(Vec<Value>),
    /// Of type `Record`.
    Record(BTreeMap<String, Value>),
}

impl Value {
    /// The contract's total order of values of one type: numbers as signed numbers, strings by
    /// bytes, entities by handle, sets (already canonical) element by element, records by field.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Long(a), Self::Long(b))
            | (Self::Decimal(a), Self::Decimal(b))
            | (Self::Datetime(a), Self::Datetime(b))
            | (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Ip(a), Self::Ip(b)) => a.cmp(b),
            (Self::Entity(a), Self::Entity(b)) => a.handle().cmp(&b.handle()),
            (Self::Set(a), Self::Set(b)) => compare_all(a.iter(), b.iter()),
            (Self::Record(a), Self::Record(b)) => compare_records(a, b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    /// Sorts every set in the value and removes repetitions, innermost first.
    pub fn canonicalize(&mut self) {
        match self {
            Self::Set(elements) => {
                elements.iter_mut().for_each(Self::canonicalize);
                crate::sort_compactly(elements, Self::canonical_cmp);
                elements.dedup_by(|a, b| a.canonical_cmp(b).is_eq());
            }
            Self::Record(fields) => fields.values_mut().for_each(Self::canonicalize),
            Self::Bool(_)
            | Self::Long(_)
            | Self::String(_)
            | Self::Decimal(_)
            | Self::Datetime(_)
            | Self::Duration(_)
            | Self::Ip(_)
            | Self::Entity(_) => {}
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Long(_) => 1,
            Self::String(_) => 2,
            Self::Decimal(_) => 3,
            Self::Datetime(_) => 4,
            Self::Duration(_) => 5,
            Self::Ip(_) => 6,
            Self::Entity(_) => 7,
            Self::Set(_) => 8,
            Self::Record(_) => 9,
        }
    }
}

fn compare_all<'a>(
    a: impl ExactSizeIterator<Item = &'a Value>,
    b: impl ExactSizeIterator<Item = &'a Value>,
) -> Ordering {
    let lengths = a.len().cmp(&b.len());
    a.zip(b).map(|(a, b)| a.canonical_cmp(b)).find(|order| order.is_ne()).unwrap_or(lengths)
}

fn compare_records(a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>) -> Ordering {
    let names = a.keys().cmp(b.keys());
    if names.is_ne() {
        return names;
    }
    compare_all(a.values(), b.values())
}

/// An IPv4 or IPv6 address with a prefix length; equal only if all three parts are.
///
/// Encoded in 24 bytes: the address as a little-endian 128-bit number, the prefix length, 1 for
/// IPv6 or 0 for IPv4, six zero bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ip {
    /// The address as a number; an IPv4 address uses the low 32 bits.
    pub address: u128,
    /// Prefix length in bits: at most 32 for IPv4, 128 for IPv6.
    pub prefix: u8,
    /// Whether the address is IPv6.
    pub v6: bool,
}

impl core::str::FromStr for Ip {
    type Err = crate::TextError;

    /// Reads what Cedar's `ip` reads, as `10.0.0.0/8`.
    fn from_str(text: &str) -> Result<Self, crate::TextError> {
        crate::parse_ip(text)
    }
}

impl Ip {
    /// The encoded form.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let (address, rest) = bytes.split_at_mut(16);
        address.copy_from_slice(&self.address.to_le_bytes());
        if let [prefix, v6, ..] = rest {
            *prefix = self.prefix;
            *v6 = u8::from(self.v6);
        }
        bytes
    }
}
