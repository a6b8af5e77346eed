//! The writers' side: which module is live, which came before it, and the newest facts.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use trapkey_abi::{EntityUid, Handle, Schema};
use trapkey_bundle::Digest;

use crate::changes::{Change, Changes};
use crate::clock::{ClockError, ClockState, TimeBounds};
use crate::engine::Origin;
use crate::grants::GrantStore;
use crate::guard::GuardBook;
use crate::loaded::Loaded;
use crate::precompiled::PrecompiledError;
use crate::runtime::RuntimeError;
use crate::shadow::{Record, Shadow, ShadowState, Shadowing};
use crate::snapshot::{Live, Snapshot};
use crate::stages::StageBook;
use crate::structure::StructureError;
use crate::watchers::Watchers;
use crate::{
    DecideError, EntitiesError, EntityStore, Generation, Grant, GrantError, Guard, GuardError,
    Model, Options, PromoteError, ShadowError,
};

/// Why a bundle was not published; what was live before still is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The module's structure breaks the contract.
    #[error("the module's structure breaks the contract")]
    Structure(#[source] StructureError),
    /// Deciding an action may take more than [`Limits::fuel`](crate::Limits::fuel).
    #[error(
        "a decision on `{action}` may take {instructions_max} instructions, the limit `fuel` is {fuel}"
    )]
    WorstCase {
        /// The action.
        action: EntityUid,
        /// What the module states of it.
        instructions_max: u64,
        /// The engine's budget.
        fuel: NonZeroU64,
    },
    /// The bundle came without a precompiled module, and the engine does not compile: see
    /// [`Options::compiler`].
    #[error("the bundle came without a precompiled module, and this engine has no compiler")]
    NoCompiler,
    /// The precompiled module is for another engine.
    #[error("the precompiled module is refused")]
    Precompiled(#[source] PrecompiledError),
    /// The Wasm runtime cannot compile, load or instantiate the module.
    #[error("the Wasm runtime refuses the module")]
    Runtime(#[source] RuntimeError),
    /// The module fails to decide a request without facts.
    #[error("the module fails in request environment {environment}")]
    Trial {
        /// Number of the environment.
        environment: u32,
        /// How it failed.
        source: DecideError,
    },
    /// The entities, stored or brought along, do not conform to the bundle's schema.
    #[error("the entities do not fit the bundle")]
    Entities(#[source] EntitiesError),
}

/// Why there was no rollback; what was live before still is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RollbackError {
    /// There is no earlier publication, or it is no longer kept.
    #[error("no earlier publication is kept")]
    NoHistory,
    /// The stored entities do not conform to the earlier bundle's schema.
    #[error("the entities do not fit the earlier bundle")]
    Entities(#[source] EntitiesError),
}

/// Why facts were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactsError {
    /// No bundle has been published, so there is no schema to check facts against.
    #[error("nothing is published")]
    NothingPublished,
    /// The facts were refused.
    #[error("the entities were refused")]
    Entities(#[source] EntitiesError),
}

/// Changes that are kept for those who depend on them.
const CHANGES_MAX: usize = 65_536;

/// Entities or grants that one change names one by one; of more it only says that all may have changed.
const ENTITY_CHANGES_MAX: usize = CHANGES_MAX / 4;

/// What the writers of one engine change, one at a time.
pub(crate) struct Writer {
    // INVARIANT: `current` is there if `generation` is not `NONE`, and then `store` has its schema.
    generation: Generation,
    current: Option<Current>,
    /// Modules of earlier publications, oldest first; no longer than `history_max`.
    history: VecDeque<Arc<Loaded>>,
    history_max: usize,
    /// Number of the last snapshot.
    snapshots: u64,
    /// Number of the last snapshot that brought more than other entities.
    rules: u64,
    changes: Changes,
    grants: GrantStore,
    clocks: ClockState,
    /// What `clocks` made of the last reading.
    clock: Option<TimeBounds>,
    jump_max: Duration,
    shadow: Option<Arc<Shadow>>,
    /// What the last shadow found, and what became of it.
    shadow_record: Option<(Arc<Record>, ShadowState)>,
    stages: StageBook,
    guard: GuardBook,
}

/// The live module and the newest facts.
struct Current {
    loaded: Arc<Loaded>,
    store: EntityStore,
}

impl Writer {
    pub(crate) fn new(options: &Options) -> Self {
        let limits = &options.limits;
        Self {
            generation: Generation::NONE,
            current: None,
            history: VecDeque::new(),
            history_max: limits.history_max,
            snapshots: 0,
            rules: 0,
            changes: Changes::new(CHANGES_MAX),
            grants: GrantStore::new(limits),
            clocks: ClockState::default(),
            clock: None,
            jump_max: options.clock_jump_max,
            shadow: None,
            shadow_record: None,
            stages: StageBook::new(options),
            guard: GuardBook::default(),
        }
    }

    /// Notes what the next snapshot brings.
    pub(crate) fn changed(&mut self, change: Change) {
        let next = self.snapshots.saturating_add(1);
        match change {
            Change::Entity(_) => {}
            Change::Published | Change::Grant { .. } | Change::All => self.rules = next,
        }
        self.changes.push(next, change);
    }

    /// The changes after the snapshot `number`, each with the number of the snapshot that brought
    /// it; `None` if they are no longer known.
    pub(crate) fn changes_after(&self, number: u64) -> Option<impl Iterator<Item = (u64, Change)>> {
        self.changes.after(number)
    }

    /// Lets `change` change the entities, and notes which rows are others then.
    pub(crate) fn change<T>(
        &mut self,
        change: impl FnOnce(&mut EntityStore) -> Result<T, EntitiesError>,
    ) -> Result<T, FactsError> {
        let current = self.current.as_mut().ok_or(FactsError::NothingPublished)?;
        let before = current.store.snapshot();
        let result = change(&mut current.store).map_err(FactsError::Entities)?;
        let after = current.store.snapshot();
        let handles: Vec<Handle> =
            after.difference(&before).take(ENTITY_CHANGES_MAX.saturating_add(1)).collect();
        if handles.len() > ENTITY_CHANGES_MAX {
            self.changed(Change::All);
        } else {
            for handle in handles {
                self.changed(Change::Entity(handle));
            }
        }
        Ok(result)
    }

    /// A module that is live or kept, by its bundle's digest.
    pub(crate) fn find(&self, digest: Digest) -> Option<Arc<Loaded>> {
        let current = self.current.as_ref().map(|current| &current.loaded);
        let shadow = self.shadow.as_ref().map(|shadow| shadow.loaded());
        let mut kept = current.into_iter().chain(&self.history).chain(shadow);
        kept.find(|loaded| loaded.contents().digest() == digest).map(Arc::clone)
    }

    /// Makes `loaded` live with the newest facts.
    pub(crate) fn publish(&mut self, loaded: Arc<Loaded>) -> Result<(), EntitiesError> {
        let before = self.install(loaded)?;
        self.keep(before);
        Ok(())
    }

    /// Makes `loaded` live with `store`, which has its schema.
    pub(crate) fn publish_with(&mut self, loaded: Arc<Loaded>, store: EntityStore) {
        let before = self.current.replace(Current { loaded, store });
        self.generation = self.generation.next();
        self.changed(Change::Published);
        self.changed(Change::All);
        self.keep(before.map(|current| current.loaded));
        self.check_watchers();
    }

    /// Makes the module of the previous publication live with the newest facts.
    pub(crate) fn rollback(&mut self) -> Result<(), RollbackError> {
        let loaded = self.history.back().ok_or(RollbackError::NoHistory)?;
        self.install(Arc::clone(loaded)).map_err(RollbackError::Entities)?;
        self.history.pop_back();
        Ok(())
    }

    /// The grants to be changed.
    pub(crate) fn grants_mut(&mut self) -> &mut GrantStore {
        &mut self.grants
    }

    /// Adds a grant, if the live module and the newest facts admit it.
    pub(crate) fn grant(&mut self, grant: Grant) -> Result<(), GrantError> {
        let current = self.current.as_ref().ok_or(GrantError::NothingPublished)?;
        let added = self.grants.add(grant, &current.loaded, &current.store.snapshot())?;
        self.changed(added.change());
        Ok(())
    }

    /// Removes the grants with these ids; how many there were.
    pub(crate) fn remove_grants(&mut self, ids: &[String]) -> usize {
        let removed = self.grants.remove(ids);
        if removed.len() > ENTITY_CHANGES_MAX {
            self.changed(Change::All);
        } else {
            for stored in &removed {
                self.changed(stored.change());
            }
        }
        removed.len()
    }

    /// The state that decisions are to see.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        self.snapshots = self.snapshots.saturating_add(1);
        let live = self
            .current
            .as_ref()
            .map(|current| (Arc::clone(&current.loaded), current.store.snapshot()))
            .map(|(loaded, entities)| Live::new(loaded, entities, self.grants.snapshot()));
        let Self { generation, rules, clock, jump_max, .. } = *self;
        let mut snapshot = Snapshot {
            generation,
            live,
            number: self.snapshots,
            rules,
            clock,
            jump_max,
            watchers: None,
        };
        let shadow = self.shadow.as_ref().and_then(|shadow| Shadowing::beside(&snapshot, shadow));
        snapshot.watchers = Watchers::new(self.stages.stages(), shadow, self.guard.watch());
        snapshot
    }

    /// Takes a reading of the host's clocks.
    pub(crate) fn read_clock(
        &mut self,
        read: impl FnOnce(&mut ClockState) -> Result<TimeBounds, ClockError>,
    ) -> Result<TimeBounds, ClockError> {
        let mut state = self.clocks;
        let clock = read(&mut state)?;
        (self.clocks, self.clock) = (state, Some(clock));
        Ok(clock)
    }

    /// Makes `loaded` live with the newest facts; gives the module before it.
    fn install(&mut self, loaded: Arc<Loaded>) -> Result<Option<Arc<Loaded>>, EntitiesError> {
        let model = loaded.model();
        let before = match &mut self.current {
            None => {
                let store = EntityStore::new(Arc::clone(model))?;
                self.current = Some(Current { loaded, store });
                None
            }
            Some(current) => {
                if current.loaded.model().schema() != model.schema() {
                    current.store = current.store.revalidate(Arc::clone(model))?;
                }
                Some(std::mem::replace(&mut current.loaded, loaded))
            }
        };
        self.generation = self.generation.next();
        self.changed(Change::Published);
        self.check_watchers();
        Ok(before)
    }

    fn keep(&mut self, before: Option<Arc<Loaded>>) {
        self.history.extend(before);
        while self.history.len() > self.history_max {
            self.history.pop_front();
        }
    }
}

/// Shadows: a candidate has the schema of what is live, or is none.
impl Writer {
    /// Refuses a candidate that cannot decide beside what is live.
    pub(crate) fn admits_shadow(
        &self,
        candidate: Digest,
        schema: &Schema,
    ) -> Result<(), ShadowError> {
        let current = self.current.as_ref().ok_or(ShadowError::NothingPublished)?;
        if let Some(shadow) = &self.shadow {
            let running = shadow.loaded().contents().digest();
            return Err(ShadowError::Running { running, candidate });
        }
        if current.loaded.model().schema() != schema {
            let active = current.loaded.contents().digest();
            return Err(ShadowError::OtherSchema { active, candidate });
        }
        Ok(())
    }

    /// Lets a candidate that is admitted decide from the next snapshot on.
    pub(crate) fn start_shadow(&mut self, shadow: Shadow) {
        self.shadow_record = Some((Arc::clone(shadow.record()), ShadowState::Running));
        self.shadow = Some(Arc::new(shadow));
    }

    /// Ends the shadow; whether there was one.
    pub(crate) fn end_shadow(&mut self, end: ShadowState) -> bool {
        let is_running = self.shadow.take().is_some();
        if let Some((_, state)) = &mut self.shadow_record
            && is_running
        {
            *state = end;
        }
        is_running
    }

    /// Makes the candidate live with the newest facts, which have its schema.
    pub(crate) fn promote_shadow(
        &mut self,
        guard: Option<(Guard, Origin)>,
    ) -> Result<(), PromoteError> {
        let shadow = self.shadow.as_ref().ok_or(PromoteError::NoShadow)?;
        let current = self.current.as_mut().ok_or(PromoteError::NoShadow)?;
        if let Some((guard, _)) = &guard {
            let no_history = (self.history_max == 0).then_some(GuardError::NoHistory);
            no_history.map_or_else(|| guard.check(), Err).map_err(PromoteError::Guard)?;
        }
        let loaded = Arc::clone(shadow.loaded());
        let before = std::mem::replace(&mut current.loaded, loaded);
        self.generation = self.generation.next();
        self.changed(Change::Published);
        self.end_shadow(ShadowState::Promoted(self.generation));
        self.check_watchers();
        self.keep(Some(before));
        match guard {
            None => Ok(()),
            Some((guard, origin)) => self.start_guard(guard, origin).map_err(PromoteError::Guard),
        }
    }

    /// What the last shadow found, and what became of it.
    pub(crate) fn shadow_record(&self) -> Option<(&Arc<Record>, ShadowState)> {
        self.shadow_record.as_ref().map(|(record, state)| (record, *state))
    }

    /// Ends what cannot look on at what has gone live: a shadow of another schema, scopes that it does
    /// not know, a guard of another publication.
    fn check_watchers(&mut self) {
        self.guard.end();
        let Some(current) = &self.current else { return };
        let model = Arc::clone(current.loaded.model());
        self.stages.fit(&model, self.generation);
        let is_other = |shadow: &Arc<Shadow>| shadow.loaded().model().schema() != model.schema();
        if self.shadow.as_ref().is_some_and(is_other) {
            self.end_shadow(ShadowState::OtherSchema(self.generation));
        }
    }
}

/// Stages and guards.
impl Writer {
    /// The live schema and the newest publication.
    pub(crate) fn published(&self) -> Option<(Arc<Model>, Generation)> {
        let current = self.current.as_ref()?;
        Some((Arc::clone(current.loaded.model()), self.generation))
    }

    /// The scopes that are observed.
    pub(crate) fn stages_mut(&mut self) -> &mut StageBook {
        &mut self.stages
    }

    /// The guard of the live publication.
    pub(crate) fn guard_mut(&mut self) -> &mut GuardBook {
        &mut self.guard
    }

    /// Lets a guard watch the live publication.
    pub(crate) fn start_guard(&mut self, guard: Guard, origin: Origin) -> Result<(), GuardError> {
        let (Some(current), Some(before)) = (&self.current, self.history.back()) else {
            return Err(GuardError::NoHistory);
        };
        if before.model().schema() != current.loaded.model().schema() {
            return Err(GuardError::OtherSchema);
        }
        self.guard.start(guard, self.generation, origin)
    }

    /// Rolls back the publication `from` for its guard; whether it was still watched.
    pub(crate) fn roll_back_guarded(&mut self, from: Generation) -> bool {
        let Some(watch) = self.guard.watch().filter(|watch| watch.generation() == from) else {
            return false;
        };
        // Both have one schema, so this cannot fail; if it did, the guard would try again.
        if self.rollback().is_err() {
            return false;
        }
        self.guard.rolled_back(from, self.generation, watch.counts());
        true
    }
}
