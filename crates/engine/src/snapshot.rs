//! One publication's module and the facts of one moment: all that a decision works with.

use std::borrow::Borrow;
use std::sync::Arc;
use std::time::Duration;

use trapkey_abi::{EncodeRequest, Handle, RowRef, Rows};

use crate::batch::Batch;
use crate::clock::TimeBounds;
use crate::grants::{Asked, Grants};
use crate::loaded::Loaded;
use crate::watchers::Watchers;
use crate::{Datetime, DecideError, Decision, Entities, Generation, Request};

/// What is live at one moment; never changed.
pub(crate) struct Snapshot {
    pub(crate) generation: Generation,
    pub(crate) live: Option<Live>,
    /// Numbers the snapshots of one engine; 0 before the first.
    pub(crate) number: u64,
    /// Number of the last snapshot that brought more than other entities: what has come since are
    /// rows, each with its version.
    pub(crate) rules: u64,
    /// What the host's clocks said last.
    pub(crate) clock: Option<TimeBounds>,
    /// By how much a request may be ahead of the clock.
    pub(crate) jump_max: Duration,
    /// What looks on.
    pub(crate) watchers: Option<Box<Watchers>>,
}

/// The facts of one snapshot, as the encoder reads them.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'s> {
    entities: &'s Entities,
    epoch: u64,
}

impl Rows for Facts<'_> {
    fn row(&self, handle: Handle) -> Option<RowRef<'_>> {
        self.entities.row(handle)
    }

    fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// What decides one encoded request.
pub(crate) type Decide<'d> = dyn FnMut(&Arc<Loaded>, &EncodeRequest<'_>, &Facts<'_>, &mut Decision) -> Result<(), DecideError>
    + 'd;

/// A module and the facts it decides with.
#[derive(Clone)]
pub(crate) struct Live {
    // INVARIANT: `loaded` and `entities` have the same schema.
    loaded: Arc<Loaded>,
    entities: Entities,
    grants: Grants,
}

impl Live {
    /// Links a module to facts of the same schema.
    pub(crate) fn new(loaded: Arc<Loaded>, entities: Entities, grants: Grants) -> Self {
        debug_assert!(loaded.model().schema() == entities.model().schema());
        Self { loaded, entities, grants }
    }

    /// The same facts for another module of the same schema.
    pub(crate) fn with_module(&self, loaded: Arc<Loaded>) -> Self {
        Self::new(loaded, self.entities.clone(), self.grants.clone())
    }

    /// The module.
    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// The facts.
    pub(crate) fn entities(&self) -> &Entities {
        &self.entities
    }

    /// The grants.
    pub(crate) fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Finds the grants that fit the request. A request that cannot be encoded has none.
    #[inline(never)]
    fn find_grants(&self, request: &Request, decision: &mut Decision) {
        let Ok(encodable) = self.encodable(request, decision.at(), &[]) else { return };
        let environments = &self.loaded.contents().gather().environments;
        let number = usize::try_from(encodable.environment).ok();
        let Some(environment) = number.and_then(|number| environments.get(number)) else { return };
        let EncodeRequest { principal, resource, now: at, .. } = encodable;
        let asked = Asked { environment, principal, resource, at };
        self.grants.find(&asked, &self.entities, self.loaded.templates(), decision.found_mut());
    }

    /// The request as this module's encoder takes it, with its instant and the bits of templates
    /// that grants bring in.
    pub(crate) fn encodable<'r>(
        &self,
        request: &'r Request,
        at: Option<Datetime>,
        granted: &'r [u64],
    ) -> Result<EncodeRequest<'r>, DecideError> {
        if request.layout() != self.loaded.model().layout().digest {
            return Err(DecideError::Stale);
        }
        let (principal, resource) = (request.principal(), request.resource());
        let environment = self
            .loaded
            .environment(request.action(), principal.entity_type(), resource.entity_type())
            .ok_or(DecideError::NoEnvironment)?;
        Ok(EncodeRequest {
            environment,
            principal: principal.handle(),
            resource: resource.handle(),
            context: request.context().bytes(),
            now: at.map(|at| at.0),
            grants: granted,
        })
    }
}

