//! The cost of a poll follows the sessions that are concerned, whatever their number.

use trapkey::{
    Cause, Datetime, Flip, SessionKeys, SessionLimits, SessionTerms, Sessions, SubjectKey, Value,
};
use trapkey_tests::lasting::{self, Asked, DOCS, START, USERS, doc, entity, uid, user};

const SESSIONS: usize = 100_000;

/// One session in a thousand is on device 7, and one in five is of user 1.
fn open_all() -> Sessions {
    let engine = lasting::engine();
    let groups = (0..lasting::GROUPS).map(|number| entity(number, 3, None, &[]));
    let users = (0..USERS).map(|number| entity(lasting::GROUPS + number, 3, Some(0), &[0]));
    let docs = (0..DOCS).map(|number| entity(lasting::GROUPS + USERS + number, 3, Some(2), &[]));
    engine.replace_entities(groups.chain(users).chain(docs).collect()).unwrap();
    let mut sessions = engine.sessions(SessionLimits::default());
    for number in 0..SESSIONS {
        let asked = Asked {
            user: number % USERS,
            action: "write",
            doc: number % DOCS,
            age: 0,
            idle: 0,
            left: 600,
            risk: 0,
            compliant: Some(true),
        };
        let keys = SessionKeys {
            device: Some((number % 1_000).to_string()),
            credential: None,
            session: Some(number.to_string()),
        };
        let request = asked.request(&engine, START);
        sessions.open(START, request, keys, SessionTerms::default()).unwrap();
    }
    sessions
}

#[track_caller]
fn check(sessions: &mut Sessions, now: Datetime, want: (u64, usize), cause: Option<&Cause>) {
    let mut flips: Vec<Flip> = Vec::new();
    let before = sessions.counts().decided;
    sessions.poll(now, &mut flips);
    assert_eq!((sessions.counts().decided - before, flips.len()), want);
    assert!(flips.iter().all(|flip| Some(&flip.cause) == cause), "{:?}", flips.first());
}

#[test]
fn one_change_among_many_sessions_decides_those_it_concerns() {
    let mut sessions = open_all();
    let engine = sessions.engine().clone();
    check(&mut sessions, START, (0, 0), None);
    let device = SubjectKey::Device("7".to_owned());
    let not = Value::Bool(false);
    assert_eq!(
        sessions.update(START, &device, "device.compliant", &not).unwrap(),
        SESSIONS / 1_000
    );
    check(&mut sessions, START, (100, 100), Some(&Cause::Context));
    assert_eq!(sessions.len(), SESSIONS - 100);
    // Nobody depends on an entity that no path leads to.
    engine.upsert(entity(4, 5, None, &[])).unwrap();
    check(&mut sessions, START, (0, 0), None);
    // User 1 is a principal; user 0 is the boss of all.
    let of_user = sessions.of(&SubjectKey::Principal(user(1))).count();
    engine.upsert(entity(lasting::GROUPS + 1, 3, Some(0), &[])).unwrap();
    check(&mut sessions, START, (of_user as u64, of_user), Some(&Cause::Entity(user(1).handle())));
    let left = sessions.len();
    engine.upsert(entity(lasting::GROUPS, 4, Some(0), &[0])).unwrap();
    check(&mut sessions, START, (left as u64, 0), None);
    // A document that a quarter of them writes.
    engine.upsert(entity(lasting::GROUPS + USERS, 3, Some(1), &[])).unwrap();
    let of_doc =
        (0..SESSIONS).filter(|n| n % DOCS == 0 && n % 1_000 != 7 && n % USERS != 1).count();
    check(&mut sessions, START, (of_doc as u64, 0), None);
    // What comes into being was looked up before: the owner of a document that is gone.
    let gone = engine.remove(&doc(1)).unwrap();
    assert!(gone);
    let of_doc =
        (0..SESSIONS).filter(|n| n % DOCS == 1 && n % 1_000 != 7 && n % USERS != 1).count();
    check(&mut sessions, START, (of_doc as u64, 0), None);
    engine.upsert(entity(lasting::GROUPS + USERS + 1, 3, Some(1), &[])).unwrap();
    check(&mut sessions, START, (of_doc as u64, 0), None);
    assert_eq!(uid(lasting::GROUPS + USERS + 1), doc(1));
    // More changes than are kept: all are decided again.
    for level in 0..40_000 {
        engine.upsert(entity(4, level % 6, None, &[])).unwrap();
        engine.upsert(entity(3, level % 6, None, &[])).unwrap();
    }
    check(&mut sessions, START, (left as u64, 0), None);
}
