//! Sessions: decisions that are kept true, and handed back when they no longer are.

pub mod amend;
pub mod lookup;

use std::ffi::c_void;
use std::ptr::null_mut;
use std::time::Duration;

use trapkey::{
    AcknowledgeError, Cause, Datetime, OpenSessionError, SessionError, SessionId, SessionKeys,
    SessionLimits, SessionTerms, Sessions, SubjectKey, UpdateError, Value,
};

use crate::boundary::{Failure, guard, value_or};
use crate::builder;
use crate::decision::{trapkey_decision_t, trapkey_verdict_t, verdict as verdict_of};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::grants::uid_if_any;
use crate::handle::{Object, give};
use crate::memory::place;
use crate::model::trapkey_slot_t;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// What a subject is named by.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_subject_kind_t {
    /// The principal of the request, as `Type::"id"`.
    TRAPKEY_SUBJECT_PRINCIPAL = 1,
    /// The device that is used.
    TRAPKEY_SUBJECT_DEVICE = 2,
    /// The credential that was presented.
    TRAPKEY_SUBJECT_CREDENTIAL = 3,
    /// The session's name outside the engine.
    TRAPKEY_SUBJECT_SESSION = 4,
}

/// Why a session was handed back.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_cause_t {
    /// For a reason that this version has no number for.
    TRAPKEY_CAUSE_OTHER = 0,
    /// It was revoked; `text` says why.
    TRAPKEY_CAUSE_REVOKED = 1,
    /// It is older than its terms allow.
    TRAPKEY_CAUSE_AGED = 2,
    /// It was unused for longer than its terms allow.
    TRAPKEY_CAUSE_IDLE = 3,
    /// An obligation was not acknowledged in time; `text` is its name.
    TRAPKEY_CAUSE_UNACKNOWLEDGED = 4,
    /// Its request cannot be moved to the present.
    TRAPKEY_CAUSE_CLOCK = 5,
    /// Another module is live.
    TRAPKEY_CAUSE_PUBLISHED = 6,
    /// Any of the facts may be others.
    TRAPKEY_CAUSE_FACTS = 7,
    /// An entity that it depends on has changed.
    TRAPKEY_CAUSE_ENTITY = 8,
    /// A grant that may matter has changed.
    TRAPKEY_CAUSE_GRANT = 9,
    /// Its context was updated.
    TRAPKEY_CAUSE_CONTEXT = 10,
    /// Its horizon has come.
    TRAPKEY_CAUSE_HORIZON = 11,
}

/// Names one session; no other of its table ever has the same.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct trapkey_session_id_t {
    /// Nothing but equality means anything here.
    pub words: [u64; 2],
}

/// How many sessions there may be. Zero is the default of each field.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_session_limits_t {
    /// `sizeof(trapkey_session_limits_t)`.
    pub struct_size: usize,
    /// Sessions at a time; 1,000,000 by default.
    pub sessions_max: usize,
    /// Of one principal; no limit by default.
    pub per_principal_max: usize,
    /// On one device; no limit by default.
    pub per_device_max: usize,
    /// With one credential; no limit by default.
    pub per_credential_max: usize,
    /// With one name outside the engine; 1 by default.
    pub per_session_max: usize,
}

/// What a session is opened with. Zero is none of each field but `now_ms`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_session_terms_t {
    /// `sizeof(trapkey_session_terms_t)`.
    pub struct_size: usize,
    /// The instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// The device that is used.
    pub device: trapkey_str_t,
    /// The credential that was presented.
    pub credential: trapkey_str_t,
    /// The session's name outside the engine.
    pub session: trapkey_str_t,
    /// What no other session may hold meanwhile, as `Type::"id"`.
    pub exclusive: trapkey_str_t,
    /// For how many milliseconds it lasts at most.
    pub age_max_ms: u64,
    /// For how many milliseconds it lasts unused.
    pub idle_max_ms: u64,
    /// Within how many milliseconds each obligation must be acknowledged.
    pub acknowledge_within_ms: u64,
    /// Not 0 if it stays open when its decision becomes deny.
    pub stays: u32,
    /// 0.
    pub reserved: u32,
}

