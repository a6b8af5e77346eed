//! One shadow from its start to its end: sampling, room, failures, promotion, other schemas.

use std::num::NonZeroU64;

use trapkey::{
    Bundle, CacheOptions, ClausePart, ClockReading, CompileOptions, Counterfactual, Datetime,
    DecideError, Engine, Generation, Limits, Outcome, Reason, Request, ShadowCounts, ShadowKind,
    ShadowOptions, ShadowState, Sources, Trust, Type, compile, compile_explain,
};
use trapkey_tests::fixture::{
    ALLOW, ALLOW_BY_LEVEL, DENY, Fixture, at_level_9, attribute, engine, release, request,
    schema_with, user,
};

/// Allows alice, of level 9, beside a candidate.
fn shadowed(candidate: &str, options: ShadowOptions) -> Engine {
    let engine = engine(Limits::default());
    engine
        .publish_with(&Fixture::new(ALLOW_BY_LEVEL).bundle(), vec![user("alice", 9)])
        .expect("published");
    engine.shadow(&Fixture::new(candidate).bundle(), options).expect("a candidate");
    engine
}

#[test]
fn share_of_the_requests_is_exact_however_they_are_decided() {
    let one_in = NonZeroU64::new(3).expect("not 0");
    let engine = shadowed(DENY, ShadowOptions { one_in, ..ShadowOptions::default() });
    let alice = request(&engine, "alice");
    let mut decider = engine.decider();
    let mut caching = engine.caching_decider(CacheOptions::default());
    let mut decisions = Vec::new();
    let mut asked = 0_u64;
    for _ in 0..10 {
        assert!(engine.decide(&alice).is_allow());
        assert!(decider.decide(&alice).is_allow());
        assert!(caching.decide(&alice).is_allow());
        engine.decide_batch(&[alice.clone(), alice.clone()], &mut decisions);
        decider.decide_batch(&[alice.clone(), alice.clone()], &mut decisions);
        assert!(decisions.iter().all(trapkey::Decision::is_allow));
        asked += 7;
        assert_eq!(engine.shadow_counts().compared, asked.div_ceil(3));
    }
    assert_eq!(engine.shadow_counts().allow_to_deny, asked.div_ceil(3));
    assert_eq!(caching.counts().hits, 0);
    assert!(engine.discard_shadow());
    caching.decide(&alice);
    caching.decide(&alice);
    assert_eq!((caching.counts().hits, caching.counts().misses), (1, 11));
    // What was cached before a shadow is compared all the same.
    engine.shadow(&Fixture::new(DENY).bundle(), ShadowOptions::default()).expect("a candidate");
    caching.decide(&alice);
    assert_eq!(engine.shadow_counts().compared, 1);
}

#[test]
fn differences_are_bounded_and_the_rest_is_counted() {
    let engine = shadowed(DENY, ShadowOptions { reports_max: 2, ..ShadowOptions::default() });
    let alice = request(&engine, "alice");
    for _ in 0..5 {
        engine.decide(&alice);
    }
    let found = engine.take_shadow_differences();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].kind, ShadowKind::AllowToDeny);
    assert_eq!(found[0].active.reason(), Reason::Permitted);
    assert_eq!(found[0].candidate.reason(), Reason::NotPermitted);
    assert_eq!(found[0].candidate.bundle_digest(), engine.shadow_digest());
    assert_eq!(found[0].request.context().bytes(), alice.context().bytes());
    assert_eq!(engine.shadow_counts().dropped, 3);
    assert!(engine.take_shadow_differences().is_empty());
    engine.decide(&alice);
    assert_eq!(engine.take_shadow_differences().len(), 1);
}

#[test]
fn reasons_are_counted_and_kept_only_if_asked_for() {
    let forbid = "(call $respond (local.get $out) (i32.const 0) (i32.const 2))
        (call $entry (local.get $out) (i32.const 1) (i32.const 1))";
    for reports_reasons in [false, true] {
        let engine =
            shadowed(forbid, ShadowOptions { reports_reasons, ..ShadowOptions::default() });
        engine.decide(&request(&engine, "mallory"));
        assert_eq!(engine.shadow_counts().reason_only, 1);
        let kinds: Vec<_> =
            engine.take_shadow_differences().iter().map(|found| found.kind).collect();
        let want = if reports_reasons { vec![ShadowKind::Reason] } else { Vec::new() };
        assert_eq!(kinds, want);
    }
}

