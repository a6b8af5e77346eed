//! Policies with their entities and mapping: as a filter for Envoy, and as an engine that says what is right.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Engine, EntityStore, Limits, Model, Release, Request, Sources, compile,
};
use trapkey_envoy::{Chain, Failure, Filter, Mapping, Push, build, image};
use trapkey_testkit::{Folder, repository_dir};

/// What filters are built from.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) policies: String,
    pub(crate) schema: String,
    pub(crate) entities: Value,
    pub(crate) mapping: String,
}

/// What the engine says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) is_allow: bool,
    /// As the filter names it in details.
    pub(crate) reason: &'static str,
    /// Ids of the determining policies, in their order.
    pub(crate) policies: Vec<String>,
}

/// The engine for a world.
pub(crate) struct Reference {
    engine: Engine,
}

impl World {
    /// The one with an attribute of each type.
    pub(crate) fn new() -> Self {
        let folder = repository_dir().join("tests/envoy/world");
        let mapping = fs::read_to_string(folder.join("mapping.toml")).unwrap();
        Self::of(&folder, mapping)
    }

    pub(crate) fn of(folder: &Path, mapping: String) -> Self {
        let Folder { policies, schema, entities, .. } = Folder::read(folder).unwrap();
        Self { policies, schema, entities: Value::clone(&entities), mapping }
    }

    pub(crate) fn bundle(&self) -> Bundle {
        let Self { policies, schema, .. } = self;
        let sources = Sources { policies, schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).unwrap();
        let release = Release { name: "world".into(), version: "1".into(), sequence: 1 };
        Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
    }

    pub(crate) fn filter(&self) -> Filter {
        let bundle = self.bundle();
        let mapping = Mapping::parse(&self.mapping).unwrap();
        build(&bundle, &store(&bundle, &self.entities).snapshot(), &mapping).unwrap()
    }

    /// Entities for a filter that was built with others.
    pub(crate) fn image(&self, entities: &Value) -> Vec<u8> {
        image(&store(&self.bundle(), entities).snapshot()).unwrap()
    }

    pub(crate) fn reference(&self) -> Reference {
        let engine = Engine::new(Limits::default()).unwrap();
        engine.publish(&self.bundle()).unwrap();
        engine.replace_entities_json(&self.entities.to_string()).unwrap();
        Reference { engine }
    }
}

pub(crate) fn store(bundle: &Bundle, entities: &Value) -> EntityStore {
    let model = Arc::new(Model::new(bundle.schema().clone()));
    EntityStore::from_json(model, &entities.to_string()).unwrap()
}

impl Reference {
    pub(crate) fn decide(&self, request: &Value) -> Verdict {
        let model = self.engine.model().unwrap();
        let request = Request::from_json(&model, &request.to_string()).unwrap();
        let decision = self.engine.decide(&request);
        let reason = match decision.reason() {
            trapkey::Reason::Permitted => "permitted",
            trapkey::Reason::Forbidden => "forbidden",
            trapkey::Reason::ForbidErred => "forbid_erred",
            trapkey::Reason::NotPermitted => "not_permitted",
            trapkey::Reason::ObligationNotHonoured => "unhonoured_obligation",
            trapkey::Reason::Failed(error) => panic!("{error}"),
        };
        let policies = decision.determining().map(|policy| policy.id.clone()).collect();
        Verdict { is_allow: decision.is_allow(), reason, policies }
    }
}

impl Verdict {
    /// The beginning of what the filter says, before the digest of the bundle.
    pub(crate) fn details(&self) -> String {
        let kind = if self.is_allow { "allowed" } else { "denied" };
        format!(
            "trapkey_{kind}{{reason={},policies={},bundle=",
            self.reason,
            self.policies.join("|")
        )
    }
}

/// Writes a filter where Envoy looks for it, as `trapkey push` does: beside, then in its place.
pub(crate) fn push(folder: &Path, chain: Chain, filter: &[u8], image: Option<&[u8]>) {
    let name = match chain {
        Chain::Http => "http",
        Chain::Network => "modbus",
    };
    push_as(&folder.join("trapkey"), name, (chain, filter, image));
}

/// The same under a name of its own.
pub(crate) fn push_as(folder: &Path, name: &str, pushed: (Chain, &[u8], Option<&[u8]>)) {
    replace(folder, name, &discovery(name, pushed));
}

/// What is pushed.
pub(crate) fn discovery(
    name: &str,
    (chain, filter, image): (Chain, &[u8], Option<&[u8]>),
) -> String {
    let full = format!("trapkey-{name}");
    let push = Push { name: &full, chain, failure: Failure::Reload, filter, image };
    push.discovery().unwrap()
}

pub(crate) fn replace(folder: &Path, name: &str, text: &str) {
    let (file, beside) = (folder.join(format!("{name}-filter.yaml")), folder.join("beside"));
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, file).unwrap();
}

/// A request in the form of the engine, with what each request of [`World::new`] has.
pub(crate) fn question(
    who: (&str, &str),
    action: &str,
    what: (&str, &str),
    context: &Value,
) -> Value {
    let unit = what.1.split('/').next().unwrap();
    let basis = if who.0 == "Client" { "cryptographic" } else { "brokered" };
    let mut whole = json!({
        "now": { "__extn": { "fn": "datetime", "arg": "2026-11-27T12:00:00Z" } },
        "source": { "__extn": { "fn": "ip", "arg": "127.0.0.1" } },
        "tls": "TLSv1.3",
        "basis": { "__entity": { "type": "Api::Basis", "id": basis } },
        "host": "localhost",
        "sni": "localhost",
        "zone": "ops",
        "deep": { "unit": if what.0 == "Shelf" { "1" } else { unit } },
    });
    for (name, value) in context.as_object().unwrap() {
        match (value, &mut whole[name]) {
            (Value::Object(more), Value::Object(known)) if name == "deep" => {
                known.extend(more.clone());
            }
            (value, known) => *known = value.clone(),
        }
    }
    let uid = |(ty, id): (&str, &str)| json!({ "type": format!("Api::{ty}"), "id": id });
    json!({ "principal": uid(who), "action": uid(("Action", action)), "resource": uid(what), "context": whole })
}
