//! Embeddable policy decision point: Cedar policies compiled ahead of time to WebAssembly, swapped
//! under load without a lock.
//!
//! [`Engine`] publishes [`Bundle`]s and decides [`Request`]s; a [`Decision`] is deny unless a permit
//! is satisfied and nothing stands against it.
//! # Typed requests
//!
//! `trapkey generate rust press.cedarschema -o src/press.rs` has written a module, whose structs are
//! requests:
//!
//! ```
//! # mod press { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/generated/press.rs")); }
//! # #[cfg(all(feature = "compiler", feature = "cranelift"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use trapkey::{Bundle, CompileOptions, Engine, Limits, Release, Sources, compile};
//! # let policies = "permit(principal, action, resource) when { context.value <= 2200 };";
//! # let schema = include_str!(concat!(
//! #     env!("CARGO_MANIFEST_DIR"),
//! #     "/../../tests/generated/press.cedarschema"
//! # ));
//! # let sources = Sources { policies, schema, links: &[] };
//! # let compiled = compile(&sources, CompileOptions::default())?;
//! # let release = Release { name: "press".into(), version: "1.0.0".into(), sequence: 1 };
//! # let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module)?)?;
//! use press::{Connector, Machine, Write, WriteContext};
//!
//! let engine = Engine::new(Limits::default())?;
//! engine.publish(&bundle)?;
//! let model = engine.model().ok_or("nothing is published")?;
//! // Once for each model: are these the types of the published schema?
//! let writes = model.typed::<Write>()?;
//!
//! let mut write = Write {
//!     principal: Connector("mes".into()),
//!     resource: Machine("press-7".into()),
//!     context: WriteContext { value: 1500, reason: None },
//! };
//! let mut request = writes.request(&write)?;
//! let mut decider = engine.decider();
//! assert!(decider.decide(&request).is_allow());
//!
//! // Again, in the memory of the first.
//! write.context.value = 2201;
//! writes.fill(&write, &mut request)?;
//! assert!(!decider.decide(&request).is_allow());
//!
//! // A value that the schema does not allow makes no request.
//! write.context.value = 65_536;
//! assert!(writes.fill(&write, &mut request).is_err());
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "compiler", feature = "cranelift")))]
//! # fn main() {}
//! ```
//!
#![doc = include_str!("../../../README.md")]

pub use trapkey_abi::{
    Access, AccessRoot, Action, Attribute, Bounds, Clause, ClausePart, Clock, Effect, EntityType,
    EntityUid, Environment, EvalError, Fault, ForbidErrors, GatherTable, Handle, Ip, LayoutDigest,
    MemoryMap, ModuleManifest, Obligation, Policy, Record, ResponseError, RowError, RowErrorKind,
    RowValue, Schema, Semantics, SlotTest, Span, Stage, Template, TemplateSlot, TextError, Type,
    Value,
};
pub use trapkey_bundle::{
    BUNDLE_BYTES_MAX, Bundle, Contents, ContentsError, Digest, DigestError, EnvironmentFault,
    GatherError, HEAD_BYTES_MAX, Head, HeadError, OpenError, PLACES_MAX, PackError, PathFault,
    PoliciesError, ProjectionFault, ProjectionOwner, ROW_KEYS_MAX, Release, SCHEMA_KEYS_MAX,
    SchemaError, TEXT_BYTES_MAX,
};
pub use trapkey_engine::{
    ANCESTORS_MAX, APPROVERS_MAX, AcknowledgeError, AdvanceError, Alteration, AmendError,
    Amendment, Area, AttributeChange, AttributeOwner, BreakGlassUse, CacheCounts, CacheOptions,
    CachingDecider, Cause, ClockError, ClockReading, ContextValue, Counterfactual, Datetime,
    DecideError, Decider, Decimal, Decision, Dependencies, Dormant, Duration, Duty,
    ENTITIES_BYTES_MAX, ENTITIES_MAX, EXPLAIN_CHANGES_MAX, EXPLAIN_DECISIONS_MAX, EnforceError,
    Engine, Entities, EntitiesError, Entity, EntityDependency, EntityError, EntityId, EntityStore,
    Erring, ExceptionKind, ExplainError, Explanation, FactsError, FieldValue, FieldWriter, Flip,
    Form, Found, GRANT_TEXT_BYTES_MAX, GUARD_ROUND_MAX, Generation, Grant, GrantDependency,
    GrantError, Guard, GuardCounts, GuardError, GuardState, HeldGrant, Honours, Horizon,
    JSON_DEPTH_MAX, JSON_VALUES_MAX, JsonError, Limits, Model, NonConforming, OBSERVED_SCOPES_MAX,
    ObserveError, ObserveScope, OpenSessionError, Options, Outcome, OwnAttribute,
    PRECOMPILED_BYTES_MAX, Parameter, Party, PartyError, PolicyException, PolicyOutcome,
    Precompiled, PrecompiledError, PrecompiledHead, PromoteError, Publication, PublishError,
    REQUEST_BYTES_MAX, ReadError, Reason, RecordWriter, RedactedExplanation, Request,
    RequestBuilder, RequestError, RequestField, RollbackError, RuntimeError, SESSION_KEY_BYTES_MAX,
    STAGE_RECORDS_MAX, STAGE_TEXT_BYTES_MAX, SessionCounts, SessionError, SessionId, SessionKeys,
    SessionLimits, SessionTerms, Sessions, SetError, ShadowCounts, ShadowDifference, ShadowError,
    ShadowKind, ShadowOptions, ShadowState, Slot, SlotError, SlotName, StageChange, StageOrder,
    StageRecord, StoredEntity, StructureError, SubjectKey, Target, TimeBounds, Trust, Typed,
    TypedError, TypedRequest, UidError, UpdateError, ValueError, ValueErrorKind, Verdict,
    WouldDeny, WouldDenyError, Written, parse_uid,
};

#[cfg(feature = "cranelift")]
pub use trapkey_engine::{PrecompileError, precompile};

#[cfg(feature = "compiler")]
pub use trapkey_compiler::{
    ACTIONS_MAX, ANNOTATIONS_MAX, CANDIDATES_MAX, CHECKS_MAX, CONDITION_SIZE_MAX, Checked,
    CompileError, CompileOptions, Compiled, Diagnostic, ENTITY_TYPES_MAX, ENVIRONMENTS_MAX,
    FUNCTION_BYTES_MAX, FUNCTION_LOCALS_MAX, FUNCTIONS_MAX, LINK_BYTES_MAX, LITERAL_BYTES_MAX,
    LITERAL_ELEMENTS_MAX, LOWERING_SIZE_MAX, MEMBERS_MAX, MEMORY_PAGES_MAX, MODULE_BYTES_MAX,
    NAME_BYTES_MAX, NAME_PARTS_MAX, PATHS_MAX, PATTERN_BYTES_MAX, POLICIES_MAX, POLICY_BYTES_MAX,
    POLICY_DEPTH_MAX, POLICY_NESTING_MAX, PROGRAM_SIZE_MAX, SCHEMA_BYTES_MAX, SCHEMA_NESTING_MAX,
    Severity, Source, Sources, TYPE_DEPTH_MAX, TemplateLink, check, compile, compile_explain,
    generate_c, generate_rust, parse_links, parse_schema,
};
