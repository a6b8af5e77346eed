//! Publications, rollbacks and changes of facts that are refused: what was live stays live.

use trapkey::{
    Bundle, DecideError, Engine, EntitiesError, EntityUid, FactsError, Generation, Limits,
    NonConforming, PublishError, Reason, ResponseError, RollbackError, Type, Value,
};
use trapkey_tests::fixture::{
    ALLOW, ALLOW_BY_LEVEL, DENY, Fixture, attribute, engine, request, schema_with, user,
};

/// An engine where alice, of level 5, is allowed.
fn live(limits: Limits) -> Engine {
    let engine = engine(limits);
    engine
        .publish_with(&Fixture::new(ALLOW_BY_LEVEL).bundle(), vec![user("alice", 5)])
        .expect("published");
    engine
}

#[track_caller]
fn assert_unchanged(engine: &Engine) {
    assert_eq!(engine.generation(), Generation(1));
    assert_eq!(engine.decide(&request(engine, "alice")).reason(), Reason::Permitted);
}

#[track_caller]
fn check(bundle: &Bundle, want: fn(&PublishError) -> bool) {
    let engine = live(Limits::default());
    let error = engine.publish(bundle).expect_err("the bundle is refused");
    assert!(want(&error), "{error:?}");
    assert_unchanged(&engine);
}

/// Users must have a badge.
fn badged() -> Bundle {
    Fixture::for_schema(schema_with("badge", attribute(Type::Long, true)), ALLOW).bundle()
}

#[test]
fn module_without_structure_is_refused() {
    let mut fixture = Fixture::new(DENY);
    fixture.items = "(func $f) (start $f)".to_owned();
    check(&fixture.bundle(), |error| matches!(error, PublishError::Structure(_)));
}

#[test]
fn module_that_cannot_be_instantiated_is_refused() {
    let mut fixture = Fixture::new(DENY);
    fixture.items = "(data (i32.const 131070) \"beyond\")".to_owned();
    check(&fixture.bundle(), |error| matches!(error, PublishError::Runtime(_)));
}

#[test]
fn module_that_traps_is_refused() {
    check(&Fixture::new("unreachable").bundle(), |error| {
        matches!(error, PublishError::Trial { environment: 0, source: DecideError::Trap })
    });
    check(&Fixture::new("(drop (i32.load (i32.const -4)))").bundle(), |error| {
        matches!(error, PublishError::Trial { source: DecideError::Trap, .. })
    });
    let mut recursive = Fixture::new("(call $recurse)");
    recursive.items = "(func $recurse (call $recurse))".to_owned();
    check(&recursive.bundle(), |error| {
        matches!(error, PublishError::Trial { source: DecideError::Trap, .. })
    });
}

#[test]
fn module_that_states_a_worst_case_above_the_budget_is_refused() {
    let mut fixture = Fixture::new(DENY);
    fixture.manifest.instructions_max = vec![10_000_001];
    check(&fixture.bundle(), |error| {
        let says = "a decision on `Action::\"view\"` may take 10000001 instructions, the limit \
                    `fuel` is 10000000";
        matches!(error, PublishError::WorstCase { instructions_max: 10_000_001, .. })
            && error.to_string() == says
    });
    fixture.manifest.instructions_max = vec![10_000_000];
    let engine = engine(Limits::default());
    engine.publish(&fixture.bundle()).expect("the budget may be used up");
}

#[test]
fn module_that_never_ends_is_refused() {
    check(&Fixture::new("(loop $l (br $l))").bundle(), |error| {
        matches!(error, PublishError::Trial { source: DecideError::OutOfFuel, .. })
    });
}

#[test]
fn module_that_says_nothing_is_refused() {
    check(&Fixture::new("").bundle(), |error| {
        let missing = DecideError::Response(ResponseError::Missing);
        matches!(error, PublishError::Trial { source, .. } if *source == missing)
    });
}

