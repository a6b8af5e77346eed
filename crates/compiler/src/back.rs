//! Lowers every policy in every request environment that it may matter in, and merges what is
//! equal: conditions, lists of candidates, context projections.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy_core::ast::{EntityReference, PrincipalOrResourceConstraint};
use cedar_policy_core::validator::ValidationMode;
use cedar_policy_core::validator::typecheck::Typechecker;
use cedar_policy_core::validator::types::RequestEnv;
use trapkey_abi::response::fields;
use trapkey_abi::{
    Effect, EntityUid, Environment, GatherTable, Layout, Policy, Projection, Semantics, Span,
    Stage, Template,
};

use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::emit::{self, Candidate, Granted, Key, List};
use crate::faults::Faults;
use crate::front::{Entry, Front, Rule};
use crate::ir::Expr;
use crate::limits::{
    CANDIDATES_MAX, CHECKS_MAX, FUNCTIONS_MAX, MEMORY_PAGES_MAX, PATHS_MAX, PROGRAM_SIZE_MAX,
    within,
};
use crate::lower::{self, Budget, Clocks, Limits, Paths, Reads, Scope};
use crate::schema::uid;
use crate::slots;
use crate::typecheck::{self, Check, EnvironmentKey};

/// Findings after which lowering stops.
const FINDINGS_MAX: usize = 100;

/// All that is emitted.
pub(crate) struct Back {
    pub(crate) conditions: Vec<Expr>,
    /// Per condition, what the sets and strings that it reads hold at most.
    pub(crate) limits: Vec<Limits>,
    /// Per condition, where the first policy that has it is.
    pub(crate) spans: Vec<Span>,
    pub(crate) lists: Vec<List>,
    /// Per environment of the gather table, the index of its list.
    pub(crate) environments: Vec<u32>,
    pub(crate) gather: GatherTable,
    /// What policies may still meet.
    pub(crate) faults: Faults,
    /// Per policy, what it leaves open if it is a template.
    pub(crate) templates: Vec<Option<Template>>,
}

impl Back {
    /// Why there is no module, with the policy that is to blame where there is one.
    pub(crate) fn refused(&self, oversized: emit::Oversized) -> CompileError {
        match oversized {
            emit::Oversized::Condition { number, what } => {
                let span = self.spans.get(index(number)).copied();
                CompileError::Limit(vec![Diagnostic::error(Source::Policies, span, what)])
            }
            emit::Oversized::Memory { pages } => CompileError::TooLarge {
                what: "the module's memory",
                unit: "pages",
                len: usize::try_from(pages).unwrap_or(usize::MAX),
                max: index(MEMORY_PAGES_MAX),
            },
            emit::Oversized::Cost(unbounded) => {
                let message = format!("the worst case of the module has no bound: {unbounded}");
                let finding = Diagnostic::error(Source::Policies, None, message);
                CompileError::Unsupported(vec![finding])
            }
        }
    }
}

/// Lowers all policies.
///
/// # Errors
///
/// [`CompileError::Limit`] with every condition that is too large, or for all together; then
/// [`CompileError::Unsupported`] with every construct that cannot be compiled.
pub(crate) fn back(front: &Front, semantics: Semantics) -> Result<Back, CompileError> {
    let cedar = &front.schema.cedar;
    let schema = &front.schema.schema;
    let keys = typecheck::environments(cedar, schema);
    let checks = keys.len().saturating_mul(front.policies.len());
    within("the policy set", checks, "policies times request environments", CHECKS_MAX)?;
    let layout = Layout::new(schema);
    let contexts = schema.actions.iter().zip(&layout.contexts);
    let clocks = contexts.map(|(action, layout)| lower::clocks(layout, &action.context)).collect();
    let mut work = Work {
        front,
        semantics,
        layout,
        clocks,
        checker: Typechecker::new(cedar, ValidationMode::Strict),
        slots: front.policies.iter().map(|entry| filled(&entry.source)).collect(),
        ordinals: ordinals(&front.policies),
        templates: front.policies.iter().map(|entry| entry.manifest.template.clone()).collect(),
        paths: Paths::new(),
        reads: Reads::default(),
        budget: Budget::default(),
        size: 0,
        candidates: 0,
        spans: Vec::new(),
        limits: Vec::new(),
        exceeded: Vec::new(),
        conditions: Distinct::default(),
        lists: Distinct::default(),
        contexts: Distinct::default(),
        findings: Vec::new(),
        faults: Faults::default(),
    };
    let mut environments = Vec::new();
    let mut lists = Vec::new();
    for (key, env) in keys {
        let (environment, list) = work.environment(key, &env);
        environments.push(environment);
        lists.push(list);
        work.check()?;
    }
    work.finish(environments, lists)
}

