//! Publishes bundles without a lock and decides requests against them.
//!
//! An [`Engine`] holds one snapshot: the newest publication's module and the newest facts. Writers
//! build the next snapshot aside and swap it in with one atomic store; a decision loads the snapshot
//! once and works with that alone. Nothing here starts a thread, opens a file or reads a clock.

mod batch;
mod cache;
mod changes;
mod clock;
mod code;
mod decider;
mod decision;
mod dependencies;
mod duties;
mod engine;
mod entities;
mod environments;
mod exceptions;
mod expected;
mod explain;
mod generation;
mod grants;
mod guard;
mod instance;
mod json;
mod limits;
mod loaded;
mod model;
mod pool;
mod precompiled;
mod publication;
mod reading;
mod recorder;
mod request;
mod runtime;
mod sessions;
mod shadow;
mod snapshot;
mod stages;
mod structure;
mod table;
mod uid;
mod watchers;

pub use cache::{CacheCounts, CacheOptions, CachingDecider};
pub use clock::{ClockError, ClockReading, TimeBounds, Trust};
pub use code::Publication;
pub use decider::Decider;
pub use decision::{DecideError, Decision, Erring, Horizon, Reason, Verdict};
pub use dependencies::{Dependencies, EntityDependency, GrantDependency};
pub use duties::{Duty, Honours, Parameter};
pub use engine::Engine;
pub use entities::{
    ANCESTORS_MAX, ENTITIES_BYTES_MAX, ENTITIES_MAX, Entities, EntitiesError, Entity, EntityError,
    EntityStore, NonConforming, StoredEntity,
};
pub use exceptions::{ExceptionKind, PolicyException};
pub use explain::{
    Alteration, AttributeChange, AttributeOwner, Counterfactual, EXPLAIN_CHANGES_MAX,
    EXPLAIN_DECISIONS_MAX, ExplainError, Explanation, Outcome, OwnAttribute, PolicyOutcome,
    RedactedExplanation,
};
pub use generation::Generation;
pub use grants::{
    APPROVERS_MAX, BreakGlassUse, Dormant, GRANT_TEXT_BYTES_MAX, Grant, GrantError, HeldGrant,
    SlotName,
};
pub use guard::{GUARD_ROUND_MAX, Guard, GuardCounts, GuardError, GuardState};
pub use json::{Found, JSON_DEPTH_MAX, JSON_VALUES_MAX, JsonError, ValueError, ValueErrorKind};
pub use limits::{Limits, Options};
pub use model::Model;
pub use precompiled::{
    PRECOMPILED_BYTES_MAX, Precompiled, PrecompiledError, PrecompiledHead, Target,
};
#[cfg(feature = "cranelift")]
pub use precompiled::{PrecompileError, precompile};
pub use publication::{FactsError, PublishError, RollbackError};
pub use reading::ReadError;
pub use request::{
    AdvanceError, ContextValue, Datetime, Decimal, Duration, EntityId, FieldValue, FieldWriter,
    Form, Party, PartyError, REQUEST_BYTES_MAX, RecordWriter, Request, RequestBuilder,
    RequestError, RequestField, SetError, Slot, SlotError, Typed, TypedError, TypedRequest,
    Written,
};
pub use runtime::RuntimeError;
pub use sessions::{
    AcknowledgeError, AmendError, Amendment, Cause, Flip, OpenSessionError, SESSION_KEY_BYTES_MAX,
    SessionCounts, SessionError, SessionId, SessionKeys, SessionLimits, SessionTerms, Sessions,
    SubjectKey, UpdateError,
};
pub use shadow::{
    PromoteError, ShadowCounts, ShadowDifference, ShadowError, ShadowKind, ShadowOptions,
    ShadowState,
};
pub use stages::{
    EnforceError, OBSERVED_SCOPES_MAX, ObserveError, ObserveScope, STAGE_RECORDS_MAX,
    STAGE_TEXT_BYTES_MAX, StageChange, StageOrder, StageRecord, WouldDeny, WouldDenyError,
};
pub use structure::{Area, StructureError};
pub use uid::{UidError, parse_uid};
