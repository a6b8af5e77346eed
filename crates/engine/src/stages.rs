//! Deployment stages: operations that are observed before they are enforced.
//!
//! In an observed scope a clean deny is reported and allowed. Failures, decisions in which a policy
//! erred, obligations that nobody honours, and operations that touch safety stay denied.

mod error;
mod ledger;
mod scope;

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey_abi::EntityUid;

use crate::changes::Change;
use crate::snapshot::Live;
use crate::{Datetime, Decision, Engine, Generation, Model, Options, Request};

pub use error::{EnforceError, ObserveError, WouldDenyError};
pub use ledger::{STAGE_RECORDS_MAX, StageChange, StageRecord, WouldDeny};

use ledger::Ledger;
use scope::Linked;

/// Length of a name or a text of a [`StageOrder`], in bytes.
pub const STAGE_TEXT_BYTES_MAX: usize = 1024;

/// Scopes that are observed at one time.
pub const OBSERVED_SCOPES_MAX: usize = 64;

/// Operations that are observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObserveScope {
    /// What it is called; at most [`STAGE_TEXT_BYTES_MAX`] bytes.
    pub name: String,
    /// An action, or a group of actions; `None` for all.
    pub actions: Option<EntityUid>,
    /// A resource and what is in it, directly or not; `None` for all.
    pub resources: Option<EntityUid>,
}

/// Who changes a stage or explains what was observed, why and when. It goes into the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageOrder {
    /// Who; not empty, at most [`STAGE_TEXT_BYTES_MAX`] bytes.
    pub by: String,
    /// Why; not empty, at most [`STAGE_TEXT_BYTES_MAX`] bytes.
    pub reason: String,
    /// When.
    pub at: Datetime,
}

/// The scopes of one snapshot.
#[derive(Clone)]
pub(crate) struct Stages {
    // INVARIANT: `scopes` are linked to the schema of the snapshot around it, and not empty.
    scopes: Arc<[Linked]>,
    ledger: Arc<Ledger>,
}

impl Stages {
    /// Lets a clean deny in a scope stand as one that is only reported.
    pub(crate) fn judge(&self, live: &Live, request: &Request, decision: &mut Decision) {
        if decision.is_clean_deny() && self.covering(live, request).next().is_some() {
            decision.observe();
        }
    }

    /// Reports a deny that was only observed, under each scope that it is in.
    pub(crate) fn note(&self, live: &Live, request: &Request, decision: &Decision) {
        if decision.would_deny() {
            for scope in self.covering(live, request) {
                self.ledger.note(scope.name(), request, decision, live.loaded().model());
            }
        }
    }

    fn covering<'s>(
        &'s self,
        live: &'s Live,
        request: &'s Request,
    ) -> impl Iterator<Item = &'s Linked> {
        self.scopes.iter().filter(|scope| scope.covers(live, request))
    }
}

/// What the writers of one engine know of stages.
pub(crate) struct StageBook {
    // INVARIANT: `linked` are all of `scopes`, linked to the live schema; `None` if there are none.
    scopes: BTreeMap<String, ObserveScope>,
    safety: Option<Vec<EntityUid>>,
    linked: Option<Stages>,
    ledger: Arc<Ledger>,
}

impl StageBook {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            scopes: BTreeMap::new(),
            safety: options.safety_actions.clone(),
            linked: None,
            ledger: Arc::new(Ledger::new(options.limits.would_denies_max)),
        }
    }

    /// The scopes as a snapshot has them.
    pub(crate) fn stages(&self) -> Option<Stages> {
        self.linked.clone()
    }

    /// Fits the scopes to the schema that has gone live. A scope that it has no actions or resources
    /// for ends; all do where it lacks an operation that touches safety.
    pub(crate) fn fit(&mut self, model: &Model, generation: Generation) {
        if self.scopes.is_empty() {
            return;
        }
        let safety = self.safety.clone().unwrap_or_default();
        let knows_safety = safety.iter().all(|uid| scope::has_action(model, uid));
        let mut ended = Vec::new();
        self.scopes.retain(|name, scope| {
            let stays = knows_safety && Linked::new(scope, &safety, model).is_ok();
            if !stays {
                ended.push(name.clone());
            }
            stays
        });
        for name in ended {
            self.ledger.end(&name, generation);
        }
        self.link(model);
    }

    fn link(&mut self, model: &Model) {
        let safety = self.safety.clone().unwrap_or_default();
        let linked = self.scopes.values().filter_map(|scope| {
            let linked = Linked::new(scope, &safety, model);
            debug_assert!(linked.is_ok(), "scopes fit the live schema");
            linked.ok()
        });
        let linked: Arc<[Linked]> = linked.collect();
        self.linked = (!linked.is_empty())
            .then(|| Stages { scopes: linked, ledger: Arc::clone(&self.ledger) });
    }

    fn observe(
        &mut self,
        scope: ObserveScope,
        order: StageOrder,
        (model, generation): (&Model, Generation),
    ) -> Result<(), ObserveError> {
        check_text("name", &scope.name)
            .and_then(|()| check_order(&order))
            .map_err(|(what, bytes)| ObserveError::Text { what, bytes })?;
        let safety = self.safety.as_deref().ok_or(ObserveError::SafetyUndeclared)?;
        if let Some(unknown) = safety.iter().find(|uid| !scope::has_action(model, uid)) {
            return Err(ObserveError::UnknownAction { action: unknown.clone() });
        }
        Linked::new(&scope, safety, model)?;
        if self.scopes.contains_key(&scope.name) {
            return Err(ObserveError::AlreadyObserved { scope: scope.name });
        }
        if self.scopes.len() >= OBSERVED_SCOPES_MAX {
            return Err(ObserveError::TooMany { scopes_max: OBSERVED_SCOPES_MAX });
        }
        self.ledger.record(&scope.name, StageChange::Observed, Some(order), generation);
        self.scopes.insert(scope.name.clone(), scope);
        self.link(model);
        Ok(())
    }

    fn enforce(
        &mut self,
        (name, force): (&str, bool),
        order: StageOrder,
        (model, generation): (&Model, Generation),
    ) -> Result<(), EnforceError> {
        check_order(&order).map_err(|(what, bytes)| EnforceError::Text { what, bytes })?;
        if !self.scopes.contains_key(name) {
            return Err(EnforceError::NotObserved { scope: name.to_owned() });
        }
        let unexplained = self.ledger.unexplained(name);
        let change = match (unexplained, force) {
            (0, _) => StageChange::Enforced,
            (unexplained, true) => StageChange::Forced { unexplained },
            (unexplained, false) => StageChange::Refused { unexplained },
        };
        self.ledger.record(name, change, Some(order), generation);
        if let StageChange::Refused { unexplained } = change {
            return Err(EnforceError::Unexplained { scope: name.to_owned(), unexplained });
        }
        self.scopes.remove(name);
        self.ledger.forget(name);
        self.link(model);
        Ok(())
    }
}

