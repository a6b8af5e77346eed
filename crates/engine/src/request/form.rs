//! Requests of one action, whose contexts write themselves.

use std::fmt;
use std::sync::Arc;

use trapkey_abi::{Action, EntityUid, Row, RowEditor, RowError, RowField, RowSpace};

use super::{
    FieldValue, FieldWriter, Party, Request, RequestError, RequestField, TypedError, check_party,
};
use crate::model::Model;

/// Makes requests for one action from values that write themselves into its context: what
/// [`Typed`](crate::Typed) does for generated structs, for hosts that have structs of their own.
#[derive(Clone)]
pub struct Form {
    // INVARIANT: `context` and `blank` are the context of the action with this index in the schema of
    // `model`.
    model: Arc<Model>,
    action: u32,
    context: RowField,
    blank: Row,
}

impl Model {
    /// Finds an action.
    ///
    /// # Errors
    ///
    /// [`TypedError::UnknownAction`]
    pub fn form(self: &Arc<Self>, action: &EntityUid) -> Result<Form, TypedError> {
        let Some((index, declared, layout)) = self.action(action) else {
            return Err(TypedError::UnknownAction { uid: action.clone() });
        };
        let context = RowField::context(layout, &declared.context);
        Ok(Form { model: Arc::clone(self), action: index, context, blank: Row::blank(layout) })
    }
}

impl Form {
    /// A new request.
    ///
    /// # Errors
    ///
    /// [`RequestError::Context`], [`RequestError::UnknownId`], [`RequestError::UnknownType`] and
    /// [`RequestError::TypeNotAllowed`].
    pub fn request<T: FieldValue>(
        &self,
        (principal, resource): (&Party, &Party),
        context: &T,
    ) -> Result<Request, RequestError> {
        let mut request = Request {
            layout: self.model.layout().digest,
            action: self.action,
            principal: self.party(RequestField::Principal, principal)?,
            resource: self.party(RequestField::Resource, resource)?,
            context: self.blank.clone(),
            space: RowSpace::default(),
            at: None,
            clocks: self.model.clocks(self.action),
        };
        self.write(context, &mut request).map_err(RequestError::Context)?;
        Ok(request)
    }

    /// Puts parties and context into `request`, in its own memory.
    ///
    /// This allocates only for ids, texts and sets that are longer than any before, for sets of
    /// texts, of sets and of records, and for the copy of the row that is kept in case of an error.
    ///
    /// # Errors
    ///
    /// As [`Form::request`], and [`RequestError::OtherRequest`]; the request is as before.
    pub fn fill<T: FieldValue>(
        &self,
        (principal, resource): (&Party, &Party),
        context: &T,
        request: &mut Request,
    ) -> Result<(), RequestError> {
        self.admit(request)?;
        let principal_type = self.entity_type(RequestField::Principal, principal)?;
        let resource_type = self.entity_type(RequestField::Resource, resource)?;
        self.write(context, request).map_err(RequestError::Context)?;
        request.principal.rename(names(principal), principal_type);
        request.resource.rename(names(resource), resource_type);
        Ok(())
    }

    /// Makes sure that `request` is one for this action.
    pub(super) fn admit(&self, request: &Request) -> Result<(), RequestError> {
        let layout = self.model.layout().digest;
        if request.layout == layout && request.action == self.action {
            return Ok(());
        }
        let action = self.declared().map(|declared| declared.uid.clone())?;
        Err(RequestError::OtherRequest { action, layout })
    }

    /// The model.
    pub(super) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// What the schema declares of the action.
    pub(super) fn declared(&self) -> Result<&Action, RequestError> {
        let index = usize::try_from(self.action).ok();
        let declared = index.and_then(|index| self.model.schema().actions.get(index));
        // The model had it when this was made.
        declared.ok_or(RequestError::Missing { field: RequestField::Action })
    }

    /// Puts a context in place of another; all or nothing.
    pub(super) fn write<T: FieldValue>(
        &self,
        context: &T,
        request: &mut Request,
    ) -> Result<(), RowError> {
        let schema = self.model.schema();
        let mut editor = RowEditor::new(schema, &mut request.context, &mut request.space);
        editor.all_or_none(|editor| {
            context.write(FieldWriter::new(editor, &self.context)).map(|_| ())
        })
    }

    fn party(&self, field: RequestField, party: &Party) -> Result<Party, RequestError> {
        let entity_type = self.entity_type(field, party)?;
        Ok(Party::new(&self.model, party.uid().clone(), entity_type))
    }

    /// The index of the party's type, if it may be that of the action.
    fn entity_type(&self, field: RequestField, party: &Party) -> Result<u32, RequestError> {
        check_party(&self.model, field, names(party), self.declared()?)
    }
}

fn names(party: &Party) -> (&str, &str) {
    let EntityUid { type_name, id } = party.uid();
    (type_name, id)
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("action", &self.action).finish_non_exhaustive()
    }
}
