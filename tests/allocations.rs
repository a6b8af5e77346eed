//! Decisions and changes of prepared requests allocate nothing, once the largest has been seen.

#![cfg(test)]

#[path = "typed/read.rs"]
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::measure;
use trapkey::{
    Bundle, CompileOptions, ContextValue, Datetime, Decimal, Decision, Duration, Engine, EntityUid,
    Grant, Ip, Limits, Model, Party, Reason, Release, Request, Semantics, SetError, Slot, Sources,
    TemplateLink, TypedRequest, Value, compile,
};
use trapkey_testkit::{World, plant};

/// Generated worlds whose requests are decided.
const WORLDS: u64 = 25;

fn bundle(policies: &str, schema: &str, links: &[TemplateLink]) -> Bundle {
    let sources = Sources { policies, schema, links };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::TRAPKEY }).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

/// How often `work` allocates.
fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

/// Decides each request as a decider and as a shared engine would; gives the reasons.
fn decide_all(engine: &Engine, requests: &[Request]) -> BTreeSet<String> {
    let mut decider = engine.decider();
    let mut decision = Decision::new();
    let mut reasons = BTreeSet::new();
    for request in requests {
        let decided = decider.decide(request);
        reasons.insert(format!("{:?}", decided.reason()));
        if decided.erring().next().is_some() {
            reasons.insert("an error".to_owned());
        }
        engine.decide_into(request, &mut decision);
    }
    for request in requests {
        let count = allocations(|| {
            black_box(decider.decide(request));
        });
        assert_eq!(count, 0, "Decider::decide");
        let count = allocations(|| engine.decide_into(request, &mut decision));
        assert_eq!(count, 0, "Engine::decide_into");
    }
    reasons
}

/// One forbid for each of a hundred reasons: more than any decision before it has named.
#[test]
fn room_for_each_policy_can_be_taken_before() {
    let schema =
        "entity User; action view appliesTo { principal: User, resource: User, context: {} };";
    let permit = "permit (principal, action, resource);\n";
    let forbids = "forbid (principal == User::\"bob\", action, resource);\n".repeat(100);
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(&(permit.to_owned() + &forbids), schema, &[])).unwrap();
    let model = engine.model().unwrap();
    let request = |name: &str| {
        let user = format!("User::\\\"{name}\\\"");
        let action = "Action::\\\"view\\\"";
        let text = format!(
            r#"{{"principal": "{user}", "action": "{action}", "resource": "{user}", "context": {{}}}}"#
        );
        Request::from_json(&model, &text).unwrap()
    };
    let (ann, bob) = (request("ann"), request("bob"));
    let (mut grows, mut has_room) = (Decision::new(), Decision::new());
    engine.reserve(&mut has_room);
    engine.decide_into(&ann, &mut grows);
    engine.decide_into(&ann, &mut has_room);
    assert!(grows.is_allow() && has_room.is_allow());
    assert!(allocations(|| engine.decide_into(&bob, &mut grows)) > 0);
    assert_eq!(allocations(|| engine.decide_into(&bob, &mut has_room)), 0);
    assert_eq!(has_room.determining().count(), 100);
}

#[test]
fn an_allocation_is_counted() {
    let text = "seven";
    let mut kept = String::new();
    assert_eq!(allocations(|| kept = text.to_owned()), 1);
    assert_eq!(allocations(|| kept.reserve(1000)), 1, "growing counts too");
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(POLICIES, SCHEMA, &[])).unwrap();
    let request = request(&engine.model().unwrap());
    let count = allocations(|| {
        black_box(engine.decide(&request));
    });
    assert!(count > 0, "the first decision makes an instance and a decision");
}

