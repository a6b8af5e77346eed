//! The explaining module, and what its probes say of policies.

use std::num::NonZeroU64;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use trapkey_abi::{CLAUSE_ANNOTATION, Clause, Effect, Span};
use trapkey_bundle::Bundle;

use super::{ExplainError, Outcome, PolicyOutcome, decide};
use crate::grants::Grants;
use crate::loaded::Loaded;
use crate::snapshot::{Live, Snapshot};
use crate::{Decision, Options, PublishError, Reason, Request};

/// What an explanation may take, in budgets of a decision.
const FUEL_FACTOR: NonZeroU64 = NonZeroU64::MIN.saturating_add(63);

/// The explaining module of a loaded one: compiled when it is first asked.
pub(crate) struct Explaining {
    // INVARIANT: `probes` was made from `bundle`.
    bundle: Option<Bundle>,
    probes: OnceLock<Arc<Probes>>,
}

/// A compiled explaining module.
pub(super) struct Probes {
    // INVARIANT: `clauses` has the clause of each policy of `loaded`, which name policies of the
    // module that is explained.
    loaded: Arc<Loaded>,
    clauses: Vec<Clause>,
}

/// What became of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeVerdict {
    Held,
    False,
    Erred,
}

impl Explaining {
    /// The module comes in `bundle`, if at all.
    pub(crate) fn new(bundle: Option<&Bundle>) -> Self {
        Self { bundle: bundle.cloned(), probes: OnceLock::new() }
    }

    /// Why there is none where nothing is compiled.
    pub(super) fn not_compiled(&self) -> ExplainError {
        let no_compiler = || ExplainError::Module(Box::new(PublishError::NoCompiler));
        self.bundle.as_ref().map_or(ExplainError::NotInBundle, |_| no_compiler())
    }

    /// The compiled module.
    pub(super) fn probes(
        &self,
        explained: &Loaded,
        runtime: &wasmtime::Engine,
    ) -> Result<Arc<Probes>, ExplainError> {
        if let Some(probes) = self.probes.get() {
            return Ok(Arc::clone(probes));
        }
        let bundle = self.bundle.as_ref().ok_or(ExplainError::NotInBundle)?;
        let probes = Arc::new(Probes::new(bundle, explained, runtime)?);
        Ok(Arc::clone(self.probes.get_or_init(|| probes)))
    }
}

impl Probes {
    fn new(
        bundle: &Bundle,
        explained: &Loaded,
        runtime: &wasmtime::Engine,
    ) -> Result<Self, ExplainError> {
        let policies = explained.contents().policies().len();
        let clause = |(probe, policy): (usize, &trapkey_abi::Policy)| {
            let text = policy.annotations.get(CLAUSE_ANNOTATION);
            let clause = text.and_then(|text| serde_json::from_str::<Clause>(text).ok());
            let clause = clause
                .filter(|clause| usize::try_from(clause.policy).is_ok_and(|at| at < policies));
            clause.ok_or(ExplainError::Clause { probe, policies })
        };
        let clauses = bundle.policies().iter().enumerate().map(clause).collect::<Result<_, _>>()?;
        let model = Arc::clone(explained.model());
        // All policies are evaluated clause by clause, none is left out.
        let mut options = Options::clone(explained.options());
        options.limits.fuel = options.limits.fuel.saturating_mul(FUEL_FACTOR);
        let own = (&Arc::new(options), &Arc::new(AtomicUsize::new(0)));
        let loaded = Loaded::new(bundle.into(), model, runtime, own)
            .map_err(|error| ExplainError::Module(Box::new(error)))?;
        Ok(Self { loaded: Arc::new(loaded), clauses })
    }

