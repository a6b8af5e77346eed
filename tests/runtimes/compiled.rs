//! The frames in wasmtime, set up as the engine sets it up.

use trapkey_abi::export;
use wasmtime::{Config, Engine, Instance, Memory, Module, OptLevel, Store, TypedFunc};

use crate::guest::{self, Guest, Responses};
use crate::work::Work;

struct Compiled {
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(u32, u32), ()>,
    decide_batch: TypedFunc<(u32, u32, u32, u32), ()>,
}

impl Compiled {
    fn new(engine: &Engine, module: &Module) -> Self {
        let mut store = Store::new(engine, ());
        store.set_fuel(u64::MAX).unwrap();
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        Self {
            memory: instance.get_memory(&mut store, export::MEMORY).unwrap(),
            decide: instance.get_typed_func(&mut store, export::DECIDE).unwrap(),
            decide_batch: instance.get_typed_func(&mut store, export::DECIDE_BATCH).unwrap(),
            store,
        }
    }
}

impl Guest for Compiled {
    fn memory(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    fn decide(&mut self, frame: u32, out: u32) {
        self.decide.call(&mut self.store, (frame, out)).unwrap();
    }

    fn decide_batch(&mut self, first: u32, count: u32, stride: u32, out: u32) {
        self.decide_batch.call(&mut self.store, (first, count, stride, out)).unwrap();
    }
}

pub(crate) fn respond(work: &Work) -> Responses {
    let mut config = Config::new();
    config.consume_fuel(true).cranelift_opt_level(OptLevel::Speed);
    config.memory_may_move(false).memory_init_cow(false);
    let engine = Engine::new(&config).unwrap();
    let module = Module::from_binary(&engine, &work.module).unwrap();
    guest::respond(work, || Compiled::new(&engine, &module))
}
