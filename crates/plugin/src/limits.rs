//! Ceilings of plugins, which hosts set and manifests cannot raise.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// Ceilings of one plugin. Memory, tables, instances, fuel and time are those of one call, which has a store of its own.
///
/// The defaults also fit a JavaScript plugin of `jco componentize --backend qjs`: 1.6 MB with several instances and memories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the component; 4 MiB. Compiling takes about a second for each MiB. How it is made has limits that do not change,
    /// see [`LoadError::Structure`](crate::LoadError::Structure).
    pub component_bytes_max: usize,
    /// Bytes of all linear memories together; 32 MiB.
    pub memory_bytes_max: usize,
    /// Linear memories; 8.
    pub memories_max: usize,
    /// Tables; 16.
    pub tables_max: usize,
    /// Elements of all tables together; 65,536.
    pub table_elements_max: usize,
    /// Core instances; 32.
    pub instances_max: usize,
    /// Wasmtime's units of fuel, about one for each instruction; 1,000,000,000.
    pub fuel: u64,
    /// Wall-clock time, counted in ticks of the host; 2 seconds. A document that blocks is waited for, and the call ended
    /// when it is there.
    pub deadline: Duration,
    /// Bytes that the host hands over for one call; 4 MiB.
    pub input_bytes_max: usize,
    /// Bytes of what comes back, as the host holds it; also of each line and name that the plugin hands over; 4 MiB.
    pub result_bytes_max: usize,
    /// Entities, attributes of contexts, questions, records or names that come back; 10,000 of each.
    pub items_max: usize,
    /// Bytes of a document; 4 MiB.
    pub document_bytes_max: usize,
    /// Lines of one call that are logged; 64. The rest is dropped and counted, and a call that logs sixteen times as many is
    /// ended.
    pub lines_max: usize,
    /// Bytes of a line; 1,024. The rest is cut off.
    pub line_bytes_max: usize,
    /// Calls at once; 1. A provider is never refreshed twice at once, whatever this says.
    pub calls_max: NonZeroU32,
    /// Misbehaved calls in a row after which the plugin is quarantined; 3.
    pub strikes_max: NonZeroU32,
    /// How long the first quarantine lasts; 1 minute. Each that follows without a good call between lasts twice as long.
    pub quarantine: Duration,
    /// The longest quarantine; 1 hour.
    pub quarantine_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes_max: 4 << 20,
            memory_bytes_max: 32 << 20,
            memories_max: 8,
            tables_max: 16,
            table_elements_max: 65_536,
            instances_max: 32,
            fuel: 1_000_000_000,
            deadline: Duration::from_secs(2),
            input_bytes_max: 4 << 20,
            result_bytes_max: 4 << 20,
            items_max: 10_000,
            document_bytes_max: 4 << 20,
            lines_max: 64,
            line_bytes_max: 1_024,
            calls_max: NonZeroU32::MIN,
            strikes_max: NonZeroU32::MIN.saturating_add(2),
            quarantine: Duration::from_mins(1),
            quarantine_max: Duration::from_hours(1),
        }
    }
}

/// What all plugins of a host share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOptions {
    /// Bytes of stack that a plugin may use; 512 KiB. Callers need as much again for themselves.
    pub stack_bytes_max: NonZeroUsize,
    /// How often time is looked at; 10 milliseconds. A call ends up to two ticks after its deadline.
    pub tick: Duration,
    /// Whether the host has a thread that ticks; by default it does. Else the embedder calls [`Host::tick`](crate::Host::tick).
    pub is_ticking: bool,
    /// Whether the runtime may install signal handlers, as [`Options::signal_handlers`](trapkey::Options::signal_handlers).
    pub signal_handlers: bool,
}

/// As wasmtime's own default.
const STACK_BYTES_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(512 * 1024 - 1);

impl Default for HostOptions {
    fn default() -> Self {
        Self {
            stack_bytes_max: STACK_BYTES_MAX,
            tick: Duration::from_millis(10),
            is_ticking: true,
            signal_handlers: true,
        }
    }
}