/// Whose sessions are meant.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_subject_t {
    /// `sizeof(trapkey_subject_t)`.
    pub struct_size: usize,
    /// Its name.
    pub name: trapkey_str_t,
    /// What that is: one of `trapkey_subject_kind_t`.
    pub kind: u32,
    /// 0.
    pub reserved: u32,
}

/// A value that sessions are told.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_session_update_t {
    /// `sizeof(trapkey_session_update_t)`.
    pub struct_size: usize,
    /// The instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// The attribute, by path and type: sessions of other actions that have the path get it too.
    pub slot: *const trapkey_slot_t,
    /// The value, in Cedar's JSON.
    pub json: trapkey_str_t,
}

/// A session whose decision is no longer what it was, or that has ended. It is lent for the callback.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_flip_t {
    /// `sizeof(trapkey_flip_t)` of the library.
    pub struct_size: usize,
    /// The session.
    pub session: trapkey_session_id_t,
    /// More about the cause.
    pub text: trapkey_str_t,
    /// One of `trapkey_cause_t`.
    pub cause: u32,
    /// The verdict before.
    pub before: trapkey_verdict_t,
    /// The verdict now; deny if the session has ended.
    pub after: trapkey_verdict_t,
    /// Not 0 if the session is closed by this.
    pub is_over: u32,
    /// What was decided before.
    pub before_decision: *const trapkey_decision_t,
    /// What is decided now; NULL if the session has ended whatever would be decided.
    pub after_decision: *const trapkey_decision_t,
}

versioned!(
    trapkey_session_limits_t,
    trapkey_session_terms_t,
    trapkey_subject_t,
    trapkey_session_update_t
);

/// Is told of a session; it must return, and not by an exception or a jump.
pub type trapkey_flip_callback_t =
    Option<unsafe extern "C" fn(userdata: *mut c_void, flip: *const trapkey_flip_t)>;

/// The open sessions of a host. The caller frees it; one thread at a time uses it.
pub struct trapkey_sessions_t {
    _opaque: (),
}

impl Object for trapkey_sessions_t {
    type Value = Sessions;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyses");
}

impl From<SessionId> for trapkey_session_id_t {
    fn from(id: SessionId) -> Self {
        Self { words: id.to_words() }
    }
}

impl trapkey_session_limits_t {
    fn read(&self) -> SessionLimits {
        let given = |value: usize, default: usize| if value == 0 { default } else { value };
        let defaults = SessionLimits::default();
        SessionLimits {
            sessions_max: given(self.sessions_max, defaults.sessions_max),
            per_principal_max: given(self.per_principal_max, defaults.per_principal_max),
            per_device_max: given(self.per_device_max, defaults.per_device_max),
            per_credential_max: given(self.per_credential_max, defaults.per_credential_max),
            per_session_max: given(self.per_session_max, defaults.per_session_max),
        }
    }
}

impl trapkey_session_terms_t {
    fn read(&self) -> Result<(SessionKeys, SessionTerms), Failure> {
        let given = |ms: u64| (ms != 0).then_some(Duration::from_millis(ms));
        let keys = SessionKeys {
            device: text_if_any!(self.device).map(str::to_owned),
            credential: text_if_any!(self.credential).map(str::to_owned),
            session: text_if_any!(self.session).map(str::to_owned),
        };
        let terms = SessionTerms {
            age_max: given(self.age_max_ms),
            idle_max: given(self.idle_max_ms),
            acknowledge_within: given(self.acknowledge_within_ms),
            exclusive: uid_if_any(text_if_any!(self.exclusive), "exclusive")?,
            stays: self.stays != 0,
        };
        Ok((keys, terms))
    }
}

impl trapkey_subject_t {
    pub(crate) fn read(&self) -> Result<SubjectKey, Failure> {
        let name = text!(self.name);
        if self.kind == trapkey_subject_kind_t::TRAPKEY_SUBJECT_PRINCIPAL as u32 {
            Ok(SubjectKey::Principal(uid(name, "name")?))
        } else if self.kind == trapkey_subject_kind_t::TRAPKEY_SUBJECT_DEVICE as u32 {
            Ok(SubjectKey::Device(name.to_owned()))
        } else if self.kind == trapkey_subject_kind_t::TRAPKEY_SUBJECT_CREDENTIAL as u32 {
            Ok(SubjectKey::Credential(name.to_owned()))
        } else if self.kind == trapkey_subject_kind_t::TRAPKEY_SUBJECT_SESSION as u32 {
            Ok(SubjectKey::Session(name.to_owned()))
        } else {
            let text = format!("there is no kind {} of subjects", self.kind);
            Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text))
        }
    }
}

