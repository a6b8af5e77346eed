//! A decider: what one thread needs to decide often, kept between decisions.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};

use crate::engine::Published;
use crate::instance::Instance;
use crate::loaded::Loaded;
use crate::snapshot::Snapshot;
use crate::{DecideError, Decision, Request};

/// Decides for one thread at a time, with an instance and a decision of its own: the fastest way.
///
/// It sees every publication and every change of facts at the next decision, as
/// [`Engine`](crate::Engine) does. Between two publications a decision allocates nothing, takes no
/// lock and writes to nothing that threads share. Until its next decision after a publication, a
/// decider keeps what it last decided with in memory: [`Decider::release`] lets go of that.
pub struct Decider {
    published: Published,
    seen: Option<Cache<Published, Arc<Snapshot>>>,
    held: Option<Held>,
    decision: Decision,
}

/// An instance of the module that was live at the last decision.
struct Held {
    // INVARIANT: `instance` is one of `loaded`.
    loaded: Arc<Loaded>,
    instance: Instance,
}

impl Deref for Published {
    type Target = ArcSwap<Snapshot>;

    fn deref(&self) -> &ArcSwap<Snapshot> {
        self.snapshot()
    }
}

impl Decider {
    pub(crate) fn new(published: Published) -> Self {
        Self { published, seen: None, held: None, decision: Decision::new() }
    }

    /// Decides `request`. Whatever fails, the decision is a deny that says so.
    ///
    /// The decision is good until the next one; [`Clone`] keeps it.
    pub fn decide(&mut self, request: &Request) -> &Decision {
        let snapshot = self.seen.get_or_insert_with(|| Cache::new(self.published.clone())).load();
        let (held, decision) = (&mut self.held, &mut self.decision);
        snapshot.decide(request, decision, |loaded, request, entities, decision| {
            let is_of = |held: &Held| Arc::ptr_eq(&held.loaded, loaded);
            if !held.as_ref().is_some_and(is_of) {
                let instance = loaded.instance()?;
                *held = Some(Held { loaded: Arc::clone(loaded), instance });
            }
            let Some(ready) = held else { return Err(DecideError::Instance) };
            let result = loaded.decide_with(&mut ready.instance, request, entities, decision);
            if result.is_err_and(|error| !error.leaves_instance()) {
                *held = None;
            }
            result
        });
        &self.decision
    }

    /// Lets go of the module, the facts and the decision that this still holds; the next decision
    /// makes an instance anew.
    pub fn release(&mut self) {
        self.seen = None;
        self.held = None;
        self.decision = Decision::new();
    }
}

impl std::fmt::Debug for Decider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decider").field("decision", &self.decision).finish_non_exhaustive()
    }
}
