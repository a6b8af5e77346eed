//! Engines with an explaining module, and Cedar beside them.

use std::num::NonZeroU64;

use serde_json::{Value, json};
use trapkey::{
    Alteration, AttributeChange, AttributeOwner, Bundle, CompileOptions, Engine, Limits, Release,
    Request, Semantics, Sources, TemplateLink, compile, compile_explain,
};
use trapkey_testkit::Oracle;

pub(super) fn release() -> Release {
    Release { name: "explained".into(), version: "1".into(), sequence: 1 }
}

/// The bundle of a policy set with its explaining module.
pub(super) fn bundle(schema: &str, policies: &str, links: &[TemplateLink]) -> Bundle {
    let sources = Sources { policies, schema, links };
    let options = CompileOptions { semantics: Semantics::CEDAR };
    let module = compile(&sources, options).unwrap().module;
    let explain = compile_explain(&sources).unwrap_or_else(|error| panic!("{error:?}\n{policies}"));
    let bytes = Bundle::pack_explaining(&release(), &module, &explain.module).unwrap();
    Bundle::open(&bytes).unwrap()
}

pub(super) fn engine(bundle: &Bundle, entities: &Value) -> Engine {
    // Sets of sets of sets, as worlds compare them, may take more than the default budget.
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    let engine = Engine::new(limits).unwrap();
    engine.publish_with_json(bundle, &entities.to_string()).unwrap();
    engine
}

pub(super) fn request(engine: &Engine, request: &Value) -> Request {
    Request::from_json(&engine.model().unwrap(), &request.to_string()).unwrap()
}

/// A request and entities in Cedar's JSON, changed.
pub(super) fn altered(
    changes: &[AttributeChange],
    request: &Value,
    entities: &Value,
) -> (Value, Value) {
    let (mut request, mut entities) = (request.clone(), entities.clone());
    for change in changes {
        let target = match &change.owner {
            AttributeOwner::Context => &mut request["context"],
            AttributeOwner::Entity(uid) => {
                let entity = entities.as_array_mut().unwrap().iter_mut().find(|entity| {
                    let own = entity["uid"].get("__entity").unwrap_or(&entity["uid"]);
                    own["type"] == uid.type_name.as_str() && own["id"] == uid.id.as_str()
                });
                entity.unwrap_or_else(|| panic!("no entity {uid}"))
            }
        };
        change_one(change, target);
    }
    (request, entities)
}

fn change_one(change: &AttributeChange, target: &mut Value) {
    let reference = |uid: &trapkey::EntityUid| json!({ "type": uid.type_name, "id": uid.id });
    match &change.to {
        Alteration::Join(group) => {
            target["parents"].as_array_mut().unwrap().push(reference(group));
        }
        Alteration::Leave(group) => target["parents"].as_array_mut().unwrap().retain(|parent| {
            let own = parent.get("__entity").unwrap_or(parent);
            *own != reference(group)
        }),
        Alteration::Set(value) => *place(change, target, true).unwrap() = to_json(value),
        Alteration::Remove => {
            let (last, path) = change.path.split_last().unwrap();
            let parent = AttributeChange { path: path.to_vec(), ..change.clone() };
            let parent = place(&parent, target, false).unwrap();
            parent.as_object_mut().unwrap().remove(last).unwrap();
        }
    }
}

fn place<'v>(change: &AttributeChange, target: &'v mut Value, grow: bool) -> Option<&'v mut Value> {
    let mut at = match change.owner {
        AttributeOwner::Context => target,
        AttributeOwner::Entity(_) => &mut target["attrs"],
    };
    for name in &change.path {
        at = if grow { &mut at[name] } else { at.get_mut(name)? };
    }
    Some(at)
}

fn to_json(value: &trapkey::Value) -> Value {
    let call = |name: &str, arg: String| json!({ "__extn": { "fn": name, "arg": arg } });
    match value {
        trapkey::Value::Bool(value) => json!(value),
        trapkey::Value::Long(value) => json!(value),
        trapkey::Value::String(value) => json!(value),
        trapkey::Value::Entity(uid) => {
            json!({ "__entity": { "type": uid.type_name, "id": uid.id } })
        }
        trapkey::Value::Set(elements) => elements.iter().map(to_json).collect(),
        trapkey::Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), to_json(value)));
            Value::Object(fields.collect())
        }
        trapkey::Value::Duration(value) => call("duration", format!("{value}ms")),
        trapkey::Value::Datetime(value) => datetime(*value),
        trapkey::Value::Decimal(value) => {
            let (sign, value) = (if *value < 0 { "-" } else { "" }, value.unsigned_abs());
            call("decimal", format!("{sign}{}.{:04}", value / 10_000, value % 10_000))
        }
        trapkey::Value::Ip(ip) => {
            let address = if ip.v6 {
                std::net::Ipv6Addr::from_bits(ip.address).to_string()
            } else {
                std::net::Ipv4Addr::from_bits(u32::try_from(ip.address).unwrap()).to_string()
            };
            call("ip", format!("{address}/{}", ip.prefix))
        }
    }
}

/// The civil date of an instant, by counting days.
fn datetime(ms: i64) -> Value {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s, ms) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let text = format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z");
    json!({ "__extn": { "fn": "datetime", "arg": text } })
}

/// What Cedar decides after the changes.
pub(super) fn cedar_allows(oracle: &Oracle, request: &Value, entities: &Value) -> bool {
    let oracle = oracle.with_entities(entities).unwrap();
    oracle.decide(request).unwrap().allow
}
