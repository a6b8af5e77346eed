//! What looks on while a snapshot decides: a shadow, observed scopes, a guard.

use crate::clock::TimeBounds;
use crate::guard::Watch;
use crate::shadow::Shadowing;
use crate::snapshot::{Live, Snapshot};
use crate::stages::Stages;
use crate::{Decision, Request};
use std::sync::Arc;

/// All that looks on; one of it is there.
pub(crate) struct Watchers {
    /// Scopes in which a clean deny is only reported.
    pub(crate) stages: Option<Stages>,
    /// A candidate that decides after the module.
    pub(crate) shadow: Option<Shadowing>,
    /// Rolls the module back if its decisions are not what they should be.
    pub(crate) guard: Option<Arc<Watch>>,
}

impl Watchers {
    /// Those that there are; `None` if nothing looks on.
    pub(crate) fn new(
        stages: Option<Stages>,
        shadow: Option<Shadowing>,
        guard: Option<Arc<Watch>>,
    ) -> Option<Box<Self>> {
        let is_any = stages.is_some() || shadow.is_some() || guard.is_some();
        is_any.then(|| Box::new(Self { stages, shadow, guard }))
    }

    /// The same at another time.
    pub(crate) fn at(&self, clock: TimeBounds) -> Box<Self> {
        Box::new(Self {
            stages: self.stages.clone(),
            shadow: self.shadow.as_ref().map(|shadow| shadow.at(clock)),
            guard: self.guard.clone(),
        })
    }

    /// Judges a deny that was reached.
    #[cold]
    #[inline(never)]
    pub(crate) fn judge(&self, live: Option<&Live>, request: &Request, decision: &mut Decision) {
        if let (Some(stages), Some(live)) = (&self.stages, live) {
            stages.judge(live, request, decision);
        }
    }

    /// Takes note of a decision that is acted on.
    #[cold]
    #[inline(never)]
    pub(crate) fn note(&self, snapshot: &Snapshot, request: &Request, decision: &Decision) {
        if let (Some(stages), Some(live)) = (&self.stages, &snapshot.live) {
            stages.note(live, request, decision);
        }
        if let Some(shadow) = &self.shadow {
            shadow.follow(request, decision);
        }
        if let Some(guard) = &self.guard {
            guard.note(decision);
        }
    }
}
