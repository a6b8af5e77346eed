//! Slots: attributes of a context, resolved once and then set in place.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use trapkey_abi::{
    Attribute, EntityUid, Ip, LayoutDigest, RowEditor, RowError, RowField, Type, Value,
};

use super::{
    Datetime, Decimal, Duration, FieldValue, FieldWriter, Party, REQUEST_BYTES_MAX, Request,
    RequestError, SetError, SlotError,
};
use crate::json::{Place, read_raw, read_value};
use crate::model::Model;

/// One attribute of the context of one action, with the type that it is given as.
///
/// It is resolved once by [`Model::slot`] and serves every request of its action that was made for
/// the same layout. After a publication with another schema it no longer fits new requests.
pub struct Slot<T: ?Sized> {
    // INVARIANT: `field` is of the context of `action` in `model`, and its type is one for `T`.
    model: Arc<Model>,
    action: u32,
    field: RowField,
    value: PhantomData<fn(&T)>,
}

/// A type that a [`Slot`] can have.
///
/// In place and without allocation once the largest has been seen: `bool`, `i64`, [`Datetime`],
/// [`Duration`], [`Decimal`], [`Ip`], [`EntityUid`], [`Party`] (which hashes nothing), `str` and
/// `String`, and slices and vectors of all these but the texts. Slices and vectors of texts and of
/// sets allocate, and so do sets and records as [`Value`].
pub trait ContextValue: FieldValue + sealed::Sealed {
    /// Whether an attribute of this type can be given such a value.
    fn fits(ty: &Type) -> bool;

    /// The type in the words of schemas.
    fn type_name() -> String;
}

mod sealed {
    /// Keeps [`ContextValue`](super::ContextValue) to the types of the contract.
    pub trait Sealed {}
}

impl Model {
    /// Resolves an attribute of the context of `action`. The path is names with points between
    /// them, as `env.location`; of names that hold points themselves, the longest that fits counts.
    ///
    /// A path may lead through optional records. Setting such a slot is an error while a record on
    /// the way is absent: a record that comes into being is set as a whole, so a slot of its own.
    ///
    /// # Errors
    ///
    /// [`SlotError`]
    pub fn slot<T: ContextValue + ?Sized>(
        self: &Arc<Self>,
        action: &EntityUid,
        path: &str,
    ) -> Result<Slot<T>, SlotError> {
        let Some((index, declared, layout)) = self.action(action) else {
            return Err(SlotError::UnknownAction { uid: action.clone() });
        };
        let context = RowField::context(layout, &declared.context);
        let field = find(&context, path)?;
        let ty = &field.attribute().ty;
        if !T::fits(ty) {
            let (path, asked) = (field.path().to_owned(), T::type_name());
            return Err(SlotError::WrongType { path, declared: ty.clone(), asked });
        }
        let (model, field) = (Arc::clone(self), field.clone());
        Ok(Slot { model, action: index, field, value: PhantomData })
    }
}

/// The field at a path below `record`.
fn find<'f>(record: &'f RowField, path: &str) -> Result<&'f RowField, SlotError> {
    let own = record.path();
    if !matches!(record.attribute().ty, Type::Record(_)) {
        let found = record.attribute().ty.clone();
        return Err(SlotError::NotARecord { path: own.to_owned(), found });
    }
    let is_start = |field: &&RowField| {
        let rest = path.strip_prefix(field.name());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let longest = record.fields().iter().filter(is_start).max_by_key(|field| field.name().len());
    let Some(field) = longest else {
        let name = path.split('.').next().unwrap_or_default();
        let point = if record.is_context() { "" } else { "." };
        return Err(SlotError::UnknownAttribute { path: format!("{own}{point}{name}") });
    };
    match path.get(field.name().len()..).and_then(|rest| rest.strip_prefix('.')) {
        Some(rest) => find(field, rest),
        None => Ok(field),
    }
}

impl<T: ?Sized> Slot<T> {
    /// Digest of the layout that it was resolved for.
    pub fn layout(&self) -> LayoutDigest {
        self.model.layout().digest
    }

    /// Path of the attribute, as `env.location`.
    pub fn path(&self) -> &str {
        self.field.path()
    }

    /// Declared type of the attribute.
    pub fn ty(&self) -> &Type {
        &self.field.attribute().ty
    }

    /// Declaration of the attribute, with the limits of its values.
    pub fn attribute(&self) -> &Attribute {
        self.field.attribute()
    }

    /// The action's uid.
    fn action_uid(&self) -> EntityUid {
        let action = usize::try_from(self.action).ok();
        let action = action.and_then(|index| self.model.schema().actions.get(index));
        action.map_or_else(|| EntityUid::new("", ""), |action| action.uid.clone())
    }
}

