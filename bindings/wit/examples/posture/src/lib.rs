//! The posture of devices, from an inventory in JSON.
//!
//! `station` names the device that requests come from: its posture is the context's `device`. A device with a `type`
//! is an entity of the plant, and gives its `state`.

mod instant;
mod inventory;

use exports::trapkey::plugin::provider::{ContextFact, EntityFact, Facts, Guest};
use inventory::{Device, Inventory};
use serde_json::{Value, json};
use trapkey::plugin::documents;
use trapkey::plugin::logging::{Level, log};
use trapkey::plugin::types::{EntityUid, Failure};

wit_bindgen::generate!({ path: "../../../../wit/plugin", world: "context-provider" });

/// The document that it reads.
const INVENTORY: &str = "inventory.json";

struct Posture;

export!(Posture);

impl Guest for Posture {
    fn refresh(now: i64) -> Result<Facts, Failure> {
        let document = documents::read(INVENTORY)?;
        let inventory = Inventory::parse(&document)
            .map_err(|complaint| Failure::Invalid(format!("{INVENTORY}: {complaint}")))?;
        let facts = Facts {
            entities: inventory.devices.iter().filter_map(entity_fact).collect(),
            context: inventory
                .station()
                .map(|device| context_facts(device, now))
                .unwrap_or_default(),
            as_of: inventory.as_of,
        };
        log(Level::Debug, &format!("{} devices", inventory.devices.len()));
        Ok(facts)
    }
}

/// The state of a device that is an entity.
fn entity_fact(device: &Device) -> Option<EntityFact> {
    let (kind, state) = (device.kind?, device.state?);
    let uid = EntityUid { type_name: kind.type_name().to_owned(), id: device.id.clone() };
    let attributes = json!({ "state": entity("Plant::NhiState", state.id()) });
    Some(EntityFact { uid, attributes: attributes.to_string() })
}

/// The posture of the device that requests come from, attribute by attribute.
fn context_facts(device: &Device, now: i64) -> Vec<ContextFact> {
    // An attestation later than now is none.
    let attested = device.attested_at.filter(|at| *at <= now);
    let age = now.saturating_sub(attested.unwrap_or(0)).max(0);
    let facts = [
        ("compliance", entity("Plant::Compliance", device.compliance.id())),
        ("attested", json!(attested.is_some())),
        ("attestAge", json!({ "__extn": { "fn": "duration", "arg": format!("{age}ms") } })),
        ("firmwareApproved", json!(device.firmware_approved)),
        ("score", json!(device.score)),
    ];
    let fact = |(name, value): (&str, Value)| ContextFact {
        name: format!("device.{name}"),
        value: value.to_string(),
    };
    facts.map(fact).into()
}

fn entity(type_name: &str, id: &str) -> Value {
    json!({ "__entity": { "type": type_name, "id": id } })
}
