//! Sessions that are not opened, used, acknowledged or updated: the exact reason, all as before.

use std::error::Error;
use std::time::Duration;

use trapkey::{
    AcknowledgeError, AdvanceError, Datetime, DecideError, Engine, EntityUid, OpenSessionError,
    Reason, Request, SESSION_KEY_BYTES_MAX, SessionError, SessionId, SessionKeys, SessionLimits,
    SessionTerms, Sessions, SetError, SubjectKey, UpdateError, Value,
};
use trapkey_tests::lasting::{self, Asked, START, entity, user};

fn engine() -> Engine {
    let engine = lasting::engine();
    // User 0 may do everything, user 1 nothing.
    let users = [(0, vec![0]), (1, vec![])];
    let users = users.map(|(number, groups)| entity(lasting::GROUPS + number, 3, None, &groups));
    engine.replace_entities(users.into()).expect("they conform");
    engine
}

fn request(engine: &Engine, user: usize) -> Request {
    let (age, idle, left, risk) = (0, 0, 600, 0);
    let asked =
        Asked { user, action: "write", doc: 0, age, idle, left, risk, compliant: Some(true) };
    asked.request(engine, START)
}

fn open(sessions: &mut Sessions, terms: SessionTerms) -> Result<SessionId, OpenSessionError> {
    let request = request(sessions.engine(), 0);
    let keys = SessionKeys { device: Some("pad".to_owned()), ..SessionKeys::default() };
    sessions.open(START, request, keys, terms).map(|(id, _)| id)
}

#[test]
fn sessions_have_limits() {
    let engine = engine();
    let limits = SessionLimits { sessions_max: 2, per_device_max: 1, ..SessionLimits::default() };
    let mut sessions = engine.sessions(limits);
    open(&mut sessions, SessionTerms::default()).expect("there is room");
    let error = open(&mut sessions, SessionTerms::default()).expect_err("the device has one");
    let OpenSessionError::TooManyOfSubject { key, max: 1 } = &error else { panic!("{error:?}") };
    assert_eq!(*key, SubjectKey::Device("pad".to_owned()));
    assert_eq!(error.to_string(), "the device `pad` has 1 sessions, which is the limit");
    let mut other = |keys| {
        sessions.open(START, request(&engine, 0), keys, SessionTerms::default()).map(|(id, _)| id)
    };
    let long = Some("x".repeat(SESSION_KEY_BYTES_MAX + 1));
    let keys = SessionKeys { credential: long, ..SessionKeys::default() };
    let error = other(keys).expect_err("the key is too long");
    assert!(matches!(error, OpenSessionError::KeyTooLong { len: 1025 }), "{error:?}");
    assert_eq!(error.to_string(), "key is 1025 bytes, the limit is 1024");
    let longest = Some("x".repeat(SESSION_KEY_BYTES_MAX));
    other(SessionKeys { credential: longest, ..SessionKeys::default() }).expect("it fits");
    let error = other(SessionKeys::default()).expect_err("there are two");
    assert!(matches!(error, OpenSessionError::TooMany { max: 2 }), "{error:?}");
    assert_eq!(error.to_string(), "2 sessions are open, which is the limit");
    assert_eq!((sessions.len(), sessions.counts().decided), (2, 2));
}

#[test]
fn a_deny_opens_nothing() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let (keys, terms) = (SessionKeys::default(), SessionTerms::default());
    let error = sessions.open(START, request(&engine, 1), keys, terms).expect_err("a deny");
    let OpenSessionError::Denied(decision) = &error else { panic!("{error:?}") };
    assert_eq!(decision.reason(), Reason::NotPermitted);
    assert_eq!(error.to_string(), "the request is denied");
    assert!(sessions.is_empty());
}

