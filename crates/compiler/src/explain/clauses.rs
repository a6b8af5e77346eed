//! A policy taken apart into its clauses.

use cedar_policy_core::ast::{
    ActionConstraint, EntityReference, Expr, ExprKind, PrincipalOrResource,
    PrincipalOrResourceConstraint,
};
use trapkey_abi::{Access, AccessRoot, Clause, ClausePart, EntityUid, Span, Value};

use super::reads;
use crate::diagnostic::span_of;
use crate::front::{Entry, Rule};

/// The probes of a policy, as text, in the order in which clauses are evaluated.
pub(super) fn probes(number: u32, entry: &Entry) -> Vec<(String, Clause)> {
    let Rule::Policy(policy) = &entry.source else { return Vec::new() };
    let span = entry.manifest.span;
    let (principal, resource) = (entry.source.principal(), entry.source.resource());
    let action = policy.action_constraint();
    let mut probes = Vec::new();
    let mut scope = |part, scope: [&str; 3], accesses, constants| {
        let [principal, action, resource] = scope;
        let text = format!("permit({principal}, {action}, {resource});");
        probes.push((text, Clause { policy: number, part, span, accesses, constants }));
    };
    for (part, text, group) in parts(&principal, PrincipalOrResource::Principal) {
        let (accesses, constants) = membership(AccessRoot::Principal, group);
        scope(part, [&text, "action", "resource"], accesses, constants);
    }
    if !matches!(action, ActionConstraint::Any) {
        let text = action.to_string();
        scope(ClausePart::Action, ["principal", &text, "resource"], Vec::new(), Vec::new());
    }
    for (part, text, group) in parts(&resource, PrincipalOrResource::Resource) {
        let (accesses, constants) = membership(AccessRoot::Resource, group);
        scope(part, ["principal", "action", &text], accesses, constants);
    }
    let mut conjuncts = Vec::new();
    if let Some(condition) = policy.non_scope_constraints() {
        flatten(condition, &mut conjuncts);
    }
    let head = format!(
        "permit({}, {action}, {})",
        principal.display(PrincipalOrResource::Principal),
        resource.display(PrincipalOrResource::Resource)
    );
    let mut before = String::new();
    for conjunct in conjuncts {
        if !before.is_empty() {
            before.push_str(" && ");
        }
        before.extend(["(", &conjunct.to_string(), ")"]);
        let (accesses, constants) = reads::of(conjunct);
        let span = place(conjunct).unwrap_or(span);
        let part = ClausePart::Condition;
        let clause = Clause { policy: number, part, span, accesses, constants };
        probes.push((format!("{head} when {{ {before} }};"), clause));
    }
    probes
}

/// The parts of a scope's constraint, each as text of its own.
fn parts(
    constraint: &PrincipalOrResourceConstraint,
    of: PrincipalOrResource,
) -> Vec<(ClausePart, String, Option<EntityUid>)> {
    use PrincipalOrResourceConstraint as Constraint;
    let (named, grouped) = match of {
        PrincipalOrResource::Principal => (ClausePart::Principal, ClausePart::PrincipalIn),
        PrincipalOrResource::Resource => (ClausePart::Resource, ClausePart::ResourceIn),
    };
    let group = |reference: &EntityReference| match reference {
        EntityReference::EUID(uid) => Some(reads::uid(uid)),
        EntityReference::Slot(_) => None,
    };
    match constraint {
        Constraint::Any => Vec::new(),
        Constraint::Eq(_) | Constraint::Is(_) => vec![(named, constraint.display(of), None)],
        Constraint::In(reference) => vec![(grouped, constraint.display(of), group(reference))],
        Constraint::IsIn(entity_type, reference) => vec![
            (named, Constraint::Is(entity_type.clone()).display(of), None),
            (grouped, Constraint::In(reference.clone()).display(of), group(reference)),
        ],
    }
}

fn membership(root: AccessRoot, group: Option<EntityUid>) -> (Vec<Access>, Vec<Value>) {
    match group {
        Some(group) => (vec![Access { root, path: Vec::new() }], vec![Value::Entity(group)]),
        None => (Vec::new(), Vec::new()),
    }
}

/// The conjuncts of an expression, in the order of evaluation; `true` is none.
fn flatten<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    // By hand: a chain may be thousands long.
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let ExprKind::And { left, right } = expr.expr_kind() {
            open.push(right);
            open.push(left);
        } else if *expr != Expr::val(true) {
            into.push(expr);
        }
    }
}

fn place(expr: &Expr) -> Option<Span> {
    let loc = expr.source_loc()?;
    span_of(loc.start(), loc.end().saturating_sub(loc.start()))
}
