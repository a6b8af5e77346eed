//! Tests in the format of Cedar's own integration tests.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf, absolute};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::CASE_FILE_BYTES_MAX;
use super::error::CaseError;
use super::suite::{Answer, Case, Expected, ExpectedErrors, Suite};
use crate::arguments::SourceArguments;
use crate::error::CliError;
use crate::files;
use crate::sources::SourceFiles;

/// A test as its file spells it; the paths start at some folder above the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestJson {
    policies: String,
    entities: String,
    schema: String,
    should_validate: bool,
    requests: Vec<RequestJson>,
}

/// One request of a test.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestJson {
    description: String,
    principal: Box<RawValue>,
    action: Box<RawValue>,
    resource: Box<RawValue>,
    context: Box<RawValue>,
    #[serde(default = "validates")]
    validate_request: bool,
    decision: Answer,
    reason: BTreeSet<String>,
    errors: BTreeSet<String>,
}

/// Enough of a file to see whether it is a test.
#[derive(Deserialize)]
struct Outline {
    policies: Option<serde::de::IgnoredAny>,
    requests: Option<serde::de::IgnoredAny>,
}

/// A request as an engine reads it.
#[derive(Serialize)]
struct Request<'a> {
    principal: &'a RawValue,
    action: &'a RawValue,
    resource: &'a RawValue,
    context: &'a RawValue,
}

/// Requests are valid unless they say otherwise.
fn validates() -> bool {
    true
}

/// Reads the test in `file`; absent if the file is JSON of another kind.
pub(super) fn read(file: &Path) -> Result<Option<Suite>, CliError> {
    let refused = |error| CliError::Cases { path: file.to_path_buf(), error };
    let json = |error| refused(CaseError::Json(error));
    let text = files::text(file, CASE_FILE_BYTES_MAX)?;
    let value: &RawValue = serde_json::from_str(&text).map_err(json)?;
    if !is_test(value) {
        return Ok(None);
    }
    let test: TestJson = serde_json::from_str(&text).map_err(json)?;
    let find = |path: &str| {
        let error = || refused(CaseError::Path { path: path.to_owned() });
        find_above(file, path).ok_or_else(error)
    };
    let sources = SourceArguments {
        policies: vec![find(&test.policies)?],
        schema: Some(find(&test.schema)?),
        links: None,
    };
    let entities: Rc<str> = files::text(&find(&test.entities)?, CASE_FILE_BYTES_MAX)?.into();
    let cases = test.requests.into_iter().map(|request| case(request, &entities));
    Ok(Some(Suite {
        path: file.to_path_buf(),
        files: SourceFiles::read(&sources)?,
        cases: cases.collect::<Result<_, _>>().map_err(json)?,
        may_be_refused: !test.should_validate,
        has_cedar_ids: true,
    }))
}

/// Whether this is an object with policies and requests.
fn is_test(value: &RawValue) -> bool {
    // An array would be read as the fields in their order.
    let outline = serde_json::from_str::<Outline>(value.get());
    value.get().starts_with('{')
        && outline.is_ok_and(|outline| outline.policies.is_some() && outline.requests.is_some())
}

fn case(request: RequestJson, entities: &Rc<str>) -> Result<Case, serde_json::Error> {
    let text = serde_json::to_string(&Request {
        principal: &request.principal,
        action: &request.action,
        resource: &request.resource,
        context: &request.context,
    })?;
    Ok(Case {
        name: request.description,
        entities: Rc::clone(entities),
        changed: Vec::new(),
        removed: Vec::new(),
        request: text,
        expected: Expected {
            answer: request.decision,
            determining: request.reason,
            erring: ExpectedErrors::Ids(request.errors),
        },
        may_be_refused: !request.validate_request,
    })
}

/// The file at `path`, seen from the nearest folder above `file` that has it.
fn find_above(file: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    if !path.components().all(|component| matches!(component, Component::Normal(_))) {
        return None;
    }
    let file = absolute(file).ok()?;
    file.ancestors().skip(1).map(|folder| folder.join(path)).find(|found| found.is_file())
}
