//! What a decision is said to depend on is all it depends on, and is named as it is.

use std::collections::BTreeSet;

use trapkey::{
    Bundle, CompileOptions, DecideError, Dependencies, Engine, EntityUid, Handle, Limits, Release,
    Request, Sources, TemplateLink, Value, compile,
};
use trapkey_testkit::{World, plant};
use trapkey_tests::lasting::{self, Asked, START, entity, user};
use trapkey_tests::links::template_link;

const WORLDS: u64 = 120;

fn publish(policies: &str, schema: &str, links: &[TemplateLink]) -> Engine {
    let compiled =
        compile(&Sources { policies, schema, links }, CompileOptions::default()).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let fuel = std::num::NonZeroU64::MAX;
    let engine = Engine::new(Limits { fuel, ..Limits::default() }).unwrap();
    engine.publish(&bundle).unwrap();
    engine
}

fn handles(dependencies: &Dependencies) -> BTreeSet<Handle> {
    dependencies.entities().iter().map(|entity| entity.handle).collect()
}

fn said(engine: &Engine, request: &Request) -> String {
    let decision = engine.decide(request);
    let determining: Vec<&str> = decision.determining().map(|policy| policy.id.as_str()).collect();
    let erring: Vec<String> = decision.erring().map(|erring| format!("{erring:?}")).collect();
    format!("{:?} {determining:?} {erring:?}", decision.reason())
}

#[test]
fn the_plant_says_what_a_vendor_session_depends_on() {
    let folder = plant::folder().unwrap();
    let engine = publish(&folder.policies, &folder.schema, &[]);
    engine.replace_entities_json(&folder.entities.to_string()).unwrap();
    let case = folder.cases.iter().find(|case| case.name == "vendor in window").unwrap();
    let request = Request::from_json(&engine.model().unwrap(), &case.request.to_string()).unwrap();
    let dependencies = engine.dependencies(&request).unwrap();
    assert_eq!(dependencies, engine.decider().dependencies(&request).unwrap());
    assert_eq!(dependencies.generation(), engine.generation());
    let named = |name: &str, id: &str| EntityUid::new(format!("Plant::{name}"), id);
    for (uid, ancestors) in [
        (named("VendorTech", "acme/jo"), true),
        (named("Asset", "plc-7"), true),
        (named("WorkOrder", "WO-118"), false),
        (named("Zone", "z-control"), false),
    ] {
        let found = dependencies.entities().iter().find(|entity| entity.uid.as_ref() == Some(&uid));
        let found = found.unwrap_or_else(|| panic!("{uid} is not among {dependencies:?}"));
        assert_eq!((found.handle, found.ancestors), (uid.handle(), ancestors), "{uid}");
        assert!(found.version.is_some());
    }
    let context = dependencies.context();
    for path in ["env.now", "env.sourceZone", "session.age", "device.compliance", "workOrder"] {
        assert!(context.iter().any(|read| read == path), "{path} is not among {context:?}");
    }
    // No policy asks for the address, the score or a session's id.
    for path in ["env.sourceIp", "device.score", "session.id"] {
        assert!(!context.iter().any(|read| read == path), "{path} is among {context:?}");
    }
    assert!(context.is_sorted());
    // The plant has a template, so grants for these and what they are in matter.
    let grants = dependencies.grants().unwrap();
    assert!(grants.principals.contains(&request.principal().handle()));
    let order = named("WorkOrder", "WO-118").handle();
    assert!(grants.resources.contains(&order) && grants.principals.contains(&order));
}

#[test]
fn what_is_absent_is_depended_on_too() {
    let engine = lasting::engine();
    let asked = Asked {
        user: 0,
        action: "write",
        doc: 0,
        age: 0,
        idle: 0,
        left: 9,
        risk: 0,
        compliant: None,
    };
    let request = asked.request(&engine, START);
    let dependencies = engine.dependencies(&request).unwrap();
    let absent = |uid: EntityUid| {
        let mut entities = dependencies.entities().iter();
        entities.any(|entity| entity.handle == uid.handle() && entity.version.is_none())
    };
    assert!(absent(user(0)) && absent(lasting::doc(0)) && !absent(user(1)));
    let grants = dependencies.grants().unwrap();
    assert_eq!(
        (&*grants.principals, &*grants.resources),
        (&[user(0).handle()][..], &[lasting::doc(0).handle()][..])
    );
    let note = Asked { action: "note", ..asked }.request(&engine, START);
    assert_eq!(engine.dependencies(&note).unwrap().grants(), None, "no template is for notes");
    // Its owner is looked up once it is there.
    engine.upsert(entity(lasting::GROUPS + lasting::USERS, 3, Some(4), &[])).unwrap();
    assert!(handles(&engine.dependencies(&request).unwrap()).contains(&user(4).handle()));
    let none = Engine::new(Limits::default()).unwrap();
    assert_eq!(none.dependencies(&request), Err(DecideError::NothingPublished));
}

/// In worlds of every construct: what is not named can go, and changes nothing.
#[test]
fn nothing_else_matters() {
    let (mut left_out, mut unread) = (0, 0);
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
        let engine = publish(&world.policies(), &world.schema_as_given, &links);
        let model = engine.model().unwrap();
        let store = world.stores[0].as_array().unwrap();
        for text in &world.requests {
            let mut request = Request::from_json(&model, &text.to_string()).unwrap();
            engine.replace_entities_json(&world.stores[0].to_string()).unwrap();
            let (want, named) = (said(&engine, &request), engine.dependencies(&request).unwrap());
            let versions: Vec<_> = named.entities().iter().map(|entity| entity.version).collect();
            for entity in store {
                let text = |name: &str| entity["uid"][name].as_str().unwrap().to_owned();
                let uid = EntityUid::new(text("type"), text("id"));
                if handles(&named).contains(&uid.handle()) {
                    continue;
                }
                engine.remove(&uid).unwrap();
                let now = engine.dependencies(&request).unwrap();
                // Others lose what they had through it, which is a change of theirs.
                if now.entities().iter().map(|entity| entity.version).eq(versions.iter().copied()) {
                    assert_eq!(said(&engine, &request), want, "world {seed} without {uid}");
                    left_out += 1;
                } else {
                    engine.upsert_json(&entity.to_string()).unwrap();
                }
            }
            unread += unset(&engine, &mut request, &named, &want);
        }
    }
    println!("{left_out} entities and {unread} attributes did not matter");
    assert!(left_out > 1_000 && unread > 50, "{left_out} entities, {unread} attributes");
}

/// Gives attributes of the context that are not read other values; how many.
fn unset(engine: &Engine, request: &mut Request, named: &Dependencies, want: &str) -> usize {
    let model = engine.model().unwrap();
    let action = &model.schema().actions[request.action() as usize];
    let mut count = 0;
    for name in action.context.attributes.keys() {
        let is_read = |path: &String| {
            path.strip_prefix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if named.context().iter().any(is_read) {
            continue;
        }
        let Ok(slot) = model.slot::<Value>(&action.uid, name) else { continue };
        if request.clear(&slot).is_err() && request.set(&slot, Value::Long(-7)).is_err() {
            continue;
        }
        assert_eq!(said(engine, request), want, "{name} is not read");
        count += 1;
    }
    count
}
