//! The Wasm runtime, with everything that a policy module does not need switched off.

use std::error::Error;
use std::fmt;

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel};

use crate::Options;

/// What the Wasm runtime reported.
#[derive(Debug)]
pub struct RuntimeError(wasmtime::Error);

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for RuntimeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<wasmtime::Error> for RuntimeError {
    fn from(error: wasmtime::Error) -> Self {
        Self(error)
    }
}

/// A runtime for the modules of one engine.
pub(crate) fn start(options: &Options) -> Result<wasmtime::Engine, RuntimeError> {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(options.limits.stack_bytes_max.get())
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_may_move(false)
        .memory_init_cow(false)
        .signals_based_traps(options.signal_handlers)
        .table_lazy_init(false)
        .native_unwind_info(false)
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None)
        .wasm_bulk_memory(true)
        .wasm_multi_value(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_simd(false)
        .wasm_relaxed_simd(false);
    wasmtime::Engine::new(&config).map_err(RuntimeError)
}
