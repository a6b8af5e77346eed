//! However a request is decided, the decision is the same: by an engine, by a decider, in a batch,
//! with rows that are kept from earlier decisions and without.

#![cfg(test)]

use std::num::NonZeroU64;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use trapkey::{
    Bundle, CompileOptions, DecideError, Decision, Engine, EvalError, Limits, Options, Reason,
    Release, Request, Sources, TemplateLink, compile,
};
use trapkey_testkit::{Folder, Generator, World, examples_dir};
use trapkey_tests::fixture::{self, Fixture};
use trapkey_tests::links::template_link;

const WORLDS: u64 = 60;
/// Generated requests and stores around the cases of each example.
const SAMPLES: usize = 60;

/// All that a decision says.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    reason: Reason,
    determining: Vec<String>,
    observed: Vec<String>,
    erring: Vec<(String, EvalError, trapkey::Span)>,
}

fn said(decision: &Decision) -> Said {
    let ids = |policy: &trapkey::Policy| policy.id.clone();
    Said {
        reason: decision.reason(),
        determining: decision.determining().map(ids).collect(),
        observed: decision.observed().map(ids).collect(),
        erring: decision.erring().map(|e| (e.policy.id.clone(), e.error, e.span)).collect(),
    }
}

fn options() -> Options {
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    Options { limits, ..Options::default() }
}

/// An engine that keeps rows and one that keeps nothing from one decision to the next.
struct Pair {
    keeping: Engine,
    forgetting: Engine,
}

impl Pair {
    fn new(sources: &Sources<'_>) -> Self {
        let compiled = compile(sources, CompileOptions::default()).unwrap();
        let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        let bundle = Bundle::open(&bytes).unwrap();
        let engine = |options| {
            let engine = Engine::with_options(options).unwrap();
            engine.publish(&bundle).unwrap();
            engine
        };
        let forgetting = engine(Options { poison_frames: true, ..options() });
        Self { keeping: engine(options()), forgetting }
    }

    fn each(&self, change: impl Fn(&Engine)) {
        change(&self.keeping);
        change(&self.forgetting);
    }

    /// Decides all requests in every way; the number of different decisions.
    fn check(&self, requests: &[Request], decider: &mut trapkey::Decider, place: &str) -> usize {
        let wants: Vec<Said> =
            requests.iter().map(|request| said(&self.forgetting.decide(request))).collect();
        let mut decisions = Vec::new();
        for round in 0..2 {
            for (request, want) in requests.iter().zip(&wants) {
                assert_eq!(&said(decider.decide(request)), want, "{place}, round {round}");
                assert_eq!(&said(&self.keeping.decide(request)), want, "{place}, round {round}");
            }
            decider.decide_batch(requests, &mut decisions);
            assert_eq!(decisions.iter().map(said).collect::<Vec<_>>(), wants, "{place}, batch");
            self.keeping.decide_batch(requests, &mut decisions);
            assert_eq!(decisions.iter().map(said).collect::<Vec<_>>(), wants, "{place}, batch");
            self.forgetting.decide_batch(requests, &mut decisions);
            assert_eq!(decisions.iter().map(said).collect::<Vec<_>>(), wants, "{place}, poisoned");
        }
        wants.iter().filter(|want| want.reason == Reason::Permitted).count()
    }
}

#[test]
fn examples_are_decided_alike_while_stores_change() {
    for entry in std::fs::read_dir(examples_dir()).unwrap() {
        let folder = Folder::read(&entry.unwrap().path()).unwrap();
        let place = folder.path.display().to_string();
        let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
        let pair = Pair::new(&sources);
        let model = pair.keeping.model().unwrap();
        let samples = Generator::new(&folder).unwrap().samples();
        let mut runner = TestRunner::deterministic();
        let samples: Vec<_> =
            (0..SAMPLES).map(|_| samples.new_tree(&mut runner).unwrap().current()).collect();
        let request = |text: &Value| Request::from_json(&model, &text.to_string()).unwrap();
        let cases = folder.cases.iter().map(|case| request(&case.request));
        let requests: Vec<Request> =
            samples.iter().map(|sample| request(&sample.request())).chain(cases).collect();
        let mut decider = pair.keeping.decider();
        let mut permitted = 0;
        for sample in &samples {
            let entities = sample.entities();
            // Now all at once, now one after the other: rows that stay are not written again.
            pair.each(|engine| engine.replace_entities_json(&entities.to_string()).unwrap());
            permitted += pair.check(&requests, &mut decider, &place);
            let list = entities.as_array().unwrap();
            let half = list.iter().step_by(2);
            for entity in half {
                let uid = &entity["uid"];
                let text = |name: &str| uid[name].as_str().unwrap_or_default().to_owned();
                let uid = trapkey::EntityUid::new(text("type"), text("id"));
                pair.each(|engine| drop(engine.remove(&uid)));
            }
            permitted += pair.check(&requests, &mut decider, &place);
            pair.each(|engine| engine.upsert_json(&entities.to_string()).unwrap());
        }
        assert!(permitted > 0, "{place}");
    }
}

