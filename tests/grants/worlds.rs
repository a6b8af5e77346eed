//! Generated worlds: grants decide as Cedar does with the same templates linked.
//!
//! `TRAPKEY_CASES` sets how many decisions are compared.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use trapkey::{
    Bundle, CompileOptions, Datetime, Decision, Engine, EntityUid, Grant, GrantError, Horizon,
    Limits, Options, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::{Link, Oracle, World};
use trapkey_tests::links::template_link;

const CASES: usize = 4_000;
/// Instants at which grants begin and end, and requests are made.
const INSTANTS: i64 = 12;

/// A grant and the link that it is for Cedar.
struct Linked {
    link: Link,
    grant: Grant,
}

/// What of a decision its horizon is about.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    allow: bool,
    /// Policies, and grants in place of templates.
    determining: BTreeSet<String>,
    /// Policies and templates.
    erring: BTreeSet<String>,
}

fn engine(world: &World, store: &Value) -> Engine {
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    let options = Options { limits, poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    let policies = world.policies();
    let sources = Sources { policies: &policies, schema: &world.schema_as_given, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "world".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    engine.publish_with_json(&bundle, &store.to_string()).unwrap();
    engine
}

/// Grants for the links of a world, each for some time; two for some links.
fn grants(world: &World, engine: &Engine, rng: &mut TestRng) -> Vec<Linked> {
    let mut granted = Vec::new();
    let twice = world.links.iter().chain(world.links.iter().filter(|link| link.id.len() % 2 == 0));
    for (number, link) in twice.enumerate() {
        let begins = rng.random_range(0..INSTANTS);
        let ends = rng.random_range(begins + 1..=INSTANTS);
        let (id, filled) = (format!("grant {number}"), template_link(link));
        let grant = Grant {
            id: id.clone(),
            template: filled.template,
            principal: filled.principal,
            resource: filled.resource,
            not_before: rng.random_ratio(2, 3).then_some(Datetime(begins)),
            expires: Datetime(ends),
            reason: None,
            ticket: None,
            requester: EntityUid::new("Host", "h"),
            approvers: Vec::new(),
        };
        match engine.grant(grant.clone()) {
            // What no request can match is a link without effect.
            Ok(()) | Err(GrantError::SlotType { .. }) => {
                granted.push(Linked { link: Link { id, ..link.clone() }, grant });
            }
            Err(GrantError::UnknownEntity { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    granted
}

/// The requests of a world, and those that become others by naming what a grant is for.
fn requests(world: &World, granted: &[Linked]) -> Vec<Value> {
    let mut requests = world.requests.clone();
    for (one, request) in granted.iter().zip(world.requests.iter().cycle()) {
        let mut about = request.clone();
        let sides = [("principal", &one.grant.principal), ("resource", &one.grant.resource)];
        for (side, uid) in sides {
            let Some(uid) = uid else { continue };
            if about[side]["type"] == uid.type_name.as_str() {
                about[side]["id"] = uid.id.as_str().into();
            }
        }
        requests.push(about);
    }
    requests
}

impl Linked {
    fn counts(&self, at: i64) -> bool {
        self.grant.not_before.is_none_or(|begins| begins.0 <= at) && at < self.grant.expires.0
    }
}

fn wanted(oracle: &Oracle, granted: &[Linked], at: i64, request: &Value) -> Outcome {
    let now: Vec<Link> =
        granted.iter().filter(|one| one.counts(at)).map(|one| one.link.clone()).collect();
    let verdict = oracle.with_links(&now).unwrap().decide(request).unwrap();
    let template = |id: String| {
        let link = now.iter().find(|link| link.id == id);
        link.map_or(id, |link| link.template.clone())
    };
    let erring = verdict.erring.into_iter().map(template).collect();
    Outcome { allow: verdict.allow, determining: verdict.determining, erring }
}

fn outcome(decision: &Decision) -> Outcome {
    assert!(!matches!(decision.reason(), trapkey::Reason::Failed(_)), "{decision:?}");
    let policies = decision.determining().filter(|policy| !policy.is_template());
    let grants = decision.grants().map(|grant| grant.id.clone());
    let erring = decision.erring().map(|erring| erring.policy.id.clone()).collect();
    let determining = policies.map(|policy| policy.id.clone()).chain(grants).collect();
    Outcome { allow: decision.is_allow(), determining, erring }
}

/// How many decisions were compared, and how many rested on grants.
#[derive(Debug, Default)]
struct Tally {
    compared: usize,
    granted: usize,
    erring: usize,
    ended: usize,
}

fn compare(world: &World, rng: &mut TestRng, tally: &mut Tally) {
    let engine = engine(world, &world.stores[0]);
    let granted = grants(world, &engine, rng);
    let requests = requests(world, &granted);
    for store in &world.stores {
        engine.replace_entities_json(&store.to_string()).unwrap();
        let oracle = Oracle::new(&world.schema, &world.policies(), store).unwrap();
        for json in &requests {
            let model = engine.model().unwrap();
            let mut request = Request::from_json(&model, &json.to_string()).unwrap();
            let at = rng.random_range(-1..=INSTANTS);
            let mut decide = |at| {
                request.set_at(Some(Datetime(at)));
                engine.decide(&request)
            };
            let decision = decide(at);
            let found = outcome(&decision);
            assert_eq!(found, wanted(&oracle, &granted, at, json), "{json} at {at} {store}");
            tally.compared += 1;
            tally.granted += usize::from(decision.grants().next().is_some());
            tally.erring += usize::from(decision.erring().any(|e| e.policy.is_template()));
            let end = match decision.horizon() {
                Horizon::Never => INSTANTS + 1,
                Horizon::Now => at,
                Horizon::Remaining(left) => at + i64::try_from(left.as_millis()).unwrap(),
            };
            // Sound: nothing changes before it.
            for later in at..end.min(INSTANTS + 1) {
                assert_eq!(outcome(&decide(later)), found, "{json} at {at}, later {later}");
            }
            // Exact where a grant that counted is the first to end.
            let first = decision.grants().map(|grant| grant.expires.0).min();
            assert!(first.is_none_or(|first| end <= first), "{end} is after {first:?}");
            if first == Some(end) {
                assert_ne!(outcome(&decide(end)), found, "{json} at {at}, end {end}");
                tally.ended += 1;
            }
        }
    }
}

#[test]
fn grants_decide_as_links_do_and_horizons_are_sound() {
    let cases = std::env::var("TRAPKEY_CASES").map_or(CASES, |text| text.parse().unwrap());
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut tally = Tally::default();
    for seed in 1.. {
        let world = World::generate(seed).unwrap();
        if !world.links.is_empty() {
            compare(&world, &mut rng, &mut tally);
        }
        if tally.compared >= cases {
            break;
        }
    }
    println!("{tally:?}");
    assert!(tally.granted * 20 > cases && tally.ended * 40 > cases, "{tally:?}");
    assert!(tally.erring * 100 > cases, "{tally:?}");
}