#[test]
fn bundle_that_the_facts_do_not_fit_is_refused() {
    check(&badged(), |error| {
        matches!(error, PublishError::Entities(EntitiesError::NonConforming(entities))
            if matches!(entities.as_slice(), [NonConforming { uid, .. }] if uid.id == "alice"))
    });
}

#[test]
fn entities_that_do_not_fit_their_bundle_are_refused() {
    let engine = live(Limits::default());
    let error = engine.publish_with(&badged(), vec![user("bob", 1)]).expect_err("refused");
    assert!(matches!(error, PublishError::Entities(EntitiesError::NonConforming(_))), "{error:?}");
    assert_unchanged(&engine);
    let error = engine.publish_with_json(&badged(), "[{}]").expect_err("refused");
    assert!(matches!(error, PublishError::Entities(_)), "{error:?}");
    assert_unchanged(&engine);
}

#[test]
fn rollback_without_history_is_refused() {
    let fresh = engine(Limits::default());
    assert!(matches!(fresh.rollback(), Err(RollbackError::NoHistory)));
    let engine = live(Limits::default());
    assert!(matches!(engine.rollback(), Err(RollbackError::NoHistory)));
    assert_unchanged(&engine);
}

#[test]
fn rollback_beyond_the_history_is_refused() {
    let engine = live(Limits { history_max: 1, ..Limits::default() });
    for body in [DENY, ALLOW] {
        engine.publish(&Fixture::new(body).bundle()).expect("published");
    }
    assert_eq!(engine.rollback().expect("one step is kept"), Generation(4));
    assert!(matches!(engine.rollback(), Err(RollbackError::NoHistory)));
    assert_eq!(engine.decide(&request(&engine, "alice")).reason(), Reason::NotPermitted);
}

#[test]
fn rollback_that_the_facts_do_not_fit_is_refused() {
    let engine = live(Limits::default());
    let optional = schema_with("badge", attribute(Type::Long, false));
    engine.publish(&Fixture::for_schema(optional, DENY).bundle()).expect("published");
    let mut alice = user("alice", 5);
    alice.attributes.insert("badge".to_owned(), Value::Long(7));
    engine.upsert(alice).expect("conforms");
    let error = engine.rollback().expect_err("refused");
    assert!(
        matches!(&error, RollbackError::Entities(EntitiesError::NonConforming(entities))
            if entities.len() == 1),
        "{error:?}"
    );
    assert_eq!(engine.generation(), Generation(2));
    engine.upsert(user("alice", 5)).expect("conforms");
    engine.rollback().expect("the facts fit now");
    assert_eq!(engine.decide(&request(&engine, "alice")).reason(), Reason::Permitted);
}

#[test]
fn facts_without_a_publication_are_refused() {
    let engine = engine(Limits::default());
    let alice = EntityUid::new("User", "alice");
    assert!(matches!(engine.upsert(user("alice", 1)), Err(FactsError::NothingPublished)));
    assert!(matches!(engine.remove(&alice), Err(FactsError::NothingPublished)));
    assert!(matches!(engine.upsert_json("[]"), Err(FactsError::NothingPublished)));
    assert!(matches!(engine.replace_entities(Vec::new()), Err(FactsError::NothingPublished)));
    assert!(matches!(engine.replace_entities_json("[]"), Err(FactsError::NothingPublished)));
}

#[test]
fn facts_that_do_not_conform_are_refused() {
    let engine = live(Limits::default());
    let mut bob = user("bob", 1);
    bob.attributes.insert("level".to_owned(), Value::Bool(true));
    assert!(matches!(engine.upsert(bob.clone()), Err(FactsError::Entities(_))));
    assert!(matches!(engine.replace_entities(vec![bob]), Err(FactsError::Entities(_))));
    let action = EntityUid::new("Action", "view");
    assert!(matches!(
        engine.remove(&action),
        Err(FactsError::Entities(EntitiesError::ActionOfSchema { .. }))
    ));
    assert_unchanged(&engine);
}
