//! Publications under load: readers see the old or the new, never a mix, and nothing is lost.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;

use trapkey::{
    Bundle, Decision, Digest, Effect, Engine, EntityUid, EvalError, Generation, Limits, Reason,
    Verdict,
};
use trapkey_tests::fixture::{
    ALLOW, ALLOW_BY_LEVEL, DENY, Fixture, at_level_9, engine, request, user,
};

/// What one decision says of who made it.
fn seen(decision: &Decision) -> (Reason, Generation, Option<Digest>, usize) {
    let (reason, generation) = (decision.reason(), decision.generation());
    (reason, generation, decision.bundle_digest(), decision.determining().count())
}

/// Decides until told to stop, and counts; each decision must be one of the two modules'.
fn read(engine: &Engine, stop: &AtomicBool, [allow, deny]: [Digest; 2], count: &AtomicU64) {
    let request = request(engine, "alice");
    let mut decision = Decision::new();
    let mut last = Generation::NONE;
    while !stop.load(Ordering::Relaxed) {
        engine.decide_into(&request, &mut decision);
        count.fetch_add(1, Ordering::Relaxed);
        let generation = decision.generation();
        let want = if generation.0 % 2 == 1 {
            (Reason::Permitted, generation, Some(allow), 1)
        } else {
            (Reason::NotPermitted, generation, Some(deny), 0)
        };
        assert_eq!(seen(&decision), want);
        assert!(generation >= last, "{generation} after {last}");
        last = generation;
    }
}

#[test]
fn readers_see_the_old_or_the_new() {
    let engine = engine(Limits::default());
    let [allow, deny] = [ALLOW, DENY].map(|body| Fixture::new(body).bundle());
    engine.publish(&allow).expect("published");
    let stop = AtomicBool::new(false);
    let digests = [allow.digest(), deny.digest()];
    let counts = [const { AtomicU64::new(0) }; 2];
    thread::scope(|scope| {
        let readers =
            counts.each_ref().map(|count| scope.spawn(|| read(&engine, &stop, digests, count)));
        let mut step = 1;
        // On a busy machine a thousand publications may be over before a reader has begun.
        let is_awaited = |index: usize| {
            counts[index].load(Ordering::Relaxed) == 0 && !readers[index].is_finished()
        };
        while step < 1000 || (0..2).any(is_awaited) {
            step += 1;
            let bundle = if step % 2 == 1 { &allow } else { &deny };
            assert_eq!(engine.publish(bundle).expect("published"), Generation(step));
        }
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("no mix was seen");
        }
    });
    assert_eq!(engine.modules_alive(), 2);
}

#[test]
fn idle_threads_keep_no_module_alive() {
    let engine = engine(Limits { history_max: 0, ..Limits::default() });
    let bundles = [ALLOW, DENY].map(|body| Fixture::new(body).bundle());
    engine.publish(&bundles[0]).expect("published");
    let (decided, idle) = (Barrier::new(9), Barrier::new(9));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut decision = Decision::new();
                engine.decide_into(&request(&engine, "alice"), &mut decision);
                decided.wait();
                idle.wait();
                // Its descriptions are still there, its module is not.
                assert_eq!(decision.determining().count(), 1);
            });
        }
        decided.wait();
        for step in 1..=100 {
            engine.publish(&bundles[step % 2]).expect("published");
        }
        assert_eq!(engine.modules_alive(), 1);
        idle.wait();
    });
}

#[test]
fn history_bounds_the_modules_alive() {
    let engine = engine(Limits { history_max: 3, ..Limits::default() });
    for step in 0..10 {
        let mut fixture = Fixture::new(ALLOW);
        fixture.manifest.compiler = format!("hand {step}");
        engine.publish(&fixture.bundle()).expect("published");
        assert_eq!(engine.modules_alive(), 4.min(step + 1));
    }
    for step in (6..9).rev() {
        engine.rollback().expect("kept");
        let contents = engine.contents().expect("published");
        assert_eq!(contents.head().compiler, format!("hand {step}"));
    }
    assert_eq!(engine.modules_alive(), 1);
}

/// A bundle that takes a while to compile.
fn slow() -> Bundle {
    let mut fixture = Fixture::new(ALLOW_BY_LEVEL);
    let body = "(local.set 0 (i32.add (i32.load (local.get 0)) (i32.const 7)))".repeat(200);
    fixture.items = format!("(func (param i32) {body})").repeat(200);
    fixture.bundle()
}

#[test]
fn facts_that_change_during_a_publication_are_kept() {
    let engine = engine(Limits::default());
    engine.publish(&Fixture::new(DENY).bundle()).expect("published");
    engine.upsert(user("revoked", 5)).expect("conforms");
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let publisher = scope.spawn(|| engine.publish(&slow()).expect("published"));
        scope.spawn(move || {
            receiver.recv().expect("the writer has begun");
            assert_eq!(publisher.join().expect("published"), Generation(2));
        });
        let mut count = 0;
        while engine.generation() == Generation(1) {
            count += 1;
            engine.upsert(user(&format!("user {count}"), 5)).expect("conforms");
            if count == 1 {
                engine.remove(&EntityUid::new("User", "revoked")).expect("was there");
                sender.send(()).expect("somebody waits");
            }
        }
        let mut decision = Decision::new();
        for index in 1..=count {
            engine.decide_into(&request(&engine, &format!("user {index}")), &mut decision);
            assert_eq!(decision.reason(), Reason::Permitted, "user {index}");
        }
        engine.decide_into(&request(&engine, "revoked"), &mut decision);
        assert_eq!(decision.reason(), Reason::NotPermitted);
    });
}

