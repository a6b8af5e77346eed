//! The engine: publishes bundles and facts, and decides with the newest of both.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};

use arc_swap::ArcSwap;
use trapkey_abi::{EntityUid, Value};
use trapkey_bundle::Contents;

use crate::changes::Change;
use crate::clock::{ClockError, ClockState, TimeBounds};
use crate::grants::GrantStore;
use crate::loaded::Loaded;
use crate::publication::{FactsError, PublishError, RollbackError, Writer};
use crate::snapshot::Snapshot;
use crate::{
    AmendError, Decider, Decision, Entities, EntitiesError, Entity, EntityStore, Generation,
    GrantError, Limits, Model, Options, Publication, Request, RequestError, RuntimeError,
};

/// The snapshot that an engine published last.
#[derive(Clone)]
pub(crate) struct Published(Arc<Shared>);

impl Published {
    pub(crate) fn snapshot(&self) -> &ArcSwap<Snapshot> {
        &self.0.snapshot
    }
}

/// The way from a guard back to its engine, which it does not keep alive.
pub(crate) struct Origin(Weak<Shared>);

impl Origin {
    /// Rolls the publication back, if it is still watched and no writer is at work.
    #[cold]
    pub(crate) fn roll_back(&self, from: Generation) {
        let Some(shared) = self.0.upgrade() else { return };
        let mut writer = match shared.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // The next decision tries again.
            Err(TryLockError::WouldBlock) => return,
        };
        if writer.roll_back_guarded(from) {
            shared.snapshot.store(Arc::new(writer.snapshot()));
        }
    }
}

/// Decides requests, while bundles and facts are published. Clones are the same engine.
///
/// Any thread may call anything at any time. Decisions never wait; writers wait for each other,
/// but compile and try modules before they do.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    // INVARIANT: `snapshot` is the last that `writer` built, stored under its lock.
    runtime: wasmtime::Engine,
    options: Arc<Options>,
    modules_alive: Arc<AtomicUsize>,
    snapshot: ArcSwap<Snapshot>,
    writer: Mutex<Writer>,
}

impl Engine {
    /// An engine without a publication: it denies everything.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the Wasm runtime does not support this machine or these limits.
    pub fn new(limits: Limits) -> Result<Self, RuntimeError> {
        Self::with_options(Options { limits, ..Options::default() })
    }

