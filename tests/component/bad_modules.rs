//! Modules whose responses contradict the contract: the component gives no decision.

use serde_json::{Value as Json, json};
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
    ] {
        let decision = decide(&body);
        assert!(matches!(decision, Err(Failure::Internal(_))), "{name}: {decision:?}");
    }
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
