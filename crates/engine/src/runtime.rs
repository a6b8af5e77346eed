//! The Wasm runtime, with everything that a policy module does not need switched off.

use std::error::Error;
use std::fmt;

use wasmtime::{Config, InstanceAllocationStrategy};

use crate::Options;
use crate::precompiled::{Target, interprets};

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
    let is_interpreted = interprets(options);
    let mut config = config(options, options.signal_handlers && !is_interpreted);
    if let (true, Some(target)) = (is_interpreted, Target::of(options)) {
        config.target(target.triple())?;
    }
    set_compiler(&mut config, options.compiler);
    Ok(wasmtime::Engine::new(&config)?)
}

/// What the runtime makes of a module for another process, whose options are these.
#[cfg(feature = "cranelift")]
pub(crate) fn code(
    module: &[u8],
    target: Target,
    options: &Options,
) -> Result<Vec<u8>, RuntimeError> {
    let mut config = config(options, target.has_signal_handlers(options));
    config.target(target.triple())?;
    set_compiler(&mut config, true);
    Ok(wasmtime::Engine::new(&config)?.precompile_module(module)?)
}

/// What the code of modules depends on: compiled for one runtime, it runs in another that was set up alike.
fn config(options: &Options, has_signal_handlers: bool) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .max_wasm_stack(options.limits.stack_bytes_max.get())
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_may_move(false)
        .memory_init_cow(false)
        .signals_based_traps(has_signal_handlers)
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
        .wasm_relaxed_simd(false)
        // Noted in artefacts compiled ahead, which libraries without it refuse; others may have built it in.
        .wasm_features(wasmtime::WasmFeatures::COMPONENT_MODEL, false);
    config
}

/// Whether modules are compiled, and how.
#[cfg(feature = "cranelift")]
fn set_compiler(config: &mut Config, is_enabled: bool) {
    config.enable_compiler(is_enabled);
    if is_enabled {
        config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    }
}

/// There is no compiler to set up.
#[cfg(not(feature = "cranelift"))]
fn set_compiler(_: &mut Config, _: bool) {}
