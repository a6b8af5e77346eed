//! Ids, keys, locks, terms and acknowledgements of sessions.

use std::time::Duration;

use trapkey::{
    AcknowledgeError, Cause, Datetime, Engine, EntityUid, Flip, OpenSessionError, Request,
    SessionError, SessionId, SessionKeys, SessionLimits, SessionTerms, Sessions, SubjectKey,
    UpdateError, Value,
};
use trapkey_tests::lasting::{self, Asked, START, entity, user};

const MINUTE: i64 = 60_000;

fn engine() -> Engine {
    let engine = lasting::engine();
    // User 0 is in the group that permits everything, user 1 in none.
    let facts = vec![
        entity(0, 3, None, &[]),
        entity(lasting::GROUPS, 3, None, &[0]),
        entity(lasting::GROUPS + 1, 3, None, &[]),
    ];
    engine.replace_entities(facts).unwrap();
    engine
}

fn request(engine: &Engine, user: usize) -> Request {
    let asked = Asked {
        user,
        action: "write",
        doc: 0,
        age: 0,
        idle: 0,
        left: 600,
        risk: 0,
        compliant: Some(true),
    };
    asked.request(engine, START)
}

fn later(minutes: i64) -> Datetime {
    Datetime(START.0 + minutes * MINUTE)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn keys(device: &str) -> SessionKeys {
    SessionKeys { device: Some(device.to_owned()), ..SessionKeys::default() }
}

#[track_caller]
fn open(sessions: &mut Sessions, terms: SessionTerms) -> SessionId {
    let request = request(sessions.engine(), 0);
    sessions.open(START, request, SessionKeys::default(), terms).unwrap().0
}

#[track_caller]
fn polled(sessions: &mut Sessions, now: Datetime) -> Vec<Flip> {
    let mut flips = Vec::new();
    sessions.poll(now, &mut flips);
    flips
}

#[track_caller]
fn ends(sessions: &mut Sessions, now: Datetime, id: SessionId, cause: &Cause) {
    let flips = polled(sessions, now);
    assert_eq!(flips.len(), 1, "{flips:?}");
    let flip = &flips[0];
    assert_eq!((flip.session, &flip.cause, flip.is_over), (id, cause, true));
    assert!(flip.before.is_allow() && flip.after.is_none());
    assert_eq!(sessions.decision(id).unwrap_err(), SessionError::Closed { id });
}

#[test]
fn a_closed_session_stays_closed_and_its_id_is_not_given_again() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms::default());
    sessions.close(id).unwrap();
    assert!(sessions.is_empty());
    let again = open(&mut sessions, SessionTerms::default());
    assert_ne!(again, id);
    let closed = SessionError::Closed { id };
    assert_eq!(closed.to_string(), format!("the session {id} is closed"));
    assert_eq!(sessions.close(id), Err(closed));
    assert_eq!(sessions.touch(id, START), Err(closed));
    assert_eq!(sessions.decision(id).unwrap_err(), closed);
    assert_eq!(sessions.check(id, START).unwrap_err(), closed);
    assert_eq!(sessions.request(id).unwrap_err(), closed);
    assert_eq!(sessions.dependencies(id).unwrap_err(), closed);
    let error = sessions.acknowledge(id, START, "record-session").unwrap_err();
    assert_eq!(error, AcknowledgeError::Session(closed));
    assert!(sessions.decision(again).unwrap().is_allow());
}

#[test]
fn only_an_allow_opens_a_session() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let denied =
        sessions.open(START, request(&engine, 1), SessionKeys::default(), SessionTerms::default());
    let Err(OpenSessionError::Denied(decision)) = denied else { panic!("{denied:?}") };
    assert_eq!(decision.reason(), trapkey::Reason::NotPermitted);
    assert!(sessions.is_empty());
    assert_eq!(sessions.of(&SubjectKey::Principal(user(1))).count(), 0);
}

