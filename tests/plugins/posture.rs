//! The provider of posture: what an inventory becomes, and what is none.

use serde_json::{Value, json};

use super::raw::Loaded;

/// 2026-10-05T07:00:00Z.
pub(crate) const SEVEN: i64 = 1_791_183_600_000;

/// An inventory with one station of this compliance, a robot and a connector.
pub(crate) fn inventory(compliance: &str) -> Value {
    json!({
        "asOf": "2026-10-05T06:59:30Z",
        "station": "ews-3",
        "devices": [
            { "id": "ews-3", "compliance": compliance, "attestedAt": "2026-10-05T06:55:00Z", "firmwareApproved": true, "score": 90 },
            { "id": "spiffe://plant-1.example/robot/r7", "type": "Plant::Machine", "state": "active",
              "compliance": "unknown", "firmwareApproved": true, "score": 50 },
            { "id": "spiffe://plant-1.example/mes/cell-7", "type": "Plant::Workload", "state": "suspended",
              "compliance": "compliant", "attestedAt": "2026-10-05T06:00:00Z", "firmwareApproved": false, "score": -1 }
        ]
    })
}

/// Entities and values with their JSON, and the instant.
type Said = (Vec<(String, Value)>, Value, i64);

/// What a refresh gives.
fn refreshed(plugin: &Loaded, inventory: &Value) -> Result<Said, String> {
    let text = inventory.to_string();
    let facts = plugin.refresh(&[("inventory.json", &text)], SEVEN)?;
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let entities = facts
        .entities
        .iter()
        .map(|fact| (format!("{}::{:?}", fact.uid.type_name, fact.uid.id), read(&fact.attributes)));
    let context = facts.context.iter().map(|fact| (fact.name.clone(), read(&fact.value)));
    Ok((entities.collect(), context.collect::<serde_json::Map<_, _>>().into(), facts.as_of))
}

#[test]
fn inventory_becomes_facts() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let (entities, context, as_of) = refreshed(&plugin, &inventory("not-compliant")).unwrap();
    let state =
        |id: &str| json!({ "state": { "__entity": { "type": "Plant::NhiState", "id": id } } });
    let want = [
        ("Plant::Machine::\"spiffe://plant-1.example/robot/r7\"".to_owned(), state("active")),
        ("Plant::Workload::\"spiffe://plant-1.example/mes/cell-7\"".to_owned(), state("suspended")),
    ];
    assert_eq!(entities, want);
    let want = json!({
        "device.compliance": { "__entity": { "type": "Plant::Compliance", "id": "not-compliant" } },
        "device.attested": true,
        "device.attestAge": { "__extn": { "fn": "duration", "arg": "300000ms" } },
        "device.firmwareApproved": true,
        "device.score": 90,
    });
    assert_eq!(context, want);
    assert_eq!(as_of, SEVEN - 30_000);
}

#[test]
fn only_the_station_speaks_for_requests() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let mut other = inventory("compliant");
    other.as_object_mut().unwrap().remove("station");
    let (entities, context, _) = refreshed(&plugin, &other).unwrap();
    assert_eq!((entities.len(), context), (2, json!({})));
    other["station"] = json!("spiffe://plant-1.example/robot/r7");
    let (_, context, _) = refreshed(&plugin, &other).unwrap();
    // Never attested: since 1970, for whoever reads the age alone.
    assert_eq!(context["device.attested"], json!(false));
    assert_eq!(context["device.attestAge"]["__extn"]["arg"], json!(format!("{SEVEN}ms")));
}

#[test]
fn attestation_of_the_future_is_none() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let mut other = inventory("compliant");
    other["devices"][0]["attestedAt"] = json!("2026-10-05T07:00:01Z");
    let (_, context, _) = refreshed(&plugin, &other).unwrap();
    assert_eq!(context["device.attested"], json!(false));
    other["devices"][0]["attestedAt"] = json!("2026-10-05T07:00:00Z");
    let (_, context, _) = refreshed(&plugin, &other).unwrap();
    assert_eq!(context["device.attested"], json!(true));
    assert_eq!(context["device.attestAge"]["__extn"]["arg"], json!("0ms"));
}

