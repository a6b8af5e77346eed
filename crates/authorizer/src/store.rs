//! The entities of one call, with their ancestors.

use core::cmp::Ordering;
use core::slice;
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
    // INVARIANT: sorted, no handle twice.
    parents: Vec<Named>,
}

/// A name with its handle, by which it is sorted.
type Named = (EntityUid, Handle);

type Drafts = BTreeMap<Handle, Draft>;

/// All that can be reached through parents, sorted; none while that is being found.
type Ancestors<'d> = BTreeMap<Handle, Option<Vec<&'d Named>>>;

/// The rows of the schema's actions.
pub(crate) fn actions(schema: &Schema, layout: &Layout) -> Result<RowMap, Failure> {
    let draft = |action: &Action| {
        let (uid, parents) = (action.uid.clone(), named(action.groups.iter().cloned()));
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
    let ancestors = ancestors(drafts)?;
    let row = |(handle, draft): (&Handle, &Draft)| {
        let own = ancestors.get(handle).and_then(Option::as_deref);
        Ok((*handle, row(types, draft, own.unwrap_or_default())?))
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
    let parents = named(entity.parents.iter().map(entity_uid));
    Ok(Draft { uid, attributes, tags, parents })
}

/// Names with their handles, each once.
fn named(uids: impl Iterator<Item = EntityUid>) -> Vec<Named> {
    let uids = uids.map(|uid| {
        let handle = uid.handle();
        (handle, uid)
    });
    let once: BTreeMap<_, _> = uids.collect();
    once.into_iter().map(|(handle, uid)| (uid, handle)).collect()
}

/// An entity whose parents come first.
struct Step<'d> {
    handle: Handle,
    draft: &'d Draft,
    rest: slice::Iter<'d, Named>,
}

impl<'d> Step<'d> {
    fn new(handle: Handle, draft: &'d Draft) -> Self {
        Self { handle, draft, rest: draft.parents.iter() }
    }
}

/// The ancestors of all, each found once: parents before children. An entity that reaches itself is refused.
fn ancestors(drafts: &Drafts) -> Result<Ancestors<'_>, Failure> {
    let mut found = Ancestors::new();
    for (handle, draft) in drafts {
        let mut path = Vec::new();
        if !found.contains_key(handle) {
            found.insert(*handle, None);
            path.push(Step::new(*handle, draft));
        }
        while let Some(step) = path.last_mut() {
            let Some((_, handle)) = step.rest.next() else {
                let own = joined(step.draft, &found)?;
                found.insert(step.handle, Some(own));
                path.pop();
                continue;
            };
            // One that is not given has no parents.
            let Some(parent) = drafts.get(handle) else { continue };
            match found.get(handle) {
                Some(Some(_)) => {}
                Some(None) => return Err(refused(&parent.uid, "it is in itself")),
                None => {
                    found.insert(*handle, None);
                    path.push(Step::new(*handle, parent));
                }
            }
        }
    }
    Ok(found)
}

/// The parents of an entity, and their ancestors.
fn joined<'d>(draft: &'d Draft, found: &Ancestors<'d>) -> Result<Vec<&'d Named>, Failure> {
    let bounded = |own: Vec<_>| {
        let is_bounded = own.len() <= ANCESTORS_MAX;
        let too_many = || too_large("ancestors of an entity", "more", ANCESTORS_MAX);
        is_bounded.then_some(own).ok_or_else(too_many)
    };
    let mut own = bounded(draft.parents.iter().collect())?;
    for (_, parent) in &draft.parents {
        let more = found.get(parent).and_then(Option::as_deref).unwrap_or_default();
        if more.is_empty() {
            continue;
        }
        own = bounded(merged(&own, more))?;
    }
    Ok(own)
}

/// Two sorted lists as one, each name once.
fn merged<'d>(one: &[&'d Named], other: &[&'d Named]) -> Vec<&'d Named> {
    let mut all = Vec::with_capacity(one.len().saturating_add(other.len()));
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let order = match (one.peek(), other.peek()) {
            (Some((_, a)), Some((_, b))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        if order == Ordering::Equal {
            other.next();
        }
        let next = if order == Ordering::Greater { other.next() } else { one.next() };
        let Some(next) = next else { return all };
        all.push(*next);
    }
}

fn row(
    (schema, layout): (&Schema, &Layout),
    draft: &Draft,
    ancestors: &[&Named],
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
    let ancestors: Vec<_> = ancestors.iter().map(|(uid, handle)| (uid, *handle)).collect();
    let row = Row::entity(schema, (layout, declared), &attributes, &tags, &ancestors);
    let row = row.map_err(|error| refused(&draft.uid, &error.to_string()))?;
    Ok((entity_type, row))
}

fn refused(uid: &EntityUid, why: &str) -> Failure {
    Failure::Entity(format!("{uid}: {why}"))
}