#[test]
fn what_is_revoked_stays_revoked_after_a_rollback() {
    let engine = engine(Limits::default());
    let users = vec![user("alice", 5), user("bob", 5), user("carol", 5)];
    engine.publish_with(&Fixture::new(ALLOW_BY_LEVEL).bundle(), users).expect("published");
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    engine.upsert(user("alice", 1)).expect("conforms");
    assert!(engine.remove(&EntityUid::new("User", "bob")).expect("no action"));
    assert_eq!(engine.rollback().expect("kept"), Generation(3));
    for (id, want) in [("alice", Verdict::Deny), ("bob", Verdict::Deny), ("carol", Verdict::Allow)]
    {
        assert_eq!(engine.decide(&request(&engine, id)).verdict(), want, "{id}");
    }
}

#[test]
fn change_of_facts_is_no_publication() {
    let engine = engine(Limits::default());
    engine.publish(&Fixture::new(ALLOW_BY_LEVEL).bundle()).expect("published");
    let request = request(&engine, "alice");
    for level in [1, 5, 2, 3] {
        engine.upsert(user("alice", level)).expect("conforms");
        let decision = engine.decide(&request);
        assert_eq!(decision.is_allow(), level >= 3);
        assert_eq!(decision.generation(), Generation(1));
    }
    engine.replace_entities(Vec::new()).expect("conform");
    assert!(!engine.decide(&request).is_allow());
    let entities = r#"[{"uid": {"type": "User", "id": "alice"}, "attrs": {"level": 4},
        "parents": []}]"#;
    engine.replace_entities_json(entities).expect("conform");
    assert!(engine.decide(&request).is_allow());
}

#[test]
fn decision_names_the_policies_that_had_a_part() {
    let special = "
      (call $respond (local.get $out) (i32.const 0) (i32.const 2))
      (call $entry (local.get $out) (i32.const 2) (i32.const 2))
      (call $entry (local.get $out) (i32.const 1) (i32.const 1))
      (call $entry (local.get $out) (i32.const 0) (i32.const 0x200))";
    let engine = engine(Limits::default());
    let fixture = Fixture::new(&at_level_9(special));
    engine.publish_with(&fixture.bundle(), vec![user("alice", 9)]).expect("published");
    let decision = engine.decide(&request(&engine, "alice"));
    assert_eq!(decision.reason(), Reason::Forbidden);
    let determining: Vec<_> = decision.determining().collect();
    assert_eq!(determining, [&fixture.policies[1]]);
    assert_eq!(determining[0].effect, Effect::Forbid);
    assert_eq!(decision.observed().collect::<Vec<_>>(), [&fixture.policies[2]]);
    let erring: Vec<_> = decision.erring().collect();
    assert_eq!(erring.len(), 1);
    assert_eq!(erring[0].policy, &fixture.policies[0]);
    assert_eq!(erring[0].error, EvalError::Overflow);
    assert_eq!(erring[0].span, fixture.policies[0].places[0]);
}

#[test]
fn obligations_are_those_of_the_determining_policies_each_once() {
    let obligation = |name: &str| trapkey::Obligation { name: name.to_owned(), argument: None };
    let mut fixture = Fixture::new(ALLOW);
    fixture.policies[0].obligations = ["record", "notify", "record"].map(obligation).to_vec();
    fixture.policies[1].obligations = vec![obligation("alarm")];
    let engine = engine(Limits::default());
    engine.publish(&fixture.bundle()).expect("published");
    let decision = engine.decide(&request(&engine, "alice"));
    let names: Vec<_> = decision.obligations().map(|duty| duty.name.as_str()).collect();
    assert_eq!(names, ["record", "notify"]);
}

#[test]
fn module_that_reads_what_was_not_written_is_found_out() {
    // Allows where the byte behind the longest frame is zero, as it is in fresh memory.
    let stale = "(if (i32.eqz (i32.load8_u offset=20000 (local.get $frame)))
        (then (call $respond (local.get $out) (i32.const 1) (i32.const 1))
              (call $entry (local.get $out) (i32.const 0) (i32.const 0)))
        (else (call $respond (local.get $out) (i32.const 0) (i32.const 3))))";
    let bundle = Fixture::new(stale).bundle();
    let plain = Engine::new(Limits::default()).expect("the runtime starts");
    plain.publish(&bundle).expect("published");
    assert!(plain.decide(&request(&plain, "alice")).is_allow());
    let poisoned = engine(Limits::default());
    poisoned.publish(&bundle).expect("published");
    assert!(!poisoned.decide(&request(&poisoned, "alice")).is_allow());
}

#[test]
fn many_threads_share_few_instances() {
    let engine = engine(Limits { pool_instances_max: 2, ..Limits::default() });
    engine
        .publish_with(&Fixture::new(ALLOW_BY_LEVEL).bundle(), vec![user("alice", 5)])
        .expect("published");
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for thread in 0..8 {
            let (engine, start) = (&engine, &start);
            scope.spawn(move || {
                let id = if thread % 2 == 0 { "alice" } else { "mallory" };
                let request = request(engine, id);
                let mut decision = Decision::new();
                start.wait();
                for _ in 0..2000 {
                    engine.decide_into(&request, &mut decision);
                    assert_eq!(decision.is_allow(), thread % 2 == 0);
                }
            });
        }
    });
}

#[test]
fn request_in_json_is_decided_by_one_snapshot() {
    let engine = engine(Limits::default());
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    let text = r#"{"principal": "User::\"alice\"", "action": "Action::\"view\"",
        "resource": "Document::\"d\"", "context": {"hour": 12}}"#;
    assert!(engine.decide_json(text).expect("conforms").is_allow());
    assert!(engine.decide_json("{}").is_err());
}
