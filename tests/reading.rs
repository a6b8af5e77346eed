//! Our readers of JSON beside Cedar's: what one accepts the other accepts, with the same meaning.
//!
//! Where we refuse more, [`is_known_gap`] says what and why.

#![expect(clippy::panic, clippy::missing_panics_doc, reason = "a difference stops its test")]

pub mod cedar;

use std::sync::LazyLock;

use cedar_policy::EntityUid;
use trapkey::{
    EntitiesError, EntityError, EntityStore, Found, JsonError, Request, RequestError, RowErrorKind,
    Type, ValueError, ValueErrorKind,
};

use self::cedar::Schemas;

/// The schema of the plant.
pub static PLANT: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::parse(include_str!("../policies-examples/plant/plant.cedarschema")));
/// A schema with every type of attribute.
pub static TYPES: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::parse(include_str!("readers/types.cedarschema")));

/// Entities of [`PLANT`].
pub const PLANT_ENTITIES: &str = include_str!("../policies-examples/plant/entities.json");
/// Entities of [`TYPES`].
pub const TYPES_ENTITIES: &str = include_str!("readers/types.json");

/// Whether we refuse for a reason of ours. All other documents must be accepted as Cedar does.
pub fn is_known_gap(error: &EntitiesError, text: &str) -> bool {
    match error {
        EntitiesError::Json { source, .. } => is_json_gap(source),
        EntitiesError::Uid(error) => is_value_gap(error, text),
        EntitiesError::NonConforming(list) => list.iter().all(|entity| match &entity.error {
            EntityError::Value(error) => is_value_gap(error, text),
            EntityError::Row(error) => is_limit(&error.kind),
            _ => false,
        }),
        _ => false,
    }
}

fn is_json_gap(error: &JsonError) -> bool {
    let text = error.to_string();
    // Cedar ignores a repeated key in a context and beside the keys of a uid; it reads 127 levels;
    // and its derived readers take an array of an entity's fields for the entity.
    text.contains("occurs twice")
        || text.contains("nested deeper")
        || text.contains("invalid type: sequence, expected an entity")
}

fn is_value_gap(error: &ValueError, text: &str) -> bool {
    // Cedar reads `unknown` as a value of any type that will be known later, and a predicate of
    // extension values as the boolean or number that it gives.
    let has_unknown = text.contains("\"unknown\"");
    let has_predicate = text.contains("\"isIpv4\"");
    match &error.kind {
        ValueErrorKind::UnknownFunction { name } => name == "unknown",
        ValueErrorKind::WrongType { want: Type::Bool, found: Found::Object } => {
            has_unknown || has_predicate
        }
        ValueErrorKind::WrongType { found: Found::Object, .. } => has_unknown,
        // An array of type and id is a uid to Cedar's derived readers.
        ValueErrorKind::NotAReference { found: Found::Array } => true,
        ValueErrorKind::NotAReference { found: Found::Object } => {
            has_unknown || text.contains("\"__entity\":[")
        }
        ValueErrorKind::UnknownAttribute => has_unknown && error.path.ends_with("__extn"),
        _ => false,
    }
}

/// Limits of the layout.
fn is_limit(kind: &RowErrorKind) -> bool {
    matches!(kind, RowErrorKind::TooLong { .. } | RowErrorKind::TooManyElements { .. })
}

/// Checks that `text` is entities to both, and the same, or to neither.
#[track_caller]
pub fn check_entities(schemas: &Schemas, text: &str) {
    let ours = EntityStore::from_json(schemas.model.clone(), text);
    match (ours, schemas.entities(text)) {
        (Ok(ours), Some(theirs)) => {
            assert!(cedar::is_same(schemas, &ours.snapshot(), &theirs), "{text}");
        }
        (Ok(_), None) => panic!("cedar refuses {text}"),
        (Err(error), Some(_)) => assert!(is_known_gap(&error, text), "{error}\n{text}"),
        (Err(_), None) => {}
    }
}

/// A request as both have it.
pub struct BothRequests {
    /// The engine's.
    pub ours: Request,
    /// Cedar's.
    pub theirs: cedar_policy::Request,
}

/// Checks that `text` is a request to both, of the same parties, or to neither.
#[track_caller]
pub fn check_request(schemas: &Schemas, text: &str) -> Option<BothRequests> {
    let ours = Request::from_json(&schemas.model, text);
    match (ours, schemas.request(text)) {
        (Ok(ours), Some(theirs)) => {
            let uid = |uid: Option<&EntityUid>| uid.map(ToString::to_string);
            let principal = cedar::uid(ours.principal().uid()).to_string();
            assert_eq!(Some(principal), uid(theirs.principal()));
            let resource = cedar::uid(ours.resource().uid()).to_string();
            assert_eq!(Some(resource), uid(theirs.resource()));
            Some(BothRequests { ours, theirs })
        }
        (Ok(_), None) => panic!("cedar refuses {text}"),
        (Err(error), Some(_)) => {
            assert!(is_request_gap(&error, text), "{error:?}\n{text}");
            None
        }
        (Err(_), None) => None,
    }
}

/// Whether we refuse a request for a reason of ours.
fn is_request_gap(error: &RequestError, text: &str) -> bool {
    match error {
        RequestError::Json(error) => is_json_gap(error),
        // The whole context may be an `unknown`, and other fields are no part of a request.
        RequestError::UnknownField { .. } => true,
        RequestError::Value(error) => is_value_gap(error, text),
        RequestError::Context(error) => is_limit(&error.kind),
        _ => false,
    }
}
