//! Decisions: a verdict, why, and which policies had a part in it.

mod error;
mod grants;
mod horizon;
mod obligations;
mod read;

use std::sync::Arc;

use trapkey_abi::{Entry, EvalError, Policy, Span};
use trapkey_bundle::{Contents, Digest};

use crate::grants::Found;
use crate::{Datetime, Generation};

pub use error::DecideError;
pub use horizon::Horizon;

/// Allow or deny.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The PEP must refuse.
    #[default]
    Deny,
    /// The PEP may proceed, if it fulfils the obligations.
    Allow,
}

/// Why the verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A permit is satisfied and nothing stands against it: allow. Every other reason is deny, but
    /// where that is only observed ([`Decision::would_deny`]).
    Permitted,
    /// At least one forbid is satisfied.
    Forbidden,
    /// No permit is satisfied.
    NotPermitted,
    /// No forbid is satisfied, but one that might have held erred.
    ForbidErred,
    /// A permit is satisfied and nothing stands against it, but the PEP did not declare that it
    /// honours each obligation of the satisfied permits.
    ObligationNotHonoured,
    /// No decision was reached.
    Failed(DecideError),
}

/// One policy that could not be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erring<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// What went wrong.
    pub error: EvalError,
    /// Where in the source.
    pub span: Span,
}

/// The answer to one request. Reused for the next by
/// [`Engine::decide_into`](crate::Engine::decide_into).
#[derive(Debug)]
pub struct Decision {
    // INVARIANT: `entries` are as in a response, ascending by policy, and refer to policies and places
    // of `contents`; they are empty if the reason is `Failed`, and `remaining` is 0.
    reason: Reason,
    generation: Generation,
    /// The request's instant.
    at: Option<Datetime>,
    /// As in a response.
    remaining: u64,
    entries: Vec<u64>,
    /// The grants that fit the request.
    found: Found,
    contents: Option<Arc<Contents>>,
    /// Whether a deny is only reported.
    is_observed: bool,
}

impl Decision {
    /// A deny without a publication, to be overwritten.
    pub fn new() -> Self {
        Self {
            reason: Reason::Failed(DecideError::NothingPublished),
            generation: Generation::NONE,
            at: None,
            remaining: 0,
            entries: Vec::new(),
            found: Found::default(),
            contents: None,
            is_observed: false,
        }
    }

    /// Makes it what [`Decision::new`] gives, and keeps its buffers.
    pub fn reset(&mut self) {
        self.start(Generation::NONE, None, None);
    }

    /// Allow or deny.
    pub fn verdict(&self) -> Verdict {
        if self.is_observed { Verdict::Allow } else { self.policy_verdict() }
    }

    /// Whether the verdict is allow only because the operation is observed
    /// ([`Engine::observe`](crate::Engine::observe)): reason and determining policies are those of the
    /// deny that it would be.
    pub fn would_deny(&self) -> bool {
        self.is_observed
    }

    /// Whether the policies deny, and nothing went wrong on the way.
    pub(crate) fn is_clean_deny(&self) -> bool {
        let is_clean = matches!(self.reason, Reason::Forbidden | Reason::NotPermitted);
        is_clean && self.entries().all(|entry| entry.error.is_none())
    }

    /// Only reports a deny.
    pub(crate) fn observe(&mut self) {
        debug_assert!(self.is_clean_deny());
        self.is_observed = true;
    }

    /// What the policies say, observed or not.
    pub(crate) fn policy_verdict(&self) -> Verdict {
        match self.reason {
            Reason::Permitted => Verdict::Allow,
            Reason::Forbidden
            | Reason::NotPermitted
            | Reason::ForbidErred
            | Reason::ObligationNotHonoured
            | Reason::Failed(_) => Verdict::Deny,
        }
    }

    /// Whether the verdict is allow.
    pub fn is_allow(&self) -> bool {
        self.verdict() == Verdict::Allow
    }

    /// Why the verdict is what it is.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The publication that decided; [`Generation::NONE`] before the first.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Digest of the bundle that decided.
    pub fn bundle_digest(&self) -> Option<Digest> {
        self.contents.as_ref().map(|contents| contents.digest())
    }

