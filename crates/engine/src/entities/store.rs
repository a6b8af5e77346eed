//! The writer's side of a store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trapkey_abi::{EntityUid, Handle};

use super::ancestry::{Ancestors, ancestors};
use super::children::ChildIndex;
use super::draft::{Batch, Draft, Origin, is_action_type};
use super::names::{Identity, Names};
use super::values::AttributeNames;
use super::{Change, Table};
use super::{
    ENTITIES_BYTES_MAX, ENTITIES_MAX, Entities, EntitiesError, Entity, EntityError, Facts,
    NonConforming, StoredEntity,
};
use crate::json::{read_entities, read_entity};
use crate::model::Model;

/// The entities of one writer, and what it needs to change them.
///
/// Every change is made whole or not at all. One entity costs microseconds whatever the size of the
/// store; a change of the parents of an entity with d descendants costs O(d).
#[derive(Clone, Debug)]
pub struct EntityStore {
    // INVARIANT: `children` holds the parents of every entity but the actions.
    entities: Entities,
    children: ChildIndex,
}

impl EntityStore {
    /// A store that holds the actions of the schema alone.
    ///
    /// # Errors
    ///
    /// [`EntitiesError::NonConforming`] if the groups of an action are not what the schema allows.
    pub fn new(model: Arc<Model>) -> Result<Self, EntitiesError> {
        let mut table = Table::new();
        table.apply(actions(&model)?);
        Ok(Self { entities: Entities { model, table }, children: ChildIndex::default() })
    }

    /// A store of the entities in `text`, an array of Cedar's JSON for entities.
    ///
    /// The actions of the schema are added; given ones must be the same. An entity may be given
    /// again with the same content.
    ///
    /// # Errors
    ///
    /// [`EntitiesError::TooLarge`] before anything is read, then the first error in the text, then
    /// that of the first entity that does not conform.
    pub fn from_json(model: Arc<Model>, text: &str) -> Result<Self, EntitiesError> {
        bound(text)?;
        let mut store = Self::new(model)?;
        store.upsert_list(text)?;
        Ok(store)
    }

    /// A store of `entities`, under the rules of [`EntityStore::from_json`].
    ///
    /// # Errors
    ///
    /// That of the first entity that does not conform.
    pub fn from_entities(model: Arc<Model>, entities: Vec<Entity>) -> Result<Self, EntitiesError> {
        let mut store = Self::new(model)?;
        let mut batch = Batch::new(&store.entities);
        for (index, entity) in entities.into_iter().enumerate() {
            batch.add(Origin::Listed(index), entity)?;
        }
        let drafts = batch.finish()?;
        store.change(drafts, None)?;
        Ok(store)
    }

    /// What the store holds now.
    pub fn snapshot(&self) -> Entities {
        self.entities.clone()
    }

    /// Adds an entity, or replaces all that was known of it.
    ///
    /// # Errors
    ///
    /// [`EntitiesError`]
    pub fn upsert(&mut self, entity: Entity) -> Result<(), EntitiesError> {
        let mut batch = Batch::new(&self.entities);
        batch.add(Origin::Alone, entity)?;
        let drafts = batch.finish()?;
        self.change(drafts, None)
    }

    /// Adds or replaces several entities, all or none.
    pub(crate) fn upsert_all(
        &mut self,
        entities: impl Iterator<Item = Entity>,
    ) -> Result<(), EntitiesError> {
        let mut batch = Batch::new(&self.entities);
        for (index, entity) in entities.enumerate() {
            batch.add(Origin::Listed(index), entity)?;
        }
        let drafts = batch.finish()?;
        self.change(drafts, None)
    }

    /// Adds or replaces entities from Cedar's JSON: one object, or an array.
    ///
    /// # Errors
    ///
    /// As [`EntityStore::from_json`].
    pub fn upsert_json(&mut self, text: &str) -> Result<(), EntitiesError> {
        bound(text)?;
        if !text.trim_start().starts_with('{') {
            return self.upsert_list(text);
        }
        self.upsert(read_entity(self.entities.model.schema(), text)?)
    }

    fn upsert_list(&mut self, text: &str) -> Result<(), EntitiesError> {
        let mut batch = Batch::new(&self.entities);
        read_entities(self.entities.model.schema(), text, &mut |index, entity| {
            batch.add(Origin::Listed(index), entity)
        })?;
        let drafts = batch.finish()?;
        self.change(drafts, None)
    }

    /// Removes an entity; whether it was there.
    ///
    /// Entities that name it as a parent keep it as an ancestor, but lose what they had through it.
    ///
    /// # Errors
    ///
    /// [`EntitiesError::ActionOfSchema`]; [`EntitiesError::NonConforming`] if a descendant cannot be
    /// encoded anew.
    pub fn remove(&mut self, uid: &EntityUid) -> Result<bool, EntitiesError> {
        if self.entities.model.action(uid).is_some() {
            return Err(EntitiesError::ActionOfSchema { uid: uid.clone() });
        }
        let Some(handle) = self.entities.get(uid).map(StoredEntity::handle) else {
            return Ok(false);
        };
        self.change(Vec::new(), Some(handle))?;
        Ok(true)
    }

