//! Why a call gave nothing.

use std::str::Utf8Error;

use trapkey::{Datetime, RuntimeError};
use wasmtime::Trap;

use crate::Limits;
use crate::bindings::types;
use crate::state::Exceeded;
use crate::text::line;

/// Bytes of the text of a failure that are kept.
pub const FAILURE_BYTES_MAX: usize = 1024;

/// Why a call gave nothing; whatever the plugin gave is not taken, not in part either.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin is quarantined, and was not called.
    #[error("quarantined until {}, in milliseconds since 1970", .until.0)]
    Quarantined {
        /// When it is called again.
        until: Datetime,
    },
    /// As many calls as may be go on, this one perhaps being made by a document that another reads; it was not called.
    #[error("{max} calls go on already")]
    Busy {
        /// Calls at once.
        max: u32,
    },
    /// What the host hands over is more than [`Limits::input_bytes_max`]; it was not called.
    #[error("{len} bytes are to be handed over, the limit is {max}")]
    InputTooLarge {
        /// Bytes to hand over.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The host asks for something that it did not grant, or that the manifest does not declare; it was not called.
    #[error("`{name}` is not granted")]
    NotGranted {
        /// What was asked for.
        name: String,
    },
    /// The plugin says itself that it could not.
    #[error("the plugin failed: {0}")]
    Failed(Failure),
    /// It ended itself, or did what WebAssembly forbids.
    #[error("the plugin trapped: {0}")]
    Trapped(TrapKind),
    /// It used all of [`Limits::fuel`].
    #[error("the plugin used {max} units of fuel")]
    OutOfFuel {
        /// The limit.
        max: u64,
    },
    /// It went on beyond [`Limits::deadline`].
    #[error("the plugin went on beyond {ms} milliseconds")]
    Deadline {
        /// The limit in milliseconds.
        ms: u128,
    },
    /// It needs more memory than [`Limits::memory_bytes_max`].
    #[error("the plugin needs more than {max} bytes of memory")]
    OutOfMemory {
        /// The limit.
        max: usize,
    },
    /// It needs more elements of tables than [`Limits::table_elements_max`].
    #[error("the plugin needs more than {max} elements of tables")]
    OutOfTable {
        /// The limit.
        max: usize,
    },
    /// It logs more than sixteen times as many lines as [`Limits::lines_max`].
    #[error("the plugin logs far more than {max} lines")]
    Flooded {
        /// The limit.
        max: usize,
    },
    /// It has more instances, memories or tables than [`Limits`] say.
    #[error("the plugin has too many instances, memories or tables")]
    TooManyParts(#[source] RuntimeError),
    /// Its functions call each other deeper than the stack of the host's options.
    #[error("the plugin used up its stack")]
    StackOverflow,
    /// It hands over more than [`Limits::result_bytes_max`].
    #[error("the plugin hands over more than {max} bytes")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// A text is not UTF-8.
    #[error("the plugin hands over a text that is not UTF-8")]
    NotText(#[source] Utf8Error),
    /// What it hands over is no value of its type: a pointer out of memory, a variant that is not one.
    #[error("the plugin hands over what is no value of the interface")]
    Malformed(#[source] RuntimeError),
    /// A number is not among those that it can be.
    #[error("the plugin gives {found} as {what}, between {min} and {max} are possible")]
    OutOfRange {
        /// Number of what.
        what: &'static str,
        /// The number.
        found: usize,
        /// The least.
        min: usize,
        /// The largest.
        max: usize,
    },
    /// Something is given twice.
    #[error("the plugin gives `{name}` twice")]
    Twice {
        /// What; the first [`FAILURE_BYTES_MAX`] bytes, without control characters.
        name: String,
    },
    /// It tells what it was not granted to tell.
    #[error("the plugin tells of `{name}`, which it may not")]
    OutOfScope {
        /// Type, attribute, action, resource or obligation; the first [`FAILURE_BYTES_MAX`] bytes, without control characters.
        name: String,
    },
    /// A text that should be a JSON object is none.
    #[error("the plugin gives no JSON object as {what}")]
    NotAnObject {
        /// Which text.
        what: &'static str,
    },
}

/// What the plugin says of its own failure: the first [`FAILURE_BYTES_MAX`] bytes, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// What is needed is not there now; asking again later may help.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// What was given cannot be used.
    #[error("invalid: {0}")]
    Invalid(String),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// How a plugin trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrapKind {
    /// It ended itself, as languages do for a panic or an exception.
    #[error("unreachable")]
    Unreachable,
    /// It reached out of its memory.
    #[error("access out of memory")]
    Memory,
    /// It reached out of a table, or called what is no function of the type.
    #[error("wrong indirect call")]
    Indirect,
    /// It divided by zero, or a number was out of range.
    #[error("arithmetic")]
    Arithmetic,
    /// Something else, as a call against the rules of the component model.
    #[error("against the rules")]
    Other,
}

/// Whether a failed call speaks against the plugin.
pub(crate) trait Blame {
    fn is_misbehaviour(&self) -> bool;
}

impl Blame for CallError {
    fn is_misbehaviour(&self) -> bool {
        match self {
            Self::Quarantined { .. }
            | Self::Busy { .. }
            | Self::InputTooLarge { .. }
            | Self::NotGranted { .. }
            | Self::Failed(_) => false,
            Self::Trapped(_)
            | Self::OutOfFuel { .. }
            | Self::Deadline { .. }
            | Self::OutOfMemory { .. }
            | Self::OutOfTable { .. }
            | Self::Flooded { .. }
            | Self::TooManyParts(_)
            | Self::StackOverflow
            | Self::TooLarge { .. }
            | Self::NotText(_)
            | Self::Malformed(_)
            | Self::OutOfRange { .. }
            | Self::Twice { .. }
            | Self::OutOfScope { .. }
            | Self::NotAnObject { .. } => true,
        }
    }
}

impl CallError {
    /// What the runtime reported.
    pub(crate) fn of(error: wasmtime::Error, limits: &Limits) -> Self {
        if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
            return match exceeded {
                Exceeded::Memory => Self::OutOfMemory { max: limits.memory_bytes_max },
                Exceeded::Table => Self::OutOfTable { max: limits.table_elements_max },
                Exceeded::Lines => Self::Flooded { max: limits.lines_max },
            };
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::trapped(*trap, limits);
        }
        if let Some(error) = error.downcast_ref::<Utf8Error>() {
            return Self::NotText(*error);
        }
        // These two have no type in wasmtime's interface.
        let text = error.root_cause().to_string();
        if text.contains("fuel allocated for hostcalls") {
            return Self::TooLarge { max: limits.result_bytes_max };
        }
        if text.contains("resource limit exceeded") {
            return Self::TooManyParts(error.into());
        }
        Self::Malformed(error.into())
    }

    fn trapped(trap: Trap, limits: &Limits) -> Self {
        let kind = match trap {
            Trap::OutOfFuel => return Self::OutOfFuel { max: limits.fuel },
            Trap::Interrupt => return Self::Deadline { ms: limits.deadline.as_millis() },
            Trap::StackOverflow => return Self::StackOverflow,
            Trap::UnreachableCodeReached => TrapKind::Unreachable,
            Trap::MemoryOutOfBounds | Trap::HeapMisaligned => TrapKind::Memory,
            Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
                TrapKind::Indirect
            }
            Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
                TrapKind::Arithmetic
            }
            _ => TrapKind::Other,
        };
        Self::Trapped(kind)
    }

    /// An error unless `found` is between `min` and `max`.
    pub(crate) fn range(
        what: &'static str,
        found: usize,
        (min, max): (usize, usize),
    ) -> Result<(), Self> {
        if (min..=max).contains(&found) {
            return Ok(());
        }
        Err(Self::OutOfRange { what, found, min, max })
    }
}

impl CallError {
    /// A name is given twice; of the name the beginning is kept.
    pub(crate) fn twice(name: &str) -> Self {
        Self::Twice { name: line(name, FAILURE_BYTES_MAX) }
    }

    /// The plugin tells of what it may not; of the name the beginning is kept.
    pub(crate) fn out_of_scope(name: &str) -> Self {
        Self::OutOfScope { name: line(name, FAILURE_BYTES_MAX) }
    }
}

impl From<types::Failure> for Failure {
    fn from(failure: types::Failure) -> Self {
        let cut = |text: String| line(&text, FAILURE_BYTES_MAX);
        match failure {
            types::Failure::Unavailable(text) => Self::Unavailable(cut(text)),
            types::Failure::Invalid(text) => Self::Invalid(cut(text)),
            types::Failure::Other(text) => Self::Other(cut(text)),
        }
    }
}
