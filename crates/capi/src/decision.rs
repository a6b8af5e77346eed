//! Decisions: the verdict, why, and for how long.

use trapkey::{Datetime, Decision, EvalError, Horizon, Obligation, Policy, Reason, Verdict};

use crate::boundary::{Failure, guard, value_or};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Allow or deny. Zero is deny.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_verdict_t {
    /// The host must refuse.
    TRAPKEY_VERDICT_DENY = 0,
    /// The host may proceed, if it fulfils the obligations.
    TRAPKEY_VERDICT_ALLOW = 1,
}

/// Why the verdict is what it is. All but `TRAPKEY_REASON_PERMITTED` are deny, but where that is only
/// observed: `trapkey_decision_would_deny`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_reason_t {
    /// There is no decision; `trapkey_decision_status` says why.
    TRAPKEY_REASON_UNDECIDED = 0,
    /// A permit is satisfied and nothing stands against it.
    TRAPKEY_REASON_PERMITTED = 1,
    /// A forbid is satisfied.
    TRAPKEY_REASON_FORBIDDEN = 2,
    /// No permit is satisfied.
    TRAPKEY_REASON_NOT_PERMITTED = 3,
    /// A forbid that might have held erred.
    TRAPKEY_REASON_FORBID_ERRED = 4,
    /// A permit is satisfied, but asks for an obligation that the host does not honour.
    TRAPKEY_REASON_OBLIGATION_NOT_HONOURED = 5,
}

/// Which policies of a decision.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_policies_t {
    /// Those that brought the verdict about.
    TRAPKEY_POLICIES_DETERMINING = 1,
    /// Those that could not be evaluated.
    TRAPKEY_POLICIES_ERRING = 2,
    /// Observed ones that are satisfied; they do not count.
    TRAPKEY_POLICIES_OBSERVED = 3,
    /// Satisfied forbids that are past their day, and still forbid.
    TRAPKEY_POLICIES_EXPIRED = 4,
}

/// What a policy erred with.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_eval_error_t {
    /// It did not err.
    TRAPKEY_EVAL_ERROR_NONE = 0,
    /// An attribute or tag of an entity that does not exist.
    TRAPKEY_EVAL_ERROR_ENTITY_MISSING = 1,
    /// Integer arithmetic left 64 bits.
    TRAPKEY_EVAL_ERROR_OVERFLOW = 2,
    /// A datetime or duration left 64 bits.
    TRAPKEY_EVAL_ERROR_EXTENSION = 3,
}

/// A policy of a decision; its text is lent by the decision.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_policy_t {
    /// `sizeof(trapkey_policy_t)`, set before the call.
    pub struct_size: usize,
    /// The value of `@id`, else Cedar's own id.
    pub id: trapkey_str_t,
    /// What it erred with: one of `trapkey_eval_error_t`.
    pub eval_error: u32,
    /// First byte in the source: of what erred, else of the policy.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// 0.
    pub reserved: u32,
}

/// What a policy asks of the host; its texts are lent by the decision.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_obligation_t {
    /// `sizeof(trapkey_obligation_t)`, set before the call.
    pub struct_size: usize,
    /// Its name, as `record-session`.
    pub name: trapkey_str_t,
    /// What follows the colon, as it is written; absent without.
    pub argument: trapkey_str_t,
}

/// Until when a decision holds while nothing but time changes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_horizon_t {
    /// `sizeof(trapkey_horizon_t)`, set before the call.
    pub struct_size: usize,
    /// For how many milliseconds from the request's instant on, that end excluded; UINT64_MAX for
    /// ever, 0 not beyond the instant.
    pub remaining_ms: u64,
    /// Not 0 if the request has an instant.
    pub has_at: u32,
    /// Not 0 if `valid_until_ms` says an instant: there is one, and the decision does not hold for
    /// ever.
    pub has_valid_until: u32,
    /// The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The first instant at which the decision may no longer hold.
    pub valid_until_ms: i64,
}

versioned!(trapkey_policy_t, trapkey_obligation_t, trapkey_horizon_t);

/// The answer to one request, kept by the caller and used again. The caller frees it; threads may
/// share it while none decides into it.
pub struct trapkey_decision_t {
    _opaque: (),
}

impl Object for trapkey_decision_t {
    type Value = Decision;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeydcn");
}

/// Makes a decision, which is deny until something is decided into it.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_new(
    decision: *mut *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        place!(decision).put(give(Decision::new()));
        Ok(())
    })
}

/// Takes room in a decision for each policy that is published now: until the next publication nothing
/// that is decided into it allocates, without grants, however many policies it rests on.
///
/// Threads: one, for one decision. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_reserve(
    decision: *mut trapkey_decision_t,
    engine: *const trapkey_engine_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        shared!(engine).reserve(exclusive!(decision));
        Ok(())
    })
}

