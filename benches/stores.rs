//! Engines over stores of any size, and changes to what they hold.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a measurement whose set-up fails must stop"
)]

use std::fmt::Write;

use serde_json::Value;
use trapkey::{
    Bundle, CompileOptions, Engine, Entity, EntityUid, Limits, Release, Sources, compile,
};
use trapkey_testkit::Staff;

/// Members of the teams that are in a store beside its staff.
pub const TEAMS: [usize; 4] = [10, 100, 1_000, 10_000];

/// An engine that holds no entity yet.
pub fn empty() -> (Engine, Bundle) {
    let sources = Sources { policies: Staff::POLICIES, schema: Staff::SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("the policies compile");
    let release = Release { name: "staff".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
    let engine = Engine::new(Limits::default()).expect("an engine");
    let bundle = Bundle::open(&bytes).expect("the bundle opens");
    engine.publish(&bundle).expect("the bundle is published");
    (engine, bundle)
}

/// An engine that holds `staff` and the teams that are smaller.
pub fn staffed(staff: &Staff, count: usize) -> Engine {
    let (engine, _) = empty();
    engine.replace_entities_json(&staff.json()).expect("the staff conforms");
    for size in TEAMS.into_iter().filter(|size| *size < count) {
        engine.upsert_json(&text(&Staff::team(size))).expect("the team conforms");
    }
    engine
}

/// Entities as one text.
pub fn text(entities: &[Value]) -> String {
    let mut text = String::from("[");
    for (index, entity) in entities.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(text, "{comma}{entity}").expect("a string takes any text");
    }
    text.push(']');
    text
}

/// The entity as it is stored, to be changed and given again.
pub fn stored(engine: &Engine, uid: (&str, String)) -> Entity {
    let (type_name, id) = uid;
    let entities = engine.entities().expect("a store");
    let stored = entities.get(&EntityUid::new(type_name, id)).expect("it is stored");
    let values = |(name, value): (&str, &trapkey::Value)| (name.to_owned(), value.clone());
    Entity {
        uid: stored.uid().clone(),
        attributes: stored.attributes().map(values).collect(),
        parents: stored.parents().cloned().collect(),
        tags: stored.tags().map(values).collect(),
    }
}

/// The entity with another level.
pub fn with_level(mut entity: Entity, level: i64) -> Entity {
    entity.attributes.insert("level".to_owned(), trapkey::Value::Long(level));
    entity
}

/// The entity in one unit alone.
pub fn with_parent(entity: Entity, (type_name, id): (&str, String)) -> Entity {
    Entity { parents: vec![EntityUid::new(type_name, id)], ..entity }
}
