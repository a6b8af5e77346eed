//! Checks a schema: bounded, sorted as lookups expect, and closed.

use trapkey_abi::{Record, Schema, Type};

/// Attributes, tags, presences and ancestor types of a whole schema, nested ones included.
///
/// The layout costs at most this times [`ROW_KEYS_MAX`] steps, about a second.
pub const SCHEMA_KEYS_MAX: usize = 1 << 17;

/// The same for one entity type or context.
pub const ROW_KEYS_MAX: usize = 1 << 12;

/// Why a schema was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// All entity types and contexts together declare too much.
    #[error("schema declares {keys} attributes and ancestors, the limit is {SCHEMA_KEYS_MAX}")]
    TooLarge {
        /// Number declared until the limit was passed.
        keys: usize,
    },
    /// One entity type or context declares too much.
    #[error("`{place}` declares {keys} attributes and ancestors, the limit is {ROW_KEYS_MAX}")]
    RowTooLarge {
        /// The entity type or action.
        place: String,
        /// Number declared.
        keys: usize,
    },
    /// A list is not sorted, or repeats an item.
    #[error("`{item}` is out of order in {list}")]
    Order {
        /// The list, as `entity types`.
        list: &'static str,
        /// The item that does not come after the one before it.
        item: String,
    },
    /// A name is not that of a declared entity type.
    #[error("`{place}` names the undeclared entity type `{name}`")]
    UnknownType {
        /// The entity type or action.
        place: String,
        /// The name.
        name: String,
    },
}

/// Refuses what lookups and layouts could not work with.
pub(crate) fn check(schema: &Schema) -> Result<(), SchemaError> {
    let names = schema.entity_types.iter().map(|entity_type| &entity_type.name);
    ascending("entity types", names)?;
    ascending("actions", schema.actions.iter().map(|action| &action.uid))?;
    let mut total = 0;
    for entity_type in &schema.entity_types {
        let keys = entity_type.ancestors.len() + usize::from(entity_type.tags.is_some());
        let mut place = Place { schema, name: entity_type.name.clone(), keys };
        ascending("ancestors", &entity_type.ancestors)?;
        ascending("ids", entity_type.ids.iter().flatten())?;
        place.names(&entity_type.ancestors)?;
        place.record(&entity_type.attributes)?;
        if let Some(tags) = &entity_type.tags {
            place.ty(tags)?;
        }
        total += place.finish(total)?;
    }
    for action in &schema.actions {
        let mut place = Place { schema, name: action.uid.to_string(), keys: 0 };
        ascending("principals", &action.principals)?;
        ascending("resources", &action.resources)?;
        ascending("groups", &action.groups)?;
        place.names(&action.principals)?;
        place.names(&action.resources)?;
        place.record(&action.context)?;
        total += place.finish(total)?;
    }
    Ok(())
}

/// One entity type or action, and how much it declares.
struct Place<'a> {
    schema: &'a Schema,
    name: String,
    keys: usize,
}

impl Place<'_> {
    fn names(&self, names: &[String]) -> Result<(), SchemaError> {
        names.iter().try_for_each(|name| self.declared(name))
    }

    fn record(&mut self, record: &Record) -> Result<(), SchemaError> {
        for attribute in record.attributes.values() {
            self.keys += 1 + usize::from(!attribute.required);
            self.ty(&attribute.ty)?;
        }
        Ok(())
    }

    fn ty(&mut self, ty: &Type) -> Result<(), SchemaError> {
        match ty {
            Type::Entity(name) => self.declared(name),
            Type::Set(element) => self.ty(element),
            Type::Record(record) => self.record(record),
            Type::Bool
            | Type::Long
            | Type::String
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip => Ok(()),
        }
    }

    fn declared(&self, name: &str) -> Result<(), SchemaError> {
        match self.schema.entity_type(name) {
            Some(_) => Ok(()),
            None => {
                Err(SchemaError::UnknownType { place: self.name.clone(), name: name.to_owned() })
            }
        }
    }

    /// The number of keys, if neither it nor the sum with `total` is too large.
    fn finish(self, total: usize) -> Result<usize, SchemaError> {
        if self.keys > ROW_KEYS_MAX {
            return Err(SchemaError::RowTooLarge { place: self.name, keys: self.keys });
        }
        if total + self.keys > SCHEMA_KEYS_MAX {
            return Err(SchemaError::TooLarge { keys: total + self.keys });
        }
        Ok(self.keys)
    }
}

fn ascending<'a, T: Ord + ToString + 'a>(
    list: &'static str,
    items: impl IntoIterator<Item = &'a T>,
) -> Result<(), SchemaError> {
    let mut before: Option<&T> = None;
    for item in items {
        if before.is_some_and(|before| before >= item) {
            return Err(SchemaError::Order { list, item: item.to_string() });
        }
        before = Some(item);
    }
    Ok(())
}
