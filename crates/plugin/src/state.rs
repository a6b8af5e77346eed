//! What one call has of the host: counted memory and tables, lines that are logged, documents.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::bindings::documents::Host as Documents;
use crate::bindings::logging::{Host as Logging, Level as Importance};
use crate::bindings::types::{Failure, Host as Types};
use crate::grants::Logger;
use crate::text::line;
use crate::{Document, Level, Limits};

/// The data of a store, which serves one call.
pub(crate) struct State {
    limits: Arc<Limits>,
    logger: Option<Logger>,
    documents: Arc<BTreeMap<String, Arc<dyn Document>>>,
    memory_bytes: usize,
    table_elements: usize,
    /// Lines that came, those included that were dropped.
    lines: usize,
}

/// A ceiling that was reached; ends the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exceeded {
    Memory,
    Table,
    Lines,
}

/// Lines after which a call is ended, as a multiple of those that are logged.
const LINES_FACTOR: usize = 16;

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "out of memory",
            Self::Table => "out of elements of tables",
            Self::Lines => "too many lines",
        })
    }
}

impl std::error::Error for Exceeded {}

impl State {
    pub(crate) fn new(
        limits: Arc<Limits>,
        logger: Option<Logger>,
        documents: Arc<BTreeMap<String, Arc<dyn Document>>>,
    ) -> Self {
        Self { limits, logger, documents, memory_bytes: 0, table_elements: 0, lines: 0 }
    }

    /// Lines that were dropped.
    pub(crate) fn lines_dropped(&self) -> usize {
        self.lines.saturating_sub(self.limits.lines_max)
    }
}

/// What `total` becomes when something grows; an error if that is more than `max`.
fn grow(
    total: &mut usize,
    (current, desired): (usize, usize),
    max: usize,
    exceeded: Exceeded,
) -> wasmtime::Result<bool> {
    let grown = total.saturating_add(desired.saturating_sub(current));
    if grown > max {
        return Err(exceeded.into());
    }
    *total = grown;
    Ok(true)
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let max = self.limits.memory_bytes_max;
        grow(&mut self.memory_bytes, (current, desired), max, Exceeded::Memory)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let max = self.limits.table_elements_max;
        grow(&mut self.table_elements, (current, desired), max, Exceeded::Table)
    }

    fn instances(&self) -> usize {
        self.limits.instances_max
    }

    fn tables(&self) -> usize {
        self.limits.tables_max
    }

    fn memories(&self) -> usize {
        self.limits.memories_max
    }
}

impl Types for State {}

impl Logging for State {
    fn log(&mut self, level: Importance, message: String) -> wasmtime::Result<()> {
        self.lines = self.lines.saturating_add(1);
        let max = self.limits.lines_max;
        if self.lines > max.saturating_mul(LINES_FACTOR) {
            return Err(Exceeded::Lines.into());
        }
        if self.lines > max {
            return Ok(());
        }
        if let Some(logger) = &self.logger {
            logger(level.into(), &line(&message, self.limits.line_bytes_max));
        }
        Ok(())
    }
}

impl Documents for State {
    fn read(&mut self, name: String) -> Result<Vec<u8>, Failure> {
        let Some(document) = self.documents.get(&name).map(Arc::clone) else {
            return Err(Failure::Unavailable("the document is not granted".to_owned()));
        };
        let bytes = document.read().map_err(|error| Failure::Unavailable(error.to_string()))?;
        let max = self.limits.document_bytes_max;
        if bytes.len() > max {
            let text = format!("the document has more than {max} bytes");
            return Err(Failure::Unavailable(text));
        }
        Ok(bytes)
    }
}

impl From<Importance> for Level {
    fn from(level: Importance) -> Self {
        match level {
            Importance::Trace => Self::Trace,
            Importance::Debug => Self::Debug,
            Importance::Info => Self::Info,
            Importance::Warn => Self::Warn,
            Importance::Error => Self::Error,
            Importance::Critical => Self::Critical,
        }
    }
}
