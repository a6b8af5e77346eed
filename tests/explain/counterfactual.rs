//! What is said to allow does allow: on an engine with the changed facts, and by Cedar.

use std::cell::RefCell;

use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use trapkey::{AttributeChange, Counterfactual, Engine, Reason};
use trapkey_testkit::{Folder, Generator, Oracle, World, examples_dir};
use trapkey_tests::links::template_link;

use super::world::{altered, bundle, cedar_allows, engine, request};

/// Decisions of each search.
const BUDGET: u32 = 150;

#[derive(Debug, Default)]
struct Shares {
    found: [u32; 3],
    none: u32,
    exhausted: u32,
    never: u32,
}

impl Shares {
    fn denials(&self) -> u32 {
        self.found.iter().sum::<u32>() + self.none + self.exhausted + self.never
    }
}

fn check(engine: &Engine, oracle: &Oracle, (asked, entities): (&Value, &Value), to: &mut Shares) {
    engine.replace_entities_json(&entities.to_string()).unwrap();
    let own = request(engine, asked);
    let explanation = engine.explain_within(&own, BUDGET).unwrap();
    let reason = engine.decide(&own).reason();
    assert_eq!(explanation.decision.reason(), reason);
    match &explanation.counterfactual {
        Counterfactual::Allowed => assert_eq!(reason, Reason::Permitted),
        Counterfactual::Found(changes) => {
            to.found[changes.len() - 1] += 1;
            assert!(allows(engine, oracle, changes, (asked, entities)), "{changes:?}\n{asked}");
            for change in changes.iter().filter(|_| changes.len() > 1) {
                let alone = std::slice::from_ref(change);
                assert!(!allows(engine, oracle, alone, (asked, entities)), "{alone:?} is enough");
            }
        }
        Counterfactual::NoneWithin => to.none += 1,
        Counterfactual::BudgetExhausted => to.exhausted += 1,
        Counterfactual::Never => to.never += 1,
        other => panic!("{other:?}"),
    }
}

/// Whether it is allowed after the changes; Cedar must say the same.
fn allows(
    engine: &Engine,
    oracle: &Oracle,
    changes: &[AttributeChange],
    (asked, entities): (&Value, &Value),
) -> bool {
    let (asked, entities) = altered(changes, asked, entities);
    engine.replace_entities_json(&entities.to_string()).unwrap();
    let allows = engine.decide(&request(engine, &asked)).is_allow();
    assert_eq!(allows, cedar_allows(oracle, &asked, &entities), "{changes:?}\n{asked}");
    allows
}

fn folder(name: &str, cases: u32) {
    let folder = Folder::read(&examples_dir().join(name)).unwrap();
    let bundle = bundle(&folder.schema, &folder.policies, &[]);
    let oracle = Oracle::new(&folder.schema, &folder.policies, &folder.entities).unwrap();
    let engine = engine(&bundle, &folder.entities);
    let generator = Generator::new(&folder).unwrap();
    let shares = RefCell::new(Shares::default());
    // `TRAPKEY_CASES` asks for more.
    let more = std::env::var("TRAPKEY_CASES").ok().map(|cases| cases.parse().unwrap());
    let cases = more.unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&generator.samples(), |sample| {
        let (asked, entities) = (sample.request(), sample.entities());
        check(&engine, &oracle, (&asked, &entities), &mut shares.borrow_mut());
        Ok(())
    });
    let shares = shares.borrow();
    println!("{name}: {} denials, {shares:?}", shares.denials());
    run.unwrap();
    assert!(shares.found[0] > 0);
}

#[test]
fn changes_allow_in_the_plant() {
    folder("plant", 200);
}

#[test]
fn changes_allow_for_vendors() {
    folder("vendor-maintenance", 150);
}

#[test]
fn changes_allow_in_generated_worlds() {
    let mut shares = Shares::default();
    for seed in 100..112 {
        let world = World::generate(seed).unwrap();
        let links: Vec<_> = world.links.iter().map(template_link).collect();
        let policies = world.policies();
        let bundle = bundle(&world.schema_as_given, &policies, &links);
        for store in &world.stores {
            let oracle = Oracle::new(&world.schema, &policies, store).unwrap();
            let oracle = oracle.with_links(&world.links).unwrap();
            let engine = engine(&bundle, store);
            for asked in &world.requests {
                check(&engine, &oracle, (asked, store), &mut shares);
            }
        }
    }
    println!("worlds: {} denials, {shares:?}", shares.denials());
    assert!(shares.found[0] > 0 && shares.never > 0);
}
