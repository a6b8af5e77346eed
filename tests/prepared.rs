//! Requests that are changed in place decide as those built anew, and as in Cedar.

#![cfg(test)]

#[path = "prepared/change.rs"]
mod change;
#[path = "prepared/whole.rs"]
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::{Arc, Barrier};
use std::thread;

use serde_json::Value as Json;
use trapkey::{
    Bundle, CompileOptions, DecideError, Decision, Engine, EntityUid, Limits, Model, Options,
    Party, Reason, Release, Request, Semantics, SetError, Sources, TemplateLink, Value, compile,
};
use trapkey_testkit::{Oracle, World};
use trapkey_tests::links::template_link;

use change::{Kinds, change};
use whole::whole;

/// Generated worlds whose requests are changed into each other.
const WORLDS: u64 = 60;

fn bundle(policies: &str, schema: &str, links: &[TemplateLink]) -> Bundle {
    let sources = Sources { policies, schema, links };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

fn ids<'a>(policies: impl Iterator<Item = &'a trapkey::Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

/// Verdict, determining and erring policies.
fn said(decision: &Decision) -> (bool, BTreeSet<String>, BTreeSet<String>) {
    assert!(!matches!(decision.reason(), Reason::Failed(_)), "{decision:?}");
    let erring = ids(decision.erring().map(|erring| erring.policy));
    (decision.is_allow(), ids(decision.determining()), erring)
}

/// One request per action and types, changed into each that comes.
#[derive(Default)]
struct Prepared {
    requests: BTreeMap<(u32, u32, u32), Request>,
    kinds: Kinds,
    changed: usize,
}

impl Prepared {
    fn of(&mut self, model: &Arc<Model>, json: &Json) -> &Request {
        let anew = Request::from_json(model, &json.to_string()).unwrap();
        let (principal, resource) = (anew.principal(), anew.resource());
        let key = (anew.action(), principal.entity_type(), resource.entity_type());
        self.changed += usize::from(self.requests.contains_key(&key));
        let request = self.requests.entry(key).or_insert_with(|| anew.clone());
        request.set_principal(principal).unwrap();
        request.set_resource(resource).unwrap();
        for (kind, count) in change(model, request, &json["context"]) {
            *self.kinds.entry(kind).or_default() += count;
        }
        assert_eq!(whole(model, request), whole(model, &anew), "{json}");
        request
    }
}

#[test]
fn changed_requests_decide_as_new_ones_and_as_cedar() {
    // Sets of sets of sets, as worlds compare them, may take more than the default budget.
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    let options = Options { limits, poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    let mut decider = engine.decider();
    let (mut kinds, mut changed, mut allowed) = (Kinds::new(), 0, 0);
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
        let bundle = bundle(&world.policies(), &world.schema, &links);
        let mut prepared = Prepared::default();
        for store in &world.stores {
            let oracle = Oracle::new(&world.schema, &world.policies(), store).unwrap();
            let oracle = oracle.with_links(&world.links).unwrap();
            engine.publish_with_json(&bundle, &store.to_string()).unwrap();
            let model = engine.model().unwrap();
            for json in &world.requests {
                let request = prepared.of(&model, json);
                let got = said(decider.decide(request));
                assert_eq!(got, said(&engine.decide(request)), "{seed}: {json}");
                assert_eq!(got, said(&engine.decide_json(&json.to_string()).unwrap()));
                let want = oracle.decide(json).unwrap();
                assert_eq!(got, (want.allow, want.determining, want.erring), "{seed}: {json}");
                allowed += usize::from(got.0);
            }
        }
        changed += prepared.changed;
        for (kind, count) in prepared.kinds {
            *kinds.entry(kind).or_default() += count;
        }
    }
    println!("{changed} requests changed, {allowed} allowed, {kinds:?}");
    assert!(changed > 300 && allowed > 100, "{changed} changed, {allowed} allowed");
    let all = [
        "Bool",
        "Long",
        "String",
        "decimal",
        "datetime",
        "duration",
        "ipaddr",
        "entity by name",
        "entity by handle",
        "Set<Bool>",
        "Set<Long>",
        "Set<String>",
        "Set<decimal>",
        "Set<datetime>",
        "Set<duration>",
        "Set<ipaddr>",
        "Set<entity>",
        "set of sets or records",
        "optional record",
        "absent",
    ];
    for kind in all {
        assert!(kinds.contains_key(kind), "no slot of kind {kind} was set: {kinds:?}");
    }
}

const SCHEMA: &str = "
entity User; entity Door;
action open appliesTo { principal: User, resource: Door, context: { code: Long, name: String } };
";
const POLICY: &str = "permit(principal, action, resource) when { context.code == 7 };";

fn prepared(model: &Arc<Model>) -> Request {
    Request::builder(model)
        .principal(EntityUid::new("User", "ann"))
        .action(EntityUid::new("Action", "open"))
        .resource(EntityUid::new("Door", "d"))
        .attribute("code", Value::Long(7))
        .attribute("name", Value::String("ann".into()))
        .build()
        .unwrap()
}

#[test]
fn another_layout_makes_requests_and_slots_stale_until_they_are_resolved_again() {
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(POLICY, SCHEMA, &[])).unwrap();
    let open = EntityUid::new("Action", "open");
    let before = engine.model().unwrap();
    let code = before.slot::<i64>(&open, "code").unwrap();
    let ann = Party::resolve(&before, EntityUid::new("User", "ann")).unwrap();
    let mut request = prepared(&before);
    let mut decider = engine.decider();
    assert!(decider.decide(&request).is_allow());

    // The same policies and schema again: nothing has to be resolved again.
    engine.publish(&bundle(POLICY, &format!("{SCHEMA} "), &[])).unwrap();
    request.set(&code, 8).unwrap();
    assert!(!decider.decide(&request).is_allow());
    request.set(&code, 7).unwrap();
    assert!(decider.decide(&request).is_allow());

    let other = SCHEMA.replace("code: Long", "code: Long, alarm?: Bool");
    engine.publish(&bundle(POLICY, &other, &[])).unwrap();
    for decision in [decider.decide(&request).clone(), engine.decide(&request)] {
        assert_eq!(decision.reason(), Reason::Failed(DecideError::Stale));
        assert!(!decision.is_allow());
    }
    let after = engine.model().unwrap();
    let mut request = prepared(&after);
    let stale = SetError::Stale { resolved: code.layout(), request: request.layout() };
    assert_eq!(request.set(&code, 9), Err(stale.clone()));
    assert_eq!(request.clear(&code), Err(stale.clone()));
    assert_eq!(request.set_principal(&ann), Err(stale.clone()));
    assert_eq!(request.set_resource(&ann), Err(stale));
    assert!(decider.decide(&request).is_allow(), "it is as before");
    let code = after.slot::<i64>(&open, "code").unwrap();
    request.set(&code, 8).unwrap();
    assert!(!decider.decide(&request).is_allow());
}

