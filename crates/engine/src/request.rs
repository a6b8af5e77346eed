//! Requests: who wants to do what to which resource, in what context.

mod clock;
mod error;
mod field;
mod form;
mod party;
mod slot;
mod typed;
mod value;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use trapkey_abi::{Action, EntityUid, LayoutDigest, Row, RowLayout, RowSpace, Value};

use crate::json::{Fields, Place, Raw, read_raw, read_record, read_reference};
use crate::model::Model;
use crate::uid::parse_uid;

pub(crate) use clock::{ClockField, Clocks};

pub use clock::AdvanceError;
pub use error::{PartyError, RequestError, RequestField, SetError, SlotError, TypedError};
pub use field::{EntityId, FieldValue, FieldWriter, RecordWriter, Written};
pub use form::Form;
pub use party::Party;
pub use slot::{ContextValue, Slot};
pub use typed::{Typed, TypedRequest};
pub use value::{Datetime, Decimal, Duration};

/// Bytes of JSON that a request may have.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A request that conforms to one schema.
///
/// It can be decided again and again, and changed in between: [`Request::set`] writes one attribute
/// of its context in place, [`Request::set_principal`] and [`Request::set_resource`] put another
/// entity. There is no `==`: a row that was changed may have room that a new one has not.
#[derive(Clone, Debug)]
pub struct Request {
    // INVARIANT: the schema of `layout` has this action for these types of principal and resource,
    // and `context` is a row of the action's context, with `space` for its changes and `clocks`
    // for what of it moves with time.
    layout: LayoutDigest,
    action: u32,
    principal: Party,
    resource: Party,
    context: Row,
    space: RowSpace,
    /// The instant that it was given apart from the context.
    at: Option<Datetime>,
    clocks: Clocks,
}

impl Request {
    /// Reads a request: an object with `principal`, `action`, `resource` and `context`, all
    /// required.
    ///
    /// The first three are Cedar's text of a uid, or an object with `type` and `id`, which may
    /// stand under `__entity`. The context is Cedar's JSON of a record.
    ///
    /// # Errors
    ///
    /// [`RequestError::TooLarge`] before anything is read, then the first other error.
    pub fn from_json(model: &Model, text: &str) -> Result<Self, RequestError> {
        if text.len() > REQUEST_BYTES_MAX {
            return Err(RequestError::TooLarge { len: text.len() });
        }
        let raw = read_raw(text).map_err(RequestError::Json)?;
        let Raw::Object(fields) = raw else {
            return Err(RequestError::NotAnObject { found: raw.found() });
        };
        let known = ["principal", "action", "resource", "context"];
        if let Some((name, _)) = fields.iter().find(|(name, _)| !known.contains(name)) {
            return Err(RequestError::UnknownField { name: name.to_owned() });
        }
        let uid = read_uid(&fields, RequestField::Action)?;
        let (_, action, _) = find_action(model, &uid)?;
        let mut builder = Self::builder(model)
            .principal(read_uid(&fields, RequestField::Principal)?)
            .resource(read_uid(&fields, RequestField::Resource)?);
        let place = Place::Root("context");
        builder.context = match fields.get("context") {
            Some(Raw::Object(context)) => read_record(&action.context, context, &place)?,
            Some(raw) => return Err(RequestError::NotAContext { found: raw.found() }),
            None => {
                return Err(RequestError::Missing { field: RequestField::Context });
            }
        };
        builder.action(uid).build()
    }

    /// Starts a request.
    pub fn builder(model: &Model) -> RequestBuilder<'_> {
        RequestBuilder {
            model,
            principal: None,
            action: None,
            resource: None,
            context: BTreeMap::new(),
            at: None,
            repeated: None,
        }
    }

    /// Digest of the layout that the request was made for.
    pub fn layout(&self) -> LayoutDigest {
        self.layout
    }

    /// Index of the action in the schema.
    pub fn action(&self) -> u32 {
        self.action
    }

    /// The principal.
    pub fn principal(&self) -> &Party {
        &self.principal
    }

    /// The resource.
    pub fn resource(&self) -> &Party {
        &self.resource
    }

    /// The encoded context.
    pub fn context(&self) -> &Row {
        &self.context
    }
}