/// Frees a decision. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_free(decision: *mut trapkey_decision_t) {
    free!(decision);
}

/// The verdict; deny if this is no decision.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_verdict(
    decision: *const trapkey_decision_t,
) -> trapkey_verdict_t {
    value_or(trapkey_verdict_t::TRAPKEY_VERDICT_DENY, || Ok(verdict(shared!(decision))))
}

/// Why the verdict is what it is.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_reason(
    decision: *const trapkey_decision_t,
) -> trapkey_reason_t {
    value_or(trapkey_reason_t::TRAPKEY_REASON_UNDECIDED, || {
        Ok(match shared!(decision).reason() {
            Reason::Permitted => trapkey_reason_t::TRAPKEY_REASON_PERMITTED,
            Reason::Forbidden => trapkey_reason_t::TRAPKEY_REASON_FORBIDDEN,
            Reason::NotPermitted => trapkey_reason_t::TRAPKEY_REASON_NOT_PERMITTED,
            Reason::ForbidErred => trapkey_reason_t::TRAPKEY_REASON_FORBID_ERRED,
            Reason::ObligationNotHonoured => {
                trapkey_reason_t::TRAPKEY_REASON_OBLIGATION_NOT_HONOURED
            }
            Reason::Failed(_) => trapkey_reason_t::TRAPKEY_REASON_UNDECIDED,
        })
    })
}

/// Whether the verdict is allow only because the operation is observed: 1 if so, else 0.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_would_deny(decision: *const trapkey_decision_t) -> u32 {
    value_or(0, || Ok(u32::from(shared!(decision).would_deny())))
}

/// TRAPKEY_STATUS_OK if there is a decision, else why there is none.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_status(
    decision: *const trapkey_decision_t,
) -> trapkey_status_t {
    value_or(trapkey_status_t::TRAPKEY_STATUS_INVALID_OBJECT, || Ok(status(shared!(decision))))
}

/// The publication that decided; 0 if none did.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_generation(decision: *const trapkey_decision_t) -> u64 {
    value_or(0, || Ok(shared!(decision).generation().0))
}

/// Whether a break-glass grant is among those that the verdict rests on: 1 if so, else 0.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_is_break_glass(
    decision: *const trapkey_decision_t,
) -> u32 {
    value_or(0, || Ok(u32::from(shared!(decision).is_break_glass())))
}

/// Writes the digest of the bundle that decided, 32 bytes.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_digest(
    decision: *const trapkey_decision_t,
    digest: *mut u8,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let digest = digest.cast::<[u8; 32]>();
        let place = place!(digest);
        let status = trapkey_status_t::TRAPKEY_STATUS_NOTHING_PUBLISHED;
        let digest = decision.bundle_digest();
        place.put(digest.ok_or_else(|| Failure::new(status, "no bundle has decided"))?.0);
        Ok(())
    })
}

/// Until when the decision holds while nothing but time changes.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_horizon(
    decision: *const trapkey_decision_t,
    horizon: *mut trapkey_horizon_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let place = structure_place!(horizon);
        let (at, until) = (decision.at(), decision.valid_until());
        let ms = |at: Option<Datetime>| at.map_or(0, |Datetime(at)| at);
        place.put(trapkey_horizon_t {
            struct_size: 0,
            remaining_ms: match decision.horizon() {
                Horizon::Now => 0,
                Horizon::Remaining(remaining) => {
                    // One less than for ever is longer than any clock goes.
                    u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX - 1)
                }
                Horizon::Never => u64::MAX,
            },
            has_at: u32::from(at.is_some()),
            has_valid_until: u32::from(until.is_some()),
            at_ms: ms(at),
            valid_until_ms: ms(until),
        });
        Ok(())
    })
}

/// How many policies there are of a kind, one of `trapkey_policies_t`; 0 of any other.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_policies(
    decision: *const trapkey_decision_t,
    kind: u32,
) -> usize {
    value_or(0, || {
        let decision = shared!(decision);
        let mut count = 0;
        each_policy(decision, kind, |_| count += 1)?;
        Ok(count)
    })
}

/// One policy of a kind, in the order of the policy set.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_policy(
    decision: *const trapkey_decision_t,
    kind: u32,
    index: usize,
    policy: *mut trapkey_policy_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let place = structure_place!(policy);
        let (mut at, mut found) = (0, None);
        each_policy(decision, kind, |policy| {
            if at == index {
                found = Some(policy);
            }
            at += 1;
        })?;
        place.put(found.ok_or_else(|| out_of_range(index, at))?);
        Ok(())
    })
}

/// How many obligations the determining policies have, each counted once.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_obligations(
    decision: *const trapkey_decision_t,
) -> usize {
    value_or(0, || Ok(shared!(decision).obligations().count()))
}