#[test]
fn every_thread_sees_a_publication_at_its_next_decision() {
    const THREADS: usize = 4;
    let engine = Engine::new(Limits { history_max: 0, ..Limits::default() }).unwrap();
    let bundles = [bundle(POLICY, SCHEMA, &[]), bundle(&POLICY.replace('7', "8"), SCHEMA, &[])];
    engine.publish(&bundles[0]).unwrap();
    let request = prepared(&engine.model().unwrap());
    let (ready, go) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (engine, request, ready, go) = (&engine, &request, &ready, &go);
            scope.spawn(move || {
                let mut decider = engine.decider();
                for step in 0..20 {
                    let decision = decider.decide(request);
                    assert_eq!(decision.is_allow(), step % 2 == 0);
                    assert_eq!(decision.generation().0, step + 1);
                    if number % 2 == 1 {
                        decider.release();
                    }
                    ready.wait();
                    go.wait();
                }
            });
        }
        for step in 0..20 {
            ready.wait();
            engine.publish(&bundles[(step + 1) % 2]).unwrap();
            go.wait();
        }
    });
    assert_eq!(engine.modules_alive(), 1, "the deciders are gone");
}

#[test]
fn released_and_dropped_deciders_let_go_of_the_module() {
    let engine = Engine::new(Limits { history_max: 0, ..Limits::default() }).unwrap();
    engine.publish(&bundle(POLICY, SCHEMA, &[])).unwrap();
    let request = prepared(&engine.model().unwrap());
    let mut deciders = [engine.decider(), engine.decider()];
    for decider in &mut deciders {
        assert!(decider.decide(&request).is_allow());
    }
    engine.publish(&bundle(&POLICY.replace('7', "8"), SCHEMA, &[])).unwrap();
    assert_eq!(engine.modules_alive(), 2, "idle deciders keep what they decided with");
    let [mut released, dropped] = deciders;
    released.release();
    assert_eq!(engine.modules_alive(), 2);
    drop(dropped);
    assert_eq!(engine.modules_alive(), 1);
    assert!(!released.decide(&request).is_allow());
}
