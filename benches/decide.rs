//! A decision over the plant pack: Trapkey beside Cedar's own authorizer, an empty guest call, the
//! same rules by hand and the same rules in Rego, all in one run.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench whose set-up fails must stop"
)]

mod rego;

use std::hint::black_box;

use cedar_policy::Authorizer;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::{Decision, Request};
use trapkey_benches::by_hand::Answer;
use trapkey_benches::guest::Guest;
use trapkey_benches::plant::Plant;

use crate::rego::Rego;

/// Frames of one batch.
const BATCH: usize = 256;

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

/// By an engine that threads share, and all at once.
fn prepared_otherwise(plant: &Plant, requests: &[Request], group: &mut Group<'_>) {
    let mut decision = Decision::new();
    group.bench_function("trapkey-shared", |bencher| {
        bencher.iter(|| {
            for request in requests {
                plant.engine.decide_into(black_box(request), &mut decision);
                black_box(&decision);
            }
        });
    });
    let (mut decider, mut decisions) = (plant.engine.decider(), Vec::new());
    group.bench_function("trapkey-batch", |bencher| {
        bencher.iter(|| {
            decider.decide_batch(black_box(requests), &mut decisions);
            black_box(&decisions);
        });
    });
}

/// Requests resolved ahead; rows are gathered at each decision. One iteration decides all cases.
fn prepared(criterion: &mut Criterion) {
    let plant = Plant::new();
    let (requests, oracle_requests) = (plant.requests(), plant.oracle_requests());
    let mut group = criterion.benchmark_group("plant/prepared");
    group.throughput(Throughput::Elements(requests.len() as u64));
    let mut decider = plant.engine.decider();
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            for request in &requests {
                black_box(decider.decide(black_box(request)));
            }
        });
    });
    prepared_otherwise(&plant, &requests, &mut group);
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    group.bench_function("cedar-policy", |bencher| {
        bencher.iter(|| {
            for request in &oracle_requests {
                black_box(authorizer.is_authorized(black_box(request), policies, entities));
            }
        });
    });
    // As many calls as there are cases, so that all benches of the group are per decision.
    let mut guest = Guest::empty();
    let frame = [0xa5; 64];
    group.bench_function("empty-guest", |bencher| {
        bencher.iter(|| {
            for _ in &requests {
                guest.write(1024, black_box(&frame));
                guest.decide(1024, 65536);
            }
        });
    });
    let (rules, frames) = (plant.by_hand(), plant.frames());
    group.bench_function("by-hand", |bencher| {
        bencher.iter(|| {
            for frame in &frames {
                black_box(rules.decide(black_box(frame)));
            }
        });
    });
    let mut rego = Rego::new(&plant);
    let inputs = rego.inputs.clone();
    group.bench_function("regorus", |bencher| {
        bencher.iter(|| {
            for input in &inputs {
                black_box(rego.interpret(black_box(input)));
            }
        });
    });
    group.bench_function("regorus-vm", |bencher| {
        bencher.iter(|| {
            for input in &inputs {
                black_box(rego.execute(black_box(input)));
            }
        });
    });
    group.finish();
}

/// Frames that lie ready, decided in one call: 256, or as many as the module has room for.
fn batch(criterion: &mut Criterion) {
    let plant = Plant::new();
    let (frames, rules) = (plant.frames(), plant.by_hand());
    let map = plant.compiled.manifest.memory;
    let narrow = |value: usize| u32::try_from(value).expect("32 bits");
    let longest = frames.iter().map(Vec::len).max().expect("there are cases");
    let stride = longest.next_multiple_of(8);
    let room =
        (map.frames_bytes / narrow(stride)).min(map.responses_bytes / map.response_bytes_max);
    let count = room.min(narrow(BATCH));
    eprintln!("batches of {count} frames, {stride} bytes apart");
    let mut bytes = vec![0; stride * count as usize];
    for (place, frame) in bytes.chunks_exact_mut(stride).zip(frames.iter().cycle()) {
        place.split_at_mut(frame.len()).0.copy_from_slice(frame);
    }
    let mut group = criterion.benchmark_group("plant/batch");
    group.throughput(Throughput::Elements(u64::from(count)));
    let mut guest = plant.guest();
    guest.write(map.frames_offset, &bytes);
    group.bench_function("trapkey", |bencher| {
        bencher.iter(|| {
            let (first, out) = (map.frames_offset, map.responses_offset);
            guest.decide_batch(first, count, narrow(stride), out);
            black_box(guest.read(out..out + count * map.response_bytes_max));
        });
    });
    let mut answers = vec![Answer::default(); count as usize];
    group.bench_function("by-hand", |bencher| {
        bencher.iter(|| {
            rules.decide_batch(black_box(&bytes), stride, &mut answers);
            black_box(&answers);
        });
    });
    group.finish();
}

criterion_group!(decide, prepared, batch);
criterion_main!(decide);
