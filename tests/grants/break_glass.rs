//! Break-glass: what such a grant must have, and how its uses are reported.

use trapkey::{BreakGlassUse, Datetime, EntityUid, Grant, GrantError};

use super::site::{decide, doc, elevate, engine, grant, user};

const HOUR: i64 = 3_600_000;

/// Lets Bob write the plan for four hours.
fn glass(id: &str) -> Grant {
    Grant {
        principal: Some(user("bob")),
        resource: Some(doc("plan")),
        expires: Datetime(1_000 + 4 * HOUR),
        reason: Some("the press is stuck".into()),
        ticket: Some("INC-7".into()),
        approvers: vec![user("eve"), user("dan")],
        ..grant(id, "glass")
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Grant), want: impl FnOnce(&GrantError) -> bool) {
    let engine = engine();
    let mut refused = glass("g");
    change(&mut refused);
    let error = engine.grant(refused).unwrap_err();
    assert!(want(&error), "{error:?}");
    assert!(engine.grants().is_empty());
    assert!(!decide(&engine, "bob", "write", "plan", Some(1_500)).is_allow());
}

#[test]
fn it_takes_two_others_a_ticket_a_reason_and_an_end() {
    check(
        |grant| drop(grant.approvers.pop()),
        |error| *error == GrantError::TooFewApprovers { found: 1, wanted: 2 },
    );
    check(
        |grant| grant.approvers = vec![user("eve"), user("eve")],
        |error| matches!(error, GrantError::RepeatedApprover { .. }),
    );
    check(
        |grant| grant.approvers.push(user("chief")),
        |error| matches!(error, GrantError::SelfApproved { .. }),
    );
    check(
        |grant| grant.approvers.push(user("bob")),
        |error| matches!(error, GrantError::SelfApproved { .. }),
    );
    check(|grant| grant.ticket = Some(" ".into()), |error| *error == GrantError::NoTicket);
    check(|grant| grant.reason = None, |error| *error == GrantError::NoReason);
    check(
        |grant| grant.expires = Datetime(1_001 + 4 * HOUR),
        |error| matches!(error, GrantError::LastsTooLong { .. }),
    );
    check(|grant| grant.not_before = None, |error| *error == GrantError::NoClock);
    let engine = engine();
    engine.grant(glass("g")).unwrap();
    assert!(decide(&engine, "bob", "write", "plan", Some(1_500)).is_allow());
    assert!(!decide(&engine, "bob", "write", "loose", Some(1_500)).is_allow());
    assert!(!decide(&engine, "ann", "write", "plan", Some(1_500)).is_allow());
}

#[test]
fn where_it_begins_at_once_it_is_measured_from_the_time_that_was_told() {
    let engine = engine();
    engine.expire_grants(Datetime(HOUR));
    let until = |ms| Grant { not_before: None, expires: Datetime(ms), ..glass("g") };
    let error = engine.grant(until(5 * HOUR + 1)).unwrap_err();
    assert!(matches!(error, GrantError::LastsTooLong { .. }), "{error:?}");
    engine.grant(until(5 * HOUR)).unwrap();
    assert!(decide(&engine, "bob", "write", "plan", Some(2 * HOUR)).is_allow());
}

#[test]
fn each_use_is_counted_and_reported_once_even_if_the_grant_is_gone() {
    let engine = engine();
    engine.grant(glass("g")).unwrap();
    engine.grant(elevate("e")).unwrap();
    let uses = || {
        let uses = engine.take_break_glass_uses();
        let one = |use_: BreakGlassUse| (use_.grant.id, use_.uses, use_.uses_in_all);
        uses.into_iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(uses(), []);
    // Each of these is decided four times.
    let decision = decide(&engine, "bob", "write", "plan", Some(1_500));
    assert!(decision.is_break_glass());
    assert!(!decide(&engine, "ann", "read", "plan", Some(1_500)).is_break_glass());
    assert!(!decide(&engine, "bob", "write", "loose", Some(1_500)).is_break_glass());
    assert_eq!(uses(), [("g".to_owned(), 4, 4)]);
    assert_eq!(uses(), []);
    decide(&engine, "bob", "read", "plan", Some(1_500));
    assert_eq!(engine.grants()[1].uses(), 8);
    engine.revoke("g");
    assert_eq!(uses(), [("g".to_owned(), 4, 8)]);
    // A forbid that stands against it leaves it unused.
    engine.grant(glass("h")).unwrap();
    let guests = EntityUid::new("Group", "guests");
    engine.grant(Grant { principal: Some(guests), ..grant("q", "quarantine") }).unwrap();
    assert!(!decide(&engine, "bob", "write", "plan", Some(1_500)).is_break_glass());
    assert_eq!(uses(), []);
}
