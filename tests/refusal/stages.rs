//! Scopes that are not observed, promotions and guards that are refused: decisions are made as before.

use trapkey::{
    Datetime, EnforceError, Engine, EntityUid, Generation, Guard, GuardError, Limits,
    OBSERVED_SCOPES_MAX, ObserveError, ObserveScope, Options, PromoteError, STAGE_TEXT_BYTES_MAX,
    ShadowOptions, StageOrder, Type, WouldDenyError,
};
use trapkey_tests::fixture::{
    ALLOW, DENY, Fixture, attribute, engine, request, schema, schema_with,
};

fn order() -> StageOrder {
    StageOrder { by: "eve".into(), reason: "roll-out".into(), at: Datetime(0) }
}

fn scope(name: &str) -> ObserveScope {
    ObserveScope { name: name.into(), actions: None, resources: None }
}

/// Denies everything; `safety` touches safety.
fn denying(safety: Option<Vec<EntityUid>>) -> Engine {
    let options = Options { safety_actions: safety, ..Options::default() };
    let engine = Engine::with_options(options).expect("an engine");
    engine.publish(&Fixture::new(DENY).bundle()).expect("published");
    engine
}

/// The reason for which this scope is not observed.
fn refused(engine: &Engine, scope: ObserveScope, order: StageOrder) -> ObserveError {
    let before = (engine.observed_scopes(), engine.stage_records());
    let error = engine.observe(scope, order).expect_err("refused");
    assert_eq!((engine.observed_scopes(), engine.stage_records()), before);
    error
}

#[test]
fn nothing_is_observed_before_a_publication() {
    let error = refused(&engine(Limits::default()), scope("all"), order());
    assert!(matches!(error, ObserveError::NothingPublished), "{error:?}");
}

#[test]
fn nothing_is_observed_unless_safety_is_declared() {
    let engine = denying(None);
    let error = refused(&engine, scope("all"), order());
    assert!(matches!(error, ObserveError::SafetyUndeclared), "{error:?}");
    assert!(!engine.decide(&request(&engine, "alice")).is_allow());
}

#[test]
fn unknown_names_are_not_observed() {
    let unknown = EntityUid::new("Action", "unheard of");
    let by_action = ObserveScope { actions: Some(unknown.clone()), ..scope("all") };
    for error in [
        refused(&denying(Some(Vec::new())), by_action, order()),
        refused(&denying(Some(vec![unknown.clone()])), scope("all"), order()),
    ] {
        assert!(
            matches!(&error, ObserveError::UnknownAction { action } if *action == unknown),
            "{error:?}"
        );
    }
    let resource = EntityUid::new("Nothing", "at all");
    let by_resource = ObserveScope { resources: Some(resource.clone()), ..scope("all") };
    let error = refused(&denying(Some(Vec::new())), by_resource, order());
    assert!(
        matches!(&error, ObserveError::UnknownResource { resource: found } if *found == resource),
        "{error:?}"
    );
}

#[test]
fn safety_is_not_observed() {
    let action = schema().actions[0].uid.clone();
    let by_action = ObserveScope { actions: Some(action.clone()), ..scope("all") };
    let error = refused(&denying(Some(vec![action.clone()])), by_action, order());
    assert!(
        matches!(&error, ObserveError::Safety { action: found } if *found == action),
        "{error:?}"
    );
}

#[test]
fn scopes_are_bounded_and_have_one_name_each() {
    let engine = denying(Some(Vec::new()));
    for number in 0..OBSERVED_SCOPES_MAX {
        engine.observe(scope(&number.to_string()), order()).expect("observed");
    }
    let error = refused(&engine, scope("7"), order());
    assert!(matches!(&error, ObserveError::AlreadyObserved { scope } if scope == "7"), "{error:?}");
    let error = refused(&engine, scope("more"), order());
    assert!(
        matches!(error, ObserveError::TooMany { scopes_max: OBSERVED_SCOPES_MAX }),
        "{error:?}"
    );
}

