/*
 * Trapkey: an embeddable policy decision point.
 *
 * Written by `cargo xtask header`; changes belong into crates/capi.
 *
 * What holds for all functions:
 *
 * - Each that can fail gives a `trapkey_status_t`. Only TRAPKEY_STATUS_OK, which is not zero, is success.
 *   A verdict is apart from the status; zero is deny, and nothing that fails leaves an allow behind.
 * - Results are written on success alone, but for verdicts and decisions, which are deny before anything
 *   can fail, and for lengths, which say how large a buffer must be.
 * - `error`, always last, may be NULL. Else it becomes NULL on success, or an error that the caller frees
 *   with `trapkey_error_free`. There is no global and no thread-local state.
 * - NULL where it is not allowed, a misaligned pointer, a struct of a size that cannot be, a text that is
 *   not UTF-8, a length beyond SSIZE_MAX and a defect inside are all a status. A pointer to anything
 *   else than what its type says cannot always be found out.
 * - Objects are made by a function with a place for a pointer, and freed by the function of their type
 *   that ends in `_free`, which passes over NULL. An object begins with a word that is compared at each
 *   use; builds with debug assertions keep that word after `_free`, and find each later use.
 * - "Threads: any" may be called by several threads at a time with the same objects. "Threads: one" is for
 *   one thread at a time: nobody else may use the objects that are not `const` meanwhile.
 * - "Allocates" says whether memory may be taken, "Blocks" whether a lock may be waited for. Errors allocate
 *   always, unless `error` is NULL.
 * - Structs begin with `struct_size`, set by the caller to their `sizeof`; TRAPKEY_INIT does that. They only
 *   grow at their end. A struct of an older program is accepted, and what it lacks is zero; so is one of a
 *   newer program, as long as what this library does not know is zero.
 */


#ifndef TRAPKEY_H
#define TRAPKEY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The presence of a field that is always there. */
#define TRAPKEY_FIELD_REQUIRED SIZE_MAX

/** Sets a struct to zeros, and its `struct_size`. */
#define TRAPKEY_INIT(value) \
    (memset(&(value), 0, sizeof(value)), (void)((value).struct_size = sizeof(value)))


/**
 * Bytes that a store keeps.
 */
#define TRAPKEY_STORE_BYTES 32



/**
 * The instant of a request that says none.
 */
#define TRAPKEY_NO_INSTANT INT64_MIN

/**
 * Major version.
 */
#define TRAPKEY_VERSION_MAJOR 0

/**
 * Minor version.
 */
#define TRAPKEY_VERSION_MINOR 1

/**
 * Patch.
 */
#define TRAPKEY_VERSION_PATCH 0

/**
 * The version of the header as a number: major times 65,536, plus minor times 256, plus patch.
 */
#define TRAPKEY_VERSION_NUMBER 256

/**
 * What came of a call. Numbers are never given again; new ones come behind.
 *
 * Nothing but `TRAPKEY_STATUS_OK` is success, and it is not zero. Those from 7200 on say that there
 * is no decision: the verdict is deny then, as with all that are not OK.
 */
enum trapkey_status_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done.
     */
    TRAPKEY_STATUS_OK = 7000,
    /**
     * A pointer that must not be NULL is.
     */
    TRAPKEY_STATUS_NULL_POINTER = 7001,
    /**
     * A pointer is not aligned for its type.
     */
    TRAPKEY_STATUS_MISALIGNED = 7002,
    /**
     * A pointer is not to an object of its type, or to one that was freed.
     */
    TRAPKEY_STATUS_INVALID_OBJECT = 7003,
    /**
     * A struct says a size that it cannot have, or has fields that this version does not know.
     */
    TRAPKEY_STATUS_STRUCT_SIZE = 7004,
    /**
     * A text is not UTF-8.
     */
    TRAPKEY_STATUS_NOT_UTF8 = 7005,
    /**
     * A length is more than any memory.
     */
    TRAPKEY_STATUS_TOO_LONG = 7006,
    /**
     * An index or a number is not one of those that there are.
     */
    TRAPKEY_STATUS_OUT_OF_RANGE = 7007,
    /**
     * The caller's buffer is too small; its needed size was written.
     */
    TRAPKEY_STATUS_BUFFER_TOO_SMALL = 7008,
    /**
     * The library failed inside: a defect of it.
     */
    TRAPKEY_STATUS_INTERNAL = 7009,
    /**
     * The Wasm runtime does not start with these options.
     */
    TRAPKEY_STATUS_RUNTIME_REFUSED = 7100,
    /**
     * The bytes are not a bundle.
     */
    TRAPKEY_STATUS_BUNDLE_REFUSED = 7101,
    /**
     * The bundle or its entities cannot be published.
     */
    TRAPKEY_STATUS_PUBLISH_REFUSED = 7102,
    /**
     * There is nothing to go back to, or the entities do not fit it.
     */
    TRAPKEY_STATUS_ROLLBACK_REFUSED = 7103,
    /**
     * Entities are refused.
     */
    TRAPKEY_STATUS_FACTS_REFUSED = 7104,
    /**
     * A grant is refused.
     */
    TRAPKEY_STATUS_GRANT_REFUSED = 7105,
    /**
     * A reading of the clock is refused.
     */
    TRAPKEY_STATUS_CLOCK_REFUSED = 7106,
    /**
     * A text is not a uid.
     */
    TRAPKEY_STATUS_UID_REFUSED = 7107,
    /**
     * A request does not conform to the schema.
     */
    TRAPKEY_STATUS_REQUEST_REFUSED = 7108,
    /**
     * A slot cannot be resolved.
     */
    TRAPKEY_STATUS_SLOT_REFUSED = 7109,
    /**
     * A request cannot be changed so.
     */
    TRAPKEY_STATUS_SET_REFUSED = 7110,
    /**
     * An entity cannot be principal or resource.
     */
    TRAPKEY_STATUS_PARTY_REFUSED = 7111,
    /**
     * A request cannot be moved in time.
     */
    TRAPKEY_STATUS_ADVANCE_REFUSED = 7112,
    /**
     * No session is opened.
     */
    TRAPKEY_STATUS_OPEN_REFUSED = 7113,
    /**
     * A session is closed, revoked or overdue.
     */
    TRAPKEY_STATUS_SESSION_REFUSED = 7114,
    /**
     * The context of sessions is not updated.
     */
    TRAPKEY_STATUS_UPDATE_REFUSED = 7115,
    /**
     * There is no explanation.
     */
    TRAPKEY_STATUS_EXPLAIN_REFUSED = 7116,
    /**
     * The host's store failed, or what it gave back is not what was saved.
     */
    TRAPKEY_STATUS_STORE_REFUSED = 7117,
    /**
     * The audit's callback failed.
     */
    TRAPKEY_STATUS_AUDIT_FAILED = 7118,
    /**
     * A generated header is not of the published schema.
     */
    TRAPKEY_STATUS_SCHEMA_REFUSED = 7119,
    /**
     * A scope is not observed.
     */
    TRAPKEY_STATUS_OBSERVE_REFUSED = 7120,
    /**
     * A scope is not enforced.
     */
    TRAPKEY_STATUS_ENFORCE_REFUSED = 7121,
    /**
     * A would-deny is not explained.
     */
    TRAPKEY_STATUS_WOULD_DENY_REFUSED = 7122,
    /**
     * A bundle does not become a shadow.
     */
    TRAPKEY_STATUS_SHADOW_REFUSED = 7123,
    /**
     * A shadow is not promoted.
     */
    TRAPKEY_STATUS_PROMOTE_REFUSED = 7124,
    /**
     * A publication is not guarded.
     */
    TRAPKEY_STATUS_GUARD_REFUSED = 7125,
    /**
     * Changes of facts, sessions and grants are not made.
     */
    TRAPKEY_STATUS_AMEND_REFUSED = 7126,
    /**
     * No decision: nothing is published.
     */
    TRAPKEY_STATUS_NOTHING_PUBLISHED = 7200,
    /**
     * No decision: the request was made for another schema. Build it again with the newest model.
     */
    TRAPKEY_STATUS_STALE = 7201,
    /**
     * No decision: the module has no such combination of action and types.
     */
    TRAPKEY_STATUS_NO_ENVIRONMENT = 7202,
    /**
     * No decision: the request and its facts are larger than the module allows.
     */
    TRAPKEY_STATUS_FRAME_TOO_LARGE = 7203,
    /**
     * No decision: a row does not have the form of its layout.
     */
    TRAPKEY_STATUS_MALFORMED = 7204,
    /**
     * No decision: the instruction budget is used up.
     */
    TRAPKEY_STATUS_OUT_OF_FUEL = 7205,
    /**
     * No decision: the module trapped.
     */
    TRAPKEY_STATUS_TRAP = 7206,
    /**
     * No decision: the module's response breaks the contract.
     */
    TRAPKEY_STATUS_RESPONSE = 7207,
    /**
     * No decision: the request is too far ahead of the clock.
     */
    TRAPKEY_STATUS_CLOCK_AHEAD = 7208,
    /**
     * No decision: the request cannot be moved to the clock's time.
     */
    TRAPKEY_STATUS_CLOCK_UNKNOWN = 7209,
    /**
     * No decision: it turns too often while the time is uncertain.
     */
    TRAPKEY_STATUS_CLOCK_UNSETTLED = 7210,
    /**
     * No decision: no instance of the module can be made.
     */
    TRAPKEY_STATUS_INSTANCE = 7211,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_status_t trapkey_status_t;
#else
typedef uint32_t trapkey_status_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Allow or deny. Zero is deny.
 */
enum trapkey_verdict_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The host must refuse.
     */
    TRAPKEY_VERDICT_DENY = 0,
    /**
     * The host may proceed, if it fulfils the obligations.
     */
    TRAPKEY_VERDICT_ALLOW = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_verdict_t trapkey_verdict_t;
#else
typedef uint32_t trapkey_verdict_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why the verdict is what it is. All but `TRAPKEY_REASON_PERMITTED` are deny, but where that is only
 * observed: `trapkey_decision_would_deny`.
 */
enum trapkey_reason_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There is no decision; `trapkey_decision_status` says why.
     */
    TRAPKEY_REASON_UNDECIDED = 0,
    /**
     * A permit is satisfied and nothing stands against it.
     */
    TRAPKEY_REASON_PERMITTED = 1,
    /**
     * A forbid is satisfied.
     */
    TRAPKEY_REASON_FORBIDDEN = 2,
    /**
     * No permit is satisfied.
     */
    TRAPKEY_REASON_NOT_PERMITTED = 3,
    /**
     * A forbid that might have held erred.
     */
    TRAPKEY_REASON_FORBID_ERRED = 4,
    /**
     * A permit is satisfied, but asks for an obligation that the host does not honour.
     */
    TRAPKEY_REASON_OBLIGATION_NOT_HONOURED = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_reason_t trapkey_reason_t;
#else
typedef uint32_t trapkey_reason_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a candidate's decision differs from the active module's, by what their policies say.
 */
enum trapkey_difference_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There is no such difference.
     */
    TRAPKEY_DIFFERENCE_NONE = 0,
    /**
     * The active module allows, the candidate denies.
     */
    TRAPKEY_DIFFERENCE_ALLOW_TO_DENY = 1,
    /**
     * The active module denies, the candidate allows.
     */
    TRAPKEY_DIFFERENCE_DENY_TO_ALLOW = 2,
    /**
     * The verdict is the same; its reason or the determining policies are others.
     */
    TRAPKEY_DIFFERENCE_REASON = 3,
    /**
     * The candidate reached no decision, or not for the reason for which the active module did not.
     */
    TRAPKEY_DIFFERENCE_CANDIDATE_FAILED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_difference_t trapkey_difference_t;
#else
typedef uint32_t trapkey_difference_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an amendment changes.
 */
