//! Shadows: a candidate that decides beside the active module, and what it would change.

use std::num::NonZeroU64;

use trapkey::{
    Generation, Precompiled, Publication, ShadowDifference, ShadowError, ShadowKind, ShadowOptions,
    ShadowState,
};

use crate::boundary::{Failure, guard, value_or};
use crate::decision::{copying, out_of_range, trapkey_decision_t};
use crate::engine::{open, trapkey_engine_t};
use crate::error::trapkey_error_t;
use crate::guards::trapkey_guard_t;
use crate::handle::{Object, give};
use crate::options::given_or_none;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_bytes_t;

/// What became of the last shadow.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_shadow_state_t {
    /// There was none.
    TRAPKEY_SHADOW_STATE_NONE = 0,
    /// It decides beside the active module.
    TRAPKEY_SHADOW_STATE_RUNNING = 1,
    /// It became the active module.
    TRAPKEY_SHADOW_STATE_PROMOTED = 2,
    /// It was discarded.
    TRAPKEY_SHADOW_STATE_DISCARDED = 3,
    /// A publication or rollback brought another schema, under which it cannot decide.
    TRAPKEY_SHADOW_STATE_OTHER_SCHEMA = 4,
}

/// How a candidate's decision differs from the active module's, by what their policies say.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_difference_t {
    /// There is no such difference.
    TRAPKEY_DIFFERENCE_NONE = 0,
    /// The active module allows, the candidate denies.
    TRAPKEY_DIFFERENCE_ALLOW_TO_DENY = 1,
    /// The active module denies, the candidate allows.
    TRAPKEY_DIFFERENCE_DENY_TO_ALLOW = 2,
    /// The verdict is the same; its reason or the determining policies are others.
    TRAPKEY_DIFFERENCE_REASON = 3,
    /// The candidate reached no decision, or not for the reason for which the active module did not.
    TRAPKEY_DIFFERENCE_CANDIDATE_FAILED = 4,
}

/// What a shadow compares and keeps. Zero is the default of each field.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_shadow_options_t {
    /// `sizeof(trapkey_shadow_options_t)`.
    pub struct_size: usize,
    /// One request in so many is compared; all by default.
    pub one_in: u64,
    /// Differences that are kept until they are taken; 1,024 by default, none with SIZE_MAX.
    pub reports_max: usize,
    /// Not 0 to keep a difference also if the verdicts are the same.
    pub reports_reasons: u32,
    /// 0.
    pub reserved: u32,
}

/// What the last shadow has found. Each request that was compared is one of the five after it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_shadow_t {
    /// `sizeof(trapkey_shadow_t)`, set before the call.
    pub struct_size: usize,
    /// The publication that it became, or that ended it by another schema; else 0.
    pub generation: u64,
    /// Requests that both modules decided.
    pub compared: u64,
    /// Both decided the same for the same reason.
    pub same: u64,
    /// The candidate denies what the active module allows.
    pub allow_to_deny: u64,
    /// The candidate allows what the active module denies.
    pub deny_to_allow: u64,
    /// The verdict is the same, its reason or the determining policies are not.
    pub reason_only: u64,
    /// The candidate reached no decision.
    pub candidate_failures: u64,
    /// Differences that were to be kept, but for which there was no room.
    pub dropped: u64,
    /// Digest of its bundle; zeros if there was none.
    pub digest: [u8; 32],
    /// One of `trapkey_shadow_state_t`.
    pub state: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(trapkey_shadow_options_t, trapkey_shadow_t);

/// Requests that a candidate decides otherwise. The caller frees it; threads may share it.
pub struct trapkey_differences_t {
    _opaque: (),
}

impl Object for trapkey_differences_t {
    type Value = Vec<ShadowDifference>;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeydif");
}

impl trapkey_shadow_options_t {
    fn read(&self) -> ShadowOptions {
        let defaults = ShadowOptions::default();
        ShadowOptions {
            one_in: NonZeroU64::new(self.one_in).unwrap_or(defaults.one_in),
            reports_max: given_or_none(self.reports_max, defaults.reports_max),
            reports_reasons: self.reports_reasons != 0,
        }
    }
}

/// Lets the module of a bundle decide beside the active one, from the next decision on. `options` may be
/// NULL. Nothing that the candidate says changes an answer; a decision that is compared takes up to twice as
/// long, a lock and allocations. The schema must be that of the active bundle.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_shadow(
    engine: *const trapkey_engine_t,
    bundle: trapkey_bytes_t,
    options: *const trapkey_shadow_options_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || start(engine, Publication::from(&open(bundle)?), options))
}

/// As `trapkey_engine_shadow`, of a bundle whose module was compiled ahead of time. `artefact` is native code,
/// whose source the caller vouches for: see `trapkey_engine_publish_precompiled`.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_shadow_precompiled(
    engine: *const trapkey_engine_t,
    bundle: trapkey_bytes_t,
    artefact: trapkey_bytes_t,
    options: *const trapkey_shadow_options_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let bundle = open(bundle)?;
        let artefact = array!(artefact.data, artefact.len, "artefact");
        // SAFETY: the caller vouches for the artefact's source, see above.
        let precompiled = unsafe { Precompiled::trusted(&bundle, artefact) }.map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SHADOW_REFUSED, &error)
        })?;
        start(engine, Publication::from(&precompiled), options)
    })
}

fn start(
    engine: *const trapkey_engine_t,
    publication: Publication<'_>,
    options: *const trapkey_shadow_options_t,
) -> Result<(), Failure> {
    let engine = shared!(engine);
    let options =
        if options.is_null() { ShadowOptions::default() } else { structure!(options).read() };
    engine.shadow(publication, options).map_err(|error: ShadowError| {
        Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SHADOW_REFUSED, &error)
    })
}

