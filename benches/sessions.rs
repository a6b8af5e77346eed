//! One change among many sessions, beside deciding all of them again.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use trapkey::{
    Datetime, Entity, EntityUid, Flip, Party, Request, SessionKeys, SessionLimits, SessionTerms,
    Sessions, SubjectKey, Value,
};
use trapkey_benches::plant::Plant;

const SESSIONS: usize = 100_000;
/// Sessions of one connector, which are also those of one device.
const OF_ONE: usize = 100;

const CASE: &str = "MES connector writes own cell";
const CONNECTOR: &str = "spiffe://plant-1.example/mes/cell-7";

/// The plant with a thousand connectors, and a hundred open sessions of each.
struct Open {
    sessions: Sessions,
    requests: Vec<Request>,
    now: Datetime,
    connector: Entity,
    flips: Vec<Flip>,
}

impl Open {
    fn new() -> Self {
        let plant = Plant::new();
        let case = plant.folder.cases.iter().find(|case| case.name == CASE).expect("the case");
        let request = plant.request(&case.request.to_string());
        let now = request.at().expect("an instant");
        let connector = stored(&plant, &EntityUid::new("Plant::Workload", CONNECTOR));
        let model = plant.engine.model().expect("a model");
        let mut sessions = plant.engine.sessions(SessionLimits::default());
        let mut requests = Vec::with_capacity(SESSIONS);
        for number in 0..SESSIONS {
            let uid = uid(number / OF_ONE);
            if number % OF_ONE == 0 {
                let entity = Entity { uid: uid.clone(), ..connector.clone() };
                plant.engine.upsert(entity).expect("it conforms");
            }
            let mut request = request.clone();
            let party = Party::resolve(&model, uid).expect("a workload");
            request.set_principal(&party).expect("of the same type");
            let device = Some((number / OF_ONE).to_string());
            let keys = SessionKeys { device, ..SessionKeys::default() };
            // Sessions stay, so that each round has as many.
            let terms = SessionTerms { stays: true, ..SessionTerms::default() };
            sessions.open(now, request.clone(), keys, terms).expect("it is allowed");
            requests.push(request);
        }
        sessions.poll(now, &mut Vec::new());
        Self { sessions, requests, now, connector, flips: Vec::new() }
    }

    /// Polls; all sessions of one connector must flip.
    fn poll(&mut self) {
        self.flips.clear();
        self.sessions.poll(self.now, &mut self.flips);
        assert_eq!(self.flips.len(), OF_ONE);
    }
}

fn uid(number: usize) -> EntityUid {
    EntityUid::new("Plant::Workload", format!("spiffe://plant-1.example/mes/{number}"))
}

fn stored(plant: &Plant, uid: &EntityUid) -> Entity {
    let entities = plant.engine.entities().expect("entities");
    let stored = entities.get(uid).expect("it is stored");
    let attributes = stored.attributes();
    Entity {
        uid: uid.clone(),
        attributes: attributes.map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        parents: stored.parents().cloned().collect(),
        tags: BTreeMap::new(),
    }
}

/// Devices and connectors whose turn it is: bad in one turn, good in the next.
#[derive(Default)]
struct Turns(usize);

impl Turns {
    fn next(&mut self) -> (usize, bool) {
        let turn = self.0;
        self.0 += 1;
        (turn / 2 % (SESSIONS / OF_ONE), turn.is_multiple_of(2))
    }

    /// Whether the last one was left bad.
    fn is_open(&self) -> bool {
        self.0 % 2 == 1
    }
}

impl Open {
    fn posture(&mut self, (number, is_bad): (usize, bool)) {
        let id = if is_bad { "not-compliant" } else { "compliant" };
        let value = Value::Entity(EntityUid::new("Plant::Compliance", id));
        let device = SubjectKey::Device(number.to_string());
        let updated = self.sessions.update(self.now, &device, "device.compliance", &value);
        assert_eq!(updated, Ok(OF_ONE));
        self.poll();
    }

    fn connector(&self, (number, is_bad): (usize, bool)) -> Entity {
        let id = if is_bad { "suspended" } else { "active" };
        let state = Value::Entity(EntityUid::new("Plant::NhiState", id));
        let mut entity = Entity { uid: uid(number), ..self.connector.clone() };
        entity.attributes.insert("state".to_owned(), state);
        entity
    }

    fn entity(&mut self, entity: Entity) {
        self.sessions.engine().upsert(entity).expect("it conforms");
        self.poll();
    }
}

fn changes(criterion: &mut Criterion) {
    let mut open = Open::new();
    let mut group = criterion.benchmark_group("sessions");
    let mut turns = Turns::default();
    group.bench_function("posture", |bencher| bencher.iter(|| open.posture(turns.next())));
    if turns.is_open() {
        open.posture(turns.next());
    }
    group.bench_function("entity", |bencher| {
        bencher.iter(|| {
            let entity = open.connector(turns.next());
            open.entity(entity);
        });
    });
    if turns.is_open() {
        let entity = open.connector(turns.next());
        open.entity(entity);
    }
    let now = open.now;
    group.bench_function("nothing", |bencher| {
        bencher.iter(|| open.sessions.poll(now, &mut open.flips));
    });
    let mut decider = open.sessions.engine().decider();
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.bench_function("all", |bencher| {
        bencher.iter(|| {
            for request in &open.requests {
                black_box(decider.decide(black_box(request)));
            }
        });
    });
    group.finish();
}

criterion_group!(sessions, changes);
criterion_main!(sessions);
