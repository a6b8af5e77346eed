//! Explanations: which policies hold, at which clause the others fail, and what would allow.
//!
//! A bundle may bring a second module, whose policies are probes: one for each clause of each
//! policy. It is compiled when it is first asked; decisions never touch it.

mod alter;
mod candidates;
mod error;
mod places;
mod probes;
mod reach;
mod redacted;
mod search;

use std::fmt;
use std::sync::Arc;

use trapkey_abi::{ClausePart, EntityUid, Span, Value};

use crate::snapshot::{Live, Snapshot};
use crate::{DecideError, Decision, Engine, Entities, Reason, Request, Verdict};

pub use error::ExplainError;
pub(crate) use places::{Finder, text};
pub(crate) use probes::Explaining;
pub use redacted::{OwnAttribute, RedactedExplanation};

/// Most changes that a counterfactual has.
pub const EXPLAIN_CHANGES_MAX: usize = 3;

/// Decisions that the search for a counterfactual makes at most, unless told otherwise.
pub const EXPLAIN_DECISIONS_MAX: u32 = 20_000;

/// Why a request is decided as it is, and what would make it an allow.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision, as [`Engine::decide`] gives it; no grant counts as used.
    pub decision: Decision,
    /// What became of each policy of the bundle, in the order of the policy set.
    pub policies: Vec<PolicyOutcome>,
    /// What would allow.
    pub counterfactual: Counterfactual,
    /// Decisions that the search has made.
    pub decisions: u32,
}

/// What became of one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyOutcome {
    /// The value of `@id`, else Cedar's own id.
    pub id: String,
    /// Where it stands in the source.
    pub span: Span,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a policy for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It holds.
    Held,
    /// This clause is the first that is false.
    Failed {
        /// What the clause is.
        part: ClausePart,
        /// Where it stands; for parts of a scope, the whole policy.
        span: Span,
    },
    /// Evaluation erred.
    Erred {
        /// The clause in which it did; the whole policy if that is not known.
        span: Span,
    },
    /// All its clauses hold, but it does not count: it is past its `@expires`, or there is no time.
    NotCounted,
    /// It is a template, and no grant of it fits the request.
    NotGranted,
}

/// What would turn a deny into an allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counterfactual {
    /// The request is allowed as it is.
    Allowed,
    /// These changes, of which each was needed among the candidates that were tried, and with
    /// which the request was decided again and allowed.
    Found(Vec<AttributeChange>),
    /// No set of at most [`EXPLAIN_CHANGES_MAX`] changes among the candidates.
    NoneWithin,
    /// None until the budget was used up.
    BudgetExhausted,
    /// No permit's scope can match this action and these parties, whatever attributes are.
    Never,
}

/// Another value of one attribute that the request reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeChange {
    /// Whose attribute it is.
    pub owner: AttributeOwner,
    /// Names of attributes, one inside another; empty where groups change.
    pub path: Vec<String>,
    /// What is done.
    pub to: Alteration,
}

/// Whose attribute changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeOwner {
    /// The request's context.
    Context,
    /// An entity.
    Entity(EntityUid),
}

/// What is done to an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// It has this value.
    Set(Value),
    /// It is absent.
    Remove,
    /// The entity has this parent too.
    Join(EntityUid),
    /// The entity no longer has this parent.
    Leave(EntityUid),
}

impl Engine {
    /// Explains `request` by one snapshot, within [`EXPLAIN_DECISIONS_MAX`] decisions.
    ///
    /// The first call after a publication compiles the explaining module.
    ///
    /// # Errors
    ///
    /// [`ExplainError`]
    pub fn explain(&self, request: &Request) -> Result<Explanation, ExplainError> {
        self.explain_within(request, EXPLAIN_DECISIONS_MAX)
    }

    /// As [`Engine::explain`], within so many decisions.
    ///
    /// # Errors
    ///
    /// [`ExplainError`]
    pub fn explain_within(
        &self,
        request: &Request,
        decisions: u32,
    ) -> Result<Explanation, ExplainError> {
        explain(&self.snapshot(), self.runtime(), request, decisions)
    }

    /// As [`Engine::explain_within`], by the candidate that decides beside the active module
    /// ([`Engine::shadow`]) and the newest facts: with [`Engine::explain`], why a request is decided
    /// otherwise.
    ///
    /// # Errors
    ///
    /// [`ExplainError`]
    pub fn explain_shadow(
        &self,
        request: &Request,
        decisions: u32,
    ) -> Result<Explanation, ExplainError> {
        let snapshot = self.snapshot();
        let watchers = snapshot.watchers.as_ref();
        let shadow = watchers.and_then(|watchers| watchers.shadow.as_ref());
        let candidate = shadow.ok_or(ExplainError::NoShadow)?.candidate();
        explain(candidate, self.runtime(), request, decisions)
    }
}

fn explain(
    snapshot: &Snapshot,
    runtime: &wasmtime::Engine,
    request: &Request,
    decisions: u32,
) -> Result<Explanation, ExplainError> {
    let undecided = ExplainError::Undecided(DecideError::NothingPublished);
    let live = snapshot.live.as_ref().ok_or(undecided)?;
    if cfg!(not(feature = "cranelift")) {
        return Err(live.loaded().explaining().not_compiled());
    }
    let probes = live.loaded().explaining().probes(live.loaded(), runtime)?;
    let mut decision = Decision::new();
    decide(snapshot, request, &mut decision);
    if let Reason::Failed(error) = decision.reason() {
        return Err(ExplainError::Undecided(error));
    }
    let verdicts = probes.verdicts(snapshot, live, request)?;
    let policies = probes.outcomes(live, &decision, &verdicts);
    let mut search = search::Search::new(snapshot, live, request, decisions);
    let counterfactual = if decision.policy_verdict() == Verdict::Allow {
        Counterfactual::Allowed
    } else {
        search.run(&probes, &decision, &verdicts)
    };
    Ok(Explanation { decision, policies, counterfactual, decisions: search.made() })
}

/// Decides by the module and grants of `snapshot`; no grant counts as used.
fn decide(snapshot: &Snapshot, request: &Request, decision: &mut Decision) {
    snapshot.decide_uncounted(request, decision, |loaded, request, facts, decision| {
        loaded.decide(request, facts, decision)
    });
}

/// The snapshot with other facts.
fn with_facts(snapshot: &Snapshot, live: &Live, entities: Entities) -> Snapshot {
    let live = Live::new(Arc::clone(live.loaded()), entities, live.grants().clone());
    // Number 0: rows that instances keep are compared.
    Snapshot { live: Some(live), number: 0, ..Snapshot::EMPTY.of(snapshot) }
}

impl fmt::Display for AttributeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            AttributeOwner::Context => f.write_str("context")?,
            AttributeOwner::Entity(uid) => write!(f, "{uid}")?,
        }
        for name in &self.path {
            write!(f, ".{name}")?;
        }
        match &self.to {
            Alteration::Set(value) => write!(f, " = {}", text(value)),
            Alteration::Remove => f.write_str(" absent"),
            Alteration::Join(uid) => write!(f, " in {uid}"),
            Alteration::Leave(uid) => write!(f, " not in {uid}"),
        }
    }
}
