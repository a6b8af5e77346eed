//! What is wrong is a failure that names it, and the next answer is as before.

use serde_json::{Value as Json, json};
use trapkey_testkit::{Folder, examples_dir};

use crate::Loaded;
use crate::arena::Arena;
use crate::interface::exports::trapkey::policy::types::{
    Entity, EntityUid, Failure, Field, Request, Value,
};

/// What the plant's first case asks.
struct Case {
    loaded: Loaded,
    entities: Json,
    request: Json,
    before: String,
}

impl Case {
    fn new() -> Self {
        let mut loaded = Loaded::new("plant", "cedar");
        let folder = Folder::read(&examples_dir().join("plant")).unwrap();
        let case = &folder.cases[0];
        let (entities, request) = (Json::clone(&case.entities), Json::clone(&case.request));
        let before = format!("{:?}", loaded.decide(&entities, &request).unwrap());
        Self { loaded, entities, request, before }
    }

    fn refused(&mut self, change: impl Fn(&mut Json, &mut Json)) -> String {
        let (mut entities, mut request) = (self.entities.clone(), self.request.clone());
        change(&mut entities, &mut request);
        format!("{:?}", self.loaded.decide(&entities, &request).unwrap_err())
    }

    fn decides_as_before(&mut self) {
        let now = self.loaded.decide(&self.entities, &self.request).unwrap();
        assert_eq!(format!("{now:?}"), self.before);
    }
}

fn push(list: &mut Json, value: Json) {
    list.as_array_mut().unwrap().push(value);
}

/// Makes something wrong.
type Change = Box<dyn Fn(&mut Json)>;

#[test]
fn wrong_entities_are_named() {
    let mut case = Case::new();
    let workload =
        json!({ "uid": { "type": "Plant::Workload", "id": "x" }, "attrs": {}, "parents": [] });
    let changes: [(&str, Change); 9] = [
        ("twice", Box::new(|all| push(all, all[0].clone()))),
        ("unknown", Box::new(|all| all[0]["attrs"]["unknown"] = true.into())),
        (
            "itself",
            Box::new(|all| {
                let own = all[0]["uid"].clone();
                push(&mut all[0]["parents"], own);
            }),
        ),
        ("no such type", Box::new(|all| all[0]["uid"]["type"] = "Plant::Nobody".into())),
        (
            "those of the schema",
            Box::new(|all| {
                all[0]["uid"] = json!({ "type": "Plant::Action", "id": "plc.write" });
            }),
        ),
        (
            "Plant::Nobody",
            Box::new(|all| {
                push(&mut all[0]["parents"], json!({ "type": "Plant::Nobody", "id": "x" }));
            }),
        ),
        ("tags", Box::new(|all| all[0]["tags"] = json!({ "a": "b" }))),
        ("enforce", Box::new(|all| all[5]["attrs"]["enforce"] = 1.into())),
        ("Plant::Workload", Box::new(move |all| push(all, workload.clone()))),
    ];
    for (name, change) in changes {
        let failure = case.refused(|entities, _| change(entities));
        assert!(
            failure.starts_with("Failure::Entity(") && failure.contains(name),
            "{name}: {failure}"
        );
        case.decides_as_before();
    }
}

#[test]
fn wrong_requests_are_named() {
    let mut case = Case::new();
    let long = "x".repeat(70_000);
    let changes: [(&str, &str, Json); 7] = [
        ("nothing", "/action", "Plant::Action::\"nothing\"".into()),
        ("principal", "/principal", "Plant::Nobody::\"x\"".into()),
        ("resource", "/resource", "Plant::Nobody::\"x\"".into()),
        ("resource", "/resource", "Plant::Workload::\"x\"".into()),
        ("now", "/context/env/now", 1.into()),
        ("now", "/context/env/now", json!({ "__extn": { "fn": "duration", "arg": "1s" } })),
        ("now", "/context/env/now", long.into()),
    ];
    for (name, place, value) in changes {
        let failure =
            case.refused(|_, request| *request.pointer_mut(place).unwrap() = value.clone());
        assert!(
            failure.starts_with("Failure::Request(") && failure.contains(name),
            "{name}: {failure}"
        );
        case.decides_as_before();
    }
    let more = case.refused(|_, request| request["context"]["more"] = 1.into());
    assert!(more.starts_with("Failure::Request(") && more.contains("more"), "{more}");
    let less = case.refused(|_, request| {
        drop(request["context"]["env"].as_object_mut().unwrap().remove("now"));
    });
    assert!(less.starts_with("Failure::Request(") && less.contains("now"), "{less}");
    case.decides_as_before();
}

