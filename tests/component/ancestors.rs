//! Entities in entities: what that costs, counted in instructions.

use serde_json::json;
use trapkey::{Bundle, CompileOptions, Release, Sources, compile};

use crate::Loaded;
use crate::arena::Arena;
use crate::interface::exports::trapkey::policy::types::{
    Decision, Entity, EntityUid, Failure, Verdict,
};

const SCHEMA: &str = "
    entity Group in [Group];
    action ask appliesTo { principal: Group, resource: Group };
";

const POLICIES: &str = r#"permit(principal in Group::"top", action, resource);"#;

fn uid(id: &str) -> EntityUid {
    EntityUid { type_name: "Group".to_owned(), id: id.to_owned() }
}

fn group(id: &str, parents: Vec<EntityUid>) -> Entity {
    Entity { uid: uid(id), attributes: vec![], parents, tags: vec![] }
}

/// Asks whether the group is in the topmost one, with so many instructions.
fn decide(entities: &[Entity], id: &str, fuel: u64) -> Result<Decision, Failure> {
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "groups".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let request = Arena::default().request(&json!({
        "principal": { "type": "Group", "id": id }, "action": "Action::\"ask\"",
        "resource": "Group::\"other\"", "context": {},
    }));
    let mut loaded = Loaded::bounded(&bundle, fuel);
    let answer = loaded.one(&[], entities, &request);
    println!("{id}: {} instructions", fuel - loaded.store.get_fuel().unwrap());
    answer
}

/// A parent that is named 100,000 times is one, and what a group is in is found once for all that are in it.
#[test]
fn children_of_one_group_cost_little() {
    let mut entities = vec![group("many", vec![uid("top"); 100_000])];
    entities.extend((0..5_000).map(|id| group(&format!("c{id}"), vec![uid("many")])));
    let decision = decide(&entities, "c0", 2_000_000_000).unwrap();
    assert_eq!(decision.verdict, Verdict::Allow);
}

/// As many ways lead up as there are pairs of levels.
#[test]
fn ladders_cost_little() {
    let rung = |level: usize, side| match level {
        0 => group(&format!("0{side}"), vec![uid("top")]),
        _ => group(
            &format!("{level}{side}"),
            ["a", "b"].map(|other| uid(&format!("{}{other}", level - 1))).into(),
        ),
    };
    let entities: Vec<_> =
        (0..400).flat_map(|level| ["a", "b"].map(|side| rung(level, side))).collect();
    let decision = decide(&entities, "399a", 2_000_000_000).unwrap();
    assert_eq!(decision.verdict, Verdict::Allow);
}

#[test]
fn what_is_in_itself_is_refused() {
    let round = |length: usize| -> Vec<_> {
        let parent = |at: usize| uid(&((at + 1) % length).to_string());
        let mut entities: Vec<_> =
            (0..length).map(|at| group(&at.to_string(), vec![parent(at)])).collect();
        entities.push(group("below", vec![uid("0")]));
        entities
    };
    for length in [1, 2, 3, 1_000] {
        let failure = decide(&round(length), "below", u64::MAX).unwrap_err();
        let is_named =
            matches!(&failure, Failure::Entity(text) if text.ends_with(": it is in itself"));
        assert!(is_named, "{length}: {failure:?}");
        assert!(!format!("{failure:?}").contains("below"), "{failure:?}");
    }
    // A chain that is too long is none of these, and ends at once too.
    let chain: Vec<_> =
        (0..20_000).map(|at| group(&at.to_string(), vec![uid(&(at + 1).to_string())])).collect();
    let failure = decide(&chain, "0", 4_000_000_000).unwrap_err();
    assert!(
        matches!(&failure, Failure::TooLarge(text) if text.contains("ancestors")),
        "{failure:?}"
    );
    let bounded = decide(&chain[..1_024], "0", u64::MAX).unwrap();
    assert_eq!(bounded.verdict, Verdict::Deny);
    decide(&chain[..1_025], "0", u64::MAX).unwrap_err();
}
