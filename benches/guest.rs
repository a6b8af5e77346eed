//! A module in plain wasmtime, under the engine's configuration: what a call costs without us.

#![expect(clippy::expect_used, reason = "a set-up that fails must stop the bench")]

use std::ops::Range;

use trapkey_abi::export;
use wasmtime::{
    Config, Engine, Instance, InstanceAllocationStrategy, Memory, Module, OptLevel, Store,
    TypedFunc,
};

/// Fuel of one call: more than any needs.
const FUEL: u64 = 1_000_000_000;

/// A module with the contract's exports whose `decide` does nothing.
const EMPTY: &str = "
(module
  (memory (export \"memory\") 2 2)
  (global (export \"trapkey_abi\") i32 (i32.const 1))
  (func (export \"decide\") (param i32 i32))
  (func (export \"decide_batch\") (param i32 i32 i32 i32)))";

/// One instance.
pub struct Guest {
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(u32, u32), ()>,
    decide_batch: TypedFunc<(u32, u32, u32, u32), ()>,
}

impl Guest {
    /// An instance of `module`, configured as the engine configures its own.
    ///
    /// # Panics
    ///
    /// If the module is not one of ours.
    pub fn new(module: &[u8]) -> Self {
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .cranelift_opt_level(OptLevel::Speed)
            .max_wasm_stack(128 * 1024)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .memory_may_move(false)
            .memory_init_cow(false)
            .signals_based_traps(true)
            .table_lazy_init(false)
            .native_unwind_info(false)
            .generate_address_map(false)
            .wasm_backtrace_max_frames(None);
        let engine = Engine::new(&config).expect("a runtime");
        let module = Module::from_binary(&engine, module).expect("a module");
        let mut store = Store::new(&engine, ());
        store.set_fuel(FUEL).expect("fuel");
        let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
        let memory = instance.get_memory(&mut store, export::MEMORY).expect("a memory");
        let decide = instance.get_typed_func(&mut store, export::DECIDE).expect("decide");
        let decide_batch =
            instance.get_typed_func(&mut store, export::DECIDE_BATCH).expect("decide_batch");
        Self { store, memory, decide, decide_batch }
    }

    /// The module that does nothing.
    ///
    /// # Panics
    ///
    /// If it cannot be instantiated.
    pub fn empty() -> Self {
        Self::new(&wat::parse_str(EMPTY).expect("the text is a module"))
    }

    /// Writes bytes into the memory.
    ///
    /// # Panics
    ///
    /// If they do not fit.
    pub fn write(&mut self, at: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, index(at), bytes).expect("they fit");
    }

    /// A part of the memory.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn read(&self, range: Range<u32>) -> &[u8] {
        let range = index(range.start)..index(range.end);
        self.memory.data(&self.store).get(range).expect("it is there")
    }

    /// Sets fuel and calls `decide`.
    ///
    /// # Panics
    ///
    /// If the module traps.
    pub fn decide(&mut self, frame: u32, out: u32) {
        self.store.set_fuel(FUEL).expect("fuel");
        self.decide.call(&mut self.store, (frame, out)).expect("it decides");
    }

    /// Sets fuel and calls `decide_batch`.
    ///
    /// # Panics
    ///
    /// If the module traps.
    pub fn decide_batch(&mut self, first: u32, count: u32, stride: u32, out: u32) {
        self.store.set_fuel(FUEL).expect("fuel");
        let arguments = (first, count, stride, out);
        self.decide_batch.call(&mut self.store, arguments).expect("it decides");
    }
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
