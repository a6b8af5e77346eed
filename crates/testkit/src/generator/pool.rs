//! Values that policies, entities and cases speak of, and what lies just beside them.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use proptest::prelude::{Rng, RngExt};
use serde_json::{Map, Value, json};

use super::pick;
use super::time::{Clock, datetime_text, duration_text, neighbours};
use super::vocabulary::{Attribute, EntityKind, Record, Type, Vocabulary};
use crate::uid::uid_json;

/// Depth below which nothing is collected: as deep as the JSON reader goes.
const DEPTH_MAX: usize = 128;

/// What a mutated attribute may become, by type.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    longs: Vec<i64>,
    strings: Vec<String>,
    /// Literal instants, with a millisecond to either side.
    datetimes: Vec<String>,
    /// Literal instants moved by a literal duration, with a millisecond to either side.
    moved_datetimes: Vec<String>,
    durations: Vec<String>,
    decimals: Vec<String>,
    ips: Vec<String>,
    uids: BTreeMap<EntityTypeName, Vec<EntityUid>>,
}

/// Literals as they are found.
pub(crate) struct Literals {
    clock: Clock,
    longs: BTreeSet<i64>,
    strings: BTreeSet<String>,
    instants: BTreeSet<i64>,
    durations: BTreeSet<i64>,
    decimals: BTreeSet<String>,
    ips: BTreeSet<String>,
    ids: BTreeMap<String, BTreeSet<String>>,
}

impl Literals {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            longs: BTreeSet::from([-1, 0, 1]),
            strings: BTreeSet::from([String::new(), "other".to_owned()]),
            instants: BTreeSet::from([0]),
            durations: BTreeSet::from([0]),
            decimals: ["0.0", "1.5", "-0.0001"].map(str::to_owned).into(),
            ips: ["10.0.0.1", "127.0.0.1", "0.0.0.0/0", "::1", "224.0.0.1"]
                .map(str::to_owned)
                .into(),
            ids: BTreeMap::new(),
        }
    }

    /// Collects from a value of an entity or a context.
    pub(crate) fn note_value(&mut self, value: &Value) {
        self.note(value, true, 0);
    }

    /// Collects from a policy in Cedar's JSON form, where a literal stands under `Value` or in an extension call.
    pub(crate) fn note_policy(&mut self, policy: &Value) {
        self.note(policy, false, 0);
    }

    pub(crate) fn note_id(&mut self, type_name: &str, id: &str) {
        let ids = self.ids.entry(type_name.to_owned()).or_default();
        ids.insert(id.to_owned());
    }

    fn note(&mut self, value: &Value, is_literal: bool, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Number(number) if is_literal => self.longs.extend(number.as_i64()),
            Value::String(text) if is_literal => {
                self.strings.insert(text.clone());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::Array(items) => {
                for item in items {
                    self.note(item, is_literal, depth + 1);
                }
            }
            Value::Object(fields) => self.note_object(fields, is_literal, depth),
        }
    }

    fn note_object(&mut self, fields: &Map<String, Value>, is_literal: bool, depth: usize) {
        if let (Some(Value::String(type_name)), Some(Value::String(id))) =
            (fields.get("type"), fields.get("id"))
        {
            self.note_id(type_name, id);
            return;
        }
        if let (Some(Value::String(name)), Some(Value::String(argument))) =
            (fields.get("fn"), fields.get("arg"))
        {
            self.note_extension(name, argument);
            return;
        }
        for (name, value) in fields {
            if let Some(argument) = value.pointer("/0/Value").and_then(Value::as_str) {
                self.note_extension(name, argument);
            }
            let is_literal = is_literal || name == "Value";
            self.note(value, is_literal, depth + 1);
        }
    }

    fn note_extension(&mut self, name: &str, argument: &str) {
        match name {
            "datetime" => self.instants.extend(self.clock.instant(argument)),
            "duration" => self.durations.extend(self.clock.duration(argument)),
            "decimal" => {
                self.decimals.insert(argument.to_owned());
            }
            "ip" => {
                self.ips.insert(argument.to_owned());
            }
            _ => {}
        }
    }

    /// The pool of everything noted, and the ids that `vocabulary` lists.
    pub(crate) fn into_pool(mut self, vocabulary: &Vocabulary) -> Pool {
        let mut uids = BTreeMap::new();
        for (type_name, kind) in &vocabulary.entities {
            let ids = match kind {
                EntityKind::Enum(ids) => ids.iter().cloned().collect(),
                EntityKind::Standard { .. } => {
                    let mut ids = self.ids.remove(&type_name.to_string()).unwrap_or_default();
                    ids.insert("absent".to_owned());
                    ids
                }
            };
            let uid = |id| EntityUid::from_type_name_and_id(type_name.clone(), EntityId::new(id));
            uids.insert(type_name.clone(), ids.into_iter().map(uid).collect());
        }
        for uid in vocabulary.actions.keys() {
            // An attribute may name an action.
            let actions: &mut Vec<EntityUid> = uids.entry(uid.type_name().clone()).or_default();
            actions.push(uid.clone());
        }
        let moved = self.instants.iter().flat_map(|&instant| {
            let durations = self.durations.iter();
            durations.flat_map(move |&ms| [instant.saturating_add(ms), instant.saturating_sub(ms)])
        });
        let texts = |instants: &BTreeSet<i64>| {
            let instants = neighbours(instants);
            instants.into_iter().filter_map(datetime_text).collect()
        };
        Pool {
            longs: neighbours(&self.longs).into_iter().collect(),
            strings: self.strings.into_iter().collect(),
            datetimes: texts(&self.instants),
            moved_datetimes: texts(&moved.collect()),
            durations: neighbours(&self.durations).into_iter().map(duration_text).collect(),
            decimals: self.decimals.into_iter().collect(),
            ips: self.ips.into_iter().collect(),
            uids,
        }
    }
}

