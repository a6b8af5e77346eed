//! Entities: what policies know about principals, resources and what these refer to.
//!
//! [`EntityStore`] belongs to the writer: it checks what it is given against the schema and keeps
//! the ancestors of every entity. [`Entities`] is what it held at one moment: immutable, shared and
//! cheap to clone.

mod ancestry;
mod children;
mod draft;
mod error;
mod names;
mod store;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey_abi::{EntityUid, Handle, Row, RowRef, Rows, Value};

use crate::model::Model;
use crate::table;
use ancestry::Ancestors;
use names::Identity;
use values::Values;

pub use trapkey_abi::ANCESTORS_MAX;

pub use error::{EntitiesError, EntityError, NonConforming};
pub use store::EntityStore;

/// Bytes of JSON that entities may have in one call.
pub const ENTITIES_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Entities that a store may hold, the actions of its schema included.
pub const ENTITIES_MAX: usize = 4_000_000;

type Table = table::Table<StoredEntity>;
type Change = table::Change<StoredEntity>;

/// One entity as a host gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its uid.
    pub uid: EntityUid,
    /// Its attributes by name.
    pub attributes: BTreeMap<String, Value>,
    /// The entities it is directly in; they need not be in the store.
    pub parents: Vec<EntityUid>,
    /// Its tags by name.
    pub tags: BTreeMap<String, Value>,
}

/// The entities of a store at one moment.
#[derive(Clone, Debug)]
pub struct Entities {
    // INVARIANT: every entity in `table` conforms to `model`, and its ancestors are all that can
    // be reached through parents in `table`; the actions of the schema are in it.
    model: Arc<Model>,
    table: Table,
}

impl Entities {
    /// The schema and layout that all entities conform to.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The entity `uid`.
    pub fn get(&self, uid: &EntityUid) -> Option<&StoredEntity> {
        self.table.get(uid.handle()).map(Arc::as_ref).filter(|entity| entity.uid() == uid)
    }

    /// The entity with this handle.
    pub(crate) fn find(&self, handle: Handle) -> Option<&StoredEntity> {
        self.table.get(handle).map(Arc::as_ref)
    }

    /// The handles of the entities whose rows are not the same in both, or that only one has,
    /// ascending. Both have one schema. What they share by their history costs nothing.
    pub(crate) fn difference<'e>(&'e self, other: &'e Self) -> impl Iterator<Item = Handle> {
        self.table.difference(&other.table, |own, other| own.version == other.version)
    }

    /// Number of entities, the actions of the schema included.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no entity, not even an action.
    pub fn is_empty(&self) -> bool {
        self.table.len() == 0
    }

    /// All entities, the actions of the schema included, in the order of their handles.
    pub fn iter(&self) -> impl Iterator<Item = &StoredEntity> {
        self.table.iter().map(Arc::as_ref)
    }
}

impl Rows for Entities {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        let entity = self.table.get(handle)?;
        let StoredEntity { entity_type, row, version, .. } = &**entity;
        Some(RowRef { entity_type: *entity_type, bytes: row.bytes(), version: *version })
    }
}

/// One entity of a store, with its ancestors and its row.
#[derive(Debug)]
pub struct StoredEntity {
    // INVARIANT: `row` encodes `facts` and `ancestors` under the model of the store, and `version`
    // is that of `row`.
    facts: Arc<Facts>,
    ancestors: Ancestors,
    entity_type: u32,
    row: Row,
    version: u128,
}

impl StoredEntity {
    /// Encodes an entity with all its ancestors.
    fn new(model: &Model, facts: Arc<Facts>, ancestors: Ancestors) -> Result<Self, EntityError> {
        let name = &facts.identity.uid.type_name;
        let (entity_type, declared, layout) =
            model.entity_type(name).ok_or(EntityError::UnknownType)?;
        let id = &facts.identity.uid.id;
        if declared.ids.as_ref().is_some_and(|ids| ids.binary_search(id).is_err()) {
            return Err(EntityError::UnknownId);
        }
        let names: Vec<_> = ancestors.iter().map(|name| (&name.uid, name.handle)).collect();
        let declared = (layout, declared);
        let attributes: Vec<_> = facts.attributes.iter().collect();
        let tags: Vec<_> = facts.tags.iter().collect();
        let row = Row::entity(model.schema(), declared, &attributes, &tags, &names)?;
        let version = row.version(entity_type);
        Ok(Self { facts, ancestors, entity_type, row, version })
    }

    /// The entity's uid.
    pub fn uid(&self) -> &EntityUid {
        &self.facts.identity.uid
    }

    /// The entity's handle.
    pub fn handle(&self) -> Handle {
        self.facts.identity.handle
    }

    /// Index of the entity's type in the schema.
    pub fn entity_type(&self) -> u32 {
        self.entity_type
    }

    /// The attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.facts.attributes.get(name)
    }

    /// All attributes, ascending by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.facts.attributes.iter()
    }

    /// The tag `name`.
    pub fn tag(&self, name: &str) -> Option<&Value> {
        self.facts.tags.get(name)
    }

    /// All tags, ascending by name.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.facts.tags.iter()
    }

    /// The entities that this one is directly in, in the store or not, each once.
    pub fn parents(&self) -> impl Iterator<Item = &EntityUid> {
        self.facts.parents.iter().map(|parent| &parent.uid)
    }

    /// The entities that this one is in, directly or not, in the order of their handles.
    pub fn ancestors(&self) -> impl Iterator<Item = &EntityUid> {
        self.ancestors.iter().map(|ancestor| &ancestor.uid)
    }

    /// Handles of the ancestors, ascending.
    pub fn ancestor_handles(&self) -> impl Iterator<Item = Handle> {
        self.ancestors.iter().map(|ancestor| ancestor.handle)
    }

    /// What a host would give to have this entity.
    pub(crate) fn to_entity(&self) -> Entity {
        let owned = |(name, value): (&str, &Value)| (name.to_owned(), value.clone());
        Entity {
            uid: self.uid().clone(),
            attributes: self.attributes().map(owned).collect(),
            parents: self.parents().cloned().collect(),
            tags: self.tags().map(owned).collect(),
        }
    }

    /// Whether this entity is in the one with this handle, directly or not.
    pub(crate) fn is_in(&self, group: Handle) -> bool {
        self.ancestors.binary_search_by_key(&group, |ancestor| ancestor.handle).is_ok()
    }

    /// The encoded attributes, tags and ancestors.
    pub fn row(&self) -> &Row {
        &self.row
    }
}

/// What a host said of one entity.
#[derive(Debug)]
struct Facts {
    // INVARIANT: `parents` is ascending by handle, no handle twice.
    identity: Arc<Identity>,
    attributes: Values,
    tags: Values,
    parents: Box<[Arc<Identity>]>,
}

impl Facts {
    /// Whether both say the same, in whatever order and however often sets and parents repeat it.
    fn is_same(&self, other: &Self) -> bool {
        self.identity == other.identity
            && self.parents == other.parents
            && self.attributes.is_same(&other.attributes)
            && self.tags.is_same(&other.tags)
    }
}

#[cfg(test)]
mod tests;
