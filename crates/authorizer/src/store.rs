//! The entities of one call, with their ancestors.

use std::collections::BTreeMap;

use trapkey_abi::{ANCESTORS_MAX, EntityUid, Handle, Layout, Row, RowRef, Rows, Schema, Value};

use crate::arena::{Arena, entity_uid, too_large};
use crate::types::{Entity, Failure};

/// Entities that a call may have.
const ENTITIES_MAX: usize = 100_000;

/// Rows by the handles of their entities.
#[derive(Debug, Default)]
pub(crate) struct Store {
    rows: BTreeMap<Handle, (u32, Row)>,
}

impl Rows for Store {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        let (entity_type, row) = self.rows.get(&handle)?;
        Some(RowRef { entity_type: *entity_type, bytes: row.bytes(), version: 0 })
    }
}

/// An entity as it is given.
struct Draft {
    uid: EntityUid,
    attributes: BTreeMap<String, Value>,
    tags: BTreeMap<String, Value>,
    parents: Vec<EntityUid>,
}

impl Store {
    /// Checks entities against the schema, and finds their ancestors.
    pub(crate) fn new(
        (schema, layout): (&Schema, &Layout),
        entities: &[Entity],
        arena: &mut Arena<'_>,
    ) -> Result<Self, Failure> {
        if entities.len() > ENTITIES_MAX {
            return Err(too_large("entities", entities.len(), ENTITIES_MAX));
        }
        let mut drafts: BTreeMap<Handle, Draft> = BTreeMap::new();
        for action in &schema.actions {
            let (uid, parents) = (action.uid.clone(), action.groups.clone());
            let (attributes, tags) = (BTreeMap::new(), BTreeMap::new());
            drafts.insert(uid.handle(), Draft { uid, attributes, tags, parents });
        }
        for entity in entities {
            let draft = draft(entity, arena)?;
            let is_action =
                schema.entity_type(&draft.uid.type_name).is_some_and(|(_, ty)| ty.is_action);
            if is_action {
                return Err(refused(&draft.uid, "actions are those of the schema"));
            }
            let uid = draft.uid.clone();
            if drafts.insert(uid.handle(), draft).is_some() {
                return Err(refused(&uid, "it is there twice"));
            }
        }
        let mut store = Self::default();
        for (handle, draft) in &drafts {
            let ancestors = ancestors(&drafts, draft)?;
            let (entity_type, row) = row((schema, layout), draft, &ancestors)?;
            store.rows.insert(*handle, (entity_type, row));
        }
        Ok(store)
    }
}

fn draft(entity: &Entity, arena: &mut Arena<'_>) -> Result<Draft, Failure> {
    let uid = entity_uid(&entity.uid);
    let mut fields = |fields| {
        let twice = |name| refused(&uid, &format!("`{name}` is there twice"));
        arena.fields(fields)?.map_err(twice)
    };
    let (attributes, tags) = (fields(&entity.attributes)?, fields(&entity.tags)?);
    let parents = entity.parents.iter().map(entity_uid).collect();
    Ok(Draft { uid, attributes, tags, parents })
}

/// All that can be reached through parents. An entity that reaches itself is refused.
fn ancestors<'d>(
    drafts: &'d BTreeMap<Handle, Draft>,
    draft: &'d Draft,
) -> Result<BTreeMap<Handle, &'d EntityUid>, Failure> {
    let own = draft.uid.handle();
    let mut found = BTreeMap::new();
    let mut open: Vec<&EntityUid> = draft.parents.iter().collect();
    while let Some(parent) = open.pop() {
        let handle = parent.handle();
        if handle == own {
            return Err(refused(&draft.uid, "it is in itself"));
        }
        if found.insert(handle, parent).is_some() {
            continue;
        }
        if found.len() > ANCESTORS_MAX {
            return Err(too_large("ancestors of an entity", "more", ANCESTORS_MAX));
        }
        open.extend(drafts.get(&handle).into_iter().flat_map(|parent| &parent.parents));
    }
    Ok(found)
}

fn row(
    (schema, layout): (&Schema, &Layout),
    draft: &Draft,
    ancestors: &BTreeMap<Handle, &EntityUid>,
) -> Result<(u32, Row), Failure> {
    let name = &draft.uid.type_name;
    let unknown = || refused(&draft.uid, "the schema has no such type");
    let (entity_type, declared) = schema.entity_type(name).ok_or_else(unknown)?;
    if !schema.has_id(name, &draft.uid.id) {
        return Err(refused(&draft.uid, "its type has no such id"));
    }
    let index = usize::try_from(entity_type).ok();
    let layout = index.and_then(|index| layout.entity_types.get(index)).ok_or_else(unknown)?;
    let named = |values: &'_ BTreeMap<String, Value>| -> Vec<(String, Value)> {
        values.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let (attributes, tags) = (named(&draft.attributes), named(&draft.tags));
    let attributes: Vec<_> =
        attributes.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let tags: Vec<_> = tags.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let ancestors: Vec<_> = ancestors.iter().map(|(handle, uid)| (*uid, *handle)).collect();
    let row = Row::entity(schema, (layout, declared), &attributes, &tags, &ancestors);
    let row = row.map_err(|error| refused(&draft.uid, &error.to_string()))?;
    Ok((entity_type, row))
}

fn refused(uid: &EntityUid, why: &str) -> Failure {
    Failure::Entity(format!("{uid}: {why}"))
}
