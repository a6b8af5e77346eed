//! Candidates that are refused, and promotions of none: what is active stays active, alone.

use trapkey::{
    Generation, Limits, PromoteError, PublishError, Reason, ShadowError, ShadowOptions, Type,
};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, attribute, engine, request, schema_with};

#[test]
fn shadow_without_a_publication_is_refused() {
    let engine = engine(Limits::default());
    let bundle = Fixture::new(ALLOW).bundle();
    let error = engine.shadow(&bundle, ShadowOptions::default()).expect_err("refused");
    assert!(matches!(error, ShadowError::NothingPublished), "{error:?}");
    assert_eq!((engine.shadow_state(), engine.modules_alive()), (None, 0));
}

#[test]
fn second_shadow_is_refused() {
    let engine = engine(Limits::default());
    let [active, first] = [ALLOW, DENY].map(|body| Fixture::new(body).bundle());
    engine.publish(&active).expect("published");
    engine.shadow(&first, ShadowOptions::default()).expect("a candidate");
    let error = engine.shadow(&active, ShadowOptions::default()).expect_err("refused");
    assert!(
        matches!(error, ShadowError::Running { running, candidate }
            if running == first.digest() && candidate == active.digest()),
        "{error:?}"
    );
    assert_eq!(engine.shadow_digest(), Some(first.digest()));
}

#[test]
fn shadow_of_another_schema_is_refused() {
    let engine = engine(Limits::default());
    let active = Fixture::new(ALLOW).bundle();
    engine.publish(&active).expect("published");
    let schema = schema_with("badge", attribute(Type::Long, false));
    let other = Fixture::for_schema(schema, ALLOW).bundle();
    let error = engine.shadow(&other, ShadowOptions::default()).expect_err("refused");
    assert!(
        matches!(error, ShadowError::OtherSchema { active: found, candidate }
            if found == active.digest() && candidate == other.digest()),
        "{error:?}"
    );
    assert_eq!((engine.shadow_state(), engine.modules_alive()), (None, 1));
}

#[test]
fn shadow_that_fails_its_trial_is_refused() {
    let engine = engine(Limits::default());
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    let trap = Fixture::new("unreachable").bundle();
    let error = engine.shadow(&trap, ShadowOptions::default()).expect_err("refused");
    assert!(matches!(error, ShadowError::Bundle(PublishError::Trial { .. })), "{error:?}");
    assert_eq!((engine.shadow_state(), engine.modules_alive()), (None, 1));
}

#[test]
fn promotion_without_a_shadow_is_refused() {
    let engine = engine(Limits::default());
    assert!(matches!(engine.promote_shadow(), Err(PromoteError::NoShadow)));
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("published");
    assert!(matches!(engine.promote_shadow(), Err(PromoteError::NoShadow)));
    assert_eq!(engine.generation(), Generation(1));
    assert_eq!(engine.decide(&request(&engine, "alice")).reason(), Reason::Permitted);
}
