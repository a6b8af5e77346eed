//! Guards: a publication that denies or fails too often is rolled back, once, and by itself.

use trapkey::{
    CacheOptions, Engine, Generation, Guard, GuardCounts, GuardState, Reason, ShadowOptions,
};

use super::robots::{POLICIES, bundle, engine, order, request};

const NOBODY: &str = r#"@id("nobody") forbid(principal, action, resource);"#;

/// Publishes this after the robots' policies, with a guard.
fn guarded(policies: &str, guard: Guard) -> Engine {
    let engine = engine();
    engine.publish(&bundle(policies)).unwrap();
    engine.guard(guard).unwrap();
    engine
}

const TWO_OF_TEN: Guard = Guard { round: 10, denies_max: 2, failures_max: 0 };

/// The number of the publication after so many.
fn nth(number: u64) -> Generation {
    Generation(number)
}

#[test]
fn too_many_denies_roll_back() {
    let engine = guarded(NOBODY, TWO_OF_TEN);
    let ada = request(&engine, "ada", "move", "r1");
    for denies in 1..=2 {
        assert!(!engine.decide(&ada).is_allow());
        let counts = GuardCounts { decisions: denies, denies, failures: 0 };
        assert_eq!(engine.guard_counts(), Some(counts));
        assert_eq!(engine.guard_state(), Some(GuardState::Watching(nth(2))));
    }
    // The one that is too many stands, and is the last.
    assert!(!engine.decide(&ada).is_allow());
    assert!(engine.decide(&ada).is_allow());
    let counts = GuardCounts { decisions: 3, denies: 3, failures: 0 };
    let state = GuardState::RolledBack { from: nth(2), to: nth(3), counts };
    assert_eq!((engine.guard_state(), engine.generation()), (Some(state), nth(3)));
    // What is live now is watched by nobody.
    for _ in 0..20 {
        engine.decide(&request(&engine, "ben", "move", "r1"));
    }
    assert_eq!((engine.generation(), engine.guard_counts()), (nth(3), None));
}

#[test]
fn rate_is_that_of_a_round() {
    let engine = guarded(POLICIES, TWO_OF_TEN);
    let (ada, ben) = (request(&engine, "ada", "move", "r1"), request(&engine, "ben", "move", "r1"));
    for _ in 0..20 {
        for asked in [&ben, &ada, &ada, &ada, &ben, &ada, &ada, &ada, &ada, &ada] {
            engine.decide(asked);
        }
    }
    assert_eq!(engine.guard_state(), Some(GuardState::Watching(nth(2))));
    for _ in 0..3 {
        engine.decide(&ben);
    }
    assert!(matches!(engine.guard_state(), Some(GuardState::RolledBack { .. })));
}

#[test]
fn policy_that_errs_is_a_failure() {
    let engine = guarded(POLICIES, Guard { denies_max: 10, ..TWO_OF_TEN });
    engine.decide(&request(&engine, "ben", "move", "r1"));
    assert!(matches!(engine.guard_state(), Some(GuardState::Watching(_))));
    // Nobody knows Cy.
    engine.decide(&request(&engine, "cy", "move", "r1"));
    let counts = GuardCounts { decisions: 2, denies: 2, failures: 1 };
    assert_eq!(
        engine.guard_state(),
        Some(GuardState::RolledBack { from: nth(2), to: nth(3), counts })
    );
}

#[test]
fn every_way_to_decide_is_watched() {
    let ways: [fn(&Engine); 4] = [
        |engine| assert!(!engine.decide(&request(engine, "ada", "move", "r1")).is_allow()),
        |engine| {
            engine.decider().decide(&request(engine, "ada", "move", "r1"));
        },
        |engine| {
            // The second and third are hits.
            let mut caching = engine.caching_decider(CacheOptions::default());
            let ada = request(engine, "ada", "move", "r1");
            for _ in 0..3 {
                caching.decide(&ada);
            }
            assert_eq!(caching.counts().hits, 2);
        },
        |engine| {
            let ada = request(engine, "ada", "move", "r1");
            engine.decide_batch(&[ada.clone(), ada.clone(), ada], &mut Vec::new());
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let engine = guarded(NOBODY, TWO_OF_TEN);
        for _ in 0..if number < 2 { 3 } else { 1 } {
            way(&engine);
        }
        assert_eq!(engine.generation(), nth(3), "{number}");
    }
}

#[test]
fn denies_that_are_observed_count() {
    let engine = guarded(NOBODY, TWO_OF_TEN);
    let scope = trapkey::ObserveScope { name: "all".into(), actions: None, resources: None };
    engine.observe(scope, order("first day")).unwrap();
    let ada = request(&engine, "ada", "move", "r1");
    for _ in 0..3 {
        assert!(engine.decide(&ada).would_deny());
    }
    assert_eq!(engine.decide(&ada).reason(), Reason::Permitted);
}

#[test]
fn candidate_that_was_promoted_can_be_guarded() {
    let engine = engine();
    engine.shadow(&bundle(NOBODY), ShadowOptions::default()).unwrap();
    engine.promote_shadow_guarded(TWO_OF_TEN).unwrap();
    let ada = request(&engine, "ada", "move", "r1");
    for _ in 0..3 {
        assert!(!engine.decide(&ada).is_allow());
    }
    assert!(engine.decide(&ada).is_allow());
}

#[test]
fn publications_and_the_host_end_a_guard() {
    let engine = guarded(NOBODY, TWO_OF_TEN);
    engine.publish(&bundle(NOBODY)).unwrap();
    assert_eq!(engine.guard_state(), Some(GuardState::Ended));
    engine.guard(TWO_OF_TEN).unwrap();
    assert!(engine.end_guard() && !engine.end_guard());
    for _ in 0..20 {
        assert!(!engine.decide(&request(&engine, "ada", "move", "r1")).is_allow());
    }
    assert_eq!((engine.generation(), engine.guard_state()), (nth(3), Some(GuardState::Ended)));
}

#[test]
fn many_threads_roll_back_once() {
    for _ in 0..20 {
        let engine = guarded(NOBODY, Guard { round: 1000, denies_max: 50, failures_max: 0 });
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let ada = request(&engine, "ada", "move", "r1");
                    let mut decider = engine.decider();
                    while !decider.decide(&ada).is_allow() {}
                });
            }
        });
        let state = engine.guard_state();
        // Nobody waits for the thread that goes back: others may deny once more meanwhile, and one of them may be it.
        assert!(
            matches!(state, Some(GuardState::RolledBack { counts, .. }) if counts.denies > 50),
            "{state:?}"
        );
        assert_eq!(engine.generation(), nth(3));
    }
}
