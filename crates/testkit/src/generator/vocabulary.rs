//! What a schema lets requests and entities say: types, attributes, parents, and who may do what to what.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{CedarSchemaError, EntityId, EntityTypeName, EntityUid, ParseErrors};
use serde::Deserialize;

/// The declarations of one schema, with its common types resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) entities: BTreeMap<EntityTypeName, EntityKind>,
    /// Actions that apply to something; action groups are not among them.
    pub(crate) actions: BTreeMap<EntityUid, Action>,
}

#[derive(Clone, Debug)]
pub(crate) enum EntityKind {
    /// The ids are listed in the schema, and the store need not hold them.
    Enum(Vec<String>),
    Standard {
        attributes: Record,
        parents: BTreeSet<EntityTypeName>,
        tags: Option<Type>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) principals: BTreeSet<EntityTypeName>,
    pub(crate) resources: BTreeSet<EntityTypeName>,
    pub(crate) context: Record,
}

pub(crate) type Record = BTreeMap<String, Attribute>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) of: Type,
    pub(crate) is_required: bool,
    /// Least and largest value of a Long, from `@min` and `@max`.
    pub(crate) bounds: Option<(i64, i64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Long,
    String,
    Datetime,
    Duration,
    Decimal,
    Ip,
    Entity(EntityTypeName),
    Set(Box<Type>),
    Record(Record),
}

