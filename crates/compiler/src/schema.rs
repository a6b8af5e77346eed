//! Cedar's resolved schema to the contract's.

use std::collections::{BTreeMap, BTreeSet};

use crate::lower::Unsupported;
use cedar_policy_core::ast;
use cedar_policy_core::validator::ValidatorEntityTypeKind as Kind;
use cedar_policy_core::validator::ValidatorSchema;
use cedar_policy_core::validator::types::{self, EntityKind};
use cedar_policy_core::validator::{ValidatorActionId, ValidatorEntityType};
use trapkey_abi::{Action, Attribute, EntityType, EntityUid, Record, Schema, Type};

/// Converts all types and actions; the error says what has no counterpart.
pub(crate) fn convert(cedar: &ValidatorSchema) -> Result<Schema, Unsupported> {
    let mut entity_types = BTreeMap::new();
    for entity_type in cedar.entity_types() {
        let converted = standard_type(cedar, entity_type)?;
        entity_types.insert(converted.name.clone(), converted);
    }
    let mut actions = BTreeMap::new();
    for action in cedar.action_ids() {
        let converted = declared_action(cedar, action)?;
        actions.insert(converted.uid.clone(), converted);
    }
    for action in actions.values() {
        let name = action.uid.type_name.clone();
        let entity_type = entity_types.entry(name.clone()).or_insert_with(|| EntityType {
            name,
            attributes: Record::default(),
            tags: None,
            ancestors: Vec::new(),
            ids: None,
            is_action: true,
        });
        let groups = action.groups.iter().map(|group| group.type_name.clone());
        let ancestors: BTreeSet<_> = entity_type.ancestors.drain(..).chain(groups).collect();
        entity_type.ancestors = ancestors.into_iter().collect();
    }
    Ok(Schema {
        entity_types: entity_types.into_values().collect(),
        actions: actions.into_values().collect(),
    })
}

fn standard_type(
    cedar: &ValidatorSchema,
    entity_type: &ValidatorEntityType,
) -> Result<EntityType, Unsupported> {
    let mut ancestors: Vec<String> = cedar
        .entity_types()
        .filter(|other| other.has_descendant_entity_type(entity_type.name()))
        .map(|other| other.name().to_string())
        .collect();
    ancestors.sort();
    let ids = match &entity_type.kind {
        Kind::Enum(ids) => {
            let mut ids: Vec<String> = ids.iter().map(eid).collect();
            ids.sort();
            // Cedar lets an id be declared twice.
            ids.dedup();
            Some(ids)
        }
        Kind::Standard(_) | Kind::External => None,
    };
    Ok(EntityType {
        name: entity_type.name().to_string(),
        attributes: record(entity_type.attributes())?,
        tags: entity_type.tag_type().map(convert_type).transpose()?,
        ancestors,
        ids,
        is_action: false,
    })
}

fn declared_action(
    cedar: &ValidatorSchema,
    action: &ValidatorActionId,
) -> Result<Action, Unsupported> {
    let mut groups: Vec<EntityUid> = cedar
        .action_ids()
        .filter(|other| other.descendants().any(|descendant| descendant == action.name()))
        .map(|other| uid(other.name()))
        .collect();
    groups.sort();
    let names = |types: &mut dyn Iterator<Item = &ast::EntityType>| {
        let names: BTreeSet<String> = types.map(ToString::to_string).collect();
        names.into_iter().collect::<Vec<_>>()
    };
    let context = match action.context_type().map(convert_type).transpose()? {
        Some(Type::Record(record)) => record,
        Some(other) => {
            return Err(Unsupported(format!("context of `{}` is of type {other}", action.name())));
        }
        None => Record::default(),
    };
    Ok(Action {
        uid: uid(action.name()),
        groups,
        principals: names(&mut action.applies_to_principals()),
        resources: names(&mut action.applies_to_resources()),
        context,
    })
}

pub(crate) fn uid(uid: &ast::EntityUID) -> EntityUid {
    EntityUid::new(uid.entity_type().to_string(), eid(uid.eid()))
}

fn eid(eid: &ast::Eid) -> String {
    let id: &str = eid.as_ref();
    id.to_owned()
}

/// The contract's type for one of Cedar's; the error names a type that strict validation excludes.
pub(crate) fn convert_type(ty: &types::Type) -> Result<Type, Unsupported> {
    Ok(match ty {
        types::Type::Bool(_) => Type::Bool,
        types::Type::Long => Type::Long,
        types::Type::String => Type::String,
        types::Type::Entity(EntityKind::Entity(lub)) => match lub.get_single_entity() {
            Some(name) => Type::Entity(name.to_string()),
            None => {
                return Err(Unsupported("an expression may be of several entity types".to_owned()));
            }
        },
        types::Type::Set { element_type: Some(element) } => {
            Type::Set(Box::new(convert_type(element)?))
        }
        types::Type::Record { attrs, .. } => Type::Record(record(attrs)?),
        types::Type::ExtensionType { name } => match name.to_string().as_str() {
            "ipaddr" => Type::Ip,
            "decimal" => Type::Decimal,
            "datetime" => Type::Datetime,
            "duration" => Type::Duration,
            other => return Err(Unsupported(format!("unknown extension type `{other}`"))),
        },
        types::Type::Never
        | types::Type::Entity(EntityKind::AnyEntity)
        | types::Type::Set { element_type: None } => {
            return Err(Unsupported("an expression has no definite type".to_owned()));
        }
    })
}

fn record(attributes: &types::Attributes) -> Result<Record, Unsupported> {
    let mut converted = BTreeMap::new();
    for (name, attribute) in attributes.iter() {
        let ty = convert_type(&attribute.attr_type)?;
        let required = attribute.is_required();
        converted.insert(name.to_string(), Attribute::new(ty, required));
    }
    Ok(Record { attributes: converted })
}
