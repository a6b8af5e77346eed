//! Guards: publications that are rolled back by themselves if they deny or fail too often.

use trapkey::{Generation, Guard, GuardState};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::status::trapkey_status_t;

/// What became of the last guard.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_guard_state_t {
    /// There was none.
    TRAPKEY_GUARD_STATE_NONE = 0,
    /// It watches a publication.
    TRAPKEY_GUARD_STATE_WATCHING = 1,
    /// It rolled a publication back.
    TRAPKEY_GUARD_STATE_ROLLED_BACK = 2,
    /// Another publication or rollback came, or it was ended.
    TRAPKEY_GUARD_STATE_ENDED = 3,
}

/// What the decisions of a publication must keep to. Denies count by what the policies say, also where
/// they are only observed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_guard_t {
    /// `sizeof(trapkey_guard_t)`.
    pub struct_size: usize,
    /// Decisions that are judged together, one round after the other: 1 to 1,048,575.
    pub round: u64,
    /// Denies in one round at most; one more rolls back.
    pub denies_max: u64,
    /// Failures in one round at most, and decisions in which a policy erred; one more rolls back.
    pub failures_max: u64,
}

/// A guard that watches, or what became of it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_guarded_t {
    /// `sizeof(trapkey_guarded_t)`, set before the call.
    pub struct_size: usize,
    /// The publication that it watches or rolled back; else 0.
    pub from: u64,
    /// The publication that its rollback is; 0 if it rolled nothing back.
    pub to: u64,
    /// Decisions that it has counted in this round, or had when it rolled back.
    pub decisions: u64,
    /// Denies among them.
    pub denies: u64,
    /// Failures among them, and decisions in which a policy erred.
    pub failures: u64,
    /// One of `trapkey_guard_state_t`.
    pub state: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(trapkey_guard_t, trapkey_guarded_t);

impl trapkey_guard_t {
    pub(crate) fn read(&self) -> Guard {
        let Self { struct_size: _, round, denies_max, failures_max } = *self;
        Guard { round, denies_max, failures_max }
    }
}

/// Watches the live publication: as soon as its decisions break the rule, it is rolled back, by the thread
/// whose decision did. Another publication, a rollback and `trapkey_engine_end_guard` end the watch. While it
/// lasts, each decision writes to a counter that threads share.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_guard(
    engine: *const trapkey_engine_t,
    rule: *const trapkey_guard_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let rule: trapkey_guard_t = structure!(rule);
        engine.guard(rule.read()).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_GUARD_REFUSED, &error)
        })
    })
}

/// Ends the watch. `ended` may be NULL; it becomes 1 if there was one, else 0.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_end_guard(
    engine: *const trapkey_engine_t,
    ended: *mut u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(ended);
        let was_watching = engine.end_guard();
        if let Some(place) = place {
            place.put(u32::from(was_watching));
        }
        Ok(())
    })
}

/// What became of the last guard, and what it has counted.
///
/// Threads: any. Allocates: no. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_guarded(
    engine: *const trapkey_engine_t,
    guarded: *mut trapkey_guarded_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = structure_place!(guarded);
        let none = Generation::NONE;
        let (state, from, to, counts) = match engine.guard_state() {
            None => (trapkey_guard_state_t::TRAPKEY_GUARD_STATE_NONE, none, none, None),
            Some(GuardState::Watching(from)) => {
                let counts = engine.guard_counts();
                (trapkey_guard_state_t::TRAPKEY_GUARD_STATE_WATCHING, from, none, counts)
            }
            Some(GuardState::RolledBack { from, to, counts }) => {
                (trapkey_guard_state_t::TRAPKEY_GUARD_STATE_ROLLED_BACK, from, to, Some(counts))
            }
            Some(GuardState::Ended) => {
                (trapkey_guard_state_t::TRAPKEY_GUARD_STATE_ENDED, none, none, None)
            }
        };
        let counts = counts.unwrap_or_default();
        place.put(trapkey_guarded_t {
            struct_size: 0,
            from: from.0,
            to: to.0,
            decisions: counts.decisions,
            denies: counts.denies,
            failures: counts.failures,
            state: state as u32,
            reserved: 0,
        });
        Ok(())
    })
}