    /// The policies that brought the verdict about, in the order of the policy set: the satisfied
    /// permits of an allow, the satisfied forbids of a deny by them, otherwise none.
    pub fn determining(&self) -> impl Iterator<Item = &Policy> {
        self.determining_entries().filter_map(|entry| self.policy(&entry))
    }

    fn determining_entries(&self) -> impl Iterator<Item = Entry> {
        let is_forbid = match self.reason {
            Reason::Permitted => Some(false),
            Reason::Forbidden => Some(true),
            Reason::NotPermitted
            | Reason::ForbidErred
            | Reason::ObligationNotHonoured
            | Reason::Failed(_) => None,
        };
        self.entries().filter(move |entry| {
            entry.error.is_none()
                && !entry.class.is_observed
                && Some(entry.class.is_forbid) == is_forbid
        })
    }

    /// The policies that could not be evaluated, in the order of the policy set.
    pub fn erring(&self) -> impl Iterator<Item = Erring<'_>> {
        self.entries().filter_map(|entry| {
            let (error, place) = entry.error?;
            let policy = self.policy(&entry)?;
            Some(Erring { policy, error, span: *policy.places.get(usize::from(place))? })
        })
    }

    /// The observed policies that are satisfied, in the order of the policy set.
    pub fn observed(&self) -> impl Iterator<Item = &Policy> {
        self.entries()
            .filter(|entry| entry.error.is_none() && entry.class.is_observed)
            .filter_map(|entry| self.policy(&entry))
    }

    /// Starts a decision by this publication; it denies until it is finished.
    pub(crate) fn start(
        &mut self,
        generation: Generation,
        contents: Option<&Arc<Contents>>,
        at: Option<Datetime>,
    ) {
        self.reason = Reason::Failed(DecideError::NothingPublished);
        self.generation = generation;
        self.at = at;
        self.remaining = 0;
        self.is_observed = false;
        self.entries.clear();
        self.found.clear();
        // Cloning the `Arc` writes to a counter that all threads share: only when it must change.
        let is_same = match (&self.contents, contents) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_same {
            self.contents = contents.cloned();
        }
    }

    /// Takes room for so many policies.
    pub(crate) fn reserve(&mut self, policies: usize) {
        self.entries.reserve(policies.saturating_sub(self.entries.len()));
    }

    /// Makes a decision that still holds one of another instant, for so much longer.
    pub(crate) fn hold_at(&mut self, generation: Generation, at: Option<Datetime>, remaining: u64) {
        self.generation = generation;
        self.at = at;
        self.remaining = remaining;
    }

    /// Whether the decision is started and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.reason == Reason::Failed(DecideError::NothingPublished)
    }

    /// Forgets what was read of a response.
    pub(crate) fn reopen(&mut self) {
        self.fail(DecideError::NothingPublished);
    }

    /// Ends a decision without a verdict.
    pub(crate) fn fail(&mut self, error: DecideError) {
        self.entries.clear();
        self.remaining = 0;
        self.is_observed = false;
        self.reason = Reason::Failed(error);
    }

    /// What the response notes, ascending by policy.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().filter_map(|entry| Entry::from_word(*entry).ok())
    }

    fn policy(&self, entry: &Entry) -> Option<&Policy> {
        let index = usize::try_from(entry.policy).ok()?;
        self.contents.as_ref()?.policies().get(index)
    }
}

impl Clone for Decision {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.clone_from(self);
        copy
    }

    /// Copies `from` into the buffers that are there.
    fn clone_from(&mut self, from: &Self) {
        let Self { reason, generation, at, remaining, entries, found, contents, is_observed } =
            from;
        self.reason = *reason;
        self.generation = *generation;
        self.at = *at;
        self.remaining = *remaining;
        self.entries.clone_from(entries);
        self.found.clone_from(found);
        self.contents.clone_from(contents);
        self.is_observed = *is_observed;
    }
}

impl Default for Decision {
    fn default() -> Self {
        Self::new()
    }
}
