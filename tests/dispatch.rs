//! Hundreds of policies, found by their scopes, decide as in Cedar: none that matters is left out.

#![cfg(test)]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Engine, Options, Policy, Reason, Release, Request, Semantics, Sources,
    compile,
};
use trapkey_testkit::Oracle;
use trapkey_tests::constructs::Dice;

const SCHEMA: &str = r"
entity Org;
entity Team in [Team, Org];
entity User in [Team, Org] = { level: Long };
entity Bot in [Team] = { level: Long };
entity Folder in [Folder];
entity Doc in [Folder] = { owner: User };
action all;
action read, write in [all] appliesTo {
  principal: [User, Bot], resource: [Doc, Folder], context: { n: Long, user: User }
};
";

/// Entities of each type; the last few are in no store.
const IDS: u64 = 12;

fn uid(dice: &mut Dice, type_name: &str) -> String {
    format!("{type_name}::\"{}\"", dice.roll(IDS))
}

fn party(dice: &mut Dice, name: &str, types: &[&str], groups: &[&str]) -> String {
    let (own, group) = (dice.pick(types), dice.pick(groups));
    match dice.roll(8) {
        0 => name.to_owned(),
        1 => format!("{name} is {own}"),
        2..=4 => format!("{name} == {}", uid(dice, own)),
        5 => format!("{name} in {}", uid(dice, own)),
        6 => format!("{name} is {own} in {}", uid(dice, group)),
        _ => format!("{name} in {}", uid(dice, group)),
    }
}

fn policy(dice: &mut Dice) -> String {
    let effect = dice.pick(&["permit", "permit", "forbid"]);
    let principal = party(dice, "principal", &["User", "Bot"], &["Team", "Org"]);
    let resource = party(dice, "resource", &["Doc", "Folder"], &["Folder"]);
    let action = dice.pick(&["action", "action == Action::\"read\"", "action in Action::\"all\""]);
    let n = dice.roll(4);
    let when = match dice.roll(5) {
        0 => String::new(),
        1 => format!(" when {{ context.n > {n} }}"),
        2 => format!(" when {{ principal.level + 9223372036854775804 > {n} }}"),
        3 => format!(" when {{ context.user.level > {n} }}"),
        _ => format!(" unless {{ context.n == {n} }}"),
    };
    format!("{effect}({principal}, {action}, {resource}){when};")
}

fn store(dice: &mut Dice) -> Value {
    let mut entities = Vec::new();
    let mut add = |dice: &mut Dice, type_name: &str, id: u64, groups: &[&str], attrs: Value| {
        let mut parents = Vec::new();
        for group in groups {
            for _ in 0..dice.roll(3) {
                // Groups of a group have smaller numbers, so that no cycle closes.
                let bound = if *group == type_name { id } else { IDS };
                if bound > 0 {
                    parents.push(json!({ "type": group, "id": dice.roll(bound).to_string() }));
                }
            }
        }
        let uid = json!({ "type": type_name, "id": id.to_string() });
        entities.push(json!({ "uid": uid, "attrs": attrs, "parents": parents }));
    };
    for id in 0..IDS - 2 {
        let level = json!({ "level": dice.roll(5) });
        let owner = json!({ "owner": { "type": "User", "id": dice.roll(IDS).to_string() } });
        add(dice, "Org", id, &[], json!({}));
        add(dice, "Team", id, &["Team", "Org"], json!({}));
        add(dice, "User", id, &["Team", "Org"], level.clone());
        add(dice, "Bot", id, &["Team"], level);
        add(dice, "Folder", id, &["Folder"], json!({}));
        add(dice, "Doc", id, &["Folder"], owner);
    }
    Value::Array(entities)
}

fn request(dice: &mut Dice) -> Value {
    let (principal, resource) = (dice.pick(&["User", "Bot"]), dice.pick(&["Doc", "Folder"]));
    json!({
        "principal": uid(dice, principal),
        "action": dice.pick(&["Action::\"read\"", "Action::\"write\""]),
        "resource": uid(dice, resource),
        "context": {
            "n": dice.roll(5),
            "user": { "type": "User", "id": dice.roll(IDS).to_string() },
        },
    })
}

fn ids<'a>(policies: impl Iterator<Item = &'a Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

#[test]
fn hundreds_of_policies_decide_as_in_cedar() {
    let mut dice = Dice(11);
    let mut counts = [0; 3];
    for len in [9, 40, 200, 700] {
        let policies: Vec<String> = (0..len).map(|_| policy(&mut dice)).collect();
        let policies = policies.join("\n");
        let sources = Sources { policies: &policies, schema: SCHEMA, links: &[] };
        let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
        let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        let options = Options { poison_frames: true, ..Options::default() };
        let engine = Engine::with_options(options).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        let first = Oracle::new(SCHEMA, &policies, &json!([])).unwrap();
        for _ in 0..6 {
            let entities = store(&mut dice);
            engine.replace_entities_json(&entities.to_string()).unwrap();
            let oracle = first.with_entities(&entities).unwrap();
            let model = engine.model().unwrap();
            for _ in 0..60 {
                let request = request(&mut dice);
                let want = oracle.decide(&request).unwrap();
                let got = engine.decide(&Request::from_json(&model, &request.to_string()).unwrap());
                let place = format!("{len} policies, {request}");
                assert!(!matches!(got.reason(), Reason::Failed(_)), "{place}: {got:?}");
                assert_eq!(got.is_allow(), want.allow, "{place}");
                assert_eq!(ids(got.determining()), want.determining, "{place}");
                assert_eq!(ids(got.erring().map(|e| e.policy)), want.erring, "{place}");
                counts[0] += usize::from(want.allow);
                counts[1] += usize::from(!want.allow && !want.determining.is_empty());
                counts[2] += usize::from(!want.erring.is_empty());
            }
        }
    }
    println!("{} allowed, {} forbidden, {} with an error", counts[0], counts[1], counts[2]);
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}
