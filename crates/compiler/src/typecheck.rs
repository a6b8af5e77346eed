//! The typed tree of each policy in each request environment, in a stable order.

use std::collections::BTreeMap;

use cedar_policy_core::ast::{
    ActionConstraint, EntityType, Expr, ExprKind, PolicySet, PrincipalOrResourceConstraint,
    Template,
};
use cedar_policy_core::ast::{BinaryOp, UnaryOp};
use cedar_policy_core::validator::typecheck::{PolicyCheck, Typechecker};
use cedar_policy_core::validator::types::RequestEnv;
use cedar_policy_core::validator::{ValidationMode, Validator, ValidatorSchema};
use trapkey_abi::{Action, Schema, Span};

use crate::diagnostic::{CompileError, Diagnostic, Severity, Source, span_of};
use crate::front::Rule;
use crate::ir::Place;
use crate::lower::{TypedExpr, Unsupported};
use crate::schema::uid;
use crate::slots;

/// Validates all policies strictly; gives the warnings.
///
/// # Errors
///
/// [`CompileError::Validate`] with every error.
pub(crate) fn validate(
    schema: &ValidatorSchema,
    policies: &PolicySet,
) -> Result<Vec<Diagnostic>, CompileError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let mut errors: Vec<Diagnostic> = result
        .validation_errors()
        .map(|e| Diagnostic::from_cedar(Source::Policies, Severity::Error, e))
        .collect();
    if !errors.is_empty() {
        errors.sort();
        errors.dedup();
        return Err(CompileError::Validate(errors));
    }
    let mut warnings: Vec<Diagnostic> = result
        .validation_warnings()
        .map(|w| Diagnostic::from_cedar(Source::Policies, Severity::Warning, w))
        .collect();
    warnings.sort();
    warnings.dedup();
    Ok(warnings)
}

/// Index of the action, of the principal's type, of the resource's type.
pub(crate) type EnvironmentKey = (u32, u32, u32);

/// The request environments of a schema, sorted by [`EnvironmentKey`].
pub(crate) fn environments<'s>(
    cedar: &'s ValidatorSchema,
    schema: &Schema,
) -> BTreeMap<EnvironmentKey, RequestEnv<'s>> {
    cedar
        .unlinked_request_envs(ValidationMode::Strict)
        .filter_map(|env| {
            let RequestEnv::DeclaredAction { principal, action, resource, .. } = &env else {
                return None;
            };
            let action = schema.action(&uid(action))?.0;
            let principal = schema.entity_type(&principal.to_string())?.0;
            let resource = schema.entity_type(&resource.to_string())?.0;
            Some(((action, principal, resource), env))
        })
        .collect()
}

/// What a policy is in one environment.
pub(crate) enum Check {
    /// It may hold.
    Applies(TypedExpr),
    /// It cannot hold; only its errors count.
    Never(TypedExpr),
}

/// Types a policy or template in `env`; nothing if the scope excludes the environment.
///
/// # Errors
///
/// The message of a type error, which validation should have reported.
pub(crate) fn check(
    checker: &Typechecker<'_>,
    source: &Rule,
    env: &RequestEnv<'_>,
    action: &Action,
) -> Result<Option<Check>, Unsupported> {
    let template = source.template();
    if !scope_admits(template, env, action) {
        return Ok(None);
    }
    let env = match source {
        Rule::Policy(policy) => env.clone().link_slot_env(policy.env()),
        Rule::Template(template) => slots::filled(template, env),
    };
    match checker.typecheck_by_single_request_env(template, &env) {
        PolicyCheck::Success(expr) => Ok(Some(Check::Applies(expr))),
        PolicyCheck::Irrelevant(_, expr) => Ok(Some(Check::Never(expr))),
        PolicyCheck::Fail(errors) => {
            let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(Unsupported(messages.join("; ")))
        }
    }
}

/// Whether action and types pass the scope. Scopes cannot err, so a policy that they exclude has
/// no part in the environment.
fn scope_admits(template: &Template, env: &RequestEnv<'_>, action: &Action) -> bool {
    let RequestEnv::DeclaredAction { principal, resource, .. } = env else {
        return false;
    };
    let covers = |candidate| candidate == action.uid || action.groups.contains(&candidate);
    let action_passes = match template.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(only) => uid(only) == action.uid,
        ActionConstraint::In(list) => list.iter().any(|candidate| covers(uid(candidate))),
    };
    let type_passes =
        |constraint: &PrincipalOrResourceConstraint, ty: &EntityType| match constraint {
            PrincipalOrResourceConstraint::Is(name)
            | PrincipalOrResourceConstraint::IsIn(name, _) => **name == *ty,
            PrincipalOrResourceConstraint::Any
            | PrincipalOrResourceConstraint::In(_)
            | PrincipalOrResourceConstraint::Eq(_) => true,
        };
    action_passes
        && type_passes(template.principal_constraint().as_inner(), principal)
        && type_passes(template.resource_constraint().as_inner(), resource)
}

/// The places of a policy at which evaluation can fail; the first is the whole policy.
pub(crate) fn places(template: &Template) -> (Vec<Span>, BTreeMap<(usize, usize), Place>) {
    let whole = template.loc().and_then(|loc| span_of(loc.start(), loc.end() - loc.start()));
    let mut spans = vec![whole.unwrap_or_default()];
    let mut numbers = BTreeMap::new();
    let condition = template.condition();
    for expr in condition.subexpressions().filter(|expr| can_fail(expr)) {
        let Some(loc) = expr.source_loc() else {
            continue;
        };
        let range = (loc.start(), loc.end());
        let (Ok(number), Some(span)) =
            (Place::try_from(spans.len()), span_of(range.0, range.1 - range.0))
        else {
            continue;
        };
        numbers.entry(range).or_insert_with(|| {
            spans.push(span);
            number
        });
    }
    (spans, numbers)
}

fn can_fail(expr: &Expr) -> bool {
    match expr.expr_kind() {
        ExprKind::GetAttr { .. } | ExprKind::ExtensionFunctionApp { .. } => true,
        ExprKind::UnaryApp { op, .. } => *op == UnaryOp::Neg,
        ExprKind::BinaryApp { op, .. } => {
            matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::GetTag)
        }
        ExprKind::Lit(_)
        | ExprKind::Var(_)
        | ExprKind::Slot(_)
        | ExprKind::Unknown(_)
        | ExprKind::If { .. }
        | ExprKind::And { .. }
        | ExprKind::Or { .. }
        | ExprKind::HasAttr { .. }
        | ExprKind::ExtHasAttr { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => false,
    }
}