#[test]
fn decisions_over_the_plant_allocate_nothing() {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let bundle = bundle(&folder.policies, &folder.schema, &[]);
    let mut reasons = BTreeSet::new();
    for cases in folder.cases.chunk_by(|a, b| a.entities == b.entities) {
        engine.publish_with_json(&bundle, &cases[0].entities.to_string()).unwrap();
        let model = engine.model().unwrap();
        let read = |case: &trapkey_testkit::Case| {
            Request::from_json(&model, &case.request.to_string()).unwrap()
        };
        let requests: Vec<Request> = cases.iter().map(read).collect();
        reasons.extend(decide_all(&engine, &requests));
    }
    for reason in ["Permitted", "Forbidden", "NotPermitted", "ForbidErred", "an error"] {
        assert!(reasons.contains(reason), "no case is {reason}: {reasons:?}");
    }
}

#[test]
fn decisions_under_grants_allocate_nothing() {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let bundle = bundle(&folder.policies, &folder.schema, &[]);
    engine.publish_with_json(&bundle, &folder.entities.to_string()).unwrap();
    let model = engine.model().unwrap();
    let cases = folder.cases.iter().filter(|case| case.entities == folder.entities);
    let requests: Vec<Request> =
        cases.map(|case| Request::from_json(&model, &case.request.to_string()).unwrap()).collect();
    let mut granted = 0;
    for (number, request) in requests.iter().enumerate() {
        let (principal, resource) = (request.principal().uid(), request.resource().uid());
        let Datetime(now) = request.at().unwrap();
        let grant = Grant {
            id: number.to_string(),
            template: "tmpl-jit-elevation".to_owned(),
            principal: Some(principal.clone()),
            resource: Some(resource.clone()),
            not_before: None,
            expires: Datetime(now + 1),
            reason: None,
            ticket: None,
            requester: EntityUid::new("Host", "h"),
            approvers: Vec::new(),
        };
        granted += usize::from(engine.grant(grant).is_ok());
    }
    assert!(granted > 5, "{granted}");
    let rests = |request: &&Request| engine.decide(request).grants().next().is_some();
    assert!(requests.iter().filter(rests).count() > 0);
    decide_all(&engine, &requests);
}

/// Fills a request of each action again and again.
struct Fill {
    engine: Engine,
    requests: BTreeMap<&'static str, Request>,
    may_allocate: bool,
    filled: usize,
}

impl read::Visit for Fill {
    fn visit<T: TypedRequest>(&mut self, value: &T) {
        let typed = self.engine.model().unwrap().typed::<T>().unwrap();
        let made = || typed.request(value).unwrap();
        let request = self.requests.entry(T::ACTION_ID).or_insert_with(made);
        let count = allocations(|| typed.fill(value, request).unwrap());
        assert!(count == 0 || self.may_allocate, "{}: {count}", T::ACTION_ID);
        self.filled += 1;
    }
}

#[test]
fn filling_requests_of_the_plant_from_structs_allocates_nothing() {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(&folder.policies, &folder.schema, &[])).unwrap();
    let requests = BTreeMap::new();
    let mut fill = Fill { engine, requests, may_allocate: true, filled: 0 };
    for may_allocate in [true, false] {
        fill.may_allocate = may_allocate;
        for case in &folder.cases {
            read::visit(&case.request, &mut fill);
        }
    }
    assert_eq!((fill.filled, fill.requests.len()), (2 * folder.cases.len(), 12));
}

#[test]
fn decisions_over_generated_worlds_allocate_nothing() {
    let engine = Engine::new(Limits::default()).unwrap();
    let mut reasons = BTreeSet::new();
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        // Without links: a template decides nothing then.
        let bundle = bundle(&world.policies(), &world.schema, &[]);
        for store in &world.stores {
            engine.publish_with_json(&bundle, &store.to_string()).unwrap();
            let model = engine.model().unwrap();
            let read =
                |json: &serde_json::Value| Request::from_json(&model, &json.to_string()).unwrap();
            let requests: Vec<Request> = world.requests.iter().map(read).collect();
            reasons.extend(decide_all(&engine, &requests));
        }
    }
    for reason in ["Permitted", "Forbidden", "NotPermitted", "ForbidErred", "an error"] {
        assert!(reasons.contains(reason), "no decision is {reason}: {reasons:?}");
    }
}

