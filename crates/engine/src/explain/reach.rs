//! The entities that a request can lead to: all that decisions on it, with any changes, depend on.

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey_abi::{AccessRoot, Clause, EntityUid, RowField, Type, Value};

use super::places::Finder;
use crate::{EntitiesError, Entity, EntityStore};

/// Most entities of the copy.
const REACH_MAX: usize = 16_384;

/// A store of what can be reached from the request and from what the clauses name; none if that is
/// too much.
pub(super) fn store(
    finder: &Finder<'_>,
    model: &Arc<crate::Model>,
    clauses: &[Clause],
) -> Result<Option<EntityStore>, EntitiesError> {
    let mut open =
        vec![finder.request.principal().uid().clone(), finder.request.resource().uid().clone()];
    for clause in clauses {
        clause.constants.iter().for_each(|value| references(value, &mut open));
        for access in &clause.accesses {
            if let AccessRoot::Entity(uid) = &access.root {
                open.push(uid.clone());
            }
        }
    }
    context(finder, &mut open);
    let mut reached: BTreeMap<EntityUid, Entity> = BTreeMap::new();
    while let Some(uid) = open.pop() {
        if reached.contains_key(&uid) || model.action(&uid).is_some() {
            continue;
        }
        let Some(stored) = finder.entities.get(&uid) else { continue };
        let attributes = stored.attributes().map(|(name, value)| (name.to_owned(), value.clone()));
        let tags = stored.tags().map(|(name, value)| (name.to_owned(), value.clone()));
        let parents: Vec<EntityUid> = stored.parents().cloned().collect();
        let entity = Entity {
            uid: uid.clone(),
            attributes: attributes.collect(),
            parents,
            tags: tags.collect(),
        };
        open.extend(entity.parents.iter().cloned());
        let values = entity.attributes.values().chain(entity.tags.values());
        values.for_each(|value| references(value, &mut open));
        reached.insert(uid, entity);
        if reached.len() > REACH_MAX {
            return Ok(None);
        }
    }
    EntityStore::from_entities(Arc::clone(model), reached.into_values().collect()).map(Some)
}

/// The entities that the context names.
fn context(finder: &Finder<'_>, into: &mut Vec<EntityUid>) {
    let Some((record, layout)) = finder.context() else { return };
    let context = RowField::context(layout, record);
    let mut open = vec![&context];
    while let Some(field) = open.pop() {
        open.extend(field.fields());
        if matches!(field.attribute().ty, Type::Entity(_)) {
            let bytes = finder.request.context().bytes().get(field.offset()..);
            let handle = bytes.and_then(<[u8]>::first_chunk::<16>);
            let handle = handle.map(|bytes| trapkey_abi::Handle::from_bytes(*bytes));
            let entity = handle.and_then(|handle| finder.entities.find(handle));
            into.extend(entity.map(|entity| entity.uid().clone()));
        }
    }
}

fn references(value: &Value, into: &mut Vec<EntityUid>) {
    match value {
        Value::Entity(uid) => into.push(uid.clone()),
        Value::Set(elements) => elements.iter().for_each(|value| references(value, into)),
        Value::Record(fields) => fields.values().for_each(|value| references(value, into)),
        Value::Bool(_)
        | Value::Long(_)
        | Value::String(_)
        | Value::Decimal(_)
        | Value::Datetime(_)
        | Value::Duration(_)
        | Value::Ip(_) => {}
    }
}
