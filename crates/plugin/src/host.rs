//! The host of plugins: one runtime, and a clock that ends what goes on too long.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use trapkey::RuntimeError;
use wasmtime::Config;

use crate::HostOptions;

/// Ticks of the longest deadline, so that no sum overflows: 2^40 of 10 milliseconds are 348 years.
const TICKS_MAX: u64 = 1 << 40;

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The runtime does not start with these options.
    #[error("the runtime does not start")]
    Runtime(#[source] RuntimeError),
    /// Time would be looked at without a pause.
    #[error("a tick of no time")]
    Tick,
    /// The thread that ticks does not start.
    #[error("the thread that ticks does not start")]
    Thread(#[source] io::Error),
}

/// Loads plugins. Clones are the same host; it ends with the last of them and of its plugins.
#[derive(Clone)]
pub struct Host {
    pub(crate) runtime: Arc<Runtime>,
}

/// What plugins run in.
pub(crate) struct Runtime {
    engine: wasmtime::Engine,
    tick: Duration,
    /// Joined when the last plugin is gone.
    _ticker: Option<Ticker>,
}

impl Host {
    /// Starts a host, with a thread that ticks unless the embedder does.
    ///
    /// # Errors
    ///
    /// [`HostError`]
    pub fn new(options: &HostOptions) -> Result<Self, HostError> {
        if options.tick.is_zero() {
            return Err(HostError::Tick);
        }
        let engine = wasmtime::Engine::new(&config(options));
        let engine = engine.map_err(|error| HostError::Runtime(error.into()))?;
        let ticker = if options.is_ticking {
            let ticker = Ticker::start(engine.clone(), options.tick);
            Some(ticker.map_err(HostError::Thread)?)
        } else {
            None
        };
        let tick = options.tick;
        Ok(Self { runtime: Arc::new(Runtime { engine, tick, _ticker: ticker }) })
    }

    /// One tick, for embedders that tick themselves: [`HostOptions::tick`] has passed.
    pub fn tick(&self) {
        self.runtime.engine.increment_epoch();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

impl Runtime {
    pub(crate) fn engine(&self) -> &wasmtime::Engine {
        &self.engine
    }

    /// Ticks after which `deadline` has surely passed: the first may come at once.
    pub(crate) fn ticks(&self, deadline: Duration) -> u64 {
        let ticks = deadline.as_nanos().div_ceil(self.tick.as_nanos().max(1));
        u64::try_from(ticks).unwrap_or(TICKS_MAX).saturating_add(1).min(TICKS_MAX)
    }
}

/// What compilers of plugins use, and nothing that is only a proposal.
fn config(options: &HostOptions) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(options.stack_bytes_max.get())
        .signals_based_traps(options.signal_handlers)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(false)
        .wasm_component_model(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_tail_call(false);
    config
}

/// A thread that counts time in the runtime, until it is dropped.
struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: wasmtime::Engine, tick: Duration) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name("trapkey-ticker".to_owned()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(tick) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It only counts, and cannot panic.
            drop(thread.join());
        }
    }
}
