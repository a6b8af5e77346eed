//! The serialized form of a schema: contexts that actions share are written once.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Action, EntityType, Record, Schema};
use crate::EntityUid;

/// A schema whose actions refer to their contexts by index.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompactSchema {
    entity_types: Vec<EntityType>,
    contexts: Vec<Record>,
    actions: Vec<CompactAction>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompactAction {
    uid: EntityUid,
    groups: Vec<EntityUid>,
    principals: Vec<String>,
    resources: Vec<String>,
    context: usize,
}

/// An action refers to a context that is not there.
pub(super) struct UnknownContext(usize);

impl fmt::Display for UnknownContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no context has the index {}", self.0)
    }
}

impl From<Schema> for CompactSchema {
    fn from(schema: Schema) -> Self {
        let mut contexts: Vec<Record> = Vec::new();
        let actions = schema.actions.into_iter().map(|action| {
            let known = contexts.iter().position(|context| *context == action.context);
            let context = known.unwrap_or(contexts.len());
            if known.is_none() {
                contexts.push(action.context);
            }
            let Action { uid, groups, principals, resources, .. } = action;
            CompactAction { uid, groups, principals, resources, context }
        });
        let actions = actions.collect();
        Self { entity_types: schema.entity_types, contexts, actions }
    }
}

impl TryFrom<CompactSchema> for Schema {
    type Error = UnknownContext;

    fn try_from(compact: CompactSchema) -> Result<Self, UnknownContext> {
        let contexts = compact.contexts;
        let actions = compact.actions.into_iter().map(|action| {
            let context = contexts.get(action.context).cloned();
            let context = context.ok_or(UnknownContext(action.context))?;
            let CompactAction { uid, groups, principals, resources, .. } = action;
            Ok(Action { uid, groups, principals, resources, context })
        });
        let actions = actions.collect::<Result<_, _>>()?;
        Ok(Self { entity_types: compact.entity_types, actions })
    }
}