/// Makes a table of sessions. `limits` may be NULL.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_new(
    engine: *const trapkey_engine_t,
    limits: *const trapkey_session_limits_t,
    sessions: *mut *mut trapkey_sessions_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(sessions);
        let limits =
            if limits.is_null() { SessionLimits::default() } else { structure!(limits).read() };
        place.put(give(engine.sessions(limits)));
        Ok(())
    })
}

/// Frees a table of sessions. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_free(sessions: *mut trapkey_sessions_t) {
    free!(sessions);
}

/// How many sessions are open.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_len(sessions: *const trapkey_sessions_t) -> usize {
    value_or(0, || Ok(shared!(sessions).len()))
}

/// Opens a session if the request is allowed. It keeps a copy of the request.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_open(
    sessions: *mut trapkey_sessions_t,
    request: *const trapkey_request_t,
    terms: *const trapkey_session_terms_t,
    session: *mut trapkey_session_id_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (table, request) = (exclusive!(sessions), shared!(request));
        let given: trapkey_session_terms_t = structure!(terms);
        let place = place!(session);
        let (keys, terms) = given.read()?;
        let opened = table.open(Datetime(given.now_ms), request.clone(), keys, terms);
        let (id, _) = opened.map_err(|error: OpenSessionError| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_OPEN_REFUSED, &error)
        })?;
        place.put(id.into());
        Ok(())
    })
}

/// Closes a session.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_close(
    sessions: *mut trapkey_sessions_t,
    session: trapkey_session_id_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        table.close(id(session)).map_err(|error| refused(&error))
    })
}

/// Whether the session still allows at an instant, as far as the last poll knows. `verdict` is deny
/// before anything can fail, and allow only with TRAPKEY_STATUS_OK.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_check(
    sessions: *const trapkey_sessions_t,
    session: trapkey_session_id_t,
    now_ms: i64,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    let say = |said| place(verdict, "verdict").map(|place| place.put(said));
    let denied = say(trapkey_verdict_t::TRAPKEY_VERDICT_DENY);
    guard(error, || {
        denied?;
        let table = shared!(sessions);
        let checked = table.check(id(session), Datetime(now_ms));
        say(verdict_of(checked.map_err(|error| refused(&error))?))
    })
}

/// Says that a session was used.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_touch(
    sessions: *mut trapkey_sessions_t,
    session: trapkey_session_id_t,
    now_ms: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        table.touch(id(session), Datetime(now_ms)).map_err(|error| refused(&error))
    })
}

/// Says that the host fulfils all obligations of this name.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_acknowledge(
    sessions: *mut trapkey_sessions_t,
    session: trapkey_session_id_t,
    now_ms: i64,
    obligation: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        let (id, now) = (id(session), Datetime(now_ms));
        table.acknowledge(id, now, text!(obligation)).map_err(|error: AcknowledgeError| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SESSION_REFUSED, &error)
        })
    })
}

/// Gives an attribute another value in all sessions of a subject, which the next poll decides again.
/// `count` may be NULL; it becomes their number. On an error all are as before.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_update(
    sessions: *mut trapkey_sessions_t,
    subject: *const trapkey_subject_t,
    update: *const trapkey_session_update_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        let subject: trapkey_subject_t = structure!(subject);
        let update: trapkey_session_update_t = structure!(update);
        let place = place_if_any!(count);
        let key = subject.read()?;
        let slot = update.slot;
        let slot = shared!(slot);
        let value: Value =
            slot.parse(text!(update.json)).map_err(|error| builder::refused(&error))?;
        let updated = table.update(Datetime(update.now_ms), &key, slot.path(), &value);
        let updated = updated.map_err(|error: UpdateError| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_UPDATE_REFUSED, &error)
        })?;
        if let Some(place) = place {
            place.put(updated);
        }
        Ok(())
    })
}

