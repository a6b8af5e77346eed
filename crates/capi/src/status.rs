//! Status: whether a function did what it is for.

use trapkey::DecideError;

use crate::text::trapkey_str_t;

/// What came of a call. Numbers are never given again; new ones come behind.
///
/// Nothing but `TRAPKEY_STATUS_OK` is success, and it is not zero. Those from 7200 on say that there
/// is no decision: the verdict is deny then, as with all that are not OK.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_status_t {
    /// Done.
    TRAPKEY_STATUS_OK = 7000,
    /// A pointer that must not be NULL is.
    TRAPKEY_STATUS_NULL_POINTER = 7001,
    /// A pointer is not aligned for its type.
    TRAPKEY_STATUS_MISALIGNED = 7002,
    /// A pointer is not to an object of its type, or to one that was freed.
    TRAPKEY_STATUS_INVALID_OBJECT = 7003,
    /// A struct says a size that it cannot have, or has fields that this version does not know.
    TRAPKEY_STATUS_STRUCT_SIZE = 7004,
    /// A text is not UTF-8.
    TRAPKEY_STATUS_NOT_UTF8 = 7005,
    /// A length is more than any memory.
    TRAPKEY_STATUS_TOO_LONG = 7006,
    /// An index or a number is not one of those that there are.
    TRAPKEY_STATUS_OUT_OF_RANGE = 7007,
    /// The caller's buffer is too small; its needed size was written.
    TRAPKEY_STATUS_BUFFER_TOO_SMALL = 7008,
    /// The library failed inside: a defect of it.
    TRAPKEY_STATUS_INTERNAL = 7009,
    /// The Wasm runtime does not start with these options.
    TRAPKEY_STATUS_RUNTIME_REFUSED = 7100,
    /// The bytes are not a bundle.
    TRAPKEY_STATUS_BUNDLE_REFUSED = 7101,
    /// The bundle or its entities cannot be published.
    TRAPKEY_STATUS_PUBLISH_REFUSED = 7102,
    /// There is nothing to go back to, or the entities do not fit it.
    TRAPKEY_STATUS_ROLLBACK_REFUSED = 7103,
    /// Entities are refused.
    TRAPKEY_STATUS_FACTS_REFUSED = 7104,
    /// A grant is refused.
    TRAPKEY_STATUS_GRANT_REFUSED = 7105,
    /// A reading of the clock is refused.
    TRAPKEY_STATUS_CLOCK_REFUSED = 7106,
    /// A text is not a uid.
    TRAPKEY_STATUS_UID_REFUSED = 7107,
    /// A request does not conform to the schema.
    TRAPKEY_STATUS_REQUEST_REFUSED = 7108,
    /// A slot cannot be resolved.
    TRAPKEY_STATUS_SLOT_REFUSED = 7109,
    /// A request cannot be changed so.
    TRAPKEY_STATUS_SET_REFUSED = 7110,
    /// An entity cannot be principal or resource.
    TRAPKEY_STATUS_PARTY_REFUSED = 7111,
    /// A request cannot be moved in time.
    TRAPKEY_STATUS_ADVANCE_REFUSED = 7112,
    /// No session is opened.
    TRAPKEY_STATUS_OPEN_REFUSED = 7113,
    /// A session is closed, revoked or overdue.
    TRAPKEY_STATUS_SESSION_REFUSED = 7114,
    /// The context of sessions is not updated.
    TRAPKEY_STATUS_UPDATE_REFUSED = 7115,
    /// There is no explanation.
    TRAPKEY_STATUS_EXPLAIN_REFUSED = 7116,
    /// The host's store failed, or what it gave back is not what was saved.
    TRAPKEY_STATUS_STORE_REFUSED = 7117,
    /// The audit's callback failed.
    TRAPKEY_STATUS_AUDIT_FAILED = 7118,
    /// A generated header is not of the published schema.
    TRAPKEY_STATUS_SCHEMA_REFUSED = 7119,
    /// A scope is not observed.
    TRAPKEY_STATUS_OBSERVE_REFUSED = 7120,
    /// A scope is not enforced.
    TRAPKEY_STATUS_ENFORCE_REFUSED = 7121,
    /// A would-deny is not explained.
    TRAPKEY_STATUS_WOULD_DENY_REFUSED = 7122,
    /// A bundle does not become a shadow.
    TRAPKEY_STATUS_SHADOW_REFUSED = 7123,
    /// A shadow is not promoted.
    TRAPKEY_STATUS_PROMOTE_REFUSED = 7124,
    /// A publication is not guarded.
    TRAPKEY_STATUS_GUARD_REFUSED = 7125,
    /// Changes of facts, sessions and grants are not made.
    TRAPKEY_STATUS_AMEND_REFUSED = 7126,
    /// No decision: nothing is published.
    TRAPKEY_STATUS_NOTHING_PUBLISHED = 7200,
    /// No decision: the request was made for another schema. Build it again with the newest model.
    TRAPKEY_STATUS_STALE = 7201,
    /// No decision: the module has no such combination of action and types.
    TRAPKEY_STATUS_NO_ENVIRONMENT = 7202,
    /// No decision: the request and its facts are larger than the module allows.
    TRAPKEY_STATUS_FRAME_TOO_LARGE = 7203,
    /// No decision: a row does not have the form of its layout.
    TRAPKEY_STATUS_MALFORMED = 7204,
    /// No decision: the instruction budget is used up.
    TRAPKEY_STATUS_OUT_OF_FUEL = 7205,
    /// No decision: the module trapped.
    TRAPKEY_STATUS_TRAP = 7206,
    /// No decision: the module's response breaks the contract.
    TRAPKEY_STATUS_RESPONSE = 7207,
    /// No decision: the request is too far ahead of the clock.
    TRAPKEY_STATUS_CLOCK_AHEAD = 7208,
    /// No decision: the request cannot be moved to the clock's time.
    TRAPKEY_STATUS_CLOCK_UNKNOWN = 7209,
    /// No decision: it turns too often while the time is uncertain.
    TRAPKEY_STATUS_CLOCK_UNSETTLED = 7210,
    /// No decision: no instance of the module can be made.
    TRAPKEY_STATUS_INSTANCE = 7211,
}

