//! Changes of a store, and its loading: Trapkey beside Cedar's own entities in the same run.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use cedar_policy::{Entities, Schema};
use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group,
    criterion_main,
};
use serde_json::{Value, json};
use trapkey::{Engine, Entity, EntityUid};
use trapkey_benches::stores::{TEAMS, empty, staffed, stored, text, with_level, with_parent};
use trapkey_testkit::Staff;

/// Entities that stores have, and whether the peer is measured too: at a million, one of its changes
/// takes seconds.
const SIZES: [(usize, bool); 3] = [(1_000, true), (100_000, true), (1_000_000, false)];

/// Both stores with the same content.
struct Pair {
    staff: Staff,
    count: usize,
    engine: Engine,
    schema: Schema,
    /// The peer's store, where it is measured.
    entities: Option<Entities>,
}

impl Pair {
    fn new(count: usize, has_peer: bool) -> Self {
        let staff = Staff::new(count);
        let engine = staffed(&staff, count);
        let (schema, _) = Schema::from_cedarschema_str(Staff::SCHEMA).expect("the schema parses");
        let entities = has_peer.then(|| {
            let all = Entities::from_json_str(&staff.json(), Some(&schema)).expect("it conforms");
            let teams = TEAMS.into_iter().filter(|size| *size < count);
            let teams: Vec<Value> = teams.flat_map(Staff::team).collect();
            all.add_entities_from_json_str(&text(&teams), Some(&schema)).expect("they conform")
        });
        Self { staff, count, engine, schema, entities }
    }

    /// Upserts what `change` makes of the entities of `turn`, each round with another of the two.
    fn upsert(
        &self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        change: impl Fn(&Self, usize) -> Entity,
    ) {
        let mut turn = 0;
        group.bench_function(BenchmarkId::new("trapkey", self.count), |bencher| {
            let next = || {
                turn += 1;
                change(self, turn)
            };
            let upsert = |entity| self.engine.upsert(entity).expect("it conforms");
            bencher.iter_batched(next, upsert, BatchSize::SmallInput);
        });
        let Some(entities) = &self.entities else { return };
        group.bench_function(BenchmarkId::new("cedar-policy", self.count), |bencher| {
            let next = || {
                turn += 1;
                peer(&change(self, turn), &self.schema)
            };
            let upsert = |entity| {
                // The clone is what decisions still use while the change is made.
                let changed = entities.clone().upsert_entities([entity], Some(&self.schema));
                changed.expect("it conforms")
            };
            bencher.iter_batched(next, upsert, BatchSize::PerIteration);
        });
    }
}

/// The same entity for Cedar.
fn peer(entity: &Entity, schema: &Schema) -> cedar_policy::Entity {
    let uid = |uid: &EntityUid| json!({ "type": uid.type_name, "id": uid.id });
    let mut attributes = serde_json::Map::new();
    for (name, value) in &entity.attributes {
        let value = match value {
            trapkey::Value::Bool(flag) => json!(flag),
            trapkey::Value::Long(number) => json!(number),
            trapkey::Value::String(text) => json!(text),
            trapkey::Value::Entity(of) => json!({ "__entity": uid(of) }),
            _ => panic!("no attribute of the staff is of another type"),
        };
        attributes.insert(name.clone(), value);
    }
    let parents: Vec<Value> = entity.parents.iter().map(uid).collect();
    let json = json!({ "uid": uid(&entity.uid), "attrs": attributes, "parents": parents });
    cedar_policy::Entity::from_json_value(json, Some(schema)).expect("it conforms")
}

fn changes(criterion: &mut Criterion) {
    for (count, has_peer) in SIZES {
        let pair = Pair::new(count, has_peer);
        let mut group = criterion.benchmark_group("facts/upsert-attributes");
        pair.upsert(&mut group, |pair, turn| {
            let user = stored(&pair.engine, pair.staff.uid(pair.staff.user(turn * 97)));
            with_level(user, i64::try_from(turn % 1_000).expect("small"))
        });
        group.finish();
        let mut group = criterion.benchmark_group("facts/leaf-parents");
        pair.upsert(&mut group, |pair, turn| {
            let user = stored(&pair.engine, pair.staff.uid(pair.staff.user(turn * 97)));
            with_parent(user, pair.staff.uid(turn % 5))
        });
        group.finish();
        for size in TEAMS.into_iter().filter(|size| *size < count) {
            let mut group = criterion.benchmark_group(format!("facts/descendants/{size}"));
            pair.upsert(&mut group, |pair, turn| {
                with_parent(stored(&pair.engine, Staff::head(size)), pair.staff.uid(turn % 5))
            });
            group.finish();
        }
        remove(criterion, &pair);
    }
}

/// Removes a user that is put back outside the measured time.
fn remove(criterion: &mut Criterion, pair: &Pair) {
    let mut group = criterion.benchmark_group("facts/remove");
    let user = stored(&pair.engine, pair.staff.uid(pair.staff.user(0)));
    group.bench_function(BenchmarkId::new("trapkey", pair.count), |bencher| {
        let put_back = || pair.engine.upsert(user.clone()).expect("it conforms");
        let remove = |()| assert!(pair.engine.remove(&user.uid).expect("it is no action"));
        bencher.iter_batched(put_back, remove, BatchSize::PerIteration);
    });
    if let Some(entities) = &pair.entities {
        let uid: cedar_policy::EntityUid = user.uid.to_string().parse().expect("a uid");
        group.bench_function(BenchmarkId::new("cedar-policy", pair.count), |bencher| {
            bencher.iter_with_large_drop(|| {
                entities.clone().remove_entities([uid.clone()]).expect("removable")
            });
        });
    }
    group.finish();
}

/// Reads a whole store from JSON.
fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("facts/load");
    // Few rounds of what takes a second.
    group.sampling_mode(SamplingMode::Flat);
    let (schema, _) = Schema::from_cedarschema_str(Staff::SCHEMA).expect("the schema parses");
    let (engine, _) = empty();
    for count in [1_000, 10_000, 100_000] {
        let text = Staff::new(count).json();
        group.throughput(criterion::Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("trapkey", count), |bencher| {
            bencher.iter(|| engine.replace_entities_json(black_box(&text)).expect("it conforms"));
        });
        group.bench_function(BenchmarkId::new("cedar-policy", count), |bencher| {
            bencher.iter_with_large_drop(|| {
                Entities::from_json_str(black_box(&text), Some(&schema)).expect("it conforms")
            });
        });
    }
    group.finish();
}

criterion_group!(facts, load, changes);
criterion_main!(facts);