    /// The clauses of all policies, those of one together and in the order of evaluation.
    pub(super) fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Runs all probes by the facts of a snapshot; one verdict for each clause.
    pub(super) fn verdicts(
        &self,
        snapshot: &Snapshot,
        live: &Live,
        request: &Request,
    ) -> Result<Vec<ProbeVerdict>, ExplainError> {
        let entities = live.entities().clone();
        let live = Live::new(Arc::clone(&self.loaded), entities, Grants::new());
        let probing = Snapshot { live: Some(live), number: 0, ..Snapshot::EMPTY.of(snapshot) };
        let mut decision = Decision::new();
        decide(&probing, request, &mut decision);
        let mut verdicts = vec![ProbeVerdict::False; self.clauses.len()];
        match decision.reason() {
            Reason::Failed(error) if error != crate::DecideError::NoEnvironment => {
                return Err(ExplainError::Undecided(error));
            }
            // Without such an environment there is no probe of it.
            Reason::Failed(_)
            | Reason::Permitted
            | Reason::Forbidden
            | Reason::NotPermitted
            | Reason::ForbidErred
            | Reason::ObligationNotHonoured => {}
        }
        for entry in decision.entries() {
            let index = usize::try_from(entry.policy).ok();
            if let Some(verdict) = index.and_then(|index| verdicts.get_mut(index)) {
                let held = entry.error.is_none();
                *verdict = if held { ProbeVerdict::Held } else { ProbeVerdict::Erred };
            }
        }
        Ok(verdicts)
    }

    /// What became of each policy.
    pub(super) fn outcomes(
        &self,
        live: &Live,
        decision: &Decision,
        verdicts: &[ProbeVerdict],
    ) -> Vec<PolicyOutcome> {
        let mut noted = decision.entries().peekable();
        let outcome = |(index, policy): (u32, &trapkey_abi::Policy)| {
            let entry = noted.next_if(|entry| entry.policy == index);
            let failed = self.first_failed(index, verdicts);
            let outcome = match entry.map(|entry| entry.error) {
                Some(None) => Outcome::Held,
                Some(Some((_, place))) => {
                    let place = policy.places.get(usize::from(place)).copied();
                    let span = failed.map(|(clause, _)| clause.span).or(place);
                    Outcome::Erred { span: span.unwrap_or(policy.span) }
                }
                None if policy.is_template() => Outcome::NotGranted,
                None => match failed {
                    Some((Clause { part, span, .. }, _)) => {
                        Outcome::Failed { part: *part, span: *span }
                    }
                    None => Outcome::NotCounted,
                },
            };
            let (id, span): (String, Span) = (policy.id.clone(), policy.span);
            PolicyOutcome { id, span, outcome }
        };
        (0..).zip(live.loaded().contents().policies()).map(outcome).collect()
    }

    /// The first clause of a policy that is not true.
    fn first_failed(
        &self,
        policy: u32,
        verdicts: &[ProbeVerdict],
    ) -> Option<(&Clause, ProbeVerdict)> {
        let start = self.clauses.partition_point(|clause| clause.policy < policy);
        let own = self.clauses.iter().zip(verdicts).skip(start);
        let mut own = own.take_while(|(clause, _)| clause.policy == policy);
        let failed = own.find(|(_, verdict)| **verdict != ProbeVerdict::Held);
        failed.map(|(clause, verdict)| (clause, *verdict))
    }

    /// The enforced permits, by index, whose scope matches or can be made to by attributes.
    pub(super) fn possible_permits(&self, live: &Live, verdicts: &[ProbeVerdict]) -> Vec<u32> {
        let policies = (0..).zip(live.loaded().contents().policies());
        let possible = policies.filter(|(index, policy)| {
            let fixed = self.clauses.iter().zip(verdicts).all(|(clause, verdict)| {
                clause.policy != *index || !clause.part.is_fixed() || *verdict == ProbeVerdict::Held
            });
            policy.effect == Effect::Permit
                && policy.stage == trapkey_abi::Stage::Enforce
                && !policy.is_template()
                && fixed
        });
        possible.map(|(index, _)| index).collect()
    }
}
