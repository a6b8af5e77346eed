//! What a component was built for: written by the builder, read once.

use serde::{Deserialize, Serialize};
use trapkey_abi::response::fields;
use trapkey_abi::{ForbidErrors, GatherTable, MemoryMap, Schema, Span};

/// Version of this form; a guest refuses another.
pub const PLAN_VERSION: u32 = 1;

/// All that a component knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// The schema, from which the guest computes the layout.
    pub schema: Schema,
    /// Which rows go into frames.
    pub gather: GatherTable,
    /// Where frames and responses go.
    pub memory: MemoryMap,
    /// Digest of the bundle, in hexadecimal.
    pub digest: String,
    /// What an erring forbid does.
    pub forbid_errors: ForbidErrors,
    /// The policies, by the index in responses.
    pub policies: Vec<PolicyNote>,
}

/// What the guest has to know of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyNote {
    /// The value of `@id`, else Cedar's own id.
    pub id: String,
    /// Whether it is a forbid.
    pub is_forbid: bool,
    /// Whether it is observed, not enforced.
    pub is_observed: bool,
    /// Whether it is a template, which decides nothing: there are no grants.
    pub is_template: bool,
    /// Its duties when it determines a decision.
    pub obligations: Vec<Duty>,
    /// What it advises then.
    pub advice: Vec<Duty>,
    /// When a forbid was meant to end.
    pub ends: Option<i64>,
    /// Its expressions that may err, by the place in responses.
    pub places: Vec<Span>,
}

impl PolicyNote {
    /// Its class in responses, without that it can never hold.
    pub(crate) fn class(&self) -> u32 {
        let forbid = if self.is_forbid { fields::CLASS_FORBID } else { 0 };
        let observed = if self.is_observed { fields::CLASS_OBSERVED } else { 0 };
        forbid | observed
    }
}

/// An obligation of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its name.
    pub name: String,
    /// What follows its colon.
    pub argument: Option<String>,
}
