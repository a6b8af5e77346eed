//! Every decision equals Cedar's: verdict, determining policies, erring policies.
//!
//! Requests and stores are generated around the cases of each example folder; Cedar's own
//! authorizer decides who is right. Frames are poisoned, so bytes of an earlier request that a
//! module read would change its answers.

#![cfg(test)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use trapkey::{
    Bundle, CompileOptions, Decision, Engine, Options, Policy, Reason, Release, Request, Semantics,
    Sources, Stage, Verdict, compile,
};
use trapkey_testkit::{Folder, Generator, Oracle, Sample, examples_dir};

/// Generated requests over the plant; as many again are spread over the other folders.
const PLANT_CASES: u32 = 2_000;

fn engine(folder: &Folder, semantics: Semantics) -> Engine {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let options = Options { poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    engine
}

/// What the two engines said to one sample.
struct Outcome {
    want: trapkey_testkit::Verdict,
    got: Decision,
}

fn ids<'a>(policies: impl Iterator<Item = &'a Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

fn decide(engine: &Engine, oracle: &Oracle, sample: &Sample) -> Outcome {
    let (request, entities) = (sample.request(), sample.entities());
    let want = oracle.with_entities(&entities).unwrap().decide(&request).unwrap();
    engine.replace_entities_json(&entities.to_string()).unwrap();
    let model = engine.model().unwrap();
    let request = Request::from_json(&model, &request.to_string()).unwrap();
    Outcome { want, got: engine.decide(&request) }
}

fn fail(what: &str, outcome: &Outcome) -> TestCaseError {
    let got = &outcome.got;
    let erring: Vec<_> = got.erring().map(|erring| (&erring.policy.id, erring.error)).collect();
    TestCaseError::fail(format!(
        "{what}: cedar says {:?}, trapkey {:?} {:?} by {:?}, erring {erring:?}",
        outcome.want,
        got.verdict(),
        got.reason(),
        ids(got.determining()),
    ))
}

fn check_cedar(outcome: &Outcome) -> Result<(), TestCaseError> {
    let (want, got) = (&outcome.want, &outcome.got);
    if want.allow != got.is_allow() || matches!(got.reason(), Reason::Failed(_)) {
        return Err(fail("verdicts differ", outcome));
    }
    if want.determining != ids(got.determining()) {
        return Err(fail("determining policies differ", outcome));
    }
    if want.erring != ids(got.erring().map(|erring| erring.policy)) {
        return Err(fail("erring policies differ", outcome));
    }
    Ok(())
}

#[track_caller]
fn run(folder: &str, cases: u32, semantics: Semantics, check: Check) {
    let folder = Folder::read(&examples_dir().join(folder)).unwrap();
    let policies = if semantics.stages { enforced(&folder) } else { folder.policies.clone() };
    let entities = &folder.entities;
    let oracle = Oracle::new(&folder.schema, &policies, entities).unwrap();
    let engine = engine(&folder, semantics);
    let generator = Generator::new(&folder).unwrap();
    let tally = RefCell::new(BTreeMap::new());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&generator.samples(), |sample| {
        let outcome = decide(&engine, &oracle, &sample);
        let reason = format!("{:?}", outcome.got.reason());
        *tally.borrow_mut().entry(reason).or_insert(0_u32) += 1;
        if outcome.got.erring().next().is_some() {
            *tally.borrow_mut().entry("with an error".into()).or_insert(0) += 1;
        }
        check(&outcome)
    });
    println!("{}: {cases} requests, {:?}", folder.path.display(), tally.borrow());
    if let Err(error) = result {
        panic!("{error}");
    }
    let tally = tally.borrow();
    for kind in ["Permitted", "Forbidden", "NotPermitted", "with an error"] {
        assert!(tally.contains_key(kind), "no generated request is {kind}");
    }
}

type Check = fn(&Outcome) -> Result<(), TestCaseError>;

/// The folder's policies without those that are only observed.
fn enforced(folder: &Folder) -> String {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let observed: Vec<_> =
        compiled.policies.iter().filter(|policy| policy.stage == Stage::Observe).collect();
    let mut text = folder.policies.clone();
    for policy in observed.iter().rev() {
        let range = policy.span.start as usize..policy.span.end as usize;
        text.replace_range(range, "");
    }
    text
}

/// Trapkey's own rule: Cedar's verdict on the enforced policies, unless an erring forbid denies.
fn check_trapkey(outcome: &Outcome) -> Result<(), TestCaseError> {
    let (want, got) = (&outcome.want, &outcome.got);
    match got.reason() {
        Reason::Failed(_) | Reason::ObligationNotHonoured => {
            Err(fail("no decision was reached", outcome))
        }
        Reason::ForbidErred if got.erring().all(|erring| !is_forbid(erring.policy)) => {
            Err(fail("no forbid erred", outcome))
        }
        // An erring forbid stands before a missing permit, never before a satisfied forbid.
        Reason::ForbidErred if !want.allow && !want.determining.is_empty() => {
            Err(fail("a satisfied forbid is not named", outcome))
        }
        Reason::ForbidErred => Ok(()),
        Reason::Permitted | Reason::Forbidden | Reason::NotPermitted => {
            let is_same = want.allow == (got.verdict() == Verdict::Allow);
            if is_same && want.determining == ids(got.determining()) {
                Ok(())
            } else {
                Err(fail("verdicts differ", outcome))
            }
        }
    }
}

fn is_forbid(policy: &Policy) -> bool {
    policy.effect == trapkey::Effect::Forbid
}

#[test]
fn plant_decides_as_cedar() {
    run("plant", PLANT_CASES, Semantics::CEDAR, check_cedar);
}

#[test]
fn other_examples_decide_as_cedar() {
    for folder in ["vendor-maintenance", "ai-vision", "legacy-modbus-cell"] {
        run(folder, PLANT_CASES / 3, Semantics::CEDAR, check_cedar);
    }
}

#[test]
fn erring_forbids_deny_and_observed_policies_do_not_count() {
    for folder in ["plant", "vendor-maintenance", "ai-vision", "legacy-modbus-cell"] {
        run(folder, 300, Semantics::TRAPKEY, check_trapkey);
    }
}

#[test]
fn every_published_case_holds_under_both_rules() {
    for entry in std::fs::read_dir(examples_dir()).unwrap() {
        let folder = Folder::read(&entry.unwrap().path()).unwrap();
        for semantics in [Semantics::CEDAR, Semantics::TRAPKEY] {
            let engine = engine(&folder, semantics);
            for case in &folder.cases {
                let want = if semantics.stages { &case.trapkey } else { &case.cedar };
                engine.replace_entities_json(&case.entities.to_string()).unwrap();
                let got = engine.decide_json(&case.request.to_string()).unwrap();
                let place = format!("{}: {} ({semantics:?})", folder.path.display(), case.name);
                assert_eq!(got.is_allow(), want.allow, "{place}");
                assert_eq!(ids(got.determining()), want.determining, "{place}");
                assert_eq!(got.erring().count(), want.num_errors, "{place}");
            }
        }
    }
}
