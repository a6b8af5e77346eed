//! Changes made to copies of a request and of facts.

use std::collections::BTreeMap;

use trapkey_abi::{RowField, Value};

use super::places::{Finder, field};
use super::{Alteration, AttributeChange, AttributeOwner};
use crate::{Entity, EntityStore, Request};

/// Makes a change; whether the schema allows it.
pub(super) fn apply(
    finder: &Finder<'_>,
    change: &AttributeChange,
    request: &mut Request,
    store: &mut EntityStore,
) -> bool {
    match &change.owner {
        AttributeOwner::Context => context(finder, change, request),
        AttributeOwner::Entity(uid) => {
            let entities = store.snapshot();
            let Some(stored) = entities.get(uid) else { return false };
            let owned = |(name, value): (&str, &Value)| (name.to_owned(), value.clone());
            let mut entity = Entity {
                uid: uid.clone(),
                attributes: stored.attributes().map(owned).collect(),
                parents: stored.parents().cloned().collect(),
                tags: stored.tags().map(owned).collect(),
            };
            let is_made = match &change.to {
                Alteration::Set(value) => {
                    put(&mut entity.attributes, &change.path, Some(value.clone()))
                }
                Alteration::Remove => put(&mut entity.attributes, &change.path, None),
                Alteration::Join(group) => {
                    entity.parents.push(group.clone());
                    true
                }
                Alteration::Leave(group) => {
                    let before = entity.parents.len();
                    entity.parents.retain(|parent| parent != group);
                    entity.parents.len() < before
                }
            };
            is_made && store.upsert(entity).is_ok()
        }
    }
}

fn context(finder: &Finder<'_>, change: &AttributeChange, request: &mut Request) -> bool {
    let Some((record, layout)) = finder.context() else { return false };
    let context = RowField::context(layout, record);
    let Some(field) = field(&context, &change.path) else { return false };
    let schema = finder.model.schema();
    match &change.to {
        Alteration::Set(value) => {
            request.edit_context(schema, |mut editor| editor.put_value(field, value)).is_ok()
        }
        Alteration::Remove => {
            request.edit_context(schema, |mut editor| editor.clear(field)).is_ok()
        }
        Alteration::Join(_) | Alteration::Leave(_) => false,
    }
}

/// Gives the attribute at a path a value, or takes it away; whether there is such a place.
fn put(attributes: &mut BTreeMap<String, Value>, path: &[String], value: Option<Value>) -> bool {
    let Some((name, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        return match value {
            Some(value) => {
                attributes.insert(name.clone(), value);
                true
            }
            None => attributes.remove(name).is_some(),
        };
    }
    match attributes.get_mut(name) {
        Some(Value::Record(fields)) => put(fields, rest, value),
        Some(_) | None => false,
    }
}