enum trapkey_amendment_kind_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The attribute `attribute` of the stored entity `entity` gets the value `json`.
     */
    TRAPKEY_AMENDMENT_ATTRIBUTE = 1,
    /**
     * The attribute of the context that `slot` names gets the value `json` in all sessions of `subject`.
     */
    TRAPKEY_AMENDMENT_CONTEXT = 2,
    /**
     * All sessions of `subject` are revoked, for `reason`.
     */
    TRAPKEY_AMENDMENT_REVOKE_SESSIONS = 3,
    /**
     * All grants of the principal `entity` are revoked.
     */
    TRAPKEY_AMENDMENT_REVOKE_GRANTS = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_amendment_kind_t trapkey_amendment_kind_t;
#else
typedef uint32_t trapkey_amendment_kind_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whom an explanation is for.
 */
enum trapkey_audience_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The requester: the verdict, and what of its own the requester could change; no policies.
     */
    TRAPKEY_AUDIENCE_REQUESTER = 0,
    /**
     * Who administers the policies: all of it.
     */
    TRAPKEY_AUDIENCE_ADMINISTRATOR = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_audience_t trapkey_audience_t;
#else
typedef uint32_t trapkey_audience_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a session was handed back.
 */
enum trapkey_cause_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * For a reason that this version has no number for.
     */
    TRAPKEY_CAUSE_OTHER = 0,
    /**
     * It was revoked; `text` says why.
     */
    TRAPKEY_CAUSE_REVOKED = 1,
    /**
     * It is older than its terms allow.
     */
    TRAPKEY_CAUSE_AGED = 2,
    /**
     * It was unused for longer than its terms allow.
     */
    TRAPKEY_CAUSE_IDLE = 3,
    /**
     * An obligation was not acknowledged in time; `text` is its name.
     */
    TRAPKEY_CAUSE_UNACKNOWLEDGED = 4,
    /**
     * Its request cannot be moved to the present.
     */
    TRAPKEY_CAUSE_CLOCK = 5,
    /**
     * Another module is live.
     */
    TRAPKEY_CAUSE_PUBLISHED = 6,
    /**
     * Any of the facts may be others.
     */
    TRAPKEY_CAUSE_FACTS = 7,
    /**
     * An entity that it depends on has changed.
     */
    TRAPKEY_CAUSE_ENTITY = 8,
    /**
     * A grant that may matter has changed.
     */
    TRAPKEY_CAUSE_GRANT = 9,
    /**
     * Its context was updated.
     */
    TRAPKEY_CAUSE_CONTEXT = 10,
    /**
     * Its horizon has come.
     */
    TRAPKEY_CAUSE_HORIZON = 11,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_cause_t trapkey_cause_t;
#else
typedef uint32_t trapkey_cause_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a policy erred with.
 */
enum trapkey_eval_error_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It did not err.
     */
    TRAPKEY_EVAL_ERROR_NONE = 0,
    /**
     * An attribute or tag of an entity that does not exist.
     */
    TRAPKEY_EVAL_ERROR_ENTITY_MISSING = 1,
    /**
     * Integer arithmetic left 64 bits.
     */
    TRAPKEY_EVAL_ERROR_OVERFLOW = 2,
    /**
     * A datetime or duration left 64 bits.
     */
    TRAPKEY_EVAL_ERROR_EXTENSION = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_eval_error_t trapkey_eval_error_t;
#else
typedef uint32_t trapkey_eval_error_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a field of a generated struct is.
 */
enum trapkey_field_kind_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No field: the struct has none.
     */
    TRAPKEY_FIELD_NONE = 0,
    /**
     * `bool`.
     */
    TRAPKEY_FIELD_BOOL = 1,
    /**
     * `int64_t`.
     */
    TRAPKEY_FIELD_LONG = 2,
    /**
     * `int64_t`, in ten-thousandths.
     */
    TRAPKEY_FIELD_DECIMAL = 3,
    /**
     * `int64_t`, in milliseconds since 1970-01-01T00:00:00Z.
     */
    TRAPKEY_FIELD_DATETIME = 4,
    /**
     * `int64_t`, in milliseconds.
     */
    TRAPKEY_FIELD_DURATION = 5,
    /**
     * `trapkey_str_t`.
     */
    TRAPKEY_FIELD_STRING = 6,
    /**
     * `trapkey_ip_t`.
     */
    TRAPKEY_FIELD_IP = 7,
    /**
     * `const trapkey_party_t *`, not NULL.
     */
    TRAPKEY_FIELD_ENTITY = 8,
    /**
     * `uint32_t`, the number of an entity among those of its type.
     */
    TRAPKEY_FIELD_ENUM = 9,
    /**
     * A struct of its own.
     */
    TRAPKEY_FIELD_RECORD = 10,
    /**
     * `trapkey_array_t`.
     */
    TRAPKEY_FIELD_SET = 11,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_field_kind_t trapkey_field_kind_t;
#else
typedef uint32_t trapkey_field_kind_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What became of the last guard.
 */
enum trapkey_guard_state_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There was none.
     */
    TRAPKEY_GUARD_STATE_NONE = 0,
    /**
     * It watches a publication.
     */
    TRAPKEY_GUARD_STATE_WATCHING = 1,
    /**
     * It rolled a publication back.
     */
    TRAPKEY_GUARD_STATE_ROLLED_BACK = 2,
    /**
     * Another publication or rollback came, or it was ended.
     */
    TRAPKEY_GUARD_STATE_ENDED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_guard_state_t trapkey_guard_state_t;
#else
typedef uint32_t trapkey_guard_state_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What follows the colon of a duty.
 */
enum trapkey_parameter_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing.
     */
    TRAPKEY_PARAMETER_NONE = 0,
    /**
     * A word for the host, in `text`.
     */
    TRAPKEY_PARAMETER_TEXT = 1,
    /**
     * A length of time in milliseconds, in `number`.
     */
    TRAPKEY_PARAMETER_DURATION = 2,
    /**
     * A path that leads to nothing, in `text`: the host must decide what that means.
     */
    TRAPKEY_PARAMETER_UNRESOLVED = 3,
    /**
     * A path that leads to a Bool, a Long, a datetime in milliseconds or a decimal in
     * ten-thousandths, in `number`.
     */
    TRAPKEY_PARAMETER_NUMBER = 4,
    /**
     * A path that leads to a String or an entity, in `text`.
     */
    TRAPKEY_PARAMETER_STRING = 5,
    /**
     * A path that leads to another value, in words in `text`.
     */
    TRAPKEY_PARAMETER_OTHER = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_parameter_t trapkey_parameter_t;
#else
typedef uint32_t trapkey_parameter_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which policies of a decision.
 */
enum trapkey_policies_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Those that brought the verdict about.
     */
    TRAPKEY_POLICIES_DETERMINING = 1,
    /**
     * Those that could not be evaluated.
     */
    TRAPKEY_POLICIES_ERRING = 2,
    /**
     * Observed ones that are satisfied; they do not count.
     */
    TRAPKEY_POLICIES_OBSERVED = 3,
    /**
     * Satisfied forbids that are past their day, and still forbid.
     */
    TRAPKEY_POLICIES_EXPIRED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_policies_t trapkey_policies_t;
#else
typedef uint32_t trapkey_policies_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What became of the last shadow.
 */
enum trapkey_shadow_state_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There was none.
     */
    TRAPKEY_SHADOW_STATE_NONE = 0,
    /**
     * It decides beside the active module.
     */
    TRAPKEY_SHADOW_STATE_RUNNING = 1,
    /**
     * It became the active module.
     */
    TRAPKEY_SHADOW_STATE_PROMOTED = 2,
    /**
     * It was discarded.
     */
    TRAPKEY_SHADOW_STATE_DISCARDED = 3,
    /**
     * A publication or rollback brought another schema, under which it cannot decide.
     */
    TRAPKEY_SHADOW_STATE_OTHER_SCHEMA = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_shadow_state_t trapkey_shadow_state_t;
#else
typedef uint32_t trapkey_shadow_state_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a subject is named by.
 */
enum trapkey_subject_kind_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The principal of the request, as `Type::"id"`.
     */
    TRAPKEY_SUBJECT_PRINCIPAL = 1,
    /**
     * The device that is used.
     */
    TRAPKEY_SUBJECT_DEVICE = 2,
    /**
     * The credential that was presented.
     */
    TRAPKEY_SUBJECT_CREDENTIAL = 3,
    /**
     * The session's name outside the engine.
     */
    TRAPKEY_SUBJECT_SESSION = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_subject_kind_t trapkey_subject_kind_t;
#else
typedef uint32_t trapkey_subject_kind_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How far a wall clock is to be trusted.
 */
enum trapkey_trust_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It may say anything.
     */
    TRAPKEY_TRUST_UNTRUSTED = 0,
    /**
     * It has lost its source, and is off by no more than `uncertainty_ms`.
     */
    TRAPKEY_TRUST_HOLDOVER = 1,
    /**
     * It is synchronised.
     */
    TRAPKEY_TRUST_TRUSTED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trapkey_trust_t trapkey_trust_t;
#else
typedef uint32_t trapkey_trust_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A request while it is put together. The caller frees it; one thread at a time uses it.
 */
typedef struct trapkey_builder_t trapkey_builder_t;

/**
 * A decider that keeps decisions, for a thread that is asked the same again. What it says is what
 * `trapkey_decider_t` would, but for a horizon that may be nearer. The caller frees it; one thread at a time
 * uses it.
 */
typedef struct trapkey_caching_decider_t trapkey_caching_decider_t;

/**
 * Decides for one thread at a time, the fastest way. The caller frees it; one thread at a time uses
 * it.
 */
typedef struct trapkey_decider_t trapkey_decider_t;

/**
 * The answer to one request, kept by the caller and used again. The caller frees it; threads may
 * share it while none decides into it.
 */
typedef struct trapkey_decision_t trapkey_decision_t;

/**
 * The answers to a batch, kept by the caller and used again. The caller frees it; threads may share
 * it while none decides into it.
 */
typedef struct trapkey_decisions_t trapkey_decisions_t;

/**
 * Requests that a candidate decides otherwise. The caller frees it; threads may share it.
 */
typedef struct trapkey_differences_t trapkey_differences_t;

/**
 * The duties of one decision. The caller frees it; threads may share it.
 */
typedef struct trapkey_duties_t trapkey_duties_t;

/**
 * Publishes bundles, keeps facts and decides. The caller frees it; threads may share it. What is made
 * from it keeps what it needs of it.
 */
typedef struct trapkey_engine_t trapkey_engine_t;

/**
 * Why a function failed. The caller frees it; threads may share it.
 */
typedef struct trapkey_error_t trapkey_error_t;

/**
 * Why a request is decided as it is, and what would allow it. The caller frees it; threads may share
 * it.
 */
typedef struct trapkey_explanation_t trapkey_explanation_t;

/**
 * A published schema and its layout. The caller frees it; threads may share it.
 */
typedef struct trapkey_model_t trapkey_model_t;

/**
 * An entity that is found in a model, for requests. The caller frees it; threads may share it.
 */
typedef struct trapkey_party_t trapkey_party_t;

/**
 * What an engine or a bundle was asked about, as JSON. The caller frees it; threads may share it.
 *
 * Members are in the order of their names, and are only added. Instants are milliseconds since 1970-01-01T00:00:00Z, entities are texts as
 * `Type::"id"`, digests are hexadecimal, and what is absent is null.
 */
typedef struct trapkey_report_t trapkey_report_t;

/**
 * A request that conforms to one schema. The caller frees it; threads may share it while none
 * changes it.
 */
typedef struct trapkey_request_t trapkey_request_t;

/**
 * The open sessions of a host. The caller frees it; one thread at a time uses it.
 */
typedef struct trapkey_sessions_t trapkey_sessions_t;

/**
 * An attribute of an action's context that is found in a model, for requests. The caller frees it;
 * threads may share it.
 */
typedef struct trapkey_slot_t trapkey_slot_t;