struct Work<'f> {
    front: &'f Front,
    semantics: Semantics,
    layout: Layout,
    /// Per action, how numbers of its context move.
    clocks: Vec<Clocks>,
    checker: Typechecker<'f>,
    /// Per policy, the values of its slots; absent for a template.
    slots: Vec<Option<BTreeMap<String, EntityUid>>>,
    /// The number of each template among the templates, by its number among the policies.
    ordinals: BTreeMap<u32, u32>,
    /// Per policy, what it leaves open if it is a template.
    templates: Vec<Option<Template>>,
    paths: Paths,
    reads: Reads,
    budget: Budget,
    /// Operations of all distinct conditions.
    size: usize,
    /// Candidates of all distinct lists.
    candidates: usize,
    spans: Vec<Span>,
    /// Per condition, what the sets and strings that it reads hold at most.
    limits: Vec<Limits>,
    /// What exceeds a limit.
    exceeded: Vec<Diagnostic>,
    conditions: Distinct<Expr>,
    lists: Distinct<List>,
    contexts: Distinct<Projection>,
    findings: Vec<Diagnostic>,
    faults: Faults,
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
                Ok(Some((candidate, reads, used))) => {
                    candidates.push(candidate);
                    paths.extend(&used);
                    self.reads.add(&reads);
                    context.add(&reads);
                }
                Ok(None) => {}
                Err(lower::Unsupported(message)) => {
                    let span = Some(entry.manifest.span);
                    let finding = Diagnostic::error(Source::Policies, span, message);
                    if self.budget.is_exceeded() {
                        self.exceeded.push(finding);
                    } else {
                        self.findings.push(finding);
                    }
                }
            }
            let is_full = self.size > PROGRAM_SIZE_MAX || self.exceeded.len() >= FINDINGS_MAX;
            if is_full || self.budget.is_exhausted() {
                break;
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let len = candidates.len();
        let (candidates, templates) = self.apart(candidates);
        let environment = Environment {
            action: key.0,
            principal_type: key.1,
            resource_type: key.2,
            context: self.contexts.number(context.context.projection()),
            paths,
            templates: templates.iter().map(|template| template.ordinal).collect(),
        };
        let before = self.lists.numbers.len();
        let list = List { templates, ..self.list(key, candidates) };
        let list = self.lists.number(list);
        if self.lists.numbers.len() > before {
            self.candidates = self.candidates.saturating_add(len);
        }
        (environment, list)
    }

    /// The policy's part in an environment; nothing if it can neither hold nor err there.
    fn policy(
        &mut self,
        number: usize,
        entry: &Entry,
        key: EnvironmentKey,
        env: &RequestEnv<'_>,
    ) -> Result<Option<(Candidate, Reads, BTreeSet<u32>)>, lower::Unsupported> {
        self.budget.start();
        let schema = &self.front.schema.schema;
        let Some(action) = schema.actions.get(index(key.0)) else {
            return Ok(None);
        };
        let Some(slots) = self.slots.get(number) else {
            return Ok(None);
        };
        let check = typecheck::check(&self.checker, &entry.source, env, action)?;
        let Some(check) = check else { return Ok(None) };
        let (expr, is_never) = match &check {
            Check::Applies(expr) => (expr, false),
            Check::Never(expr) => (expr, true),
        };
        let (slots, places) = (slots.as_ref(), &entry.places);
        let (layout, action) = (&self.layout, key.0);
        let Some(clocks) = self.clocks.get(index(action)) else { return Ok(None) };
        let scope = Scope { schema, layout, action, slots, clocks, places };
        let lowered = lower::lower(&scope, &mut self.paths, &mut self.budget, expr)?;
        self.faults.add(number, key.0, &lowered.condition, &lowered.missing);
        let condition = match lowered.condition {
            Expr::Bool(false) => return Ok(None),
            expr if is_never && !expr.can_err() => return Ok(None),
            Expr::Bool(true) => None,
            expr => Some(self.condition(expr, lowered.limits, entry.manifest.span)),
        };
        let (reads, paths) = (lowered.reads, lowered.paths);
        let class = class(&entry.manifest, self.semantics, is_never);
        let entity_type = |of: u32| schema.entity_types.get(index(of));
        if let Some(Some(template)) = self.templates.get_mut(number)
            && let (Some(principal), Some(resource)) = (entity_type(key.1), entity_type(key.2))
        {
            slots::admit(template, principal, resource);
        }
        let type_name = |of| entity_type(of).map(|ty| ty.name.as_str());
        let principal = scope_key(&entry.source.principal(), type_name(key.1));
        let resource = scope_key(&entry.source.resource(), type_name(key.2));
        // A forbid goes on forbidding.
        let expires = entry.manifest.expires;
        let expires =
            expires.filter(|_| self.semantics.expiry && entry.manifest.effect == Effect::Permit);
        let policy = length(number);
        let candidate = Candidate { policy, class, condition, expires, principal, resource };
        Ok(Some((candidate, reads, paths)))
    }

    /// The candidates that count for every request, and the templates, which count where a grant
    /// brings them in.
    fn apart(&self, all: Vec<Candidate>) -> (Vec<Candidate>, Vec<Granted>) {
        let (mut candidates, mut templates) = (Vec::new(), Vec::new());
        for candidate in all {
            match self.ordinals.get(&candidate.policy) {
                Some(ordinal) => templates.push(Granted { ordinal: *ordinal, candidate }),
                None => candidates.push(candidate),
            }
        }
        (candidates, templates)
    }

    /// The candidates of an environment, and where the ancestors are that their scopes name.
    fn list(&self, (_, principal, resource): EnvironmentKey, candidates: Vec<Candidate>) -> List {
        let front = self.front;
        let ancestors = |of: u32, constraint: fn(&Rule) -> PrincipalOrResourceConstraint| {
            let layout = self.layout.entity_types.get(index(of));
            let groups = candidates.iter().filter_map(|candidate| {
                let entry = front.policies.get(index(candidate.policy))?;
                group(&constraint(&entry.source))
            });
            let offsets: BTreeSet<u32> =
                groups.filter_map(|group| layout?.ancestors_offset(&group.type_name)).collect();
            offsets.into_iter().collect::<Vec<_>>()
        };
        let principal_ancestors = ancestors(principal, Rule::principal);
        let resource_ancestors = ancestors(resource, Rule::resource);
        List { candidates, principal_ancestors, resource_ancestors, templates: Vec::new() }
    }

    /// The number of a condition, which the policy at `span` has.
    fn condition(&mut self, expr: Expr, limits: Limits, span: Span) -> u32 {
        let (size, before) = (expr.size(), self.conditions.numbers.len());
        let number = self.conditions.number(expr);
        if self.conditions.numbers.len() > before {
            self.size = self.size.saturating_add(size);
            self.spans.push(span);
            self.limits.push(limits);
        } else if let Some(known) = self.limits.get_mut(index(number)) {
            lower::widen(known, &limits);
        }
        number
    }

    /// Refuses to go on when all conditions and lists together are too large.
    fn check(&mut self) -> Result<(), CompileError> {
        if self.exceeded.len() >= FINDINGS_MAX || self.budget.is_exhausted() {
            return Err(CompileError::Limit(std::mem::take(&mut self.exceeded)));
        }
        within("the policy set", self.size, "operations", PROGRAM_SIZE_MAX)?;
        within("the policy set", self.candidates, "candidates", CANDIDATES_MAX)?;
        within("the policy set", self.paths.len(), "paths to entities", PATHS_MAX)?;
        let functions = self.conditions.numbers.len() + self.candidates / emit::CHUNK;
        within("the policy set", functions, "functions", FUNCTIONS_MAX)
    }

    fn finish(
        mut self,
        environments: Vec<Environment>,
        lists: Vec<u32>,
    ) -> Result<Back, CompileError> {
        if !self.exceeded.is_empty() {
            self.exceeded.sort();
            self.exceeded.dedup();
            return Err(CompileError::Limit(self.exceeded));
        }
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
            contexts: self.contexts.into_order(),
        };
        Ok(Back {
            conditions: self.conditions.into_order(),
            limits: self.limits,
            spans: self.spans,
            lists: self.lists.into_order(),
            environments: lists,
            gather,
            faults: self.faults,
            templates: self.templates,
        })
    }
}

