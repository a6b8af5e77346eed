//! Constants: bytes for the module's data, and folding of literal sets, ips and times.

use cedar_policy_core::ast::{ExprKind, Literal, Pattern, PatternElem};
use trapkey_abi as abi;
use trapkey_abi::{Ip, Row, Schema, Type};

use super::{Lower, TypedExpr, Unsupported, type_of};
use crate::schema::uid;

/// The encoded form of a constant: its fixed part at offset 0, what hangs below it after.
pub(super) fn encode(schema: &Schema, ty: &Type, value: &abi::Value) -> Lower<Vec<u8>> {
    let row = Row::constant(schema, ty, value).map_err(|e| Unsupported(e.to_string()))?;
    Ok(row.bytes().to_vec())
}

pub(super) fn text(schema: &Schema, text: &str) -> Lower<Vec<u8>> {
    encode(schema, &Type::String, &abi::Value::String(text.to_owned()))
}

pub(super) fn ip(ip: Ip) -> Vec<u8> {
    ip.to_bytes().to_vec()
}

/// The pattern's literal parts, with `None` for each wildcard.
pub(super) fn pattern(pattern: &Pattern) -> Vec<Option<String>> {
    let mut parts: Vec<Option<String>> = Vec::new();
    for element in pattern.iter() {
        match (element, parts.last_mut()) {
            (PatternElem::Char(c), Some(Some(text))) => text.push(*c),
            (PatternElem::Char(c), _) => parts.push(Some(String::from(*c))),
            // Two wildcards in a row match what one does.
            (PatternElem::Wildcard, Some(None)) => {}
            (PatternElem::Wildcard, _) => parts.push(None),
        }
    }
    parts
}

/// The value of an expression that is a literal through and through.
pub(super) fn fold(expr: &TypedExpr) -> Option<abi::Value> {
    Some(match expr.expr_kind() {
        ExprKind::Lit(Literal::Bool(value)) => abi::Value::Bool(*value),
        ExprKind::Lit(Literal::Long(value)) => abi::Value::Long(*value),
        ExprKind::Lit(Literal::String(text)) => abi::Value::String(text.to_string()),
        ExprKind::Lit(Literal::EntityUID(entity)) => abi::Value::Entity(uid(entity)),
        ExprKind::Set(elements) => {
            abi::Value::Set(elements.iter().map(fold).collect::<Option<_>>()?)
        }
        ExprKind::Record(fields) if is_closed_by(fields.len(), expr) => {
            let fields = fields.iter().map(|(name, field)| Some((name.to_string(), fold(field)?)));
            abi::Value::Record(fields.collect::<Option<_>>()?)
        }
        ExprKind::ExtensionFunctionApp { fn_name, args } => extension(&fn_name.to_string(), args)?,
        ExprKind::Record(_)
        | ExprKind::Var(_)
        | ExprKind::Slot(_)
        | ExprKind::Unknown(_)
        | ExprKind::If { .. }
        | ExprKind::And { .. }
        | ExprKind::Or { .. }
        | ExprKind::UnaryApp { .. }
        | ExprKind::BinaryApp { .. }
        | ExprKind::GetAttr { .. }
        | ExprKind::HasAttr { .. }
        | ExprKind::ExtHasAttr { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. } => return None,
    })
}

/// Whether the record's type declares just the fields that the literal has.
fn is_closed_by(len: usize, expr: &TypedExpr) -> bool {
    matches!(type_of(expr), Ok(Type::Record(record)) if record.attributes.len() == len)
}

/// The value of a constructor applied to a literal text.
pub(super) fn extension(name: &str, args: &[TypedExpr]) -> Option<abi::Value> {
    let [arg] = args else { return None };
    let ExprKind::Lit(Literal::String(text)) = arg.expr_kind() else {
        return None;
    };
    match name {
        "ip" => abi::parse_ip(text).map(abi::Value::Ip).ok(),
        "decimal" => abi::parse_decimal(text).map(abi::Value::Decimal).ok(),
        "datetime" => abi::parse_datetime(text).map(abi::Value::Datetime).ok(),
        "duration" => abi::parse_duration(text).map(abi::Value::Duration).ok(),
        // Every other function takes a value that is no literal.
        _other => None,
    }
}