fn check_order(order: &StageOrder) -> Result<(), (&'static str, usize)> {
    check_text("by", &order.by).and_then(|()| check_text("reason", &order.reason))
}

fn check_text(what: &'static str, text: &str) -> Result<(), (&'static str, usize)> {
    let bytes = text.len();
    if (1..=STAGE_TEXT_BYTES_MAX).contains(&bytes) { Ok(()) } else { Err((what, bytes)) }
}

impl Engine {
    /// Observes the operations of `scope`, from the next decision on: where the policies deny one,
    /// without an error, the decision is reported ([`Engine::would_denies`]) and allowed, and says
    /// so ([`Decision::would_deny`](crate::Decision::would_deny)). Everything else is decided as
    /// always: failures, decisions in which a policy erred, an obligation that the PEP does not
    /// honour, and all operations that [`Options::safety_actions`](crate::Options::safety_actions)
    /// names or that are in a group that it names.
    ///
    /// A publication under another schema ends the scopes that it has no action or resource type
    /// for, and all scopes if it lacks an operation that touches safety: what ends is enforced. While
    /// anything is observed, each deny is looked at once more, and one that is only reported takes a
    /// lock and allocations.
    ///
    /// # Errors
    ///
    /// [`ObserveError`]; nothing has changed.
    pub fn observe(&self, scope: ObserveScope, order: StageOrder) -> Result<(), ObserveError> {
        let mut writer = self.writer();
        let (model, generation) = writer.published().ok_or(ObserveError::NothingPublished)?;
        writer.stages_mut().observe(scope, order, (&model, generation))?;
        writer.changed(Change::All);
        self.go_live(&mut writer);
        Ok(())
    }

    /// Enforces what was observed in the scope of this name, from the next decision on. While
    /// would-denies of it are not explained, that is refused unless `force` is set. All three are
    /// recorded ([`Engine::stage_records`]).
    ///
    /// # Errors
    ///
    /// [`EnforceError`]; decisions are made as before.
    pub fn enforce(&self, scope: &str, order: StageOrder, force: bool) -> Result<(), EnforceError> {
        let mut writer = self.writer();
        let unknown = || EnforceError::NotObserved { scope: scope.to_owned() };
        let (model, generation) = writer.published().ok_or_else(unknown)?;
        writer.stages_mut().enforce((scope, force), order, (&model, generation))?;
        writer.changed(Change::All);
        self.go_live(&mut writer);
        Ok(())
    }

    /// What is observed now, by name.
    pub fn observed_scopes(&self) -> Vec<ObserveScope> {
        self.writer().stages_mut().scopes.values().cloned().collect()
    }

    /// Denies that were only reported in the scopes that are observed, oldest first. Of one
    /// principal, action, resource, reason and determining policies the first is kept and the others
    /// counted; what finds no room ([`Limits::would_denies_max`](crate::Limits::would_denies_max))
    /// is in [`Engine::would_denies_dropped`].
    pub fn would_denies(&self) -> Vec<WouldDeny> {
        let ledger = Arc::clone(&self.writer().stages_mut().ledger);
        ledger.would_denies()
    }

    /// Denies of a scope that were only reported and for which there was no room. They count as
    /// unexplained.
    pub fn would_denies_dropped(&self, scope: &str) -> u64 {
        let ledger = Arc::clone(&self.writer().stages_mut().ledger);
        ledger.dropped(scope)
    }

    /// Notes why a would-deny is as it should be: the deny is wanted, or what it denies will not
    /// come again. More of the same stay explained. It is recorded.
    ///
    /// # Errors
    ///
    /// [`WouldDenyError`]; nothing has changed.
    pub fn explain_would_deny(&self, id: u64, order: StageOrder) -> Result<(), WouldDenyError> {
        check_order(&order).map_err(|(what, bytes)| WouldDenyError::Text { what, bytes })?;
        let mut writer = self.writer();
        let generation = writer.published().map_or(Generation::NONE, |(_, generation)| generation);
        writer.stages_mut().ledger.explain(id, order, generation)
    }

    /// What was done to stages, oldest first: the last
    /// [`STAGE_RECORDS_MAX`](crate::STAGE_RECORDS_MAX).
    pub fn stage_records(&self) -> Vec<StageRecord> {
        let ledger = Arc::clone(&self.writer().stages_mut().ledger);
        ledger.records()
    }
}
