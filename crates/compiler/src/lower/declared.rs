//! What the schema declares of strings, sets and records in memory, for the cost of reading them.

use std::collections::BTreeMap;

use trapkey_abi::{Record, SET_ELEMENTS_MAX, STRING_BYTES_MAX, Type};

use super::access::has_shape;
use crate::ir::{Expr, Kind, Local};
use crate::prove;

/// Bytes of strings and elements of sets that there may be, by their address. What is not here may
/// be as large as a frame.
pub(crate) type Limits = BTreeMap<Expr, u32>;

/// Declarations by address; of addresses too large for a key nothing is known.
#[derive(Default)]
pub(super) struct Declared<'a> {
    limits: Limits,
    /// Types of the elements of sets.
    elements: BTreeMap<Expr, &'a Type>,
    /// Records: one and the record at its start have one address.
    records: BTreeMap<Expr, Vec<&'a Record>>,
}

impl<'a> Declared<'a> {
    /// Notes what lies at an address, with the limit that the schema sets for it.
    pub(super) fn note(&mut self, address: &Expr, ty: &'a Type, max: Option<u32>) {
        match ty {
            Type::String => self.limit(address, max.unwrap_or(STRING_BYTES_MAX)),
            Type::Set(element) => {
                self.limit(address, max.unwrap_or(SET_ELEMENTS_MAX));
                self.elements.extend(prove::address_key(address).map(|key| (key, &**element)));
            }
            Type::Record(record) => {
                if let Some(key) = prove::address_key(address) {
                    let known = self.records.entry(key).or_default();
                    if !known.iter().any(|known| has_shape(known, record)) {
                        known.push(record);
                    }
                }
            }
            Type::Bool
            | Type::Long
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_) => {}
        }
    }

    /// Notes what a string or set at an address holds at most.
    pub(super) fn limit(&mut self, address: &Expr, max: u32) {
        if let Some(key) = prove::address_key(address) {
            let limit = self.limits.entry(key).or_default();
            *limit = max.max(*limit);
        }
    }

    /// A variable is bound to an address.
    pub(super) fn bind(&mut self, local: Local, address: &Expr) {
        let Some(key) = prove::address_key(address) else { return };
        let local = Expr::Local(local, Kind::Address);
        let limit = self.limits.get(&key).copied();
        self.limits.extend(limit.map(|limit| (local.clone(), limit)));
        let element = self.elements.get(&key).copied();
        self.elements.extend(element.map(|element| (local.clone(), element)));
        let records = self.records.get(&key).cloned();
        self.records.extend(records.map(|records| (local, records)));
    }

    /// The declared type of the elements of the set at an address.
    pub(super) fn element(&self, set: &Expr) -> Option<&'a Type> {
        self.elements.get(&prove::address_key(set)?).copied()
    }

    /// The declared record at an address, of the same shape as another.
    pub(super) fn record(&self, address: &Expr, like: &Record) -> Option<&'a Record> {
        let known = self.records.get(&prove::address_key(address)?)?;
        known.iter().copied().find(|known| has_shape(known, like))
    }

    pub(super) fn into_limits(self) -> Limits {
        self.limits
    }
}

/// The limits that hold for a condition which several policies or environments have.
pub(crate) fn widen(limits: &mut Limits, other: &Limits) {
    limits.retain(|address, limit| {
        let Some(other) = other.get(address) else { return false };
        *limit = (*limit).max(*other);
        true
    });
}
