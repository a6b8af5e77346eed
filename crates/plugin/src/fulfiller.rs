//! Plugins of the world `obligation-handler`: they do what decisions ask for.

use std::collections::BTreeSet;

use trapkey::{Datetime, EntityUid};

use crate::bindings::obligations::ObligationHandlerPre;
use crate::bindings::obligations::exports::trapkey::plugin::handler::Duty;
use crate::bindings::types;
use crate::plugin::Plugin;
use crate::state::State;
use crate::{CallError, Health, Manifest};

/// A plugin that fulfils obligations.
pub struct Fulfiller {
    plugin: Plugin<ObligationHandlerPre<State>>,
}

/// An obligation that is to be fulfilled, and of which decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obliged<'o> {
    /// The obligation's name.
    pub name: &'o str,
    /// What follows its colon.
    pub argument: Option<&'o str>,
    /// The policy that it comes from.
    pub policy: &'o str,
    /// Whether the decision is an allow.
    pub is_allow: bool,
    /// Who asked.
    pub principal: &'o EntityUid,
    /// What for.
    pub action: &'o EntityUid,
    /// On what.
    pub resource: &'o EntityUid,
}

impl Fulfiller {
    pub(crate) fn new(plugin: Plugin<ObligationHandlerPre<State>>) -> Self {
        Self { plugin }
    }

    /// Names of the obligations that the plugin says it can fulfil and is granted: what a PEP declares in
    /// [`Honours`](trapkey::Honours).
    ///
    /// # Errors
    ///
    /// [`CallError`], [`CallError::OutOfScope`] if it names one that its manifest does not declare.
    pub fn names(&self, now: Datetime) -> Result<BTreeSet<String>, CallError> {
        self.plugin.call(
            now,
            0,
            |pre, store| {
                let plugin = pre.instantiate(&mut *store)?;
                plugin.trapkey_plugin_handler().call_names(&mut *store).map(Ok)
            },
            |told| {
                CallError::range("names", told.len(), (0, self.plugin.limits.items_max))?;
                let mut names = BTreeSet::new();
                for name in told {
                    if !self.plugin.manifest.provides().obligations.contains(&name) {
                        return Err(CallError::out_of_scope(&name));
                    }
                    if !names.insert(name.clone()) {
                        return Err(CallError::twice(&name));
                    }
                }
                names.retain(|name| self.plugin.scope.obligations.contains(name));
                Ok(names)
            },
        )
    }

    /// Fulfils one obligation; what the host is to do or send for it, or nothing if it is done.
    ///
    /// # Errors
    ///
    /// [`CallError`]; the obligation is not fulfilled. [`CallError::NotGranted`] before the plugin is called.
    pub fn fulfil(
        &self,
        obliged: &Obliged<'_>,
        now: Datetime,
    ) -> Result<Option<Vec<u8>>, CallError> {
        if !self.plugin.scope.obligations.contains(obliged.name) {
            return Err(CallError::NotGranted { name: obliged.name.to_owned() });
        }
        let uids = [obliged.principal, obliged.action, obliged.resource];
        let texts = [obliged.name, obliged.argument.unwrap_or_default(), obliged.policy];
        let uid_bytes = uids.iter().map(|uid| uid.type_name.len().saturating_add(uid.id.len()));
        let bytes = texts.iter().map(|text| text.len()).chain(uid_bytes);
        let bytes = bytes.fold(0, usize::saturating_add);
        self.plugin.call(
            now,
            bytes,
            |pre, store| {
                let duty = duty(obliged, now);
                let plugin = pre.instantiate(&mut *store)?;
                plugin.trapkey_plugin_handler().call_fulfil(&mut *store, &duty)
            },
            Ok,
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

fn duty(obliged: &Obliged<'_>, now: Datetime) -> Duty {
    let uid =
        |uid: &EntityUid| types::EntityUid { type_name: uid.type_name.clone(), id: uid.id.clone() };
    Duty {
        name: obliged.name.to_owned(),
        argument: obliged.argument.map(str::to_owned),
        policy: obliged.policy.to_owned(),
        is_allow: obliged.is_allow,
        principal: uid(obliged.principal),
        action: uid(obliged.action),
        resource: uid(obliged.resource),
        now: now.0,
    }
}