    /// An engine that runs modules in a particular way.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn with_options(options: Options) -> Result<Self, RuntimeError> {
        let runtime = crate::runtime::start(&options)?;
        let shared = Shared {
            runtime,
            modules_alive: Arc::new(AtomicUsize::new(0)),
            snapshot: ArcSwap::from_pointee(Snapshot::EMPTY),
            writer: Mutex::new(Writer::new(&options)),
            options: Arc::new(options),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Decides `request`. Whatever fails, the decision is a deny that says so.
    ///
    /// Each call makes a new [`Decision`], which counts a reference to the policies'
    /// descriptions; a thread that decides often saves that with [`Engine::decide_into`].
    pub fn decide(&self, request: &Request) -> Decision {
        let mut decision = Decision::new();
        self.decide_into(request, &mut decision);
        decision
    }

    /// Decides `request` into a decision whose buffers are reused.
    ///
    /// Between two publications this allocates nothing and writes to nothing that threads share,
    /// once `decision` has held as many entries as it will.
    pub fn decide_into(&self, request: &Request, decision: &mut Decision) {
        // `load`, not `load_full`: cloning the `Arc` would write to a counter that threads share.
        self.shared.snapshot.load().decide_pooled(request, decision);
    }

    /// Takes room in `decision` for each policy that is published now: until the next publication nothing
    /// that is decided into it allocates, without grants, however many policies it rests on.
    pub fn reserve(&self, decision: &mut Decision) {
        let snapshot = self.shared.snapshot.load();
        if let Some(live) = &snapshot.live {
            decision.reserve(live.loaded().contents().policies().len());
        }
    }

    /// Decides many requests by one snapshot, with few calls of the module. `decisions` then holds
    /// one for each request, in order; its buffers are reused.
    ///
    /// A request that fails, for whatever reason, fails alone: its decision is a deny that says so.
    /// The instruction budget is that of all decisions together.
    pub fn decide_batch<R: Borrow<Request>>(&self, requests: &[R], decisions: &mut Vec<Decision>) {
        self.shared
            .snapshot
            .load()
            .decide_batch(requests, decisions, |loaded, batch| loaded.decide_batch(batch));
    }

    /// A decider of this engine, for a thread that decides often.
    pub fn decider(&self) -> Decider {
        Decider::new(Published(Arc::clone(&self.shared)))
    }

    /// Reads a request from Cedar's JSON and decides it by one snapshot.
    ///
    /// # Errors
    ///
    /// [`RequestError`] if the text is not a request that conforms to the published schema; the
    /// PEP must refuse then.
    pub fn decide_json(&self, text: &str) -> Result<Decision, RequestError> {
        let snapshot = self.shared.snapshot.load();
        let mut decision = Decision::new();
        if let Some(live) = &snapshot.live {
            let request = Request::from_json(live.loaded().model(), text)?;
            snapshot.decide_pooled(&request, &mut decision);
        }
        Ok(decision)
    }

    /// Makes the module of `bundle` live with the newest facts.
    ///
    /// The module is checked, compiled (or loaded, if `bundle` is [`Precompiled`](crate::Precompiled)) and tried before
    /// other writers have to wait. A bundle that is live or kept for rollbacks is not compiled again. If its schema is another one, all
    /// entities must conform to that too, and requests made for the old one are stale.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; what was live before still is.
    pub fn publish<'a>(
        &self,
        bundle: impl Into<Publication<'a>>,
    ) -> Result<Generation, PublishError> {
        let loaded = self.load(bundle.into())?;
        let mut writer = self.writer();
        writer.publish(loaded).map_err(PublishError::Entities)?;
        Ok(self.go_live(&mut writer))
    }