#[test]
fn instants_are_those_of_the_calendar() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let cases = [
        ("1970-01-01T00:00:00Z", 0),
        ("1999-12-31T23:59:59Z", 946_684_799_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000),
        ("2026-03-01T00:00:00Z", 1_772_323_200_000),
        ("2100-03-01T00:00:00Z", 4_107_542_400_000),
    ];
    for (text, want) in cases {
        let document = json!({ "asOf": text, "devices": [] });
        assert_eq!(refreshed(&plugin, &document).unwrap().2, want, "{text}");
    }
    for text in [
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-00T00:00:00Z",
        "1969-12-31T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00+00:00",
        "+026-01-01T00:00:00Z",
        "",
    ] {
        let document = json!({ "asOf": text, "devices": [] });
        let refused = refreshed(&plugin, &document).unwrap_err();
        assert!(
            refused.contains("is no instant") && refused.contains("line 1 column"),
            "{refused}"
        );
    }
}

#[test]
fn what_is_no_inventory_is_refused_with_its_place() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let refused = |text: &str, want: &str| {
        let refused = plugin.refresh(&[("inventory.json", text)], SEVEN).unwrap_err();
        assert!(refused.starts_with("Failure::Invalid(\"inventory.json: "), "{refused}");
        assert!(refused.contains(want), "{refused} has no `{want}`");
    };
    let changed = |change: fn(&mut Value), want: &str| {
        let mut document = inventory("compliant");
        change(&mut document);
        refused(&document.to_string(), want);
    };
    refused("", "line 1 column 0");
    refused("[]", "line 1 column");
    refused("{\n  \"asOf\": 5\n}", "line 2 column");
    refused(inventory("compliant").to_string().get(..200).unwrap(), "line 1 column 200");
    refused(&inventory("fine").to_string(), "unknown variant `fine`");
    refused(&"[".repeat(100_000), "line 1 column");
    changed(
        |document| document["devices"][1]["type"] = json!("Plant::Asset"),
        "unknown variant `Plant::Asset`",
    );
    changed(
        |document| document["devices"][1]["state"] = Value::Null,
        "devices[1]: `type` and `state`",
    );
    changed(
        |document| document["devices"][0]["state"] = json!("active"),
        "devices[0]: `type` and `state`",
    );
    changed(
        |document| document["devices"][2]["id"] = json!("ews-3"),
        "devices[2].id: `ews-3` is there before",
    );
    changed(|document| document["devices"][0]["id"] = json!(""), "devices[0].id: from 1");
    changed(
        |document| document["devices"][0]["id"] = json!("x".repeat(257)),
        "devices[0].id: from 1",
    );
    changed(|document| document["station"] = json!("nobody"), "station: `nobody`");
    changed(
        |document| document["devices"][0]["score"] = json!(1.5),
        "invalid type: floating point",
    );
    changed(|document| document["devices"][0]["admin"] = json!(true), "unknown field `admin`");
    changed(
        |document| document["devices"][0]["attestedAt"] = json!("yesterday"),
        "`yesterday` is no instant",
    );
    let device = |at: i32| json!({ "id": at.to_string(), "compliance": "unknown", "firmwareApproved": true, "score": 0 });
    let many = json!({ "asOf": "2026-10-05T06:59:30Z", "devices": (0..10_001).map(device).collect::<Vec<_>>() });
    refused(&many.to_string(), "10001 devices, the limit is 10000");
    refused(&" ".repeat(4 * 1024 * 1024 + 1), "4194305 bytes, the limit is 4194304");
}

#[test]
fn inventory_that_is_not_there_is_unavailable() {
    let Some(plugin) = Loaded::new("posture") else { return };
    let failure = plugin.refresh(&[], SEVEN).unwrap_err();
    assert_eq!(failure, "Failure::Unavailable(\"inventory.json\")");
    let failure = plugin.refresh(&[("other.json", "{}")], SEVEN).unwrap_err();
    assert_eq!(failure, "Failure::Unavailable(\"inventory.json\")");
}
