//! The writers' side: which module is live, which came before it, and the newest facts.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use trapkey_abi::{EntityUid, Handle};
use trapkey_bundle::Digest;

use crate::changes::{Change, Changes};
use crate::clock::{ClockError, ClockState, TimeBounds};
use crate::grants::GrantStore;
use crate::loaded::Loaded;
use crate::runtime::RuntimeError;
use crate::snapshot::{Live, Snapshot};
use crate::structure::StructureError;
use crate::{DecideError, EntitiesError, EntityStore, Generation, Grant, GrantError, Options};

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
    /// The Wasm runtime cannot compile or instantiate the module.
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
        let mut kept = current.into_iter().chain(&self.history);
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
        Snapshot { generation, live, number: self.snapshots, rules, clock, jump_max }
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
        Ok(before)
    }

    fn keep(&mut self, before: Option<Arc<Loaded>>) {
        self.history.extend(before);
        while self.history.len() > self.history_max {
            self.history.pop_front();
        }
    }
}