impl Snapshot {
    /// The facts of its own, as the encoder reads them.
    pub(crate) fn facts<'s>(&self, live: &'s Live) -> Facts<'s> {
        Facts { entities: &live.entities, epoch: self.number }
    }

    /// Lets `decide` decide all of `requests`, in order; whatever fails, the decision is a deny that
    /// says so.
    pub(crate) fn decide_batch<R: Borrow<Request>>(
        &self,
        requests: &[R],
        decisions: &mut Vec<Decision>,
        decide: impl FnOnce(&Arc<Loaded>, &mut Batch<'_, R>) -> Result<(), DecideError>,
    ) {
        decisions.resize_with(requests.len(), Decision::new);
        let contents = self.live.as_ref().map(|live| live.loaded.contents());
        for (decision, request) in decisions.iter_mut().zip(requests) {
            decision.start(self.generation, contents, request.borrow().at());
        }
        let Some(live) = &self.live else { return };
        if !live.grants.is_empty() {
            for (decision, request) in decisions.iter_mut().zip(requests) {
                live.find_grants(request.borrow(), decision);
            }
        }
        let facts = self.facts(live);
        let mut batch = Batch { live, facts, requests, decisions: decisions.as_mut_slice() };
        if let Err(error) = decide(&live.loaded, &mut batch) {
            // There was no instance: nothing is decided.
            for decision in decisions.iter_mut().filter(|decision| decision.is_open()) {
                decision.fail(error);
            }
        }
        if self.clock.is_some() {
            let requests = requests.iter().map(Borrow::borrow);
            let decisions = decisions.iter_mut().zip(requests);
            for (decision, request) in decisions.filter(|(_, request)| !self.is_plain(request)) {
                self.decide_across(request, decision, &mut |loaded, request, facts, decision| {
                    loaded.decide(request, facts, decision)
                });
            }
        }
        for decision in decisions.iter().filter(|decision| decision.has_grants()) {
            decision.count_uses();
        }
        if let Some(watchers) = &self.watchers {
            for (request, decision) in requests.iter().map(Borrow::borrow).zip(decisions) {
                watchers.judge(self.live.as_ref(), request, decision);
                watchers.note(self, request, decision);
            }
        }
    }

    /// Before the first publication.
    pub(crate) const EMPTY: Self = Self {
        generation: Generation::NONE,
        live: None,
        number: 0,
        rules: 0,
        clock: None,
        jump_max: Duration::ZERO,
        watchers: None,
    };

    /// The same module and facts at another time.
    pub(crate) fn at(&self, clock: TimeBounds) -> Self {
        let watchers = self.watchers.as_ref().map(|watchers| watchers.at(clock));
        Self { live: self.live.clone(), clock: Some(clock), watchers, ..*self }
    }

    /// The same facts and time for another module of the same schema; nothing looks on.
    pub(crate) fn with_module(&self, loaded: Arc<Loaded>) -> Option<Self> {
        let live = Some(self.live.as_ref()?.with_module(loaded));
        Some(Self { live, watchers: None, ..*self })
    }

    /// Whether there are scopes in which a clean deny is only reported.
    pub(crate) fn observes(&self) -> bool {
        self.watchers.as_ref().is_some_and(|watchers| watchers.stages.is_some())
    }

    /// With the generation of `other`.
    pub(crate) fn of(self, other: &Self) -> Self {
        Self { generation: other.generation, ..self }
    }

    /// Decides `request` with an instance of the pool; whatever fails, the decision is a deny that
    /// says so.
    pub(crate) fn decide_pooled(&self, request: &Request, decision: &mut Decision) {
        self.decide(request, decision, |loaded, request, facts, decision| {
            loaded.decide(request, facts, decision)
        });
    }

    /// Lets `decide` decide `request`, more than once while the time is uncertain; whatever fails,
    /// the decision is a deny that says so.
    pub(crate) fn decide(
        &self,
        request: &Request,
        decision: &mut Decision,
        decide: impl FnMut(
            &Arc<Loaded>,
            &EncodeRequest<'_>,
            &Facts<'_>,
            &mut Decision,
        ) -> Result<(), DecideError>,
    ) {
        self.decide_uncounted(request, decision, decide);
        if decision.has_grants() {
            decision.count_uses();
        }
        if let Some(watchers) = &self.watchers {
            watchers.note(self, request, decision);
        }
    }

    /// As [`Snapshot::decide`]; no grant counts as used.
    #[inline]
    pub(crate) fn decide_uncounted(
        &self,
        request: &Request,
        decision: &mut Decision,
        mut decide: impl FnMut(
            &Arc<Loaded>,
            &EncodeRequest<'_>,
            &Facts<'_>,
            &mut Decision,
        ) -> Result<(), DecideError>,
    ) {
        if self.is_plain(request) {
            self.decide_plain(request, decision, decide);
        } else {
            self.decide_across(request, decision, &mut decide);
        }
        if let Some(watchers) = &self.watchers {
            watchers.judge(self.live.as_ref(), request, decision);
        }
    }

    /// Decides at the request's instant alone.
    #[inline]
    pub(crate) fn decide_plain(
        &self,
        request: &Request,
        decision: &mut Decision,
        decide: impl FnOnce(
            &Arc<Loaded>,
            &EncodeRequest<'_>,
            &Facts<'_>,
            &mut Decision,
        ) -> Result<(), DecideError>,
    ) {
        let contents = self.live.as_ref().map(|live| live.loaded.contents());
        let at = request.at();
        decision.start(self.generation, contents, at);
        let Some(live) = &self.live else { return };
        let facts = self.facts(live);
        if !live.grants.is_empty() {
            live.find_grants(request, decision);
        }
        let decided = decision.with_granted(|granted, decision| {
            let request = live.encodable(request, at, granted)?;
            decide(&live.loaded, &request, &facts, decision)
        });
        if let Err(error) = decided {
            decision.fail(error);
        }
    }
}