/// Why a schema could not be made into generators.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VocabularyError {
    /// The schema does not parse.
    #[error("unreadable schema")]
    Schema(#[source] Box<CedarSchemaError>),
    /// Cedar's JSON form of the schema is not as expected.
    #[error("unexpected form of the schema")]
    Form(#[source] serde_json::Error),
    /// An entity type has no well-formed name.
    #[error("name of an entity type")]
    Name(#[source] Box<ParseErrors>),
    /// A type is neither Cedar's nor declared.
    #[error("unknown type `{name}`")]
    UnknownType {
        /// Its name.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamespaceJson {
    #[serde(default)]
    common_types: BTreeMap<String, TypeJson>,
    #[serde(default)]
    entity_types: BTreeMap<String, EntityTypeJson>,
    #[serde(default)]
    actions: BTreeMap<String, ActionJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntityTypeJson {
    #[serde(default, rename = "enum")]
    ids: Vec<String>,
    #[serde(default)]
    member_of_types: BTreeSet<String>,
    shape: Option<TypeJson>,
    tags: Option<TypeJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionJson {
    applies_to: Option<AppliesToJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppliesToJson {
    principal_types: BTreeSet<String>,
    resource_types: BTreeSet<String>,
    context: Option<TypeJson>,
}

#[derive(Deserialize)]
struct TypeJson {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    element: Option<Box<TypeJson>>,
    #[serde(default)]
    attributes: BTreeMap<String, TypeJson>,
    required: Option<bool>,
    #[serde(default)]
    annotations: BTreeMap<String, Option<String>>,
}

impl TypeJson {
    /// Bounds that are written as numbers; those of sets, strings and times are none.
    fn bounds(&self) -> Option<(i64, i64)> {
        let bound = |name| self.annotations.get(name)?.as_ref()?.parse().ok();
        if self.kind != "Long" {
            return None;
        }
        match (bound("min"), bound("max")) {
            (None, None) => None,
            (min, max) => Some((min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX))),
        }
    }
}

type CommonTypes = BTreeMap<String, TypeJson>;

impl Vocabulary {
    pub(crate) fn read(schema: &str) -> Result<Self, VocabularyError> {
        let (json, _warnings) = cedar_policy::schema_str_to_json_with_resolved_types(schema)
            .map_err(|source| VocabularyError::Schema(Box::new(source)))?;
        let mut namespaces: BTreeMap<String, NamespaceJson> =
            serde_json::from_value(json).map_err(VocabularyError::Form)?;
        let mut commons = CommonTypes::new();
        for (namespace, declared) in &mut namespaces {
            for (name, common) in std::mem::take(&mut declared.common_types) {
                commons.insert(qualified(namespace, &name), common);
            }
        }
        let mut vocabulary = Self::default();
        for (namespace, declared) in namespaces {
            for (name, json) in declared.entity_types {
                let kind = entity_kind(json, &commons)?;
                let name = type_name(&qualified(&namespace, &name))?;
                vocabulary.entities.insert(name, kind);
            }
            for (id, json) in declared.actions {
                if let Some(action) = action(json, &commons)? {
                    let name = type_name(&qualified(&namespace, "Action"))?;
                    let uid = EntityUid::from_type_name_and_id(name, EntityId::new(id));
                    vocabulary.actions.insert(uid, action);
                }
            }
        }
        Ok(vocabulary)
    }

    /// The declared attributes of a standard entity type.
    pub(crate) fn attributes(&self, type_name: &EntityTypeName) -> Option<&Record> {
        match self.entities.get(type_name)? {
            EntityKind::Enum(_) => None,
            EntityKind::Standard { attributes, .. } => Some(attributes),
        }
    }

    /// The type of the tags of an entity type that has some.
    pub(crate) fn tags(&self, type_name: &EntityTypeName) -> Option<&Type> {
        match self.entities.get(type_name)? {
            EntityKind::Enum(_) => None,
            EntityKind::Standard { tags, .. } => tags.as_ref(),
        }
    }

    /// The entity types that a `type_name` may have as parents.
    pub(crate) fn parents(&self, type_name: &EntityTypeName) -> Option<&BTreeSet<EntityTypeName>> {
        match self.entities.get(type_name)? {
            EntityKind::Enum(_) => None,
            EntityKind::Standard { parents, .. } => Some(parents),
        }
    }
}

fn qualified(namespace: &str, name: &str) -> String {
    match namespace {
        "" => name.to_owned(),
        namespace => format!("{namespace}::{name}"),
    }
}

fn type_name(text: &str) -> Result<EntityTypeName, VocabularyError> {
    let name = text.parse();
    name.map_err(|source| VocabularyError::Name(Box::new(source)))
}

fn type_names(texts: &BTreeSet<String>) -> Result<BTreeSet<EntityTypeName>, VocabularyError> {
    texts.iter().map(|text| type_name(text)).collect()
}

fn entity_kind(json: EntityTypeJson, commons: &CommonTypes) -> Result<EntityKind, VocabularyError> {
    if !json.ids.is_empty() {
        return Ok(EntityKind::Enum(json.ids));
    }
    Ok(EntityKind::Standard {
        attributes: record(json.shape.as_ref(), commons)?,
        parents: type_names(&json.member_of_types)?,
        tags: json.tags.map(|tags| resolved(&tags, commons)).transpose()?,
    })
}

/// `None` for an action that applies to nothing.
fn action(json: ActionJson, commons: &CommonTypes) -> Result<Option<Action>, VocabularyError> {
    let Some(applies_to) = json.applies_to else {
        return Ok(None);
    };
    if applies_to.principal_types.is_empty() || applies_to.resource_types.is_empty() {
        return Ok(None);
    }
    Ok(Some(Action {
        principals: type_names(&applies_to.principal_types)?,
        resources: type_names(&applies_to.resource_types)?,
        context: record(applies_to.context.as_ref(), commons)?,
    }))
}

fn record(json: Option<&TypeJson>, commons: &CommonTypes) -> Result<Record, VocabularyError> {
    let Some(json) = json else {
        return Ok(Record::new());
    };
    match resolved(json, commons)? {
        Type::Record(record) => Ok(record),
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Datetime
        | Type::Duration
        | Type::Decimal
        | Type::Ip
        | Type::Entity(_)
        | Type::Set(_) => Err(unknown(json)),
    }
}

/// Cedar refuses common types that contain themselves, so this ends.
fn resolved(json: &TypeJson, commons: &CommonTypes) -> Result<Type, VocabularyError> {
    match (json.kind.as_str(), &json.name, &json.element) {
        ("Bool" | "Boolean", ..) => Ok(Type::Bool),
        ("Long", ..) => Ok(Type::Long),
        ("String", ..) => Ok(Type::String),
        ("datetime", ..) => Ok(Type::Datetime),
        ("duration", ..) => Ok(Type::Duration),
        ("decimal", ..) => Ok(Type::Decimal),
        ("ipaddr", ..) => Ok(Type::Ip),
        ("Entity", Some(name), _) => Ok(Type::Entity(type_name(name)?)),
        ("Set", _, Some(element)) => Ok(Type::Set(Box::new(resolved(element, commons)?))),
        ("Record", ..) => {
            let mut record = Record::new();
            for (name, json) in &json.attributes {
                let attribute = Attribute {
                    of: resolved(json, commons)?,
                    is_required: json.required.unwrap_or(true),
                    bounds: json.bounds(),
                };
                record.insert(name.clone(), attribute);
            }
            Ok(Type::Record(record))
        }
        (name, ..) => match commons.get(name) {
            Some(common) => resolved(common, commons),
            None => Err(unknown(json)),
        },
    }
}

fn unknown(json: &TypeJson) -> VocabularyError {
    VocabularyError::UnknownType { name: json.kind.clone() }
}
