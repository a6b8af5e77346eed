//! Makes one request into another through slots, attribute by attribute.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use trapkey::{
    Attribute, ContextValue, Datetime, Decimal, Duration, EntityUid, Ip, Model, Party, Record,
    Request, Type, Value,
};

/// How often a slot of each kind was set.
pub(crate) type Kinds = BTreeMap<String, usize>;

/// Gives the context of `request` the attributes of `context`, which is Cedar's JSON.
pub(crate) fn change(model: &Arc<Model>, request: &mut Request, context: &Json) -> Kinds {
    let action = model.schema().actions[request.action() as usize].clone();
    let mut change = Change { model, action: action.uid, request, kinds: Kinds::new() };
    change.record(None, &action.context, context);
    change.kinds
}

struct Change<'c> {
    model: &'c Arc<Model>,
    action: EntityUid,
    request: &'c mut Request,
    kinds: Kinds,
}

impl Change<'_> {
    fn record(&mut self, of: Option<&str>, record: &Record, json: &Json) {
        for (name, attribute) in &record.attributes {
            let path = of.map_or_else(|| name.clone(), |of| format!("{of}.{name}"));
            if let Some(json) = json.get(name) {
                self.attribute(&path, attribute, json);
            } else {
                let slot = self.model.slot::<Value>(&self.action, &path).unwrap();
                self.request.clear(&slot).unwrap();
                self.count("absent");
            }
        }
    }

    fn attribute(&mut self, path: &str, attribute: &Attribute, json: &Json) {
        let ty = &attribute.ty;
        if let Type::Record(record) = ty {
            if !attribute.required {
                self.set::<Value>(path, &value(ty, json), "optional record");
            }
            self.record(Some(path), record, json);
            return;
        }
        let value = value(ty, json);
        match (ty, &value) {
            (Type::Set(element), Value::Set(elements)) => self.elements(path, element, elements),
            _ => self.plain(path, &value),
        }
    }

    fn plain(&mut self, path: &str, value: &Value) {
        match value {
            Value::Bool(value) => self.set(path, value, "Bool"),
            Value::Long(value) => self.set(path, value, "Long"),
            Value::Decimal(value) => self.set(path, &Decimal(*value), "decimal"),
            Value::Datetime(value) => self.set(path, &Datetime(*value), "datetime"),
            Value::Duration(value) => self.set(path, &Duration(*value), "duration"),
            Value::Ip(value) => self.set(path, value, "ipaddr"),
            Value::String(value) => self.set(path, value.as_str(), "String"),
            Value::Entity(uid) if uid.id.len() % 2 == 0 => self.set(path, uid, "entity by name"),
            Value::Entity(uid) => {
                let party = Party::resolve(self.model, uid.clone()).unwrap();
                self.set(path, &party, "entity by handle");
            }
            Value::Set(_) | Value::Record(_) => self.set(path, value, "value"),
        }
    }

    fn elements(&mut self, path: &str, ty: &Type, elements: &[Value]) {
        match ty {
            Type::Bool => self.list(path, elements, "Set<Bool>", |e| match e {
                Value::Bool(value) => Some(*value),
                _ => None,
            }),
            Type::Long => self.list(path, elements, "Set<Long>", |e| match e {
                Value::Long(value) => Some(*value),
                _ => None,
            }),
            Type::Decimal => self.list(path, elements, "Set<decimal>", |e| match e {
                Value::Decimal(value) => Some(Decimal(*value)),
                _ => None,
            }),
            Type::Datetime => self.list(path, elements, "Set<datetime>", |e| match e {
                Value::Datetime(value) => Some(Datetime(*value)),
                _ => None,
            }),
            Type::Duration => self.list(path, elements, "Set<duration>", |e| match e {
                Value::Duration(value) => Some(Duration(*value)),
                _ => None,
            }),
            Type::Ip => self.list(path, elements, "Set<ipaddr>", |e| match e {
                Value::Ip(value) => Some(*value),
                _ => None,
            }),
            Type::Entity(_) => self.list(path, elements, "Set<entity>", |e| match e {
                Value::Entity(uid) => Some(uid.clone()),
                _ => None,
            }),
            Type::String => self.list(path, elements, "Set<String>", |e| match e {
                Value::String(text) => Some(text.clone()),
                _ => None,
            }),
            Type::Set(_) | Type::Record(_) => {
                self.set(path, &Value::Set(elements.to_vec()), "set of sets or records");
            }
        }
    }

    /// Elements in reverse order and one twice: neither matters.
    fn list<T: ContextValue + Clone>(
        &mut self,
        path: &str,
        elements: &[Value],
        kind: &str,
        element: impl Fn(&Value) -> Option<T>,
    ) {
        let mut list: Vec<T> = elements.iter().rev().map(|e| element(e).unwrap()).collect();
        list.extend(list.first().cloned());
        self.set::<[T]>(path, &list, kind);
    }

    fn set<T: ContextValue + ?Sized>(&mut self, path: &str, value: &T, kind: &str) {
        let slot = self.model.slot::<T>(&self.action, path).unwrap();
        self.request.set(&slot, value).unwrap();
        self.count(kind);
    }

    fn count(&mut self, kind: &str) {
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
    }
}

/// A value of a type, from Cedar's JSON.
pub(crate) fn value(ty: &Type, json: &Json) -> Value {
    let text = || extension(json);
    match ty {
        Type::Bool => Value::Bool(json.as_bool().unwrap()),
        Type::Long => Value::Long(json.as_i64().unwrap()),
        Type::String => Value::String(json.as_str().unwrap().to_owned()),
        Type::Decimal => Value::Decimal(text().parse::<Decimal>().unwrap().0),
        Type::Datetime => Value::Datetime(text().parse::<Datetime>().unwrap().0),
        Type::Duration => Value::Duration(text().parse::<Duration>().unwrap().0),
        Type::Ip => Value::Ip(text().parse::<Ip>().unwrap()),
        Type::Entity(_) => {
            let uid = json.get("__entity").unwrap_or(json);
            let part = |name: &str| uid[name].as_str().unwrap();
            Value::Entity(EntityUid::new(part("type"), part("id")))
        }
        Type::Set(element) => {
            Value::Set(json.as_array().unwrap().iter().map(|json| value(element, json)).collect())
        }
        Type::Record(record) => Value::Record(
            record
                .attributes
                .iter()
                .filter_map(|(name, attribute)| {
                    Some((name.clone(), value(&attribute.ty, json.get(name)?)))
                })
                .collect(),
        ),
    }
}

/// The text of an extension value, bare or under `__extn`.
fn extension(json: &Json) -> &str {
    let text = json.get("__extn").map_or_else(|| json.get("arg"), |extension| extension.get("arg"));
    text.unwrap_or(json).as_str().unwrap()
}