const SCHEMA: &str = r#"
entity State enum ["off", "on"];
entity Zone;
entity User in [Zone];
entity Door in [Zone];
action open appliesTo { principal: User, resource: Door, context: {
  armed: Bool, @min("0") @max("1000") code: Long, weight: decimal, now: datetime, age: duration,
  address: ipaddr, state: State, by: User, name: String, note?: String, device: { site: String },
  flags: Set<Bool>, codes: Set<Long>, weights: Set<decimal>, days: Set<datetime>,
  spans: Set<duration>, nets: Set<ipaddr>, users: Set<User>, words: Set<String>
} };
"#;

const POLICIES: &str = r#"
permit(principal, action, resource) when {
  context.name == "ann" && context.codes.contains(context.code) && context.device.site like "n*" &&
  context.users.contains(principal) && context.nets.contains(context.address)
};
forbid(principal, action, resource) when { context has note && context.note == "stop" };
forbid(principal, action, resource) when { context.words.contains("stop") };
"#;

const CONTEXT: &str = r#"{
  "armed": true, "code": 7, "weight": "1.5", "now": "2026-01-01", "age": "1h", "address": "10.0.0.1",
  "state": {"type": "State", "id": "on"}, "by": {"type": "User", "id": "ann"}, "name": "bob",
  "device": {"site": "south"}, "flags": [], "codes": [], "weights": [], "days": [], "spans": [],
  "nets": [], "users": [], "words": []
}"#;

fn request(model: &Model) -> Request {
    let text = format!(
        r#"{{"principal": "User::\"ann\"", "action": "Action::\"open\"",
            "resource": "Door::\"d\"", "context": {CONTEXT}}}"#
    );
    Request::from_json(model, &text).unwrap()
}

/// A prepared request, and what is changed of it.
struct Prepared {
    model: Arc<Model>,
    request: Request,
}

impl Prepared {
    fn slot<T: ContextValue + ?Sized>(&self, path: &str) -> Slot<T> {
        self.model.slot(&EntityUid::new("Action", "open"), path).unwrap()
    }

    /// Sets each value once, which may allocate, and then each again, which may not.
    fn check<T: ContextValue + ?Sized>(&mut self, path: &str, values: &[&T]) {
        let slot = self.slot::<T>(path);
        self.request.set(&slot, values[0]).unwrap();
        for value in values.iter().rev().chain(values) {
            let count = allocations(|| self.request.set(&slot, *value).unwrap());
            assert_eq!(count, 0, "{path}");
        }
    }
}