/// A request while it is put together.
#[derive(Clone, Debug)]
pub struct RequestBuilder<'m> {
    // INVARIANT: nothing is checked before `build`.
    model: &'m Model,
    principal: Option<EntityUid>,
    action: Option<EntityUid>,
    resource: Option<EntityUid>,
    context: BTreeMap<String, Value>,
    at: Option<Datetime>,
    /// The first attribute that was given twice.
    repeated: Option<String>,
}

impl RequestBuilder<'_> {
    /// Names the principal.
    pub fn principal(mut self, uid: EntityUid) -> Self {
        self.principal = Some(uid);
        self
    }

    /// Names the action.
    pub fn action(mut self, uid: EntityUid) -> Self {
        self.action = Some(uid);
        self
    }

    /// Names the resource.
    pub fn resource(mut self, uid: EntityUid) -> Self {
        self.resource = Some(uid);
        self
    }

    /// Gives an attribute of the context.
    pub fn attribute(mut self, name: impl Into<String>, value: Value) -> Self {
        match self.context.entry(name.into()) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(entry) => {
                self.repeated.get_or_insert_with(|| entry.key().clone());
            }
        }
        self
    }

    /// Gives the instant at which the request is made, where no attribute of the context that
    /// `@clock("instant")` marks says it.
    pub fn at(mut self, at: Datetime) -> Self {
        self.at = Some(at);
        self
    }

    /// Checks the request against the schema and encodes its context.
    ///
    /// # Errors
    ///
    /// [`RequestError`]
    pub fn build(self) -> Result<Request, RequestError> {
        if let Some(name) = self.repeated {
            return Err(RequestError::RepeatedAttribute { name });
        }
        let given = |uid: Option<EntityUid>, field| uid.ok_or(RequestError::Missing { field });
        let action_uid = given(self.action, RequestField::Action)?;
        let principal = given(self.principal, RequestField::Principal)?;
        let resource = given(self.resource, RequestField::Resource)?;
        let (index, action, layout) = find_action(self.model, &action_uid)?;
        let principal = find_party(self.model, RequestField::Principal, principal, action)?;
        let resource = find_party(self.model, RequestField::Resource, resource, action)?;
        let schema = self.model.schema();
        let context = Row::context(schema, layout, &action.context, &self.context)
            .map_err(RequestError::Context)?;
        let layout = self.model.layout().digest;
        let (space, at, clocks) = (RowSpace::default(), self.at, self.model.clocks(index));
        Ok(Request { layout, action: index, principal, resource, context, space, at, clocks })
    }
}

fn find_action<'m>(
    model: &'m Model,
    uid: &EntityUid,
) -> Result<(u32, &'m Action, &'m RowLayout), RequestError> {
    model.action(uid).ok_or_else(|| RequestError::UnknownAction { uid: uid.clone() })
}

fn find_party(
    model: &Model,
    field: RequestField,
    uid: EntityUid,
    action: &Action,
) -> Result<Party, RequestError> {
    let entity_type = check_party(model, field, (&uid.type_name, &uid.id), action)?;
    Ok(Party::new(model, uid, entity_type))
}

/// Gives the index of the type of an entity that can be principal or resource of `action`.
fn check_party(
    model: &Model,
    field: RequestField,
    (type_name, id): (&str, &str),
    action: &Action,
) -> Result<u32, RequestError> {
    let uid = || EntityUid::new(type_name, id);
    let Some((entity_type, _, _)) = model.entity_type(type_name) else {
        return Err(RequestError::UnknownType { field, uid: uid() });
    };
    let allowed = match field {
        RequestField::Principal => &action.principals,
        RequestField::Resource | RequestField::Action | RequestField::Context => &action.resources,
    };
    if !allowed.iter().any(|name| name == type_name) {
        let action = action.uid.clone();
        return Err(RequestError::TypeNotAllowed { field, uid: uid(), action });
    }
    if !model.schema().has_id(type_name, id) {
        return Err(RequestError::UnknownId { field, uid: uid() });
    }
    Ok(entity_type)
}

fn read_uid(fields: &Fields<'_>, field: RequestField) -> Result<EntityUid, RequestError> {
    match fields.get(field.name()) {
        Some(Raw::String(text)) => {
            parse_uid(text).map_err(|source| RequestError::Uid { field, source })
        }
        Some(raw) => Ok(read_reference(raw, &Place::Root(field.name()))?),
        None => Err(RequestError::Missing { field }),
    }
}

#[cfg(test)]
mod tests;
