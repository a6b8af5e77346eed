//! Plugins and the plant's policies: posture that changes, a captured download, events of decisions.

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Decision, Engine, Limits, Release, Semantics, Sources, compile,
};
use trapkey_testkit::{Folder, plant};

use super::capture::packets;
use super::frames::{asking, read, stop, userdata, variable, write};
use super::host::Loaded;
use super::host::adapter::exports::trapkey::plugin::adapter::Direction;
use super::posture::{SEVEN, inventory};
use super::s7comm::{Said, said};

/// The plant's policies, with the variable that requests here write.
pub(crate) struct Plant {
    folder: Folder,
    entities: Value,
    engine: Engine,
}

/// The point of `DB1.DBX4.0:REAL` in controller 7.
const POINT: &str = "plc-7/DB1.DBX4.0:REAL";

impl Plant {
    pub(crate) fn new() -> Self {
        let folder = plant::folder().unwrap();
        let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
        let options = CompileOptions { semantics: Semantics::TRAPKEY };
        let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
        let module = compile(&sources, options).unwrap().module;
        let bundle = Bundle::open(&Bundle::pack(&release, &module).unwrap()).unwrap();
        let mut entities = folder.entities.as_ref().clone();
        let known = entities.as_array_mut().unwrap();
        let is_point = |entity: &&Value| entity["uid"]["id"] == "plc-7/40012";
        let mut point = known.iter().find(is_point).unwrap().clone();
        point["uid"]["id"] = json!(POINT);
        known.push(point);
        let engine = Engine::new(Limits::default()).unwrap();
        engine.publish_with_json(&bundle, &entities.to_string()).unwrap();
        Self { folder, entities, engine }
    }

    /// The request of one of the plant's cases.
    pub(crate) fn request(&self, name: &str) -> Value {
        let case = self.folder.cases.iter().find(|case| case.name == name);
        case.unwrap_or_else(|| panic!("no case `{name}`")).request.clone()
    }

    /// The decision; none if the schema has no such request, which is as much as a deny.
    pub(crate) fn decide(&self, request: &Value) -> Option<Decision> {
        self.engine.decide_json(&request.to_string()).ok()
    }

    /// Decides what a frame asks for, with the rest of a request, on one controller; whether all of it is allowed, and the
    /// policies that brought that about.
    fn pass(
        &self,
        plugin: &Loaded,
        frame: &[u8],
        request: &Value,
        plc: &str,
    ) -> (bool, Vec<String>) {
        let Said::Message(_, questions) = said(plugin, Direction::ToController, frame) else {
            panic!("no message: {frame:02x?}")
        };
        assert!(!questions.is_empty(), "{frame:02x?}");
        let (mut all, mut why) = (true, Vec::new());
        for (action, resource) in questions {
            let mut request = request.clone();
            request["action"] = json!(format!("Plant::Action::{action:?}"));
            request["resource"] = json!(resource.replace("\"controller", &format!("\"{plc}")));
            let decision = self.decide(&request);
            all &= decision.as_ref().is_some_and(Decision::is_allow);
            why.extend(decision.iter().flat_map(ids));
        }
        (all, why)
    }
}

fn ids(decision: &Decision) -> Vec<String> {
    decision.determining().map(|policy| policy.id.clone()).collect()
}

/// A request with values of a context, by paths with points.
fn filled(mut request: Value, values: &[(String, Value)]) -> Value {
    for (path, value) in values {
        let place = path.split('.').fold(&mut request["context"], |place, name| &mut place[name]);
        *place = value.clone();
    }
    request
}

/// What the posture plugin says of contexts.
fn posture(plugin: &Loaded, compliance: &str) -> Vec<(String, Value)> {
    let text = inventory(compliance).to_string();
    let facts = plugin.refresh(&[("inventory.json", &text)], SEVEN).unwrap();
    let value = |text: &str| serde_json::from_str(text).unwrap();
    facts.context.iter().map(|fact| (fact.name.clone(), value(&fact.value))).collect()
}

#[test]
fn posture_that_changes_ends_writes_and_leaves_reads() {
    let (Some(adapter), Some(provider)) = (Loaded::new("s7comm"), Loaded::new("posture")) else {
        return;
    };
    let plant = Plant::new();
    let variable = [variable(8, 1, 1, 0x84, 32)];
    let (read, write) = (read(&variable), write(&variable, b"\0\x07\0\x04abcd"));
    let request = plant.request("break-glass with two approvers");
    let good = filled(request.clone(), &posture(&provider, "compliant"));
    let bad = filled(request, &posture(&provider, "not-compliant"));
    let permit = || vec!["bg-01-break-glass".to_owned()];
    assert_eq!(plant.pass(&adapter, &read, &good, "plc-7"), (true, permit()));
    assert_eq!(plant.pass(&adapter, &write, &good, "plc-7"), (true, permit()));
    assert_eq!(plant.pass(&adapter, &read, &bad, "plc-7"), (true, permit()));
    let forbid = vec!["sig-01-session-and-posture".to_owned()];
    assert_eq!(plant.pass(&adapter, &write, &bad, "plc-7"), (false, forbid));
}