#[test]
fn setting_values_in_place_allocates_nothing() {
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(POLICIES, SCHEMA, &[])).unwrap();
    let model = engine.model().unwrap();
    let request = request(&model);
    let mut to = Prepared { model: Arc::clone(&model), request };
    let user = |id: &str| EntityUid::new("User", id);
    let party = |id: &str| Party::resolve(&model, user(id)).unwrap();
    let ip = |text: &str| text.parse::<Ip>().unwrap();
    to.check("armed", &[&false, &true]);
    to.check("code", &[&0_i64, &7]);
    to.check("weight", &[&Decimal(1), &Decimal(-1)]);
    to.check("now", &[&Datetime(0), &Datetime(i64::MAX)]);
    to.check("age", &[&Duration(0), &Duration(i64::MIN)]);
    to.check("address", &[&ip("10.0.0.0/8"), &ip("::1"), &ip("10.0.0.1")]);
    to.check("state", &[&EntityUid::new("State", "off"), &EntityUid::new("State", "on")]);
    to.check("by", &[&user("ann"), &user("bob")]);
    to.check("by", &[&party("ann"), &party("bob")]);
    let longest = "x".repeat(256);
    to.check::<str>("name", &["", "a", &longest, "ann"]);
    to.check::<String>("name", &[&String::new(), &longest, &"ann".to_owned()]);
    to.check::<str>("note", &["go", &longest, "on"]);
    to.check::<str>("device.site", &["", "north"]);
    to.check::<[bool]>("flags", &[&[], &[true, false, true], &[true]]);
    let many: Vec<i64> = (0..64).rev().collect();
    to.check::<[i64]>("codes", &[&[], &many, &[7, 7, 8]]);
    to.check::<[Decimal]>("weights", &[&[Decimal(3), Decimal(2)]]);
    to.check::<[Datetime]>("days", &[&[Datetime(3), Datetime(2)]]);
    to.check::<[Duration]>("spans", &[&[Duration(3), Duration(-2)]]);
    to.check::<[Ip]>("nets", &[&[], &[ip("::1"), ip("10.0.0.1"), ip("::1")]]);
    to.check::<[EntityUid]>("users", &[&[], &[user("bob"), user("ann")]]);
    to.check::<[Party]>("users", &[&[party("bob"), party("ann"), party("bob")]]);
    let numbers = Value::Set(vec![Value::Long(1)]);
    let apart = to.slot::<Value>("codes");
    let count = allocations(|| to.request.set(&apart, &numbers).unwrap());
    assert!(count > 0, "a set as a value is encoded apart, as its documentation says");
    to.check::<[i64]>("codes", &[&[7]]);

    let note = to.slot::<str>("note");
    assert_eq!(allocations(|| to.request.clear(&note).unwrap()), 0);
    let mut decider = engine.decider();
    assert_eq!(decider.decide(&to.request).reason(), Reason::Permitted, "each value arrived");
    let count = allocations(|| {
        to.request.set(&note, "stop").unwrap();
        assert_eq!(decider.decide(&to.request).reason(), Reason::Forbidden);
        to.request.clear(&note).unwrap();
        assert_eq!(decider.decide(&to.request).reason(), Reason::Permitted);
    });
    assert_eq!(count, 0, "change and decide");
}

#[test]
fn putting_another_principal_allocates_nothing() {
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle(POLICIES, SCHEMA, &[])).unwrap();
    let model = engine.model().unwrap();
    let mut request = request(&model);
    let party = |ty: &str, id: &str| Party::resolve(&model, EntityUid::new(ty, id)).unwrap();
    let (ann, bob) = (party("User", "ann"), party("User", "bob"));
    let (front, back) = (party("Door", "front"), party("Door", "back"));
    request.set_resource(&front).unwrap();
    let mut decider = engine.decider();
    decider.decide(&request);
    let count = allocations(|| {
        for (principal, resource) in [(&bob, &back), (&ann, &front)] {
            request.set_principal(principal).unwrap();
            request.set_resource(resource).unwrap();
            black_box(decider.decide(&request));
        }
    });
    assert_eq!(count, 0);
    let refused = request.set_principal(&front);
    assert!(matches!(refused, Err(SetError::OtherType { .. })), "{refused:?}");
}

#[test]
fn decisions_that_are_found_allocate_nothing() {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let bundle = bundle(&folder.policies, &folder.schema, &[]);
    engine.publish_with_json(&bundle, &folder.entities.to_string()).unwrap();
    let model = engine.model().unwrap();
    let read = |case: &trapkey_testkit::Case| {
        Request::from_json(&model, &case.request.to_string()).unwrap()
    };
    let requests: Vec<Request> = folder.cases.iter().map(read).collect();
    let mut cached = engine.caching_decider(trapkey::CacheOptions::default());
    for request in &requests {
        black_box(cached.decide(request));
    }
    let misses = cached.counts().misses;
    for request in &requests {
        let count = allocations(|| {
            black_box(cached.decide(request));
        });
        assert_eq!(count, 0, "CachingDecider::decide");
    }
    // Facts that others depend on: what a decision depends on is looked up again.
    engine
        .upsert_json(
            r#"{"uid": {"type": "Plant::Site", "id": "other"}, "attrs": {}, "parents": []}"#,
        )
        .unwrap();
    for request in &requests {
        let count = allocations(|| {
            black_box(cached.decide(request));
        });
        assert_eq!(count, 0, "CachingDecider::decide after a change");
    }
    assert_eq!(cached.counts().misses, misses);
}
