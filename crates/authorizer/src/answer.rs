//! Decisions from what the policies respond.

use core::fmt;

use trapkey_abi::response::fields;
use trapkey_abi::{
    EncodeError, EncodeRequest, Entry, EvalError, ForbidErrors, Layout, MemoryMap, Reason, Response,
};

use crate::arena::Arena;
use crate::plan::{Duty, PLAN_VERSION, Plan, PolicyNote};
use crate::question::{Instants, Question};
use crate::store::{self, EntityStore, Facts, RowMap};
use crate::types::{
    self, Decision, Entity, ErringPolicy, EvaluationError, Failure, Obligation, Reason as Why,
    Request, Value, Verdict,
};

/// The policies.
pub trait Module {
    /// Lets `encode` write a frame where the policies read it, asks them, and gives the area of the response; `None` if
    /// that cannot be done.
    fn decide(
        &mut self,
        memory: &MemoryMap,
        encode: &mut dyn FnMut(&mut [u8]) -> Result<usize, EncodeError>,
    ) -> Option<Result<&[u8], EncodeError>>;
}

/// Answers requests by a plan.
#[derive(Debug)]
pub struct Authorizer {
    plan: Plan,
    layout: Layout,
    actions: RowMap,
    instants: Instants,
}

/// Why a plan cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Its bytes are none.
    Unreadable,
    /// It has another version.
    Version(u32),
    /// Its gather table is of another schema.
    Layout,
    /// Its schema contradicts itself.
    Schema,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the plan is unreadable"),
            Self::Version(found) => {
                write!(f, "the plan has version {found}, the guest {PLAN_VERSION}")
            }
            Self::Layout => f.write_str("the plan's gather table is of another schema"),
            Self::Schema => f.write_str("the plan's schema contradicts itself"),
        }
    }
}

impl core::error::Error for PlanError {}

impl Authorizer {
    /// Reads a plan.
    ///
    /// # Errors
    ///
    /// [`PlanError`]
    pub fn new(plan: &[u8]) -> Result<Self, PlanError> {
        let plan: Plan = postcard::from_bytes(plan).map_err(|_| PlanError::Unreadable)?;
        if plan.version != PLAN_VERSION {
            return Err(PlanError::Version(plan.version));
        }
        let layout = Layout::new(&plan.schema);
        if layout.digest != plan.gather.layout {
            return Err(PlanError::Layout);
        }
        let actions = store::actions(&plan.schema, &layout).map_err(|_| PlanError::Schema)?;
        let instants = Instants::new(&plan.schema, &layout);
        Ok(Self { plan, layout, actions, instants })
    }

    /// Digest of the bundle, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.plan.digest
    }

    /// Reads and checks entities.
    ///
    /// # Errors
    ///
    /// A [`Failure`] of the values or entities.
    pub fn store(&self, values: &[Value], entities: &[Entity]) -> Result<EntityStore, Failure> {
        self.store_from(entities, &mut Arena::new(values)?)
    }

    fn store_from(
        &self,
        entities: &[Entity],
        arena: &mut Arena<'_>,
    ) -> Result<EntityStore, Failure> {
        EntityStore::new((&self.plan.schema, &self.layout), entities, arena)
    }

    /// Answers requests by the same entities, in their order.
    ///
    /// # Errors
    ///
    /// A [`Failure`] of the values or entities; those of single requests are in the list.
    pub fn decide<M: Module>(
        &self,
        module: &mut M,
        (values, entities): (&[Value], &[Entity]),
        requests: &[Request],
    ) -> Result<Vec<Result<Decision, Failure>>, Failure> {
        let mut arena = Arena::new(values)?;
        let store = self.store_from(entities, &mut arena)?;
        Ok(self.answers(module, &store, requests, &mut arena))
    }

    /// The same by entities that were read before.
    ///
    /// # Errors
    ///
    /// A [`Failure`] of the values; those of single requests are in the list.
    pub fn decide_by<M: Module>(
        &self,
        module: &mut M,
        store: &EntityStore,
        values: &[Value],
        requests: &[Request],
    ) -> Result<Vec<Result<Decision, Failure>>, Failure> {
        Ok(self.answers(module, store, requests, &mut Arena::new(values)?))
    }

    fn answers<M: Module>(
        &self,
        module: &mut M,
        store: &EntityStore,
        requests: &[Request],
        arena: &mut Arena<'_>,
    ) -> Vec<Result<Decision, Failure>> {
        let facts = Facts { actions: &self.actions, store };
        let answer = |request| {
            let types = (&self.plan, &self.layout);
            let question = Question::new(types, &self.instants, request, arena)?;
            self.answer(module, &facts, &question)
        };
        requests.iter().map(answer).collect()
    }

    fn answer<M: Module>(
        &self,
        module: &mut M,
        facts: &Facts<'_>,
        question: &Question,
    ) -> Result<Decision, Failure> {
        let request = EncodeRequest {
            environment: question.environment,
            principal: question.principal,
            resource: question.resource,
            context: question.context.bytes(),
            now: question.at,
            grants: &[],
        };
        let mut encode =
            |out: &mut [u8]| trapkey_abi::encode(&self.plan.gather, &request, facts, out);
        let internal = |why: &str| Failure::Internal(why.to_owned());
        let response = module.decide(&self.plan.memory, &mut encode);
        match response.ok_or_else(|| internal("the policies have no memory"))? {
            Ok(response) => self.read(response, question.at),
            Err(EncodeError::TooLarge { capacity }) => {
                let what = "what the policies read of the request";
                Err(Failure::TooLarge(format!("{what} is more than {capacity} bytes")))
            }
            Err(_) => Err(internal("the request cannot be encoded")),
        }
    }

    /// The decision, if the reason follows from the entries.
    fn read(&self, bytes: &[u8], at: Option<i64>) -> Result<Decision, Failure> {
        let broken = || Failure::Internal("the policies' response contradicts itself".to_owned());
        let response = Response::read(bytes).map_err(|_| broken())?;
        let found = Found::read(&self.plan, &response).ok_or_else(broken)?;
        let (permits, forbids) = (!found.permits.is_empty(), !found.forbids.is_empty());
        let erred = found.has_forbid_erred && self.plan.forbid_errors == ForbidErrors::Deny;
        let (reason, follows, determining) = match response.reason() {
            Reason::Permitted => {
                (Why::Permitted, permits && !forbids && !erred, found.permits.as_slice())
            }
            Reason::Forbidden => (Why::Forbidden, forbids, found.forbids.as_slice()),
            Reason::NotPermitted => (Why::NotPermitted, !permits && !forbids, [].as_slice()),
            Reason::ForbidErred => (Why::ForbidErred, erred && !forbids, [].as_slice()),
            Reason::UnknownEnvironment => return Err(broken()),
        };
        if !follows || response.is_allow() != (reason == Why::Permitted) {
            return Err(broken());
        }
        let ids = |notes: &[&PolicyNote]| notes.iter().map(|note| note.id.clone()).collect();
        let is_over = |note: &&&PolicyNote| note.ends.zip(at).is_some_and(|(ends, at)| at >= ends);
        let expired: Vec<_> = found.satisfied.iter().filter(is_over).copied().collect();
        let remaining = response.remaining();
        Ok(Decision {
            verdict: if response.is_allow() { Verdict::Allow } else { Verdict::Deny },
            reason,
            at,
            horizon: (remaining != fields::NEVER_ENDS).then_some(remaining),
            determining: ids(determining),
            observed: ids(&found.observed),
            expired: ids(&expired),
            erring: found.erring,
            obligations: each_once(determining, |note| &note.obligations),
            advice: each_once(determining, |note| &note.advice),
        })
    }
}

