//! Facts from outside, attribute by attribute: read and checked against the schema before any is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey_abi::{Action, Attribute, EntityUid, Layout, Record, Row, RowError, Schema, Value};

use crate::json::{JsonError, Place, Raw, ValueError, read_raw, read_record, read_value};
use crate::model::Model;
use crate::request::{REQUEST_BYTES_MAX, Slot};

/// Why a text is not the facts that it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text exceeds [`REQUEST_BYTES_MAX`].
    #[error("the text is {len} bytes, the limit is {REQUEST_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// The schema has no such entity type, or it is one of actions.
    #[error("the entity type `{name}` is unknown")]
    UnknownType {
        /// The type's name.
        name: String,
    },
    /// No context has such an attribute, or contexts have it with several types.
    #[error("the attribute `{path}` of contexts is unknown or has several types")]
    UnknownAttribute {
        /// The attribute's path.
        path: String,
    },
    /// The text is not JSON.
    #[error("unreadable JSON")]
    Json(#[source] JsonError),
    /// A value is not of its attribute's type, or there is no such attribute.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A value is beyond the limits of its attribute, or names an entity that its enumerated type has not.
    #[error(transparent)]
    Row(#[from] RowError),
}

impl Model {
    /// Reads attributes of an entity of the type `type_name` from an object of names and values in Cedar's JSON. Whether
    /// the entity conforms as a whole is known when they are stored.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; paths begin with `attrs`.
    pub fn read_attributes(
        &self,
        type_name: &str,
        text: &str,
    ) -> Result<BTreeMap<String, Value>, ReadError> {
        let declared = self.schema().entity_type(type_name).map(|(_, declared)| declared);
        let Some(declared) = declared.filter(|declared| !declared.is_action) else {
            return Err(ReadError::UnknownType { name: type_name.to_owned() });
        };
        let (raw, place) = (raw(text)?, Place::Root("attrs"));
        let Raw::Object(fields) = &raw else {
            let record = trapkey_abi::Type::Record(declared.attributes.clone());
            return Err(place.wrong_type(&record, &raw).into());
        };
        Ok(read_record(&declared.attributes, fields, &place)?)
    }

    /// Reads a value for an attribute of contexts, by its path as in [`Model::slot`], from Cedar's JSON. All actions whose
    /// contexts have the attribute must agree in its type, and the value must be within the limits of each.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; paths begin with `context`.
    pub fn read_context(self: &Arc<Self>, path: &str, text: &str) -> Result<Value, ReadError> {
        let slots = self.schema().actions.iter().filter_map(|action| {
            let slot: Result<Slot<Value>, _> = self.slot(&action.uid, path);
            slot.map(|slot| slot.attribute().clone()).ok()
        });
        let mut declared: Vec<Attribute> = slots.collect();
        declared.sort_unstable();
        declared.dedup();
        let unknown = || ReadError::UnknownAttribute { path: path.to_owned() };
        let ty = &declared.first().ok_or_else(unknown)?.ty;
        if declared.iter().any(|other| other.ty != *ty) {
            return Err(unknown());
        }
        let value = read_value(ty, &raw(text)?, &Place::Field(&Place::Root("context"), path))?;
        for attribute in &declared {
            self.conforms(path, attribute, &value)?;
        }
        Ok(value)
    }

    /// Encodes the value as the only attribute of a context, which checks all that a row checks.
    fn conforms(&self, path: &str, attribute: &Attribute, value: &Value) -> Result<(), RowError> {
        let attributes = BTreeMap::from([(path.to_owned(), attribute.clone())]);
        let action = Action {
            uid: EntityUid::new("Action", ""),
            groups: Vec::new(),
            principals: Vec::new(),
            resources: Vec::new(),
            context: Record { attributes },
        };
        let alone = Schema { entity_types: Vec::new(), actions: vec![action] };
        let layout = Layout::new(&alone);
        let values = BTreeMap::from([(path.to_owned(), value.clone())]);
        for (action, layout) in alone.actions.iter().zip(&layout.contexts) {
            Row::context(self.schema(), layout, &action.context, &values)?;
        }
        Ok(())
    }
}

fn raw(text: &str) -> Result<Raw<'_>, ReadError> {
    if text.len() > REQUEST_BYTES_MAX {
        return Err(ReadError::TooLarge { len: text.len() });
    }
    read_raw(text).map_err(ReadError::Json)
}
