//! Lowers every policy in every request environment that it may matter in, and merges what is
//! equal: conditions, lists of candidates, context projections.

use std::collections::BTreeMap;

use cedar_policy_core::ast::Policy as CedarPolicy;
use cedar_policy_core::validator::ValidationMode;
use cedar_policy_core::validator::typecheck::Typechecker;
use cedar_policy_core::validator::types::RequestEnv;
use trapkey_abi::response::fields;
use trapkey_abi::{
    Effect, EntityUid, Environment, GatherTable, Layout, Policy, Projection, Semantics, Stage,
};

use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::emit::Candidate;
use crate::front::{Entry, Front};
use crate::ir::Expr;
use crate::lower::{self, Paths, Reads, Scope};
use crate::schema::uid;
use crate::typecheck::{self, Check, EnvironmentKey};

/// Operations that one condition may be lowered to; far above what a reader can follow.
const CONDITION_SIZE_MAX: usize = 200_000;

/// All that is emitted.
pub(crate) struct Back {
    pub(crate) conditions: Vec<Expr>,
    pub(crate) lists: Vec<Vec<Candidate>>,
    /// Per environment of the gather table, the index of its list.
    pub(crate) environments: Vec<u32>,
    pub(crate) gather: GatherTable,
}

/// Lowers all policies.
///
/// # Errors
///
/// [`CompileError::Unsupported`] with every construct that cannot be compiled.
pub(crate) fn back(front: &Front, semantics: Semantics) -> Result<Back, CompileError> {
    let cedar = &front.schema.cedar;
    let schema = &front.schema.schema;
    let mut work = Work {
        front,
        semantics,
        layout: Layout::new(schema),
        checker: Typechecker::new(cedar, ValidationMode::Strict),
        slots: front.policies.iter().map(|entry| slots(entry.policy.as_ref())).collect(),
        paths: Paths::new(),
        reads: Reads::default(),
        conditions: Distinct::default(),
        lists: Distinct::default(),
        contexts: Distinct::default(),
        findings: Vec::new(),
    };
    let mut environments = Vec::new();
    let mut lists = Vec::new();
    for (key, env) in typecheck::environments(cedar, schema) {
        let (environment, list) = work.environment(key, &env);
        environments.push(environment);
        lists.push(list);
    }
    work.finish(environments, lists)
}

struct Work<'f> {
    front: &'f Front,
    semantics: Semantics,
    layout: Layout,
    checker: Typechecker<'f>,
    /// Per policy, the values of its slots.
    slots: Vec<BTreeMap<String, EntityUid>>,
    paths: Paths,
    reads: Reads,
    conditions: Distinct<Expr>,
    lists: Distinct<Vec<Candidate>>,
    contexts: Distinct<Projection>,
    findings: Vec<Diagnostic>,
}

impl Work<'_> {
    /// One environment and the number of its list of candidates.
    fn environment(&mut self, key: EnvironmentKey, env: &RequestEnv<'_>) -> (Environment, u32) {
        let front = self.front;
        let mut context = Reads::default();
        let mut paths = Vec::new();
        let mut candidates = Vec::new();
        for (number, entry) in front.policies.iter().enumerate() {
            match self.policy(number, entry, key, env) {
                Ok(Some((candidate, lowered))) => {
                    candidates.push(candidate);
                    paths.extend(&lowered.paths);
                    self.reads.add(&lowered.reads);
                    context.add(&lowered.reads);
                }
                Ok(None) => {}
                Err(lower::Unsupported(message)) => {
                    let span = Some(entry.manifest.span);
                    self.findings.push(Diagnostic::error(Source::Policies, span, message));
                }
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let environment = Environment {
            action: key.0,
            principal_type: key.1,
            resource_type: key.2,
            context: self.contexts.number(context.context.projection()),
            paths,
        };
        (environment, self.lists.number(candidates))
    }

    /// The policy's part in an environment; nothing if it can neither hold nor err there.
    fn policy(
        &mut self,
        number: usize,
        entry: &Entry,
        key: EnvironmentKey,
        env: &RequestEnv<'_>,
    ) -> Result<Option<(Candidate, lower::Lowered)>, lower::Unsupported> {
        let schema = &self.front.schema.schema;
        let Some(policy) = &entry.policy else {
            return Ok(None);
        };
        let Some(action) = schema.actions.get(index(key.0)) else {
            return Ok(None);
        };
        let Some(slots) = self.slots.get(number) else {
            return Ok(None);
        };
        let check = typecheck::check(&self.checker, policy, env, action)?;
        let Some(check) = check else { return Ok(None) };
        let (expr, is_never) = match &check {
            Check::Applies(expr) => (expr, false),
            Check::Never(expr) => (expr, true),
        };
        let scope =
            Scope { schema, layout: &self.layout, action: key.0, slots, places: &entry.places };
        let lowered = lower::lower(&scope, &mut self.paths, expr)?;
        let size = lowered.condition.size();
        if size > CONDITION_SIZE_MAX {
            let text =
                format!("condition has {size} operations, the limit is {CONDITION_SIZE_MAX}");
            return Err(lower::Unsupported(text));
        }
        let condition = match &lowered.condition {
            Expr::Bool(false) => return Ok(None),
            expr if is_never && !expr.can_err() => return Ok(None),
            Expr::Bool(true) => None,
            expr => Some(self.conditions.number(expr.clone())),
        };
        let class = class(&entry.manifest, self.semantics, is_never);
        Ok(Some((Candidate { policy: length(number), class, condition }, lowered)))
    }

    fn finish(
        mut self,
        environments: Vec<Environment>,
        lists: Vec<u32>,
    ) -> Result<Back, CompileError> {
        if !self.findings.is_empty() {
            self.findings.sort();
            self.findings.dedup();
            return Err(CompileError::Unsupported(self.findings));
        }
        let schema = &self.front.schema.schema;
        let entity_types = (0..schema.entity_types.len())
            .map(|number| {
                let bytes = self.reads.entity_types.get(&length(number));
                bytes.map(lower::Bytes::projection).unwrap_or_default()
            })
            .collect();
        let gather = GatherTable {
            layout: self.layout.digest,
            paths: self.paths.into_order(),
            environments,
            entity_types,
            contexts: self.contexts.order,
        };
        Ok(Back {
            conditions: self.conditions.order,
            lists: self.lists.order,
            environments: lists,
            gather,
        })
    }
}

/// Values numbered in the order of their first appearance.
struct Distinct<T> {
    order: Vec<T>,
    numbers: BTreeMap<T, u32>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { order: Vec::new(), numbers: BTreeMap::new() }
    }
}

impl<T: Clone + Ord> Distinct<T> {
    fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = length(self.order.len());
        self.order.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

fn class(policy: &Policy, semantics: Semantics, is_never: bool) -> u32 {
    let forbid = match policy.effect {
        Effect::Permit => 0,
        Effect::Forbid => fields::CLASS_FORBID,
    };
    let observed = match policy.stage {
        Stage::Observe if semantics.stages => fields::CLASS_OBSERVED,
        Stage::Observe | Stage::Enforce => 0,
    };
    let never = if is_never { fields::CLASS_NEVER } else { 0 };
    forbid | observed | never
}

fn slots(policy: Option<&CedarPolicy>) -> BTreeMap<String, EntityUid> {
    let slots = policy.into_iter().flat_map(|policy| policy.env().iter());
    slots.map(|(slot, entity)| (slot.to_string(), uid(entity))).collect()
}

pub(crate) fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