#[test]
fn state_of_a_connector_comes_from_the_inventory() {
    let Some(provider) = Loaded::new("posture") else { return };
    let plant = Plant::new();
    let request = plant.request("MES connector writes own cell");
    assert!(plant.decide(&request).unwrap().is_allow());
    let facts = provider.refresh(&[("inventory.json", &inventory("compliant").to_string())], SEVEN);
    let mut entities = plant.entities.clone();
    for fact in facts.unwrap().entities {
        let uid = json!({ "type": fact.uid.type_name, "id": fact.uid.id });
        let all = entities.as_array_mut().unwrap();
        let entity = all.iter_mut().find(|entity| entity["uid"] == uid).unwrap();
        let attributes: Value = serde_json::from_str(&fact.attributes).unwrap();
        entity["attrs"].as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    }
    plant.engine.replace_entities_json(&entities.to_string()).unwrap();
    assert_eq!(ids(&plant.decide(&request).unwrap()), ["nhi-01-only-active-and-reviewed"]);
}

/// What keeps an engineer from a download: a path in the context and its value.
fn hindrances() -> Vec<(&'static str, Value)> {
    let duration = |text: &str| json!({ "__extn": { "fn": "duration", "arg": text } });
    vec![
        ("env.maintenanceWindow", json!(false)),
        ("env.onShift", json!(false)),
        ("env.clockTrusted", json!(false)),
        ("env.dataAge", duration("5m1ms")),
        ("env.location", json!({ "__entity": { "type": "Plant::Cell", "id": "cell-8" } })),
        ("workOrder", json!({ "__entity": { "type": "Plant::WorkOrder", "id": "WO-119" } })),
        ("device.attested", json!(false)),
        ("device.attestAge", duration("10m")),
        ("session.age", duration("2h")),
        ("cred.holdersSeen", json!(2)),
    ]
}

#[test]
fn captured_download_is_denied_at_its_request() {
    let (Some(plugin), Some(packets)) = (Loaded::new("s7comm"), packets()) else { return };
    let plant = Plant::new();
    let engineer = plant.request("engineer downloads in window");
    let download: Vec<_> =
        packets.iter().filter(|carried| (43..=58).contains(&carried.number)).collect();
    // The first that asks is the request; blocks, their end and `_INSE` follow.
    assert_eq!(download[0].bytes[17], 0x1a);
    let asked = |request: &Value| -> Vec<bool> {
        let questions = download.iter().filter_map(|carried| {
            let Said::Message(_, questions) = said(&plugin, carried.direction, &carried.bytes)
            else {
                panic!("packet {}", carried.number)
            };
            questions.into_iter().next()
        });
        questions
            .map(|(action, resource)| {
                let mut request = request.clone();
                request["action"] = json!(format!("Plant::Action::{action:?}"));
                request["resource"] = json!(resource.replace("\"controller", "\"plc-7"));
                plant.decide(&request).unwrap().is_allow()
            })
            .collect()
    };
    assert_eq!(asked(&engineer), [true; 10]);
    for (path, value) in hindrances() {
        let hindered = filled(engineer.clone(), &[(path.to_owned(), value)]);
        assert_eq!(asked(&hindered), [false; 10], "{path}");
    }
}

#[test]
fn modes_and_programs_are_for_engineers_and_never_under_lockout() {
    let Some(plugin) = Loaded::new("s7comm") else { return };
    let plant = Plant::new();
    let engineer = plant.request("engineer downloads in window");
    let operator = plant.request("operator on shift in own cell");
    assert!(plant.pass(&plugin, &stop(), &engineer, "plc-7").0);
    let lockout = vec!["safety-02-lockout-tagout".to_owned()];
    assert_eq!(plant.pass(&plugin, &stop(), &engineer, "plc-7-loto"), (false, lockout));
    let mut common = operator;
    common["context"].as_object_mut().unwrap().remove("opcua");
    for (frame, want) in asking() {
        let is_for_engineers = matches!(
            want[0].0,
            "plc.changeMode"
                | "plc.programDownload"
                | "plc.programUpload"
                | "plc.onlineEdit"
                | "plc.reset"
                | "plc.setTime"
                | "s7.unknown"
        );
        if is_for_engineers {
            assert!(!plant.pass(&plugin, &frame, &common, "plc-7").0, "{want:?}");
        }
        // Nobody may do what is not known.
        if want[0].0 == "s7.unknown" {
            assert_eq!(plant.pass(&plugin, &frame, &engineer, "plc-7"), (false, Vec::new()));
        }
    }
    assert!(
        !plant.pass(&plugin, &userdata(0x47, 2), &engineer, "plc-7").0,
        "the clock is no program"
    );
    // In the same second, by the same person and under lock-out.
    common["action"] = json!("Plant::Action::\"safety.stop\"");
    common["resource"] = json!("Plant::Asset::\"plc-7-loto\"");
    assert!(plant.decide(&common).unwrap().is_allow());
}

#[test]
fn every_variable_of_a_write_has_to_be_allowed() {
    let Some(plugin) = Loaded::new("s7comm") else { return };
    let plant = Plant::new();
    let request = plant.request("break-glass with two approvers");
    let (known, other) = (variable(8, 1, 1, 0x84, 32), variable(8, 1, 1, 0x84, 64));
    let value = b"\0\x07\0\x04abcd";
    assert!(plant.pass(&plugin, &write(&[known], value), &request, "plc-7").0);
    // The store has no point of that name, so that forbids err: nothing is allowed to what nobody declared.
    assert!(!plant.pass(&plugin, &write(&[other], value), &request, "plc-7").0);
    let both = write(&[known, other], &value.repeat(2));
    assert!(!plant.pass(&plugin, &both, &request, "plc-7").0);
}
