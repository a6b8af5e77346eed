//! A test as all formats have it.

use std::collections::BTreeSet;

use cedar_policy::EntityUid;
use serde::Serialize;
use serde_json::value::RawValue;

/// Policies, and what they are said to decide.
pub(super) struct Test {
    /// Path from the folder that is run.
    pub(super) name: String,
    pub(super) schema: String,
    pub(super) policies: String,
    pub(super) links: Vec<Link>,
    pub(super) entities: String,
    /// Whether the policies are said to pass strict validation.
    pub(super) should_validate: bool,
    pub(super) requests: Vec<Case>,
}

/// A template with its slots filled.
pub(super) struct Link {
    pub(super) id: String,
    /// The `@id` of the template.
    pub(super) template: String,
    pub(super) principal: Option<EntityUid>,
    pub(super) resource: Option<EntityUid>,
}

/// A request and what it is said to give.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) request: Request,
    /// Whether the request is said to conform to the schema.
    pub(super) should_validate: bool,
    pub(super) allow: bool,
    /// Absent where only the verdict is known.
    pub(super) policies: Option<Policies>,
}

/// Policies by Cedar's own ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policies {
    pub(super) determining: BTreeSet<String>,
    pub(super) erring: BTreeSet<String>,
}

/// A verdict and the policies behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) allow: bool,
    pub(super) policies: Policies,
}

/// A request as its file spells it: Cedar and Trapkey read the same text.
#[derive(Serialize)]
pub(super) struct Request {
    pub(super) principal: Box<RawValue>,
    pub(super) action: Box<RawValue>,
    pub(super) resource: Box<RawValue>,
    pub(super) context: Box<RawValue>,
}
