//! Entities and requests that are as large as a schema allows.

use serde_json::{Map, Value, json};
use trapkey::{Compiled, EntityType, Record, Schema, Type};
use trapkey_abi::ANCESTORS_MAX;

/// How values are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fill {
    /// Whether facts and contexts hold the same values, or none in common.
    pub(crate) is_shared: bool,
    /// Whether optional attributes are there.
    pub(crate) has_optional: bool,
    /// Elements of a set inside a set inside a set, and deeper.
    pub(crate) deep: u32,
}

impl Fill {
    pub(crate) const ALL: [Self; 3] = [
        Self { is_shared: true, has_optional: true, deep: 2 },
        Self { is_shared: false, has_optional: true, deep: 2 },
        Self { is_shared: false, has_optional: false, deep: 2 },
    ];

    /// One entity of each type, with the id `e`, or the first of an enumeration's.
    pub(crate) fn store(self, schema: &Schema) -> Value {
        let types = schema.entity_types.iter();
        let types = types.filter(|ty| !ty.is_action && ty.ids.is_none());
        types.map(|ty| self.entity(schema, ty)).collect()
    }

    fn entity(self, schema: &Schema, ty: &EntityType) -> Value {
        let attributes = self.record(schema, &ty.attributes, 0, 0);
        let tags: Map<String, Value> = match &ty.tags {
            Some(tag) => (0..trapkey_abi::SET_ELEMENTS_MAX)
                .map(|n| (text(256, n), self.value(schema, (tag, None), n, 1)))
                .collect(),
            None => Map::new(),
        };
        json!({
            "uid": { "type": ty.name, "id": "e" },
            "attrs": attributes,
            "parents": parents(schema, ty),
            "tags": tags,
        })
    }

    /// A request in each environment.
    pub(crate) fn requests(self, compiled: &Compiled) -> Vec<Value> {
        let schema = &compiled.schema;
        let environments = compiled.gather.environments.iter();
        let requests = environments.map(|environment| {
            let uid = |of: u32| {
                let ty = &schema.entity_types[of as usize];
                json!({ "type": ty.name, "id": id(schema, &ty.name) })
            };
            let action = &schema.actions[environment.action as usize];
            let first = if self.is_shared { 0 } else { 1_000_000 };
            json!({
                "principal": uid(environment.principal_type),
                "action": { "type": action.uid.type_name, "id": action.uid.id },
                "resource": uid(environment.resource_type),
                "context": self.record(schema, &action.context, first, 0),
            })
        });
        requests.collect()
    }

    fn record(self, schema: &Schema, record: &Record, first: u32, depth: u32) -> Value {
        let attributes = record.attributes.iter();
        let attributes =
            attributes.filter(|(_, attribute)| attribute.required || self.has_optional);
        let value = |(name, attribute): (&String, &trapkey::Attribute)| {
            let bounded = attribute.bounds.map(|bounds| bounds.min);
            let value = match (&attribute.ty, bounded) {
                (Type::Long, Some(min)) => json!(min),
                (Type::Duration, Some(min)) => extension("duration", &format!("{min}ms")),
                (Type::Datetime, Some(_)) => extension("datetime", "2026-01-01"),
                (ty, _) => self.value(schema, (ty, attribute.max), first, depth),
            };
            (name.clone(), value)
        };
        Value::Object(attributes.map(value).collect())
    }

    /// The value of a type with this number.
    fn value(
        self,
        schema: &Schema,
        (ty, max): (&Type, Option<u32>),
        number: u32,
        depth: u32,
    ) -> Value {
        match ty {
            Type::Bool => json!(number.is_multiple_of(2)),
            Type::Long => json!(number),
            Type::String => json!(text(max.unwrap_or(256), number)),
            Type::Decimal => extension("decimal", &format!("{number}.5")),
            Type::Datetime => extension("datetime", &format!("{:04}-01-01", 1970 + number % 8_000)),
            Type::Duration => extension("duration", &format!("{number}ms")),
            Type::Ip => extension("ip", &format!("10.{}.{}.1", number / 256 % 256, number % 256)),
            Type::Entity(name) => {
                let ty = schema.entity_type(name).unwrap().1;
                let id = match number {
                    _ if ty.is_action || ty.ids.is_some() => id(schema, name),
                    0 => "e".to_owned(),
                    number => format!("g{number}"),
                };
                json!({ "__entity": { "type": name, "id": id } })
            }
            Type::Set(element) => {
                let len = if depth < 2 { max.unwrap_or(64) } else { self.deep };
                // Many long texts would leave no room for anything else.
                let max = (len > 64).then_some(16);
                let number = |n| number.wrapping_mul(64).wrapping_add(n);
                let element = |n| self.value(schema, (element, max), number(n), depth + 1);
                let elements = (0..len).map(element);
                elements.collect()
            }
            Type::Record(record) => self.record(schema, record, number, depth),
        }
    }
}

/// As many parents as there may be, divided among the types; none is in the store.
fn parents(schema: &Schema, ty: &EntityType) -> Vec<Value> {
    let is_open = |name: &&String| schema.entity_type(name).unwrap().1.ids.is_none();
    let open: Vec<&String> = ty.ancestors.iter().filter(is_open).collect();
    let each = ANCESTORS_MAX / open.len().max(1);
    let of = |name: &String| {
        let name = name.clone();
        (1..=each).map(move |n| json!({ "type": name, "id": format!("g{n}") }))
    };
    open.into_iter().flat_map(of).collect()
}

fn extension(function: &str, argument: &str) -> Value {
    json!({ "__extn": { "fn": function, "arg": argument } })
}

/// The id of the entity of a type that is in the store, or may be.
fn id(schema: &Schema, name: &str) -> String {
    let ty = schema.entity_type(name).unwrap().1;
    if ty.is_action {
        return schema.actions.iter().find(|a| a.uid.type_name == *name).unwrap().uid.id.clone();
    }
    ty.ids.as_ref().map_or_else(|| "e".to_owned(), |ids| ids[0].clone())
}

/// A text of so many bytes that differs from others at its end alone.
fn text(len: u32, number: u32) -> String {
    let mut end = number.to_string();
    let len = len as usize;
    if end.len() > len {
        return end.split_off(end.len() - len);
    }
    format!("{}{end}", "-".repeat(len - end.len()))
}
