//! Values that write themselves into a request's context.

use std::slice;

use trapkey_abi::{EntityUid, Ip, RowEditor, RowError, RowErrorKind, RowField, RowValue, Value};

use super::{Datetime, Decimal, Duration, Party};

/// A value that an attribute of a context can be given. Generated types implement it too.
///
/// Whatever an implementation writes is checked against the schema.
pub trait FieldValue {
    /// The value without its owner, if it is no set and no record.
    fn plain(&self) -> Option<RowValue<'_>>;

    /// The value with an owner.
    fn to_value(&self) -> Value;

    /// Writes the value into its attribute.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        match self.plain() {
            Some(value) => to.plain(value),
            None => to.value(&self.to_value()),
        }
    }
}

/// Writes one attribute of a context.
#[derive(Debug)]
pub struct FieldWriter<'w> {
    editor: RowEditor<'w>,
    field: &'w RowField,
}

/// Writes the attributes of a record, in the order of their names.
#[derive(Debug)]
pub struct RecordWriter<'w> {
    editor: RowEditor<'w>,
    rest: slice::Iter<'w, RowField>,
}

/// Proof that a value was written.
#[derive(Debug)]
pub struct Written(());

impl<'w> FieldWriter<'w> {
    pub(super) fn new(editor: RowEditor<'w>, field: &'w RowField) -> Self {
        Self { editor, field }
    }

    /// Writes a value that is no set and no record.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn plain(mut self, value: RowValue<'_>) -> Result<Written, RowError> {
        self.editor.put(self.field, value).map(Written)
    }

    /// Writes any value but a whole context; sets and records allocate.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn value(mut self, value: &Value) -> Result<Written, RowError> {
        self.editor.put_value(self.field, value).map(Written)
    }

    /// Writes a set. Only elements that are texts, sets or records allocate.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn set<T: FieldValue>(mut self, elements: &[T]) -> Result<Written, RowError> {
        let is_plain = RowEditor::is_plain_set(self.field);
        if is_plain && elements.iter().all(|element| element.plain().is_some()) {
            let elements = elements.iter().filter_map(T::plain);
            return self.editor.put_set(self.field, elements).map(Written);
        }
        self.value(&Value::Set(elements.iter().map(T::to_value).collect()))
    }

    /// Takes an optional attribute away.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::Missing`] if it is required.
    pub fn absent(mut self) -> Result<Written, RowError> {
        self.editor.clear(self.field).map(Written)
    }

    /// Starts to write a record, of which every attribute must then be written.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::WrongType`] if the attribute is no record.
    pub fn record(mut self) -> Result<RecordWriter<'w>, RowError> {
        self.editor.enter(self.field)?;
        let rest = self.field.fields().iter();
        Ok(RecordWriter { editor: self.editor, rest })
    }

    fn party(mut self, party: &Party) -> Result<Written, RowError> {
        self.editor.put_resolved(self.field, party.uid(), party.handle()).map(Written)
    }
}

impl RecordWriter<'_> {
    /// Writes the next attribute, which has this name.
    ///
    /// # Errors
    ///
    /// [`RowError`] if the next attribute has another name, or the value does not conform.
    pub fn field<T: FieldValue>(&mut self, name: &str, value: &T) -> Result<(), RowError> {
        let Written(()) = value.write(self.next(name)?)?;
        Ok(())
    }

    /// Writes the next attribute, which has this name and is optional.
    ///
    /// # Errors
    ///
    /// As [`RecordWriter::field`]; [`RowErrorKind::Missing`] if a required one is absent.
    pub fn optional<T: FieldValue>(
        &mut self,
        name: &str,
        value: Option<&T>,
    ) -> Result<(), RowError> {
        let next = self.next(name)?;
        let Written(()) = match value {
            Some(value) => value.write(next)?,
            None => next.absent()?,
        };
        Ok(())
    }

    fn next(&mut self, name: &str) -> Result<FieldWriter<'_>, RowError> {
        match self.rest.next().filter(|field| field.name() == name) {
            Some(field) => Ok(FieldWriter::new(self.editor.reborrow(), field)),
            None => Err(RowError { path: name.to_owned(), kind: RowErrorKind::Unknown }),
        }
    }

    /// Ends the record.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::Missing`] if an attribute was not written.
    pub fn finish(mut self) -> Result<Written, RowError> {
        match self.rest.next() {
            None => Ok(Written(())),
            Some(field) => {
                let kind = RowErrorKind::Missing;
                Err(RowError { path: field.path().to_owned(), kind })
            }
        }
    }
}

/// Implements [`FieldValue`] for a type that is no set and no record.
macro_rules! plain_value {
    ($type:ty, $self:ident => $value:expr) => {
        impl FieldValue for $type {
            fn plain(&self) -> Option<RowValue<'_>> {
                let $self = self;
                Some($value)
            }

            fn to_value(&self) -> Value {
                let $self = self;
                RowValue::to_value($value)
            }
        }
    };
}

plain_value!(bool, value => RowValue::Bool(*value));
plain_value!(i64, value => RowValue::Long(*value));
plain_value!(Decimal, value => RowValue::Decimal(value.0));
plain_value!(Datetime, value => RowValue::Datetime(value.0));
plain_value!(Duration, value => RowValue::Duration(value.0));
plain_value!(Ip, value => RowValue::Ip(*value));
plain_value!(str, value => RowValue::String(value));
plain_value!(String, value => RowValue::String(value));
plain_value!(EntityUid, uid => RowValue::Entity { type_name: &uid.type_name, id: &uid.id });

impl FieldValue for Party {
    fn plain(&self) -> Option<RowValue<'_>> {
        self.uid().plain()
    }

    fn to_value(&self) -> Value {
        self.uid().to_value()
    }

    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.party(self)
    }
}

impl FieldValue for Value {
    fn plain(&self) -> Option<RowValue<'_>> {
        RowValue::of(self)
    }

    fn to_value(&self) -> Value {
        self.clone()
    }

    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.value(self)
    }
}

impl<T: FieldValue> FieldValue for [T] {
    fn plain(&self) -> Option<RowValue<'_>> {
        None
    }

    fn to_value(&self) -> Value {
        Value::Set(self.iter().map(T::to_value).collect())
    }

    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.set(self)
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    fn plain(&self) -> Option<RowValue<'_>> {
        None
    }

    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }

    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.set(self)
    }
}
