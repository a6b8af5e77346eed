//! What the programs read: bundles, entities, requests, and what is to come of them.

use std::fs;
use std::path::Path;

use trapkey::{
    Bundle, CompileOptions, Engine, EntityUid, Limits, Options, Release, Request, Sources, Target,
    compile, compile_explain, precompile,
};
use trapkey_testkit::plant;

/// Asks for one value of each attribute, so that each setter matters.
const PRESS_POLICIES: &str = r#"
@id("write-all")
@obligation("record:2h")
@advice("tell:shift")
permit (principal == User::"ann", action == Action::"write", resource == Machine::"press")
when {
  principal.level > 2 &&
  context.on && context.value == 1500 && context.ratio == decimal("1.25") &&
  context.now == datetime("1970-01-01T00:16:40Z") && context.age == duration("5s") &&
  context.from == ip("10.0.0.7") && context has note && context.note == "ok" &&
  context.next == Machine::"oven" && context.codes == [1, 2] && context.tags == ["a"] &&
  context.zones == [Machine::"oven"] && context.env.load == 3
};

@id("visit")
permit (principal == ?principal, action == Action::"visit", resource == ?resource);

@id("old-rule")
@expires("2020-01-01")
forbid (principal, action == Action::"visit", resource == Machine::"oven");
"#;

const PRESS_SCHEMA: &str = r#"
entity User = { level: Long };
entity Machine;
action write appliesTo {
  principal: [User],
  resource: [Machine],
  context: {
    on: Bool,
    @min("0") @max("65535")
    value: Long,
    ratio: decimal,
    @clock("instant")
    now: datetime,
    age: duration,
    from: ipaddr,
    note?: String,
    next: Machine,
    codes: Set<Long>,
    tags: Set<String>,
    zones: Set<Machine>,
    env: { load: Long },
  }
};
action visit appliesTo {
  principal: [User],
  resource: [Machine],
  context: {
    @clock("instant")
    now: datetime,
  }
};
"#;

const PRESS_ENTITIES: &str = r#"[
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 3}, "parents": []},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {"level": 3}, "parents": []},
  {"uid": {"type": "Machine", "id": "press"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Machine", "id": "oven"}, "attrs": {}, "parents": []}
]"#;

/// Another schema, of the same entities.
const OTHER_SCHEMA: &str = r"
entity User = { level: Long };
entity Machine;
action look appliesTo { principal: [User], resource: [Machine], context: {} };
";

/// A request that the policy allows.
const PRESS_REQUEST: &str = r#"{
  "principal": "User::\"ann\"", "action": "Action::\"write\"", "resource": "Machine::\"press\"",
  "context": {
    "on": true, "value": 1500, "ratio": {"__extn": {"fn": "decimal", "arg": "1.25"}},
    "now": {"__extn": {"fn": "datetime", "arg": "1970-01-01T00:16:40Z"}},
    "age": {"__extn": {"fn": "duration", "arg": "5s"}},
    "from": {"__extn": {"fn": "ip", "arg": "10.0.0.7"}}, "note": "ok",
    "next": {"__entity": {"type": "Machine", "id": "oven"}},
    "codes": [1, 2], "tags": ["a"], "zones": [{"__entity": {"type": "Machine", "id": "oven"}}],
    "env": {"load": 3}
  }
}"#;

/// A request that is only allowed by a grant.
const VISIT_REQUEST: &str = r#"{
  "principal": "User::\"ann\"", "action": "Action::\"visit\"", "resource": "Machine::\"press\"",
  "context": {"now": {"__extn": {"fn": "datetime", "arg": "1970-01-01T00:00:01Z"}}}
}"#;

fn bundle((policies, schema): (&str, &str), sequence: u64) -> Vec<u8> {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence };
    Bundle::pack(&release, &compiled.module).unwrap()
}

fn explaining((policies, schema): (&str, &str), sequence: u64) -> Vec<u8> {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let explain = compile_explain(&sources).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence };
    Bundle::pack_explaining(&release, &compiled.module, &explain.module).unwrap()
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.join(name), content).unwrap();
}

/// A template for emergencies beside the press's policies.
const GLASS: &str = r#"
@id("glass") @breakglass("1h") @owner("shift lead") @why("an emergency")
permit (principal == ?principal, action == Action::"visit", resource == ?resource);
"#;

