//! The entities of one call, with their ancestors.

use std::collections::BTreeMap;

use trapkey_abi::{
    ANCESTORS_MAX, Action, EntityUid, Handle, Layout, Row, RowRef, Rows, Schema, Value,
};

use crate::arena::{Arena, entity_uid, too_large};
use crate::types::{Entity, Failure};

/// Entities that a call may have.
const ENTITIES_MAX: usize = 100_000;

/// Rows by the handles of their entities.
pub(crate) type RowMap = BTreeMap<Handle, (u32, Row)>;

/// Entities that were read and checked, for many calls.
#[derive(Debug, Default)]
pub struct EntityStore {
    rows: RowMap,
}

/// Rows of given entities and of the schema's actions.
pub(crate) struct Facts<'s> {
    pub(crate) actions: &'s RowMap,
    pub(crate) store: &'s EntityStore,
}

impl Rows for Facts<'_> {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        let (entity_type, row) =
            self.store.rows.get(&handle).or_else(|| self.actions.get(&handle))?;
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

type Drafts = BTreeMap<Handle, Draft>;

/// The rows of the schema's actions.
pub(crate) fn actions(schema: &Schema, layout: &Layout) -> Result<RowMap, Failure> {
    let draft = |action: &Action| {
        let (uid, parents) = (action.uid.clone(), action.groups.clone());
        let (attributes, tags) = (BTreeMap::new(), BTreeMap::new());
        (uid.handle(), Draft { uid, attributes, tags, parents })
    };
    rows((schema, layout), &schema.actions.iter().map(draft).collect())
}

impl EntityStore {
    /// Checks entities against the schema, and finds their ancestors.
    pub(crate) fn new(
        (schema, layout): (&Schema, &Layout),
        entities: &[Entity],
        arena: &mut Arena<'_>,
    ) -> Result<Self, Failure> {
        if entities.len() > ENTITIES_MAX {
            return Err(too_large("entities", entities.len(), ENTITIES_MAX));
        }
        let mut drafts = Drafts::new();
        for entity in entities {
            let draft = draft(entity, arena)?;
            let declared = schema.entity_type(&draft.uid.type_name);
            if declared.is_some_and(|(_, declared)| declared.is_action) {
                return Err(refused(&draft.uid, "actions are those of the schema"));
            }
            let handle = draft.uid.handle();
            if drafts.contains_key(&handle) {
                return Err(refused(&draft.uid, "it is there twice"));
            }
            drafts.insert(handle, draft);
        }
        Ok(Self { rows: rows((schema, layout), &drafts)? })
    }
}

fn rows(types: (&Schema, &Layout), drafts: &Drafts) -> Result<RowMap, Failure> {
    let row = |(handle, draft): (&Handle, &Draft)| {
        Ok((*handle, row(types, draft, &ancestors(drafts, draft)?)?))
    };
    drafts.iter().map(row).collect()
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
    drafts: &'d Drafts,
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
    let attributes: Vec<_> =
        draft.attributes.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let tags: Vec<_> = draft.tags.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let ancestors: Vec<_> = ancestors.iter().map(|(handle, uid)| (*uid, *handle)).collect();
    let row = Row::entity(schema, (layout, declared), &attributes, &tags, &ancestors);
    let row = row.map_err(|error| refused(&draft.uid, &error.to_string()))?;
    Ok((entity_type, row))
}

fn refused(uid: &EntityUid, why: &str) -> Failure {
    Failure::Entity(format!("{uid}: {why}"))
}
