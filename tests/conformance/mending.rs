//! Entities of example applications that do not conform to the application's own schema.
//!
//! Both Cedar and Trapkey must refuse them as they are. To compare decisions all the same, Trapkey is given entities
//! in which references have the types that the schema asks for, while Cedar decides without a schema by what the file
//! has. A correction that mattered to a query would show as a difference.

use serde_json::Value;

use super::test::Test;

/// An entity that the schema wants to be of another type.
struct Correction {
    /// Last part of the application's path.
    application: &'static str,
    id: &'static str,
    found: &'static str,
    wanted: &'static str,
}

const CORRECTIONS: &[Correction] = &[
    // The owners of an organization are a `UserGroup`; the schema has no type `Organization`.
    Correction {
        application: "github_example",
        id: "tiny_corp_owners",
        found: "Organization",
        wanted: "UserGroup",
    },
    // Who may do what is said by a `DocumentShare`, and there is one with each of these ids.
    Correction {
        application: "document_cloud",
        id: "alice_public_modify",
        found: "Document",
        wanted: "DocumentShare",
    },
    Correction {
        application: "document_cloud",
        id: "alice_public_manage",
        found: "Document",
        wanted: "DocumentShare",
    },
];

/// The entities of `test` with what is wrong in them corrected; absent if a correction finds nothing, or there is none.
pub(super) fn mended(test: &Test) -> Option<String> {
    let mut entities: Value = serde_json::from_str(&test.entities).ok()?;
    let application = test.name.rsplit('/').next()?;
    let own = CORRECTIONS.iter().filter(|correction| correction.application == application);
    let counts: Vec<usize> = own.map(|correction| correct(&mut entities, correction)).collect();
    let is_mended = !counts.is_empty() && counts.iter().all(|count| *count > 0);
    is_mended.then(|| entities.to_string())
}

/// Gives the entity its wanted type wherever it is named; counts the places.
fn correct(value: &mut Value, correction: &Correction) -> usize {
    match value {
        Value::Object(fields) => {
            let is_wrong = fields.get("id").is_some_and(|id| id == correction.id)
                && fields.get("type").is_some_and(|found| found == correction.found);
            if is_wrong {
                fields.insert("type".to_owned(), Value::from(correction.wanted));
                return 1;
            }
            fields.values_mut().map(|value| correct(value, correction)).sum()
        }
        Value::Array(values) => values.iter_mut().map(|value| correct(value, correction)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
