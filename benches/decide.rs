//! A decision over the plant pack: Trapkey beside Cedar's own authorizer in the same run.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use cedar_policy::Authorizer;
use criterion::{Criterion, criterion_group, criterion_main};
use trapkey::{
    Bundle, CompileOptions, Decision, Engine, Limits, Release, Request, Sources, compile,
};
use trapkey_testkit::{Oracle, plant};

/// The published cases, each with an engine and an oracle over the same entities.
struct Plant {
    engine: Engine,
    oracle: Oracle,
    texts: Vec<String>,
    requests: Vec<Request>,
    oracle_requests: Vec<cedar_policy::Request>,
}

fn plant_pack() -> Plant {
    let folder = plant::folder().expect("the plant folder reads");
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("the plant compiles");
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
    let engine = Engine::new(Limits::default()).expect("an engine");
    let entities = folder.entities.to_string();
    let bundle = Bundle::open(&bytes).expect("the bundle opens");
    engine.publish_with_json(&bundle, &entities).expect("the bundle is published");
    let oracle = Oracle::new(&folder.schema, &folder.policies, &folder.entities).expect("oracle");
    let cases = folder.cases.iter().filter(|case| case.entities == folder.entities);
    let cases: Vec<_> = cases.map(|case| &case.request).collect();
    let model = engine.model().expect("a model");
    let texts: Vec<String> = cases.iter().map(ToString::to_string).collect();
    let requests =
        texts.iter().map(|text| Request::from_json(&model, text).expect("a request")).collect();
    let oracle_requests =
        cases.iter().map(|request| oracle.request(request).expect("a request")).collect();
    Plant { engine, oracle, texts, requests, oracle_requests }
}

/// Requests resolved ahead; rows are gathered at each decision. One iteration decides all cases.
fn prepared(criterion: &mut Criterion) {
    let plant = plant_pack();
    let mut group = criterion.benchmark_group("plant/prepared");
    group.throughput(criterion::Throughput::Elements(plant.requests.len() as u64));
    let mut decision = Decision::new();
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            for request in &plant.requests {
                plant.engine.decide_into(black_box(request), &mut decision);
                black_box(&decision);
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    group.bench_function("cedar-policy", |bencher| {
        bencher.iter(|| {
            for request in &plant.oracle_requests {
                black_box(authorizer.is_authorized(black_box(request), policies, entities));
            }
        });
    });
    group.finish();
}

/// Requests as Cedar's JSON, parsed and decided. One iteration decides all cases.
fn from_json(criterion: &mut Criterion) {
    let plant = plant_pack();
    let mut group = criterion.benchmark_group("plant/from-json");
    group.throughput(criterion::Throughput::Elements(plant.texts.len() as u64));
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            for text in &plant.texts {
                black_box(plant.engine.decide_json(black_box(text)).expect("a request"));
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    group.bench_function("cedar-policy", |bencher| {
        bencher.iter(|| {
            for text in &plant.texts {
                let request = serde_json::from_str(black_box(text)).expect("JSON");
                let request = plant.oracle.request(&request).expect("a request");
                black_box(authorizer.is_authorized(&request, policies, entities));
            }
        });
    });
    group.finish();
}

criterion_group!(decide, prepared, from_json);
criterion_main!(decide);
