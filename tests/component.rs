//! Policies as components: what the kit says, in wasmtime's component model, without any import.

#![cfg(test)]

#[path = "component/actions.rs"]
mod actions;
#[path = "component/arena.rs"]
mod arena;
#[path = "component/bad_input.rs"]
mod bad_input;
#[path = "component/bad_modules.rs"]
mod bad_modules;
#[path = "kit/bundles.rs"]
mod bundles;
#[path = "component/hosts.rs"]
mod hosts;
#[path = "component/interfaces.rs"]
mod interfaces;
#[path = "component/kit.rs"]
mod kit;
#[path = "kit/line.rs"]
mod line;
#[path = "component/told.rs"]
mod told;
#[path = "component/worlds.rs"]
mod worlds;

use serde_json::Value as Json;
use trapkey::Bundle;
use trapkey_testkit::{Folder, examples_dir};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, ResourceLimiter, Store};

use arena::Arena;
use bundles::Rule;
use interface::Policy;
use interface::exports::trapkey::policy::types::{
    Decision, Entity, Failure, Request, Value, Verdict,
};

/// The interface, as the host sees it.
mod interface {
    wasmtime::component::bindgen!({ path: "../wit/policy", world: "policy" });
}

/// A component of a bundle.
struct Loaded {
    store: Store<Memory>,
    policy: Policy,
}

/// Bytes of memory that a component has, and may have.
struct Memory {
    bytes: usize,
    bytes_max: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let is_allowed = desired <= self.bytes_max;
        if is_allowed {
            self.bytes = desired;
        }
        Ok(is_allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 1_000)
    }
}

impl Loaded {
    fn new(folder: &str, rule: &str) -> Self {
        let folder = Folder::read(&examples_dir().join(folder)).unwrap();
        Self::of(&bundles::bundle(&folder, Rule::named(rule)))
    }

    fn of(bundle: &Bundle) -> Self {
        let component = trapkey_component::build(bundle).unwrap();
        let engine = Engine::default();
        let component = Component::new(&engine, component).unwrap();
        assert_eq!(component.component_type().imports(&engine).count(), 0);
        let mut store = Store::new(&engine, Memory { bytes: 0, bytes_max: 64 << 20 });
        store.limiter(|memory| memory);
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