#[test]
fn what_one_session_holds_no_other_may() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let press = EntityUid::new("Doc", "press");
    let terms = || SessionTerms { exclusive: Some(press.clone()), ..SessionTerms::default() };
    let id = open(&mut sessions, terms()).expect("it is free");
    let error = open(&mut sessions, terms()).expect_err("it is held");
    let OpenSessionError::Locked { entity, by } = &error else { panic!("{error:?}") };
    assert_eq!((entity, *by), (&press, id));
    assert_eq!(error.to_string(), format!(r#"`Doc::"press"` is held by the session {id}"#));
}

#[test]
fn a_request_that_cannot_move_to_the_present_opens_nothing() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let mut old = request(&engine, 0);
    let model = engine.model().expect("a model");
    let write = EntityUid::new("Action", "write");
    let age = model.slot::<Value>(&write, "session.age").expect("a slot");
    old.set(&age, Value::Duration(i64::MAX)).expect("it conforms");
    let now = Datetime(START.0 + 1);
    let (keys, terms) = (SessionKeys::default(), SessionTerms::default());
    let error = sessions.open(now, old, keys, terms).expect_err("it is at its limit");
    let OpenSessionError::Advance(source) = &error else { panic!("{error:?}") };
    let path = "session.age".to_owned();
    assert_eq!(*source, AdvanceError::OutOfBounds { path, value: i64::MAX, by: 1 });
    assert_eq!(error.to_string(), "the request cannot be moved to the present");
}

#[test]
fn a_session_is_refused_when_it_is_over() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let terms = SessionTerms { idle_max: Some(Duration::from_secs(1)), ..SessionTerms::default() };
    let id = open(&mut sessions, terms).expect("it is opened");
    let late = Datetime(START.0 + 1_000);
    let error = sessions.touch(id, late).expect_err("it is idle");
    assert_eq!(error, SessionError::Overdue { id });
    assert_eq!(error.to_string(), format!("the session {id} is overdue"));
    sessions.revoke(&SubjectKey::Device("pad".to_owned()), "lost");
    let error = sessions.close(id).expect_err("it is revoked");
    assert_eq!(error, SessionError::Revoked { id });
    assert_eq!(error.to_string(), format!("the session {id} is revoked"));
    sessions.poll(late, &mut Vec::new());
    let error = sessions.check(id, late).expect_err("it is closed");
    assert_eq!(error, SessionError::Closed { id });
    assert_eq!(error.to_string(), format!("the session {id} is closed"));
}

#[test]
fn a_session_of_another_schema_depends_on_nothing_that_can_be_told() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms::default()).expect("it is opened");
    let other = trapkey_tests::fixture::Fixture::new(trapkey_tests::fixture::DENY);
    engine.publish_with(&other.bundle(), Vec::new()).expect("it is published");
    let error = sessions.dependencies(id).expect_err("it is stale");
    assert_eq!(error, SessionError::Undecidable { id, source: DecideError::Stale });
    assert_eq!(error.to_string(), format!("the request of the session {id} cannot be decided"));
    assert!(error.source().is_some());
    let mut flips = Vec::new();
    sessions.poll(START, &mut flips);
    let after = flips.first().and_then(|flip| flip.after.as_ref()).expect("it flips");
    assert_eq!(after.reason(), Reason::Failed(DecideError::Stale));
    assert!(sessions.is_empty());
}

#[test]
fn only_obligations_of_an_open_session_are_acknowledged() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms::default()).expect("it is opened");
    let error = sessions.acknowledge(id, START, "reboot").expect_err("there is none such");
    assert_eq!(error, AcknowledgeError::NotAnObligation { obligation: "reboot".to_owned() });
    assert_eq!(error.to_string(), "the decision has no obligation `reboot`");
    sessions.acknowledge(id, START, "record-session").expect("it is one");
    sessions.close(id).expect("it is open");
    let error = sessions.acknowledge(id, START, "record-session").expect_err("it is closed");
    assert_eq!(error, AcknowledgeError::Session(SessionError::Closed { id }));
    assert_eq!(error.to_string(), format!("the session {id} is closed"));
}

#[test]
fn an_update_that_does_not_fit_changes_no_session() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms::default()).expect("it is opened");
    let before = sessions.request(id).expect("it is open").context().clone();
    let key = SubjectKey::Principal(user(0));
    let path = "session.mood".to_owned();
    let error = sessions.update(START, &key, &path, &Value::Long(1)).expect_err("no such path");
    assert_eq!(error, UpdateError::UnknownAttribute { key: key.clone(), path });
    let text = r#"no session of the principal `User::"0"` has the attribute `session.mood` in its context"#;
    assert_eq!(error.to_string(), text);
    let path = "session.risk";
    let error = sessions.update(START, &key, path, &Value::Bool(true)).expect_err("a number");
    let UpdateError::Set { source: SetError::Context(_), .. } = &error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), "the attribute `session.risk` cannot be set");
    assert_eq!(*sessions.request(id).expect("it is open").context(), before);
    assert!(sessions.check(id, START).is_ok(), "there is nothing to be decided again");
}