/// One obligation. A host that cannot fulfil one of an allow must refuse.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_obligation(
    decision: *const trapkey_decision_t,
    index: usize,
    obligation: *mut trapkey_obligation_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let place = structure_place!(obligation);
        let found = decision.obligations().nth(index);
        place.put(lend(found.ok_or_else(|| out_of_range(index, decision.obligations().count()))?));
        Ok(())
    })
}

/// How many pieces of advice the determining policies have, each counted once.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_advices(decision: *const trapkey_decision_t) -> usize {
    value_or(0, || Ok(shared!(decision).advice().count()))
}

/// One piece of advice. A host may pass over it.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_advice(
    decision: *const trapkey_decision_t,
    index: usize,
    advice: *mut trapkey_obligation_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let place = structure_place!(advice);
        let found = decision.advice().nth(index);
        place.put(lend(found.ok_or_else(|| out_of_range(index, decision.advice().count()))?));
        Ok(())
    })
}

/// How many grants the verdict rests on.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_grants(decision: *const trapkey_decision_t) -> usize {
    value_or(0, || Ok(shared!(decision).grants().count()))
}

/// The id of one grant that the verdict rests on, lent by the decision.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decision_grant(
    decision: *const trapkey_decision_t,
    index: usize,
    id: *mut trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decision = shared!(decision);
        let place = place!(id);
        let found = decision.grants().nth(index);
        let grant = found.ok_or_else(|| out_of_range(index, decision.grants().count()))?;
        place.put(trapkey_str_t::of(&grant.id));
        Ok(())
    })
}

/// Copies a decision that `find` finds; what it is copied to is deny if that fails.
pub(crate) fn copying<'d>(
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
    find: impl FnOnce() -> Result<&'d Decision, Failure>,
) -> trapkey_status_t {
    guard(error, || {
        let decision = exclusive!(decision);
        decision.reset();
        decision.clone_from(find()?);
        Ok(())
    })
}

pub(crate) fn verdict(decision: &Decision) -> trapkey_verdict_t {
    match decision.verdict() {
        Verdict::Deny => trapkey_verdict_t::TRAPKEY_VERDICT_DENY,
        Verdict::Allow => trapkey_verdict_t::TRAPKEY_VERDICT_ALLOW,
    }
}

pub(crate) fn status(decision: &Decision) -> trapkey_status_t {
    match decision.reason() {
        Reason::Failed(error) => error.into(),
        Reason::Permitted
        | Reason::Forbidden
        | Reason::NotPermitted
        | Reason::ForbidErred
        | Reason::ObligationNotHonoured => trapkey_status_t::TRAPKEY_STATUS_OK,
    }
}

#[cold]
pub(crate) fn out_of_range(index: usize, len: usize) -> Failure {
    let text = format!("index {index} of {len}");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text)
}

fn lend(obligation: &Obligation) -> trapkey_obligation_t {
    trapkey_obligation_t {
        struct_size: 0,
        name: trapkey_str_t::of(&obligation.name),
        argument: trapkey_str_t::of_any(obligation.argument.as_deref()),
    }
}

fn each_policy(
    decision: &Decision,
    kind: u32,
    mut tell: impl FnMut(trapkey_policy_t),
) -> Result<(), Failure> {
    let none = trapkey_eval_error_t::TRAPKEY_EVAL_ERROR_NONE;
    let whole = |policy: &Policy| lend_policy(policy, none, policy.span);
    if kind == trapkey_policies_t::TRAPKEY_POLICIES_DETERMINING as u32 {
        decision.determining().map(whole).for_each(tell);
    } else if kind == trapkey_policies_t::TRAPKEY_POLICIES_ERRING as u32 {
        for erring in decision.erring() {
            let error = match erring.error {
                EvalError::EntityMissing => trapkey_eval_error_t::TRAPKEY_EVAL_ERROR_ENTITY_MISSING,
                EvalError::Overflow => trapkey_eval_error_t::TRAPKEY_EVAL_ERROR_OVERFLOW,
                EvalError::Extension => trapkey_eval_error_t::TRAPKEY_EVAL_ERROR_EXTENSION,
            };
            tell(lend_policy(erring.policy, error, erring.span));
        }
    } else if kind == trapkey_policies_t::TRAPKEY_POLICIES_OBSERVED as u32 {
        decision.observed().map(whole).for_each(tell);
    } else if kind == trapkey_policies_t::TRAPKEY_POLICIES_EXPIRED as u32 {
        decision.expired().map(whole).for_each(tell);
    } else {
        let text = format!("there is no kind {kind} of policies");
        return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
    }
    Ok(())
}

fn lend_policy(
    policy: &Policy,
    error: trapkey_eval_error_t,
    span: trapkey::Span,
) -> trapkey_policy_t {
    trapkey_policy_t {
        struct_size: 0,
        id: trapkey_str_t::of(&policy.id),
        eval_error: error as u32,
        start: span.start,
        end: span.end,
        reserved: 0,
    }
}