impl Pool {
    /// A value of type `of`; `null`, which no type admits, only if a type has no ids.
    pub(crate) fn value(&self, of: &Type, rng: &mut impl Rng) -> Value {
        match of {
            Type::Bool => json!(rng.random::<bool>()),
            Type::Long => json!(self.long(rng)),
            Type::String => json!(pick(&self.strings, rng)),
            Type::Datetime if rng.random_ratio(2, 5) => {
                extension("datetime", pick(&self.moved_datetimes, rng))
            }
            Type::Datetime => extension("datetime", pick(&self.datetimes, rng)),
            Type::Duration => extension("duration", pick(&self.durations, rng)),
            Type::Decimal => extension("decimal", pick(&self.decimals, rng)),
            Type::Ip => extension("ip", pick(&self.ips, rng)),
            Type::Entity(type_name) => match self.uid(type_name, rng) {
                Some(uid) => json!({ "__entity": uid_json(uid) }),
                None => Value::Null,
            },
            Type::Set(element) => {
                let len = rng.random_range(0..4);
                (0..len).map(|_| self.value(element, rng)).collect()
            }
            Type::Record(record) => Value::Object(self.record(record, rng)),
        }
    }

    /// A value of an attribute, within its bounds.
    pub(crate) fn attribute(&self, attribute: &Attribute, rng: &mut impl Rng) -> Value {
        let value = self.value(&attribute.of, rng);
        match (value.as_i64(), attribute.bounds) {
            (Some(number), Some((min, max))) => json!(number.clamp(min, max)),
            (_, _) => value,
        }
    }

    /// A record with every required attribute, and each other one in half of the cases.
    pub(crate) fn record(&self, record: &Record, rng: &mut impl Rng) -> Map<String, Value> {
        let mut fields = Map::new();
        for (name, attribute) in record {
            if attribute.is_required || rng.random::<bool>() {
                fields.insert(name.clone(), self.attribute(attribute, rng));
            }
        }
        fields
    }

    /// An entity of this type, in the store or not; `None` for a type that the schema does not have.
    pub(crate) fn uid(&self, type_name: &EntityTypeName, rng: &mut impl Rng) -> Option<&EntityUid> {
        pick(self.uids.get(type_name)?, rng)
    }

    /// The entities of a type that the pool names.
    pub(crate) fn uids(&self, type_name: &EntityTypeName) -> &[EntityUid] {
        self.uids.get(type_name).map(Vec::as_slice).unwrap_or_default()
    }

    fn long(&self, rng: &mut impl Rng) -> i64 {
        if rng.random_ratio(1, 12) {
            return if rng.random() { i64::MAX } else { i64::MIN };
        }
        pick(&self.longs, rng).copied().unwrap_or_default()
    }
}

fn extension(name: &str, argument: Option<&String>) -> Value {
    json!({ "__extn": { "fn": name, "arg": argument } })
}