#[test]
fn candidate_that_traps_changes_no_answer() {
    let engine = shadowed(&at_level_9("unreachable"), ShadowOptions::default());
    let alice = request(&engine, "alice");
    let mut decider = engine.decider();
    let mut decisions = Vec::new();
    for _ in 0..20 {
        assert_eq!(engine.decide(&alice).reason(), Reason::Permitted);
        assert_eq!(decider.decide(&alice).reason(), Reason::Permitted);
        engine.decide_batch(std::slice::from_ref(&alice), &mut decisions);
        assert_eq!(decisions[0].reason(), Reason::Permitted);
    }
    let counts = engine.shadow_counts();
    let want = ShadowCounts { compared: 60, candidate_failures: 60, ..ShadowCounts::default() };
    assert_eq!(counts, want);
    let found = engine.take_shadow_differences();
    assert_eq!(found.len(), 60);
    for difference in found {
        assert_eq!(difference.kind, ShadowKind::CandidateFailed);
        assert_eq!(difference.candidate.reason(), Reason::Failed(DecideError::Trap));
    }
}

#[test]
fn promotion_is_a_publication_without_compiling() {
    let engine = shadowed(DENY, ShadowOptions::default());
    assert_eq!(engine.shadow_state(), Some(ShadowState::Running));
    assert_eq!((engine.generation(), engine.modules_alive()), (Generation(1), 2));
    let alice = request(&engine, "alice");
    assert!(engine.decide(&alice).is_allow());
    engine.upsert(user("bob", 9)).expect("conforms");
    assert_eq!(engine.promote_shadow().expect("there is one"), Generation(2));
    assert_eq!(engine.decide(&alice).reason(), Reason::NotPermitted);
    assert_eq!(engine.shadow_state(), Some(ShadowState::Promoted(Generation(2))));
    assert_eq!(engine.shadow_counts().compared, 1, "it is no shadow any more");
    assert_eq!(engine.take_shadow_differences().len(), 1, "what it found is still there");
    assert_eq!(engine.modules_alive(), 2);
    assert_eq!(engine.rollback().expect("kept"), Generation(3));
    assert!(engine.decide(&request(&engine, "bob")).is_allow(), "facts are the newest");
}

#[test]
fn discarded_candidate_decides_no_more() {
    let engine = shadowed(DENY, ShadowOptions::default());
    assert!(engine.discard_shadow());
    assert!(!engine.discard_shadow());
    assert_eq!(engine.shadow_state(), Some(ShadowState::Discarded));
    assert!(engine.decide(&request(&engine, "alice")).is_allow());
    assert_eq!(engine.shadow_counts(), ShadowCounts::default());
    assert_eq!((engine.generation(), engine.modules_alive()), (Generation(1), 1));
}

#[test]
fn publication_keeps_a_shadow_of_its_schema_and_ends_another() {
    let engine = shadowed(DENY, ShadowOptions::default());
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    engine.decide(&request(&engine, "alice"));
    engine.rollback().expect("kept");
    engine.decide(&request(&engine, "alice"));
    assert_eq!(engine.shadow_state(), Some(ShadowState::Running));
    assert_eq!(engine.shadow_counts().allow_to_deny, 2);
    let other = schema_with("badge", attribute(Type::Long, false));
    engine.publish(&Fixture::for_schema(other, ALLOW).bundle()).expect("published");
    assert_eq!(engine.shadow_state(), Some(ShadowState::OtherSchema(Generation(4))));
    assert!(engine.decide(&request(&engine, "alice")).is_allow());
    assert_eq!(engine.shadow_counts().compared, 2);
    // Back again: what ended stays ended. And so with entities of the publication's own.
    engine.rollback().expect("kept");
    engine.decide(&request(&engine, "alice"));
    assert_eq!(engine.shadow_counts().compared, 2);
    engine.shadow(&Fixture::new(DENY).bundle(), ShadowOptions::default()).expect("a candidate");
    let other = schema_with("badge", attribute(Type::Long, false));
    engine
        .publish_with(&Fixture::for_schema(other, ALLOW).bundle(), Vec::new())
        .expect("published");
    assert_eq!(engine.shadow_state(), Some(ShadowState::OtherSchema(Generation(6))));
}

