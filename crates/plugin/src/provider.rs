//! Providers of facts: refreshed ahead of decisions, checked as a whole, applied as a whole, and as old as they are.

mod error;
mod filler;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use trapkey::{AmendError, Datetime, Duration, Engine, EntityUid, FactsError, Model, Value};

use crate::bindings::provider::ContextProviderPre;
use crate::bindings::provider::exports::trapkey::plugin::provider::{EntityFact, Facts};
use crate::plugin::Plugin;
use crate::state::State;
use crate::text::line;
use crate::{CallError, FAILURE_BYTES_MAX, Health, Limits, Manifest};

pub use error::RefreshError;
pub use filler::Filler;

/// The age of facts that never came: about 146 million years, so that no policy finds it small, and so that time
/// that passes can be added to it.
pub const AGE_UNKNOWN: Duration = Duration(i64::MAX / 2);

/// How far the clock of a request may be behind that of a refresh, which counts as no age at all; milliseconds. Farther
/// behind, the clock went back, and how old the facts are is not known.
const SKEW_MS_MAX: i64 = 10_000;

/// How often facts are applied again, because entities went away between.
const TRIES_MAX: u32 = 4;

/// A plugin that provides facts.
///
/// It is called by [`Provider::refresh`] alone, so by whoever may wait, and never within a decision. Facts of entities go
/// into the engine, all or none; values of contexts stay here, for [`Provider::filler`]. A refresh that fails
/// changes nothing: the facts stay, and grow old.
pub struct Provider {
    plugin: Plugin<ContextProviderPre<State>>,
    known: Shared,
}

/// What is known, and put in place of what was known as a whole.
type Shared = Arc<Mutex<Arc<Known>>>;

/// What the last good refresh gave.
#[derive(Debug, Default)]
struct Known {
    when: Option<When>,
    /// Values for contexts by path.
    context: BTreeMap<String, Value>,
}

/// When facts were true, and when they were told.
#[derive(Clone, Copy, Debug)]
struct When {
    as_of: Datetime,
    told: Datetime,
}

/// What a refresh did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// When the facts were true.
    pub as_of: Datetime,
    /// Entities that got attributes.
    pub entities: usize,
    /// Entities that the engine does not hold, and that were passed over.
    pub unknown: Vec<EntityUid>,
    /// Values for contexts.
    pub context: usize,
}

/// What a plugin tells, checked.
struct Read {
    as_of: Datetime,
    attributes: Attributes,
    context: BTreeMap<String, Value>,
}

/// Attributes by entity.
type Attributes = BTreeMap<EntityUid, BTreeMap<String, Value>>;

impl Known {
    /// How old the facts are; never negative, and unknown where time went back.
    fn age(&self, now: Datetime) -> Duration {
        let known = self.when.filter(|when| now.0.saturating_sub(when.told.0) >= -SKEW_MS_MAX);
        let age = |when: When| now.0.saturating_sub(when.as_of.0).clamp(0, AGE_UNKNOWN.0);
        Duration(known.map_or(AGE_UNKNOWN.0, age))
    }

    /// Milliseconds since the facts were told; never negative.
    fn since_told(&self, now: Datetime) -> i64 {
        self.when.map_or(0, |when| now.0.saturating_sub(when.told.0).max(0))
    }
}

