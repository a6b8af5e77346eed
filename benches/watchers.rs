//! Decisions that something looks on at, beside the same decisions alone.

#![expect(clippy::expect_used, reason = "a set-up that fails must stop the bench")]

use std::hint::black_box;
use std::num::NonZeroU64;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::{
    Bundle, Datetime, Engine, EntityUid, Guard, ObserveScope, Options, Release, Request,
    ShadowOptions, StageOrder,
};
use trapkey_benches::plant::Plant;

/// An engine of the plant, twice published, so that the second can be guarded.
fn engine(plant: &Plant) -> (Engine, Bundle) {
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &plant.compiled.module).expect("a bundle");
    let bundle = Bundle::open(&bytes).expect("the bundle opens");
    let safety = ["safetyOps", "safety.stop"].map(|id| EntityUid::new("Plant::Action", id));
    let options = Options { safety_actions: Some(safety.to_vec()), ..Options::default() };
    let engine = Engine::with_options(options).expect("an engine");
    let entities = plant.folder.entities.to_string();
    for _ in 0..2 {
        engine.publish_with_json(&bundle, &entities).expect("the bundle is published");
    }
    (engine, bundle)
}

/// One iteration decides the plant's cases.
fn cases(criterion: &mut Criterion) {
    let plant = Plant::new();
    let requests = plant.requests();
    let mut group = criterion.benchmark_group("plant/watched");
    group.throughput(Throughput::Elements(requests.len() as u64));
    let mut measure = |name: &str, engine: &Engine, requests: &[Request]| {
        let mut decider = engine.decider();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for request in requests {
                    black_box(decider.decide(black_box(request)));
                }
            });
        });
    };
    measure("alone", &plant.engine, &requests);
    for (name, one_in) in [("shadow", 1), ("shadow-of-16", 16)] {
        let (engine, bundle) = engine(&plant);
        let one_in = NonZeroU64::new(one_in).expect("not 0");
        let options = ShadowOptions { one_in, ..ShadowOptions::default() };
        engine.shadow(&bundle, options).expect("a candidate");
        measure(name, &engine, &requests);
        assert!(engine.shadow_counts().compared > 0);
    }
    let (guarded, _) = engine(&plant);
    let guard = Guard { round: 1_000, denies_max: 1_000, failures_max: 1_000 };
    guarded.guard(guard).expect("a guard");
    measure("guarded", &guarded, &requests);
    let (observing, _) = engine(&plant);
    let scope = ObserveScope { name: "all".into(), actions: None, resources: None };
    let order = StageOrder { by: "bench".into(), reason: "bench".into(), at: Datetime(0) };
    observing.observe(scope, order).expect("observed");
    measure("observed", &observing, &requests);
    assert!(!observing.would_denies().is_empty());
    group.finish();
}

criterion_group!(watchers, cases);
criterion_main!(watchers);