    /// Makes the module of `bundle` live with these entities in place of all others, those
    /// included that arrive while this publishes.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; what was live before still is.
    pub fn publish_with<'a>(
        &self,
        bundle: impl Into<Publication<'a>>,
        entities: Vec<Entity>,
    ) -> Result<Generation, PublishError> {
        self.publish_store(bundle.into(), |model| EntityStore::from_entities(model, entities))
    }

    /// As [`Engine::publish_with`], with entities in Cedar's JSON.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; what was live before still is.
    pub fn publish_with_json<'a>(
        &self,
        bundle: impl Into<Publication<'a>>,
        entities: &str,
    ) -> Result<Generation, PublishError> {
        self.publish_store(bundle.into(), |model| EntityStore::from_json(model, entities))
    }

    /// Makes the module of the publication before the live one live again, with the newest facts:
    /// what was revoked since stays revoked.
    ///
    /// This is itself a publication, with a generation of its own; the module that was live is
    /// forgotten, so rolling back again goes further back. Across a change of the schema all
    /// entities must conform to the earlier one.
    ///
    /// # Errors
    ///
    /// [`RollbackError`]; what was live before still is.
    pub fn rollback(&self) -> Result<Generation, RollbackError> {
        let mut writer = self.writer();
        writer.rollback()?;
        Ok(self.go_live(&mut writer))
    }

    /// Adds an entity, or replaces all that was known of it.
    ///
    /// # Errors
    ///
    /// [`FactsError`]; the facts are as before.
    pub fn upsert(&self, entity: Entity) -> Result<(), FactsError> {
        self.change(|store| store.upsert(entity))
    }

    /// Adds or replaces entities from Cedar's JSON: one object, or an array.
    ///
    /// # Errors
    ///
    /// [`FactsError`]; the facts are as before.
    pub fn upsert_json(&self, text: &str) -> Result<(), FactsError> {
        self.change(|store| store.upsert_json(text))
    }

    /// Gives attributes of stored entities other values, all or none; of one attribute the last
    /// counts. What else is known of the entities stays.
    ///
    /// # Errors
    ///
    /// [`AmendError::UnknownEntity`], [`AmendError::Facts`]; the facts are as before.
    pub fn amend(&self, values: &[(&EntityUid, &str, &Value)]) -> Result<(), AmendError> {
        let mut writer = self.writer();
        let amended = writer.change(|store| {
            let entities = store.snapshot();
            let mut amended = BTreeMap::new();
            for (uid, attribute, value) in values {
                let Some(stored) = entities.get(uid) else {
                    return Ok(Err(AmendError::UnknownEntity { entity: (*uid).clone() }));
                };
                let entity = amended.entry(uid).or_insert_with(|| stored.to_entity());
                entity.attributes.insert((*attribute).to_owned(), (*value).clone());
            }
            store.upsert_all(amended.into_values()).map(Ok)
        });
        amended.map_err(AmendError::Facts)??;
        self.go_live(&mut writer);
        Ok(())
    }

    /// Removes an entity; whether it was there.
    ///
    /// # Errors
    ///
    /// [`FactsError`]; the facts are as before.
    pub fn remove(&self, uid: &EntityUid) -> Result<bool, FactsError> {
        self.change(|store| store.remove(uid))
    }

    /// Puts these entities in place of all others, those included that arrive meanwhile.
    ///
    /// # Errors
    ///
    /// [`FactsError`]; the facts are as before.
    pub fn replace_entities(&self, entities: Vec<Entity>) -> Result<(), FactsError> {
        self.replace(|model| EntityStore::from_entities(model, entities))
    }

    /// As [`Engine::replace_entities`], with entities in Cedar's JSON.
    ///
    /// # Errors
    ///
    /// [`FactsError`]; the facts are as before.
    pub fn replace_entities_json(&self, text: &str) -> Result<(), FactsError> {
        self.replace(|model| EntityStore::from_json(model, text))
    }

    /// The newest publication; [`Generation::NONE`] before the first.
    pub fn generation(&self) -> Generation {
        self.shared.snapshot.load().generation
    }

    /// What the published bundle holds beside its module.
    pub fn contents(&self) -> Option<Arc<Contents>> {
        let snapshot = self.shared.snapshot.load();
        snapshot.live.as_ref().map(|live| Arc::clone(live.loaded().contents()))
    }

    /// The published schema and its layout: what requests are built with.
    pub fn model(&self) -> Option<Arc<Model>> {
        let snapshot = self.shared.snapshot.load();
        snapshot.live.as_ref().map(|live| Arc::clone(live.loaded().model()))
    }

    /// The newest facts.
    pub fn entities(&self) -> Option<Entities> {
        let snapshot = self.shared.snapshot.load();
        snapshot.live.as_ref().map(|live| live.entities().clone())
    }

    /// Compiled modules in memory: the live one, those kept for rollbacks, and those that
    /// decisions still use.
    pub fn modules_alive(&self) -> usize {
        self.shared.modules_alive.load(Ordering::Relaxed)
    }

    /// What compiles modules.
    pub(crate) fn runtime(&self) -> &wasmtime::Engine {
        &self.shared.runtime
    }

    /// The newest snapshot.
    pub(crate) fn snapshot(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.shared.snapshot.load()
    }

    /// The newest snapshot, and the changes after the one of this number; `None` in their place if
    /// they are no longer known.
    pub(crate) fn news(&self, number: u64) -> (Arc<Snapshot>, Option<Vec<(u64, Change)>>) {
        // Snapshots are stored under this lock, so the changes are all that led to this one.
        let writer = self.writer();
        let changes = writer.changes_after(number).map(Iterator::collect);
        (self.shared.snapshot.load_full(), changes)
    }

    /// The loaded module of a bundle: one that is kept, or else a new one.
    pub(crate) fn load(&self, publication: Publication<'_>) -> Result<Arc<Loaded>, PublishError> {
        let bundle = publication.bundle();
        // Two statements: the lock must not last while the module is compiled.
        let kept = self.writer().find(bundle.digest());
        if let Some(loaded) = kept {
            return Ok(loaded);
        }
        let model = match self.model() {
            Some(model) if model.schema() == bundle.schema() => model,
            Some(_) | None => Arc::new(Model::new(bundle.schema().clone())),
        };
        let Shared { runtime, options, modules_alive, .. } = &*self.shared;
        Ok(Arc::new(Loaded::new(publication, model, runtime, (options, modules_alive))?))
    }

    fn publish_store(
        &self,
        publication: Publication<'_>,
        build: impl FnOnce(Arc<Model>) -> Result<EntityStore, EntitiesError>,
    ) -> Result<Generation, PublishError> {
        let loaded = self.load(publication)?;
        let store = build(Arc::clone(loaded.model())).map_err(PublishError::Entities)?;
        let mut writer = self.writer();
        writer.publish_with(loaded, store);
        Ok(self.go_live(&mut writer))
    }

    fn replace(
        &self,
        build: impl FnOnce(Arc<Model>) -> Result<EntityStore, EntitiesError>,
    ) -> Result<(), FactsError> {
        let model = self.model().ok_or(FactsError::NothingPublished)?;
        let replacement = build(model).map_err(FactsError::Entities)?;
        self.change(|store| {
            // Another schema may have been published while the replacement was built.
            let newest = store.snapshot();
            let brought = replacement.snapshot();
            *store = if brought.model().schema() == newest.model().schema() {
                replacement
            } else {
                replacement.revalidate(Arc::clone(newest.model()))?
            };
            Ok(())
        })
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut EntityStore) -> Result<T, EntitiesError>,
    ) -> Result<T, FactsError> {
        let mut writer = self.writer();
        let changed = writer.change(change)?;
        self.go_live(&mut writer);
        Ok(changed)
    }

    pub(crate) fn change_grants(
        &self,
        change: impl FnOnce(&mut Writer) -> Result<(), GrantError>,
    ) -> Result<(), GrantError> {
        let mut writer = self.writer();
        change(&mut writer)?;
        self.go_live(&mut writer);
        Ok(())
    }

    /// Removes the grants with the ids that `ids` gives; how many there were.
    pub(crate) fn remove_grants(&self, ids: impl FnOnce(&mut GrantStore) -> Vec<String>) -> usize {
        let mut writer = self.writer();
        let ids = ids(writer.grants_mut());
        let removed = writer.remove_grants(&ids);
        if removed > 0 {
            self.go_live(&mut writer);
        }
        removed
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        // A writer's last step cannot fail half-way, so what a panicking one left is whole.
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a reading of the host's clocks; where it is trusted as the one before, module and facts
    /// are those of the snapshot before.
    pub(crate) fn change_clock(
        &self,
        read: impl FnOnce(&mut ClockState) -> Result<TimeBounds, ClockError>,
    ) -> Result<TimeBounds, ClockError> {
        let mut writer = self.writer();
        let now = self.snapshot();
        let clock = writer.read_clock(read)?;
        if now.clock.is_some_and(|before| before.trust == clock.trust) {
            self.shared.snapshot.store(Arc::new(now.at(clock)));
        } else {
            // What holds depends on how far the time is trusted.
            writer.changed(Change::All);
            self.go_live(&mut writer);
        }
        Ok(clock)
    }

    /// The way back to this engine.
    pub(crate) fn origin(&self) -> Origin {
        Origin(Arc::downgrade(&self.shared))
    }

    /// How modules are run.
    pub(crate) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// The one store that decisions see.
    pub(crate) fn go_live(&self, writer: &mut MutexGuard<'_, Writer>) -> Generation {
        let snapshot = writer.snapshot();
        let generation = snapshot.generation;
        self.shared.snapshot.store(Arc::new(snapshot));
        generation
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("generation", &self.generation())
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