fn compiled(schema: &str, policies: &str) -> Bundle {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("valid policies");
    let packed = Bundle::pack(&release(), &compiled.module).expect("a bundle");
    Bundle::open(&packed).expect("a bundle")
}

#[test]
fn candidate_has_the_time_of_the_active_module() {
    // Both allow before 10 s: a clock says that it is 20 s, whatever the request says.
    let policies = r#"permit(principal, action, resource) when { context.now < datetime("1970-01-01T00:00:10Z") };"#;
    let schema = "entity E; action a appliesTo { principal: E, resource: E, context: { @clock(\"instant\") now: datetime } };";
    let engine = Engine::new(Limits::default()).expect("an engine");
    engine.publish(&compiled(schema, policies)).expect("published");
    engine
        .shadow(&compiled(schema, &format!("{policies} // The same.")), ShadowOptions::default())
        .expect("a candidate");
    let asked = serde_json::json!({
        "principal": { "type": "E", "id": "p" },
        "action": { "type": "Action", "id": "a" },
        "resource": { "type": "E", "id": "r" },
        "context": { "now": { "__extn": { "fn": "datetime", "arg": "1970-01-01T00:00:05Z" } } },
    });
    let model = engine.model().expect("published");
    let request = Request::from_json(&model, &asked.to_string()).expect("a request");
    assert!(engine.decide(&request).is_allow());
    for seconds in [5_i64, 20] {
        let reading = ClockReading {
            wall: Datetime(seconds * 1000),
            monotonic: std::time::Duration::from_secs(seconds.unsigned_abs()),
            trust: Trust::Trusted,
        };
        engine.set_clock(reading).expect("a reading");
    }
    assert!(!engine.decide(&request).is_allow());
    let counts = engine.shadow_counts();
    assert_eq!((counts.compared, counts.same), (2, 2), "{counts:?}");
}

/// With the module that explains it.
fn explained(schema: &str, policies: &str) -> Bundle {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("valid policies");
    let explaining = compile_explain(&sources).expect("valid policies");
    let packed = Bundle::pack_explaining(&release(), &compiled.module, &explaining.module);
    Bundle::open(&packed.expect("a bundle")).expect("a bundle")
}

#[test]
fn each_difference_is_explained_by_both() {
    let schema =
        "entity E { level: Long }; action a appliesTo { principal: E, resource: E, context: {} };";
    let policy = |level: u8| {
        format!(
            r#"@id("level") permit(principal, action, resource) when {{ principal.level >= {level} }};"#
        )
    };
    let engine = Engine::new(Limits::default()).expect("an engine");
    let entities = r#"[{"uid": {"type": "E", "id": "p"}, "attrs": {"level": 6}, "parents": []}]"#;
    engine.publish_with_json(&explained(schema, &policy(5)), entities).expect("published");
    engine.shadow(&explained(schema, &policy(7)), ShadowOptions::default()).expect("a candidate");
    let asked = serde_json::json!({
        "principal": { "type": "E", "id": "p" }, "action": { "type": "Action", "id": "a" },
        "resource": { "type": "E", "id": "r" }, "context": {},
    });
    let model = engine.model().expect("published");
    engine.decide(&Request::from_json(&model, &asked.to_string()).expect("a request"));
    let found = engine.take_shadow_differences();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, ShadowKind::AllowToDeny);
    let active = engine.explain(&found[0].request).expect("explained");
    let candidate = engine.explain_shadow(&found[0].request, 1000).expect("explained");
    assert_eq!(active.policies[0].outcome, Outcome::Held);
    assert_eq!(active.counterfactual, Counterfactual::Allowed);
    assert!(
        matches!(
            candidate.policies[0].outcome,
            Outcome::Failed { part: ClausePart::Condition, .. }
        ),
        "{candidate:?}"
    );
    let Counterfactual::Found(changes) = &candidate.counterfactual else { panic!("{candidate:?}") };
    assert_eq!(changes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["E::\"p\".level = 7"]);
    // Nobody is asked by an explanation.
    assert_eq!(engine.shadow_counts().compared, 1);
}
