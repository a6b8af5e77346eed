//! How an engine is made.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use trapkey::{EntityUid, Honours, Limits, Options};

use crate::boundary::Failure;
use crate::facts::uid;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// How an engine is made. Zero is the default of each field.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_options_t {
    /// `sizeof(trapkey_options_t)`.
    pub struct_size: usize,
    /// Instructions that a decision may take; 10,000,000 by default.
    pub fuel: u64,
    /// Memory of a module in pages of 64 KiB; 256 by default.
    pub memory_pages_max: u32,
    /// Not 0 to let the runtime install signal handlers, which are of the whole process, and reserve
    /// 4 GiB of addresses for each instance. Without them modules check each access themselves.
    pub signal_handlers: u32,
    /// Length of a module in bytes; 16 MiB by default.
    pub module_bytes_max: usize,
    /// Stack that a module may use, in bytes; 128 KiB by default.
    pub stack_bytes_max: usize,
    /// Instances that are kept per module; 32 by default.
    pub pool_instances_max: usize,
    /// Publications that can be gone back; 8 by default, none with SIZE_MAX.
    pub history_max: usize,
    /// Grants that are held at a time; 1,000,000 by default.
    pub grants_max: usize,
    /// Grants of one principal or resource; 4,096 by default.
    pub grants_per_entity_max: usize,
    /// By how many milliseconds a clock may jump; 300,000 by default.
    pub clock_jump_max_ms: u64,
    /// Not 0 to fill memory with 0xa5 before each decision, for tests.
    pub poison_frames: u32,
    /// Not 0 if the obligations in `honours` are all that the host fulfils: an allow with another is
    /// a deny. With 0 the host itself refuses what it cannot fulfil.
    pub honours_only: u32,
    /// Names of obligations; NULL if there are none.
    pub honours: *const trapkey_str_t,
    /// Number of these.
    pub honours_len: usize,
    /// Not 0 to compile nothing: only what was compiled ahead of time is published. A library that was built
    /// without a compiler never does.
    pub precompiled_only: u32,
    /// Not 0 to run modules in the interpreter where there is a native back end too. It needs no
    /// executable memory and is some ten times slower.
    pub interpreter: u32,
    /// Not 0 if the actions in `safety_actions` are all that touch safety functions, which are never observed.
    /// With 0 nothing can be observed.
    pub safety_declared: u32,
    /// 0.
    pub reserved: u32,
    /// Actions and groups of actions, as `Action::"id"`; NULL if there are none.
    pub safety_actions: *const trapkey_str_t,
    /// Number of these.
    pub safety_actions_len: usize,
    /// Denies that are only reported and kept; 4,096 by default, none with SIZE_MAX.
    pub would_denies_max: usize,
}

versioned!(trapkey_options_t before safety_declared);

/// Names of obligations that a host may fulfil, and actions that touch safety.
const NAMES_MAX: usize = 4096;

/// What an engine is made with where the caller gives no options: as Rust's, without signal handlers.
pub(crate) fn default_options() -> Options {
    Options { signal_handlers: false, ..Options::default() }
}

impl trapkey_options_t {
    pub(crate) fn read(&self) -> Result<Options, Failure> {
        let defaults = Limits::default();
        let limits = Limits {
            fuel: NonZeroU64::new(self.fuel).unwrap_or(defaults.fuel),
            memory_pages_max: match self.memory_pages_max {
                0 => defaults.memory_pages_max,
                pages => pages,
            },
            module_bytes_max: given(self.module_bytes_max, defaults.module_bytes_max),
            stack_bytes_max: NonZeroUsize::new(self.stack_bytes_max)
                .unwrap_or(defaults.stack_bytes_max),
            pool_instances_max: given(self.pool_instances_max, defaults.pool_instances_max),
            history_max: given_or_none(self.history_max, defaults.history_max),
            grants_max: given(self.grants_max, defaults.grants_max),
            grants_per_entity_max: given(
                self.grants_per_entity_max,
                defaults.grants_per_entity_max,
            ),
            would_denies_max: given_or_none(self.would_denies_max, defaults.would_denies_max),
        };
        let mut options = Options {
            limits,
            signal_handlers: self.signal_handlers != 0,
            poison_frames: self.poison_frames != 0,
            compiler: self.precompiled_only == 0,
            interpreter: self.interpreter != 0,
            honours: self.honours()?,
            safety_actions: self.safety_actions()?,
            ..Options::default()
        };
        if self.clock_jump_max_ms != 0 {
            options.clock_jump_max = Duration::from_millis(self.clock_jump_max_ms);
        }
        Ok(options)
    }

    fn honours(&self) -> Result<Honours, Failure> {
        check_len("honours_len", self.honours_len)?;
        let names = array!(self.honours, self.honours_len, "honours");
        let mut honours = Vec::with_capacity(names.len());
        for name in names {
            honours.push(text!(*name));
        }
        Ok(if self.honours_only == 0 { Honours::All } else { Honours::names(honours) })
    }

    fn safety_actions(&self) -> Result<Option<Vec<EntityUid>>, Failure> {
        check_len("safety_actions_len", self.safety_actions_len)?;
        let names = array!(self.safety_actions, self.safety_actions_len, "safety_actions");
        let mut actions = Vec::with_capacity(names.len());
        for name in names {
            actions.push(uid(text!(*name), "safety_actions")?);
        }
        Ok((self.safety_declared != 0).then_some(actions))
    }
}

fn check_len(what: &str, len: usize) -> Result<(), Failure> {
    if len <= NAMES_MAX {
        return Ok(());
    }
    let text = format!("`{what}` is {len}, the limit is {NAMES_MAX}");
    Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text))
}

/// A number of a caller, of which 0 is the default.
fn given(value: usize, default: usize) -> usize {
    if value == 0 { default } else { value }
}

/// A number of a caller, of which 0 is the default and the largest is none.
pub(crate) fn given_or_none(value: usize, default: usize) -> usize {
    if value == usize::MAX { 0 } else { given(value, default) }
}