#[test]
fn worlds_are_decided_alike_while_stores_change() {
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
        let policies = world.policies();
        let pair = Pair::new(&Sources {
            policies: &policies,
            schema: &world.schema_as_given,
            links: &links,
        });
        let model = pair.keeping.model().unwrap();
        let requests: Vec<Request> = world
            .requests
            .iter()
            .map(|text| Request::from_json(&model, &text.to_string()).unwrap())
            .collect();
        let mut decider = pair.keeping.decider();
        for store in world.stores.iter().chain(&world.stores) {
            pair.each(|engine| engine.replace_entities_json(&store.to_string()).unwrap());
            pair.check(&requests, &mut decider, &format!("world {seed}"));
        }
    }
}

/// Rows that are kept do not make room: what is too large for one host is too large for all.
#[test]
fn a_frame_is_too_large_whatever_was_kept_before() {
    let mut fits = Vec::new();
    for frame_bytes_max in (128..512).step_by(8) {
        let mut fixture = Fixture::new(fixture::DENY);
        fixture.manifest.memory.frame_bytes_max = frame_bytes_max;
        let bundle = fixture.bundle();
        let publish = |options| {
            let engine = Engine::with_options(options).unwrap();
            // Without room for the least frame it is not published.
            engine.publish(&bundle).ok()?;
            engine.upsert(fixture::user("u", 9)).unwrap();
            Some(engine)
        };
        let poisoned = Options { poison_frames: true, ..options() };
        let (Some(keeping), Some(forgetting)) = (publish(options()), publish(poisoned)) else {
            continue;
        };
        let request = fixture::request(&keeping, "u");
        let want = said(&forgetting.decide(&request));
        let mut decisions = Vec::new();
        for _ in 0..3 {
            assert_eq!(said(&keeping.decide(&request)), want, "{frame_bytes_max}");
            keeping.decide_batch(&[request.clone(), request.clone()], &mut decisions);
            for decision in &decisions {
                assert_eq!(said(decision), want, "{frame_bytes_max}");
            }
        }
        let capacity = usize::try_from(frame_bytes_max).unwrap();
        let too_large = Reason::Failed(DecideError::FrameTooLarge { capacity });
        assert!([too_large, Reason::NotPermitted].contains(&want.reason), "{want:?}");
        fits.push(want.reason != too_large);
    }
    assert!(fits.is_sorted() && fits.contains(&false) && fits.contains(&true), "{fits:?}");
}

/// Of a batch, a request that fails fails alone.
#[test]
fn requests_of_a_batch_fail_alone() {
    let engine = Engine::new(Limits::default()).unwrap();
    let mut decisions = vec![Decision::new(); 3];
    engine.decide_batch::<Request>(&[], &mut decisions);
    assert_eq!(decisions.len(), 0);
    let fixture = Fixture::new(&fixture::at_level_9("(unreachable)"));
    engine.publish(&fixture.bundle()).unwrap();
    for (id, level) in [("nine", 9), ("one", 1)] {
        engine.upsert(fixture::user(id, level)).unwrap();
    }
    let other = fixture::schema_with("extra", fixture::attribute(trapkey::Type::Long, false));
    let stale = fixture::request_under(&trapkey::Model::new(other), "one");
    let request = |id| fixture::request(&engine, id);
    let requests = [request("one"), stale, request("nine"), request("one")];
    let single: Vec<Said> = requests.iter().map(|request| said(&engine.decide(request))).collect();
    let reasons: Vec<Reason> = single.iter().map(|said| said.reason).collect();
    let failed = |error| Reason::Failed(error);
    assert_eq!(reasons[1], failed(DecideError::Stale));
    assert_eq!(reasons[2], failed(DecideError::Trap));
    assert!(!matches!(reasons[0], Reason::Failed(_)));
    let mut decider = engine.decider();
    for _ in 0..2 {
        decider.decide_batch(&requests, &mut decisions);
        assert_eq!(decisions.iter().map(said).collect::<Vec<_>>(), single);
        engine.decide_batch(&requests, &mut decisions);
        assert_eq!(decisions.iter().map(said).collect::<Vec<_>>(), single);
    }
}

/// A decider sees what is published at its next decision, and holds on to nothing when released.
#[test]
fn deciders_follow_publications_and_let_modules_go() {
    let engine = Engine::new(Limits { history_max: 0, ..Limits::default() }).unwrap();
    let (allow, deny) = (Fixture::new(fixture::ALLOW), Fixture::new(fixture::DENY));
    let mut decider = engine.decider();
    engine.publish(&allow.bundle()).unwrap();
    let request = fixture::request(&engine, "u");
    assert!(decider.decide(&request).is_allow());
    engine.publish(&deny.bundle()).unwrap();
    assert_eq!(engine.modules_alive(), 2, "the decider holds the one before");
    assert!(!decider.decide(&request).is_allow());
    assert_eq!(engine.modules_alive(), 1);
    engine.publish(&allow.bundle()).unwrap();
    decider.release();
    assert_eq!(engine.modules_alive(), 1);
    assert!(decider.decide(&request).is_allow());
    engine.publish(&deny.bundle()).unwrap();
    drop(decider);
    assert_eq!(engine.modules_alive(), 1);
}