/// The press: its bundles, one of another schema, entities and requests.
pub(crate) fn press_inputs(folder: &Path) {
    write(folder, "press.bundle", bundle((PRESS_POLICIES, PRESS_SCHEMA), 1));
    write(folder, "press.entities", PRESS_ENTITIES);
    write(folder, "press.request", PRESS_REQUEST);
    write(folder, "visit.request", VISIT_REQUEST);
    write(folder, "press.explaining", explaining((PRESS_POLICIES, PRESS_SCHEMA), 3));
    let denying = bundle(("", PRESS_SCHEMA), 4);
    write(folder, "denying.precompiled", precompiled(&denying));
    write(folder, "press.denying", denying);
    write(folder, "press.glass", bundle((&format!("{PRESS_POLICIES}{GLASS}"), PRESS_SCHEMA), 5));
    said_inputs(folder);
    write(folder, "other.bundle", bundle(("", OTHER_SCHEMA), 2));
}

fn precompiled(bundle: &[u8]) -> Vec<u8> {
    let options = Options { signal_handlers: false, ..Options::default() };
    let target = Target::of(&options).unwrap();
    precompile(&Bundle::open(bundle).unwrap(), target, &options).unwrap()
}

/// What Rust says of the press, in parts of JSON, one in a line, which reports have to have.
fn said_inputs(folder: &Path) {
    let packed = Bundle::open(&bundle((PRESS_POLICIES, PRESS_SCHEMA), 1)).unwrap();
    let head = packed.head();
    let mut contents = vec![
        format!("\"digest\":\"{}\"", packed.digest()),
        format!("\"compiler\":\"{}\",\"digest\"", head.compiler),
        format!("\"name\":\"{}\",\"policies\":", head.name),
        format!("\"sequence\":{},\"version\":\"{}\"}}", head.sequence, head.version),
    ];
    contents.extend(packed.policies().iter().map(|policy| {
        let (start, end) = (policy.span.start, policy.span.end);
        format!(
            "\"id\":\"{}\",\"is_template\":{},\"stage\":\"enforce\",\"start\":{start}}}",
            policy.id,
            policy.is_template()
        ) + &format!(
            "\n\"end\":{end},\"expires\":{}",
            policy.expires.map_or("null".into(), |at| at.to_string())
        )
    }));
    write(folder, "contents.said", contents.join("\n") + "\n");
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish_with_json(&packed, PRESS_ENTITIES).unwrap();
    let request = Request::from_json(&engine.model().unwrap(), PRESS_REQUEST).unwrap();
    let found = engine.dependencies(&request).unwrap();
    let context = found.context().join("\",\"");
    let mut dependencies = vec![format!("\"context\":[\"{context}\"],\"entities\":[{{")];
    dependencies.extend(found.entities().iter().map(|entity| {
        let uid = entity.uid.as_ref().map(EntityUid::to_string).unwrap().replace('"', "\\\"");
        let (ancestors, version) = (entity.ancestors, entity.version.unwrap());
        let handle = entity.handle;
        format!("{{\"ancestors\":{ancestors},\"entity\":\"{uid}\",\"handle\":\"{handle}\",\"version\":\"{version:032x}\"}}")
    }));
    dependencies.push(format!("\"generation\":{},\"grants\":null", found.generation().0));
    write(folder, "dependencies.said", dependencies.join("\n") + "\n");
}

/// The plant's bundle, and its cases with what they say is to come of them; gives their number.
pub(crate) fn plant_inputs(folder: &Path) -> String {
    let plant = plant::folder().unwrap();
    let packed = bundle((&plant.policies, &plant.schema), 7);
    write(folder, "plant.bundle", &packed);
    write(folder, "plant.precompiled", precompiled(&packed));
    for (number, case) in plant.cases.iter().enumerate() {
        write(folder, &format!("{number}.request"), case.request.to_string());
        write(folder, &format!("{number}.entities"), case.entities.to_string());
        let mut want = String::from(if case.trapkey.allow { "1" } else { "0" });
        for id in &case.trapkey.determining {
            want.push('\n');
            want.push_str(id);
        }
        write(folder, &format!("{number}.want"), want);
    }
    plant.cases.len().to_string()
}
