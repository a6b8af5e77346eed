//! What became of each policy is what Cedar says, and the failing clause is false.

use std::collections::BTreeSet;

use serde_json::json;
use trapkey::{
    Bundle, ClausePart, CompileOptions, Counterfactual, Engine, ExplainError, Limits, Outcome,
    Semantics, Sources, compile,
};
use trapkey_testkit::{Oracle, World};
use trapkey_tests::links::template_link;

use super::world::{bundle, engine, release, request};

const SCHEMA: &str = "
    entity Group;
    entity User in Group { level: Long, active: Bool };
    entity Door { owner: User };
    action open, close appliesTo { principal: User, resource: Door, context: { pin?: Long } };";

const POLICIES: &str = r#"@id("staff")
permit(principal in Group::"staff", action == Action::"open", resource)
when { principal.active && principal.level >= 3 }
unless { context has pin && context.pin == 7 };
@id("owner")
permit(principal, action, resource) when { resource.owner.level > 90 };
@id("closing")
forbid(principal, action == Action::"close", resource);"#;

fn entities() -> serde_json::Value {
    json!([
        { "uid": { "type": "User", "id": "ann" }, "attrs": { "level": 2, "active": true },
          "parents": [{ "type": "Group", "id": "staff" }] },
        { "uid": { "type": "Door", "id": "d" },
          "attrs": { "owner": { "__entity": { "type": "User", "id": "gone" } } }, "parents": [] },
    ])
}

fn asked(action: &str) -> serde_json::Value {
    json!({
        "principal": "User::\"ann\"", "action": format!("Action::\"{action}\""),
        "resource": "Door::\"d\"", "context": {},
    })
}

#[test]
fn each_policy_says_where_it_fails() {
    let engine = engine(&bundle(SCHEMA, POLICIES, &[]), &entities());
    let explanation = engine.explain(&request(&engine, &asked("open"))).unwrap();
    let text = |span: trapkey::Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        POLICIES.get(start..end).unwrap()
    };
    let outcomes: Vec<_> =
        explanation.policies.iter().map(|p| (p.id.as_str(), p.outcome)).collect();
    let [("staff", Outcome::Failed { part: ClausePart::Condition, span }), owner, closing] =
        outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(text(span), "principal.level >= 3");
    let ("owner", Outcome::Erred { span }) = owner else { panic!("{owner:?}") };
    assert_eq!(text(span), "resource.owner.level > 90");
    let Outcome::Failed { part: ClausePart::Action, .. } = closing.1 else { panic!("{closing:?}") };
    let Counterfactual::Found(changes) = &explanation.counterfactual else {
        panic!("{:?}", explanation.counterfactual)
    };
    assert_eq!(
        changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["User::\"ann\".level = 3"]
    );
    let redacted = format!("{:?}", explanation.redacted(&request(&engine, &asked("open"))));
    for hidden in ["staff", "owner", "3", "ann", "::"] {
        assert!(!redacted.replace("Generation(1)", "").contains(hidden), "{redacted}");
    }
}

#[test]
fn a_bundle_without_it_is_not_explained_and_has_the_same_module() {
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let options = CompileOptions { semantics: Semantics::CEDAR };
    let module = compile(&sources, options).unwrap().module;
    let plain = Bundle::open(&Bundle::pack(&release(), &module).unwrap()).unwrap();
    let explained = bundle(SCHEMA, POLICIES, &[]);
    assert_eq!(plain.module(), explained.module());
    assert_ne!(plain.digest(), explained.digest());
    let engine = engine(&plain, &entities());
    let error = engine.explain(&request(&engine, &asked("open"))).unwrap_err();
    assert!(matches!(error, ExplainError::NotInBundle), "{error}");
    assert!(matches!(
        Engine::new(Limits::default()).unwrap().explain(&request(&engine, &asked("open"))),
        Err(ExplainError::Undecided(_))
    ));
}

#[test]
fn no_permit_in_scope_is_never() {
    let policies = r#"permit(principal, action == Action::"open", resource);"#;
    let engine = engine(&bundle(SCHEMA, policies, &[]), &entities());
    let closing = engine.explain(&request(&engine, &asked("close"))).unwrap();
    assert_eq!(closing.counterfactual, Counterfactual::Never);
    let opening = engine.explain(&request(&engine, &asked("open"))).unwrap();
    assert_eq!(opening.counterfactual, Counterfactual::Allowed);
}

/// Held and erred policies of generated worlds are Cedar's.
#[test]
fn outcomes_of_generated_worlds_are_cedars() {
    let (mut compared, mut failed, mut erred) = (0_u32, 0_u32, 0_u32);
    for seed in 0..12 {
        let world = World::generate(seed).unwrap();
        let links: Vec<_> = world.links.iter().map(template_link).collect();
        let policies = world.policies();
        let bundle = bundle(&world.schema_as_given, &policies, &links);
        for store in &world.stores {
            let engine = engine(&bundle, store);
            let oracle = Oracle::new(&world.schema, &policies, store).unwrap();
            let oracle = oracle.with_links(&world.links).unwrap();
            for asked in &world.requests {
                let want = oracle.decide(asked).unwrap();
                let got = engine.explain_within(&request(&engine, asked), 0).unwrap();
                let ids = |keep: fn(&Outcome) -> bool| -> BTreeSet<String> {
                    let kept = got.policies.iter().filter(|policy| keep(&policy.outcome));
                    kept.map(|policy| policy.id.clone()).collect()
                };
                assert_eq!(ids(|o| matches!(o, Outcome::Erred { .. })), want.erring, "{seed}");
                let held = ids(|o| matches!(o, Outcome::Held));
                assert!(want.determining.is_subset(&held), "{seed}: {asked}");
                // No policy whose clauses all hold is missing from the decision.
                assert!(ids(|o| matches!(o, Outcome::NotCounted)).is_empty(), "{seed}: {asked}");
                compared += 1;
                failed +=
                    u32::try_from(ids(|o| matches!(o, Outcome::Failed { .. })).len()).unwrap();
                erred += u32::try_from(want.erring.len()).unwrap();
            }
        }
    }
    println!("{compared} explanations, {failed} failed clauses, {erred} errors");
    assert!(failed > compared && erred > 0);
}
