//! Requests: what passes, what is answered, and what happens when the proxy fails.

use trapkey_abi::{EntityUid, Layout, Reason};

use super::fake::{Answer, Fake, allow, forbid};
use super::plans::{ROOT, SPIFFE, STREAM, context, http, requesting, schema, started};
use crate::host::{Action, Stream};
use crate::plan::{Duty, Plan};

/// What becomes of a request; on a deny, the text for access logs.
fn outcome(plan: &Plan, fake: &mut Fake) -> (Action, Option<String>) {
    let mut guest = started(plan, fake);
    let action = guest.request(fake, STREAM);
    (action, fake.answers.first().map(|(_, details, _)| details.clone()))
}

#[track_caller]
fn denied(plan: &Plan, mut fake: Fake, reason: &str) {
    let (action, details) = outcome(plan, &mut fake);
    assert_eq!(action, Action::Pause, "{reason}");
    let want = format!("trapkey_denied{{reason={reason},");
    assert!(details.as_ref().is_some_and(|own| own.starts_with(&want)), "{details:?}, not {want}");
}

#[test]
fn allowed_request_passes_with_the_fewest_calls() {
    let mut fake = requesting();
    assert_eq!(outcome(&http(), &mut fake), (Action::Continue, None));
    assert_eq!(fake.calls, ["headers", "now", "property", "property", "decide"]);
    let frame = &fake.frames[0];
    assert_eq!(frame.environment, 1);
    assert_eq!(frame.principal, EntityUid::new("Connector", SPIFFE).handle());
    assert_eq!(frame.resource, EntityUid::new("Register", "7/40").handle());
    assert_eq!(frame.now, Some(1_700_000_000_000));
}

#[test]
fn time_is_asked_only_where_something_needs_it() {
    let mut fake = requesting();
    fake.header_is(":method", Some("GET"));
    fake.header_is(":path", Some("/public"));
    assert_eq!(outcome(&http(), &mut fake), (Action::Continue, None));
    assert_eq!(fake.calls, ["headers", "property", "decide"]);
    assert_eq!(fake.frames[0].now, None);
}

#[test]
fn deny_tells_the_client_nothing_but_the_request_id() {
    let mut fake = requesting();
    fake.decides = Box::new(|_| forbid());
    let mut guest = started(&http(), &mut fake);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
    let details = "trapkey_denied{reason=forbidden,policies=never,bundle=0123456789abcdef}";
    let body = r#"{"error":"denied","request_id":"b1-2"}"#;
    assert_eq!(fake.answers, [(403, details.to_owned(), body.to_owned())]);
    assert_eq!(fake.state["trapkey.decision"], details);
    // Nothing more goes upstream; the filter's own answer comes by as a response.
    assert_eq!(guest.body(&mut fake, STREAM, false), Action::Pause);
    assert_eq!(guest.body(&mut fake, STREAM, true), Action::Continue);
    guest.tick(&mut fake, ROOT);
    assert_eq!((fake.counters["trapkey.denied"], fake.counters["trapkey.allowed"]), (1, 0));
}

#[test]
fn request_id_that_is_no_plain_text_is_not_repeated() {
    for id in ["a\"b", "a b", &"a".repeat(129), ""] {
        let mut fake = requesting();
        fake.header_is("x-request-id", Some(id));
        fake.decides = Box::new(|_| forbid());
        outcome(&http(), &mut fake);
        assert_eq!(fake.answers[0].2, r#"{"error":"denied","request_id":""}"#, "{id}");
    }
}

#[test]
fn each_failed_call_is_a_deny() {
    let duties = vec![
        Duty::AddHeader { name: "x-by".to_owned(), value: "trapkey".to_owned() },
        Duty::Mark("m".to_owned()),
    ];
    let mut plan = Plan { records_allows: true, ..http() };
    plan.policies[0].duties = duties;
    let mut fake = requesting();
    assert_eq!(outcome(&plan, &mut fake).0, Action::Continue);
    let calls = fake.calls.clone();
    assert_eq!(calls.len(), 8, "{calls:?}");
    for (at, call) in calls.iter().enumerate() {
        let mut fake = requesting();
        let mut guest = started(&plan, &mut fake);
        fake.fails_at = Some(at);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Pause, "{call}");
        assert!(fake.details().starts_with("trapkey_denied{reason=failed,"), "{call}");
    }
}