#[test]
fn a_request_is_brought_to_the_present_when_its_session_is_opened() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let (id, decision) = sessions
        .open(later(14), request(&engine, 0), SessionKeys::default(), SessionTerms::default())
        .unwrap();
    assert_eq!(decision.at(), Some(later(14)));
    assert_eq!(sessions.request(id).unwrap().at(), Some(later(14)));
    // An instant that is still to come stays.
    let mut ahead = request(&engine, 0);
    ahead.advance(trapkey::Duration(20 * MINUTE)).unwrap();
    ahead.set_at(Some(later(20)));
    let denied = sessions.open(later(14), ahead, SessionKeys::default(), SessionTerms::default());
    assert!(
        matches!(denied, Err(OpenSessionError::Denied(_))),
        "idle for twenty minutes: {denied:?}"
    );
}

#[test]
fn limits_of_keys_hold_until_a_session_is_closed() {
    let engine = engine();
    let limits = SessionLimits { sessions_max: 3, per_device_max: 2, ..SessionLimits::default() };
    let mut sessions = engine.sessions(limits);
    let open = |sessions: &mut Sessions, device: &str| {
        let opened =
            sessions.open(START, request(&engine, 0), keys(device), SessionTerms::default());
        opened.map(|(id, _)| id)
    };
    let first = open(&mut sessions, "a").unwrap();
    open(&mut sessions, "a").unwrap();
    let error = open(&mut sessions, "a").unwrap_err();
    assert_eq!(error.to_string(), "the device `a` has 2 sessions, which is the limit");
    open(&mut sessions, "b").unwrap();
    let error = open(&mut sessions, "c").unwrap_err();
    assert_eq!(error.to_string(), "3 sessions are open, which is the limit");
    assert_eq!(sessions.counts().decided, 3, "limits come before decisions");
    sessions.close(first).unwrap();
    open(&mut sessions, "a").unwrap();
    assert_eq!(sessions.of(&SubjectKey::Device("a".to_owned())).count(), 2);
}

#[test]
fn one_session_writes_at_a_time() {
    let engine = engine();
    let press = EntityUid::new("Doc", "press");
    let writer = || SessionTerms { exclusive: Some(press.clone()), ..SessionTerms::default() };
    let mut sessions = engine.sessions(SessionLimits::default());
    let id = open(&mut sessions, writer());
    assert_eq!(sessions.holder(&press), Some(id));
    let second = sessions.open(START, request(&engine, 0), SessionKeys::default(), writer());
    let Err(OpenSessionError::Locked { entity, by }) = second else { panic!("{second:?}") };
    assert_eq!((entity, by), (press.clone(), id));
    // Others may go on, and the lock ends with its session.
    open(&mut sessions, SessionTerms::default());
    sessions.revoke(&SubjectKey::Principal(user(0)), "stolen");
    assert_eq!(polled(&mut sessions, START).len(), 2);
    assert_eq!(sessions.holder(&press), None);
    open(&mut sessions, writer());
}

#[test]
fn a_session_ends_at_its_age_and_not_before() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id =
        open(&mut sessions, SessionTerms { age_max: Some(minutes(10)), ..SessionTerms::default() });
    assert_eq!(polled(&mut sessions, Datetime(later(10).0 - 1)).len(), 0);
    assert!(sessions.check(id, Datetime(later(10).0 - 1)).is_ok());
    assert_eq!(sessions.check(id, later(10)).unwrap_err(), SessionError::Overdue { id });
    ends(&mut sessions, later(10), id, &Cause::Aged);
}

#[test]
fn an_idle_session_ends_unless_it_is_touched_in_time() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id =
        open(&mut sessions, SessionTerms { idle_max: Some(minutes(5)), ..SessionTerms::default() });
    sessions.touch(id, later(4)).unwrap();
    assert_eq!(polled(&mut sessions, later(8)).len(), 0);
    // Too late, although no poll has said so yet.
    assert_eq!(sessions.touch(id, later(9)), Err(SessionError::Overdue { id }));
    ends(&mut sessions, later(9), id, &Cause::Idle);
}

