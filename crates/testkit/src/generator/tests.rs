//! What is generated conforms to the schema, and reaches every kind of verdict.

use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::oracle::Oracle;
use crate::places::examples_dir;
use crate::plant;

const SAMPLES: usize = 500;

/// How many samples came to what.
#[derive(Debug, Default)]
struct Shares {
    allow: usize,
    forbidden: usize,
    not_permitted: usize,
    erring: usize,
}

fn drawn<T>(strategy: &impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    let mut draw = || strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(|_| draw()).collect()
}

#[track_caller]
fn shares(oracle: &Oracle, samples: &[Sample]) -> Shares {
    let mut shares = Shares::default();
    for sample in samples {
        let verdict = oracle
            .with_entities(&sample.entities())
            .unwrap_or_else(|error| panic!("{error:?}\n{sample:?}"))
            .decide(&sample.request())
            .unwrap_or_else(|error| panic!("{error:?}\n{sample:?}"));
        match (verdict.allow, verdict.determining.is_empty()) {
            (true, _) => shares.allow += 1,
            (false, false) => shares.forbidden += 1,
            (false, true) => shares.not_permitted += 1,
        }
        shares.erring += usize::from(!verdict.erring.is_empty());
    }
    shares
}

#[test]
fn plant_samples_reach_every_verdict() {
    let samples = drawn(&plant::generator().unwrap().samples(), SAMPLES);
    let shares = shares(&plant::oracle().unwrap(), &samples);
    println!("{shares:?} of {SAMPLES}");
    assert!(shares.allow >= SAMPLES / 10, "{shares:?}");
    assert!(shares.forbidden >= SAMPLES / 10, "{shares:?}");
    assert!(shares.not_permitted >= SAMPLES / 10, "{shares:?}");
    assert!(shares.erring >= SAMPLES / 20, "{shares:?}");
}

#[test]
fn samples_of_every_example_conform() {
    for name in ["vendor-maintenance", "ai-vision", "legacy-modbus-cell"] {
        let folder = Folder::read(&examples_dir().join(name)).unwrap();
        let samples = drawn(&Generator::new(&folder).unwrap().samples(), SAMPLES / 2);
        let shares = shares(&folder.oracle().unwrap(), &samples);
        println!("{name}: {shares:?} of {}", SAMPLES / 2);
        assert!(shares.allow >= SAMPLES / 20, "{name}: {shares:?}");
    }
}

#[test]
fn requests_and_worlds_meet_in_any_pair() {
    let generator = plant::generator().unwrap();
    let oracle = plant::oracle().unwrap();
    let requests = drawn(&generator.requests(), 100);
    for (request, world) in requests.iter().zip(drawn(&generator.worlds(), 100)) {
        oracle.with_entities(&world).unwrap().decide(request).unwrap();
    }
}

#[test]
fn same_seed_draws_the_same() {
    let generator = plant::generator().unwrap();
    assert_eq!(drawn(&generator.samples(), 20), drawn(&plant::generator().unwrap().samples(), 20));
}

#[test]
fn shrinking_ends_at_a_case() {
    let generator = plant::generator().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut tree = generator.samples().new_tree(&mut runner).unwrap();
    while tree.simplify() {}
    assert_eq!(tree.current(), generator.seeds()[0]);
}

#[test]
fn folder_that_cannot_be_varied_is_refused() {
    let refused = |change: fn(&mut Folder)| {
        let mut folder = plant::folder().unwrap();
        change(&mut folder);
        Generator::new(&folder).map(|_generator| ()).unwrap_err()
    };
    assert!(matches!(
        refused(|folder| folder.schema.push_str("entity")),
        GeneratorError::Vocabulary(VocabularyError::Schema(_))
    ));
    assert!(matches!(
        refused(|folder| folder.policies.push_str("permit")),
        GeneratorError::Policies(_)
    ));
    assert!(matches!(refused(|folder| folder.cases.clear()), GeneratorError::NoCases));
    assert!(matches!(
        refused(|folder| folder.cases[0].request["action"] = "Plant::Action::\"none\"".into()),
        GeneratorError::Case { name } if name == "island zone is known"
    ));
}
