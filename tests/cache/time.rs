//! Decisions that turn with time: a kept one is given from its instant until before its horizon.

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use trapkey::{CacheOptions, Datetime, Horizon};
use trapkey_tests::fixture;
use trapkey_tests::lasting::START;
use trapkey_tests::windows::{self, PERIOD, want};

const USERS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// So much later than the last request, or earlier.
    Ask(usize, i64),
    Level(usize, i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let by = prop_oneof![6 => 0..900_i64, 1 => 0..3 * PERIOD, 1 => -2 * PERIOD..0];
    prop_oneof![
        12 => (0..USERS, by).prop_map(|(user, by)| Step::Ask(user, by)),
        1 => (0..USERS, 0..9_i64).prop_map(|(user, level)| Step::Level(user, level)),
    ]
}

#[test]
fn a_kept_decision_is_given_until_its_horizon() {
    let engine = windows::engine();
    let (hits, misses) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new_with_rng(config, rng).run(&vec(any_step(), 1..120), |steps| {
        engine.replace_entities(Vec::new()).unwrap();
        let mut cached = engine.caching_decider(CacheOptions::default());
        let (mut now, mut levels) = (START.0, [None; USERS]);
        for step in steps {
            let (user, by) = match step {
                Step::Ask(user, by) => (user, by),
                Step::Level(user, level) => {
                    engine.upsert(fixture::user(&user.to_string(), level)).unwrap();
                    levels[user] = Some(level);
                    continue;
                }
            };
            now += by;
            let request = windows::request(&engine, &user.to_string(), Datetime(now));
            let (is_allow, left) = want(levels[user], Datetime(now));
            let decision = cached.decide(&request);
            let left_ms = std::time::Duration::from_millis(left.unsigned_abs());
            let got = (decision.is_allow(), decision.horizon(), decision.valid_until());
            let want = (is_allow, Horizon::Remaining(left_ms), Some(Datetime(now + left)));
            if got != want || decision.at() != Some(Datetime(now)) {
                return Err(TestCaseError::fail(format!("{got:?}, expected {want:?}")));
            }
        }
        let counts = cached.counts();
        hits.set(hits.get() + counts.hits);
        misses.set(misses.get() + counts.misses);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    println!("{} hits, {} misses", hits.get(), misses.get());
    assert!(hits.get() > 5_000 && misses.get() > 5_000);
}
