//! Typed requests: structs generated from a schema, checked against the published one once.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use trapkey_abi::{EntityUid, LayoutDigest};

use super::{
    FieldValue, Form, Request, RequestError, RequestField, TypedError, check_party, find_party,
};
use crate::model::Model;

/// A request as a struct; `trapkey generate rust` writes one for each action of a schema.
pub trait TypedRequest {
    /// The action's context.
    type Context: FieldValue;

    /// Name of the schema that the struct was generated from.
    const SCHEMA: &'static str;
    /// The layout that follows from that schema.
    const LAYOUT: LayoutDigest;
    /// The action's type, with its namespace.
    const ACTION_TYPE: &'static str;
    /// The action's id.
    const ACTION_ID: &'static str;

    /// The principal's type and id.
    fn principal(&self) -> (&str, &str);

    /// The resource's type and id.
    fn resource(&self) -> (&str, &str);

    /// The context.
    fn context(&self) -> &Self::Context;
}

/// Makes requests from structs that were generated from the published schema.
pub struct Typed<T> {
    // INVARIANT: `T` was generated from the schema of the model of `form`, which is of its action.
    form: Form,
    value: PhantomData<fn(&T)>,
}

impl Model {
    /// Checks that `T` was generated from this schema.
    ///
    /// # Errors
    ///
    /// [`TypedError`]
    pub fn typed<T: TypedRequest>(self: &Arc<Self>) -> Result<Typed<T>, TypedError> {
        let published = self.layout().digest;
        if T::LAYOUT != published {
            let (schema, generated) = (T::SCHEMA, T::LAYOUT);
            return Err(TypedError::OtherSchema { schema, generated, published });
        }
        let form = self.form(&EntityUid::new(T::ACTION_TYPE, T::ACTION_ID))?;
        Ok(Typed { form, value: PhantomData })
    }
}

impl<T: TypedRequest> Typed<T> {
    /// A new request.
    ///
    /// # Errors
    ///
    /// [`RequestError::Context`], [`RequestError::UnknownId`], [`RequestError::UnknownType`] and
    /// [`RequestError::TypeNotAllowed`].
    pub fn request(&self, value: &T) -> Result<Request, RequestError> {
        let (model, action) = (self.form.model(), self.form.declared()?);
        let party = |field, (type_name, id): (&str, &str)| {
            find_party(model, field, EntityUid::new(type_name, id), action)
        };
        let principal = party(RequestField::Principal, value.principal())?;
        let resource = party(RequestField::Resource, value.resource())?;
        self.form.request((&principal, &resource), value.context())
    }

    /// Makes `request` the one that `value` is, in its own memory.
    ///
    /// This allocates only for ids, texts and sets that are longer than any before, for sets of
    /// texts, of sets and of records, and for the copy of the row that is kept in case of an error.
    ///
    /// # Errors
    ///
    /// As [`Typed::request`], and [`RequestError::OtherRequest`]; the request is as before.
    pub fn fill(&self, value: &T, request: &mut Request) -> Result<(), RequestError> {
        self.form.admit(request)?;
        let action = self.form.declared()?;
        let check = |field, names| check_party(self.form.model(), field, names, action);
        let (principal, resource) = (value.principal(), value.resource());
        let principal_type = check(RequestField::Principal, principal)?;
        let resource_type = check(RequestField::Resource, resource)?;
        self.form.write(value.context(), request).map_err(RequestError::Context)?;
        request.principal.rename(principal, principal_type);
        request.resource.rename(resource, resource_type);
        Ok(())
    }
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self { form: self.form.clone(), value: PhantomData }
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("form", &self.form).finish_non_exhaustive()
    }
}
