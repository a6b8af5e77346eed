//! 10,000 policies from text to a module, beside Cedar's parser and strict validation of the same.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use criterion::{Criterion, criterion_group, criterion_main};
use trapkey::{CompileOptions, Sources, compile};
use trapkey_testkit::Shape;

/// The shapes that differ most: no conditions, and a condition each.
const SHAPES: [Shape; 2] = [Shape::Pairs, Shape::Roles];

/// Both start from the texts of policies and schema.
fn compiling(criterion: &mut Criterion) {
    for shape in SHAPES {
        let set = shape.set(10_000);
        let mut group = criterion.benchmark_group(format!("compile/{}", shape.name()));
        group.sample_size(10);
        let sources = Sources { policies: &set.policies, schema: set.schema, links: &[] };
        group.bench_function("trapkey", |bencher| {
            bencher
                .iter(|| compile(black_box(&sources), CompileOptions::default()).expect("valid"));
        });
        group.bench_function("cedar-policy", |bencher| {
            bencher.iter(|| {
                let (schema, _) =
                    Schema::from_cedarschema_str(black_box(set.schema)).expect("a schema");
                let policies: PolicySet = black_box(&set.policies).parse().expect("policies");
                let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
                assert!(result.validation_passed());
            });
        });
        group.finish();
    }
}

criterion_group!(benches, compiling);
criterion_main!(benches);
