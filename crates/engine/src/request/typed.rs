//! Typed requests: structs generated from a schema, checked against the published one once.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use trapkey_abi::{Action, EntityUid, LayoutDigest, Row, RowEditor, RowError, RowField, RowSpace};

use super::{
    FieldValue, FieldWriter, Request, RequestError, RequestField, TypedError, check_party,
    find_party,
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
    // INVARIANT: `T` was generated from the schema of `model`, and `context` is that of its action,
    // whose index is `action`.
    model: Arc<Model>,
    action: u32,
    context: RowField,
    blank: Row,
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
        let uid = EntityUid::new(T::ACTION_TYPE, T::ACTION_ID);
        let Some((action, declared, layout)) = self.action(&uid) else {
            return Err(TypedError::UnknownAction { uid });
        };
        let context = RowField::context(layout, &declared.context);
        let blank = Row::blank(layout);
        Ok(Typed { model: Arc::clone(self), action, context, blank, value: PhantomData })
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
        let action = self.declared()?;
        let party = |field, (type_name, id): (&str, &str)| {
            find_party(&self.model, field, EntityUid::new(type_name, id), action)
        };
        let mut request = Request {
            layout: T::LAYOUT,
            action: self.action,
            principal: party(RequestField::Principal, value.principal())?,
            resource: party(RequestField::Resource, value.resource())?,
            context: self.blank.clone(),
            space: RowSpace::default(),
            at: None,
            clocks: self.model.clocks(self.action),
        };
        self.write(value, &mut request).map_err(RequestError::Context)?;
        Ok(request)
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
        if request.layout != T::LAYOUT || request.action != self.action {
            let action = EntityUid::new(T::ACTION_TYPE, T::ACTION_ID);
            return Err(RequestError::OtherRequest { action, layout: T::LAYOUT });
        }
        let action = self.declared()?;
        let check = |field, names| check_party(&self.model, field, names, action);
        let (principal, resource) = (value.principal(), value.resource());
        let principal_type = check(RequestField::Principal, principal)?;
        let resource_type = check(RequestField::Resource, resource)?;
        self.write(value, request).map_err(RequestError::Context)?;
        request.principal.rename(principal, principal_type);
        request.resource.rename(resource, resource_type);
        Ok(())
    }

    fn declared(&self) -> Result<&Action, RequestError> {
        let index = usize::try_from(self.action).ok();
        let declared = index.and_then(|index| self.model.schema().actions.get(index));
        let uid = || EntityUid::new(T::ACTION_TYPE, T::ACTION_ID);
        declared.ok_or_else(|| RequestError::UnknownAction { uid: uid() })
    }

    fn write(&self, value: &T, request: &mut Request) -> Result<(), RowError> {
        let schema = self.model.schema();
        let mut editor = RowEditor::new(schema, &mut request.context, &mut request.space);
        editor.all_or_none(|editor| {
            value.context().write(FieldWriter::new(editor, &self.context)).map(|_| ())
        })
    }
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self {
            model: Arc::clone(&self.model),
            action: self.action,
            context: self.context.clone(),
            blank: self.blank.clone(),
            value: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("action", &self.action).finish_non_exhaustive()
    }
}
