//! Grants over changes: revocations, publications, rollbacks, facts.

use trapkey::{Dormant, EntityUid, Grant, Reason};

use super::site::{
    ENTITIES, POLICIES, SCHEMA, bundle, bundle_under, decide, doc, elevate, engine, grant, grants,
    user,
};

fn held(engine: &trapkey::Engine) -> Vec<(String, Option<Dormant>)> {
    engine.grants().iter().map(|held| (held.grant().id.clone(), held.dormant())).collect()
}

#[test]
fn a_group_and_a_folder_reach_those_in_them_and_no_others() {
    let engine = engine();
    let crew = EntityUid::new("Group", "crew");
    engine
        .grant(Grant { principal: Some(crew), resource: Some(doc("plan")), ..grant("t", "team") })
        .unwrap();
    let reason = |who: &str, of: &str| decide(&engine, who, "read", of, Some(1_500)).reason();
    assert_eq!(reason("ann", "plan"), Reason::Permitted);
    assert_eq!(reason("ann", "loose"), Reason::NotPermitted);
    assert_eq!(reason("bob", "plan"), Reason::NotPermitted);
    // Another action has its own environment, in which the template has no part.
    let written = decide(&engine, "ann", "write", "plan", Some(1_500));
    assert_eq!(written.reason(), Reason::NotPermitted);
    // A change of groups is seen as any change of facts.
    let moved = ENTITIES.replace("guests\"}]", "crew\"}]");
    engine.replace_entities_json(&moved).unwrap();
    assert_eq!(decide(&engine, "bob", "read", "plan", Some(1_500)).reason(), Reason::Permitted);
}

#[test]
fn an_equal_slot_is_not_reached_from_below() {
    let engine = engine();
    let plan = Grant { principal: Some(user("ann")), ..elevate("g") };
    engine.grant(Grant { resource: Some(doc("plan")), ..plan }).unwrap();
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::Permitted);
    assert_eq!(decide(&engine, "ann", "read", "loose", Some(1_500)).reason(), Reason::NotPermitted);
}

#[test]
fn a_resource_alone_is_granted() {
    let engine = engine();
    let top = EntityUid::new("Folder", "top");
    engine.grant(Grant { resource: Some(top), ..grant("c", "closed") }).unwrap();
    let shut = ENTITIES.replace("{\"open\":true}", "{\"open\":false}");
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::NotPermitted);
    engine.replace_entities_json(&shut).unwrap();
    let decision = decide(&engine, "ann", "read", "plan", Some(1_500));
    assert_eq!((decision.reason(), grants(&decision)), (Reason::Forbidden, vec!["c".to_owned()]));
    assert_eq!(decide(&engine, "ann", "read", "loose", Some(1_500)).reason(), Reason::NotPermitted);
}

#[test]
fn obligations_of_a_template_are_those_of_the_decision() {
    let engine = engine();
    engine.grant(elevate("g")).unwrap();
    let decision = decide(&engine, "ann", "read", "plan", Some(1_500));
    let names: Vec<&str> = decision.obligations().map(|duty| duty.name.as_str()).collect();
    assert_eq!(names, ["record-session"]);
}

#[test]
fn revocations_take_back_what_they_name_and_nothing_else() {
    let engine = engine();
    let ticket = |id: &str, ticket: &str| Grant { ticket: Some(ticket.into()), ..elevate(id) };
    for grant in [ticket("a", "T-1"), ticket("b", "T-1"), ticket("c", "T-10"), elevate("d")] {
        engine.grant(grant).unwrap();
    }
    engine.grant(Grant { principal: Some(user("bob")), ..elevate("e") }).unwrap();
    let ids = || held(&engine).into_iter().map(|(id, _)| id).collect::<String>();
    assert!(engine.revoke("d") && !engine.revoke("d"));
    assert_eq!(ids(), "abce");
    assert_eq!((engine.revoke_ticket("T-1"), engine.revoke_ticket("T-1")), (2, 0));
    assert_eq!(ids(), "ce");
    assert_eq!(engine.revoke_principal(&user("ann")), 1);
    assert_eq!(ids(), "e");
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::NotPermitted);
}

#[test]
fn a_decision_keeps_the_grants_that_decided() {
    let engine = engine();
    engine.grant(elevate("g")).unwrap();
    let decision = decide(&engine, "ann", "read", "plan", Some(1_500));
    engine.revoke("g");
    assert_eq!(grants(&decision), ["g"]);
}

#[test]
fn a_rollback_brings_no_grant_back_and_takes_none_away() {
    let engine = engine();
    engine.grant(elevate("before")).unwrap();
    engine
        .publish(&bundle(&format!(
            "{POLICIES}\nforbid(principal, action, resource) when {{ false }};"
        )))
        .unwrap();
    engine.grant(elevate("after")).unwrap();
    engine.revoke("before");
    engine.rollback().unwrap();
    let decision = decide(&engine, "ann", "read", "plan", Some(1_500));
    assert_eq!(grants(&decision), ["after"]);
    engine.revoke("after");
    engine.publish(&bundle(POLICIES)).unwrap();
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::NotPermitted);
}

#[test]
fn a_grant_sleeps_under_a_module_that_does_not_fit_it_and_wakes_under_one_that_does() {
    let engine = engine();
    engine.grant(elevate("g")).unwrap();
    let first = format!("{}\n", POLICIES.lines().nth(1).unwrap());
    let other_slots = r#"@id("elevate") permit(principal == ?principal, action, resource);"#;
    let other_types = r#"@id("elevate") permit(principal == ?principal, action == Action::"read", resource == ?resource);"#;
    let glass = POLICIES.replace("@obligation(\"record-session\")", "@breakglass(\"1h\")");
    let cases = [
        (first.clone(), Some(Dormant::NoTemplate)),
        (first.clone() + other_slots, Some(Dormant::Slots)),
        (first.clone() + other_types, Some(Dormant::SlotType)),
        (glass, Some(Dormant::BreakGlass)),
        // The same template among others: another number, another place.
        (
            format!("@id(\"x\") permit(principal == ?principal, action, resource);\n{POLICIES}"),
            None,
        ),
    ];
    for (policies, want) in cases {
        engine.publish(&bundle(&policies)).unwrap();
        assert_eq!(held(&engine), [("g".to_owned(), want)], "{policies}");
        let decision = decide(&engine, "ann", "read", "plan", Some(1_500));
        assert_eq!(decision.is_allow(), want.is_none(), "{policies}");
    }
}

#[test]
fn a_grant_goes_on_under_another_schema_that_has_its_template() {
    let engine = engine();
    engine.grant(elevate("g")).unwrap();
    let schema = SCHEMA.replace("entity Group;", "entity Group { name?: String };");
    engine.publish(&bundle_under(&schema, POLICIES)).unwrap();
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::Permitted);
    assert!(engine.revoke("g"));
    engine.publish(&bundle(POLICIES)).unwrap();
    assert_eq!(decide(&engine, "ann", "read", "plan", Some(1_500)).reason(), Reason::NotPermitted);
}
