//! Ceilings: what a module may be, and what one decision may use; and how an engine runs modules.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use trapkey_abi::EntityUid;

use crate::Honours;

/// Ceilings of one engine.
///
/// A module above them is not published; a decision that reaches one is deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instruction budget of one decision, in Wasmtime fuel units: about one per instruction.
    ///
    /// A module is published only if it states of no action that a decision may take more.
    /// The default of ten million lets a policy compare several full sets of 64 strings of 256
    /// bytes, and is about a millisecond of time.
    pub fuel: NonZeroU64,
    /// Linear memory of a module, in 64 KiB Wasm pages. The default is 256: 16 MiB.
    pub memory_pages_max: u32,
    /// Length of a module in bytes. The default is 16 MiB: compiling takes about a second per
    /// megabyte.
    pub module_bytes_max: usize,
    /// Native stack that a module may use, in bytes. The default of 128 KiB fits threads with the
    /// smallest common stacks.
    pub stack_bytes_max: NonZeroUsize,
    /// Instances kept per module. The default is 32; a decision that finds all of them busy makes
    /// its own, which takes microseconds.
    pub pool_instances_max: usize,
    /// Publications that [`rollback`](crate::Engine::rollback) can go back. The default is 8. Each
    /// keeps its module compiled; with 0 only the current module is kept.
    pub history_max: usize,
    /// Grants that are held at one time, dormant ones included. The default is 1,000,000; each
    /// takes about a kilobyte.
    pub grants_max: usize,
    /// Grants of one principal, or of one resource where their templates ask for no principal. The
    /// default is 4,096: a change copies a list of them.
    pub grants_per_entity_max: usize,
    /// Denies that are only reported and kept ([`would_denies`](crate::Engine::would_denies)). The
    /// default is 4,096; each keeps a request and a decision, a few kilobytes.
    pub would_denies_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: NonZeroU64::MIN.saturating_add(9_999_999),
            memory_pages_max: 256,
            module_bytes_max: 16 * 1024 * 1024,
            stack_bytes_max: NonZeroUsize::MIN.saturating_add(128 * 1024 - 1),
            pool_instances_max: 32,
            history_max: 8,
            grants_max: 1_000_000,
            grants_per_entity_max: 4096,
            would_denies_max: 4096,
        }
    }
}

/// How an engine runs modules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    /// Ceilings.
    pub limits: Limits,
    /// Whether the runtime may install signal handlers to catch accesses outside a module's
    /// memory; the default. They are process-wide, pass on what is not theirs, and reserve 4 GiB of
    /// address space for each instance. Without them modules check each access themselves, which
    /// costs about five percent more instructions.
    pub signal_handlers: bool,
    /// Whether the engine compiles modules; by default it does, if it was built with the feature `cranelift`. Else it
    /// publishes only what was compiled ahead of time ([`Precompiled`](crate::Precompiled)) and explains nothing.
    pub compiler: bool,
    /// Whether modules run in the interpreter where there is a native back end too; by default they do not. It needs no
    /// signal handlers and no executable memory, and is some ten times slower.
    pub interpreter: bool,
    /// Whether frames and responses are filled with `0xa5` before each decision, so that a module
    /// that reads what was not written for it is found out. For tests: it costs time.
    pub poison_frames: bool,
    /// By how much the host's wall clock may be off from one reading to the next, and a request
    /// ahead of it, before they are refused; five minutes by default.
    pub clock_jump_max: Duration,
    /// Obligations that the PEP can fulfil; all is the default. An allow with another is a deny.
    pub honours: Honours,
    /// Actions and groups of actions that touch safety functions, which are never observed
    /// ([`observe`](crate::Engine::observe)); an empty list says that there are none. The default
    /// is that nothing is declared, and then nothing can be observed.
    pub safety_actions: Option<Vec<EntityUid>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            signal_handlers: true,
            compiler: cfg!(feature = "cranelift"),
            interpreter: false,
            poison_frames: false,
            clock_jump_max: Duration::from_mins(5),
            honours: Honours::default(),
            safety_actions: None,
        }
    }
}