/// Revokes all sessions of a subject: they cannot be used any more, and the next poll hands them over.
/// `count` may be NULL; it becomes their number.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_revoke(
    sessions: *mut trapkey_sessions_t,
    subject: *const trapkey_subject_t,
    reason: trapkey_str_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        let subject: trapkey_subject_t = structure!(subject);
        let place = place_if_any!(count);
        let revoked = table.revoke(&subject.read()?, text!(reason));
        if let Some(place) = place {
            place.put(revoked);
        }
        Ok(())
    })
}

/// Finds out which sessions are no longer what they were at the last poll, and calls `tell` with each,
/// after all are found: it may use the sessions, and free them. Those that ended are closed.
///
/// Threads: one. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_poll(
    sessions: *mut trapkey_sessions_t,
    now_ms: i64,
    tell: trapkey_flip_callback_t,
    userdata: *mut c_void,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let tell = tell.ok_or_else(|| crate::handle::null("tell"))?;
        let mut flips = Vec::new();
        exclusive!(sessions).poll(Datetime(now_ms), &mut flips);
        // Nothing of the table is borrowed any more, so that the callback may use and free it.
        for flip in flips {
            let (before, after) = (give(flip.before), flip.after.map_or(null_mut(), give));
            let lent = lend((flip.session, &flip.cause, flip.is_over), (before, after));
            // SAFETY: the caller promises that `tell` takes `userdata`, and returns.
            unsafe { tell(userdata, &raw const lent) };
            free!(before);
            free!(after);
        }
        Ok(())
    })
}

pub(crate) fn id(session: trapkey_session_id_t) -> SessionId {
    SessionId::from_words(session.words)
}

fn lend(
    (session, why, is_over): (SessionId, &Cause, bool),
    (before, after): (*const trapkey_decision_t, *const trapkey_decision_t),
) -> trapkey_flip_t {
    let (cause, text) = cause(why);
    let denied = trapkey_verdict_t::TRAPKEY_VERDICT_DENY;
    let verdict = |decision| value_or(denied, || Ok(verdict_of(shared!(decision))));
    trapkey_flip_t {
        struct_size: size_of::<trapkey_flip_t>(),
        session: session.into(),
        text: trapkey_str_t::of(text),
        cause: cause as u32,
        before: verdict(before),
        after: verdict(after),
        is_over: u32::from(is_over),
        before_decision: before,
        after_decision: after,
    }
}

fn cause(cause: &Cause) -> (trapkey_cause_t, &str) {
    match cause {
        Cause::Revoked { reason } => (trapkey_cause_t::TRAPKEY_CAUSE_REVOKED, reason),
        Cause::Aged => (trapkey_cause_t::TRAPKEY_CAUSE_AGED, ""),
        Cause::Idle => (trapkey_cause_t::TRAPKEY_CAUSE_IDLE, ""),
        Cause::Unacknowledged { obligation } => {
            (trapkey_cause_t::TRAPKEY_CAUSE_UNACKNOWLEDGED, obligation)
        }
        Cause::Clock(_) => (trapkey_cause_t::TRAPKEY_CAUSE_CLOCK, ""),
        Cause::Published => (trapkey_cause_t::TRAPKEY_CAUSE_PUBLISHED, ""),
        Cause::Facts => (trapkey_cause_t::TRAPKEY_CAUSE_FACTS, ""),
        Cause::Entity(_) => (trapkey_cause_t::TRAPKEY_CAUSE_ENTITY, ""),
        Cause::Grant => (trapkey_cause_t::TRAPKEY_CAUSE_GRANT, ""),
        Cause::Context => (trapkey_cause_t::TRAPKEY_CAUSE_CONTEXT, ""),
        Cause::Horizon => (trapkey_cause_t::TRAPKEY_CAUSE_HORIZON, ""),
        unknown => {
            debug_assert!(false, "{unknown:?}");
            (trapkey_cause_t::TRAPKEY_CAUSE_OTHER, "")
        }
    }
}

pub(crate) fn refused(error: &SessionError) -> Failure {
    Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SESSION_REFUSED, error)
}
