//! Obligations that the PEP must have declared, advice that it may pass over, and their parameters.

use proptest::prelude::*;
use trapkey::{
    CacheOptions, Decision, Duration, Duty, Engine, Honours, Options, Parameter, Reason, Request,
    Semantics, Value,
};

use crate::shop::{engine, request, uid};

const NAMES: [&str; 8] = ["record", "notify", "end-at", "wait", "attach", "see", "to", "alert"];

fn honouring(honours: Honours, semantics: Semantics) -> Engine {
    engine(Options { honours, poison_frames: true, ..Options::default() }, semantics)
}

/// Decides by every way there is, twice where decisions are kept.
fn decide_all(engine: &Engine, request: &Request) -> Vec<Decision> {
    let mut caching = engine.caching_decider(CacheOptions::default());
    let mut batch = Vec::new();
    engine.decide_batch(std::slice::from_ref(request), &mut batch);
    batch.push(engine.decide(request));
    batch.push(engine.decider().decide(request).clone());
    batch.push(caching.decide(request).clone());
    batch.push(caching.decide(request).clone());
    assert_eq!(caching.counts().hits, 1);
    batch.push(engine.decide_with_duties(request).0);
    batch
}

#[test]
fn an_allow_with_an_undeclared_obligation_is_a_deny_that_names_it() {
    let honours = Honours::names(["record", "end-at"]);
    let engine = honouring(honours.clone(), Semantics::TRAPKEY);
    for decision in decide_all(&engine, &request(&engine, ("ann", "start", "press"), 1, true)) {
        assert_eq!(decision.reason(), Reason::ObligationNotHonoured);
        assert!(!decision.is_allow());
        let missing = decision.not_honoured(&honours);
        let missing: Vec<_> = missing.map(|(policy, duty)| (&*policy.id, &*duty.name)).collect();
        assert_eq!(missing, [("start", "notify")]);
        assert_eq!((decision.determining().count(), decision.obligations().count()), (0, 0));
        assert_eq!(decision.advice().count(), 0);
    }
    // Without obligations nothing needs to be declared; a forbid's are asked in any case.
    let stop = engine.decide(&request(&engine, ("ann", "stop", "press"), 1, false));
    assert_eq!(stop.reason(), Reason::Permitted);
    let (alarmed, duties) =
        engine.decide_with_duties(&request(&engine, ("ann", "stop", "press"), 9, false));
    assert_eq!(alarmed.reason(), Reason::Forbidden);
    assert_eq!(alarmed.not_honoured(engine.honours()).count(), 0);
    assert_eq!(duties, [duty("alert", Some(Parameter::Text("soc".to_owned())), true)]);
}

#[test]
fn bundles_under_cedars_semantics_are_never_denied_for_it() {
    let engine = honouring(Honours::names([""; 0]), Semantics::CEDAR);
    for decision in decide_all(&engine, &request(&engine, ("bob", "start", "press"), 1, true)) {
        assert_eq!(decision.reason(), Reason::Permitted);
    }
}

fn duty(name: &str, parameter: Option<Parameter>, is_mandatory: bool) -> Duty {
    Duty { name: name.to_owned(), parameter, is_mandatory }
}

#[test]
fn parameters_are_resolved_by_the_facts_that_decided() {
    let engine = honouring(Honours::All, Semantics::TRAPKEY);
    let entity = |id: &str| Some(Parameter::Value(Value::Entity(uid("Person", id))));
    let unresolved = |text: &str| Some(Parameter::Unresolved(text.to_owned()));
    let soc = || duty("tell", Some(Parameter::Text("soc".to_owned())), false);
    let (decision, duties) =
        engine.decide_with_duties(&request(&engine, ("bob", "start", "press"), 1, true));
    assert!(decision.is_allow());
    let want = [
        duty("record", None, true),
        duty("notify", entity("ann"), true),
        duty("end-at", Some(Parameter::Value(Value::Datetime(5_000))), true),
        duty("wait", Some(Parameter::Duration(Duration(86_400_000))), true),
        // Ann has no broker; `context` is no root; a level is there.
        duty("attach", unresolved("broker.broker"), true),
        duty("see", unresolved("context.tags"), true),
        duty("to", Some(Parameter::Value(Value::Long(3))), true),
        duty("tell", entity("ann"), false),
        soc(),
    ];
    assert_eq!(duties, want);

    // Without the order its paths lead nowhere, and are not dropped.
    let (_, duties) =
        engine.decide_with_duties(&request(&engine, ("ann", "start", "oven"), 1, false));
    let want = [
        duty("record", None, true),
        duty("notify", entity("ann"), true),
        duty("end-at", unresolved("workorder.closesAt"), true),
        duty("tell", unresolved("WORKORDER.asked.by"), false),
        soc(),
    ];
    assert_eq!(duties, want);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A declaration takes away exactly the allows that ask for more.
    #[test]
    fn a_declaration_denies_exactly_what_it_lacks(
        names in proptest::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len()),
        who in proptest::sample::select(vec!["ann", "bob"]),
        what in proptest::sample::select(vec!["start", "stop"]),
        risk in 0..10_i64,
        order: bool,
    ) {
        let honours = Honours::names(names);
        let (all, some) = (
            honouring(Honours::All, Semantics::TRAPKEY),
            honouring(honours.clone(), Semantics::TRAPKEY),
        );
        let request = request(&all, (who, what, "press"), risk, order);
        let (want, got) = (all.decide(&request), some.decide(&request));
        let lacks = want.obligations().any(|duty| !honours.includes(&duty.name));
        if want.is_allow() && lacks {
            prop_assert_eq!(got.reason(), Reason::ObligationNotHonoured);
            prop_assert!(got.not_honoured(&honours).count() > 0);
        } else {
            prop_assert_eq!(got.reason(), want.reason());
        }
    }
}
