//! A few robots in areas, and who may do what with them.

use std::collections::BTreeMap;

use serde_json::json;
use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, Entity, EntityUid, Options, Release, Request,
    Sources, StageOrder, Value, compile,
};

pub(crate) const SCHEMA: &str = r"
entity Area in [Area];
entity Robot in [Area];
entity Worker { level: Long };
action operate;
action safety;
action move, grip in [operate] appliesTo { principal: Worker, resource: Robot, context: {} };
action release in [operate, safety] appliesTo { principal: Worker, resource: Robot, context: {} };
action look appliesTo { principal: Worker, resource: Robot, context: {} };
";

/// Workers of level 5 may do anything but grip.
pub(crate) const POLICIES: &str = r#"
@id("trained") permit(principal, action, resource) when { principal.level >= 5 };
@id("no.grip") forbid(principal, action == Action::"grip", resource);
"#;

pub(crate) fn bundle_of(schema: &str, policies: &str) -> Bundle {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "robots".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

pub(crate) fn bundle(policies: &str) -> Bundle {
    bundle_of(SCHEMA, policies)
}

pub(crate) fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::new(kind, id)
}

pub(crate) fn options() -> Options {
    Options {
        safety_actions: Some(vec![uid("Action", "safety")]),
        poison_frames: true,
        ..Options::default()
    }
}

fn entity(uid: EntityUid, parents: Vec<EntityUid>) -> Entity {
    Entity { uid, attributes: BTreeMap::new(), tags: BTreeMap::new(), parents }
}

pub(crate) fn robot(id: &str, area: &str) -> Entity {
    entity(uid("Robot", id), vec![uid("Area", area)])
}

/// Hall north is in the plant, hall south is not; `r1` is in north, `r2` in south. Ada has level 5,
/// Ben level 1, and of Cy nothing is known.
pub(crate) fn facts() -> Vec<Entity> {
    let worker = |id: &str, level: i64| {
        let mut worker = entity(uid("Worker", id), Vec::new());
        worker.attributes.insert("level".into(), Value::Long(level));
        worker
    };
    vec![
        entity(uid("Area", "plant"), Vec::new()),
        entity(uid("Area", "north"), vec![uid("Area", "plant")]),
        entity(uid("Area", "south"), Vec::new()),
        robot("r1", "north"),
        robot("r2", "south"),
        worker("ada", 5),
        worker("ben", 1),
    ]
}

pub(crate) fn engine_with(options: Options) -> Engine {
    let engine = Engine::with_options(options).unwrap();
    engine.publish_with(&bundle(POLICIES), facts()).unwrap();
    engine
}

pub(crate) fn engine() -> Engine {
    engine_with(options())
}

pub(crate) fn request(engine: &Engine, worker: &str, action: &str, robot: &str) -> Request {
    let text = json!({
        "principal": { "type": "Worker", "id": worker },
        "action": { "type": "Action", "id": action },
        "resource": { "type": "Robot", "id": robot },
        "context": {},
    });
    let mut request = Request::from_json(&engine.model().unwrap(), &text.to_string()).unwrap();
    request.set_at(Some(Datetime(1000)));
    request
}

pub(crate) fn order(reason: &str) -> StageOrder {
    StageOrder { by: "eve".into(), reason: reason.into(), at: Datetime(5) }
}
