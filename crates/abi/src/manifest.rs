//! What a module says of itself in its custom sections.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{EvalError, LayoutDigest};

/// Content of the section [`section::MANIFEST`](crate::section::MANIFEST).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ModuleManifest {
    /// Version of the contract that the module keeps.
    pub abi: u32,
    /// Name and version of the compiler.
    pub compiler: String,
    /// BLAKE3 of the schema in its canonical JSON form, in hexadecimal.
    pub schema_digest: String,
    /// Digest of the layout that follows from the schema.
    pub layout_digest: LayoutDigest,
    /// How errors, stages and expiry count.
    pub semantics: Semantics,
    /// Where frames and responses go.
    pub memory: MemoryMap,
    /// Per action, by index in the schema, the most instructions that one call of `decide` takes
    /// in any of its request environments, in Wasmtime fuel units; 0 without an environment.
    ///
    /// It holds for frames that the encoder writes from rows within the schema's limits.
    pub instructions_max: Vec<u64>,
}

/// How errors, stages and expiry count in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Semantics {
    /// What an erring forbid does.
    pub forbid_errors: ForbidErrors,
    /// Whether `@stage("observe")` keeps a policy out of the verdict.
    pub stages: bool,
    /// Whether `@expires` ends a policy.
    pub expiry: bool,
}

impl Semantics {
    /// Trapkey's own: an erring forbid denies, stages and expiry count.
    pub const TRAPKEY: Self =
        Self { forbid_errors: ForbidErrors::Deny, stages: true, expiry: true };
    /// Cedar's: erring policies are skipped, annotations mean nothing.
    pub const CEDAR: Self =
        Self { forbid_errors: ForbidErrors::Skip, stages: false, expiry: false };
}

/// What a forbid that errs, and might have held, does to the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum ForbidErrors {
    /// It denies.
    #[default]
    Deny,
    /// It is skipped and reported, as in Cedar.
    Skip,
}

/// Where in the module's memory frames and responses go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct MemoryMap {
    /// Size of the memory in 64 KiB pages; it never grows.
    pub pages: u32,
    /// Offset in bytes of the area for frames, a multiple of eight.
    pub frames_offset: u32,
    /// Length in bytes of the area for frames.
    pub frames_bytes: u32,
    /// Longest frame in bytes.
    pub frame_bytes_max: u32,
    /// Offset in bytes of the area for responses, a multiple of eight.
    pub responses_offset: u32,
    /// Length in bytes of the area for responses.
    pub responses_bytes: u32,
    /// Longest response in bytes, and the distance between the responses of a batch.
    pub response_bytes_max: u32,
}

/// One policy or template: an entry of the section
/// [`section::POLICIES`](crate::section::POLICIES).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Policy {
    /// The value of `@id`, else Cedar's own id.
    pub id: String,
    /// Cedar's id: `policy` and the position in the source.
    pub cedar_id: String,
    /// Permit or forbid.
    pub effect: Effect,
    /// Whether it counts in the verdict.
    pub stage: Stage,
    /// What it leaves open, if it is a template: it decides only through links and grants.
    pub template: Option<Template>,
    /// Annotations by name.
    pub annotations: BTreeMap<String, String>,
    /// Duties of the PEP when the policy determines the outcome, from `@obligation`.
    pub obligations: Vec<Obligation>,
    /// What the PEP may do when the policy determines the outcome, from `@advice`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub advice: Vec<Obligation>,
    /// First day on which the policy no longer counts, from `@expires`: midnight UTC in
    /// milliseconds since 1970-01-01T00:00:00Z.
    pub expires: Option<i64>,
    /// Where the policy stands in the source.
    pub span: Span,
    /// Where the places stand that entries of responses name.
    pub places: Vec<Span>,
    /// Errors that evaluation may still meet where entities and requests conform; what is proven
    /// impossible is not among them.
    pub faults: Vec<Fault>,
}

impl Policy {
    /// Whether it is a template: it decides only through links and grants.
    pub fn is_template(&self) -> bool {
        self.template.is_some()
    }
}

/// What a template leaves open, and what grants of it must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Template {
    /// Its `?principal`, if it has one.
    pub principal: Option<TemplateSlot>,
    /// Its `?resource`, if it has one.
    pub resource: Option<TemplateSlot>,
    /// The longest that a grant of it may last, in milliseconds, if `@breakglass` marks it: such a
    /// grant needs two approvers, a ticket and a reason.
    pub break_glass: Option<i64>,
}

/// A slot of a template's scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TemplateSlot {
    /// How the request's entity is compared with the slot's.
    pub test: SlotTest,
    /// The type that the request's entity must have, if the scope says one.
    pub is: Option<String>,
    /// Types of entities for which the slot can match a request, sorted.
    pub entity_types: Vec<String>,
}

/// How the entity of a request is compared with that of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum SlotTest {
    /// It is that entity.
    Equal,
    /// It is that entity or in it.
    In,
}

/// An error that evaluating a policy may meet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Fault {
    /// What goes wrong.
    pub error: EvalError,
    /// Where, by index in the policy's places.
    pub place: u16,
    /// Types of the entities that may be missing, sorted; empty for other errors.
    pub entity_types: Vec<String>,
    /// Actions of the requests in which it may happen, by ascending index in the schema.
    pub actions: Vec<u32>,
}

/// Permit or forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Effect {
    /// Allows when satisfied, unless a forbid is.
    Permit,
    /// Denies when satisfied.
    Forbid,
}

/// Whether a policy counts in the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Stage {
    /// Evaluated and reported, never part of the verdict.
    Observe,
    /// Part of the verdict.
    #[default]
    Enforce,
}

/// A duty of the PEP, or an advice to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Obligation {
    /// Its name, as `record-session`.
    pub name: String,
    /// What follows the colon, as `workorder.closesAt`.
    pub argument: Option<String>,
}

/// A range of bytes of the policies' source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}
