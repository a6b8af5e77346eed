//! Deciders that keep their decisions and give them again while they hold.

use trapkey::{CacheOptions, CachingDecider};

use crate::boundary::guard;
use crate::decide::deciding;
use crate::decision::{trapkey_decision_t, trapkey_verdict_t};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;

/// A decider that keeps decisions, for a thread that is asked the same again. What it says is what
/// `trapkey_decider_t` would, but for a horizon that may be nearer. The caller frees it; one thread at a time
/// uses it.
pub struct trapkey_caching_decider_t {
    _opaque: (),
}

/// How often a caching decider found a decision that still held.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_cache_counts_t {
    /// `sizeof(trapkey_cache_counts_t)`, set before the call.
    pub struct_size: usize,
    /// Decisions that were kept and still held.
    pub hits: u64,
    /// Decisions that the module made.
    pub misses: u64,
    /// Decisions that are kept.
    pub len: usize,
}

versioned!(trapkey_cache_counts_t);

impl Object for trapkey_caching_decider_t {
    type Value = CachingDecider;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeycac");
}

/// Makes a decider that keeps so many decisions at most; 0 is 4,096, which take about a kilobyte each.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_caching_decider_new(
    engine: *const trapkey_engine_t,
    entries_max: usize,
    decider: *mut *mut trapkey_caching_decider_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(decider);
        let options = match entries_max {
            0 => CacheOptions::default(),
            entries_max => CacheOptions { entries_max },
        };
        place.put(give(engine.caching_decider(options)));
        Ok(())
    })
}

/// Frees a caching decider. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_caching_decider_free(decider: *mut trapkey_caching_decider_t) {
    free!(decider);
}

/// Lets go of all decisions, and of the module and the facts that the decider holds until its next decision.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_caching_decider_release(
    decider: *mut trapkey_caching_decider_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(decider).release();
        Ok(())
    })
}

/// Decides a request, or gives the decision of one that was the same. `decision` and `verdict` are as of
/// `trapkey_decider_decide`.
///
/// Threads: one, with its own decider and decision. Allocates: to keep a decision; not for one that is kept,
/// once `decision` has held as many policies as it will. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_caching_decider_decide(
    decider: *mut trapkey_caching_decider_t,
    request: *const trapkey_request_t,
    decision: *mut trapkey_decision_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    deciding((decision, verdict), error, |decision| {
        let (decider, request) = (exclusive!(decider), shared!(request));
        decision.clone_from(decider.decide(request));
        Ok(())
    })
}

/// How often a decision was found since the decider was made, and how many it keeps.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_caching_decider_counts(
    decider: *const trapkey_caching_decider_t,
    counts: *mut trapkey_cache_counts_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let decider = shared!(decider);
        let place = structure_place!(counts);
        let (found, len) = (decider.counts(), decider.len());
        let (hits, misses) = (found.hits, found.misses);
        place.put(trapkey_cache_counts_t { struct_size: 0, hits, misses, len });
        Ok(())
    })
}
