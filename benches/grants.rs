//! Grants of the plant's template, beside compiling and publishing; and decisions under very many.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use trapkey::{
    Bundle, CompileOptions, Datetime, Decider, Entity, EntityUid, Grant, Release, Request, Sources,
    compile,
};
use trapkey_benches::plant::Plant;

const GRANTS: usize = 100_000;
/// Grants of one vendor.
const OF_ONE: usize = 100;

const CASE: &str = "vendor in window";
const TEMPLATE: &str = "tmpl-jit-elevation";
const HOUR: i64 = 3_600_000;

fn vendor(id: &str) -> EntityUid {
    EntityUid::new("Plant::VendorTech", id)
}

/// A grant for this vendor, for hours around the request.
fn grant(id: String, principal: EntityUid, request: &Request) -> Grant {
    let Datetime(now) = request.at().expect("an instant");
    Grant {
        id,
        template: TEMPLATE.to_owned(),
        principal: Some(principal),
        resource: Some(request.resource().uid().clone()),
        not_before: Some(Datetime(now - HOUR)),
        expires: Datetime(now + HOUR),
        reason: Some("spindle drive".to_owned()),
        ticket: Some("INC-118".to_owned()),
        requester: vendor("acme/jo"),
        approvers: vec![EntityUid::new("Plant::Operator", "lead1")],
    }
}

/// The plant's request of a vendor.
fn request(plant: &Plant) -> Request {
    let case = plant.folder.cases.iter().find(|case| case.name == CASE).expect("the case");
    plant.request(&case.request.to_string())
}

/// Adds a thousand vendors with a hundred grants each.
fn many(plant: &Plant, request: &Request) {
    let entities = plant.engine.entities().expect("entities");
    let stored = entities.get(&vendor("acme/jo")).expect("it is stored");
    let attributes = stored.attributes().map(|(name, value)| (name.to_owned(), value.clone()));
    let entity = Entity {
        uid: vendor(""),
        attributes: attributes.collect(),
        parents: stored.parents().cloned().collect(),
        tags: BTreeMap::new(),
    };
    for number in 0..GRANTS {
        let uid = vendor(&format!("acme/{}", number / OF_ONE));
        if number % OF_ONE == 0 {
            let entity = Entity { uid: uid.clone(), ..entity.clone() };
            plant.engine.upsert(entity).expect("it conforms");
        }
        plant.engine.grant(grant(format!("g{number}"), uid, request)).expect("it is admitted");
    }
}

/// From a grant to the first decision under it, with so many others.
fn first(criterion: &mut Criterion, plant: &Plant, name: &str) {
    let request = request(plant);
    let mut decider = plant.engine.decider();
    let own = grant("own".to_owned(), vendor("acme/jo"), &request);
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || {
                plant.engine.revoke("own");
                own.clone()
            },
            |own| {
                plant.engine.grant(own).expect("it is admitted");
                assert!(decider.decide(&request).grants().next().is_some());
            },
            BatchSize::PerIteration,
        );
    });
    plant.engine.revoke("own");
}

/// From the policies' text to the first decision by them.
fn publish(criterion: &mut Criterion, plant: &Plant) {
    let request = request(plant);
    let mut decider = plant.engine.decider();
    let mut sequence = 1;
    criterion.bench_function("grants/compile-and-publish", |bencher| {
        bencher.iter(|| {
            let (policies, schema) = (&plant.folder.policies, &plant.folder.schema);
            let sources = Sources { policies, schema, links: &[] };
            let compiled = compile(&sources, CompileOptions::default()).expect("it compiles");
            // A bundle that is known would not be compiled to machine code again.
            sequence += 1;
            let release = Release { name: "plant".into(), version: "1".into(), sequence };
            let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
            plant
                .engine
                .publish(&Bundle::open(&bytes).expect("it opens"))
                .expect("it is published");
            black_box(decider.decide(&request).is_allow());
        });
    });
}

/// Decides the plant's cases, none of which a grant concerns.
fn decide(criterion: &mut Criterion, decider: &mut Decider, requests: &[Request], name: &str) {
    let mut next = requests.iter().cycle();
    criterion.bench_function(name, |bencher| {
        bencher
            .iter(|| black_box(decider.decide(next.next().expect("there are cases"))).is_allow());
    });
}

fn grants(criterion: &mut Criterion) {
    let plant = Plant::new();
    let requests = plant.requests();
    let mut decider = plant.engine.decider();
    decide(criterion, &mut decider, &requests, "grants/none-held");
    first(criterion, &plant, "grants/first-decision");
    many(&plant, &request(&plant));
    decide(criterion, &mut decider, &requests, "grants/100000-held");
    first(criterion, &plant, "grants/first-decision-of-100000");
    publish(criterion, &plant);
}

criterion_group!(benches, grants);
criterion_main!(benches);