/// The entries of a response, in the order of the policy set.
#[derive(Default)]
struct Found<'p> {
    /// All that hold, those that are only observed too.
    satisfied: Vec<&'p PolicyNote>,
    permits: Vec<&'p PolicyNote>,
    forbids: Vec<&'p PolicyNote>,
    observed: Vec<&'p PolicyNote>,
    erring: Vec<ErringPolicy>,
    has_forbid_erred: bool,
}

impl<'p> Found<'p> {
    /// `None` if an entry is none of the contract, contradicts its policy, or is another of the same policy.
    fn read(plan: &'p Plan, response: &Response<'_>) -> Option<Self> {
        let mut found = Self::default();
        let mut entries: Vec<u64> = response.words().collect();
        // The low half is the policy.
        entries.sort_unstable_by_key(|entry| entry & u64::from(u32::MAX));
        let mut before = None;
        for word in entries {
            let entry = Entry::from_word(word).ok()?;
            let is_another = before.replace(entry.policy) != Some(entry.policy);
            let note = plan.policies.get(usize::try_from(entry.policy).ok()?)?;
            // Bits that the contract does not define are of no class.
            let [_, _, _, _, class, ..] = word.to_le_bytes();
            let never = if entry.class.is_never { fields::CLASS_NEVER } else { 0 };
            if !is_another || note.is_template || u32::from(class) != note.class() | never {
                return None;
            }
            let Some((error, place)) = entry.error else {
                if entry.class.is_never {
                    return None;
                }
                found.satisfied.push(note);
                match (note.is_observed, note.is_forbid) {
                    (true, _) => found.observed.push(note),
                    (false, true) => found.forbids.push(note),
                    (false, false) => found.permits.push(note),
                }
                continue;
            };
            found.has_forbid_erred |= u32::from(class) == fields::CLASS_FORBID;
            let error = match error {
                EvalError::EntityMissing => EvaluationError::EntityMissing,
                EvalError::Overflow => EvaluationError::Overflow,
                EvalError::Extension => EvaluationError::Extension,
            };
            let place = note.places.get(usize::from(place))?;
            let place = types::Span { start: place.start, end: place.end };
            found.erring.push(ErringPolicy { policy: note.id.clone(), error, place });
        }
        Some(found)
    }
}

/// Duties of policies, each once.
fn each_once(notes: &[&PolicyNote], list: fn(&PolicyNote) -> &[Duty]) -> Vec<Obligation> {
    let mut duties: Vec<Obligation> = Vec::new();
    for note in notes {
        for Duty { name, argument } in list(note) {
            let is_there =
                duties.iter().any(|duty| (&duty.name, &duty.argument) == (name, argument));
            if !is_there {
                let (name, argument) = (name.clone(), argument.clone());
                duties.push(Obligation { name, argument, policy: note.id.clone() });
            }
        }
    }
    duties
}
