//! Every construct of the language decides as in Cedar: one policy per condition, all conditions
//! in one policy set, many stores and contexts.

#![cfg(test)]

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use serde_json::json;
use trapkey::{
    Bundle, CompileOptions, Engine, Limits, Options, Reason, Release, Semantics, Sources, compile,
};
use trapkey_testkit::Oracle;
use trapkey_tests::constructs::{Dice, SCHEMA, policies};

fn engine(policies: &str) -> Engine {
    let sources = Sources { policies, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "language".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    // All conditions at once, on the largest values, are more than the default budget.
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    let options = Options { limits, poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    engine
}

#[test]
fn every_construct_decides_as_cedar() {
    let (policies, refused) = policies();
    assert!(refused == 0, "{refused} conditions do not validate");
    let engine = engine(&policies);
    let oracle = Oracle::new(SCHEMA, &policies, &json!([])).unwrap();
    let (mut held, mut erred) = (BTreeSet::new(), BTreeSet::new());
    let mut dice = Dice(42);
    for round in 0..60 {
        let store = dice.store();
        let oracle = oracle.with_entities(&store).unwrap();
        engine.replace_entities_json(&store.to_string()).unwrap();
        for _ in 0..12 {
            let request = dice.request();
            let want = oracle.decide(&request).unwrap();
            let got = engine.decide_json(&request.to_string()).unwrap();
            let place = || format!("round {round}: {request}\n{store}");
            assert!(!matches!(got.reason(), Reason::Failed(_)), "{:?} {}", got.reason(), place());
            let erring: BTreeSet<String> = got.erring().map(|e| e.policy.id.clone()).collect();
            let determining: BTreeSet<String> = got.determining().map(|p| p.id.clone()).collect();
            let differ = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
                let ids = a
                    .symmetric_difference(b)
                    .map(|id| id.trim_start_matches("policy").parse::<usize>().unwrap());
                ids.map(|id| policies.lines().nth(id).unwrap().to_owned()).collect()
            };
            assert_eq!(differ(&want.erring, &erring), Vec::<String>::new(), "erring, {}", place());
            assert_eq!(
                differ(&want.determining, &determining),
                Vec::<String>::new(),
                "determining, {}",
                place()
            );
            assert_eq!(want.allow, got.is_allow(), "{}", place());
            held.extend(determining);
            erred.extend(erring);
        }
    }
    println!(
        "of {} policies {} held at least once, {} erred at least once",
        policies.lines().count(),
        held.len(),
        erred.len()
    );
    assert!(held.len() * 10 > policies.lines().count() * 6 && erred.len() > 40);
}
