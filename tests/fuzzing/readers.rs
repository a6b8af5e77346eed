//! JSON of entities and of requests: read as Cedar reads it.
//!
//! The first byte chooses the schema, the rest is the text.

#![expect(clippy::expect_used, reason = "a broken property stops the fuzzer")]

use cedar_policy::PolicySet;
use serde_json::Value;
use trapkey::{CompileOptions, Semantics, Sources, compile};

use super::world::World;
use crate::reading::{self, PLANT, PLANT_ENTITIES, TYPES, TYPES_ENTITIES, check_request};

/// Bytes of text that are tried; longer texts say nothing new.
const TEXT_BYTES_MAX: usize = 32 * 1024;

fn split(data: &[u8]) -> Option<(bool, &str)> {
    let (first, text) = data.split_first()?;
    let text = str::from_utf8(text).ok()?;
    (text.len() <= TEXT_BYTES_MAX).then_some((first % 2 == 1, text))
}

/// Reads entities beside Cedar.
///
/// # Panics
///
/// If one accepts what the other refuses, but for known gaps, or if the entities are not the same.
pub fn entities(data: &[u8]) {
    if let Some((is_plant, text)) = split(data) {
        reading::check_entities(if is_plant { &PLANT } else { &TYPES }, text);
    }
}

/// A world and the policies that are published in it.
struct Probed {
    world: World,
    policies: PolicySet,
}

impl Probed {
    fn new(schema: &'static str, entities: &str, policies: &str) -> Self {
        let entities: Value = serde_json::from_str(entities).expect("the entities are JSON");
        let world = World::new(schema, &entities, []);
        let sources = Sources { policies, schema, links: &[] };
        let options = CompileOptions { semantics: Semantics::CEDAR };
        world.publish(&compile(&sources, options).expect("the policies compile"));
        Self { world, policies: policies.parse().expect("the policies are Cedar's") }
    }
}

thread_local! {
    static TYPES_PROBES: Probed = Probed::new(
        include_str!("../readers/types.cedarschema"),
        TYPES_ENTITIES,
        include_str!("probes.cedar"),
    );
    static PLANT_PROBES: Probed = Probed::new(
        include_str!("../../policies-examples/plant/plant.cedarschema"),
        PLANT_ENTITIES,
        include_str!("../../policies-examples/plant/plant.cedar"),
    );
}

/// Reads a request beside Cedar, and decides it by policies that look at all of its context.
///
/// # Panics
///
/// If one accepts what the other refuses, but for known gaps, or if the decisions differ.
pub fn request(data: &[u8]) {
    if let Some((is_plant, text)) = split(data) {
        (if is_plant { &PLANT_PROBES } else { &TYPES_PROBES }).with(|probed| {
            if let Some(request) = check_request(&probed.world.schemas, text) {
                probed.world.check_decision(&probed.policies, &request);
            }
        });
    }
}
