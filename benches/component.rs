//! The plant's policies as a component in wasmtime, beside the core module in the engine and beside Cedar.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench whose set-up fails must stop"
)]

#[path = "../tests/component/arena.rs"]
mod arena;

use std::hint::black_box;

use cedar_policy::Authorizer;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trapkey::{Bundle, Release};
use trapkey_benches::named::NamedRequest;
use trapkey_benches::plant::Plant;
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Engine, Store};

use arena::Arena;
use interface::Policy;
use interface::exports::trapkey::policy::types::{Entity, Request, Value, Verdict};

/// The interface, as the host sees it.
mod interface {
    wasmtime::component::bindgen!({ path: "../wit/policy", world: "policy" });
}

/// The component with what it is asked.
struct Asked {
    store: Store<()>,
    policy: Policy,
    values: Vec<Value>,
    entities: Vec<Entity>,
    requests: Vec<Request>,
    /// The values of the requests alone.
    few: Vec<Value>,
    opened: ResourceAny,
}

impl Asked {
    fn new(plant: &Plant) -> Self {
        let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
        let bundle = Bundle::pack(&release, &plant.compiled.module).expect("a bundle");
        let bundle = Bundle::open(&bundle).expect("the bundle opens");
        let component = trapkey_component::build(&bundle).expect("a component");
        let engine = Engine::default();
        let component = Component::new(&engine, component).expect("wasmtime takes it");
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        let policy = Policy::instantiate(&mut store, &component, &linker).expect("an instance");
        let mut arena = Arena::default();
        let requests: Vec<_> = plant.cases.iter().map(|case| arena.request(case)).collect();
        let few = arena.values().to_vec();
        let entities = arena.entities(&plant.folder.entities);
        let values = arena.values().to_vec();
        let kept = policy.trapkey_policy_authorizer().entity_store();
        let opened = kept.call_open(&mut store, &values, &entities).expect("no trap");
        let opened = opened.expect("they conform");
        Self { store, policy, values, entities, requests, few, opened }
    }

    /// Whether all requests are decided as Cedar decides them.
    fn check(&mut self, plant: &Plant) {
        let kept = self.policy.trapkey_policy_authorizer().entity_store();
        let answers =
            kept.call_decide_batch(&mut self.store, self.opened, &self.few, &self.requests);
        let answers = answers.expect("no trap").expect("decisions");
        for (answer, case) in answers.iter().zip(&plant.cases) {
            let is_allow = answer.as_ref().expect("a decision").verdict == Verdict::Allow;
            assert_eq!(is_allow, plant.oracle.decide(case).expect("a verdict").allow);
        }
    }
}

/// One iteration decides all cases.
fn plant(criterion: &mut Criterion) {
    let plant = Plant::new();
    let mut asked = Asked::new(&plant);
    asked.check(&plant);
    let mut group = criterion.benchmark_group("component/plant");
    group.throughput(Throughput::Elements(plant.cases.len() as u64));
    let mut decider = plant.engine.decider();
    let prepared = plant.requests();
    group.bench_function("core-prepared", |bencher| {
        bencher.iter(|| {
            for request in &prepared {
                black_box(decider.decide(black_box(request)));
            }
        });
    });
    let named: Vec<NamedRequest> = plant.cases.iter().map(NamedRequest::read).collect();
    let model = plant.engine.model().expect("a model");
    group.bench_function("core-from-names", |bencher| {
        bencher.iter(|| {
            for named in &named {
                black_box(decider.decide(&black_box(named).trapkey(&model)));
            }
        });
    });
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    group.bench_function("cedar-policy", |bencher| {
        bencher.iter(|| {
            for named in &named {
                let request = black_box(named).cedar(Some(plant.oracle.schema()));
                black_box(authorizer.is_authorized(&request, policies, entities));
            }
        });
    });
    let policy = asked.policy.trapkey_policy_authorizer();
    let kept = policy.entity_store();
    group.bench_function("component-batch", |bencher| {
        bencher.iter(|| {
            let (store, requests) = (&mut asked.store, black_box(&asked.requests));
            black_box(kept.call_decide_batch(store, asked.opened, &asked.few, requests))
        });
    });
    // Each request with its own values alone, as a host that reads one request after another has them.
    let alone: Vec<(Arena, Request)> = plant.cases.iter().map(one).collect();
    group.bench_function("component-store", |bencher| {
        bencher.iter(|| {
            for (arena, request) in black_box(&alone) {
                let store = &mut asked.store;
                let answer = kept.call_decide(store, asked.opened, arena.values(), request);
                black_box(answer.expect("no trap")).expect("a decision");
            }
        });
    });
    group.bench_function("component-whole", |bencher| {
        bencher.iter(|| {
            for request in black_box(&asked.requests) {
                let (values, entities) = (&asked.values, &asked.entities);
                let answer = policy.call_decide(&mut asked.store, values, entities, request);
                black_box(answer.expect("no trap")).expect("a decision");
            }
        });
    });
    group.finish();
}

fn one(case: &serde_json::Value) -> (Arena, Request) {
    let mut arena = Arena::default();
    let request = arena.request(case);
    (arena, request)
}

criterion_group!(benches, plant);
criterion_main!(benches);