impl From<DecideError> for trapkey_status_t {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NothingPublished => Self::TRAPKEY_STATUS_NOTHING_PUBLISHED,
            DecideError::Stale => Self::TRAPKEY_STATUS_STALE,
            DecideError::NoEnvironment => Self::TRAPKEY_STATUS_NO_ENVIRONMENT,
            DecideError::FrameTooLarge { .. } => Self::TRAPKEY_STATUS_FRAME_TOO_LARGE,
            DecideError::Malformed => Self::TRAPKEY_STATUS_MALFORMED,
            DecideError::OutOfFuel => Self::TRAPKEY_STATUS_OUT_OF_FUEL,
            DecideError::Trap => Self::TRAPKEY_STATUS_TRAP,
            DecideError::Response(_) => Self::TRAPKEY_STATUS_RESPONSE,
            DecideError::ClockAhead { .. } => Self::TRAPKEY_STATUS_CLOCK_AHEAD,
            DecideError::ClockUnknown => Self::TRAPKEY_STATUS_CLOCK_UNKNOWN,
            DecideError::ClockUnsettled => Self::TRAPKEY_STATUS_CLOCK_UNSETTLED,
            DecideError::Instance => Self::TRAPKEY_STATUS_INSTANCE,
        }
    }
}

/// Names of statuses, by number.
const NAMES: [(u32, &str); 49] = [
    (7000, "OK"),
    (7001, "NULL_POINTER"),
    (7002, "MISALIGNED"),
    (7003, "INVALID_OBJECT"),
    (7004, "STRUCT_SIZE"),
    (7005, "NOT_UTF8"),
    (7006, "TOO_LONG"),
    (7007, "OUT_OF_RANGE"),
    (7008, "BUFFER_TOO_SMALL"),
    (7009, "INTERNAL"),
    (7100, "RUNTIME_REFUSED"),
    (7101, "BUNDLE_REFUSED"),
    (7102, "PUBLISH_REFUSED"),
    (7103, "ROLLBACK_REFUSED"),
    (7104, "FACTS_REFUSED"),
    (7105, "GRANT_REFUSED"),
    (7106, "CLOCK_REFUSED"),
    (7107, "UID_REFUSED"),
    (7108, "REQUEST_REFUSED"),
    (7109, "SLOT_REFUSED"),
    (7110, "SET_REFUSED"),
    (7111, "PARTY_REFUSED"),
    (7112, "ADVANCE_REFUSED"),
    (7113, "OPEN_REFUSED"),
    (7114, "SESSION_REFUSED"),
    (7115, "UPDATE_REFUSED"),
    (7116, "EXPLAIN_REFUSED"),
    (7117, "STORE_REFUSED"),
    (7118, "AUDIT_FAILED"),
    (7119, "SCHEMA_REFUSED"),
    (7120, "OBSERVE_REFUSED"),
    (7121, "ENFORCE_REFUSED"),
    (7122, "WOULD_DENY_REFUSED"),
    (7123, "SHADOW_REFUSED"),
    (7124, "PROMOTE_REFUSED"),
    (7125, "GUARD_REFUSED"),
    (7126, "AMEND_REFUSED"),
    (7200, "NOTHING_PUBLISHED"),
    (7201, "STALE"),
    (7202, "NO_ENVIRONMENT"),
    (7203, "FRAME_TOO_LARGE"),
    (7204, "MALFORMED"),
    (7205, "OUT_OF_FUEL"),
    (7206, "TRAP"),
    (7207, "RESPONSE"),
    (7208, "CLOCK_AHEAD"),
    (7209, "CLOCK_UNKNOWN"),
    (7210, "CLOCK_UNSETTLED"),
    (7211, "INSTANCE"),
];

/// The name of a status, as `STALE`; empty if there is none of this number.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub extern "C" fn trapkey_status_name(status: u32) -> trapkey_str_t {
    let name = NAMES.iter().find(|(number, _)| *number == status);
    trapkey_str_t::of(name.map_or("", |(_, name)| name))
}
