//! What a probe of an explaining module says of itself: one clause of a policy.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{EntityUid, Span, Value};

/// Name of the annotation of a probe that holds its [`Clause`] as JSON.
pub const CLAUSE_ANNOTATION: &str = "trapkey.clause";

/// One clause of a policy. The probe holds if the clause does, and all clauses of the policy
/// before it; probes of the scope stand alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Clause {
    /// Index of the policy in the module that decides.
    pub policy: u32,
    /// What it is.
    pub part: ClausePart,
    /// Where it stands in the source; for parts of a scope, the whole policy.
    pub span: Span,
    /// Attributes, entities and tags that it reads.
    pub accesses: Vec<Access>,
    /// Values that it has written down.
    pub constants: Vec<Value>,
}

/// What a clause is in its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ClausePart {
    /// What the scope says of the principal's type or name.
    Principal,
    /// What the scope says of the principal's groups.
    PrincipalIn,
    /// What the scope says of the action.
    Action,
    /// What the scope says of the resource's type or name.
    Resource,
    /// What the scope says of the resource's groups.
    ResourceIn,
    /// A conjunct of the conditions.
    Condition,
}

impl ClausePart {
    /// Whether nothing but another request can make it hold: no attribute is read.
    pub const fn is_fixed(self) -> bool {
        match self {
            Self::Principal | Self::Action | Self::Resource => true,
            Self::PrincipalIn | Self::ResourceIn | Self::Condition => false,
        }
    }
}

/// A chain of attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Access {
    /// Where it begins.
    pub root: AccessRoot,
    /// Names of attributes; empty for the root itself.
    pub path: Vec<String>,
}

/// Where a chain of attributes begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AccessRoot {
    /// The principal.
    Principal,
    /// The resource.
    Resource,
    /// The context.
    Context,
    /// An entity that the policy names.
    Entity(EntityUid),
}
