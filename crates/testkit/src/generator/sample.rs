//! A request and the store it meets, taken apart so that each part can be varied.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cedar_policy::EntityUid;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pool::Literals;
use crate::uid::{Uid, uid_json};

/// One request and one entity store, both conforming to the schema that they were generated for.
#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    pub(super) principal: EntityUid,
    pub(super) action: EntityUid,
    pub(super) resource: EntityUid,
    pub(super) context: Map<String, Value>,
    pub(super) store: BTreeMap<EntityUid, Stored>,
}

/// What the store holds under one uid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) attributes: Map<String, Value>,
    pub(super) parents: BTreeSet<EntityUid>,
    pub(super) tags: Map<String, Value>,
}

#[derive(Deserialize)]
struct RequestJson {
    principal: Uid,
    action: Uid,
    resource: Uid,
    context: Map<String, Value>,
}

#[derive(Deserialize)]
struct EntityJson {
    uid: Uid,
    attrs: Map<String, Value>,
    parents: BTreeSet<Uid>,
    #[serde(default)]
    tags: Map<String, Value>,
}

impl Sample {
    /// `None` unless `request` is a request and `entities` a list of entities.
    pub(super) fn read(request: &Value, entities: &Value) -> Option<Self> {
        let Ok(request) = RequestJson::deserialize(request) else {
            return None;
        };
        let Ok(entities) = Vec::<EntityJson>::deserialize(entities) else {
            return None;
        };
        let store = entities.into_iter().map(|entity| {
            let stored = Stored {
                attributes: entity.attrs,
                parents: entity.parents.into_iter().map(|parent| parent.0).collect(),
                tags: entity.tags,
            };
            (entity.uid.0, stored)
        });
        Some(Self {
            principal: request.principal.0,
            action: request.action.0,
            resource: request.resource.0,
            context: request.context,
            store: store.collect(),
        })
    }

    /// The request, in Cedar's JSON form.
    pub fn request(&self) -> Value {
        json!({
            "principal": self.principal.to_string(),
            "action": self.action.to_string(),
            "resource": self.resource.to_string(),
            "context": self.context,
        })
    }

    /// The entity store, in Cedar's JSON form.
    pub fn entities(&self) -> Value {
        let entity = |(uid, stored): (&EntityUid, &Stored)| {
            let parents: Vec<Value> = stored.parents.iter().map(uid_json).collect();
            let mut json = json!({
                "uid": uid_json(uid),
                "attrs": stored.attributes,
                "parents": parents,
            });
            if let (Some(fields), false) = (json.as_object_mut(), stored.tags.is_empty()) {
                fields.insert("tags".to_owned(), json!(stored.tags));
            }
            json
        };
        self.store.iter().map(entity).collect()
    }

    /// The stored entities that the request names, and those that these name.
    pub(super) fn related(&self) -> BTreeSet<EntityUid> {
        let mut named = BTreeSet::from([self.principal.clone(), self.resource.clone()]);
        self.context.values().for_each(|value| names(value, &mut named));
        // Two steps reach what a policy reads as `resource.asset.zone`.
        for _ in 0..2 {
            let stored: Vec<&Stored> = named.iter().filter_map(|uid| self.store.get(uid)).collect();
            for stored in stored {
                stored.attributes.values().for_each(|value| names(value, &mut named));
                named.extend(stored.parents.iter().cloned());
            }
        }
        named.retain(|uid| self.store.contains_key(uid));
        named
    }

    pub(super) fn note(&self, literals: &mut Literals) {
        self.context.values().for_each(|value| literals.note_value(value));
        for uid in [&self.principal, &self.resource].into_iter().chain(self.store.keys()) {
            literals.note_id(&uid.type_name().to_string(), uid.id().unescaped());
        }
        for stored in self.store.values() {
            let values = stored.attributes.values().chain(stored.tags.values());
            values.for_each(|value| literals.note_value(value));
        }
    }
}

impl fmt::Debug for Sample {
    /// The two files that Cedar's command line takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request: {}\nentities: {}", self.request(), self.entities())
    }
}

/// Collects the uids that `value` refers to.
fn names(value: &Value, named: &mut BTreeSet<EntityUid>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter().for_each(|item| names(item, named)),
        Value::Object(fields) => {
            match (fields.get("__entity"), fields.get("type"), fields.get("id")) {
                (Some(_), ..) | (_, Some(_), Some(_)) => {
                    // A record may have attributes of these names; then it is no uid.
                    match Uid::deserialize(value) {
                        Ok(uid) => {
                            named.insert(uid.0);
                        }
                        Err(_not_a_uid) => fields.values().for_each(|value| names(value, named)),
                    }
                }
                _ => fields.values().for_each(|value| names(value, named)),
            }
        }
    }
}
