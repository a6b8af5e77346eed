//! Plugins of the world `audit-sink`: they format records of decisions.

use trapkey::Datetime;

use crate::bindings::audit::AuditSinkPre;
use crate::plugin::Plugin;
use crate::state::State;
use crate::{CallError, Health, Manifest};

/// A plugin that formats records.
pub struct AuditSink {
    plugin: Plugin<AuditSinkPre<State>>,
}

impl AuditSink {
    pub(crate) fn new(plugin: Plugin<AuditSinkPre<State>>) -> Self {
        Self { plugin }
    }

    /// Gives, for each record and in their order, what is to be stored or sent in its place. A record is an object in JSON.
    ///
    /// # Errors
    ///
    /// [`CallError`]; the records stay with the caller, who can store them as they are or try again. Of a plugin that
    /// gives more or fewer than there are records, nothing is taken ([`CallError::OutOfRange`]).
    pub fn format(&self, records: &[String], now: Datetime) -> Result<Vec<Vec<u8>>, CallError> {
        let bytes = records.iter().map(String::len).fold(0, usize::saturating_add);
        let max = self.plugin.limits.items_max;
        if records.len() > max {
            return Err(CallError::InputTooLarge { len: records.len(), max });
        }
        self.plugin.call(
            now,
            bytes,
            |pre, store| {
                let plugin = pre.instantiate(&mut *store)?;
                plugin.trapkey_plugin_sink().call_format(&mut *store, records)
            },
            |formatted| {
                let want = (records.len(), records.len());
                CallError::range("records", formatted.len(), want).map(|()| formatted)
            },
        )
    }

    /// How it behaves.
    pub fn health(&self) -> Health {
        self.plugin.health()
    }

    /// Ends its quarantine, if there is one.
    pub fn release(&self) {
        self.plugin.release();
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.plugin.manifest
    }
}
