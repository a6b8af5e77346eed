//! A decider: what one thread needs to decide often, kept between decisions.

use std::borrow::Borrow;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};
use trapkey_abi::EncodeRequest;

use crate::engine::Published;
use crate::instance::Instance;
use crate::loaded::Loaded;
use crate::snapshot::{Facts, Snapshot};
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
    // INVARIANT: `instance` is one of `loaded`, and there until this is dropped.
    loaded: Arc<Loaded>,
    instance: Option<Instance>,
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
        let (_, decision) =
            self.decide_by(request, |loaded, instance, (request, facts), decision| {
                loaded.decide_with(instance, request, facts, decision)
            });
        decision
    }

    /// As [`Decider::decide`], into a decision of the caller's, whose buffers are reused.
    pub fn decide_into(&mut self, request: &Request, decision: &mut Decision) {
        let (snapshot, held) = (newest(&self.published, &mut self.seen), &mut self.held);
        decide_held(
            (snapshot, held),
            request,
            decision,
            |loaded, instance, (request, facts), decision| {
                loaded.decide_with(instance, request, facts, decision)
            },
        );
    }

    /// Lets `decide` decide `request` by the newest snapshot, with the instance that is held.
    #[inline]
    pub(crate) fn decide_by(
        &mut self,
        request: &Request,
        decide: impl FnMut(
            &Loaded,
            &mut Instance,
            (&EncodeRequest<'_>, &Facts<'_>),
            &mut Decision,
        ) -> Result<(), DecideError>,
    ) -> (&Snapshot, &Decision) {
        let (snapshot, held) = (newest(&self.published, &mut self.seen), &mut self.held);
        decide_held((snapshot, held), request, &mut self.decision, decide);
        (snapshot, &self.decision)
    }

    /// Decides many requests by one snapshot, as
    /// [`Engine::decide_batch`](crate::Engine::decide_batch) does.
    pub fn decide_batch<R: Borrow<Request>>(
        &mut self,
        requests: &[R],
        decisions: &mut Vec<Decision>,
    ) {
        let (snapshot, held) = (newest(&self.published, &mut self.seen), &mut self.held);
        snapshot.decide_batch(requests, decisions, |loaded, batch| {
            if !batch.decide(ready(held, loaded)?) {
                discard(held);
            }
            Ok(())
        });
    }

    /// The newest snapshot.
    pub(crate) fn newest(&mut self) -> &Snapshot {
        newest(&self.published, &mut self.seen)
    }

    /// Lets go of the module, the facts and the decision that this still holds; the next decision
    /// makes an instance anew.
    pub fn release(&mut self) {
        self.seen = None;
        self.held = None;
        self.decision = Decision::new();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.loaded.give_back(instance);
        }
    }
}

/// Lets `decide` decide `request` by `snapshot`, with the instance that is held.
#[inline]
fn decide_held(
    (snapshot, held): (&Snapshot, &mut Option<Held>),
    request: &Request,
    decision: &mut Decision,
    mut decide: impl FnMut(
        &Loaded,
        &mut Instance,
        (&EncodeRequest<'_>, &Facts<'_>),
        &mut Decision,
    ) -> Result<(), DecideError>,
) {
    snapshot.decide(request, decision, |loaded, request, facts, decision| {
        let result = decide(loaded, ready(held, loaded)?, (request, facts), decision);
        if result.is_err_and(|error| !error.leaves_instance()) {
            discard(held);
        }
        result
    });
}

/// The newest snapshot.
fn newest<'s>(
    published: &Published,
    seen: &'s mut Option<Cache<Published, Arc<Snapshot>>>,
) -> &'s Snapshot {
    seen.get_or_insert_with(|| Cache::new(published.clone())).load()
}

/// The instance that is held, or one of `loaded` in its place.
fn ready<'h>(
    held: &'h mut Option<Held>,
    loaded: &Arc<Loaded>,
) -> Result<&'h mut Instance, DecideError> {
    if !held.as_ref().is_some_and(|held| Arc::ptr_eq(&held.loaded, loaded)) {
        // The one before goes back to its module first.
        *held = None;
        let instance = Some(loaded.take()?);
        *held = Some(Held { loaded: Arc::clone(loaded), instance });
    }
    held.as_mut().and_then(|held| held.instance.as_mut()).ok_or(DecideError::Instance)
}

/// Drops an instance whose memory is in doubt.
fn discard(held: &mut Option<Held>) {
    if let Some(mut held) = held.take() {
        held.instance = None;
    }
}

impl std::fmt::Debug for Decider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decider").field("decision", &self.decision).finish_non_exhaustive()
    }
}
