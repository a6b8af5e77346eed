//! Decisions that are kept, beside the same decisions made anew.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::CacheOptions;
use trapkey_benches::plant::Plant;

/// One iteration decides the plant's cases: each found, each decided, or each looked for in vain.
fn cases(criterion: &mut Criterion) {
    let plant = Plant::new();
    let requests = plant.requests();
    let mut group = criterion.benchmark_group("plant/cache");
    group.throughput(Throughput::Elements(requests.len() as u64));
    let mut decider = plant.engine.decider();
    group.bench_function("prepared", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(decider.decide(black_box(request)));
            }
        });
    });
    // No horizon comes between two looks at the same request: its instant stays.
    let mut cached = plant.engine.caching_decider(CacheOptions::default());
    for request in requests.iter().chain(&requests) {
        black_box(cached.decide(request));
    }
    let distinct = cached.len() as u64;
    let counts = cached.counts();
    assert_eq!(counts.misses, distinct, "each was decided once");
    group.bench_function("hit", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(cached.decide(black_box(request)));
            }
        });
    });
    assert_eq!(cached.counts().misses, distinct, "all were found");
    // Room for four: none is found again.
    let mut small = plant.engine.caching_decider(CacheOptions { entries_max: 4 });
    group.bench_function("miss", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(small.decide(black_box(request)));
            }
        });
    });
    group.finish();
}

criterion_group!(cache, cases);
criterion_main!(cache);
