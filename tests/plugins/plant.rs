//! Plugins and the plant's policies: posture that changes, a captured download, events of decisions.

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Datetime, Decision, Engine, EntityUid, Limits, Release, Request,
    Semantics, Sources, compile,
};
use trapkey_plugin::{CallError, Direction, Failure, Provider, RefreshError};
use trapkey_testkit::{Folder, plant};

use super::capture::packets;
use super::frames::{asking, read, stop, userdata, variable, write};
use super::host::{Adapter, provider};
use super::posture::{SEVEN, inventory};
use super::s7comm::{Said, said};

/// The plant's policies, with the variable that requests here write.
pub(crate) struct Plant {
    folder: Folder,
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
        Self { folder, engine }
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
        plugin: &Adapter,
        frame: &[u8],
        request: &Value,
        plc: &str,
    ) -> (bool, Vec<String>) {
        self.pass_with(plugin, frame, (request, plc), None)
    }

    /// The same with what a provider knows at an instant.
    fn pass_with(
        &self,
        plugin: &Adapter,
        frame: &[u8],
        (request, plc): (&Value, &str),
        known: Option<(&Provider, Datetime)>,
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
            let model = self.engine.model().unwrap();
            let Ok(mut read) = Request::from_json(&model, &request.to_string()) else {
                // The schema has no such request: as much as a deny.
                all = false;
                continue;
            };
            if let Some((provider, now)) = known {
                let action = EntityUid::new("Plant::Action", action.as_str());
                provider.filler(&model, &action).unwrap().fill(&mut read, now).unwrap();
            }
            let decision = self.engine.decide(&read);
            all &= decision.is_allow();
            why.extend(ids(&decision));
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

#[test]
fn posture_that_changes_ends_writes_and_leaves_reads() {
    let Some(adapter) = Adapter::new("s7comm") else { return };
    let Some((provider, document)) = provider("posture", "inventory.json") else { return };
    let plant = Plant::new();
    let variable = [variable(8, 1, 1, 0x84, 32)];
    let (read, write) = (read(&variable), write(&variable, b"\0\x07\0\x04abcd"));
    let request = plant.request("break-glass with two approvers");
    let pass = |frame: &[u8]| {
        let known = Some((&provider, Datetime(SEVEN)));
        plant.pass_with(&adapter, frame, (&request, "plc-7"), known)
    };
    let refresh = |inventory: String| {
        *document.lock().unwrap() = Some(inventory);
        provider.refresh(&plant.engine, Datetime(SEVEN))
    };
    let permit = || vec!["bg-01-break-glass".to_owned()];
    let refreshed = refresh(inventory("compliant").to_string()).unwrap();
    assert_eq!((refreshed.entities, refreshed.context), (2, 5));
    assert_eq!((pass(&read), pass(&write)), ((true, permit()), (true, permit())));
    refresh(inventory("not-compliant").to_string()).unwrap();
    let forbid = vec!["sig-01-session-and-posture".to_owned()];
    assert_eq!((pass(&read), pass(&write)), ((true, permit()), (false, forbid.clone())));
    // What is no inventory changes nothing.
    let refused = refresh("{}".to_owned());
    let is_invalid =
        matches!(&refused, Err(RefreshError::Call(CallError::Failed(Failure::Invalid(_)))));
    assert!(is_invalid, "{refused:?}");
    assert_eq!(pass(&write), (false, forbid));
    refresh(inventory("compliant").to_string()).unwrap();
    assert_eq!(pass(&write), (true, permit()));
}

#[test]
fn facts_that_grow_old_end_engineering() {
    let Some(adapter) = Adapter::new("s7comm") else { return };
    let Some((provider, document)) = provider("posture", "inventory.json") else { return };
    let plant = Plant::new();
    let engineer = plant.request("engineer downloads in window");
    *document.lock().unwrap() = Some(inventory("compliant").to_string());
    provider.refresh(&plant.engine, Datetime(SEVEN)).unwrap();
    // The inventory is of half a minute before seven; facts may be five minutes old.
    let pass = |now: i64| {
        let known = Some((&provider, Datetime(now)));
        plant.pass_with(&adapter, &stop(), (&engineer, "plc-7"), known)
    };
    let edge = SEVEN + 270_000;
    assert!(pass(edge).0);
    assert_eq!(pass(edge + 1), (false, vec!["sig-02-stale-facts".to_owned()]));
    // A document that is gone leaves the facts, and they grow older.
    *document.lock().unwrap() = None;
    let refused = provider.refresh(&plant.engine, Datetime(edge + 1));
    let is_absent =
        matches!(&refused, Err(RefreshError::Call(CallError::Failed(Failure::Unavailable(_)))));
    assert!(is_absent, "{refused:?}");
    assert!(!pass(edge + 1).0);
}

#[test]
fn state_of_a_connector_comes_from_the_inventory() {
    let Some((provider, document)) = provider("posture", "inventory.json") else { return };
    let plant = Plant::new();
    let request = plant.request("MES connector writes own cell");
    assert!(plant.decide(&request).unwrap().is_allow());
    *document.lock().unwrap() = Some(inventory("compliant").to_string());
    provider.refresh(&plant.engine, Datetime(SEVEN)).unwrap();
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
    let (Some(plugin), Some(packets)) = (Adapter::new("s7comm"), packets()) else { return };
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
    let Some(plugin) = Adapter::new("s7comm") else { return };
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
    let Some(plugin) = Adapter::new("s7comm") else { return };
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
