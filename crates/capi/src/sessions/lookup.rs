//! What a host asks of its open sessions.

use serde_json::Value as Json;
use trapkey::SubjectKey;

use crate::boundary::{Failure, guard};
use crate::decision::{copying, trapkey_decision_t};
use crate::dependencies::told;
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::handle::give;
use crate::memory::copy_array;
use crate::report::{reporting, trapkey_report_t};
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

use super::{id, refused, trapkey_session_id_t, trapkey_sessions_t, trapkey_subject_t};

/// What a table of sessions has done since it was made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_session_counts_t {
    /// `sizeof(trapkey_session_counts_t)`, set before the call.
    pub struct_size: usize,
    /// Sessions that were opened.
    pub opened: u64,
    /// Decisions, those included that opened a session or refused to.
    pub decided: u64,
    /// Flips and ends that polls handed over.
    pub flipped: u64,
}

versioned!(trapkey_session_counts_t);

/// What has been done so far.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_counts(
    sessions: *const trapkey_sessions_t,
    counts: *mut trapkey_session_counts_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = shared!(sessions);
        let place = structure_place!(counts);
        let found = table.counts();
        let (opened, decided, flipped) = (found.opened, found.decided, found.flipped);
        place.put(trapkey_session_counts_t { struct_size: 0, opened, decided, flipped });
        Ok(())
    })
}

/// Copies the session's last decision into `decision`, which is deny if that fails. It is true as far as the
/// last poll knows; `trapkey_sessions_check` says whether anything stands against it.
///
/// Threads: one. Allocates: for more policies than before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_decision(
    sessions: *const trapkey_sessions_t,
    session: trapkey_session_id_t,
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    copying(decision, error, || {
        shared!(sessions).decision(id(session)).map_err(|error| refused(&error))
    })
}

/// Copies the session's request, as it was decided last or has been updated since.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_request(
    sessions: *const trapkey_sessions_t,
    session: trapkey_session_id_t,
    request: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = shared!(sessions);
        let place = place!(request);
        let found = table.request(id(session)).map_err(|error| refused(&error))?;
        place.put(give(found.clone()));
        Ok(())
    })
}

/// Reports what the session's decision depends on, by the newest facts, as `trapkey_engine_dependencies` does.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_dependencies(
    sessions: *const trapkey_sessions_t,
    session: trapkey_session_id_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || -> Result<Json, Failure> {
        let found = shared!(sessions).dependencies(id(session));
        Ok(told(&found.map_err(|error| refused(&error))?))
    })
}

/// Copies the sessions of a subject into an array of `capacity`, and writes their number to `len`. With
/// TRAPKEY_STATUS_BUFFER_TOO_SMALL the array is as before, and `len` says the number nevertheless.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_of(
    sessions: *const trapkey_sessions_t,
    subject: *const trapkey_subject_t,
    found: *mut trapkey_session_id_t,
    capacity: usize,
    len: *mut usize,
) -> trapkey_status_t {
    guard(std::ptr::null_mut(), || {
        let table = shared!(sessions);
        let subject: trapkey_subject_t = structure!(subject);
        let key: SubjectKey = subject.read()?;
        let all: Vec<trapkey_session_id_t> = table.of(&key).map(Into::into).collect();
        copy_array(&all, (found, capacity), len)
    })
}

/// Which session holds the lock of an entity, given as `Type::"id"`; refused if none does.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_holder(
    sessions: *const trapkey_sessions_t,
    exclusive: trapkey_str_t,
    session: *mut trapkey_session_id_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = shared!(sessions);
        let place = place!(session);
        let entity = uid(text!(exclusive), "exclusive")?;
        let holder = table.holder(&entity).ok_or_else(|| {
            let text = format!("no session holds `{entity}`");
            Failure::new(trapkey_status_t::TRAPKEY_STATUS_SESSION_REFUSED, text)
        })?;
        place.put(holder.into());
        Ok(())
    })
}
