//! Random histories: whatever changes, a decision that is given again is the one that would be made.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use trapkey::{
    Bundle, CacheCounts, CacheOptions, CachingDecider, Datetime, Decision, Duration, Engine,
    Entity, EntityUid, EvalError, Generation, Grant, Reason, Request, Span, TemplateLink,
};
use trapkey_testkit::World;
use trapkey_tests::lasting::{
    self, Asked, DOCS, GROUPS, START, STRICTER, USERS, any_asked, any_entity, any_facts, any_grant,
    any_wait, uid,
};
use trapkey_tests::links::template_link;

const HISTORIES: u32 = 500;
const STEPS_MAX: usize = 80;
/// Requests of a history; few, so that they are made again.
const ASKED: usize = 6;
const WORLDS: u64 = 40;

#[derive(Clone, Debug)]
enum Step {
    Ask(usize),
    Upsert(Entity),
    Remove(EntityUid),
    Replace(Vec<Entity>),
    Publish(bool),
    Rollback,
    Grant(Grant),
    Revoke(usize),
    Wait(i64),
    /// A request of an earlier instant than the last.
    AskBack(usize, i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (0..ASKED).prop_map(Step::Ask),
        3 => any_entity().prop_map(Step::Upsert),
        1 => (0..GROUPS + USERS + DOCS).prop_map(|number| Step::Remove(uid(number))),
        1 => any_entity().prop_map(|entity| Step::Replace(vec![entity])),
        1 => any::<bool>().prop_map(Step::Publish),
        1 => Just(Step::Rollback),
        2 => any_grant().prop_map(Step::Grant),
        1 => (0..4_usize).prop_map(Step::Revoke),
        5 => any_wait().prop_map(Step::Wait),
        2 => (0..ASKED, any_wait()).prop_map(|(number, by)| Step::AskBack(number, by)),
    ]
}

/// All that a decision says but how long it holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    reason: Reason,
    generation: Generation,
    at: Option<Datetime>,
    determining: Vec<String>,
    observed: Vec<String>,
    erring: Vec<(String, EvalError, Span)>,
    obligations: Vec<trapkey::Obligation>,
    grants: Vec<String>,
}

pub(crate) fn said(decision: &Decision) -> Said {
    let ids = |policy: &trapkey::Policy| policy.id.clone();
    Said {
        reason: decision.reason(),
        generation: decision.generation(),
        at: decision.at(),
        determining: decision.determining().map(ids).collect(),
        observed: decision.observed().map(ids).collect(),
        erring: decision.erring().map(|e| (e.policy.id.clone(), e.error, e.span)).collect(),
        obligations: decision.obligations().cloned().collect(),
        grants: decision.grants().map(|grant| grant.id.clone()).collect(),
    }
}

struct History<'h> {
    engine: &'h Engine,
    cached: CachingDecider,
    /// Each request at the instant at which it was asked first.
    asked: Vec<Request>,
    bundles: &'h [Bundle; 2],
    now: i64,
    decided: u64,
}

impl History<'_> {
    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Ask(number) => self.ask(*number, self.now)?,
            Step::AskBack(number, by) => self.ask(*number, (self.now - by).max(0))?,
            Step::Upsert(entity) => self.engine.upsert(entity.clone()).unwrap(),
            Step::Remove(uid) => {
                self.engine.remove(uid).unwrap();
            }
            Step::Replace(list) => self.engine.replace_entities(list.clone()).unwrap(),
            Step::Publish(stricter) => {
                self.engine.publish(&self.bundles[usize::from(*stricter)]).unwrap();
            }
            Step::Rollback => drop(self.engine.rollback()),
            // One that the facts or the module do not admit changes nothing.
            Step::Grant(grant) => drop(self.engine.grant(grant.clone())),
            Step::Revoke(id) => {
                self.engine.revoke(&id.to_string());
            }
            Step::Wait(ms) => self.now += ms,
        }
        Ok(())
    }

    fn ask(&mut self, number: usize, after: i64) -> Result<(), TestCaseError> {
        let mut request = self.asked[number].clone();
        request.advance(Duration(after)).unwrap();
        let want = said(&self.engine.decide(&request));
        let got = said(self.cached.decide(&request));
        self.decided += 1;
        if want != got {
            return Err(TestCaseError::fail(format!("{got:?}, would be {want:?}")));
        }
        let CacheCounts { hits, misses } = self.cached.counts();
        if hits + misses != self.decided {
            return Err(TestCaseError::fail(format!("{hits} + {misses} of {}", self.decided)));
        }
        Ok(())
    }
}

