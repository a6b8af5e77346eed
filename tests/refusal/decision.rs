//! Requests that end without a decision: deny, with the reason, and the next one is decided.

use trapkey::{
    DecideError, Decision, Engine, Generation, Limits, Model, Reason, ResponseError, Type, Value,
    Verdict,
};
use trapkey_tests::fixture::{
    ALLOW, Fixture, at_level_9, attribute, engine, request, request_under, schema, schema_with,
    user,
};

#[track_caller]
fn assert_failed(decision: &Decision, want: DecideError) {
    assert_eq!(decision.reason(), Reason::Failed(want));
    assert_eq!(decision.verdict(), Verdict::Deny);
    assert!(!decision.is_allow());
    assert_eq!(decision.determining().count(), 0);
    assert_eq!(decision.erring().count(), 0);
    assert_eq!(decision.observed().count(), 0);
    assert_eq!(decision.obligations().count(), 0);
}

/// Asks for bob, of level 9, then for alice, then again.
#[track_caller]
fn check_engine(engine: &Engine, fixture: &Fixture, want: DecideError) {
    let mut bob = user("bob", 9);
    bob.attributes.insert("name".to_owned(), Value::String("b".repeat(256)));
    engine.publish_with(&fixture.bundle(), vec![user("alice", 1), bob]).expect("published");
    let mut decision = Decision::new();
    for _ in 0..3 {
        engine.decide_into(&request(engine, "bob"), &mut decision);
        assert_failed(&decision, want);
        assert_eq!(decision.generation(), Generation(1));
        engine.decide_into(&request(engine, "alice"), &mut decision);
        assert_eq!(decision.reason(), Reason::NotPermitted);
    }
}

#[track_caller]
fn check(special: &str, want: DecideError) {
    for pool_instances_max in [0, 1, 32] {
        let limits = Limits { pool_instances_max, ..Limits::default() };
        check_engine(&engine(limits), &Fixture::new(&at_level_9(special)), want);
    }
}

#[track_caller]
fn check_response(special: &str, want: ResponseError) {
    check(special, DecideError::Response(want));
}

/// A response with this verdict and reason, and entries of policy and class bits.
fn response(verdict: u32, reason: u32, entries: &[(u32, u32)]) -> String {
    let mut body =
        format!("(call $respond (local.get $out) (i32.const {verdict}) (i32.const {reason}))");
    for (policy, bits) in entries {
        let entry =
            format!("(call $entry (local.get $out) (i32.const {policy}) (i32.const {bits}))");
        body.push_str(&entry);
    }
    body
}

#[test]
fn nothing_is_decided_before_the_first_publication() {
    let engine = engine(Limits::default());
    let decision = engine.decide(&request_under(&Model::new(schema()), "alice"));
    assert_failed(&decision, DecideError::NothingPublished);
    assert_eq!(decision.generation(), Generation::NONE);
    assert_eq!(decision.bundle_digest(), None);
    let decision = engine.decide_json("not even JSON").expect("nothing to read it with");
    assert_failed(&decision, DecideError::NothingPublished);
}

#[test]
fn request_for_another_layout_is_stale() {
    let engine = engine(Limits::default());
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    let old = request(&engine, "alice");
    assert!(engine.decide(&old).is_allow());
    let other = schema_with("badge", attribute(Type::Long, false));
    engine.publish(&Fixture::for_schema(other, ALLOW).bundle()).expect("published");
    assert_failed(&engine.decide(&old), DecideError::Stale);
    assert!(engine.decide(&request(&engine, "alice")).is_allow());
    engine.rollback().expect("kept");
    assert!(engine.decide(&old).is_allow());
}

#[test]
fn environment_that_the_module_has_not_is_denied() {
    let engine = engine(Limits::default());
    let mut fixture = Fixture::new(ALLOW);
    fixture.gather.environments.clear();
    engine.publish(&fixture.bundle()).expect("published");
    assert_failed(&engine.decide(&request(&engine, "alice")), DecideError::NoEnvironment);
    check(&response(0, 5, &[]), DecideError::NoEnvironment);
}

