//! Policies as components: what the kit says, in wasmtime's component model, without any import.

#![cfg(test)]

#[path = "component/actions.rs"]
mod actions;
#[path = "component/ancestors.rs"]
mod ancestors;
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
use wasmtime::{Config, Engine, ResourceLimiter, Store};

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
        Self::with(bundle, &Engine::default(), None)
    }

    /// One that traps after so many instructions.
    fn bounded(bundle: &Bundle, fuel: u64) -> Self {
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        Self::with(bundle, &engine, Some(fuel))
    }

    fn with(bundle: &Bundle, engine: &Engine, fuel: Option<u64>) -> Self {
        let component = trapkey_component::build(bundle).unwrap();
        let component = Component::new(engine, component).unwrap();
        assert_eq!(component.component_type().imports(engine).count(), 0);
        let mut store = Store::new(engine, Memory { bytes: 0, bytes_max: 64 << 20 });
        store.limiter(|memory| memory);
        if let Some(fuel) = fuel {
            store.set_fuel(fuel).unwrap();
        }
        let policy = Policy::instantiate(&mut store, &component, &Linker::new(engine)).unwrap();
        let digest = policy.trapkey_policy_authorizer().call_digest(&mut store).unwrap();
        assert_eq!(digest, bundle.digest().to_string());
        Self { store, policy }
    }

    fn decide(&mut self, entities: &Json, request: &Json) -> Result<Decision, Failure> {
        let [one, _] = self.both(entities, [request, request]);
        one
    }

    /// Both answers, which each way of asking has to give, and in this order.
    fn both(&mut self, entities: &Json, requests: [&Json; 2]) -> [Result<Decision, Failure>; 2] {
        let mut arena = Arena::default();
        let entities = arena.entities(entities);
        let requests = requests.map(|request| arena.request(request));
        let (values, entities) = (arena.values(), entities.as_slice());
        let wanted = requests.each_ref().map(|request| self.one(values, entities, request));
        // The same in each other way.
        let (policy, store) = (self.policy.trapkey_policy_authorizer(), &mut self.store);
        let mut others = vec![policy.call_decide_batch(&mut *store, values, entities, &requests)];
        let kept = policy.entity_store();
        match kept.call_open(&mut *store, values, entities).unwrap() {
            Ok(opened) => {
                let mut one = |request| kept.call_decide(&mut *store, opened, values, request);
                let single = requests.each_ref().map(|request| one(request).unwrap());
                others.push(Ok(Ok(Vec::from(single))));
                others.push(kept.call_decide_batch(&mut *store, opened, values, &requests));
                opened.resource_drop(&mut *store).unwrap();
            }
            Err(failure) => others.push(Ok(Err(failure))),
        }
        for other in others {
            match other.unwrap() {
                Ok(others) => assert!(same(&others, &wanted), "{others:?}, {wanted:?}"),
                // One of all.
                Err(failure) => {
                    let each = [Err(failure.clone()), Err(failure)];
                    assert!(same(&each, &wanted), "{each:?}, {wanted:?}");
                }
            }
        }
        wanted
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

fn same(some: &[Result<Decision, Failure>], others: &[Result<Decision, Failure>]) -> bool {
    format!("{some:?}") == format!("{others:?}")
}

#[test]
fn component_decides_the_kit() {
    let text = kit::text();
    let (mut loaded, mut entities, mut request) = (None, Json::Array(Vec::new()), Json::Null);
    // What was asked before by the same entities, and its answer.
    let mut before: Option<(Json, &str)> = None;
    let (mut compared, mut differing, mut name) = (0, 0, "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once('\t').unwrap();
        match word {
            "policies" => {
                let (folder, rule) = rest.split_once('\t').unwrap();
                loaded = Some(Loaded::new(folder, rule));
                (entities, before) = (Json::Array(Vec::new()), None);
            }
            "entities" => (entities, before) = (serde_json::from_str(rest).unwrap(), None),
            "request" => {
                let (named, json) = rest.split_once('\t').unwrap();
                (name, request) = (named, serde_json::from_str(json).unwrap());
            }
            "want" => {
                let (other, wanted) = before.take().unwrap_or_else(|| (request.clone(), rest));
                let answers = loaded.as_mut().unwrap().both(&entities, [&request, &other]);
                let told = answers.map(|answer| told::line(&answer.unwrap()));
                assert_eq!(told, [rest, wanted], "{name}");
                compared += 1;
                differing += u32::from(rest != wanted);
                before = Some((request.clone(), rest));
            }
            word => panic!("the kit has no `{word}`"),
        }
    }
    println!("{compared} decisions compared");
    assert!(compared > 300 && differing > 100, "{compared}, {differing}");
}
