//! Modules whose responses contradict the contract: the component gives no decision.

use serde_json::{Value as Json, json};
use trapkey_abi::{ForbidErrors, Template};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture};

use crate::Loaded;
use crate::arena::Arena;
use crate::interface::exports::trapkey::policy::types::{Decision, Failure, Verdict};

/// A module with this body of `decide`, and what is asked.
fn asked(body: &str) -> (Loaded, Json, Json) {
    let request = json!({
        "principal": "User::\"ann\"", "action": "Action::\"view\"", "resource": "Document::\"plan\"",
        "context": { "hour": 7 },
    });
    let user =
        json!({ "uid": { "type": "User", "id": "ann" }, "attrs": { "level": 3 }, "parents": [] });
    (Loaded::of(&Fixture::new(body).bundle()), json!([user]), request)
}

fn decide(body: &str) -> Result<Decision, Failure> {
    let (mut loaded, entities, request) = asked(body);
    loaded.decide(&entities, &request)
}

/// A response with this verdict and reason, and these entries: policy, and class, error and place.
fn respond(verdict: u8, reason: u8, entries: &[(u32, u32)]) -> String {
    let out = "(local.get $out)";
    let entry = |&(policy, bits): &(u32, u32)| {
        format!("(call $entry {out} (i32.const {policy}) (i32.const {bits}))")
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    let (head, entries) =
        (format!("{out} (i32.const {verdict}) (i32.const {reason})"), entries.join(""));
    format!("(call $respond {head}){entries}")
}

#[test]
fn sound_responses_are_decisions() {
    assert_eq!(decide(ALLOW).unwrap().verdict, Verdict::Allow);
    assert_eq!(decide(DENY).unwrap().verdict, Verdict::Deny);
    assert_eq!(decide(&respond(1, 1, &[(0, 0)])).unwrap().verdict, Verdict::Allow);
    assert_eq!(decide(&respond(0, 2, &[(1, 1)])).unwrap().determining.len(), 1);
}

#[test]
fn contradictions_are_failures() {
    for (name, body) in [
        ("nothing is written", String::new()),
        ("an allow by nobody", respond(1, 1, &[])),
        ("an allow for no reason", respond(1, 3, &[(0, 0)])),
        ("an allow that says forbidden", respond(1, 2, &[(0, 0)])),
        ("a deny that says permitted", respond(0, 1, &[(0, 0)])),
        ("an allow beside a forbid", respond(1, 1, &[(0, 0), (1, 1)])),
        ("an allow by an observed permit", respond(1, 1, &[(2, 2)])),
        ("a forbid by nobody", respond(0, 2, &[(0, 0)])),
        ("nothing permits but a permit", respond(0, 3, &[(0, 0)])),
        ("no forbid erred", respond(0, 4, &[])),
        ("a reason that is none", respond(0, 77, &[])),
        ("a verdict that is none", respond(2, 1, &[(0, 0)])),
        ("a policy that is none", respond(1, 1, &[(9, 0)])),
        ("an error that is none", respond(1, 1, &[(0, 0), (1, 0x6301)])),
        ("a place that is none", respond(1, 1, &[(0, 0), (2, 0x0007_0102)])),
        ("an allow beside a forbid that erred", respond(1, 1, &[(0, 0), (1, 0x0101)])),
        ("no permit holds but a forbid's error is hidden", respond(0, 4, &[(1, 0x0105)])),
        ("a forbid that permits", respond(1, 1, &[(1, 0)])),
        ("a forbid that is only observed", respond(1, 1, &[(0, 0), (1, 3)])),
        ("a forbid that erred as a permit", respond(1, 1, &[(0, 0), (1, 0x0100)])),
        ("a permit that forbids", respond(0, 2, &[(0, 1)])),
        ("an observed permit that counts", respond(1, 1, &[(2, 0)])),
        ("a permit of a class that is none", respond(1, 1, &[(0, 8)])),
        ("a permit that can never hold", respond(1, 1, &[(0, 4)])),
        ("a forbid that can never hold", respond(0, 2, &[(1, 5)])),
        ("a policy twice", respond(1, 1, &[(0, 0), (0, 0)])),
        ("a policy twice, apart", respond(1, 1, &[(0, 0), (2, 2), (0, 0)])),
        ("a policy that holds and errs", respond(1, 1, &[(0, 0), (0, 0x0100)])),
    ] {
        let decision = decide(&body);
        assert!(matches!(decision, Err(Failure::Internal(_))), "{name}: {decision:?}");
    }
}

/// An erring forbid denies where the bundle says so, and else is only told.
#[test]
fn erring_forbids_count_by_the_rule_of_the_bundle() {
    let allow = respond(1, 1, &[(0, 0), (1, 0x0101)]);
    let deny = respond(0, 4, &[(0, 0), (1, 0x0101)]);
    assert_eq!(decide(&deny).unwrap().verdict, Verdict::Deny);
    let skipping = |body: &str| {
        let mut fixture = Fixture::new(body);
        fixture.manifest.semantics.forbid_errors = ForbidErrors::Skip;
        let (_, entities, request) = asked(body);
        Loaded::of(&fixture.bundle()).decide(&entities, &request)
    };
    let decision = skipping(&allow).unwrap();
    assert_eq!((decision.verdict, decision.erring.len()), (Verdict::Allow, 1));
    let decision = skipping(&deny);
    assert!(matches!(decision, Err(Failure::Internal(_))), "{decision:?}");
    // Where it can never hold, its error is no reason.
    assert_eq!(decide(&respond(1, 1, &[(0, 0), (1, 0x0105)])).unwrap().verdict, Verdict::Allow);
}

/// The last MiB below the guest is its stack.
#[test]
fn frames_in_the_stack_of_the_guest_are_failures() {
    let (_, entities, request) = asked(ALLOW);
    let decide = |frames_offset: u32| {
        let mut fixture = Fixture::new(ALLOW);
        fixture.manifest.memory.pages = 512;
        fixture.manifest.memory.frames_offset = frames_offset;
        Loaded::of(&fixture.bundle()).decide(&entities, &request)
    };
    let below = 31 << 20;
    assert_eq!(decide(below - 32_768).unwrap().verdict, Verdict::Allow);
    for frames_offset in [below - 32_760, below, below + (1 << 20) - 32_768] {
        let decision = decide(frames_offset);
        assert!(matches!(decision, Err(Failure::Internal(_))), "{frames_offset}: {decision:?}");
    }
}

/// There are no grants.
#[test]
fn templates_do_not_hold() {
    let (_, entities, request) = asked(ALLOW);
    let mut fixture = Fixture::new(ALLOW);
    fixture.policies[0].template =
        Some(Template { principal: None, resource: None, break_glass: None });
    let decision = Loaded::of(&fixture.bundle()).decide(&entities, &request);
    assert!(matches!(decision, Err(Failure::Internal(_))), "{decision:?}");
}

/// What one call left is not the next one's answer.
#[test]
fn responses_of_before_are_not_read() {
    let silent =
        format!("(if (i32.ne (call $level (local.get $frame)) (i32.const 9)) (then {ALLOW}))");
    let (mut loaded, entities, request) = asked(&silent);
    assert_eq!(loaded.decide(&entities, &request).unwrap().verdict, Verdict::Allow);
    let mut other = entities.clone();
    other[0]["attrs"]["level"] = 9.into();
    let decision = loaded.decide(&other, &request);
    assert!(matches!(decision, Err(Failure::Internal(_))), "{decision:?}");
    assert_eq!(loaded.decide(&entities, &request).unwrap().verdict, Verdict::Allow);
}

/// The host sees the trap, and has no decision.
#[test]
fn traps_are_no_decisions() {
    let (mut loaded, entities, request) = asked("unreachable");
    let mut arena = Arena::default();
    let (entities, request) = (arena.entities(&entities), arena.request(&request));
    let policy = loaded.policy.trapkey_policy_authorizer();
    policy.call_decide(&mut loaded.store, arena.values(), &entities, &request).unwrap_err();
}
