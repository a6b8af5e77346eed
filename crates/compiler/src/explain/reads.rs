//! What a clause reads, and the values that it has written down.

use cedar_policy_core::ast::{EntityUID, Expr, ExprKind, Literal, PatternElem, Var};
use trapkey_abi::{
    Access, AccessRoot, EntityUid, Value, parse_datetime, parse_decimal, parse_duration, parse_ip,
};

/// An entity's uid in the contract's form.
pub(super) fn uid(uid: &EntityUID) -> EntityUid {
    let id: &str = uid.eid().as_ref();
    EntityUid::new(uid.entity_type().to_string(), id)
}

/// The accesses and constants in `expr`, each once.
pub(super) fn of(expr: &Expr) -> (Vec<Access>, Vec<Value>) {
    let (mut accesses, mut constants) = (Vec::new(), Vec::new());
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let Some(access) = access(expr) {
            push(&mut accesses, access);
            continue;
        }
        match expr.expr_kind() {
            ExprKind::Lit(literal) => push(&mut constants, constant(literal)),
            ExprKind::If { test_expr, then_expr, else_expr } => {
                open.extend([&**else_expr, &**then_expr, &**test_expr]);
            }
            ExprKind::And { left, right } | ExprKind::Or { left, right } => {
                open.extend([&**right, &**left]);
            }
            ExprKind::UnaryApp { arg, .. } => open.push(arg),
            ExprKind::BinaryApp { arg1, arg2, .. } => open.extend([&**arg2, &**arg1]),
            ExprKind::ExtensionFunctionApp { fn_name, args } => {
                match extension(&fn_name.to_string(), args) {
                    Some(value) => push(&mut constants, value),
                    None => open.extend(args.iter()),
                }
            }
            ExprKind::GetAttr { expr, .. } | ExprKind::Is { expr, .. } => open.push(expr),
            ExprKind::HasAttr { expr, attr } => match access(expr) {
                Some(mut access) => {
                    access.path.push(attr.to_string());
                    push(&mut accesses, access);
                }
                None => open.push(expr),
            },
            ExprKind::ExtHasAttr { expr, attrs } => match access(expr) {
                Some(mut access) => {
                    for attr in attrs.iter() {
                        access.path.push(attr.to_string());
                        push(&mut accesses, access.clone());
                    }
                }
                None => open.push(expr),
            },
            ExprKind::Like { expr, pattern } => {
                open.push(expr);
                let text = pattern.iter().filter_map(|element| match element {
                    PatternElem::Char(char) => Some(*char),
                    PatternElem::Wildcard => None,
                });
                push(&mut constants, Value::String(text.collect()));
            }
            ExprKind::Set(elements) => open.extend(elements.iter()),
            ExprKind::Record(fields) => open.extend(fields.values()),
            ExprKind::Var(_) | ExprKind::Slot(_) | ExprKind::Unknown(_) => {}
        }
    }
    (accesses, constants)
}

fn push<T: PartialEq>(into: &mut Vec<T>, value: T) {
    if !into.contains(&value) {
        into.push(value);
    }
}

/// A chain of attributes from a variable or an entity that is named.
fn access(expr: &Expr) -> Option<Access> {
    let mut names = Vec::new();
    let mut at = expr;
    while let ExprKind::GetAttr { expr, attr } = at.expr_kind() {
        names.push(attr.to_string());
        at = expr;
    }
    let root = match at.expr_kind() {
        ExprKind::Var(Var::Principal) => AccessRoot::Principal,
        ExprKind::Var(Var::Resource) => AccessRoot::Resource,
        ExprKind::Var(Var::Context) => AccessRoot::Context,
        ExprKind::Lit(Literal::EntityUID(named)) if !names.is_empty() => {
            AccessRoot::Entity(uid(named))
        }
        ExprKind::Var(Var::Action)
        | ExprKind::Lit(_)
        | ExprKind::Slot(_)
        | ExprKind::Unknown(_)
        | ExprKind::If { .. }
        | ExprKind::And { .. }
        | ExprKind::Or { .. }
        | ExprKind::UnaryApp { .. }
        | ExprKind::BinaryApp { .. }
        | ExprKind::ExtensionFunctionApp { .. }
        | ExprKind::GetAttr { .. }
        | ExprKind::HasAttr { .. }
        | ExprKind::ExtHasAttr { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. }
        | ExprKind::Set(_)
        | ExprKind::Record(_) => return None,
    };
    names.reverse();
    Some(Access { root, path: names })
}

fn constant(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Long(value) => Value::Long(*value),
        Literal::String(value) => Value::String(value.to_string()),
        Literal::EntityUID(named) => Value::Entity(uid(named)),
    }
}

/// The value of a constructor.
fn extension(function: &str, args: &[Expr]) -> Option<Value> {
    let [arg] = args else { return None };
    let ExprKind::Lit(Literal::String(text)) = arg.expr_kind() else { return None };
    match function {
        "decimal" => parse_decimal(text).ok().map(Value::Decimal),
        "datetime" => parse_datetime(text).ok().map(Value::Datetime),
        "duration" => parse_duration(text).ok().map(Value::Duration),
        "ip" => parse_ip(text).ok().map(Value::Ip),
        _method => None,
    }
}
