//! Very many grants: those that a request does not concern change nothing for it.

use trapkey::{Entity, EntityUid, Grant, GrantError, Limits, Options, Reason, Value};

use super::site::{ENTITIES, POLICIES, bundle, decide, doc, elevate, engine, grant, grants, user};

const MANY: usize = 100_000;

fn number(number: usize) -> EntityUid {
    user(&format!("u{number}"))
}

#[test]
fn a_hundred_thousand_grants_change_no_decision_that_none_concerns() {
    let engine = engine();
    let model = engine.model().unwrap();
    let mut store = trapkey::EntityStore::from_json(model, ENTITIES).unwrap();
    let level = || [("level".to_owned(), Value::Long(1))].into();
    for index in 0..1_000 {
        let (attributes, parents, tags) = (level(), Vec::new(), [].into());
        store.upsert(Entity { uid: number(index), attributes, parents, tags }).unwrap();
    }
    let entities = store.snapshot();
    let all = entities.iter().filter(|entity| entity.uid().type_name != "Action");
    let all = all.map(|stored| Entity {
        uid: stored.uid().clone(),
        attributes: stored.attributes().map(|(name, value)| (name.into(), value.clone())).collect(),
        parents: stored.parents().cloned().collect(),
        tags: [].into(),
    });
    engine.replace_entities(all.collect()).unwrap();
    let before = decide(&engine, "ann", "read", "plan", Some(1_500));
    for index in 0..MANY {
        let of = elevate(&format!("g{index:06}"));
        engine.grant(Grant { principal: Some(number(index % 1_000)), ..of }).unwrap();
    }
    let after = decide(&engine, "ann", "read", "plan", Some(1_500));
    assert_eq!((before.reason(), before.horizon()), (after.reason(), after.horizon()));
    engine.grant(elevate("own")).unwrap();
    assert_eq!(grants(&decide(&engine, "ann", "read", "plan", Some(1_500))), ["own"]);
    assert_eq!(engine.grants().len(), MANY + 1);
    for index in 0..1_000 {
        assert_eq!(engine.revoke_principal(&number(index)), MANY / 1_000);
    }
    assert_eq!(engine.grants().len(), 1);
    assert!(engine.revoke("own"));
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::NotPermitted);
}

#[test]
fn of_many_grants_of_one_principal_those_of_the_resource_are_found() {
    let engine = engine();
    let top = EntityUid::new("Folder", "top");
    for index in 0..20 {
        let resource = Some(if index == 7 { top.clone() } else { doc("loose") });
        engine.grant(Grant { resource, ..elevate(&format!("g{index:02}")) }).unwrap();
    }
    engine.grant(Grant { principal: Some(user("ann")), ..grant("q", "quarantine") }).unwrap();
    assert_eq!(grants(&decide(&engine, "ann", "read", "plan", Some(1_500))), ["q"]);
    assert!(engine.revoke("q"));
    assert_eq!(grants(&decide(&engine, "ann", "read", "plan", Some(1_500))), ["g07"]);
    assert_eq!(grants(&decide(&engine, "ann", "read", "loose", Some(1_500))).len(), 19);
}

#[test]
fn templates_beyond_one_word_and_one_function_have_bits_of_their_own() {
    let engine = engine();
    let template = |number: usize| {
        format!("@id(\"t{number}\") permit(principal == ?principal, action, resource);")
    };
    let policies: Vec<String> = (0..300).map(template).collect();
    engine.publish(&bundle(&(policies.join("\n") + POLICIES))).unwrap();
    for number in [0, 63, 64, 130, 256, 299] {
        let one = Grant { principal: Some(user("bob")), ..grant("g", &format!("t{number}")) };
        engine.grant(one).unwrap();
        let decision = decide(&engine, "bob", "write", "loose", Some(1_500));
        let ids: Vec<&str> = decision.determining().map(|policy| policy.id.as_str()).collect();
        assert_eq!(ids, [format!("t{number}")]);
        engine.revoke("g");
    }
}

#[test]
fn what_can_be_held_is_bounded() {
    let limits = Limits { grants_max: 2, grants_per_entity_max: 1, ..Limits::default() };
    let engine = trapkey::Engine::with_options(Options { limits, ..Options::default() }).unwrap();
    engine.publish_with_json(&bundle(POLICIES), ENTITIES).unwrap();
    engine.grant(elevate("a")).unwrap();
    let error = engine.grant(elevate("b")).unwrap_err();
    assert_eq!(error, GrantError::TooManyOfEntity { uid: user("ann"), max: 1 });
    engine.grant(Grant { principal: Some(user("bob")), ..elevate("b") }).unwrap();
    let crew = EntityUid::new("Group", "crew");
    let third = Grant { principal: Some(crew), ..grant("c", "quarantine") };
    assert_eq!(engine.grant(third.clone()).unwrap_err(), GrantError::TooMany { max: 2 });
    engine.revoke("a");
    engine.grant(third).unwrap();
}
