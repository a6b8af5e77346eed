//! Entities on their way into a store.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use trapkey_abi::{EntityUid, Handle, sort_compactly};

use super::Table;
use super::ancestry::ancestors;
use super::names::{Identity, Names};
use super::values::AttributeNames;
use super::{Entities, EntitiesError, Entity, EntityError, Facts, NonConforming};
use crate::model::Model;

/// An entity that is about to be stored.
pub(super) struct Draft {
    pub(super) origin: Origin,
    pub(super) facts: Arc<Facts>,
}

impl Draft {
    pub(super) fn refused(&self, error: EntityError) -> EntitiesError {
        let uid = self.facts.identity.uid.clone();
        NonConforming { place: self.origin.to_string(), uid, error }.into()
    }
}

/// Where an entity comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// It was given alone.
    Alone,
    /// It was given at this index of a list.
    Listed(usize),
    /// It is in the store, and changes with others.
    Stored,
    /// It is an action of the schema.
    Schema,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone => f.write_str("entity"),
            Self::Listed(index) => write!(f, "entities[{index}]"),
            Self::Stored => f.write_str("store"),
            Self::Schema => f.write_str("schema"),
        }
    }
}

/// Entities given in one call.
pub(super) struct Batch<'s> {
    model: &'s Model,
    names: Names<'s>,
    attribute_names: AttributeNames,
    drafts: Vec<Draft>,
    /// Actions, which are compared with the schema and not stored.
    actions: Vec<Draft>,
    /// Where each entity is in its list.
    positions: HashMap<Handle, usize>,
}

impl<'s> Batch<'s> {
    pub(super) fn new(entities: &'s Entities) -> Self {
        Self {
            model: &entities.model,
            names: Names::new(&entities.table),
            attribute_names: AttributeNames::default(),
            drafts: Vec::new(),
            actions: Vec::new(),
            positions: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, origin: Origin, entity: Entity) -> Result<(), EntitiesError> {
        let identity = Identity::new(entity.uid.clone());
        self.add_as(identity, origin, entity)
    }

    /// Adds `entity` under the name `identity`.
    pub(super) fn add_as(
        &mut self,
        identity: Identity,
        origin: Origin,
        entity: Entity,
    ) -> Result<(), EntitiesError> {
        let identity = self.names.share(identity)?;
        let handle = identity.handle;
        let parents = self.names.share_all(entity.parents)?;
        let is_action = is_action_type(self.model, &identity.uid);
        let attributes = self.attribute_names.share(entity.attributes);
        let tags = self.attribute_names.share(entity.tags);
        let facts = Arc::new(Facts { identity, attributes, tags, parents });
        let drafts = if is_action { &mut self.actions } else { &mut self.drafts };
        let position = *self.positions.entry(handle).or_insert(drafts.len());
        match drafts.get(position) {
            Some(before) if before.facts.is_same(&facts) => {}
            Some(_) => {
                let uid = facts.identity.uid.clone();
                return Err(EntitiesError::Duplicate { place: origin.to_string(), uid });
            }
            None => drafts.push(Draft { origin, facts }),
        }
        Ok(())
    }

    /// The entities to store, once the actions are known to be those of the schema.
    pub(super) fn finish(self) -> Result<Vec<Draft>, EntitiesError> {
        // Cedar compares what follows from the given actions alone: the groups of a group count
        // only if that group is given too.
        let ancestors = ancestors(&Table::new(), &self.actions, None)?;
        for (draft, ancestors) in self.actions.iter().zip(ancestors) {
            let facts = &draft.facts;
            let Some((_, action, _)) = self.model.action(&facts.identity.uid) else {
                return Err(draft.refused(EntityError::UnknownAction));
            };
            let mut given: Vec<&EntityUid> = ancestors.iter().map(|group| &group.uid).collect();
            sort_compactly(&mut given, Ord::cmp);
            let is_bare = facts.attributes.is_empty() && facts.tags.is_empty();
            if !is_bare || !given.into_iter().eq(&action.groups) {
                return Err(draft.refused(EntityError::ActionMismatch));
            }
        }
        Ok(self.drafts)
    }
}

pub(super) fn is_action_type(model: &Model, uid: &EntityUid) -> bool {
    model.entity_type(&uid.type_name).is_some_and(|(_, entity_type, _)| entity_type.is_action)
}
