//! The plant's rules in Rego, run by `regorus`: by its interpreter, and by its virtual machine.

use std::collections::{BTreeMap, BTreeSet};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use serde_json::{Map, Value as Json, json};
use trapkey_abi::{parse_datetime, parse_duration};
use trapkey_benches::plant::Plant;

const RULES: &str = include_str!("plant.rego");

/// What is asked: verdict, and the policies that it rests on.
const DECISION: &str = "data.plant.decision";

/// Both machines of `regorus`, and the plant's requests as their input.
pub(crate) struct Rego {
    engine: Engine,
    vm: RegoVM,
    pub(crate) inputs: Vec<Value>,
}

impl Rego {
    /// The rules over the plant's entities.
    ///
    /// # Panics
    ///
    /// If they do not say of every case what is expected of it: verdict and determining policies.
    pub(crate) fn new(plant: &Plant) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("plant.rego".into(), RULES.into()).expect("the rules parse");
        let data = value(&data(plant));
        engine.add_data(data.clone()).expect("the data fits");
        let compiled = engine.compile_with_entrypoint(&DECISION.into()).expect("the rules compile");
        let program = Compiler::compile_from_policy(&compiled, &[DECISION]).expect("a program");
        let mut vm = RegoVM::new();
        vm.load_program(program);
        vm.set_data(data).expect("the data fits");
        let inputs = plant.cases.iter().map(|case| value(&input(case))).collect();
        let mut rego = Self { engine, vm, inputs };
        rego.assert_expected(plant);
        rego
    }

    /// Decides one input with the interpreter.
    pub(crate) fn interpret(&mut self, input: &Value) -> Value {
        self.engine.set_input(input.clone());
        self.engine.eval_rule(DECISION.into()).expect("a decision")
    }

    /// Decides one input with the virtual machine.
    pub(crate) fn execute(&mut self, input: &Value) -> Value {
        self.vm.set_input(input.clone());
        self.vm.execute().expect("a decision")
    }

    fn assert_expected(&mut self, plant: &Plant) {
        let cases = plant.folder.cases.iter();
        let cases = cases.filter(|case| case.entities == plant.folder.entities);
        for (case, input) in cases.zip(self.inputs.clone()) {
            for decision in [self.interpret(&input), self.execute(&input)] {
                let decision: Json =
                    serde_json::from_str(&decision.to_string()).expect("a decision is JSON");
                assert_eq!(
                    decision.get("allow"),
                    Some(&json!(case.trapkey.allow)),
                    "{}",
                    case.name
                );
                let reason = decision.get("reason").and_then(Json::as_array).expect("policies");
                let reason: BTreeSet<&str> = reason.iter().filter_map(Json::as_str).collect();
                let want: BTreeSet<&str> =
                    case.trapkey.determining.iter().map(String::as_str).collect();
                assert_eq!(reason, want, "{}", case.name);
            }
        }
    }
}

/// `regorus` reads JSON.
fn value(json: &Json) -> Value {
    Value::from_json_str(&json.to_string()).expect("JSON")
}

/// Attributes and all ancestors of each entity, and the groups of each action.
fn data(plant: &Plant) -> Json {
    let entities = plant.folder.entities.as_array().expect("entities");
    let uids = |json: &Json| -> Vec<String> {
        json.as_array().expect("uids").iter().map(reference).collect()
    };
    let parents: BTreeMap<String, Vec<String>> = entities
        .iter()
        .map(|entity| (reference(&entity["uid"]), uids(&entity["parents"])))
        .collect();
    let mut by_uid = Map::new();
    for entity in entities {
        let uid = reference(&entity["uid"]);
        let mut ancestors = BTreeSet::new();
        above(&uid, &parents, &mut ancestors);
        let ancestors: Map<String, Json> =
            ancestors.into_iter().map(|uid| (uid, json!(true))).collect();
        let mut attributes = plain(&entity["attrs"]);
        attributes["ancestors"] = Json::Object(ancestors);
        by_uid.insert(uid, attributes);
    }
    let mut groups = Map::new();
    for action in &plant.compiled.schema.actions {
        let own = action.groups.iter().map(|group| (group.id.clone(), json!(true)));
        groups.insert(action.uid.id.clone(), Json::Object(own.collect()));
    }
    json!({ "entities": by_uid, "groups": groups })
}

fn above(uid: &str, parents: &BTreeMap<String, Vec<String>>, found: &mut BTreeSet<String>) {
    for parent in parents.get(uid).into_iter().flatten() {
        if found.insert(parent.clone()) {
            above(parent, parents, found);
        }
    }
}

/// A request: the parties' uids and types, the action's id, the context.
fn input(case: &Json) -> Json {
    let party = |name: &str| {
        let uid = trapkey::parse_uid(case[name].as_str().expect("a uid")).expect("a uid");
        let ty = uid.type_name.trim_start_matches("Plant::").to_owned();
        (format!("{}::{}", uid.type_name, uid.id), ty, uid.id)
    };
    let (principal, principal_type, _) = party("principal");
    let (resource, resource_type, _) = party("resource");
    let (_, _, action) = party("action");
    json!({
        "principal": principal, "principal_type": principal_type, "action": action,
        "resource": resource, "resource_type": resource_type, "context": plain(&case["context"]),
    })
}

/// References as `Type::id`, datetimes and durations in milliseconds, addresses as text.
fn plain(json: &Json) -> Json {
    match json {
        Json::Object(fields) => match (fields.get("__entity"), fields.get("__extn")) {
            (Some(uid), _) => json!(reference(uid)),
            (None, Some(call)) => {
                let text = call["arg"].as_str().expect("an argument");
                match call["fn"].as_str() {
                    Some("datetime") => json!(parse_datetime(text).expect("a datetime")),
                    Some("duration") => json!(parse_duration(text).expect("a duration")),
                    _ => json!(text),
                }
            }
            (None, None) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value)));
                Json::Object(fields.collect())
            }
        },
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json.clone(),
    }
}

fn reference(uid: &Json) -> String {
    let text = |name: &str| uid[name].as_str().expect("a uid");
    format!("{}::{}", text("type"), text("id"))
}
