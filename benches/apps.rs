//! The applications of the OOPSLA 2024 benchmark: Trapkey beside Cedar's own authorizer.
//!
//! They are not ours: they are read from `cedar/apps.tar.gz` in the shared folder (see
//! [`trapkey_testkit::shared_dir`]), and without it nothing is measured. The benchmark draws each
//! request at random: an action, then a principal and a resource of the types it applies to, among
//! the entities that exist. So does this, 500 per application and size, from a fixed seed.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use cedar_policy::{Authorizer, SchemaFragment};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Engine, Limits, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::{Oracle, shared_dir};

/// An application: its name, its policies and its schema in the archive.
const APPS: [(&str, &str, &str); 2] = [
    ("gdrive", "policies.cedar", "gdrive.cedarschema.json"),
    ("tinytodo", "tinytodo.cedar", "tinytodo.cedarschema.json"),
];

/// Entities of each type.
const SIZES: [u32; 3] = [5, 20, 50];

/// Requests of one application and size.
const REQUESTS: usize = 500;

/// Any number but zero.
const SEED: u64 = 0x6f6f_7073_6c61_3234;

/// The files of the archive by their path under `apps/`.
fn archive(path: &Path) -> BTreeMap<String, String> {
    let file = File::open(path).expect("the archive opens");
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("a text");
        files.insert(path.trim_start_matches("apps/").to_owned(), text);
    }
    files
}

/// Marsaglia's xorshift: enough to draw requests, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let index = self.0 % items.len() as u64;
        items.get(usize::try_from(index).expect("small")).expect("there are items")
    }
}

/// One application over one store.
struct App {
    engine: Engine,
    oracle: Oracle,
    requests: Vec<Value>,
}

impl App {
    fn new(policies: &str, schema: &str, entities: &str) -> Self {
        let fragment = SchemaFragment::from_json_str(schema).expect("a schema");
        let schema = fragment.to_cedarschema().expect("a schema in Cedar's syntax");
        let sources = Sources { policies, schema: &schema, links: &[] };
        let options = CompileOptions { semantics: Semantics::CEDAR };
        let compiled = compile(&sources, options).expect("the application compiles");
        let release = Release { name: "app".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
        let engine = Engine::new(Limits::default()).expect("an engine");
        let bundle = Bundle::open(&bytes).expect("the bundle opens");
        engine.publish_with_json(&bundle, entities).expect("it is published");
        let entities = serde_json::from_str(entities).expect("JSON");
        let oracle = Oracle::new(&schema, policies, &entities).expect("an oracle");
        let requests = draw(&engine);
        Self { engine, oracle, requests }
    }
}

/// Requests for the entities of a store: as the benchmark, uniformly at each step.
fn draw(engine: &Engine) -> Vec<Value> {
    let (model, entities) =
        (engine.model().expect("a model"), engine.entities().expect("entities"));
    let actions: Vec<_> =
        model.schema().actions.iter().filter(|action| !action.principals.is_empty()).collect();
    let mut of_type: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for uid in entities.iter().map(trapkey::StoredEntity::uid) {
        of_type.entry(&uid.type_name).or_default().push(uid.to_string());
    }
    let mut draw = Draw(SEED);
    let mut requests = Vec::new();
    while requests.len() < REQUESTS {
        let action = draw.one_of(&actions);
        let mut party = |types: &[String]| {
            let uids = types.iter().filter_map(|name| of_type.get(name.as_str())).flatten();
            draw.one_of(&uids.collect::<Vec<_>>()).as_str()
        };
        let (principal, resource) = (party(&action.principals), party(&action.resources));
        let action = action.uid.to_string();
        requests.push(json!({
            "principal": principal, "action": action, "resource": resource, "context": {},
        }));
    }
    requests
}

/// Requests resolved ahead; rows are gathered at each decision. One iteration decides all.
fn apps(criterion: &mut Criterion) {
    let Some(shared) = shared_dir().expect("the shared folder") else {
        eprintln!("apps: skipped, there is no shared folder with cedar/apps.tar.gz");
        return;
    };
    let files = archive(&shared.join("cedar/apps.tar.gz"));
    let file = |path: String| files.get(&path).expect("a file of the archive");
    for (name, policies, schema) in APPS {
        let mut group = criterion.benchmark_group(format!("apps/{name}"));
        group.throughput(Throughput::Elements(REQUESTS as u64));
        for size in SIZES {
            let entities = file(format!("{name}/entities-{size}.json"));
            let policies = file(format!("{name}/{policies}"));
            let app = App::new(policies, file(format!("{name}/{schema}")), entities);
            bench(&mut group, size, &app);
        }
        group.finish();
    }
}

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

fn bench(group: &mut Group<'_>, size: u32, app: &App) {
    let model = app.engine.model().expect("a model");
    let request = |json: &Value| Request::from_json(&model, &json.to_string()).expect("a request");
    let requests: Vec<Request> = app.requests.iter().map(request).collect();
    let request = |json| app.oracle.request(json).expect("a request");
    let oracle_requests: Vec<_> = app.requests.iter().map(request).collect();
    let mut decider = app.engine.decider();
    let mut allowed = 0;
    for (ours, cedars) in requests.iter().zip(&oracle_requests) {
        let decision = decider.decide(ours);
        assert_eq!(decision.is_allow(), app.oracle.verdict(cedars).allow, "{ours:?}");
        allowed += u32::from(decision.is_allow());
    }
    eprintln!("{allowed} of {REQUESTS} requests are allowed");
    group.bench_function(BenchmarkId::new("trapkey", size), |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(decider.decide(black_box(request)));
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (app.oracle.policies(), app.oracle.entities());
    group.bench_function(BenchmarkId::new("cedar-policy", size), |bencher| {
        bencher.iter(|| {
            for request in &oracle_requests {
                black_box(authorizer.is_authorized(black_box(request), policies, entities));
            }
        });
    });
}

criterion_group!(benches, apps);
criterion_main!(benches);
