//! When grants begin and end, and how long decisions under them hold.

use std::time::Duration;

use trapkey::{Datetime, Grant, Horizon, Reason};

use super::site::{decide, elevate, engine, grant, grants, user};

#[track_caller]
fn check(at: Option<i64>, want: Reason, horizon: Horizon) {
    let engine = engine();
    engine.grant(elevate("g")).unwrap();
    let decision = decide(&engine, "ann", "read", "plan", at);
    assert_eq!((decision.reason(), decision.horizon()), (want, horizon));
    let want = if want == Reason::Permitted { vec!["g".to_owned()] } else { Vec::new() };
    assert_eq!(grants(&decision), want);
}

fn remaining(ms: u64) -> Horizon {
    Horizon::Remaining(Duration::from_millis(ms))
}

#[test]
fn a_grant_counts_from_its_beginning_to_its_end_to_the_millisecond() {
    check(Some(0), Reason::NotPermitted, remaining(1_000));
    check(Some(999), Reason::NotPermitted, remaining(1));
    check(Some(1_000), Reason::Permitted, remaining(1_000));
    check(Some(1_999), Reason::Permitted, remaining(1));
    check(Some(2_000), Reason::NotPermitted, Horizon::Never);
    check(Some(i64::MIN), Reason::NotPermitted, remaining(1_000 + (1 << 63)));
}

#[test]
fn without_an_instant_nothing_is_granted() {
    check(None, Reason::NotPermitted, Horizon::Never);
}

#[test]
fn without_an_instant_a_forbid_holds_but_for_no_known_time() {
    let engine = engine();
    let crew = trapkey::EntityUid::new("Group", "crew");
    let forbid = Grant { principal: Some(crew), ..grant("q", "quarantine") };
    engine.grant(forbid).unwrap();
    let decision = decide(&engine, "ann", "read", "plan", None);
    assert_eq!((decision.reason(), decision.horizon()), (Reason::Forbidden, Horizon::Now));
    let decision = decide(&engine, "ann", "read", "plan", Some(2_000));
    assert_eq!((decision.reason(), decision.horizon()), (Reason::NotPermitted, Horizon::Never));
}

#[test]
fn the_end_of_a_grant_that_did_not_count_ends_nothing() {
    let engine = engine();
    engine.grant(Grant { principal: Some(user("bob")), ..elevate("g") }).unwrap();
    // Bob's level is too low, whoever grants it.
    let decision = decide(&engine, "bob", "read", "plan", Some(1_500));
    assert_eq!((decision.reason(), decision.horizon()), (Reason::NotPermitted, Horizon::Never));
}

#[test]
fn of_two_grants_the_first_end_and_the_first_beginning_count() {
    let engine = engine();
    engine.grant(elevate("a")).unwrap();
    let later = |id: &str, from, to| Grant {
        not_before: Some(Datetime(from)),
        expires: Datetime(to),
        ..elevate(id)
    };
    engine.grant(later("b", 1_500, 3_000)).unwrap();
    let at = |at| {
        let decision = decide(&engine, "ann", "read", "plan", Some(at));
        (grants(&decision), decision.horizon())
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(at(1_000), (ids(&["a"]), remaining(500)));
    assert_eq!(at(1_500), (ids(&["a", "b"]), remaining(500)));
    assert_eq!(at(2_000), (ids(&["b"]), remaining(1_000)));
    assert_eq!(at(3_000), (ids(&[]), Horizon::Never));
}

#[test]
fn what_is_over_can_be_removed_and_is_told_apart() {
    let engine = engine();
    engine.grant(elevate("a")).unwrap();
    engine.grant(Grant { expires: Datetime(2_001), ..elevate("b") }).unwrap();
    assert_eq!(engine.expire_grants(Datetime(1_999)), 0);
    assert_eq!(engine.expire_grants(Datetime(2_000)), 1);
    let held = engine.grants();
    assert_eq!(held.iter().map(|held| &held.grant().id).collect::<Vec<_>>(), ["b"]);
    assert_eq!(engine.expire_grants(Datetime(9_000)), 1);
    assert!(engine.grants().is_empty());
}
