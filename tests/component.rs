//! Policies as components: what the kit says, in wasmtime's component model, without any import.

#![cfg(test)]

#[path = "component/arena.rs"]
mod arena;
#[path = "kit/bundles.rs"]
mod bundles;
#[path = "component/hosts.rs"]
mod hosts;
#[path = "component/kit.rs"]
mod kit;
#[path = "component/told.rs"]
mod told;

use serde_json::Value as Json;
use trapkey_testkit::{Folder, examples_dir};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use arena::Arena;
use bundles::Rule;
use interface::Policy;
use interface::exports::trapkey::policy::types::{Decision, Entity, Failure, Request, Value};

/// The interface, as the host sees it.
mod interface {
    wasmtime::component::bindgen!({ path: "../wit/policy", world: "policy" });
}

/// A component of a bundle.
struct Loaded {
    store: Store<()>,
    policy: Policy,
}

impl Loaded {
    fn new(folder: &str, rule: &str) -> Self {
        let folder = Folder::read(&examples_dir().join(folder)).unwrap();
        let bundle = bundles::bundle(&folder, Rule::named(rule));
        let component = trapkey_component::build(&bundle).unwrap();
        let engine = Engine::default();
        let component = Component::new(&engine, component).unwrap();
        assert_eq!(component.component_type().imports(&engine).count(), 0);
        let mut store = Store::new(&engine, ());
        let policy = Policy::instantiate(&mut store, &component, &Linker::new(&engine)).unwrap();
        let digest = policy.trapkey_policy_authorizer().call_digest(&mut store).unwrap();
        assert_eq!(digest, bundle.digest().to_string());
        Self { store, policy }
    }

    fn decide(&mut self, entities: &Json, request: &Json) -> Result<Decision, Failure> {
        let mut arena = Arena::default();
        let entities = arena.entities(entities);
        let request = arena.request(request);
        let (values, entities) = (arena.values(), entities.as_slice());
        let one = self.one(values, entities, &request);
        // The same in each other way.
        let (policy, store) = (self.policy.trapkey_policy_authorizer(), &mut self.store);
        let requests = [request.clone(), request];
        let mut others = vec![policy.call_decide_batch(&mut *store, values, entities, &requests)];
        let kept = policy.entity_store();
        match kept.call_open(&mut *store, values, entities).unwrap() {
            Ok(opened) => {
                let one = kept.call_decide(&mut *store, opened, values, &requests[0]).unwrap();
                others.push(Ok(Ok(vec![one])));
                others.push(kept.call_decide_batch(&mut *store, opened, values, &requests));
                opened.resource_drop(&mut *store).unwrap();
            }
            Err(failure) => others.push(Ok(Err(failure))),
        }
        for other in others {
            match other.unwrap() {
                Ok(others) => assert!(others.iter().all(|other| same(other, &one)), "{others:?}"),
                Err(failure) => assert!(same(&Err(failure), &one), "{one:?}"),
            }
        }
        one
    }

    fn one(
        &mut self,
        values: &[Value],
        entities: &[Entity],
        request: &Request,
    ) -> Result<Decision, Failure> {
        let policy = self.policy.trapkey_policy_authorizer();
        policy.call_decide(&mut self.store, values, entities, request).unwrap()
    }
}

fn same(one: &Result<Decision, Failure>, other: &Result<Decision, Failure>) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

#[test]
fn component_decides_the_kit() {
    let text = kit::text();
    let (mut loaded, mut entities, mut request) = (None, Json::Array(Vec::new()), Json::Null);
    let (mut compared, mut name) = (0, "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once('\t').unwrap();
        match word {
            "policies" => {
                let (folder, rule) = rest.split_once('\t').unwrap();
                loaded = Some(Loaded::new(folder, rule));
                entities = Json::Array(Vec::new());
            }
            "entities" => entities = serde_json::from_str(rest).unwrap(),
            "request" => {
                let (named, json) = rest.split_once('\t').unwrap();
                (name, request) = (named, serde_json::from_str(json).unwrap());
            }
            "want" => {
                let decision = loaded.as_mut().unwrap().decide(&entities, &request).unwrap();
                assert_eq!(told::line(&decision), rest, "{name}");
                compared += 1;
            }
            word => panic!("the kit has no `{word}`"),
        }
    }
    println!("{compared} decisions compared");
    assert!(compared > 300, "{compared}");
}

/// What is wrong is a failure that names it, and the next answer is as before.
#[test]
fn bad_input_is_a_failure() {
    let mut loaded = Loaded::new("plant", "cedar");
    let folder = Folder::read(&examples_dir().join("plant")).unwrap();
    let case = &folder.cases[0];
    let (entities, request) = (Json::clone(&case.entities), Json::clone(&case.request));
    let before = format!("{:?}", loaded.decide(&entities, &request).unwrap());
    let refused = |loaded: &mut Loaded, change: &dyn Fn(&mut Json, &mut Json)| {
        let (mut entities, mut request) = (entities.clone(), request.clone());
        change(&mut entities, &mut request);
        loaded.decide(&entities, &request).unwrap_err()
    };
    let failure = refused(&mut loaded, &|entities, _| {
        let first = entities[0].clone();
        entities.as_array_mut().unwrap().push(first);
    });
    assert!(matches!(&failure, Failure::Entity(text) if text.contains("twice")), "{failure:?}");
    let failure = refused(&mut loaded, &|entities, _| {
        entities[0]["attrs"]["unknown"] = Json::Bool(true);
    });
    assert!(matches!(&failure, Failure::Entity(text) if text.contains("unknown")), "{failure:?}");
    let failure = refused(&mut loaded, &|entities, _| {
        let uid = entities[0]["uid"].clone();
        entities[0]["parents"].as_array_mut().unwrap().push(uid);
    });
    assert!(matches!(&failure, Failure::Entity(text) if text.contains("itself")), "{failure:?}");
    for (part, value) in [
        ("action", "Plant::Action::\"nothing\""),
        ("principal", "Plant::Nobody::\"x\""),
        ("resource", "Plant::Nobody::\"x\""),
    ] {
        let failure = refused(&mut loaded, &|_, request| request[part] = value.into());
        assert!(matches!(&failure, Failure::Request(_)), "{part}: {failure:?}");
    }
    let failure = refused(&mut loaded, &|_, request| request["context"]["more"] = 1.into());
    assert!(matches!(&failure, Failure::Request(text) if text.contains("more")), "{failure:?}");
    // Values that refer to themselves, to what is not there, and more than a call may have.
    let mut doubling = vec![Value::Long(1)];
    doubling.extend((0..40).map(|at| Value::Set(vec![at, at])));
    for (values, is_right) in [
        (vec![Value::Set(vec![0])], "value"),
        (vec![Value::Long(1), Value::Set(vec![7])], "value"),
        (doubling, "large"),
    ] {
        let mut arena = Arena::default();
        let mut request: Request = arena.request(&request);
        let last = u32::try_from(values.len() - 1).unwrap();
        request.context[0].value = last;
        match (loaded.one(&values, &[], &request).unwrap_err(), is_right) {
            (Failure::Value(_), "value") | (Failure::TooLarge(_), "large") => {}
            (failure, wanted) => panic!("{wanted}: {failure:?}"),
        }
    }
    assert_eq!(format!("{:?}", loaded.decide(&entities, &request).unwrap()), before);
}
