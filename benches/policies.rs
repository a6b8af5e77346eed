//! A decision over sets of 1 to 10,000 policies: Trapkey beside Cedar's own authorizer in the same run.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use cedar_policy::Authorizer;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use trapkey::{
    Bundle, CompileOptions, Engine, Limits, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::{Oracle, Shape, ShapedSet};

const COUNTS: [usize; 5] = [1, 10, 100, 1_000, 10_000];

fn engine(set: &ShapedSet) -> Engine {
    let sources = Sources { policies: &set.policies, schema: set.schema, links: &[] };
    let options = CompileOptions { semantics: Semantics::CEDAR };
    let compiled = compile(&sources, options).expect("the set compiles");
    let release = Release { name: "set".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
    let engine = Engine::new(Limits::default()).expect("an engine");
    let bundle = Bundle::open(&bytes).expect("the bundle opens");
    engine.publish_with_json(&bundle, &set.entities.to_string()).expect("it is published");
    engine
}

/// A request resolved ahead that one policy permits; rows are gathered at each decision.
fn prepared(criterion: &mut Criterion) {
    for shape in Shape::ALL {
        let mut group = criterion.benchmark_group(format!("policies/{}", shape.name()));
        for count in COUNTS {
            let set = shape.set(count);
            let engine = engine(&set);
            let model = engine.model().expect("a model");
            let request = Request::from_json(&model, &set.request.to_string()).expect("a request");
            let mut decider = engine.decider();
            group.bench_function(BenchmarkId::new("trapkey", count), |bencher| {
                bencher.iter(|| {
                    black_box(decider.decide(black_box(&request)));
                });
            });
            assert!(decider.decide(&request).is_allow(), "{shape:?}");
            let oracle = Oracle::new(set.schema, &set.policies, &set.entities).expect("an oracle");
            let request = oracle.request(&set.request).expect("a request");
            let authorizer = Authorizer::new();
            group.bench_function(BenchmarkId::new("cedar-policy", count), |bencher| {
                bencher.iter(|| {
                    let (policies, entities) = (oracle.policies(), oracle.entities());
                    black_box(authorizer.is_authorized(black_box(&request), policies, entities));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(policies, prepared);
criterion_main!(policies);
