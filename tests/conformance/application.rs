//! Example applications: one folder of policies, with queries sorted into those allowed and those denied.

use std::path::Path;

use cedar_policy::EntityUid;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::ConformanceError;
use super::find::{sorted, text};
use super::test::{Case, Link, Request, Test};

const ALLOWED: &str = "ALLOW";
const DENIED: &str = "DENY";
const POLICIES: &str = "policies.cedar";

/// A query: the four parts of a request, and nothing said of policies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryJson {
    principal: Box<RawValue>,
    action: Box<RawValue>,
    resource: Box<RawValue>,
    context: Box<RawValue>,
}

/// A template link as Cedar's command line reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkJson {
    template_id: String,
    link_id: String,
    args: ArgumentsJson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArgumentsJson {
    #[serde(rename = "?principal")]
    principal: Option<String>,
    #[serde(rename = "?resource")]
    resource: Option<String>,
}

/// Whether `folder` has policies and sorted queries.
pub(super) fn is_application(folder: &Path) -> bool {
    folder.join(POLICIES).is_file() && [ALLOWED, DENIED].iter().any(|d| folder.join(d).is_dir())
}

/// Reads the application in `folder`.
pub(super) fn read(folder: &Path, name: String) -> Result<Test, ConformanceError> {
    let mut requests = Vec::new();
    for (sort, allow) in [(ALLOWED, true), (DENIED, false)] {
        let queries = folder.join(sort);
        if !queries.is_dir() {
            continue;
        }
        for path in sorted(&queries)? {
            requests.push(query(&path, allow)?);
        }
    }
    Ok(Test {
        name,
        schema: text(&folder.join("policies.cedarschema"))?,
        policies: text(&folder.join(POLICIES))?,
        links: links(&folder.join("linked"))?,
        entities: text(&folder.join("entities.json"))?,
        should_validate: true,
        requests,
    })
}

fn query(path: &Path, allow: bool) -> Result<Case, ConformanceError> {
    let query: QueryJson = serde_json::from_str(&text(path)?)
        .map_err(|source| ConformanceError::Json { path: path.to_path_buf(), source })?;
    let QueryJson { principal, action, resource, context } = query;
    let request = Request { principal, action, resource, context };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Case { name, request, should_validate: true, allow, policies: None })
}

/// The links in the file at `path`; none if there is no such file.
fn links(path: &Path) -> Result<Vec<Link>, ConformanceError> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let links: Vec<LinkJson> = serde_json::from_str(&text(path)?)
        .map_err(|source| ConformanceError::Json { path: path.to_path_buf(), source })?;
    let uid = |text: Option<String>| -> Result<Option<EntityUid>, ConformanceError> {
        let Some(text) = text else { return Ok(None) };
        match text.parse() {
            Ok(uid) => Ok(Some(uid)),
            Err(source) => {
                Err(ConformanceError::Link { path: path.to_path_buf(), source: Box::new(source) })
            }
        }
    };
    let link = |LinkJson { template_id, link_id, args }| {
        Ok(Link {
            id: link_id,
            template: template_id,
            principal: uid(args.principal)?,
            resource: uid(args.resource)?,
        })
    };
    links.into_iter().map(link).collect()
}
