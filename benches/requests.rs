//! Decisions that start from names: from Cedar's JSON, and from uids as text with a context of
//! named values; and the parts of a decision, each on its own.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use cedar_policy::Authorizer;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::Request;
use trapkey_abi::{EncodeRequest, Response, encode};
use trapkey_benches::named::NamedRequest;
use trapkey_benches::plant::Plant;

/// Requests as Cedar's JSON, parsed and decided. One iteration decides all cases.
fn from_json(criterion: &mut Criterion) {
    let plant = Plant::new();
    let texts = plant.texts();
    let mut group = criterion.benchmark_group("plant/from-json");
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(plant.engine.decide_json(black_box(text)).expect("a request"));
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    group.bench_function("cedar-policy", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                let request = serde_json::from_str(black_box(text)).expect("JSON");
                let request = plant.oracle.request(&request).expect("a request");
                black_box(authorizer.is_authorized(&request, policies, entities));
            }
        });
    });
    group.finish();
}

/// Requests as uids in text and a context of named values. One iteration decides all cases.
fn from_names(criterion: &mut Criterion) {
    let plant = Plant::new();
    let requests: Vec<NamedRequest> = plant.cases.iter().map(NamedRequest::read).collect();
    let model = plant.engine.model().expect("a model");
    let schema = plant.oracle.schema();
    for (named, case) in requests.iter().zip(&plant.cases) {
        let (ours, read) = (named.trapkey(&model), plant.request(&case.to_string()));
        assert_eq!((ours.principal(), ours.resource()), (read.principal(), read.resource()));
        assert_eq!((ours.action(), ours.context()), (read.action(), read.context()));
        let verdict = plant.oracle.verdict(&named.cedar(Some(schema)));
        assert_eq!(verdict, plant.oracle.decide(case).expect("a verdict"));
    }
    let mut group = criterion.benchmark_group("plant/from-names");
    group.throughput(Throughput::Elements(requests.len() as u64));
    let mut decider = plant.engine.decider();
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            for named in &requests {
                let request = black_box(named).trapkey(&model);
                black_box(decider.decide(&request));
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    for (name, schema) in [("cedar-policy", Some(schema)), ("cedar-policy-unchecked", None)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for named in &requests {
                    let request = black_box(named).cedar(schema);
                    black_box(authorizer.is_authorized(&request, policies, entities));
                }
            });
        });
    }
    group.finish();
}

/// What a decision is made of: reading a request, its frame, the guest's call, its response.
fn parts(criterion: &mut Criterion) {
    let plant = Plant::new();
    let (texts, requests, frames) = (plant.texts(), plant.requests(), plant.frames());
    let model = plant.engine.model().expect("a model");
    let entities = plant.engine.entities().expect("entities");
    let (gather, map) = (&plant.compiled.gather, plant.compiled.manifest.memory);
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(Request::from_json(&model, black_box(text)).expect("a request"));
            }
        });
    });
    let mut out = vec![0; usize::try_from(map.frame_bytes_max).expect("32 bits")];
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                let (principal, resource) = (request.principal(), request.resource());
                let types = (principal.entity_type(), resource.entity_type());
                let environment = gather.environment(request.action(), types.0, types.1);
                let encoded = EncodeRequest {
                    environment: environment.expect("an environment"),
                    principal: principal.handle(),
                    resource: resource.handle(),
                    context: request.context().bytes(),
                    now: request.at().map(|at| at.0),
                    grants: &[],
                };
                black_box(encode(gather, black_box(&encoded), &entities, &mut out).expect("fits"));
            }
        });
    });
    let mut guest = plant.guest();
    let mut responses = Vec::new();
    let places: Vec<u32> = (0..)
        .zip(&frames)
        .map(|(index, frame)| {
            let at = map.frames_offset + index * 2048;
            guest.write(at, frame);
            guest.decide(at, map.responses_offset);
            let end = map.responses_offset + map.response_bytes_max;
            responses.push(guest.read(map.responses_offset..end).to_vec());
            at
        })
        .collect();
    group.bench_function("call", |bencher| {
        bencher.iter(|| {
            for place in &places {
                guest.decide(black_box(*place), map.responses_offset);
            }
        });
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            for bytes in &responses {
                let response = Response::read(black_box(bytes)).expect("a response");
                for entry in response.entries() {
                    black_box(entry.expect("an entry"));
                }
            }
        });
    });
    group.finish();
}

criterion_group!(requests, from_json, from_names, parts);
criterion_main!(requests);