#[test]
fn deny_that_cannot_be_answered_ends_the_stream() {
    for failing in ["respond", "set_property"] {
        let mut fake = requesting();
        fake.decides = Box::new(|_| forbid());
        outcome(&http(), &mut fake);
        let at = fake.calls.iter().position(|call| *call == failing);
        let mut fake = requesting();
        fake.decides = Box::new(|_| forbid());
        let mut guest = started(&http(), &mut fake);
        fake.fails_at = at;
        assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
        assert_eq!(fake.closed.contains(&Stream::Request), failing == "respond");
        assert_eq!(guest.body(&mut fake, STREAM, false), Action::Pause);
    }
}

#[test]
fn answers_that_contradict_themselves_deny() {
    let permitted = |entries: &[(u32, u8, u8)]| Answer { entries: entries.to_vec(), ..allow() };
    let forbidden = |entries: &[(u32, u8, u8)]| Answer { entries: entries.to_vec(), ..forbid() };
    // No permit, an observed or erring one, a forbid beside it, a policy that there is not.
    for entries in [&[][..], &[(0, 2, 0)], &[(0, 0, 1)], &[(0, 0, 0), (1, 1, 0)], &[(2, 0, 0)]] {
        let (mut fake, answer) = (requesting(), permitted(entries));
        fake.decides = Box::new(move |_| answer.clone());
        denied(&http(), fake, "failed");
    }
    let (mut fake, answer) = (requesting(), forbidden(&[(1, 3, 0)]));
    fake.decides = Box::new(move |_| answer.clone());
    denied(&http(), fake, "failed");
}

#[test]
fn each_reason_has_its_name() {
    let reasons = [
        (Reason::Forbidden, vec![(1, 1, 0)], "forbidden"),
        (Reason::NotPermitted, vec![], "not_permitted"),
        (Reason::ForbidErred, vec![(1, 1, 1)], "forbid_erred"),
        (Reason::UnknownEnvironment, vec![], "not_permitted"),
    ];
    for (reason, entries, name) in reasons {
        let mut fake = requesting();
        fake.decides = Box::new(move |_| Answer { reason, entries: entries.clone(), remaining: 0 });
        denied(&http(), fake, name);
    }
    let mut plan = http();
    plan.gather.environments.clear();
    denied(&plan, requesting(), "not_permitted");
}

#[test]
fn obligations_are_carried_out_or_deny() {
    let mut plan = http();
    let add = Duty::AddHeader { name: "x-by".to_owned(), value: "trapkey".to_owned() };
    let remove = Duty::RemoveHeader { name: "x-in".to_owned() };
    plan.policies[0].duties =
        vec![add, remove, Duty::Mark("a".to_owned()), Duty::Mark("b".to_owned())];
    let mut fake = requesting();
    assert_eq!(outcome(&plan, &mut fake).0, Action::Continue);
    let put = [("x-by".to_owned(), Some("trapkey".to_owned())), ("x-in".to_owned(), None)];
    assert_eq!(fake.put, put);
    assert_eq!(fake.state["trapkey.marks"], "a|b");

    plan.policies[0].is_unhonoured = true;
    denied(&plan, requesting(), "unhonoured_obligation");
    // Of a policy that does not determine the allow, nothing is asked.
    let mut plan = http();
    plan.policies[1].is_unhonoured = true;
    assert_eq!(outcome(&plan, &mut requesting()).0, Action::Continue);
}

#[test]
fn observing_lets_everything_pass_and_tells() {
    let mut plan = Plan { observes: true, ..http() };
    plan.policies[0].duties = vec![Duty::RemoveHeader { name: "x-in".to_owned() }];
    for path in ["/units/7/registers/40", "//", "/nothing"] {
        let mut fake = requesting();
        fake.header_is(":path", Some(path));
        fake.decides = Box::new(|_| forbid());
        let mut guest = started(&plan, &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue, "{path}");
        assert!(fake.answers.is_empty());
        assert!(fake.state["trapkey.decision"].starts_with("trapkey_would_deny{reason="));
        assert_eq!(guest.body(&mut fake, STREAM, false), Action::Continue);
        guest.tick(&mut fake, ROOT);
        assert_eq!(fake.counters["trapkey.would_deny"], 1);
    }
    let mut fake = requesting();
    assert_eq!(outcome(&plan, &mut fake).0, Action::Continue);
    assert!(fake.put.is_empty(), "an obligation was carried out while observing");
}

