//! Texts as values of the types that the schema declares.

use trapkey_abi::{
    EntityUid, Type, Value, parse_datetime, parse_decimal, parse_duration, parse_ip,
};

/// Whether values of a type have a text.
pub(super) fn has_text(ty: &Type) -> bool {
    match ty {
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_) => true,
        Type::Set(_) | Type::Record(_) => false,
    }
}

/// The value that a text is; absent if it is none of the type.
pub(super) fn value(ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::Bool => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Long => long(text).map(Value::Long),
        Type::String => Some(Value::String(text.to_owned())),
        Type::Decimal => parse_decimal(text).map(Value::Decimal).ok(),
        Type::Datetime => parse_datetime(text).map(Value::Datetime).ok(),
        Type::Duration => parse_duration(text).map(Value::Duration).ok(),
        Type::Ip => parse_ip(text).map(Value::Ip).ok(),
        Type::Entity(name) if text.is_empty() || name.is_empty() => None,
        Type::Entity(name) => Some(Value::Entity(EntityUid::new(name.clone(), text))),
        Type::Set(_) | Type::Record(_) => None,
    }
}

/// The value that a number is.
pub(super) fn number(ty: &Type, number: i64) -> Option<Value> {
    match ty {
        Type::Long => Some(Value::Long(number)),
        Type::String => Some(Value::String(number.to_string())),
        Type::Bool if number == 0 || number == 1 => Some(Value::Bool(number == 1)),
        Type::Bool
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_)
        | Type::Set(_)
        | Type::Record(_) => None,
    }
}

/// The value that an instant is, in milliseconds since 1970-01-01T00:00:00Z.
pub(super) fn instant(ty: &Type, now: i64) -> Option<Value> {
    match ty {
        Type::Datetime => Some(Value::Datetime(now)),
        Type::Long => Some(Value::Long(now)),
        Type::Bool
        | Type::String
        | Type::Decimal
        | Type::Duration
        | Type::Ip
        | Type::Entity(_)
        | Type::Set(_)
        | Type::Record(_) => None,
    }
}

/// The parts of a list between commas, without blanks around them; a part that is empty is none.
pub(super) fn list(element: &Type, text: &str) -> Option<Value> {
    if text.trim_matches([' ', '\t']).is_empty() {
        return Some(Value::Set(Vec::new()));
    }
    let parts = text.split(',').map(|part| part.trim_matches([' ', '\t']));
    let values = parts.map(|part| if part.is_empty() { None } else { value(element, part) });
    values.collect::<Option<Vec<_>>>().map(Value::Set)
}

/// Decimal digits with an optional minus sign, without leading zeros.
fn long(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
    if !is_plain || has_leading_zero || text == "-0" { None } else { text.parse().ok() }
}