    /// The same entities under another schema.
    ///
    /// # Errors
    ///
    /// [`EntitiesError::NonConforming`] with all entities that do not conform.
    pub fn revalidate(&self, model: Arc<Model>) -> Result<Self, EntitiesError> {
        let mut changes = actions(&model)?;
        let mut refused = Vec::new();
        for stored in self.entities.iter() {
            if self.entities.model.action(stored.uid()).is_some() {
                continue;
            }
            let facts = Arc::clone(&stored.facts);
            let encoded = if is_action_type(&model, stored.uid()) {
                Err(EntityError::ActionMismatch)
            } else {
                StoredEntity::new(&model, facts, stored.ancestors.clone())
            };
            match encoded {
                Ok(entity) => changes.push((stored.handle(), Some(Arc::new(entity)))),
                Err(error) => {
                    let (place, uid) = (Origin::Stored.to_string(), stored.uid().clone());
                    refused.push(NonConforming { place, uid, error });
                }
            }
        }
        if !refused.is_empty() {
            return Err(EntitiesError::NonConforming(refused));
        }
        let mut table = Table::new();
        table.apply(changes);
        Ok(Self { entities: Entities { model, table }, children: self.children.clone() })
    }

    /// Puts `drafts` in, takes `removed` out, and computes all ancestors that change with that.
    fn change(
        &mut self,
        mut drafts: Vec<Draft>,
        removed: Option<Handle>,
    ) -> Result<(), EntitiesError> {
        let table = &self.entities.table;
        let is_new = |draft: &&Draft| table.get(draft.facts.identity.handle).is_none();
        if table.len() + drafts.iter().filter(is_new).count() > ENTITIES_MAX {
            return Err(EntitiesError::TooMany);
        }
        let given = drafts.len();
        drafts.extend(self.descendants(&drafts, removed));
        let ancestors = ancestors(table, &drafts, removed)?;
        let mut changes: Vec<Change> = Vec::with_capacity(drafts.len() + 1);
        for (draft, ancestors) in drafts.iter().zip(ancestors) {
            changes.push(encode(&self.entities.model, draft, ancestors)?);
        }
        changes.extend(removed.map(|handle| (handle, None)));
        drafts.truncate(given);
        self.commit(&drafts, removed, changes);
        Ok(())
    }

    /// Nothing here can fail.
    fn commit(&mut self, drafts: &[Draft], removed: Option<Handle>, changes: Vec<Change>) {
        let table = &mut self.entities.table;
        for handle in drafts.iter().map(|draft| draft.facts.identity.handle).chain(removed) {
            if let Some(before) = table.get(handle) {
                self.children.remove(&before.facts);
            }
        }
        self.children.insert(drafts.iter().map(|draft| &*draft.facts));
        table.apply(changes);
    }

    /// The stored entities outside `drafts` whose ancestors change with `drafts` or `removed`.
    fn descendants(&self, drafts: &[Draft], removed: Option<Handle>) -> Vec<Draft> {
        let table = &self.entities.table;
        let is_moved = |facts: &Facts| {
            let before = table.get(facts.identity.handle);
            before.is_none_or(|before| before.facts.parents != facts.parents)
        };
        let moved = drafts.iter().filter(|draft| is_moved(&draft.facts));
        let mut open: Vec<Handle> =
            moved.map(|draft| draft.facts.identity.handle).chain(removed).collect();
        let mut seen: BTreeSet<Handle> = BTreeSet::new();
        while let Some(parent) = open.pop() {
            open.extend(self.children.of(parent).filter(|child| seen.insert(*child)));
        }
        for draft in drafts {
            seen.remove(&draft.facts.identity.handle);
        }
        seen.into_iter()
            .filter_map(|handle| table.get(handle))
            .map(|entity| Draft { origin: Origin::Stored, facts: Arc::clone(&entity.facts) })
            .collect()
    }
}

fn bound(text: &str) -> Result<(), EntitiesError> {
    if text.len() > ENTITIES_BYTES_MAX {
        return Err(EntitiesError::TooLarge { len: text.len() });
    }
    Ok(())
}

/// The actions of the schema as entities.
fn actions(model: &Model) -> Result<Vec<Change>, EntitiesError> {
    let empty = Table::new();
    let mut names = Names::new(&empty);
    let mut changes = Vec::with_capacity(model.schema().actions.len());
    for action in &model.schema().actions {
        let identity = names.share(Identity::new(action.uid.clone()))?;
        let groups = names.share_all(action.groups.iter().cloned())?;
        let none = || AttributeNames::default().share(BTreeMap::new());
        let (attributes, tags) = (none(), none());
        let facts = Arc::new(Facts { identity, attributes, tags, parents: groups.clone() });
        let draft = Draft { origin: Origin::Schema, facts };
        changes.push(encode(model, &draft, groups)?);
    }
    Ok(changes)
}

fn encode(model: &Model, draft: &Draft, ancestors: Ancestors) -> Result<Change, EntitiesError> {
    let facts = Arc::clone(&draft.facts);
    let entity =
        StoredEntity::new(model, facts, ancestors).map_err(|error| draft.refused(error))?;
    Ok((draft.facts.identity.handle, Some(Arc::new(entity))))
}
