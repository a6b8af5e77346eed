//! Shadows that come, go and are promoted while threads decide: every answer is one publication's.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use trapkey::{Bundle, Decision, Engine, Limits, Reason, ShadowOptions};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, engine, request};

/// Decides until told to stop: whoever is active answers, never the candidate.
fn read(engine: &Engine, stop: &AtomicBool, allow: &Bundle, count: &AtomicU64) {
    let request = request(engine, "alice");
    let mut decider = engine.decider();
    let mut decision = Decision::new();
    while !stop.load(Ordering::Relaxed) {
        engine.decide_into(&request, &mut decision);
        for decision in [&decision, decider.decide(&request)] {
            let is_allow = decision.bundle_digest() == Some(allow.digest());
            assert_eq!(decision.is_allow(), is_allow);
            assert_eq!(is_allow, decision.generation().0 % 2 == 1, "{}", decision.generation());
            assert!(!matches!(decision.reason(), Reason::Failed(_)), "{:?}", decision.reason());
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn answers_are_those_of_what_is_active() {
    let engine = engine(Limits::default());
    let [allow, deny] = [ALLOW, DENY].map(|body| Fixture::new(body).bundle());
    engine.publish(&allow).expect("published");
    let stop = AtomicBool::new(false);
    let counts = [const { AtomicU64::new(0) }; 2];
    thread::scope(|scope| {
        let readers =
            counts.each_ref().map(|count| scope.spawn(|| read(&engine, &stop, &allow, count)));
        let is_awaited = |index: usize| {
            counts[index].load(Ordering::Relaxed) < 100 && !readers[index].is_finished()
        };
        let mut step = 0;
        while step < 200 || (0..2).any(is_awaited) {
            step += 1;
            // The odd generations allow: each round makes two publications.
            engine.shadow(&deny, ShadowOptions::default()).expect("a candidate");
            if step % 3 == 0 {
                assert!(engine.discard_shadow());
                engine.publish(&deny).expect("published");
            } else {
                engine.promote_shadow().expect("a candidate");
            }
            engine.shadow(&allow, ShadowOptions::default()).expect("a candidate");
            if step % 2 == 0 {
                engine.rollback().expect("kept");
                assert!(engine.discard_shadow());
            } else {
                engine.promote_shadow().expect("a candidate");
            }
        }
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("every answer was right");
        }
    });
    assert_eq!(engine.modules_alive(), 2);
}