fn any_requests() -> impl Strategy<Value = Vec<Asked>> {
    vec(any_asked(), ASKED)
}

/// The same in every run, so that what must occur does.
fn rng() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

#[test]
fn an_answer_is_never_stale() {
    let engine = lasting::engine();
    let bundles = [lasting::POLICIES, STRICTER].map(lasting::bundle);
    let (hits, misses) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    // As small as a cache can be, and larger than it need be.
    let sizes = prop_oneof![Just(1), Just(64)];
    let histories = (any_facts(), any_requests(), sizes, vec(any_step(), 1..STEPS_MAX));
    let outcome = TestRunner::new_with_rng(config, rng()).run(
        &histories,
        |(facts, asked, entries_max, steps)| {
            engine.publish(&bundles[0]).unwrap();
            engine.replace_entities(facts).unwrap();
            let mut history = History {
                engine: &engine,
                cached: engine.caching_decider(CacheOptions { entries_max }),
                asked: asked.iter().map(|asked| asked.request(&engine, START)).collect(),
                bundles: &bundles,
                now: 0,
                decided: 0,
            };
            for step in &steps {
                history.step(step)?;
            }
            let counts = history.cached.counts();
            hits.set(hits.get() + counts.hits);
            misses.set(misses.get() + counts.misses);
            Ok(())
        },
    );
    println!("{} hits, {} misses", hits.get(), misses.get());
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(hits.get() > 500 && misses.get() > 500, "{} hits, {} misses", hits.get(), misses.get());
}

/// Policies of every construct, by whole stores and by single entities that change.
#[test]
fn worlds_are_never_answered_stale() {
    let (mut hits, mut misses) = (0, 0);
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
        let policies = world.policies();
        let sources =
            trapkey::Sources { policies: &policies, schema: &world.schema_as_given, links: &links };
        let compiled = trapkey::compile(&sources, trapkey::CompileOptions::default()).unwrap();
        let release = trapkey::Release { name: "world".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        let limits =
            trapkey::Limits { fuel: std::num::NonZeroU64::MAX, ..trapkey::Limits::default() };
        let engine = Engine::new(limits).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        let model = engine.model().unwrap();
        let read =
            |text: &serde_json::Value| Request::from_json(&model, &text.to_string()).unwrap();
        let requests: Vec<Request> = world.requests.iter().map(read).collect();
        let mut cached = engine.caching_decider(CacheOptions::default());
        let mut compare = || {
            for request in requests.iter().chain(&requests) {
                let want = said(&engine.decide(request));
                assert_eq!(said(cached.decide(request)), want, "world {seed}");
            }
        };
        for store in &world.stores {
            engine.replace_entities_json(&store.to_string()).unwrap();
            compare();
            for entity in store.as_array().unwrap() {
                let text = |name: &str| entity["uid"][name].as_str().unwrap().to_owned();
                engine.remove(&EntityUid::new(text("type"), text("id"))).unwrap();
                compare();
                engine.upsert_json(&entity.to_string()).unwrap();
                compare();
            }
        }
        let counts = cached.counts();
        hits += counts.hits;
        misses += counts.misses;
    }
    println!("{hits} hits, {misses} misses");
    assert!(hits > misses && misses > 1_000, "{hits} hits, {misses} misses");
}