/// Values numbered in the order of their first appearance.
struct Distinct<T> {
    numbers: BTreeMap<T, u32>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new() }
    }
}

impl<T: Ord> Distinct<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = length(self.numbers.len());
        *self.numbers.entry(value).or_insert(next)
    }

    fn into_order(self) -> Vec<T> {
        let mut pairs: Vec<(T, u32)> = self.numbers.into_iter().collect();
        pairs.sort_unstable_by_key(|(_, number)| *number);
        pairs.into_iter().map(|(value, _)| value).collect()
    }
}

/// The entity that a scope names, and whether it is named as a group.
fn named(constraint: &PrincipalOrResourceConstraint) -> Option<(EntityUid, bool)> {
    let (reference, is_group) = match constraint {
        PrincipalOrResourceConstraint::Eq(reference) => (reference, false),
        PrincipalOrResourceConstraint::In(reference)
        | PrincipalOrResourceConstraint::IsIn(_, reference) => (reference, true),
        PrincipalOrResourceConstraint::Any | PrincipalOrResourceConstraint::Is(_) => return None,
    };
    match reference {
        EntityReference::EUID(entity) => Some((uid(entity), is_group)),
        EntityReference::Slot(_) => None,
    }
}

fn scope_key(constraint: &PrincipalOrResourceConstraint, own_type: Option<&str>) -> Option<Key> {
    let (entity, is_group) = named(constraint)?;
    let is_own = own_type == Some(&entity.type_name);
    Some(Key { handle: entity.handle(), is_own, is_group })
}

fn group(constraint: &PrincipalOrResourceConstraint) -> Option<EntityUid> {
    named(constraint).filter(|(_, is_group)| *is_group).map(|(entity, _)| entity)
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

/// The values of a link's slots; nothing for a template, whose slots are open.
fn filled(source: &Rule) -> Option<BTreeMap<String, EntityUid>> {
    match source {
        Rule::Policy(policy) => {
            let slots = policy.env().iter();
            Some(slots.map(|(slot, entity)| (slot.to_string(), uid(entity))).collect())
        }
        Rule::Template(_) => None,
    }
}

/// Numbers the templates among the policies.
fn ordinals(policies: &[Entry]) -> BTreeMap<u32, u32> {
    let templates = (0..).zip(policies).filter(|(_, entry)| entry.manifest.is_template());
    templates.zip(0..).map(|((policy, _), ordinal)| (policy, ordinal)).collect()
}

pub(crate) fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
