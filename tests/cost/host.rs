//! A host that measures the fuel of `decide`, beside an engine that encodes the frames.

use std::num::NonZeroU64;

use serde_json::Value;
use trapkey::{Bundle, Compiled, Engine, Limits, Release, Request, RequestError};
use trapkey_abi::{EncodeError, EncodeRequest, encode, export};
use wasmtime::{Config, Instance, Memory, Module, OptLevel, Store, TypedFunc};

/// More than anything here uses.
const FUEL: u64 = 1 << 60;

/// What requests are about.
pub(crate) struct Facts(Engine);

impl Facts {
    /// For all modules of the schema of this one.
    pub(crate) fn new(compiled: &Compiled) -> Self {
        let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
        let engine = Engine::new(limits).unwrap();
        let release = Release { name: "cost".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        Self(engine)
    }

    /// Entities for the requests that follow.
    pub(crate) fn store(&self, entities: &Value) {
        self.0.replace_entities_json(&entities.to_string()).unwrap();
    }
}

/// One module.
pub(crate) struct Host {
    pub(crate) compiled: Compiled,
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(u32, u32), ()>,
    /// The decision that came nearest to its bound: fuel used, the bound.
    nearest: Option<(u64, u64)>,
    pub(crate) decisions: u64,
    /// Requests that are too large, or their frames.
    pub(crate) too_large: u64,
}

impl Host {
    pub(crate) fn new(compiled: Compiled) -> Self {
        let mut config = Config::new();
        config.consume_fuel(true).cranelift_opt_level(OptLevel::None);
        let runtime = wasmtime::Engine::new(&config).unwrap();
        let module = Module::from_binary(&runtime, &compiled.module).unwrap();
        let mut store = Store::new(&runtime, ());
        store.set_fuel(FUEL).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, export::MEMORY).unwrap();
        let decide = instance.get_typed_func(&mut store, export::DECIDE).unwrap();
        Self { compiled, store, memory, decide, nearest: None, decisions: 0, too_large: 0 }
    }

    /// Decides a request and holds its fuel against the bound of its action.
    pub(crate) fn check(&mut self, facts: &Facts, request: &Value, place: &str) {
        let model = facts.0.model().unwrap();
        let request = match Request::from_json(&model, &request.to_string()) {
            Ok(request) => request,
            Err(RequestError::TooLarge { .. }) => {
                self.too_large += 1;
                return;
            }
            Err(error) => panic!("{place}: {error:?}"),
        };
        let (principal, resource) = (request.principal(), request.resource());
        let gather = &self.compiled.gather;
        let types = (principal.entity_type(), resource.entity_type());
        let encoded = EncodeRequest {
            environment: gather.environment(request.action(), types.0, types.1).unwrap(),
            principal: principal.handle(),
            resource: resource.handle(),
            context: request.context().bytes(),
            now: request.at().map(|at| at.0),
            grants: &[],
        };
        let map = self.compiled.manifest.memory;
        let mut frame = vec![0; map.frame_bytes_max as usize];
        let entities = facts.0.entities().unwrap();
        let len = match encode(gather, &encoded, &entities, &mut frame) {
            Err(EncodeError::TooLarge { .. }) => {
                self.too_large += 1;
                return;
            }
            len => len.unwrap(),
        };
        self.memory.write(&mut self.store, map.frames_offset as usize, &frame[..len]).unwrap();
        let used = self.fuel((map.frames_offset, map.responses_offset));
        let bound = self.compiled.manifest.instructions_max[request.action() as usize];
        assert!(used <= bound, "{place}: {used} instructions, at most {bound} are stated");
        self.decisions += 1;
        let is_nearer = |(most, of): (u64, u64)| {
            u128::from(used) * u128::from(of) > u128::from(most) * u128::from(bound)
        };
        if self.nearest.is_none_or(is_nearer) {
            self.nearest = Some((used, bound));
        }
    }

    fn fuel(&mut self, arguments: (u32, u32)) -> u64 {
        self.store.set_fuel(FUEL).unwrap();
        self.decide.call(&mut self.store, arguments).unwrap();
        FUEL - self.store.get_fuel().unwrap()
    }

    /// How near the nearest decision came to its bound, in percent.
    pub(crate) fn tightness(&self) -> Option<u64> {
        self.nearest.map(|(used, bound)| used * 100 / bound)
    }
}