#[test]
fn frame_that_does_not_fit_is_denied() {
    let mut fixture = Fixture::new(&at_level_9("unreachable"));
    fixture.manifest.memory.frame_bytes_max = 256;
    let want = DecideError::FrameTooLarge { capacity: 256 };
    check_engine(&engine(Limits::default()), &fixture, want);
}

#[test]
fn endless_loop_is_stopped() {
    check("(loop $l (br $l))", DecideError::OutOfFuel);
}

#[test]
fn trap_is_denied() {
    check("unreachable", DecideError::Trap);
    check("(drop (i32.load (i32.const 131072)))", DecideError::Trap);
    check("(drop (i64.div_u (i64.const 1) (i64.const 0)))", DecideError::Trap);
}

#[test]
fn silent_module_is_not_answered_by_its_last_response() {
    check_response("", ResponseError::Missing);
}

#[test]
fn undefined_response_is_denied() {
    check_response(&response(0, 9, &[]), ResponseError::Undefined);
    check_response(&response(0, 0, &[]), ResponseError::Undefined);
    let unknown_policy = response(1, 1, &[(3, 0)]);
    check_response(&unknown_policy, ResponseError::Undefined);
    let unknown_error = response(0, 3, &[(0, 0x900)]);
    check_response(&unknown_error, ResponseError::Undefined);
    let unknown_place = response(0, 3, &[(0, 0x1_0100)]);
    check_response(&unknown_place, ResponseError::Undefined);
    let policy_twice = response(1, 1, &[(0, 0), (0, 0)]);
    check_response(&policy_twice, ResponseError::Undefined);
}

#[test]
fn contradictory_response_is_denied() {
    for (verdict, reason, entries) in [
        (1, 3, &[][..]),
        (0, 1, &[(0, 0)]),
        (2, 1, &[(0, 0)]),
        // Allow without a satisfied, enforced permit.
        (1, 1, &[]),
        (1, 1, &[(2, 2)]),
        (1, 1, &[(0, 0x100)]),
        // Allow against a satisfied or erring forbid.
        (1, 1, &[(0, 0), (1, 1)]),
        (1, 1, &[(0, 0), (1, 0x101)]),
        // Reasons that the entries do not bear out.
        (0, 2, &[]),
        (0, 3, &[(0, 0)]),
        (0, 4, &[]),
        (0, 4, &[(1, 0x105)]),
        // A class that is not the policy's, and one that cannot be satisfied.
        (1, 1, &[(0, 2)]),
        (1, 1, &[(1, 0)]),
        (0, 2, &[(1, 5)]),
    ] {
        check_response(&response(verdict, reason, entries), ResponseError::Inconsistent);
    }
}

#[test]
fn response_beyond_its_area_is_denied() {
    let count = "(i32.store offset=8 (local.get $out) (i32.const 1000))";
    let respond = response(0, 3, &[]);
    check_response(&format!("{respond} {count}"), ResponseError::Truncated);
    let length = "(i32.store offset=12 (local.get $out) (i32.const 1032))";
    check_response(&format!("{respond} {length}"), ResponseError::Truncated);
    let short = "(i32.store offset=12 (local.get $out) (i32.const 8))";
    check_response(&format!("{respond} {short}"), ResponseError::Truncated);
}

/// A host that runs out of memory, or breaks its own promises, cannot be had by request; what it
/// would say is fixed here.
#[test]
fn failures_of_the_host_are_named() {
    let cases = [
        (DecideError::Instance, "no instance of the module could be made"),
        (DecideError::Malformed, "a row does not fit the layout"),
        (
            DecideError::ClockAhead { at: 7, clock: 5 },
            "the request is of 7 ms, the clock says 5 ms",
        ),
        (DecideError::ClockUnknown, "the request cannot be moved to the clock's time"),
        (DecideError::ClockUnsettled, "the decision turns too often while the time is uncertain"),
    ];
    for (error, want) in cases {
        assert_eq!(error.to_string(), want);
    }
}