/// Makes the candidate the active module, with the newest facts: a publication that compiles nothing and can
/// be rolled back. `rule` may be NULL; else it watches the candidate from its first decision on, as
/// `trapkey_engine_guard` does. `generation` may be NULL.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_promote_shadow(
    engine: *const trapkey_engine_t,
    rule: *const trapkey_guard_t,
    generation: *mut u64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(generation);
        let promoted = if rule.is_null() {
            engine.promote_shadow()
        } else {
            let rule: trapkey_guard_t = structure!(rule);
            engine.promote_shadow_guarded(rule.read())
        };
        let Generation(promoted) = promoted.map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_PROMOTE_REFUSED, &error)
        })?;
        if let Some(place) = place {
            place.put(promoted);
        }
        Ok(())
    })
}

/// Ends the shadow. `discarded` may be NULL; it becomes 1 if there was one, else 0.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_discard_shadow(
    engine: *const trapkey_engine_t,
    discarded: *mut u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(discarded);
        let was_running = engine.discard_shadow();
        if let Some(place) = place {
            place.put(u32::from(was_running));
        }
        Ok(())
    })
}

/// What became of the last shadow, and what it has found; also after its end.
///
/// Threads: any. Allocates: no. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_shadowed(
    engine: *const trapkey_engine_t,
    shadow: *mut trapkey_shadow_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = structure_place!(shadow);
        let (state, generation) = state(engine.shadow_state());
        let counts = engine.shadow_counts();
        place.put(trapkey_shadow_t {
            struct_size: 0,
            generation: generation.0,
            compared: counts.compared,
            same: counts.same,
            allow_to_deny: counts.allow_to_deny,
            deny_to_allow: counts.deny_to_allow,
            reason_only: counts.reason_only,
            candidate_failures: counts.candidate_failures,
            dropped: counts.dropped,
            digest: engine.shadow_digest().map_or([0; 32], |digest| digest.0),
            state: state as u32,
            reserved: 0,
        });
        Ok(())
    })
}

fn state(state: Option<ShadowState>) -> (trapkey_shadow_state_t, Generation) {
    let none = Generation::NONE;
    match state {
        None => (trapkey_shadow_state_t::TRAPKEY_SHADOW_STATE_NONE, none),
        Some(ShadowState::Running) => (trapkey_shadow_state_t::TRAPKEY_SHADOW_STATE_RUNNING, none),
        Some(ShadowState::Promoted(by)) => {
            (trapkey_shadow_state_t::TRAPKEY_SHADOW_STATE_PROMOTED, by)
        }
        Some(ShadowState::Discarded) => {
            (trapkey_shadow_state_t::TRAPKEY_SHADOW_STATE_DISCARDED, none)
        }
        Some(ShadowState::OtherSchema(by)) => {
            (trapkey_shadow_state_t::TRAPKEY_SHADOW_STATE_OTHER_SCHEMA, by)
        }
    }
}

/// Takes the differences that the last shadow has kept, oldest first, also after its end; none of them is
/// given twice.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_take_shadow_differences(
    engine: *const trapkey_engine_t,
    differences: *mut *mut trapkey_differences_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(differences);
        place.put(give(engine.take_shadow_differences()));
        Ok(())
    })
}

/// How many differences there are.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_len(
    differences: *const trapkey_differences_t,
) -> usize {
    value_or(0, || Ok(shared!(differences).len()))
}

/// How the decisions of one request differ; TRAPKEY_DIFFERENCE_NONE if there is none of this index.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_kind(
    differences: *const trapkey_differences_t,
    index: usize,
) -> trapkey_difference_t {
    value_or(trapkey_difference_t::TRAPKEY_DIFFERENCE_NONE, || {
        Ok(match find(differences, index)?.kind {
            ShadowKind::AllowToDeny => trapkey_difference_t::TRAPKEY_DIFFERENCE_ALLOW_TO_DENY,
            ShadowKind::DenyToAllow => trapkey_difference_t::TRAPKEY_DIFFERENCE_DENY_TO_ALLOW,
            ShadowKind::Reason => trapkey_difference_t::TRAPKEY_DIFFERENCE_REASON,
            ShadowKind::CandidateFailed => {
                trapkey_difference_t::TRAPKEY_DIFFERENCE_CANDIDATE_FAILED
            }
        })
    })
}

/// Copies what was asked: a request, for `trapkey_engine_explain` and `trapkey_engine_explain_shadow`.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_request(
    differences: *const trapkey_differences_t,
    index: usize,
    request: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let place = place!(request);
        place.put(give(find(differences, index)?.request.clone()));
        Ok(())
    })
}

/// Copies the answer that was given into `decision`, which is deny if that fails.
///
/// Threads: any. Allocates: for more policies than before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_active(
    differences: *const trapkey_differences_t,
    index: usize,
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    copying(decision, error, || Ok(&find(differences, index)?.active))
}

/// Copies what the candidate would have answered into `decision`, which is deny if that fails. It has the
/// active publication's generation, and its own bundle's digest.
///
/// Threads: any. Allocates: for more policies than before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_candidate(
    differences: *const trapkey_differences_t,
    index: usize,
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    copying(decision, error, || Ok(&find(differences, index)?.candidate))
}

/// Frees differences. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_differences_free(differences: *mut trapkey_differences_t) {
    free!(differences);
}

fn find<'d>(
    differences: *const trapkey_differences_t,
    index: usize,
) -> Result<&'d ShadowDifference, Failure> {
    let all: &Vec<ShadowDifference> = shared!(differences);
    all.get(index).ok_or_else(|| out_of_range(index, all.len()))
}