/**
 * Requests of one schema, made from the structs of its generated header. The caller frees it; one
 * thread at a time uses it.
 */
typedef struct trapkey_typed_t trapkey_typed_t;

/**
 * Denies that were only reported. The caller frees it; threads may share it.
 */
typedef struct trapkey_would_denies_t trapkey_would_denies_t;

/**
 * A text that is lent: UTF-8, without a NUL at its end.
 *
 * To a function it is lent for the call. From a function it is lent as long as the object that it
 * comes from is neither changed nor freed. `data` may be NULL if `len` is 0; where a text may be
 * absent, that is how.
 */
typedef struct {
    /**
     * First byte.
     */
    const char *data;
    /**
     * Length in bytes.
     */
    size_t len;
} trapkey_str_t;

/**
 * A decision and its request, lent for the callback. Types and ids are without quotes and escapes.
 */
typedef struct {
    /**
     * `sizeof(trapkey_audit_record_t)` of the library.
     */
    size_t struct_size;
    /**
     * The publication that decided; 0 if none did.
     */
    uint64_t generation;
    /**
     * Digest of the bundle that decided; zeros if none did.
     */
    uint8_t digest[32];
    /**
     * The principal's type.
     */
    trapkey_str_t principal_type;
    /**
     * The principal's id.
     */
    trapkey_str_t principal_id;
    /**
     * The resource's type.
     */
    trapkey_str_t resource_type;
    /**
     * The resource's id.
     */
    trapkey_str_t resource_id;
    /**
     * The decision itself, for whatever else there is to be known of it.
     */
    const trapkey_decision_t *decision;
    /**
     * The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t at_ms;
    /**
     * Not 0 if the request has an instant.
     */
    uint32_t has_at;
    /**
     * Index of the action in the schema.
     */
    uint32_t action;
    /**
     * The verdict.
     */
    trapkey_verdict_t verdict;
    /**
     * TRAPKEY_STATUS_OK if there is a decision, else why there is none: one of `trapkey_status_t`.
     */
    uint32_t status;
} trapkey_audit_record_t;

/**
 * Keeps a record; 0 if that worked. It must return, and not by an exception or a jump, and change neither
 * the request nor the decision.
 */
typedef int32_t (*trapkey_audit_callback_t)(void *userdata, const trapkey_audit_record_t *record);

/**
 * How often a caching decider found a decision that still held.
 */
typedef struct {
    /**
     * `sizeof(trapkey_cache_counts_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * Decisions that were kept and still held.
     */
    uint64_t hits;
    /**
     * Decisions that the module made.
     */
    uint64_t misses;
    /**
     * Decisions that are kept.
     */
    size_t len;
} trapkey_cache_counts_t;

/**
 * What the host's clocks say at one moment.
 */
