//! Values that write themselves into a request's context.

use std::collections::BTreeMap;
use std::slice;

use trapkey_abi::{EntityUid, Ip, RowEditor, RowError, RowErrorKind, RowField, RowValue, Value};

use super::{Datetime, Decimal, Duration, Party};

/// A value that an attribute of a context can be given. Generated types implement it too.
///
/// Whatever an implementation writes is checked against the schema.
pub trait FieldValue {
    /// Writes the value into its attribute.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError>;

    /// The value without its owner, if it is no set and no record.
    fn plain(&self) -> Option<RowValue<'_>> {
        None
    }

    /// The value as one that needs no type of its own.
    ///
    /// # Errors
    ///
    /// What [`FieldValue::write`] fails with.
    fn to_value(&self) -> Result<Value, RowError> {
        if let Some(value) = self.plain() {
            return Ok(value.to_value());
        }
        let mut value = None;
        let Written(()) = self.write(FieldWriter(Target::Value(&mut value)))?;
        value.ok_or_else(|| RowError { path: String::new(), kind: RowErrorKind::Missing })
    }
}

/// A type of entities, as its ids.
pub trait EntityId {
    /// Name of the type with its namespace.
    const TYPE: &'static str;

    /// The unescaped id.
    fn id(&self) -> &str;

    /// Type name and id.
    fn names(&self) -> (&str, &str) {
        (Self::TYPE, self.id())
    }
}

/// Writes one attribute of a context.
#[derive(Debug)]
pub struct FieldWriter<'w>(Target<'w>);

/// Where a value goes.
#[derive(Debug)]
enum Target<'w> {
    Row { editor: RowEditor<'w>, field: &'w RowField },
    Value(&'w mut Option<Value>),
}

/// Writes the attributes of a record, in the order of their names.
#[derive(Debug)]
pub struct RecordWriter<'w>(Record<'w>);

/// Where the attributes of a record go.
#[derive(Debug)]
enum Record<'w> {
    Row { editor: RowEditor<'w>, rest: slice::Iter<'w, RowField> },
    Value { fields: BTreeMap<String, Value>, whole: &'w mut Option<Value> },
}

/// Proof that a value was written.
#[derive(Debug)]
pub struct Written(());

impl<'w> FieldWriter<'w> {
    pub(super) fn new(editor: RowEditor<'w>, field: &'w RowField) -> Self {
        Self(Target::Row { editor, field })
    }

    /// Writes a value that is no set and no record.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn plain(self, value: RowValue<'_>) -> Result<Written, RowError> {
        match self.0 {
            Target::Row { mut editor, field } => editor.put(field, value)?,
            Target::Value(to) => *to = Some(value.to_value()),
        }
        Ok(Written(()))
    }

    /// Writes any value but a whole context; sets and records allocate.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn value(self, value: &Value) -> Result<Written, RowError> {
        match self.0 {
            Target::Row { mut editor, field } => editor.put_value(field, value)?,
            Target::Value(to) => *to = Some(value.clone()),
        }
        Ok(Written(()))
    }

    /// Writes a set. Only elements that are texts, sets or records allocate.
    ///
    /// # Errors
    ///
    /// [`RowError`] if it does not conform.
    pub fn set<T: FieldValue>(mut self, elements: &[T]) -> Result<Written, RowError> {
        if let Target::Row { editor, field } = &mut self.0
            && RowEditor::is_plain_set(field)
            && elements.iter().all(|element| element.plain().is_some())
        {
            editor.put_set(field, elements.iter().filter_map(T::plain))?;
            return Ok(Written(()));
        }
        let elements: Result<_, _> = elements.iter().map(T::to_value).collect();
        self.value(&Value::Set(elements?))
    }

    /// Takes an optional attribute away.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::Missing`] if it is required.
    pub fn absent(self) -> Result<Written, RowError> {
        match self.0 {
            Target::Row { mut editor, field } => editor.clear(field)?,
            Target::Value(to) => *to = None,
        }
        Ok(Written(()))
    }

    /// Starts to write a record, of which every attribute must then be written.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::WrongType`] if the attribute is no record.
    pub fn record(self) -> Result<RecordWriter<'w>, RowError> {
        Ok(RecordWriter(match self.0 {
            Target::Row { mut editor, field } => {
                editor.enter(field)?;
                Record::Row { editor, rest: field.fields().iter() }
            }
            Target::Value(whole) => Record::Value { fields: BTreeMap::new(), whole },
        }))
    }

    fn party(self, party: &Party) -> Result<Written, RowError> {
        match self.0 {
            Target::Row { mut editor, field } => {
                editor.put_resolved(field, party.uid(), party.handle())?;
            }
            Target::Value(to) => *to = Some(Value::Entity(party.uid().clone())),
        }
        Ok(Written(()))
    }
}

