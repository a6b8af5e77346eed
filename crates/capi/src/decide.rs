//! Deciding: with a decider of the calling thread's own, or with the engine's instances.

use std::borrow::Borrow;
use std::slice;

use trapkey::{DecideError, Decider, Decision, Reason, Request, Verdict};

use crate::batch::{Answers, trapkey_decisions_t};
use crate::boundary::{Failure, guard, value_or};
use crate::builder::refused;
use crate::decision::{trapkey_decision_t, trapkey_verdict_t};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::handle::{Object, Shell, give};
use crate::memory::place;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Decides for one thread at a time, the fastest way. The caller frees it; one thread at a time uses
/// it.
pub struct trapkey_decider_t {
    _opaque: (),
}

impl Object for trapkey_decider_t {
    type Value = Decider;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeydec");
}

impl Borrow<Request> for &Shell<Request> {
    fn borrow(&self) -> &Request {
        self.value()
    }
}

/// Makes a decider. It sees each publication and each change of facts at its next decision.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decider_new(
    engine: *const trapkey_engine_t,
    decider: *mut *mut trapkey_decider_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(decider);
        place.put(give(engine.decider()));
        Ok(())
    })
}

/// Frees a decider. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decider_free(decider: *mut trapkey_decider_t) {
    free!(decider);
}

/// Lets go of the module and the facts that the decider holds until its next decision.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decider_release(
    decider: *mut trapkey_decider_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(decider).release();
        Ok(())
    })
}

/// Decides a request. `decision` and `verdict` are deny before anything can fail; they say allow only
/// with TRAPKEY_STATUS_OK. The decision's buffers are reused.
///
/// Threads: one, with its own decider and decision. Allocates: not between two publications, once
/// `decision` has held as many policies as it will. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decider_decide(
    decider: *mut trapkey_decider_t,
    request: *const trapkey_request_t,
    decision: *mut trapkey_decision_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    deciding((decision, verdict), error, |decision| {
        let (decider, request) = (exclusive!(decider), shared!(request));
        decider.decide_into(request, decision);
        Ok(())
    })
}

/// As `trapkey_decider_decide`, with one of the engine's own instances of the module.
///
/// Threads: any, each with a decision of its own. Allocates: if all instances are in use. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_decide(
    engine: *const trapkey_engine_t,
    request: *const trapkey_request_t,
    decision: *mut trapkey_decision_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    deciding((decision, verdict), error, |decision| {
        let (engine, request) = (shared!(engine), shared!(request));
        engine.decide_into(request, decision);
        Ok(())
    })
}

/// Decides many requests by one snapshot, with few calls of the module. `decisions` then has one for
/// each, in order; one that fails does so alone, and its decision says why. On an error `decisions`
/// has none.
///
/// Threads: one, with its own decider and decisions. Allocates: not between two publications, once
/// `decisions` has held as many as it will. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decider_decide_batch(
    decider: *mut trapkey_decider_t,
    requests: *const *const trapkey_request_t,
    requests_len: usize,
    decisions: *mut trapkey_decisions_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    batch((requests, requests_len), decisions, error, |requests, answers| {
        exclusive!(decider).decide_batch(requests, answers.list());
        Ok(())
    })
}

/// As `trapkey_decider_decide_batch`, with one of the engine's own instances of the module.
///
/// Threads: any, each with decisions of its own. Allocates: if all instances are in use. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_decide_batch(
    engine: *const trapkey_engine_t,
    requests: *const *const trapkey_request_t,
    requests_len: usize,
    decisions: *mut trapkey_decisions_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    batch((requests, requests_len), decisions, error, |requests, answers| {
        shared!(engine).decide_batch(requests, answers.list());
        Ok(())
    })
}

/// Reads a request from JSON, as `trapkey_request_from_json`, and decides it by one snapshot: no publication
/// comes between. `decision` and `verdict` are as of `trapkey_decider_decide`.
///
/// Threads: any, each with a decision of its own. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_decide_json(
    engine: *const trapkey_engine_t,
    json: trapkey_str_t,
    decision: *mut trapkey_decision_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    deciding((decision, verdict), error, |decision| {
        let engine = shared!(engine);
        *decision = engine.decide_json(text!(json)).map_err(|error| refused(&error))?;
        Ok(())
    })
}

/// Lets `decide` decide many requests, so that whatever fails leaves no decisions.
fn batch(
    (requests, requests_len): (*const *const trapkey_request_t, usize),
    decisions: *mut trapkey_decisions_t,
    error: *mut *mut trapkey_error_t,
    decide: impl FnOnce(&[&Shell<Request>], &mut Answers) -> Result<(), Failure>,
) -> trapkey_status_t {
    let status = guard(error, || {
        let decisions = exclusive!(decisions);
        decisions.clear();
        let pointers = array!(requests, requests_len, "requests");
        for request in pointers {
            let request = *request;
            shared!(request);
        }
        let shells = pointers.as_ptr().cast::<&Shell<Request>>();
        // SAFETY: each pointer was found to be to a request, and a reference has the form of a pointer.
        let requests = unsafe { slice::from_raw_parts(shells, pointers.len()) };
        decide(requests, decisions)?;
        decisions.seal();
        Ok(())
    });
    if status != trapkey_status_t::TRAPKEY_STATUS_OK {
        value_or((), || {
            exclusive!(decisions).clear();
            Ok(())
        });
    }
    status
}

/// Lets `decide` decide, so that whatever fails is a deny in both outputs.
#[inline]
pub(crate) fn deciding(
    (decision, verdict): (*mut trapkey_decision_t, *mut trapkey_verdict_t),
    error: *mut *mut trapkey_error_t,
    decide: impl FnOnce(&mut Decision) -> Result<(), Failure>,
) -> trapkey_status_t {
    let denied = say(verdict, trapkey_verdict_t::TRAPKEY_VERDICT_DENY);
    let mut is_decided = false;
    let status = guard(error, || {
        denied?;
        let decision = exclusive!(decision);
        decide(decision)?;
        is_decided = true;
        if let Reason::Failed(error) = decision.reason() {
            return Err(undecided(error));
        }
        if decision.verdict() == Verdict::Allow {
            say(verdict, trapkey_verdict_t::TRAPKEY_VERDICT_ALLOW)?;
        }
        Ok(())
    });
    if !is_decided {
        // What the decision was before, or became until a panic, is not of this request.
        value_or((), || {
            exclusive!(decision).reset();
            Ok(())
        });
    }
    status
}

fn say(place_of: *mut trapkey_verdict_t, verdict: trapkey_verdict_t) -> Result<(), Failure> {
    place(place_of, "verdict")?.put(verdict);
    Ok(())
}

#[cold]
pub(crate) fn undecided(error: DecideError) -> Failure {
    Failure::refused(error.into(), &error)
}
