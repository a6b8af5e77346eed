//! Decisions that are kept, so that a request that is made again costs one look-up.

mod key;
mod table;

use std::sync::Arc;

use trapkey_abi::Handle;

use crate::loaded::Loaded;
use crate::recorder::{Recorder, Seen, settle, version};
use crate::snapshot::{Facts, Snapshot};
use crate::{Decider, Decision, Engine, Reason, Request};

use key::{Key, Plan};
use table::{Entry, Table};

/// What a [`CachingDecider`] may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheOptions {
    /// Decisions that are kept at most. The default is 4,096: with the plant's contexts about four
    /// megabytes.
    pub entries_max: usize,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self { entries_max: 4096 }
    }
}

/// How often a [`CachingDecider`] found a decision that still held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Decisions that were kept and still held.
    pub hits: u64,
    /// Decisions that the module made.
    pub misses: u64,
}

/// A [`Decider`] that keeps its decisions and gives them again while they hold.
///
/// A kept decision answers a request of the same action, principal and resource whose context has
/// the same values wherever a policy of the environment may read, attributes that `@clock` marks
/// counting as the same if only time has passed; and only before its horizon, by the same module,
/// the same grants and the same rows of all entities that it depends on. So an answer is always
/// what [`Decider::decide`] would say, but for a horizon that may be nearer. A hit allocates nothing.
pub struct CachingDecider {
    decider: Decider,
    cache: Cache,
    seen: Vec<Seen>,
    counts: CacheCounts,
}

impl Engine {
    /// A decider of this engine that keeps decisions, for a thread that is asked the same again.
    pub fn caching_decider(&self, options: CacheOptions) -> CachingDecider {
        CachingDecider {
            decider: self.decider(),
            cache: Cache::new(options.entries_max),
            seen: Vec::new(),
            counts: CacheCounts::default(),
        }
    }
}

impl CachingDecider {
    /// Decides `request`, or gives the decision of one that was the same.
    pub fn decide(&mut self, request: &Request) -> &Decision {
        let snapshot = self.decider.newest();
        if let Some(place) = self.cache.find(snapshot, request) {
            self.counts.hits = self.counts.hits.wrapping_add(1);
            let decision = self.cache.table.decision(place);
            if decision.has_grants() {
                decision.count_uses();
            }
            if let Some(watchers) = &snapshot.watchers {
                watchers.note(snapshot, request, decision);
            }
            return decision;
        }
        self.counts.misses = self.counts.misses.wrapping_add(1);
        self.decide_anew(request)
    }

    /// How often a decision was found, and how often not, since this was made.
    pub fn counts(&self) -> CacheCounts {
        self.counts
    }

    /// Decisions that are kept.
    pub fn len(&self) -> usize {
        self.cache.table.len()
    }

    /// Whether no decision is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets go of all decisions, and of what [`Decider::release`] lets go of.
    pub fn release(&mut self) {
        self.cache.forget();
        self.decider.release();
    }

    #[inline(never)]
    fn decide_anew(&mut self, request: &Request) -> &Decision {
        self.seen.clear();
        let seen = &mut self.seen;
        let (snapshot, decision) =
            self.decider.decide_by(request, |loaded, instance, (request, facts), decision| {
                loaded.decide_with(instance, request, &Recorder::new(facts, seen), decision)
            });
        self.cache.keep(snapshot, request, decision, &mut self.seen);
        decision
    }
}

impl std::fmt::Debug for CachingDecider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CachingDecider")
            .field("len", &self.len())
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// The kept decisions of one module.
struct Cache {
    // INVARIANT: `plans` and all entries of `table` are those of `module`.
    module: Option<Arc<Loaded>>,
    /// By environment, made when it is asked about first.
    plans: Vec<Option<Box<Plan>>>,
    table: Table,
    /// That of the last request, if its decision can be kept.
    key: Key,
}

impl Cache {
    fn new(entries_max: usize) -> Self {
        let table = Table::new(entries_max);
        Self { module: None, plans: Vec::new(), table, key: Key::default() }
    }

    fn forget(&mut self) {
        self.module = None;
        self.plans.clear();
        self.table.clear();
        self.key.clear();
    }

    /// The place of a decision of the same request that still holds; it then says this instant.
    #[inline]
    fn find(&mut self, snapshot: &Snapshot, request: &Request) -> Option<usize> {
        self.key.clear();
        if snapshot.watchers.as_ref().is_some_and(|watchers| watchers.shadow.is_some()) {
            // A decision that is found is compared with nothing.
            return None;
        }
        let live = snapshot.live.as_ref().filter(|_| snapshot.is_plain(request))?;
        if !self.module.as_ref().is_some_and(|module| Arc::ptr_eq(module, live.loaded())) {
            self.adopt(live.loaded());
        }
        if request.layout() != live.loaded().model().layout().digest {
            return None;
        }
        let types = (request.principal().entity_type(), request.resource().entity_type());
        let environment = live.loaded().environment(request.action(), types.0, types.1)?;
        let plan = self.plans.get_mut(usize::try_from(environment).ok()?)?;
        if plan.is_none() {
            *plan = Some(Box::new(Plan::new(live.loaded(), environment, request)?));
        }
        let plan = plan.as_deref()?;
        let at = request.at();
        plan.write(request, at, &mut self.key);
        let place = self.table.find(&self.key)?;
        let entry = self.table.entry(place)?;
        let still = entry.remaining_at(at).filter(|_| {
            // The same values by wrapping are not the same by the passing of time.
            plan.has_passed(request, at, entry.at)
        })?;
        if entry.number != snapshot.number {
            if entry.number < snapshot.rules || !holds(entry, &snapshot.facts(live)) {
                return None;
            }
            entry.number = snapshot.number;
        }
        entry.decision.hold_at(snapshot.generation, at, still);
        Some(place)
    }

    #[cold]
    fn adopt(&mut self, loaded: &Arc<Loaded>) {
        self.forget();
        self.plans.resize_with(loaded.contents().gather().environments.len(), || None);
        self.module = Some(Arc::clone(loaded));
    }

    /// Keeps what was decided of the request that was looked for last.
    fn keep(
        &mut self,
        snapshot: &Snapshot,
        request: &Request,
        decision: &Decision,
        seen: &mut Vec<Seen>,
    ) {
        // What is decided at several instants is not kept: `key` is empty.
        let Some(live) = &snapshot.live else { return };
        let is_same = |module: &Arc<Loaded>| Arc::ptr_eq(module, live.loaded());
        let is_known = self.module.as_ref().is_some_and(is_same);
        if !is_known || self.key.is_empty() || matches!(decision.reason(), Reason::Failed(_)) {
            return;
        }
        if live.loaded().has_templates() || snapshot.observes() {
            see_parties(&snapshot.facts(live), request, seen);
        }
        settle(seen);
        self.table.put(
            &self.key,
            Entry {
                at: request.at(),
                remaining: decision.remaining_ms(),
                number: snapshot.number,
                seen: seen.as_slice().into(),
                decision: decision.clone(),
            },
        );
    }
}

/// Which grants fit, and what is observed, depends on the ancestors of both, which their rows hold.
fn see_parties(facts: &Facts<'_>, request: &Request, seen: &mut Vec<Seen>) {
    let handles: [Handle; 2] = [request.principal().handle(), request.resource().handle()];
    seen.extend(handles.map(|handle| (handle, version(facts, handle))));
}

/// Whether all entities are as they were.
#[inline(never)]
fn holds(entry: &Entry, facts: &Facts<'_>) -> bool {
    entry.seen.iter().all(|(handle, seen)| version(facts, *handle) == *seen)
}
