//! The frames in wasmi, with the features of the contract alone.

use trapkey_abi::export;
use wasmi::{Config, Engine, Linker, Memory, Module, Store, TypedFunc};

use crate::guest::{self, Guest, Responses};
use crate::work::Work;

struct Interpreted {
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(u32, u32), ()>,
    decide_batch: TypedFunc<(u32, u32, u32, u32), ()>,
}

impl Interpreted {
    fn new(engine: &Engine, module: &Module) -> Self {
        let mut store = Store::new(engine, ());
        let instance = Linker::new(engine).instantiate_and_start(&mut store, module).unwrap();
        Self {
            memory: instance.get_memory(&store, export::MEMORY).unwrap(),
            decide: instance.get_typed_func(&store, export::DECIDE).unwrap(),
            decide_batch: instance.get_typed_func(&store, export::DECIDE_BATCH).unwrap(),
            store,
        }
    }
}

impl Guest for Interpreted {
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
    let mut config = Config::default();
    config.wasm_mutable_global(false).wasm_saturating_float_to_int(false).wasm_multi_value(false);
    config.wasm_multi_memory(false).wasm_reference_types(false).wasm_tail_call(false);
    config.wasm_extended_const(false).floats(false);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &work.module).unwrap();
    guest::respond(work, || Interpreted::new(&engine, &module))
}
