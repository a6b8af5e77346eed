//! Principals and resources, resolved to handles.

use trapkey_abi::{EntityUid, Handle, LayoutDigest};

use super::{PartyError, Request, RequestField, SetError};
use crate::model::Model;

/// The principal or the resource of a request, or an entity in its context, with its handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    // INVARIANT: `handle` is that of `uid`, and `entity_type` the index of its type in the schema
    // of `layout`, which has this id.
    layout: LayoutDigest,
    uid: EntityUid,
    handle: Handle,
    entity_type: u32,
}

impl Party {
    /// Looks up the entity's type and works out its handle: what setting it need not do again.
    ///
    /// # Errors
    ///
    /// [`PartyError`]
    pub fn resolve(model: &Model, uid: EntityUid) -> Result<Self, PartyError> {
        let Some((entity_type, _, _)) = model.entity_type(&uid.type_name) else {
            return Err(PartyError::UnknownType { uid });
        };
        if !model.schema().has_id(&uid.type_name, &uid.id) {
            return Err(PartyError::UnknownId { uid });
        }
        Ok(Self::new(model, uid, entity_type))
    }

    pub(super) fn new(model: &Model, uid: EntityUid, entity_type: u32) -> Self {
        let handle = uid.handle();
        Self { layout: model.layout().digest, uid, handle, entity_type }
    }

    /// Digest of the layout that it was resolved for.
    pub fn layout(&self) -> LayoutDigest {
        self.layout
    }

    /// Its uid.
    pub fn uid(&self) -> &EntityUid {
        &self.uid
    }

    /// Its handle.
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// Index of its type in the schema.
    pub fn entity_type(&self) -> u32 {
        self.entity_type
    }

    /// Becomes `other`, in the memory of its own names.
    fn copy(&mut self, other: &Self) {
        self.uid.type_name.clone_from(&other.uid.type_name);
        self.uid.id.clone_from(&other.uid.id);
        self.layout = other.layout;
        self.handle = other.handle;
        self.entity_type = other.entity_type;
    }

    /// Becomes another entity of the same schema, in the memory of its own names.
    pub(super) fn rename(&mut self, (type_name, id): (&str, &str), entity_type: u32) {
        if self.uid.type_name == type_name && self.uid.id == id {
            return;
        }
        self.uid.type_name.clear();
        self.uid.type_name.push_str(type_name);
        self.uid.id.clear();
        self.uid.id.push_str(id);
        self.handle = Handle::of(type_name, id);
        self.entity_type = entity_type;
    }
}

impl Request {
    /// Puts another principal of the same type. This allocates only for a longer id than any before.
    ///
    /// # Errors
    ///
    /// [`SetError::Stale`], [`SetError::OtherType`].
    pub fn set_principal(&mut self, principal: &Party) -> Result<(), SetError> {
        self.replaceable(RequestField::Principal, &self.principal, principal)?;
        self.principal.copy(principal);
        Ok(())
    }

    /// Puts another resource of the same type. This allocates only for a longer id than any before.
    ///
    /// # Errors
    ///
    /// [`SetError::Stale`], [`SetError::OtherType`].
    pub fn set_resource(&mut self, resource: &Party) -> Result<(), SetError> {
        self.replaceable(RequestField::Resource, &self.resource, resource)?;
        self.resource.copy(resource);
        Ok(())
    }

    fn replaceable(&self, field: RequestField, own: &Party, by: &Party) -> Result<(), SetError> {
        if by.layout != self.layout {
            return Err(SetError::Stale { resolved: by.layout, request: self.layout });
        }
        if by.entity_type != own.entity_type {
            let want = own.uid.type_name.clone();
            return Err(SetError::OtherType { field, uid: by.uid.clone(), want });
        }
        Ok(())
    }
}
