//! The book of what was only observed, and of what was done to stages.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trapkey_abi::{Handle, sort_compactly};

use crate::{Datetime, Decision, Generation, Model, Reason, Request};

use super::{StageOrder, WouldDenyError};

/// Records of stages that are kept; older ones go.
pub const STAGE_RECORDS_MAX: usize = 4096;

/// A deny that was only reported.
#[derive(Clone, Debug)]
pub struct WouldDeny {
    /// Numbers the would-denies of an engine.
    pub id: u64,
    /// The scope that it was observed in.
    pub scope: String,
    /// The first request.
    pub request: Request,
    /// The decision of the first.
    pub decision: Decision,
    /// How often it came.
    pub count: u64,
    /// Instant of the first request, if that said one.
    pub first: Option<Datetime>,
    /// Instant of the last request that said one.
    pub last: Option<Datetime>,
    /// Who explained it, and how.
    pub explained: Option<StageOrder>,
}

/// What was done to the stage of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageChange {
    /// It is observed from then on.
    Observed,
    /// A would-deny of it was explained.
    Explained {
        /// Which.
        id: u64,
    },
    /// It was not enforced, because would-denies were not explained.
    Refused {
        /// How many.
        unexplained: u64,
    },
    /// It is enforced from then on.
    Enforced,
    /// It is enforced from then on, although would-denies were not explained.
    Forced {
        /// How many.
        unexplained: u64,
    },
    /// It is enforced from then on, because the schema that was published has no such operations.
    Ended,
}

/// One entry in the record of stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRecord {
    /// Name of the scope.
    pub scope: String,
    /// What was done.
    pub change: StageChange,
    /// By whom, why and when; `None` where a publication did it.
    pub order: Option<StageOrder>,
    /// The publication that was live.
    pub generation: Generation,
}

/// What makes two would-denies the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    scope: Arc<str>,
    action: String,
    principal: Handle,
    resource: Handle,
    is_forbidden: bool,
    /// Ids of the determining policies.
    policies: Vec<String>,
}

impl Key {
    fn new(scope: &Arc<str>, request: &Request, decision: &Decision, model: &Model) -> Self {
        let action = usize::try_from(request.action()).ok();
        let action = action.and_then(|action| model.schema().actions.get(action));
        Self {
            scope: Arc::clone(scope),
            action: action.map(|action| action.uid.to_string()).unwrap_or_default(),
            principal: request.principal().handle(),
            resource: request.resource().handle(),
            is_forbidden: decision.reason() == Reason::Forbidden,
            policies: decision.determining().map(|policy| policy.id.clone()).collect(),
        }
    }
}

/// What was only observed, and what was done to stages.
pub(super) struct Ledger {
    would_denies_max: usize,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    // INVARIANT: `would_denies` has no more than `would_denies_max` entries, `records` no more than
    // `STAGE_RECORDS_MAX`.
    would_denies: BTreeMap<Key, WouldDeny>,
    next: u64,
    dropped: BTreeMap<Arc<str>, u64>,
    records: VecDeque<StageRecord>,
}

impl Ledger {
    pub(super) fn new(would_denies_max: usize) -> Self {
        Self { would_denies_max, books: Mutex::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // Nothing is half done where this could be left, so what a panicking thread left is whole.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a deny that was only reported.
    pub(super) fn note(
        &self,
        scope: &Arc<str>,
        request: &Request,
        decision: &Decision,
        model: &Model,
    ) {
        let key = Key::new(scope, request, decision, model);
        let at = request.at();
        let mut books = self.books();
        if let Some(same) = books.would_denies.get_mut(&key) {
            same.count = same.count.saturating_add(1);
            same.last = same.last.max(at);
            return;
        }
        if books.would_denies.len() >= self.would_denies_max {
            let dropped = books.dropped.entry(Arc::clone(scope)).or_default();
            *dropped = dropped.saturating_add(1);
            return;
        }
        let id = books.next;
        books.next = id.saturating_add(1);
        let would_deny = WouldDeny {
            id,
            scope: scope.as_ref().to_owned(),
            request: request.clone(),
            decision: decision.clone(),
            count: 1,
            first: at,
            last: at,
            explained: None,
        };
        books.would_denies.insert(key, would_deny);
    }

    pub(super) fn would_denies(&self) -> Vec<WouldDeny> {
        let mut all: Vec<WouldDeny> = self.books().would_denies.values().cloned().collect();
        sort_compactly(&mut all, |a, b| a.id.cmp(&b.id));
        all
    }

    pub(super) fn dropped(&self, scope: &str) -> u64 {
        self.books().dropped.get(scope).copied().unwrap_or_default()
    }

    /// Would-denies of a scope that nobody has explained, those that were dropped included.
    pub(super) fn unexplained(&self, scope: &str) -> u64 {
        let books = self.books();
        let of_scope = books.would_denies.values().filter(|would_deny| would_deny.scope == scope);
        let open = of_scope.filter(|would_deny| would_deny.explained.is_none()).count();
        let dropped = books.dropped.get(scope).copied().unwrap_or_default();
        u64::try_from(open).unwrap_or(u64::MAX).saturating_add(dropped)
    }

    pub(super) fn explain(
        &self,
        id: u64,
        order: StageOrder,
        generation: Generation,
    ) -> Result<(), WouldDenyError> {
        let mut books = self.books();
        let mut all = books.would_denies.values_mut();
        let found = all.find(|would_deny| would_deny.id == id);
        let would_deny = found.ok_or(WouldDenyError::Unknown { id })?;
        would_deny.explained = Some(order.clone());
        let scope = would_deny.scope.clone();
        let change = StageChange::Explained { id };
        books.record(StageRecord { scope, change, order: Some(order), generation });
        Ok(())
    }

    pub(super) fn record(
        &self,
        scope: &str,
        change: StageChange,
        order: Option<StageOrder>,
        generation: Generation,
    ) {
        let scope = scope.to_owned();
        self.books().record(StageRecord { scope, change, order, generation });
    }

    /// Lets go of what was observed in a scope that is enforced.
    pub(super) fn forget(&self, scope: &str) {
        let mut books = self.books();
        books.would_denies.retain(|key, _| key.scope.as_ref() != scope);
        books.dropped.remove(scope);
    }

    /// Notes that a publication has ended a scope.
    pub(super) fn end(&self, scope: &str, generation: Generation) {
        self.record(scope, StageChange::Ended, None, generation);
        self.forget(scope);
    }

    pub(super) fn records(&self) -> Vec<StageRecord> {
        self.books().records.iter().cloned().collect()
    }
}

impl Books {
    fn record(&mut self, record: StageRecord) {
        self.records.push_back(record);
        while self.records.len() > STAGE_RECORDS_MAX {
            self.records.pop_front();
        }
    }
}