#[test]
fn texts_are_there_and_bounded() {
    let engine = denying(Some(Vec::new()));
    let long = "x".repeat(STAGE_TEXT_BYTES_MAX + 1);
    for (text, length) in [(String::new(), 0), (long, STAGE_TEXT_BYTES_MAX + 1)] {
        let by = StageOrder { by: text.clone(), ..order() };
        let reason = StageOrder { reason: text.clone(), ..order() };
        for (error, name) in [
            (refused(&engine, scope(&text), order()), "name"),
            (refused(&engine, scope("all"), by.clone()), "by"),
            (refused(&engine, scope("all"), reason.clone()), "reason"),
        ] {
            assert!(
                matches!(error, ObserveError::Text { what, bytes } if (what, bytes) == (name, length)),
                "{error:?}"
            );
        }
        let error = engine.enforce("all", by, true).expect_err("refused");
        assert!(matches!(error, EnforceError::Text { what: "by", .. }), "{error:?}");
        let error = engine.explain_would_deny(0, reason).expect_err("refused");
        assert!(matches!(error, WouldDenyError::Text { what: "reason", .. }), "{error:?}");
    }
    let longest = "x".repeat(STAGE_TEXT_BYTES_MAX);
    engine.observe(scope(&longest), order()).expect("observed");
}

#[test]
fn what_is_not_observed_is_not_enforced() {
    for engine in [denying(Some(Vec::new())), engine(Limits::default())] {
        let error = engine.enforce("all", order(), true).expect_err("refused");
        assert!(
            matches!(&error, EnforceError::NotObserved { scope } if scope == "all"),
            "{error:?}"
        );
    }
}

#[test]
fn unexplained_would_denies_are_not_enforced() {
    let engine = denying(Some(Vec::new()));
    engine.observe(scope("all"), order()).expect("observed");
    assert!(engine.decide(&request(&engine, "alice")).would_deny());
    let error = engine.enforce("all", order(), false).expect_err("refused");
    assert!(
        matches!(&error, EnforceError::Unexplained { scope, unexplained: 1 } if scope == "all"),
        "{error:?}"
    );
    assert_eq!(engine.observed_scopes(), [scope("all")]);
}

#[test]
fn unknown_would_deny_is_not_explained() {
    let engine = denying(Some(Vec::new()));
    let error = engine.explain_would_deny(9, order()).expect_err("refused");
    assert!(matches!(error, WouldDenyError::Unknown { id: 9 }), "{error:?}");
}

const GUARD: Guard = Guard { round: 10, denies_max: 1, failures_max: 1 };

/// The reason for which there is no guard.
fn unguarded(engine: &Engine, guard: Guard) -> GuardError {
    let error = engine.guard(guard).expect_err("refused");
    assert_eq!((engine.guard_state(), engine.guard_counts()), (None, None));
    error
}

#[test]
fn guard_needs_something_to_go_back_to() {
    let engine = engine(Limits::default());
    assert!(matches!(unguarded(&engine, GUARD), GuardError::NoHistory));
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    assert!(matches!(unguarded(&engine, GUARD), GuardError::NoHistory));
    let schema = schema_with("badge", attribute(Type::Long, false));
    engine.publish(&Fixture::for_schema(schema, ALLOW).bundle()).expect("published");
    assert!(matches!(unguarded(&engine, GUARD), GuardError::OtherSchema));
}

#[test]
fn guard_needs_a_round() {
    let engine = denying(None);
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    for number in [0, trapkey::GUARD_ROUND_MAX + 1] {
        let error = unguarded(&engine, Guard { round: number, ..GUARD });
        assert!(matches!(error, GuardError::Round { round } if round == number), "{error:?}");
    }
}

#[test]
fn candidate_that_cannot_be_guarded_is_not_promoted() {
    let engine = engine(Limits { history_max: 0, ..Limits::default() });
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    engine.shadow(&Fixture::new(DENY).bundle(), ShadowOptions::default()).expect("a candidate");
    for guard in [GUARD, Guard { round: 0, ..GUARD }] {
        let error = engine.promote_shadow_guarded(guard).expect_err("refused");
        assert!(matches!(error, PromoteError::Guard(_)), "{error:?}");
        assert_eq!(engine.generation(), Generation(1));
        assert!(engine.decide(&request(&engine, "alice")).is_allow());
    }
}