/// Values that refer to themselves, to what is not there, or that are more than a call may have.
#[test]
fn wrong_values_are_found() {
    let mut case = Case::new();
    let chain = |length: u32, links: &dyn Fn(u32) -> Vec<u32>| {
        let mut values = vec![Value::Long(1)];
        values.extend((0..length).map(|at| Value::Set(links(at))));
        values
    };
    let twice = |at: &str| Field { name: at.to_owned(), value: 0 };
    for (name, values) in [
        ("Failure::Value(0)", vec![Value::Set(vec![0])]),
        ("Failure::Value(1)", vec![Value::Long(1), Value::Set(vec![7])]),
        ("Failure::Value(1)", vec![Value::Long(1), Value::Structure(vec![twice("a"), twice("a")])]),
        ("Failure::Value(0)", vec![Value::Ip("10.0.0.256".to_owned())]),
        ("Failure::Value(0)", vec![Value::Ip(String::new())]),
        ("Failure::TooLarge(\"more values", chain(40, &|at| vec![at, at])),
        ("Failure::TooLarge(\"64 levels", chain(64, &|at| vec![at])),
    ] {
        let mut request: Request = Arena::default().request(&case.request);
        request.context[0].value = u32::try_from(values.len() - 1).unwrap();
        let failure = format!("{:?}", case.loaded.one(&values, &[], &request).unwrap_err());
        assert!(failure.starts_with(name), "{name}: {failure}");
        case.decides_as_before();
    }
    let mut request: Request = Arena::default().request(&case.request);
    request.context = vec![Field { name: "now".to_owned(), value: u32::MAX }];
    let failure = case.loaded.one(&[], &[], &request).unwrap_err();
    assert!(matches!(failure, Failure::Value(u32::MAX)), "{failure:?}");
    case.decides_as_before();
}

fn many(count: usize) -> Vec<Entity> {
    let uid = |id: usize| EntityUid { type_name: "Plant::Site".to_owned(), id: id.to_string() };
    let entity = |id| Entity { uid: uid(id), attributes: vec![], parents: vec![], tags: vec![] };
    (0..count).map(entity).collect()
}

#[test]
fn too_many_entities_are_refused() {
    let mut case = Case::new();
    let mut arena = Arena::default();
    let request = arena.request(&case.request);
    let failure = case.loaded.one(arena.values(), &many(100_001), &request).unwrap_err();
    assert!(matches!(&failure, Failure::TooLarge(text) if text.contains("100001")), "{failure:?}");
    case.decides_as_before();
}

/// A text counts as much as it is long, as often as it is referred to.
#[test]
fn much_text_is_too_large() {
    let mut case = Case::new();
    let long = || "x".repeat(1 << 20);
    let uid = EntityUid { type_name: "Plant::Site".to_owned(), id: long() };
    let named = Value::Structure(vec![Field { name: long(), value: 0 }]);
    for text in [Value::Text(long()), Value::Ip(long()), Value::Entity(uid), named] {
        let values = [Value::Long(1), text, Value::Set(vec![1; 300])];
        let mut request: Request = Arena::default().request(&case.request);
        request.context[0].value = 2;
        let failure = format!("{:?}", case.loaded.one(&values, &[], &request).unwrap_err());
        assert!(failure.starts_with("Failure::TooLarge(\"more values"), "{failure}");
        case.decides_as_before();
    }
}

/// A host that gives a component less memory than it is asked for has to make a new one, and that decides.
#[test]
fn memory_ends_in_a_trap() {
    let mut case = Case::new();
    case.loaded.store.data_mut().bytes_max = 34 << 20;
    let mut arena = Arena::default();
    let request = arena.request(&case.request);
    let policy = case.loaded.policy.trapkey_policy_authorizer();
    let answer =
        policy.call_decide(&mut case.loaded.store, arena.values(), &many(100_000), &request);
    answer.unwrap_err();
    Case::new().decides_as_before();
}

#[test]
fn memory_does_not_grow_with_calls() {
    let mut case = Case::new();
    let mut bytes = Vec::new();
    for _ in 0..4 {
        for _ in 0..50 {
            case.decides_as_before();
            case.refused(|entities, _| push(entities, entities[0].clone()));
        }
        bytes.push(case.loaded.store.data().bytes);
    }
    assert!(bytes.iter().all(|bytes| *bytes == case.loaded.store.data().bytes), "{bytes:?}");
}
