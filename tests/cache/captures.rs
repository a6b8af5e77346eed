//! Real Modbus traffic as requests to the plant: how often a decision is found, and that it is right.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use trapkey::{
    Bundle, CacheOptions, CompileOptions, Duration, Engine, EntityUid, Limits, Model, Party,
    Release, Request, Slot, Sources, compile,
};
use trapkey_testkit::{Folder, ModbusRequest, modbus_action, modbus_requests, plant, shared_dir};

const CASE: &str = "historian reads own cell";
/// Captures with requests, and the least share of them that repeats an earlier one.
const CAPTURES: [(&str, u64); 5] = [
    ("ModbusTCP.pcap", 90),
    ("modbusSmall.pcap", 0),
    ("suri_modbus.pcap", 0),
    ("icsnpp_modbus_example.pcap", 0),
    ("fuzz-72.pcap", 0),
];

/// One action's request, and where what the traffic says goes.
struct Prepared {
    request: Request,
    fields: [Slot<i64>; 4],
    value: Slot<i64>,
}

impl Prepared {
    fn new(model: &Arc<Model>, case: &Value, action: &str) -> Self {
        let uid = EntityUid::new("Plant::Action", action);
        let mut case = case.clone();
        case["action"] = json!(uid.to_string());
        let request = Request::from_json(model, &case.to_string()).unwrap();
        let slot = |name: &str| model.slot(&uid, &format!("modbus.{name}")).unwrap();
        let fields = ["unit", "fc", "addr", "qty"].map(slot);
        Self { request, fields, value: slot("value") }
    }

    /// The request that the traffic makes, so long after the first.
    fn request(&self, model: &Model, seen: &ModbusRequest, after: i64) -> Request {
        let mut request = self.request.clone();
        let party = |kind, address: &dyn ToString| {
            Party::resolve(model, EntityUid::new(kind, address.to_string())).unwrap()
        };
        request.set_principal(&party("Plant::Workload", &seen.client)).unwrap();
        request.set_resource(&party("Plant::Asset", &seen.server)).unwrap();
        let [unit, function] = [seen.unit, seen.function].map(i64::from);
        let [address, quantity] = [seen.address, seen.quantity].map(i64::from);
        for (slot, value) in self.fields.iter().zip([unit, function, address, quantity]) {
            request.set(slot, value).unwrap();
        }
        if matches!(seen.function, 5 | 6) {
            request.set(&self.value, quantity).unwrap();
        }
        request.advance(Duration(after)).unwrap();
        request
    }
}

/// The plant with a connector for each client and a controller for each server.
fn plant_of(folder: &Folder, seen: &[ModbusRequest]) -> Engine {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let mut entities = folder.entities.as_array().unwrap().clone();
    let like = |id: &str, name: String| {
        let all = folder.entities.as_array().unwrap();
        let mut entity = all.iter().find(|entity| entity["uid"]["id"] == id).unwrap().clone();
        entity["uid"]["id"] = json!(name);
        entity
    };
    for request in seen {
        entities.push(like("spiffe://plant-1.example/historian", request.client.to_string()));
        entities.push(like("plc-7", request.server.to_string()));
    }
    let entities = Value::Array(entities);
    engine.publish_with_json(&bundle, &entities.to_string()).unwrap();
    engine
}

#[test]
fn real_traffic_is_answered_as_without_a_cache() {
    let Some(shared) = shared_dir().unwrap() else {
        println!("skipped: there is no shared folder");
        return;
    };
    let other = std::fs::read(shared.join("captures/s7comm_downloading_block_db1.pcap")).unwrap();
    assert_eq!(modbus_requests(&other).unwrap(), [], "it is another protocol");
    let folder = plant::folder().unwrap();
    let case = folder.cases.iter().find(|case| case.name == CASE).unwrap();
    for (name, least) in CAPTURES {
        let bytes = std::fs::read(shared.join("captures").join(name)).unwrap();
        let seen = modbus_requests(&bytes).unwrap();
        assert!(!seen.is_empty(), "{name}");
        let engine = plant_of(&folder, &seen);
        let model = engine.model().unwrap();
        let mut prepared = BTreeMap::new();
        let mut cached = engine.caching_decider(CacheOptions::default());
        let mut decider = engine.decider();
        let (first, mut allowed) = (seen[0].at, 0);
        for one in &seen {
            let action = modbus_action(&[one.function, one.address.to_be_bytes()[0]]);
            let prepared = prepared
                .entry(action)
                .or_insert_with(|| Prepared::new(&model, &case.request, action));
            let request = prepared.request(&model, one, (one.at - first).max(0));
            let want = super::history::said(decider.decide(&request));
            let got = cached.decide(&request);
            allowed += u64::from(got.is_allow());
            assert_eq!(super::history::said(got), want, "{name}: {one:?}");
        }
        let counts = cached.counts();
        let count = seen.len() as u64;
        println!(
            "{name}: {count} requests, {} hits, {} misses, {allowed} allowed",
            counts.hits, counts.misses
        );
        assert_eq!(counts.hits + counts.misses, count);
        assert!(counts.hits * 100 >= count * least, "{name}: {counts:?}");
    }
}