typedef struct {
    /**
     * `sizeof(trapkey_clock_reading_t)`.
     */
    size_t struct_size;
    /**
     * The wall clock, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t wall_ms;
    /**
     * A clock that never goes back, in nanoseconds from any moment on.
     */
    uint64_t monotonic_ns;
    /**
     * By how many milliseconds the wall clock may be off, in holdover.
     */
    uint64_t uncertainty_ms;
    /**
     * How far the wall clock is to be trusted: one of `trapkey_trust_t`.
     */
    uint32_t trust;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_clock_reading_t;

/**
 * What an engine takes the time to be.
 */
typedef struct {
    /**
     * `sizeof(trapkey_time_bounds_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * The earliest instant that it may be, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t low_ms;
    /**
     * The latest instant that it may be.
     */
    int64_t high_ms;
    /**
     * Not 0 if there is an earliest one: a trusted clock was read.
     */
    uint32_t has_low;
    /**
     * Not 0 if there is a latest one: the clock is not untrusted.
     */
    uint32_t has_high;
} trapkey_time_bounds_t;

/**
 * Bytes that are lent for a call.
 */
typedef struct {
    /**
     * First byte.
     */
    const uint8_t *data;
    /**
     * Length in bytes.
     */
    size_t len;
} trapkey_bytes_t;

/**
 * Until when a decision holds while nothing but time changes.
 */
typedef struct {
    /**
     * `sizeof(trapkey_horizon_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * For how many milliseconds from the request's instant on, that end excluded; UINT64_MAX for
     * ever, 0 not beyond the instant.
     */
    uint64_t remaining_ms;
    /**
     * Not 0 if the request has an instant.
     */
    uint32_t has_at;
    /**
     * Not 0 if `valid_until_ms` says an instant: there is one, and the decision does not hold for
     * ever.
     */
    uint32_t has_valid_until;
    /**
     * The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t at_ms;
    /**
     * The first instant at which the decision may no longer hold.
     */
    int64_t valid_until_ms;
} trapkey_horizon_t;

/**
 * A policy of a decision; its text is lent by the decision.
 */
typedef struct {
    /**
     * `sizeof(trapkey_policy_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * The value of `@id`, else Cedar's own id.
     */
    trapkey_str_t id;
    /**
     * What it erred with: one of `trapkey_eval_error_t`.
     */
    uint32_t eval_error;
    /**
     * First byte in the source: of what erred, else of the policy.
     */
    uint32_t start;
    /**
     * One past the last byte.
     */
    uint32_t end;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_policy_t;

/**
 * What a policy asks of the host; its texts are lent by the decision.
 */
typedef struct {
    /**
     * `sizeof(trapkey_obligation_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * Its name, as `record-session`.
     */
    trapkey_str_t name;
    /**
     * What follows the colon, as it is written; absent without.
     */
    trapkey_str_t argument;
} trapkey_obligation_t;

/**
 * What the host is to do; its texts are lent by the duties.
 */
typedef struct {
    /**
     * `sizeof(trapkey_duty_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * Its name, as `record-session`.
     */
    trapkey_str_t name;
    /**
     * The parameter, where it is a text.
     */
    trapkey_str_t text;
    /**
     * The parameter, where it is a number.
     */
    int64_t number;
    /**
     * What follows the colon: one of `trapkey_parameter_t`.
     */
    uint32_t parameter;
    /**
     * Not 0 for an obligation; an advice may be passed over.
     */
    uint32_t is_mandatory;
} trapkey_duty_t;

/**
 * How an engine is made. Zero is the default of each field.
 */
typedef struct {
    /**
     * `sizeof(trapkey_options_t)`.
     */
    size_t struct_size;
    /**
     * Instructions that a decision may take; 10,000,000 by default.
     */
    uint64_t fuel;
    /**
     * Memory of a module in pages of 64 KiB; 256 by default.
     */
    uint32_t memory_pages_max;
    /**
     * Not 0 to let the runtime install signal handlers, which are of the whole process, and reserve
     * 4 GiB of addresses for each instance. Without them modules check each access themselves.
     */
    uint32_t signal_handlers;
    /**
     * Length of a module in bytes; 16 MiB by default.
     */
    size_t module_bytes_max;
    /**
     * Stack that a module may use, in bytes; 128 KiB by default.
     */
    size_t stack_bytes_max;
    /**
     * Instances that are kept per module; 32 by default.
     */
    size_t pool_instances_max;
    /**
     * Publications that can be gone back; 8 by default, none with SIZE_MAX.
     */
    size_t history_max;
    /**
     * Grants that are held at a time; 1,000,000 by default.
     */
    size_t grants_max;
    /**
     * Grants of one principal or resource; 4,096 by default.
     */
    size_t grants_per_entity_max;
    /**
     * By how many milliseconds a clock may jump; 300,000 by default.
     */
    uint64_t clock_jump_max_ms;
    /**
     * Not 0 to fill memory with 0xa5 before each decision, for tests.
     */
    uint32_t poison_frames;
    /**
     * Not 0 if the obligations in `honours` are all that the host fulfils: an allow with another is
     * a deny. With 0 the host itself refuses what it cannot fulfil.
     */
    uint32_t honours_only;
    /**
     * Names of obligations; NULL if there are none.
     */
    const trapkey_str_t *honours;
    /**
     * Number of these.
     */
    size_t honours_len;
    /**
     * Not 0 to compile nothing: only what was compiled ahead of time is published. A library that was built
     * without a compiler never does.
     */
    uint32_t precompiled_only;
    /**
     * Not 0 to run modules in the interpreter where there is a native back end too. It needs no
     * executable memory and is some ten times slower.
     */
    uint32_t interpreter;
    /**
     * Not 0 if the actions in `safety_actions` are all that touch safety functions, which are never observed.
     * With 0 nothing can be observed.
     */
    uint32_t safety_declared;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Actions and groups of actions, as `Action::"id"`; NULL if there are none.
     */
    const trapkey_str_t *safety_actions;
    /**
     * Number of these.
     */
    size_t safety_actions_len;
    /**
     * Denies that are only reported and kept; 4,096 by default, none with SIZE_MAX.
     */
    size_t would_denies_max;
} trapkey_options_t;

/**
 * A template with its slots filled, for a time. Entities are texts as `Type::"id"`.
 */
typedef struct {
    /**
     * `sizeof(trapkey_grant_t)`.
     */
    size_t struct_size;
    /**
     * Its id, which the host gives.
     */
    trapkey_str_t id;
    /**
     * The template's `@id`, else Cedar's own id of it.
     */
    trapkey_str_t template_id;
    /**
     * What `?principal` stands for; absent if the template has none.
     */
    trapkey_str_t principal;
    /**
     * What `?resource` stands for; absent if the template has none.
     */
    trapkey_str_t resource;
    /**
     * Why it is made; may be absent.
     */
    trapkey_str_t reason;
    /**
     * The ticket that it belongs to; may be absent.
     */
    trapkey_str_t ticket;
    /**
     * Who asked for it.
     */
    trapkey_str_t requester;
    /**
     * Who approved it; NULL if there are none.
     */
    const trapkey_str_t *approvers;
    /**
     * Number of these.
     */
    size_t approvers_len;
    /**
     * From which instant on it counts, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t not_before_ms;
    /**
     * The first instant at which it no longer counts.
     */
    int64_t expires_ms;
    /**
     * Not 0 if `not_before_ms` counts; else it begins at once.
     */
    uint32_t has_not_before;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_grant_t;

/**
 * What the decisions of a publication must keep to. Denies count by what the policies say, also where
 * they are only observed.
 */
typedef struct {
    /**
     * `sizeof(trapkey_guard_t)`.
     */
    size_t struct_size;
    /**
     * Decisions that are judged together, one round after the other: 1 to 1,048,575.
     */
    uint64_t round;
    /**
     * Denies in one round at most; one more rolls back.
     */
    uint64_t denies_max;
    /**
     * Failures in one round at most, and decisions in which a policy erred; one more rolls back.
     */
    uint64_t failures_max;
} trapkey_guard_t;

/**
 * A guard that watches, or what became of it.
 */
typedef struct {
    /**
     * `sizeof(trapkey_guarded_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * The publication that it watches or rolled back; else 0.
     */
    uint64_t from;
    /**
     * The publication that its rollback is; 0 if it rolled nothing back.
     */
    uint64_t to;
    /**
     * Decisions that it has counted in this round, or had when it rolled back.
     */
    uint64_t decisions;
    /**
     * Denies among them.
     */
    uint64_t denies;
    /**
     * Failures among them, and decisions in which a policy erred.
     */
    uint64_t failures;
    /**
     * One of `trapkey_guard_state_t`.
     */
    uint32_t state;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_guarded_t;

/**
 * How many sessions there may be. Zero is the default of each field.
 */
typedef struct {
    /**
     * `sizeof(trapkey_session_limits_t)`.
     */
    size_t struct_size;
    /**
     * Sessions at a time; 1,000,000 by default.
     */
    size_t sessions_max;
    /**
     * Of one principal; no limit by default.
     */
    size_t per_principal_max;
    /**
     * On one device; no limit by default.
     */
    size_t per_device_max;
    /**
     * With one credential; no limit by default.
     */
    size_t per_credential_max;
    /**
     * With one name outside the engine; 1 by default.
     */
    size_t per_session_max;
} trapkey_session_limits_t;

/**
 * What a session is opened with. Zero is none of each field but `now_ms`.
 */
typedef struct {
    /**
     * `sizeof(trapkey_session_terms_t)`.
     */
    size_t struct_size;
    /**
     * The instant, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t now_ms;
    /**
     * The device that is used.
     */
    trapkey_str_t device;
    /**
     * The credential that was presented.
     */
    trapkey_str_t credential;
    /**
     * The session's name outside the engine.
     */
    trapkey_str_t session;
    /**
     * What no other session may hold meanwhile, as `Type::"id"`.
     */
    trapkey_str_t exclusive;
    /**
     * For how many milliseconds it lasts at most.
     */
    uint64_t age_max_ms;
    /**
     * For how many milliseconds it lasts unused.
     */
    uint64_t idle_max_ms;
    /**
     * Within how many milliseconds each obligation must be acknowledged.
     */
    uint64_t acknowledge_within_ms;
    /**
     * Not 0 if it stays open when its decision becomes deny.
     */
    uint32_t stays;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_session_terms_t;

/**
 * Names one session; no other of its table ever has the same.
 */
typedef struct {
    /**
     * Nothing but equality means anything here.
     */
    uint64_t words[2];
} trapkey_session_id_t;

/**
 * Whose sessions are meant.
 */
typedef struct {
    /**
     * `sizeof(trapkey_subject_t)`.
     */
    size_t struct_size;
    /**
     * Its name.
     */
    trapkey_str_t name;
    /**
     * What that is: one of `trapkey_subject_kind_t`.
     */
    uint32_t kind;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_subject_t;

/**
 * A value that sessions are told.
 */
typedef struct {
    /**
     * `sizeof(trapkey_session_update_t)`.
     */
    size_t struct_size;
    /**
     * The instant, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t now_ms;
    /**
     * The attribute, by path and type: sessions of other actions that have the path get it too.
     */
    const trapkey_slot_t *slot;
    /**
     * The value, in Cedar's JSON.
     */
    trapkey_str_t json;
} trapkey_session_update_t;

/**
 * A session whose decision is no longer what it was, or that has ended. It is lent for the callback.
 */
typedef struct {
    /**
     * `sizeof(trapkey_flip_t)` of the library.
     */
    size_t struct_size;
    /**
     * The session.
     */
    trapkey_session_id_t session;
    /**
     * More about the cause.
     */
    trapkey_str_t text;
    /**
     * One of `trapkey_cause_t`.
     */
    uint32_t cause;
    /**
     * The verdict before.
     */
    trapkey_verdict_t before;
    /**
     * The verdict now; deny if the session has ended.
     */
    trapkey_verdict_t after;
    /**
     * Not 0 if the session is closed by this.
     */
    uint32_t is_over;
    /**
     * What was decided before.
     */
    const trapkey_decision_t *before_decision;
    /**
     * What is decided now; NULL if the session has ended whatever would be decided.
     */
    const trapkey_decision_t *after_decision;
} trapkey_flip_t;

/**
 * Is told of a session; it must return, and not by an exception or a jump.
 */
typedef void (*trapkey_flip_callback_t)(void *userdata, const trapkey_flip_t *flip);

/**
 * One change. Fields that its kind does not name are not looked at.
 */
typedef struct {
    /**
     * `sizeof(trapkey_amendment_t)`.
     */
    size_t struct_size;
    /**
     * One of `trapkey_amendment_kind_t`.
     */
    uint32_t kind;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Whose sessions.
     */
    const trapkey_subject_t *subject;
    /**
     * An attribute of contexts, by path and type.
     */
    const trapkey_slot_t *slot;
    /**
     * The entity, as `Type::"id"`.
     */
    trapkey_str_t entity;
    /**
     * Name of an attribute of the entity: of a Bool, a Long, a String or an entity.
     */
    trapkey_str_t attribute;
    /**
     * A value in JSON; an entity is a text as `Type::"id"`, or Cedar's JSON for a slot.
     */
    trapkey_str_t json;
    /**
     * Why sessions are revoked.
     */
    trapkey_str_t reason;
} trapkey_amendment_t;

/**
 * What a table of sessions has done since it was made.
 */
typedef struct {
    /**
     * `sizeof(trapkey_session_counts_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * Sessions that were opened.
     */
    uint64_t opened;
    /**
     * Decisions, those included that opened a session or refused to.
     */
    uint64_t decided;
    /**
     * Flips and ends that polls handed over.
     */
    uint64_t flipped;
} trapkey_session_counts_t;

/**
 * What a shadow compares and keeps. Zero is the default of each field.
 */
typedef struct {
    /**
     * `sizeof(trapkey_shadow_options_t)`.
     */
    size_t struct_size;
    /**
     * One request in so many is compared; all by default.
     */
    uint64_t one_in;
    /**
     * Differences that are kept until they are taken; 1,024 by default, none with SIZE_MAX.
     */
    size_t reports_max;
    /**
     * Not 0 to keep a difference also if the verdicts are the same.
     */
    uint32_t reports_reasons;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_shadow_options_t;

/**
 * What the last shadow has found. Each request that was compared is one of the five after it.
 */
typedef struct {
    /**
     * `sizeof(trapkey_shadow_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * The publication that it became, or that ended it by another schema; else 0.
     */
    uint64_t generation;
    /**
     * Requests that both modules decided.
     */
    uint64_t compared;
    /**
     * Both decided the same for the same reason.
     */
    uint64_t same;
    /**
     * The candidate denies what the active module allows.
     */
    uint64_t allow_to_deny;
    /**
     * The candidate allows what the active module denies.
     */
    uint64_t deny_to_allow;
    /**
     * The verdict is the same, its reason or the determining policies are not.
     */
    uint64_t reason_only;
    /**
     * The candidate reached no decision.
     */
    uint64_t candidate_failures;
    /**
     * Differences that were to be kept, but for which there was no room.
     */
    uint64_t dropped;
    /**
     * Digest of its bundle; zeros if there was none.
     */
    uint8_t digest[32];
    /**
     * One of `trapkey_shadow_state_t`.
     */
    uint32_t state;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_shadow_t;

/**
 * Operations that are observed.
 */
typedef struct {
    /**
     * `sizeof(trapkey_observe_scope_t)`.
     */
    size_t struct_size;
    /**
     * What it is called; at most 1,024 bytes.
     */
    trapkey_str_t name;
    /**
     * An action, or a group of actions, as `Action::"id"`; absent for all.
     */
    trapkey_str_t actions;
    /**
     * A resource and what is in it, directly or not, as `Type::"id"`; absent for all.
     */
    trapkey_str_t resources;
} trapkey_observe_scope_t;

/**
 * Who changes a stage or explains what was observed, why and when. It goes into the record.
 */
typedef struct {
    /**
     * `sizeof(trapkey_stage_order_t)`.
     */
    size_t struct_size;
    /**
     * Who; 1 to 1,024 bytes.
     */
    trapkey_str_t by;
    /**
     * Why; 1 to 1,024 bytes.
     */
    trapkey_str_t reason;
    /**
     * When, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t at_ms;
} trapkey_stage_order_t;

/**
 * A deny that was only reported; its texts are lent by the would-denies.
 */
typedef struct {
    /**
     * `sizeof(trapkey_would_deny_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * Numbers the would-denies of an engine.
     */
    uint64_t id;
    /**
     * The scope that it was observed in.
     */
    trapkey_str_t scope;
    /**
     * How often it came.
     */
    uint64_t count;
    /**
     * Instant of the first request, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t first_ms;
    /**
     * Instant of the last request that said one.
     */
    int64_t last_ms;
    /**
     * Not 0 if the first request said an instant.
     */
    uint32_t has_first;
    /**
     * Not 0 if a request said an instant.
     */
    uint32_t has_last;
    /**
     * Who explained it; absent if nobody did.
     */
    trapkey_str_t explained_by;
    /**
     * Why it is as it should be; absent if nobody explained it.
     */
    trapkey_str_t explained_reason;
    /**
     * When it was explained, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t explained_at_ms;
    /**
     * Not 0 if it was explained.
     */
    uint32_t is_explained;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_would_deny_t;

/**
 * Reads or writes `TRAPKEY_STORE_BYTES` bytes; 0 if that worked. It must return, and not by an
 * exception or a jump.
 */
typedef int32_t (*trapkey_load_callback_t)(void *userdata, uint8_t *bytes);

/**
 * Keeps `TRAPKEY_STORE_BYTES` bytes; 0 if they will be there after a loss of power.
 */
typedef int32_t (*trapkey_save_callback_t)(void *userdata, const uint8_t *bytes);

/**
 * A host's non-volatile memory.
 */
typedef struct {
    /**
     * `sizeof(trapkey_store_t)`.
     */
    size_t struct_size;
    /**
     * Given to the callbacks.
     */
    void *userdata;
    /**
     * Reads what was kept.
     */
    trapkey_load_callback_t load;
    /**
     * Keeps.
     */
    trapkey_save_callback_t save;
} trapkey_store_t;

/**
 * What a store kept.
 */
typedef struct {
    /**
     * `sizeof(trapkey_kept_t)`, set before the call.
     */
    size_t struct_size;
    /**
     * The highest sequence of a release that was published when the engine was saved.
     */
    uint64_t sequence;
    /**
     * The latest instant that a trusted clock had shown, in milliseconds since 1970-01-01T00:00:00Z.
     */
    int64_t mark_ms;
    /**
     * Not 0 if there is such an instant.
     */
    uint32_t has_mark;
    /**
     * 0.
     */
    uint32_t reserved;
} trapkey_kept_t;

/**
 * A field of a generated struct. Generated headers have tables of these; nobody else needs them.
 */
typedef struct {
    /**
     * The attribute, with a NUL behind it.
     */
    const char *name;
    /**
     * Where the value is in the struct.
     */
    size_t offset;
    /**
     * Where the `bool` is that says whether the attribute is there, or TRAPKEY_FIELD_REQUIRED.
     */
    size_t presence;
    /**
     * A `trapkey_field_kind_t`.
     */
    uint32_t kind;
    /**
     * Size of the value.
     */
    size_t size;
    /**
     * Of a record, its `trapkey_record_t`.
     */
    const void *record;
    /**
     * Of a set, the `trapkey_field_t` of its elements.
     */
    const void *element;
    /**
     * Of an enumerated entity, the ids of its type, each with a NUL behind it.
     */
    const char *const *ids;
    /**
     * How many ids.
     */
    size_t ids_len;
    /**
     * Of an enumerated entity, its type, with a NUL behind it.
     */
    const char *type_name;
} trapkey_field_t;

/**
 * A generated struct.
 */
typedef struct {
    /**
     * Its fields, in the order of the attributes' names.
     */
    const trapkey_field_t *fields;
    /**
     * How many.
     */
    size_t fields_len;
    /**
     * Its size.
     */
    size_t size;
} trapkey_record_t;

/**
 * An action of a generated header.
 */
typedef struct {
    /**
     * Its type, with a NUL behind it.
     */
    const char *type_name;
    /**
     * Its id, with a NUL behind it.
     */
    const char *id;
    /**
     * The struct of its context.
     */
    const trapkey_record_t *context;
} trapkey_action_t;

/**
 * The schema of a generated header.
 */
typedef struct {
    /**
     * Size of the struct.
     */
    size_t struct_size;
    /**
     * What it is called, with a NUL behind it.
     */
    const char *name;
    /**
     * The layout that follows from it, in hexadecimal digits, with a NUL behind it.
     */
    const char *layout;
    /**
     * Its actions, by their numbers.
     */
    const trapkey_action_t *actions;
    /**
     * How many.
     */
    size_t actions_len;
} trapkey_schema_t;

/**
 * What is asked with a generated struct.
 */
typedef struct {
    /**
     * Size of the struct.
     */
    size_t struct_size;
    /**
     * What `context` is.
     */
    const trapkey_record_t *record;
    /**
     * The context.
     */
    const void *context;
    /**
     * What decides, which nobody else uses meanwhile.
     */
    trapkey_decider_t *decider;
    /**
     * Who asks.
     */
    const trapkey_party_t *principal;
    /**
     * What is acted on.
     */
    const trapkey_party_t *resource;
    /**
     * The instant of the request in milliseconds since 1970-01-01T00:00:00Z, or TRAPKEY_NO_INSTANT.
     */
    int64_t at;
    /**
     * Number of the action in the header.
     */
    uint32_t action;
    /**
     * Zero.
     */
    uint32_t reserved;
} trapkey_question_t;

/**
 * Elements that are lent, one behind the other.
 */
typedef struct {
    /**
     * The first.
     */
    const void *data;
    /**
     * How many.
     */
    size_t len;
} trapkey_array_t;

/**
 * An address, or a range of them.
 */
typedef struct {
    /**
     * In network order; an IPv4 address has the first four.
     */
    uint8_t bytes[16];
    /**
     * Bits of the address that count: 32 or 128 for one address.
     */
    uint8_t prefix;
    /**
     * 4 or 6.
     */
    uint8_t version;
} trapkey_ip_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Tells `keep` of a decision that was just made of a request. If it gives anything but 0, that is
 * TRAPKEY_STATUS_AUDIT_FAILED, and a host that must not act unseen refuses.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_audit(const trapkey_request_t *request,
                               const trapkey_decision_t *decision,
                               trapkey_audit_callback_t keep,
                               void *userdata,
                               trapkey_error_t **error);

/**
 * Makes room for the decisions of batches.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_decisions_new(trapkey_decisions_t **decisions, trapkey_error_t **error);

/**
 * Frees decisions. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_decisions_free(trapkey_decisions_t *decisions);

/**
 * How many decisions the last batch left.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_decisions_len(const trapkey_decisions_t *decisions);

/**
 * The verdict on one request of the last batch; deny if there is none.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_verdict_t trapkey_decisions_verdict(const trapkey_decisions_t *decisions, size_t index);

/**
 * Copies one decision of the last batch into `decision`, which is deny if that fails.
 *
 * Threads: any. Allocates: for more policies than before. Blocks: no.
 */
trapkey_status_t trapkey_decisions_copy(const trapkey_decisions_t *decisions,
                                        size_t index,
                                        trapkey_decision_t *decision,
                                        trapkey_error_t **error);

/**
 * Starts a request for an action, given as `Plant::Action::"read"`. What it is given is checked when
 * it is built.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_new(const trapkey_model_t *model,
                                     trapkey_str_t action,
                                     trapkey_builder_t **builder,
                                     trapkey_error_t **error);

/**
 * Frees a builder. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_builder_free(trapkey_builder_t *builder);

/**
 * Names the principal, as `Type::"id"`.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_principal(trapkey_builder_t *builder,
                                           trapkey_str_t entity,
                                           trapkey_error_t **error);

/**
 * Names the resource, as `Type::"id"`.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_resource(trapkey_builder_t *builder,
                                          trapkey_str_t entity,
                                          trapkey_error_t **error);

/**
 * Gives the instant at which the request is made, in milliseconds since 1970-01-01T00:00:00Z, where
 * no attribute of the context says it.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_builder_at(trapkey_builder_t *builder,
                                    int64_t at_ms,
                                    trapkey_error_t **error);

/**
 * Makes the request. The builder is as before, and can make another.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_build(trapkey_builder_t *builder,
                                       trapkey_request_t **request,
                                       trapkey_error_t **error);

/**
 * Gives an attribute of type Bool: true if `value` is not 0.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_bool(trapkey_builder_t *builder,
                                      trapkey_str_t name,
                                      uint32_t value,
                                      trapkey_error_t **error);

/**
 * Gives an attribute of type Long.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_long(trapkey_builder_t *builder,
                                      trapkey_str_t name,
                                      int64_t value,
                                      trapkey_error_t **error);

/**
 * Gives an attribute of type decimal, in ten-thousandths.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_decimal(trapkey_builder_t *builder,
                                         trapkey_str_t name,
                                         int64_t value,
                                         trapkey_error_t **error);

/**
 * Gives an attribute of type datetime, in milliseconds since 1970-01-01T00:00:00Z.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_datetime(trapkey_builder_t *builder,
                                          trapkey_str_t name,
                                          int64_t value,
                                          trapkey_error_t **error);

/**
 * Gives an attribute of type duration, in milliseconds.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_duration(trapkey_builder_t *builder,
                                          trapkey_str_t name,
                                          int64_t value,
                                          trapkey_error_t **error);

/**
 * Gives an attribute of type String.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_string(trapkey_builder_t *builder,
                                        trapkey_str_t name,
                                        trapkey_str_t value,
                                        trapkey_error_t **error);

/**
 * Gives an attribute of type ipaddr, as `10.0.0.0/8`.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_ip(trapkey_builder_t *builder,
                                    trapkey_str_t name,
                                    trapkey_str_t value,
                                    trapkey_error_t **error);

/**
 * Gives an attribute that is an entity, as `Type::"id"`.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_entity(trapkey_builder_t *builder,
                                        trapkey_str_t name,
                                        trapkey_str_t value,
                                        trapkey_error_t **error);

/**
 * Gives an attribute of any type in Cedar's JSON, as `["a", "b"]`; so come sets and records.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_builder_json(trapkey_builder_t *builder,
                                      trapkey_str_t name,
                                      trapkey_str_t value,
                                      trapkey_error_t **error);

/**
 * Makes a decider that keeps so many decisions at most; 0 is 4,096, which take about a kilobyte each.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_caching_decider_new(const trapkey_engine_t *engine,
                                             size_t entries_max,
                                             trapkey_caching_decider_t **decider,
                                             trapkey_error_t **error);

/**
 * Frees a caching decider. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_caching_decider_free(trapkey_caching_decider_t *decider);

/**
 * Lets go of all decisions, and of the module and the facts that the decider holds until its next decision.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_caching_decider_release(trapkey_caching_decider_t *decider,
                                                 trapkey_error_t **error);

/**
 * Decides a request, or gives the decision of one that was the same. `decision` and `verdict` are as of
 * `trapkey_decider_decide`.
 *
 * Threads: one, with its own decider and decision. Allocates: to keep a decision; not for one that is kept,
 * once `decision` has held as many policies as it will. Blocks: no.
 */
trapkey_status_t trapkey_caching_decider_decide(trapkey_caching_decider_t *decider,
                                                const trapkey_request_t *request,
                                                trapkey_decision_t *decision,
                                                trapkey_verdict_t *verdict,
                                                trapkey_error_t **error);

/**
 * How often a decision was found since the decider was made, and how many it keeps.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_caching_decider_counts(const trapkey_caching_decider_t *decider,
                                                trapkey_cache_counts_t *counts,
                                                trapkey_error_t **error);

/**
 * Tells the engine what the host's clocks say. `bounds` may be NULL; it becomes what the engine then
 * takes the time to be. A clock that went back or jumped is refused, and the engine goes on with what
 * it knew.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_set_clock(const trapkey_engine_t *engine,
                                          const trapkey_clock_reading_t *reading,
                                          trapkey_time_bounds_t *bounds,
                                          trapkey_error_t **error);

/**
 * As `trapkey_engine_set_clock`, where somebody answers for a jump forward.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_accept_clock(const trapkey_engine_t *engine,
                                             const trapkey_clock_reading_t *reading,
                                             trapkey_time_bounds_t *bounds,
                                             trapkey_error_t **error);

/**
 * What the engine takes the time to be; refused if it was never told.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_engine_clock(const trapkey_engine_t *engine,
                                      trapkey_time_bounds_t *bounds,
                                      trapkey_error_t **error);

/**
 * Reports what a bundle says of itself, without publishing it: `compiler`, `digest`, `name`, `policies`,
 * `sequence` and `version`. A policy has `annotations`, `effect`, which is `permit` or `forbid`, `end`,
 * `expires`, `id`, `is_template`, `stage`, which is `enforce` or `observe`, and `start`.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_bundle_contents(trapkey_bytes_t bundle,
                                         trapkey_report_t **report,
                                         trapkey_error_t **error);

/**
 * As `trapkey_bundle_contents`, of the bundle that is live.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_contents(const trapkey_engine_t *engine,
                                         trapkey_report_t **report,
                                         trapkey_error_t **error);

/**
 * How many compiled modules are in memory: the live one, those kept for rollbacks, a shadow, and those that
 * decisions still use.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_engine_modules_alive(const trapkey_engine_t *engine);

/**
 * How many entities the engine has, the actions of the schema included.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_engine_entities_len(const trapkey_engine_t *engine);

/**
 * Makes a decider. It sees each publication and each change of facts at its next decision.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_decider_new(const trapkey_engine_t *engine,
                                     trapkey_decider_t **decider,
                                     trapkey_error_t **error);

/**
 * Frees a decider. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_decider_free(trapkey_decider_t *decider);

/**
 * Lets go of the module and the facts that the decider holds until its next decision.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decider_release(trapkey_decider_t *decider, trapkey_error_t **error);

/**
 * Decides a request. `decision` and `verdict` are deny before anything can fail; they say allow only
 * with TRAPKEY_STATUS_OK. The decision's buffers are reused.
 *
 * Threads: one, with its own decider and decision. Allocates: not between two publications, once
 * `decision` has held as many policies as it will. Blocks: no.
 */
trapkey_status_t trapkey_decider_decide(trapkey_decider_t *decider,
                                        const trapkey_request_t *request,
                                        trapkey_decision_t *decision,
                                        trapkey_verdict_t *verdict,
                                        trapkey_error_t **error);

/**
 * As `trapkey_decider_decide`, with one of the engine's own instances of the module.
 *
 * Threads: any, each with a decision of its own. Allocates: if all instances are in use. Blocks: no.
 */
trapkey_status_t trapkey_engine_decide(const trapkey_engine_t *engine,
                                       const trapkey_request_t *request,
                                       trapkey_decision_t *decision,
                                       trapkey_verdict_t *verdict,
                                       trapkey_error_t **error);

/**
 * Decides many requests by one snapshot, with few calls of the module. `decisions` then has one for
 * each, in order; one that fails does so alone, and its decision says why. On an error `decisions`
 * has none.
 *
 * Threads: one, with its own decider and decisions. Allocates: not between two publications, once
 * `decisions` has held as many as it will. Blocks: no.
 */
trapkey_status_t trapkey_decider_decide_batch(trapkey_decider_t *decider,
                                              const trapkey_request_t *const *requests,
                                              size_t requests_len,
                                              trapkey_decisions_t *decisions,
                                              trapkey_error_t **error);

/**
 * As `trapkey_decider_decide_batch`, with one of the engine's own instances of the module.
 *
 * Threads: any, each with decisions of its own. Allocates: if all instances are in use. Blocks: no.
 */
trapkey_status_t trapkey_engine_decide_batch(const trapkey_engine_t *engine,
                                             const trapkey_request_t *const *requests,
                                             size_t requests_len,
                                             trapkey_decisions_t *decisions,
                                             trapkey_error_t **error);

/**
 * Reads a request from JSON, as `trapkey_request_from_json`, and decides it by one snapshot: no publication
 * comes between. `decision` and `verdict` are as of `trapkey_decider_decide`.
 *
 * Threads: any, each with a decision of its own. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_decide_json(const trapkey_engine_t *engine,
                                            trapkey_str_t json,
                                            trapkey_decision_t *decision,
                                            trapkey_verdict_t *verdict,
                                            trapkey_error_t **error);

/**
 * Makes a decision, which is deny until something is decided into it.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_decision_new(trapkey_decision_t **decision, trapkey_error_t **error);

/**
 * Takes room in a decision for each policy that is published now: until the next publication nothing
 * that is decided into it allocates, without grants, however many policies it rests on.
 *
 * Threads: one, for one decision. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_decision_reserve(trapkey_decision_t *decision,
                                          const trapkey_engine_t *engine,
                                          trapkey_error_t **error);

/**
 * Frees a decision. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_decision_free(trapkey_decision_t *decision);

/**
 * The verdict; deny if this is no decision.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_verdict_t trapkey_decision_verdict(const trapkey_decision_t *decision);

/**
 * Why the verdict is what it is.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_reason_t trapkey_decision_reason(const trapkey_decision_t *decision);

/**
 * Whether the verdict is allow only because the operation is observed: 1 if so, else 0.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint32_t trapkey_decision_would_deny(const trapkey_decision_t *decision);

/**
 * TRAPKEY_STATUS_OK if there is a decision, else why there is none.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_status(const trapkey_decision_t *decision);

/**
 * The publication that decided; 0 if none did.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint64_t trapkey_decision_generation(const trapkey_decision_t *decision);

/**
 * Whether a break-glass grant is among those that the verdict rests on: 1 if so, else 0.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint32_t trapkey_decision_is_break_glass(const trapkey_decision_t *decision);

/**
 * Writes the digest of the bundle that decided, 32 bytes.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_digest(const trapkey_decision_t *decision,
                                         uint8_t *digest,
                                         trapkey_error_t **error);

/**
 * Until when the decision holds while nothing but time changes.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_horizon(const trapkey_decision_t *decision,
                                          trapkey_horizon_t *horizon,
                                          trapkey_error_t **error);

/**
 * How many policies there are of a kind, one of `trapkey_policies_t`; 0 of any other.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_decision_policies(const trapkey_decision_t *decision, uint32_t kind);

/**
 * One policy of a kind, in the order of the policy set.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_policy(const trapkey_decision_t *decision,
                                         uint32_t kind,
                                         size_t index,
                                         trapkey_policy_t *policy,
                                         trapkey_error_t **error);

/**
 * How many obligations the determining policies have, each counted once.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_decision_obligations(const trapkey_decision_t *decision);

/**
 * One obligation. A host that cannot fulfil one of an allow must refuse.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_obligation(const trapkey_decision_t *decision,
                                             size_t index,
                                             trapkey_obligation_t *obligation,
                                             trapkey_error_t **error);

/**
 * How many pieces of advice the determining policies have, each counted once.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_decision_advices(const trapkey_decision_t *decision);

/**
 * One piece of advice. A host may pass over it.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_advice(const trapkey_decision_t *decision,
                                         size_t index,
                                         trapkey_obligation_t *advice,
                                         trapkey_error_t **error);

/**
 * How many grants the verdict rests on.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_decision_grants(const trapkey_decision_t *decision);

/**
 * The id of one grant that the verdict rests on, lent by the decision.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_decision_grant(const trapkey_decision_t *decision,
                                        size_t index,
                                        trapkey_str_t *id,
                                        trapkey_error_t **error);

/**
 * Reports what the decision of a request depends on now, beside module and time: `context`, the paths of the
 * attributes that are read, `entities`, `generation`, and `grants`, which is null or has the handles
 * `principals` and `resources`. An entity has `ancestors`, whether they are read, `entity`, which is null where
 * nobody knows its name, `handle`, and `version`, which is null if the engine does not have it. While nothing of it changes,
 * neither does the decision before its horizon. Of a request that cannot be decided the status says why.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_dependencies(const trapkey_engine_t *engine,
                                             const trapkey_request_t *request,
                                             trapkey_report_t **report,
                                             trapkey_error_t **error);

/**
 * Decides a request and resolves the duties by the same facts. `verdict` is deny before anything can
 * fail, and allow only with TRAPKEY_STATUS_OK.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_decide_duties(const trapkey_engine_t *engine,
                                              const trapkey_request_t *request,
                                              trapkey_duties_t **duties,
                                              trapkey_verdict_t *verdict,
                                              trapkey_error_t **error);

/**
 * How many duties there are: obligations, then advice.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_duties_len(const trapkey_duties_t *duties);

/**
 * One duty.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_duties_get(const trapkey_duties_t *duties,
                                    size_t index,
                                    trapkey_duty_t *duty,
                                    trapkey_error_t **error);

/**
 * Frees duties. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_duties_free(trapkey_duties_t *duties);

/**
 * Makes an engine, which denies everything until a bundle is published. `options` may be NULL.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_new(const trapkey_options_t *options,
                                    trapkey_engine_t **engine,
                                    trapkey_error_t **error);

/**
 * Frees an engine. NULL is passed over. Deciders, models and sessions made from it go on.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_engine_free(trapkey_engine_t *engine);

/**
 * Publishes a bundle with the newest facts. `generation` may be NULL. On an error what was live
 * before still is.
 *
 * Compiling takes about a second per megabyte; decisions go on meanwhile.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_publish(const trapkey_engine_t *engine,
                                        trapkey_bytes_t bundle,
                                        uint64_t *generation,
                                        trapkey_error_t **error);

/**
 * Publishes a bundle with these entities, Cedar's JSON, in place of all others. `generation` may be
 * NULL. On an error what was live before still is.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_publish_with(const trapkey_engine_t *engine,
                                             trapkey_bytes_t bundle,
                                             trapkey_str_t entities,
                                             uint64_t *generation,
                                             trapkey_error_t **error);

/**
 * Publishes a bundle whose module was compiled ahead of time, by `trapkey build --target-triple`, with these
 * entities in place of all others, or with the newest facts if `entities.data` is NULL. On an error what was
 * live before still is.
 *
 * `artefact` is native code. Its digest finds damage, not forgery: whoever can write the artefact can run
 * code in this process. It comes from where the program itself comes from, such as the signed image of a
 * device, and never from where bundles come from. It is not used after the call.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_publish_precompiled(const trapkey_engine_t *engine,
                                                    trapkey_bytes_t bundle,
                                                    trapkey_bytes_t artefact,
                                                    trapkey_str_t entities,
                                                    trapkey_error_t **error);

/**
 * Makes the module before the live one live again, with the newest facts, as a publication of its
 * own. `generation` may be NULL.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_rollback(const trapkey_engine_t *engine,
                                         uint64_t *generation,
                                         trapkey_error_t **error);

/**
 * The ordinal of the newest publication; 0 before the first.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint64_t trapkey_engine_generation(const trapkey_engine_t *engine);

/**
 * The sequence number of the published release; 0 before the first publication.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint64_t trapkey_engine_sequence(const trapkey_engine_t *engine);

/**
 * The status that the function gave.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_error_status(const trapkey_error_t *error);

/**
 * What is wrong and where, lent by the error; empty if this is no error.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_str_t trapkey_error_text(const trapkey_error_t *error);

/**
 * Copies what is wrong and where into a buffer of `capacity` bytes, with a NUL at its end, and
 * writes the length without that to `len`. With TRAPKEY_STATUS_BUFFER_TOO_SMALL the buffer is as
 * before, and `len` says the length nevertheless.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_error_copy(const trapkey_error_t *error,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *len);

/**
 * Frees an error. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_error_free(trapkey_error_t *error);

/**
 * Reports all grants that are held, ascending by id: an array of `dormant`, which says why it does not count
 * under the live module, `no-template`, `slots`, `slot-type` or `break-glass`, `grant`, which has `approvers`,
 * `expires`, `id`, `not_before`, `principal`, `reason`, `requester`, `resource`, `template` and `ticket`, and
 * `uses`, the decisions that it determined as break-glass.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_grants(const trapkey_engine_t *engine,
                                       trapkey_report_t **report,
                                       trapkey_error_t **error);

/**
 * Reports the uses of break-glass grants since this was last called, ascending by the grants' ids: an array
 * of `grant`, as that of `trapkey_engine_grants`, `uses` since then and `uses_in_all`. Those of grants that
 * are over or revoked meanwhile are among them. A use that is reported is not reported again.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_take_break_glass_uses(const trapkey_engine_t *engine,
                                                      trapkey_report_t **report,
                                                      trapkey_error_t **error);

/**
 * Reports all that stands for a time only, at an instant: an array of `expires`, `id`, `is_over`, `kind`,
 * which is `permit`, `forbid` or `grant`, `owner`, `reason`, `reference` and `review`. What is over longest or
 * ends next comes first. A forbid that is over goes on forbidding.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_exceptions(const trapkey_engine_t *engine,
                                           int64_t now_ms,
                                           trapkey_report_t **report,
                                           trapkey_error_t **error);

/**
 * Explains a request, if the bundle was built with its explaining module, within so many decisions;
 * 0 is 20,000. The first call after a publication compiles the explaining module.
 *
 * Threads: any. Allocates: yes. Blocks: while another explains first.
 */
trapkey_status_t trapkey_engine_explain(const trapkey_engine_t *engine,
                                        const trapkey_request_t *request,
                                        uint32_t decisions_max,
                                        trapkey_explanation_t **explanation,
                                        trapkey_error_t **error);

/**
 * As `trapkey_engine_explain`, by the candidate that decides beside the active module: with it, why a
 * request is decided otherwise.
 *
 * Threads: any. Allocates: yes. Blocks: while another explains first.
 */
trapkey_status_t trapkey_engine_explain_shadow(const trapkey_engine_t *engine,
                                               const trapkey_request_t *request,
                                               uint32_t decisions_max,
                                               trapkey_explanation_t **explanation,
                                               trapkey_error_t **error);

/**
 * Copies an explanation as JSON into a buffer of `capacity` bytes, with a NUL at its end, and writes
 * the length without that to `len`, which is the needed length if the buffer is too small. `audience`
 * is one of `trapkey_audience_t`.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_explanation_copy(const trapkey_explanation_t *explanation,
                                          uint32_t audience,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *len);

/**
 * Frees an explanation. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_explanation_free(trapkey_explanation_t *explanation);

/**
 * Adds or replaces entities from Cedar's JSON: one object, or an array. On an error nothing changes.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_upsert(const trapkey_engine_t *engine,
                                       trapkey_str_t entities,
                                       trapkey_error_t **error);

/**
 * Puts these entities, Cedar's JSON, in place of all others. On an error nothing changes.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_replace_entities(const trapkey_engine_t *engine,
                                                 trapkey_str_t entities,
                                                 trapkey_error_t **error);

/**
 * Removes an entity, given as `Type::"id"`. `removed` may be NULL; it becomes 1 if the entity was
 * there, else 0.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_remove(const trapkey_engine_t *engine,
                                       trapkey_str_t entity,
                                       uint32_t *removed,
                                       trapkey_error_t **error);

/**
 * Reports an entity that is stored, given as `Type::"id"`: `ancestors`, `attributes`, an object of values in
 * words, `entity`, `parents` and `tags`, as `attributes`. Refused if there is none.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_entity(const trapkey_engine_t *engine,
                                       trapkey_str_t entity,
                                       trapkey_report_t **report,
                                       trapkey_error_t **error);

/**
 * Links a template for a time; it counts from the next decision on. On an error the grants are as
 * before.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_grant(const trapkey_engine_t *engine,
                                      const trapkey_grant_t *grant,
                                      trapkey_error_t **error);

/**
 * Takes a grant back from the next decision on. `count` may be NULL; it becomes 1 if the grant was
 * there, else 0.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_revoke(const trapkey_engine_t *engine,
                                       trapkey_str_t id,
                                       size_t *count,
                                       trapkey_error_t **error);

/**
 * Takes all grants of a ticket back. `count` may be NULL; it becomes their number.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_revoke_ticket(const trapkey_engine_t *engine,
                                              trapkey_str_t ticket,
                                              size_t *count,
                                              trapkey_error_t **error);

/**
 * Takes all grants of a principal back, given as `Type::"id"`. `count` may be NULL; it becomes their
 * number.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_revoke_principal(const trapkey_engine_t *engine,
                                                 trapkey_str_t principal,
                                                 size_t *count,
                                                 trapkey_error_t **error);

/**
 * Removes the grants that are over at an instant. `count` may be NULL; it becomes their number. They
 * no longer count either way: this frees their memory and their ids.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_expire_grants(const trapkey_engine_t *engine,
                                              int64_t now_ms,
                                              size_t *count,
                                              trapkey_error_t **error);

/**
 * Watches the live publication: as soon as its decisions break the rule, it is rolled back, by the thread
 * whose decision did. Another publication, a rollback and `trapkey_engine_end_guard` end the watch. While it
 * lasts, each decision writes to a counter that threads share.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_guard(const trapkey_engine_t *engine,
                                      const trapkey_guard_t *rule,
                                      trapkey_error_t **error);

/**
 * Ends the watch. `ended` may be NULL; it becomes 1 if there was one, else 0.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_end_guard(const trapkey_engine_t *engine,
                                          uint32_t *ended,
                                          trapkey_error_t **error);

/**
 * What became of the last guard, and what it has counted.
 *
 * Threads: any. Allocates: no. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_guarded(const trapkey_engine_t *engine,
                                        trapkey_guarded_t *guarded,
                                        trapkey_error_t **error);

/**
 * The model of what is published now. After a publication with another schema, requests, parties and
 * slots of this one are refused as stale.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_engine_model(const trapkey_engine_t *engine,
                                      trapkey_model_t **model,
                                      trapkey_error_t **error);

/**
 * Finds an entity, given as `Type::"id"`, to be principal or resource of requests or a value.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_model_party(const trapkey_model_t *model,
                                     trapkey_str_t entity,
                                     trapkey_party_t **party,
                                     trapkey_error_t **error);

/**
 * As `trapkey_model_party`, of an entity that is given as its type and its unescaped id.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_model_entity(const trapkey_model_t *model,
                                      trapkey_str_t type_name,
                                      trapkey_str_t id,
                                      trapkey_party_t **party,
                                      trapkey_error_t **error);

/**
 * Finds an attribute of the context of an action. `path` is names with points between them, as
 * `env.location`.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_model_slot(const trapkey_model_t *model,
                                    trapkey_str_t action,
                                    trapkey_str_t path,
                                    trapkey_slot_t **slot,
                                    trapkey_error_t **error);

/**
 * Frees a model. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_model_free(trapkey_model_t *model);

/**
 * Frees a party. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_party_free(trapkey_party_t *party);

/**
 * Frees a slot. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_slot_free(trapkey_slot_t *slot);

/**
 * The JSON, lent by the report; empty if this is no report.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_str_t trapkey_report_text(const trapkey_report_t *report);

/**
 * Copies the JSON into a buffer of `capacity` bytes, with a NUL at its end, and writes the length without
 * that to `len`. With TRAPKEY_STATUS_BUFFER_TOO_SMALL the buffer is as before, and `len` says the length
 * nevertheless.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_report_copy(const trapkey_report_t *report,
                                     char *buffer,
                                     size_t capacity,
                                     size_t *len);

/**
 * Frees a report. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_report_free(trapkey_report_t *report);

/**
 * Reads a request from JSON: an object with `principal`, `action`, `resource` and `context`.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_from_json(const trapkey_model_t *model,
                                           trapkey_str_t json,
                                           trapkey_request_t **request,
                                           trapkey_error_t **error);

/**
 * Makes a copy.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_copy(const trapkey_request_t *request,
                                      trapkey_request_t **copy,
                                      trapkey_error_t **error);

/**
 * Frees a request. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_request_free(trapkey_request_t *request);

/**
 * Puts another principal of the same type. On an error the request is as before.
 *
 * Threads: one. Allocates: for a longer id than any before. Blocks: no.
 */
trapkey_status_t trapkey_request_set_principal(trapkey_request_t *request,
                                               const trapkey_party_t *party,
                                               trapkey_error_t **error);

/**
 * Puts another resource of the same type. On an error the request is as before.
 *
 * Threads: one. Allocates: for a longer id than any before. Blocks: no.
 */
trapkey_status_t trapkey_request_set_resource(trapkey_request_t *request,
                                              const trapkey_party_t *party,
                                              trapkey_error_t **error);

/**
 * Gives the request an instant, in milliseconds since 1970-01-01T00:00:00Z, whatever its context
 * says.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_at(trapkey_request_t *request,
                                        int64_t at_ms,
                                        trapkey_error_t **error);

/**
 * Takes the instant away that the request was given.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_clear_at(trapkey_request_t *request, trapkey_error_t **error);

/**
 * Makes the request what it is so many milliseconds later, if nothing but time changes. On an error
 * it is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_advance(trapkey_request_t *request,
                                         int64_t by_ms,
                                         trapkey_error_t **error);

/**
 * Takes an optional attribute of the context away. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_clear(trapkey_request_t *request,
                                       const trapkey_slot_t *slot,
                                       trapkey_error_t **error);

/**
 * Sets an attribute of type Bool: true if `value` is not 0. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_bool(trapkey_request_t *request,
                                          const trapkey_slot_t *slot,
                                          uint32_t value,
                                          trapkey_error_t **error);

/**
 * Sets an attribute of type Long. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_long(trapkey_request_t *request,
                                          const trapkey_slot_t *slot,
                                          int64_t value,
                                          trapkey_error_t **error);

/**
 * Sets an attribute of type decimal, in ten-thousandths. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_decimal(trapkey_request_t *request,
                                             const trapkey_slot_t *slot,
                                             int64_t value,
                                             trapkey_error_t **error);

/**
 * Sets an attribute of type datetime, in milliseconds since 1970-01-01T00:00:00Z. On an error the
 * request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_datetime(trapkey_request_t *request,
                                              const trapkey_slot_t *slot,
                                              int64_t value,
                                              trapkey_error_t **error);

/**
 * Sets an attribute of type duration, in milliseconds. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_duration(trapkey_request_t *request,
                                              const trapkey_slot_t *slot,
                                              int64_t value,
                                              trapkey_error_t **error);

/**
 * Sets an attribute of type String. On an error the request is as before.
 *
 * Threads: one. Allocates: for a longer text than any before. Blocks: no.
 */
trapkey_status_t trapkey_request_set_string(trapkey_request_t *request,
                                            const trapkey_slot_t *slot,
                                            trapkey_str_t value,
                                            trapkey_error_t **error);

/**
 * Sets an attribute of type ipaddr, as `10.0.0.0/8`. On an error the request is as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_ip(trapkey_request_t *request,
                                        const trapkey_slot_t *slot,
                                        trapkey_str_t value,
                                        trapkey_error_t **error);

/**
 * Sets an attribute that is an entity, as `Type::"id"`. On an error the request is as before.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_set_entity(trapkey_request_t *request,
                                            const trapkey_slot_t *slot,
                                            trapkey_str_t value,
                                            trapkey_error_t **error);

/**
 * Sets an attribute that is an entity, which need not be looked up again. On an error the request is
 * as before.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_request_set_party(trapkey_request_t *request,
                                           const trapkey_slot_t *slot,
                                           const trapkey_party_t *party,
                                           trapkey_error_t **error);

/**
 * Sets an attribute of type `Set<Long>`; `values` may be NULL if there are none. On an error the
 * request is as before.
 *
 * Threads: one. Allocates: for more elements than any before. Blocks: no.
 */
trapkey_status_t trapkey_request_set_longs(trapkey_request_t *request,
                                           const trapkey_slot_t *slot,
                                           const int64_t *values,
                                           size_t values_len,
                                           trapkey_error_t **error);

/**
 * Sets an attribute of type `Set<String>`; `values` may be NULL if there are none. On an error the
 * request is as before.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_set_strings(trapkey_request_t *request,
                                             const trapkey_slot_t *slot,
                                             const trapkey_str_t *values,
                                             size_t values_len,
                                             trapkey_error_t **error);

/**
 * Sets an attribute that is a set of entities, each as `Type::"id"`; `values` may be NULL if there
 * are none. On an error the request is as before.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_set_entities(trapkey_request_t *request,
                                              const trapkey_slot_t *slot,
                                              const trapkey_str_t *values,
                                              size_t values_len,
                                              trapkey_error_t **error);

/**
 * Sets an attribute of any type in Cedar's JSON. On an error the request is as before.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_request_set_json(trapkey_request_t *request,
                                          const trapkey_slot_t *slot,
                                          trapkey_str_t value,
                                          trapkey_error_t **error);

/**
 * Makes a table of sessions. `limits` may be NULL.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_new(const trapkey_engine_t *engine,
                                      const trapkey_session_limits_t *limits,
                                      trapkey_sessions_t **sessions,
                                      trapkey_error_t **error);

/**
 * Frees a table of sessions. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_sessions_free(trapkey_sessions_t *sessions);

/**
 * How many sessions are open.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
size_t trapkey_sessions_len(const trapkey_sessions_t *sessions);

/**
 * Opens a session if the request is allowed. It keeps a copy of the request.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_open(trapkey_sessions_t *sessions,
                                       const trapkey_request_t *request,
                                       const trapkey_session_terms_t *terms,
                                       trapkey_session_id_t *session,
                                       trapkey_error_t **error);

/**
 * Closes a session.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_sessions_close(trapkey_sessions_t *sessions,
                                        trapkey_session_id_t session,
                                        trapkey_error_t **error);

/**
 * Whether the session still allows at an instant, as far as the last poll knows. `verdict` is deny
 * before anything can fail, and allow only with TRAPKEY_STATUS_OK.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_sessions_check(const trapkey_sessions_t *sessions,
                                        trapkey_session_id_t session,
                                        int64_t now_ms,
                                        trapkey_verdict_t *verdict,
                                        trapkey_error_t **error);

/**
 * Says that a session was used.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_sessions_touch(trapkey_sessions_t *sessions,
                                        trapkey_session_id_t session,
                                        int64_t now_ms,
                                        trapkey_error_t **error);

/**
 * Says that the host fulfils all obligations of this name.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_acknowledge(trapkey_sessions_t *sessions,
                                              trapkey_session_id_t session,
                                              int64_t now_ms,
                                              trapkey_str_t obligation,
                                              trapkey_error_t **error);

/**
 * Gives an attribute another value in all sessions of a subject, which the next poll decides again.
 * `count` may be NULL; it becomes their number. On an error all are as before.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_update(trapkey_sessions_t *sessions,
                                         const trapkey_subject_t *subject,
                                         const trapkey_session_update_t *update,
                                         size_t *count,
                                         trapkey_error_t **error);

/**
 * Revokes all sessions of a subject: they cannot be used any more, and the next poll hands them over.
 * `count` may be NULL; it becomes their number.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_revoke(trapkey_sessions_t *sessions,
                                         const trapkey_subject_t *subject,
                                         trapkey_str_t reason,
                                         size_t *count,
                                         trapkey_error_t **error);

/**
 * Finds out which sessions are no longer what they were at the last poll, and calls `tell` with each,
 * after all are found: it may use the sessions, and free them. Those that ended are closed.
 *
 * Threads: one. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_sessions_poll(trapkey_sessions_t *sessions,
                                       int64_t now_ms,
                                       trapkey_flip_callback_t tell,
                                       void *userdata,
                                       trapkey_error_t **error);

/**
 * Makes all changes, or none: facts and grants in the engine of these sessions, contexts and revocations here.
 * The next poll decides again what they concern. An entity must be stored, or have a grant if these are
 * revoked; a subject must have a session, or be such a principal.
 *
 * Threads: one. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_sessions_amend(trapkey_sessions_t *sessions,
                                        int64_t now_ms,
                                        const trapkey_amendment_t *const *amendments,
                                        size_t amendments_len,
                                        trapkey_error_t **error);

/**
 * What has been done so far.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_sessions_counts(const trapkey_sessions_t *sessions,
                                         trapkey_session_counts_t *counts,
                                         trapkey_error_t **error);

/**
 * Copies the session's last decision into `decision`, which is deny if that fails. It is true as far as the
 * last poll knows; `trapkey_sessions_check` says whether anything stands against it.
 *
 * Threads: one. Allocates: for more policies than before. Blocks: no.
 */
trapkey_status_t trapkey_sessions_decision(const trapkey_sessions_t *sessions,
                                           trapkey_session_id_t session,
                                           trapkey_decision_t *decision,
                                           trapkey_error_t **error);

/**
 * Copies the session's request, as it was decided last or has been updated since.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_request(const trapkey_sessions_t *sessions,
                                          trapkey_session_id_t session,
                                          trapkey_request_t **request,
                                          trapkey_error_t **error);

/**
 * Reports what the session's decision depends on, by the newest facts, as `trapkey_engine_dependencies` does.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_dependencies(const trapkey_sessions_t *sessions,
                                               trapkey_session_id_t session,
                                               trapkey_report_t **report,
                                               trapkey_error_t **error);

/**
 * Copies the sessions of a subject into an array of `capacity`, and writes their number to `len`. With
 * TRAPKEY_STATUS_BUFFER_TOO_SMALL the array is as before, and `len` says the number nevertheless.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_of(const trapkey_sessions_t *sessions,
                                     const trapkey_subject_t *subject,
                                     trapkey_session_id_t *found,
                                     size_t capacity,
                                     size_t *len);

/**
 * Which session holds the lock of an entity, given as `Type::"id"`; refused if none does.
 *
 * Threads: one. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_sessions_holder(const trapkey_sessions_t *sessions,
                                         trapkey_str_t exclusive,
                                         trapkey_session_id_t *session,
                                         trapkey_error_t **error);

/**
 * Lets the module of a bundle decide beside the active one, from the next decision on. `options` may be
 * NULL. Nothing that the candidate says changes an answer; a decision that is compared takes up to twice as
 * long, a lock and allocations. The schema must be that of the active bundle.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_shadow(const trapkey_engine_t *engine,
                                       trapkey_bytes_t bundle,
                                       const trapkey_shadow_options_t *options,
                                       trapkey_error_t **error);

/**
 * As `trapkey_engine_shadow`, of a bundle whose module was compiled ahead of time. `artefact` is native code,
 * whose source the caller vouches for: see `trapkey_engine_publish_precompiled`.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_shadow_precompiled(const trapkey_engine_t *engine,
                                                   trapkey_bytes_t bundle,
                                                   trapkey_bytes_t artefact,
                                                   const trapkey_shadow_options_t *options,
                                                   trapkey_error_t **error);

/**
 * Makes the candidate the active module, with the newest facts: a publication that compiles nothing and can
 * be rolled back. `rule` may be NULL; else it watches the candidate from its first decision on, as
 * `trapkey_engine_guard` does. `generation` may be NULL.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_promote_shadow(const trapkey_engine_t *engine,
                                               const trapkey_guard_t *rule,
                                               uint64_t *generation,
                                               trapkey_error_t **error);

/**
 * Ends the shadow. `discarded` may be NULL; it becomes 1 if there was one, else 0.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_discard_shadow(const trapkey_engine_t *engine,
                                               uint32_t *discarded,
                                               trapkey_error_t **error);

/**
 * What became of the last shadow, and what it has found; also after its end.
 *
 * Threads: any. Allocates: no. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_shadowed(const trapkey_engine_t *engine,
                                         trapkey_shadow_t *shadow,
                                         trapkey_error_t **error);

/**
 * Takes the differences that the last shadow has kept, oldest first, also after its end; none of them is
 * given twice.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_take_shadow_differences(const trapkey_engine_t *engine,
                                                        trapkey_differences_t **differences,
                                                        trapkey_error_t **error);

/**
 * How many differences there are.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_differences_len(const trapkey_differences_t *differences);

/**
 * How the decisions of one request differ; TRAPKEY_DIFFERENCE_NONE if there is none of this index.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_difference_t trapkey_differences_kind(const trapkey_differences_t *differences,
                                              size_t index);

/**
 * Copies what was asked: a request, for `trapkey_engine_explain` and `trapkey_engine_explain_shadow`.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_differences_request(const trapkey_differences_t *differences,
                                             size_t index,
                                             trapkey_request_t **request,
                                             trapkey_error_t **error);

/**
 * Copies the answer that was given into `decision`, which is deny if that fails.
 *
 * Threads: any. Allocates: for more policies than before. Blocks: no.
 */
trapkey_status_t trapkey_differences_active(const trapkey_differences_t *differences,
                                            size_t index,
                                            trapkey_decision_t *decision,
                                            trapkey_error_t **error);

/**
 * Copies what the candidate would have answered into `decision`, which is deny if that fails. It has the
 * active publication's generation, and its own bundle's digest.
 *
 * Threads: any. Allocates: for more policies than before. Blocks: no.
 */
trapkey_status_t trapkey_differences_candidate(const trapkey_differences_t *differences,
                                               size_t index,
                                               trapkey_decision_t *decision,
                                               trapkey_error_t **error);

/**
 * Frees differences. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_differences_free(trapkey_differences_t *differences);

/**
 * Observes the operations of a scope, from the next decision on: where the policies deny one, without an
 * error, the decision is reported and allowed, and says so (`trapkey_decision_would_deny`). Everything else is
 * decided as always, and all that `safety_actions` of the options names.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_observe(const trapkey_engine_t *engine,
                                        const trapkey_observe_scope_t *scope,
                                        const trapkey_stage_order_t *order,
                                        trapkey_error_t **error);

/**
 * Enforces what was observed in the scope of this name, from the next decision on. While would-denies of it
 * are not explained, that is refused unless `force` is not 0. All of it is recorded.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_enforce(const trapkey_engine_t *engine,
                                        trapkey_str_t scope,
                                        const trapkey_stage_order_t *order,
                                        uint32_t force,
                                        trapkey_error_t **error);

/**
 * Notes why a would-deny is as it should be: the deny is wanted, or what it denies will not come again. More
 * of the same stay explained. It is recorded.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_explain_would_deny(const trapkey_engine_t *engine,
                                                   uint64_t id,
                                                   const trapkey_stage_order_t *order,
                                                   trapkey_error_t **error);

/**
 * Reports what is observed now, by name: an array of `actions`, `name` and `resources`.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_observed_scopes(const trapkey_engine_t *engine,
                                                trapkey_report_t **report,
                                                trapkey_error_t **error);

/**
 * Reports what was done to stages, oldest first, the last 4,096: an array of `at`, `by`, `change`, which is
 * `observed`, `explained`, `refused`, `enforced`, `forced` or `ended`, `generation`, `reason`, `scope`,
 * `unexplained`, how many would-denies were not explained, and `would_deny`, the id of one that was.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_stage_records(const trapkey_engine_t *engine,
                                              trapkey_report_t **report,
                                              trapkey_error_t **error);

/**
 * How many denies of a scope were only reported and found no room. They count as unexplained.
 *
 * Threads: any. Allocates: no. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_would_denies_dropped(const trapkey_engine_t *engine,
                                                     trapkey_str_t scope,
                                                     uint64_t *count,
                                                     trapkey_error_t **error);

/**
 * Copies the denies that were only reported in the scopes that are observed, oldest first. Of one principal,
 * action, resource, reason and determining policies the first is kept and the others counted.
 *
 * Threads: any. Allocates: yes. Blocks: while another writes.
 */
trapkey_status_t trapkey_engine_would_denies(const trapkey_engine_t *engine,
                                             trapkey_would_denies_t **would_denies,
                                             trapkey_error_t **error);

/**
 * How many would-denies there are.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
size_t trapkey_would_denies_len(const trapkey_would_denies_t *would_denies);

/**
 * One would-deny.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_status_t trapkey_would_denies_get(const trapkey_would_denies_t *would_denies,
                                          size_t index,
                                          trapkey_would_deny_t *would_deny,
                                          trapkey_error_t **error);

/**
 * Copies the first request of a would-deny.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_would_denies_request(const trapkey_would_denies_t *would_denies,
                                              size_t index,
                                              trapkey_request_t **request,
                                              trapkey_error_t **error);

/**
 * Copies the decision on the first request of a would-deny into `decision`, which is deny if that fails.
 *
 * Threads: any. Allocates: for more policies than before. Blocks: no.
 */
trapkey_status_t trapkey_would_denies_decision(const trapkey_would_denies_t *would_denies,
                                               size_t index,
                                               trapkey_decision_t *decision,
                                               trapkey_error_t **error);

/**
 * Frees would-denies. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_would_denies_free(trapkey_would_denies_t *would_denies);

/**
 * The name of a status, as `STALE`; empty if there is none of this number.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
trapkey_str_t trapkey_status_name(uint32_t status);

/**
 * Reads what the store kept. What is not exactly what was saved is refused.
 *
 * Threads: any. Allocates: no. Blocks: as the callback does.
 */
trapkey_status_t trapkey_store_load(const trapkey_store_t *store,
                                    trapkey_kept_t *kept,
                                    trapkey_error_t **error);

/**
 * Keeps the sequence of the published release and the time mark, each unless what the store kept is
 * higher. A store that cannot be read is not written to, unless `is_first` is not 0.
 *
 * Threads: one, for one store. Allocates: no. Blocks: as the callbacks do.
 */
trapkey_status_t trapkey_store_save(const trapkey_store_t *store,
                                    const trapkey_engine_t *engine,
                                    uint32_t is_first,
                                    trapkey_error_t **error);

/**
 * Holds a generated header against the published schema, and keeps a request for each of its actions.
 * `schema` is the header's, and must stay where it is.
 *
 * Threads: any. Allocates: yes. Blocks: no.
 */
trapkey_status_t trapkey_typed_new(const trapkey_model_t *model,
                                   const trapkey_schema_t *schema,
                                   trapkey_typed_t **typed,
                                   trapkey_error_t **error);

/**
 * Frees the requests of a header. NULL is passed over.
 *
 * Threads: one. Allocates: no. Blocks: no.
 */
void trapkey_typed_free(trapkey_typed_t *typed);

/**
 * Decides what is asked. Generated headers have functions that call this with the right context.
 * `decision` and `verdict` are deny before anything can fail; they say allow only with
 * TRAPKEY_STATUS_OK. After a publication of another schema the status is TRAPKEY_STATUS_STALE.
 *
 * Threads: one, with its own decider and decision. Allocates: at the first request for an action, for
 * ids and texts that are longer than any before, and for sets. Blocks: no.
 */
trapkey_status_t trapkey_typed_decide(trapkey_typed_t *typed,
                                      const trapkey_question_t *question,
                                      trapkey_decision_t *decision,
                                      trapkey_verdict_t *verdict,
                                      trapkey_error_t **error);

/**
 * The version of the library, in the form of `TRAPKEY_VERSION_NUMBER`.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
uint32_t trapkey_version(void);

/**
 * The version of the library as a text that ends with NUL and is always there.
 *
 * Threads: any. Allocates: no. Blocks: no.
 */
const char *trapkey_version_string(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TRAPKEY_H */


#ifndef TRAPKEY_INLINE_H
#define TRAPKEY_INLINE_H

/** Lends a text of this length. */
static inline trapkey_str_t trapkey_str(const char *data, size_t len)
{
    trapkey_str_t text;
    text.data = data;
    text.len = len;
    return text;
}

/** Lends a literal. */
#define TRAPKEY_STR(literal) trapkey_str("" literal, sizeof(literal) - 1)

/** Lends a text that ends with NUL; NULL is an absent one. */
static inline trapkey_str_t trapkey_text(const char *text)
{
    return trapkey_str(text, text == NULL ? 0 : strlen(text));
}

#endif /* TRAPKEY_INLINE_H */
