//! Values out of an arena.

use std::collections::BTreeMap;

use trapkey_abi::{EntityUid, Value, parse_ip};

use crate::types::{self, Failure, Field};

/// Values that a call may have, each counted as often as something refers to it, and one more for each [`TEXT_BYTES`]
/// of its texts.
pub(crate) const VALUES_MAX: usize = 1_000_000;

/// Bytes of text that count as a value.
const TEXT_BYTES: usize = 64;

/// Levels that a value may have.
const DEPTH_MAX: u32 = 64;

/// The values of one call, each refers to earlier ones alone.
pub(crate) struct Arena<'a> {
    values: &'a [types::Value],
    /// Of each value, how many it amounts to with all that it refers to, and how many levels it has.
    sizes: Vec<(usize, u32)>,
    left: usize,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(values: &'a [types::Value]) -> Result<Self, Failure> {
        let mut sizes: Vec<(usize, u32)> = Vec::with_capacity(values.len().min(VALUES_MAX));
        for (value, at) in values.iter().zip(0..) {
            let fields;
            let (parts, bytes): (&[u32], usize) = match value {
                types::Value::Set(parts) => (parts, 0),
                types::Value::Structure(parts) => {
                    fields = parts.iter().map(|field| field.value).collect::<Vec<_>>();
                    (&fields, parts.iter().map(|field| field.name.len()).sum())
                }
                types::Value::Text(text) | types::Value::Ip(text) => (&[], text.len()),
                types::Value::Entity(uid) => {
                    (&[], uid.type_name.len().saturating_add(uid.id.len()))
                }
                types::Value::Boolean(_)
                | types::Value::Long(_)
                | types::Value::Decimal(_)
                | types::Value::Datetime(_)
                | types::Value::Duration(_) => (&[], 0),
            };
            let (mut size, mut depth) = (1_usize.saturating_add(bytes / TEXT_BYTES), 0);
            for part in parts {
                let known = usize::try_from(*part).ok().and_then(|part| sizes.get(part));
                let (own, levels) = known.ok_or(Failure::Value(at))?;
                size = size.saturating_add(*own);
                depth = depth.max(*levels);
            }
            if depth >= DEPTH_MAX {
                return Err(too_large("levels of a value", depth, DEPTH_MAX));
            }
            sizes.push((size, depth + 1));
        }
        Ok(Self { values, sizes, left: VALUES_MAX })
    }

    /// The value with this index.
    pub(crate) fn value(&mut self, index: u32) -> Result<Value, Failure> {
        let at = usize::try_from(index).map_err(|_| Failure::Value(index))?;
        let (size, _) = self.sizes.get(at).ok_or(Failure::Value(index))?;
        let left = self.left.checked_sub(*size);
        self.left = left.ok_or_else(|| too_large("values", "more", VALUES_MAX))?;
        self.build(at, index)
    }

    fn build(&self, at: usize, index: u32) -> Result<Value, Failure> {
        let part = |index: u32| {
            let at = usize::try_from(index).map_err(|_| Failure::Value(index))?;
            self.build(at, index)
        };
        Ok(match self.values.get(at).ok_or(Failure::Value(index))? {
            types::Value::Boolean(value) => Value::Bool(*value),
            types::Value::Long(value) => Value::Long(*value),
            types::Value::Text(value) => Value::String(value.clone()),
            types::Value::Decimal(value) => Value::Decimal(*value),
            types::Value::Datetime(value) => Value::Datetime(*value),
            types::Value::Duration(value) => Value::Duration(*value),
            types::Value::Ip(text) => Value::Ip(parse_ip(text).map_err(|_| Failure::Value(index))?),
            types::Value::Entity(uid) => Value::Entity(entity_uid(uid)),
            types::Value::Set(parts) => {
                Value::Set(parts.iter().map(|index| part(*index)).collect::<Result<_, _>>()?)
            }
            types::Value::Structure(fields) => {
                let mut record = BTreeMap::new();
                for field in fields {
                    if record.insert(field.name.clone(), part(field.value)?).is_some() {
                        return Err(Failure::Value(index));
                    }
                }
                Value::Record(record)
            }
        })
    }

    /// Named values; the name that is there twice if there is one.
    pub(crate) fn fields(
        &mut self,
        fields: &[Field],
    ) -> Result<Result<BTreeMap<String, Value>, String>, Failure> {
        let mut values = BTreeMap::new();
        for field in fields {
            if values.insert(field.name.clone(), self.value(field.value)?).is_some() {
                return Ok(Err(field.name.clone()));
            }
        }
        Ok(Ok(values))
    }
}

pub(crate) fn entity_uid(uid: &types::EntityUid) -> EntityUid {
    EntityUid::new(uid.type_name.clone(), uid.id.clone())
}

pub(crate) fn too_large(
    what: &str,
    found: impl core::fmt::Display,
    max: impl core::fmt::Display,
) -> Failure {
    Failure::TooLarge(format!("{found} {what}, at most {max}"))
}
