//! A decision through the C interface, beside the same decision called from Rust.

#![expect(unsafe_code, reason = "calls the C interface")]
#![expect(clippy::expect_used, reason = "a set-up that fails must stop the bench")]

use std::hint::black_box;
use std::ptr::{null, null_mut};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::{Bundle, CompileOptions, Engine, Options, Release, Request, Sources, compile};
use trapkey_c::decide::{trapkey_decider_decide, trapkey_decider_new};
use trapkey_c::decision::{trapkey_decision_new, trapkey_verdict_t};
use trapkey_c::engine::{trapkey_engine_new, trapkey_engine_publish};
use trapkey_c::facts::trapkey_engine_replace_entities;
use trapkey_c::model::trapkey_engine_model;
use trapkey_c::request::{trapkey_request_from_json, trapkey_request_t};
use trapkey_c::status::trapkey_status_t;
use trapkey_c::text::{trapkey_bytes_t, trapkey_str_t};
use trapkey_testkit::{Folder, plant};

fn lent(text: &str) -> trapkey_str_t {
    trapkey_str_t { data: text.as_ptr().cast(), len: text.len() }
}

fn ok(status: trapkey_status_t) {
    assert_eq!(status, trapkey_status_t::TRAPKEY_STATUS_OK);
}

fn packed(folder: &Folder) -> Vec<u8> {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("the plant compiles");
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    Bundle::pack(&release, &compiled.module).expect("a bundle")
}

/// The requests of the cases that meet `entities.json`.
fn texts(folder: &Folder) -> Vec<String> {
    let cases = folder.cases.iter().filter(|case| case.entities == folder.entities);
    cases.map(|case| case.request.to_string()).collect()
}

/// One iteration decides the plant's cases, from each language with an engine of the same options.
fn calls(criterion: &mut Criterion) {
    let folder = plant::folder().expect("the plant folder reads");
    let (bytes, texts, entities) = (packed(&folder), texts(&folder), folder.entities.to_string());
    let mut group = criterion.benchmark_group("plant/call");
    group.throughput(Throughput::Elements(texts.len() as u64));

    let options = Options { signal_handlers: false, ..Options::default() };
    let engine = Engine::with_options(options).expect("an engine");
    let bundle = Bundle::open(&bytes).expect("the bundle opens");
    engine.publish_with_json(&bundle, &entities).expect("the bundle is published");
    let model = engine.model().expect("a model");
    let requests: Vec<Request> =
        texts.iter().map(|text| Request::from_json(&model, text).expect("a request")).collect();
    let mut decider = engine.decider();
    group.bench_function("rust", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(decider.decide(black_box(request)).verdict());
            }
        });
    });

    let (mut engine, mut model, mut decider, mut decision) =
        (null_mut(), null_mut(), null_mut(), null_mut());
    let bundle = trapkey_bytes_t { data: bytes.as_ptr(), len: bytes.len() };
    // SAFETY: all pointers are to locals or come from the interface.
    unsafe {
        ok(trapkey_engine_new(null(), &raw mut engine, null_mut()));
        ok(trapkey_engine_publish(engine, bundle, null_mut(), null_mut()));
        ok(trapkey_engine_replace_entities(engine, lent(&entities), null_mut()));
        ok(trapkey_engine_model(engine, &raw mut model, null_mut()));
        ok(trapkey_decider_new(engine, &raw mut decider, null_mut()));
        ok(trapkey_decision_new(&raw mut decision, null_mut()));
    }
    let request = |text: &String| -> *mut trapkey_request_t {
        let mut request = null_mut();
        // SAFETY: as above.
        ok(unsafe { trapkey_request_from_json(model, lent(text), &raw mut request, null_mut()) });
        request
    };
    let requests: Vec<*mut trapkey_request_t> = texts.iter().map(request).collect();
    group.bench_function("c", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                let mut verdict = trapkey_verdict_t::TRAPKEY_VERDICT_DENY;
                // SAFETY: as above; this thread alone uses the decider and the decision.
                let status = unsafe {
                    trapkey_decider_decide(
                        black_box(decider),
                        black_box(*request),
                        decision,
                        &raw mut verdict,
                        null_mut(),
                    )
                };
                black_box((status, verdict));
            }
        });
    });
    group.finish();
}

criterion_group!(call, calls);
criterion_main!(call);
