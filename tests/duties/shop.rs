//! A small shop floor: people, machines in cells, orders with an end.

use std::collections::BTreeMap;

use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, Entity, EntityUid, Options, Release, Request,
    Semantics, Sources, Value, compile,
};

pub(crate) const SCHEMA: &str = r"
namespace Shop {
  entity Order = { closesAt: datetime, asked: { by: Person } };
  entity Person = { broker?: Person };
  entity Cell;
  entity Machine in [Cell] = { owner: Person, level: Long };
  action write, operate, safety;
  action start, stop in [operate] appliesTo {
    principal: Person, resource: Machine,
    context: { workOrder?: Order, risk: Long, tags: Set<String> },
  };
  action trip in [safety] appliesTo { principal: Person, resource: Machine, context: {} };
}
";

pub(crate) const POLICIES: &str = r#"
@id("start") @obligation("record,notify:machine.owner,end-at:workorder.closesAt")
@advice("tell:WORKORDER.asked.by,tell:soc")
permit(principal, action == Shop::Action::"start", resource) when { context.risk < 5 };
@id("known") @obligation("record,wait:24h,attach:broker.broker,see:context.tags,to:resource.level")
@advice("tell:soc")
permit(principal, action == Shop::Action::"start", resource) when { principal has broker };
@id("stop") permit(principal, action == Shop::Action::"stop", resource) when { context.risk < 5 };
@id("alarmed") @obligation("alert:soc")
forbid(principal, action in Shop::Action::"operate", resource) when { context.risk > 8 };
@id("trial") @stage("observe") @obligation("never")
permit(principal, action, resource);
@id("sure")
forbid(principal, action in Shop::Action::"operate", resource)
when { context.risk == 7 && resource.level + 9223372036854775807 > 0 };
"#;

/// An engine whose facts are all there, which runs modules so.
pub(crate) fn engine(options: Options, semantics: Semantics) -> Engine {
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
    let release = Release { name: "shop".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let engine = Engine::with_options(options).unwrap();
    engine.publish_with(&bundle, entities()).unwrap();
    engine
}

fn entities() -> Vec<Entity> {
    let person = |id: &str, broker: Option<&str>| {
        let broker = broker.map(|id| ("broker".to_owned(), Value::Entity(uid("Person", id))));
        entity("Person", id, broker.into_iter().collect())
    };
    let asked = BTreeMap::from([("by".to_owned(), Value::Entity(uid("Person", "ann")))]);
    let order = BTreeMap::from([
        ("closesAt".to_owned(), Value::Datetime(5_000)),
        ("asked".to_owned(), Value::Record(asked)),
    ]);
    let machine = |id, cell| {
        let owner = Value::Entity(uid("Person", "ann"));
        let attributes = [("owner".to_owned(), owner), ("level".to_owned(), Value::Long(3))];
        let parents = vec![uid("Cell", cell)];
        Entity { parents, ..entity("Machine", id, attributes.into()) }
    };
    vec![
        person("ann", None),
        person("bob", Some("ann")),
        entity("Order", "o", order),
        entity("Cell", "a", BTreeMap::new()),
        entity("Cell", "b", BTreeMap::new()),
        machine("press", "a"),
        machine("oven", "b"),
    ]
}

fn entity(entity_type: &str, id: &str, attributes: BTreeMap<String, Value>) -> Entity {
    Entity { uid: uid(entity_type, id), attributes, parents: Vec::new(), tags: BTreeMap::new() }
}

pub(crate) fn uid(entity_type: &str, id: &str) -> EntityUid {
    EntityUid::new(format!("Shop::{entity_type}"), id)
}

/// What a person wants of a machine at some risk, with the order or without.
pub(crate) fn request(
    engine: &Engine,
    (who, what, of): (&str, &str, &str),
    risk: i64,
    order: bool,
) -> Request {
    let model = engine.model().unwrap();
    let mut builder = Request::builder(&model)
        .principal(uid("Person", who))
        .action(uid("Action", what))
        .resource(uid("Machine", of))
        .at(Datetime(1_000));
    if what != "trip" {
        builder = builder.attribute("risk", Value::Long(risk));
        builder = builder.attribute("tags", Value::Set(Vec::new()));
    }
    if order {
        builder = builder.attribute("workOrder", Value::Entity(uid("Order", "o")));
    }
    builder.build().unwrap()
}
