//! A scope as decisions use it: by the numbers and handles of one schema.

use std::sync::Arc;

use trapkey_abi::{Action, EntityUid, Handle};

use crate::snapshot::Live;
use crate::{Model, Request};

use super::{ObserveError, ObserveScope};

/// A scope, linked to a schema.
pub(super) struct Linked {
    name: Arc<str>,
    /// By action, whether it is observed: it is in the scope and does not touch safety.
    actions: Vec<bool>,
    resources: Option<Handle>,
}

/// Whether the schema has this action or group of actions.
pub(super) fn has_action(model: &Model, uid: &EntityUid) -> bool {
    model.schema().actions.iter().any(|action| action.uid == *uid)
}

fn is_in(action: &Action, group: &EntityUid) -> bool {
    action.uid == *group || action.groups.contains(group)
}

impl Linked {
    /// Links `scope`, from which operations in `safety` are left out.
    ///
    /// # Errors
    ///
    /// [`ObserveError`] if the schema has no such action or resource, or all of its actions touch
    /// safety.
    pub(super) fn new(
        scope: &ObserveScope,
        safety: &[EntityUid],
        model: &Model,
    ) -> Result<Self, ObserveError> {
        let ObserveScope { name, actions, resources } = scope;
        if let Some(action) = actions.as_ref().filter(|action| !has_action(model, action)) {
            return Err(ObserveError::UnknownAction { action: action.clone() });
        }
        if let Some(resource) = resources
            && model.entity_type(&resource.type_name).is_none()
        {
            return Err(ObserveError::UnknownResource { resource: resource.clone() });
        }
        let is_observed = |action: &Action| {
            let touches_safety = safety.iter().any(|group| is_in(action, group));
            !touches_safety && actions.as_ref().is_none_or(|group| is_in(action, group))
        };
        let observed: Vec<bool> = model.schema().actions.iter().map(is_observed).collect();
        if let Some(action) = actions
            && !observed.contains(&true)
        {
            return Err(ObserveError::Safety { action: action.clone() });
        }
        let resources = resources.as_ref().map(EntityUid::handle);
        Ok(Self { name: name.as_str().into(), actions: observed, resources })
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether the request is for an operation of the scope.
    pub(super) fn covers(&self, live: &Live, request: &Request) -> bool {
        let action = usize::try_from(request.action()).ok();
        let is_observed = action.and_then(|action| self.actions.get(action).copied());
        if is_observed != Some(true) || request.layout() != live.loaded().model().layout().digest {
            return false;
        }
        let resource = request.resource().handle();
        self.resources.is_none_or(|group| {
            let is_in = || live.entities().find(resource).is_some_and(|entity| entity.is_in(group));
            resource == group || is_in()
        })
    }
}