#[test]
fn obligations_are_acknowledged_in_time_or_the_session_ends() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let terms = || SessionTerms { acknowledge_within: Some(minutes(1)), ..SessionTerms::default() };
    let (late, good) = (open(&mut sessions, terms()), open(&mut sessions, terms()));
    let error = sessions.acknowledge(good, START, "reboot").unwrap_err();
    assert_eq!(error, AcknowledgeError::NotAnObligation { obligation: "reboot".to_owned() });
    assert_eq!(error.to_string(), "the decision has no obligation `reboot`");
    sessions.acknowledge(good, START, "record-session").unwrap();
    sessions.acknowledge(good, START, "record-session").unwrap();
    let error = sessions.acknowledge(late, later(1), "record-session").unwrap_err();
    assert_eq!(error, AcknowledgeError::Session(SessionError::Overdue { id: late }));
    let obligation = "record-session".to_owned();
    ends(&mut sessions, later(1), late, &Cause::Unacknowledged { obligation });
    assert_eq!(sessions.len(), 1);
    // A later decision that obliges to more has to be acknowledged too.
    sessions.engine().upsert(entity(lasting::GROUPS + lasting::USERS, 3, Some(0), &[])).unwrap();
    assert_eq!(polled(&mut sessions, later(2)).len(), 0);
    let obligation = "notify".to_owned();
    ends(&mut sessions, later(3), good, &Cause::Unacknowledged { obligation });
}

#[test]
fn a_revoked_session_cannot_be_used_before_the_poll_that_closes_it() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms { stays: true, ..SessionTerms::default() });
    let key = SubjectKey::Principal(user(0));
    assert_eq!(sessions.revoke(&key, &"x".repeat(300)), 1);
    assert_eq!(sessions.revoke(&key, "again"), 0);
    let revoked = SessionError::Revoked { id };
    assert_eq!(sessions.decision(id).unwrap_err(), revoked);
    assert_eq!(sessions.close(id), Err(revoked));
    assert_eq!(revoked.to_string(), format!("the session {id} is revoked"));
    ends(&mut sessions, START, id, &Cause::Revoked { reason: "x".repeat(256) });
    assert_eq!(sessions.revoke(&key, "gone"), 0);
}

#[test]
fn an_update_is_made_whole_or_not_at_all() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms::default());
    let key = SubjectKey::Principal(user(0));
    let before = sessions.request(id).unwrap().context().clone();
    let error = sessions.update(START, &key, "session.mood", &Value::Bool(true)).unwrap_err();
    assert!(matches!(error, UpdateError::UnknownAttribute { .. }));
    let error = sessions.update(START, &key, "session.risk", &Value::Bool(true)).unwrap_err();
    assert!(matches!(error, UpdateError::Set { .. }));
    assert_eq!(*sessions.request(id).unwrap().context(), before);
    assert!(sessions.check(id, START).is_ok());
    assert_eq!(
        sessions.update(START, &SubjectKey::Device("none".into()), "x", &Value::Long(1)),
        Ok(0)
    );
    assert_eq!(sessions.update(START, &key, "session.risk", &Value::Long(9)), Ok(1));
    assert_eq!(sessions.check(id, START).unwrap_err(), SessionError::Overdue { id });
    let mut told = Vec::new();
    sessions.poll_with(START, |flip| told.push((flip.session, flip.cause.clone(), flip.is_over)));
    assert_eq!(told, [(id, Cause::Context, true)]);
}

#[test]
fn a_session_that_stays_is_handed_over_in_both_directions() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id = open(&mut sessions, SessionTerms { stays: true, ..SessionTerms::default() });
    let key = SubjectKey::Principal(user(0));
    for (risk, is_allow) in [(9, false), (1, true), (8, false)] {
        sessions.update(START, &key, "session.risk", &Value::Long(risk)).unwrap();
        let flips = polled(&mut sessions, START);
        let after = flips[0].after.as_ref().unwrap();
        assert_eq!((flips.len(), after.is_allow(), flips[0].is_over), (1, is_allow, false));
        assert_eq!(sessions.decision(id).unwrap().is_allow(), is_allow);
    }
}

#[test]
fn time_does_not_go_back() {
    let mut sessions = engine().sessions(SessionLimits::default());
    let id =
        open(&mut sessions, SessionTerms { age_max: Some(minutes(10)), ..SessionTerms::default() });
    sessions.poll(later(9), &mut Vec::new());
    let young =
        open(&mut sessions, SessionTerms { age_max: Some(minutes(10)), ..SessionTerms::default() });
    sessions.touch(id, later(-60)).unwrap();
    ends(&mut sessions, later(10), id, &Cause::Aged);
    ends(&mut sessions, later(19), young, &Cause::Aged);
}