fn current(known: &Mutex<Arc<Known>>) -> Arc<Known> {
    Arc::clone(&known.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Provider {
    pub(crate) fn new(mut plugin: Plugin<ContextProviderPre<State>>) -> Self {
        // Of two refreshes at once, the older facts could come last.
        let limits = Limits { calls_max: NonZeroU32::MIN, ..plugin.limits.as_ref().clone() };
        plugin.limits = Arc::new(limits);
        Self { plugin, known: Shared::default() }
    }

    /// Asks the plugin what it knows, and gives it to `engine`: attributes of entities at once, all or none. Attributes
    /// that the plugin does not give stay as they are; values for contexts that it does not give are forgotten.
    ///
    /// Decisions go on meanwhile. Whoever calls waits for the plugin, and for documents that it reads.
    ///
    /// A provider is for one engine. What replaces entities there (a publication with entities, an upsert) replaces
    /// what the provider told of them too, and nobody sees that in the age: call [`Provider::forget`], and refresh again.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]; nothing has changed.
    pub fn refresh(&self, engine: &Engine, now: Datetime) -> Result<Refreshed, RefreshError> {
        self.refresh_unless(engine, now, || false)
    }

    /// As [`Provider::refresh`]; nothing is applied if `is_over` says so when the plugin has answered.
    pub(crate) fn refresh_unless(
        &self,
        engine: &Engine,
        now: Datetime,
        is_over: impl Fn() -> bool,
    ) -> Result<Refreshed, RefreshError> {
        let model = engine.model().ok_or(RefreshError::NothingPublished)?;
        if let Some(last) = self.as_of().filter(|last| now < *last) {
            return Err(RefreshError::ClockWentBack { now, last });
        }
        self.plugin.call(
            now,
            0,
            |pre, store| {
                let plugin = pre.instantiate(&mut *store)?;
                plugin.trapkey_plugin_provider().call_refresh(&mut *store, now.0)
            },
            |facts| {
                let read = self.read(&model, facts, now)?;
                if is_over() { Err(RefreshError::Over) } else { self.take(engine, read, now) }
            },
        )
    }

    /// Checks what the plugin tells, as a whole.
    fn read(&self, model: &Arc<Model>, facts: Facts, now: Datetime) -> Result<Read, RefreshError> {
        // Not so old that a policy could not subtract it from the time.
        let oldest = now.0.saturating_sub(AGE_UNKNOWN.0);
        let as_of = Datetime(facts.as_of.min(now.0).max(oldest));
        if let Some(last) = self.as_of().filter(|last| as_of < *last) {
            return Err(RefreshError::OutOfOrder { as_of, last });
        }
        let max = self.plugin.limits.items_max;
        CallError::range("entities", facts.entities.len(), (0, max))?;
        CallError::range("values for contexts", facts.context.len(), (0, max))?;
        let mut attributes = Attributes::new();
        for fact in facts.entities {
            let (uid, values) = self.entity(model, fact, as_of)?;
            if attributes.contains_key(&uid) {
                return Err(CallError::twice(&uid.to_string()).into());
            }
            attributes.insert(uid, values);
        }
        let mut context = BTreeMap::new();
        for fact in facts.context {
            if !self.plugin.scope.context.contains(&fact.name) {
                return Err(CallError::out_of_scope(&fact.name).into());
            }
            if context.contains_key(&fact.name) {
                return Err(CallError::twice(&fact.name).into());
            }
            let value = model.read_context(&fact.name, &fact.value);
            let refused = |source| RefreshError::Value { of: fact.name.clone(), source };
            context.insert(fact.name.clone(), value.map_err(refused)?);
        }
        Ok(Read { as_of, attributes, context })
    }

    fn take(&self, engine: &Engine, read: Read, now: Datetime) -> Result<Refreshed, RefreshError> {
        let Read { as_of, attributes, context } = read;
        let unknown = apply(engine, &attributes)?;
        let (entities, values) = (attributes.len().saturating_sub(unknown.len()), context.len());
        let known = Arc::new(Known { when: Some(When { as_of, told: now }), context });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(Refreshed { as_of, entities, unknown, context: values })
    }

    /// Reads what is told of one entity; only what is granted.
    fn entity(
        &self,
        model: &Model,
        fact: EntityFact,
        as_of: Datetime,
    ) -> Result<(EntityUid, BTreeMap<String, Value>), RefreshError> {
        let (type_name, id) = (fact.uid.type_name, fact.uid.id);
        let scope = &self.plugin.scope;
        let Some(granted) = scope.entities.get(&type_name) else {
            return Err(CallError::out_of_scope(&type_name).into());
        };
        let uid = EntityUid::new(type_name.as_str(), id);
        let values = model.read_attributes(&type_name, &fact.attributes);
        let refused =
            |source| RefreshError::Value { of: line(&uid.to_string(), FAILURE_BYTES_MAX), source };
        let mut values = values.map_err(refused)?;
        if let Some(other) = values.keys().find(|name| !granted.contains(*name)) {
            return Err(CallError::out_of_scope(&format!("{type_name}.{other}")).into());
        }
        if let Some(stamp) = scope.stamps.get(&type_name) {
            values.insert(stamp.clone(), Value::Datetime(as_of.0));
        }
        Ok((uid, values))
    }

    /// When the facts were true that the last good refresh gave: never in the future of that refresh, and never going back.
    pub fn as_of(&self) -> Option<Datetime> {
        current(&self.known).when.map(|when| when.as_of)
    }

    /// How old the facts are; [`AGE_UNKNOWN`] before the first good refresh, and if they were told more than ten seconds
    /// after `now`, so that a clock that was ahead and went back makes no old facts new.
    pub fn age(&self, now: Datetime) -> Duration {
        current(&self.known).age(now)
    }

    /// Values for contexts by path as they were told, and the age of the facts at `now` if the plugin's manifest names an
    /// attribute for it. A [`Filler`] puts them into requests, and moves those that `@clock` marks;
    /// [`Sessions::update`](trapkey::Sessions::update) takes them for open sessions.
    pub fn context(&self, now: Datetime) -> BTreeMap<String, Value> {
        let known = current(&self.known);
        let mut context = known.context.clone();
        if let Some(age) = &self.plugin.scope.age {
            context.insert(age.clone(), Value::Duration(known.age(now).0));
        }
        context
    }

    /// How it behaves.
    pub fn health(&self) -> Health {
        self.plugin.health()
    }

    /// Ends its quarantine, if there is one.
    pub fn release(&self) {
        self.plugin.release();
    }

    /// Forgets values of contexts and when the facts were true, as before the first refresh: after a clock that was ahead
    /// went back, or the engine's entities were replaced. What the engine holds stays, stamps too, until the next refresh.
    pub fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.plugin.manifest
    }
}

/// Gives the engine what it holds entities for; those that it does not are given back.
fn apply(engine: &Engine, attributes: &Attributes) -> Result<Vec<EntityUid>, RefreshError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let entities = engine.entities().ok_or(RefreshError::NothingPublished)?;
        let is_unknown = |uid: &&EntityUid| entities.get(uid).is_none();
        let unknown: BTreeSet<_> = attributes.keys().filter(is_unknown).cloned().collect();
        let mut amended = Vec::new();
        for (uid, values) in attributes.iter().filter(|(uid, _)| !unknown.contains(*uid)) {
            amended.extend(values.iter().map(|(name, value)| (uid, name.as_str(), value)));
        }
        if amended.is_empty() {
            return Ok(unknown.into_iter().collect());
        }
        match engine.amend(&amended) {
            Ok(()) => return Ok(unknown.into_iter().collect()),
            // It went away since.
            Err(AmendError::UnknownEntity { .. }) if tries < TRIES_MAX => {}
            Err(AmendError::Facts(FactsError::NothingPublished)) => {
                return Err(RefreshError::NothingPublished);
            }
            Err(error) => return Err(RefreshError::Amend(error)),
        }
    }
}