impl RecordWriter<'_> {
    /// Writes the next attribute, which has this name.
    ///
    /// # Errors
    ///
    /// [`RowError`] if the next attribute has another name, or the value does not conform.
    pub fn field<T: FieldValue>(&mut self, name: &str, value: &T) -> Result<(), RowError> {
        self.optional(name, Some(value))
    }

    /// Writes the next attribute, which has this name, or leaves it out.
    ///
    /// # Errors
    ///
    /// As [`RecordWriter::field`]; [`RowErrorKind::Missing`] if a required one is absent.
    pub fn optional<T: FieldValue>(
        &mut self,
        name: &str,
        value: Option<&T>,
    ) -> Result<(), RowError> {
        match &mut self.0 {
            Record::Row { editor, rest } => {
                let Some(field) = rest.next().filter(|field| field.name() == name) else {
                    return Err(RowError { path: name.to_owned(), kind: RowErrorKind::Unknown });
                };
                let next = FieldWriter::new(editor.reborrow(), field);
                let Written(()) = match value {
                    Some(value) => value.write(next)?,
                    None => next.absent()?,
                };
            }
            Record::Value { fields, .. } => {
                if let Some(value) = value {
                    fields.insert(name.to_owned(), value.to_value()?);
                }
            }
        }
        Ok(())
    }

    /// Ends the record.
    ///
    /// # Errors
    ///
    /// [`RowErrorKind::Missing`] if an attribute was not written.
    pub fn finish(self) -> Result<Written, RowError> {
        match self.0 {
            Record::Row { mut rest, .. } => {
                if let Some(field) = rest.next() {
                    let kind = RowErrorKind::Missing;
                    return Err(RowError { path: field.path().to_owned(), kind });
                }
            }
            Record::Value { fields, whole } => *whole = Some(Value::Record(fields)),
        }
        Ok(Written(()))
    }
}

/// Implements [`FieldValue`] for a type that is no set and no record.
macro_rules! plain_value {
    ($type:ty, $value:ident => $plain:expr) => {
        impl FieldValue for $type {
            fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
                let $value = self;
                to.plain($plain)
            }

            fn plain(&self) -> Option<RowValue<'_>> {
                let $value = self;
                Some($plain)
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

impl<T: EntityId> FieldValue for T {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.plain(RowValue::Entity { type_name: T::TYPE, id: self.id() })
    }

    fn plain(&self) -> Option<RowValue<'_>> {
        Some(RowValue::Entity { type_name: T::TYPE, id: self.id() })
    }
}

impl FieldValue for Party {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.party(self)
    }

    fn plain(&self) -> Option<RowValue<'_>> {
        self.uid().plain()
    }
}

impl FieldValue for Value {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.value(self)
    }

    fn plain(&self) -> Option<RowValue<'_>> {
        RowValue::of(self)
    }
}

impl<T: FieldValue> FieldValue for [T] {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.set(self)
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
        to.set(self)
    }
}