#[test]
fn stream_ends_with_its_decision() {
    for is_response in [false, true] {
        let mut fake = requesting();
        let start = i64::try_from(fake.time_ms).unwrap();
        fake.decides = Box::new(move |frame| match frame.now {
            Some(now) if now < start + 500 => Answer { remaining: 300, ..allow() },
            _ => forbid(),
        });
        let mut guest = started(&http(), &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
        let mut pass = |by, fake: &mut Fake, asked: usize| {
            fake.time_ms = u64::try_from(start).unwrap() + by;
            let action = guest.body(fake, STREAM, is_response);
            assert_eq!(fake.frames.len(), asked, "after {by} ms");
            action
        };
        assert_eq!(pass(299, &mut fake, 1), Action::Continue);
        assert_eq!(pass(300, &mut fake, 2), Action::Continue);
        assert_eq!(fake.frames[1].now, Some(start + 300));
        assert_eq!(pass(599, &mut fake, 2), Action::Continue);
        assert_eq!(pass(600, &mut fake, 3), Action::Pause);
        assert_eq!(fake.closed, if is_response { vec![Stream::Response] } else { vec![] });
        assert_eq!(fake.answers.len(), usize::from(!is_response));
        assert_eq!(pass(601, &mut fake, 3), Action::Pause);
    }
}

#[test]
fn silent_stream_ends_with_its_decision() {
    for observes in [false, true] {
        let mut fake = requesting();
        let start = i64::try_from(fake.time_ms).unwrap();
        fake.decides = Box::new(move |frame| match frame.now {
            Some(now) if now < start + 500 => Answer { remaining: 300, ..allow() },
            _ => forbid(),
        });
        let mut guest = started(&Plan { observes, ..http() }, &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
        for (after, asked, closed) in [(200, 1, 0), (300, 2, 0), (700, 3, 1), (1_700, 3, 1)] {
            fake.time_ms = u64::try_from(start + after).unwrap();
            guest.tick(&mut fake, ROOT);
            assert_eq!(fake.frames.len(), asked, "after {after} ms");
            assert_eq!(fake.closed.len(), if observes { 0 } else { closed }, "after {after} ms");
        }
        // Each time the stream, then the plugin, whose counters are told.
        assert_eq!(fake.selected, [STREAM, ROOT].repeat(3));
        let counted = if observes { "trapkey.would_deny" } else { "trapkey.denied" };
        assert_eq!(fake.counters[counted], 1);
    }
}

#[test]
fn what_moves_with_time_has_moved_when_it_is_asked_again() {
    let mut fake = requesting();
    fake.header_is("x-left", Some("10s"));
    fake.decides = Box::new(|_| Answer { remaining: 300, ..allow() });
    let mut guest = started(&http(), &mut fake);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    fake.time_ms += 400;
    assert_eq!(guest.body(&mut fake, STREAM, false), Action::Continue);
    let layout = Layout::new(&schema(&context()));
    let moved = ["left", "now"].map(|name| {
        let at = usize::try_from(layout.contexts[1].field(name).unwrap().offset).unwrap();
        let of = |index: usize| {
            let bytes = &fake.frames[index].context[at..at + 8];
            i64::from_le_bytes(bytes.try_into().unwrap())
        };
        of(1) - of(0)
    });
    assert_eq!(moved, [-400, 400]);
}

#[test]
fn counters_are_told_once_and_not_forgotten() {
    let mut fake = requesting();
    let mut guest = started(&http(), &mut fake);
    guest.request(&mut fake, STREAM);
    fake.fails_at = Some(fake.calls.len());
    guest.tick(&mut fake, ROOT);
    assert_eq!(fake.counters["trapkey.allowed"], 0);
    guest.done(&mut fake, STREAM);
    assert_eq!(fake.counters["trapkey.allowed"], 0, "a stream told them");
    guest.done(&mut fake, ROOT);
    guest.tick(&mut fake, ROOT);
    assert_eq!(fake.counters["trapkey.allowed"], 1);
}

#[test]
fn decision_without_end_costs_bodies_nothing() {
    let mut fake = requesting();
    let mut guest = started(&http(), &mut fake);
    guest.request(&mut fake, STREAM);
    fake.calls.clear();
    assert_eq!(guest.body(&mut fake, STREAM, false), Action::Continue);
    assert_eq!(guest.body(&mut fake, STREAM, true), Action::Continue);
    assert!(fake.calls.is_empty());
}

#[test]
fn streams_of_no_plugin_are_denied() {
    let mut fake = requesting();
    let mut guest = started(&http(), &mut fake);
    guest.delete(ROOT);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
    guest.delete(STREAM);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
}