impl Slot<Value> {
    /// Reads a value of the attribute's type from Cedar's JSON.
    ///
    /// # Errors
    ///
    /// [`RequestError::TooLarge`] before anything is read, [`RequestError::Json`],
    /// [`RequestError::Value`].
    pub fn parse(&self, text: &str) -> Result<Value, RequestError> {
        if text.len() > REQUEST_BYTES_MAX {
            return Err(RequestError::TooLarge { len: text.len() });
        }
        let raw = read_raw(text).map_err(RequestError::Json)?;
        Ok(read_value(self.ty(), &raw, &Place::Field(&Place::Root("context"), self.path()))?)
    }
}

impl<T: ?Sized> Clone for Slot<T> {
    fn clone(&self) -> Self {
        let (model, field) = (Arc::clone(&self.model), self.field.clone());
        Self { model, action: self.action, field, value: PhantomData }
    }
}

impl<T: ?Sized> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Request {
    /// Gives an attribute of the context another value, in place.
    ///
    /// # Errors
    ///
    /// [`SetError`]; the request is as before.
    pub fn set<T: ContextValue + ?Sized>(
        &mut self,
        slot: &Slot<T>,
        value: impl Borrow<T>,
    ) -> Result<(), SetError> {
        self.edit(slot, |editor| {
            let written = value.borrow().write(FieldWriter::new(editor, &slot.field));
            written.map(|_| ())
        })
    }

    /// As [`Request::set`], where the type of the attribute is only known at run time: that of the
    /// value is compared with it here, not when the slot is resolved.
    ///
    /// # Errors
    ///
    /// [`SetError`]; the request is as before.
    pub fn put<T: ContextValue + ?Sized>(
        &mut self,
        slot: &Slot<Value>,
        value: &T,
    ) -> Result<(), SetError> {
        self.edit(slot, |editor| value.write(FieldWriter::new(editor, &slot.field)).map(|_| ()))
    }

    /// Takes an optional attribute of the context away.
    ///
    /// # Errors
    ///
    /// [`SetError`], [`SetError::Context`] if the attribute is required; the request is as before.
    pub fn clear<T: ?Sized>(&mut self, slot: &Slot<T>) -> Result<(), SetError> {
        self.edit(slot, |mut editor| editor.clear(&slot.field))
    }

    /// Changes the context of a copy, in fields of its own action.
    pub(crate) fn edit_context(
        &mut self,
        schema: &trapkey_abi::Schema,
        change: impl FnOnce(RowEditor<'_>) -> Result<(), RowError>,
    ) -> Result<(), RowError> {
        change(RowEditor::new(schema, &mut self.context, &mut self.space))
    }

    fn edit<T: ?Sized>(
        &mut self,
        slot: &Slot<T>,
        change: impl FnOnce(RowEditor<'_>) -> Result<(), RowError>,
    ) -> Result<(), SetError> {
        if slot.layout() != self.layout {
            return Err(SetError::Stale { resolved: slot.layout(), request: self.layout });
        }
        if slot.action != self.action {
            return Err(SetError::WrongAction { action: slot.action_uid() });
        }
        let editor = RowEditor::new(slot.model.schema(), &mut self.context, &mut self.space);
        change(editor).map_err(SetError::Context)
    }
}

/// Implements [`ContextValue`] for a type that is no set and no record.
macro_rules! context_value {
    ($type:ty, $pattern:pat, $name:literal) => {
        impl sealed::Sealed for $type {}

        impl ContextValue for $type {
            fn fits(ty: &Type) -> bool {
                matches!(ty, $pattern)
            }

            fn type_name() -> String {
                $name.to_owned()
            }
        }
    };
}

context_value!(bool, Type::Bool, "Bool");
context_value!(i64, Type::Long, "Long");
context_value!(Decimal, Type::Decimal, "decimal");
context_value!(Datetime, Type::Datetime, "datetime");
context_value!(Duration, Type::Duration, "duration");
context_value!(Ip, Type::Ip, "ipaddr");
context_value!(str, Type::String, "String");
context_value!(String, Type::String, "String");
context_value!(EntityUid, Type::Entity(_), "entity");
context_value!(Party, Type::Entity(_), "entity");
context_value!(Value, _, "any");

impl<T: ContextValue> sealed::Sealed for [T] {}

impl<T: ContextValue> ContextValue for [T] {
    fn fits(ty: &Type) -> bool {
        matches!(ty, Type::Set(element) if T::fits(element))
    }

    fn type_name() -> String {
        format!("Set<{}>", T::type_name())
    }
}

impl<T: ContextValue> sealed::Sealed for Vec<T> {}

impl<T: ContextValue> ContextValue for Vec<T> {
    fn fits(ty: &Type) -> bool {
        <[T]>::fits(ty)
    }

    fn type_name() -> String {
        <[T]>::type_name()
    }
}
