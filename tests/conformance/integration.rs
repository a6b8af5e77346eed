//! Tests in the format of Cedar's own integration tests.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf, absolute};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::ConformanceError;
use super::find::text;
use super::test::{Case, Policies, Request, Test};

/// A test as its file spells it; the paths start at some folder above the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TestJson {
    policies: String,
    entities: String,
    schema: String,
    should_validate: bool,
    requests: Vec<RequestJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestJson {
    description: String,
    principal: Box<RawValue>,
    action: Box<RawValue>,
    resource: Box<RawValue>,
    context: Box<RawValue>,
    validate_request: Option<bool>,
    decision: DecisionJson,
    reason: BTreeSet<String>,
    errors: BTreeSet<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum DecisionJson {
    Allow,
    Deny,
}

/// Enough of a file to see whether it is a test.
#[derive(Deserialize)]
struct Outline {
    policies: Option<IgnoredAny>,
    requests: Option<IgnoredAny>,
}

/// Reads the test in `file`; absent if it is JSON of another kind.
pub(super) fn read(file: &Path, name: String) -> Result<Option<Test>, ConformanceError> {
    let malformed = |source| ConformanceError::Json { path: file.to_path_buf(), source };
    let json = text(file)?;
    let value: &RawValue = serde_json::from_str(&json).map_err(malformed)?;
    if !is_test(value) {
        return Ok(None);
    }
    let test: TestJson = serde_json::from_str(&json).map_err(malformed)?;
    let read = |name: &str| match find_above(file, name) {
        Some(path) => text(&path),
        None => Err(ConformanceError::Missing { path: file.to_path_buf(), name: name.to_owned() }),
    };
    Ok(Some(Test {
        name,
        schema: read(&test.schema)?,
        policies: read(&test.policies)?,
        links: Vec::new(),
        entities: read(&test.entities)?,
        should_validate: test.should_validate,
        requests: test.requests.into_iter().map(case).collect(),
    }))
}

/// Whether this is an object with policies and requests.
fn is_test(value: &RawValue) -> bool {
    // An array would be read as the fields in their order.
    let outline = serde_json::from_str::<Outline>(value.get());
    value.get().starts_with('{')
        && outline.is_ok_and(|outline| outline.policies.is_some() && outline.requests.is_some())
}

fn case(json: RequestJson) -> Case {
    let RequestJson { principal, action, resource, context, .. } = json;
    Case {
        name: json.description,
        request: Request { principal, action, resource, context },
        should_validate: json.validate_request.unwrap_or(true),
        allow: json.decision == DecisionJson::Allow,
        policies: Some(Policies { determining: json.reason, erring: json.errors }),
    }
}

/// The file `name`, seen from the nearest folder above `file` that has it.
fn find_above(file: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    if !name.components().all(|component| matches!(component, Component::Normal(_))) {
        return None;
    }
    let file = absolute(file).ok()?;
    file.ancestors().skip(1).map(|folder| folder.join(name)).find(|found| found.is_file())
}
