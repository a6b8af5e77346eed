//! Extension values in JSON: a text, or a call of a function as `fn` with `arg` or `args`, which may
//! stand under `__extn`.

use trapkey_abi::{
    TextError, Type, Value, parse_datetime, parse_decimal, parse_duration, parse_ip,
};

use super::value::ValueErrorKind;
use super::{Place, Raw, ValueError};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Reads a value of the extension type `want`.
///
/// Of Cedar's functions those that make extension values are known; `unknown` is not.
pub(crate) fn read_extension(
    want: &Type,
    raw: &Raw<'_>,
    place: &Place<'_>,
) -> Result<Value, ValueError> {
    let call = match raw {
        Raw::String(text) => return parse(want, text, place),
        Raw::Object(fields) => {
            if let Some(Raw::String(_)) = fields.get("__expr") {
                return Err(place.error(ValueErrorKind::Expr));
            }
            fields.get("__extn").and_then(Call::of).or_else(|| Call::of(raw))
        }
        _ => None,
    };
    let value = match call {
        Some(call) => call.evaluate(place)?,
        None => return Err(place.wrong_type(want, raw)),
    };
    let is_wanted = matches!(
        (want, &value),
        (Type::Ip, Value::Ip(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::Datetime, Value::Datetime(_))
            | (Type::Duration, Value::Duration(_))
    );
    if is_wanted { Ok(value) } else { Err(place.wrong_type(want, raw)) }
}

fn parse(want: &Type, text: &str, place: &Place<'_>) -> Result<Value, ValueError> {
    match want {
        Type::Ip => parse_ip(text).map(Value::Ip),
        Type::Decimal => parse_decimal(text).map(Value::Decimal),
        Type::Datetime => parse_datetime(text).map(Value::Datetime),
        Type::Duration => parse_duration(text).map(Value::Duration),
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Entity(_)
        | Type::Set(_)
        | Type::Record(_) => Err(TextError::Form),
    }
    .map_err(|reason| place.error(ValueErrorKind::Text { want: want.clone(), reason }))
}

/// A function and its arguments.
struct Call<'r> {
    name: &'r str,
    args: &'r [Raw<'r>],
}

impl<'r> Call<'r> {
    /// The call that `raw` describes; keys beside its own are ignored, as Cedar does.
    fn of(raw: &'r Raw<'r>) -> Option<Self> {
        let Raw::Object(fields) = raw else {
            return None;
        };
        let Some(Raw::String(name)) = fields.get("fn") else {
            return None;
        };
        let args = match (fields.get("arg"), fields.get("args")) {
            (Some(arg), _) if is_cedar_value(arg) => std::slice::from_ref(arg),
            (_, Some(Raw::Array(args))) if args.iter().all(is_cedar_value) => args.as_slice(),
            _ => return None,
        };
        Some(Self { name, args })
    }

    fn evaluate(&self, place: &Place<'_>) -> Result<Value, ValueError> {
        match self.name {
            "ip" => self.text(&Type::Ip, place),
            "decimal" => self.text(&Type::Decimal, place),
            "datetime" => self.text(&Type::Datetime, place),
            "duration" => self.text(&Type::Duration, place),
            "offset" => {
                let [at, by] = self.arguments(place)?;
                let (at, by) = (datetime(at, place)?, duration(by, place)?);
                at.checked_add(by).map(Value::Datetime).ok_or_else(|| self.overflow(place))
            }
            "durationSince" => {
                let [end, start] = self.arguments(place)?;
                let (end, start) = (datetime(end, place)?, datetime(start, place)?);
                end.checked_sub(start).map(Value::Duration).ok_or_else(|| self.overflow(place))
            }
            "toDate" => {
                let [at] = self.arguments(place)?;
                let at = datetime(at, place)?;
                at.checked_sub(at.rem_euclid(DAY))
                    .map(Value::Datetime)
                    .ok_or_else(|| self.overflow(place))
            }
            "toTime" => {
                let [at] = self.arguments(place)?;
                Ok(Value::Duration(datetime(at, place)?.rem_euclid(DAY)))
            }
            name => Err(place.error(ValueErrorKind::UnknownFunction { name: name.to_owned() })),
        }
    }

    /// The value that a constructor makes of its one text.
    fn text(&self, want: &Type, place: &Place<'_>) -> Result<Value, ValueError> {
        match self.arguments(place)? {
            [Raw::String(text)] => parse(want, text, place),
            [arg] => Err(place.wrong_type(&Type::String, arg)),
        }
    }

    fn arguments<const N: usize>(&self, place: &Place<'_>) -> Result<&'r [Raw<'r>; N], ValueError> {
        self.args.try_into().map_err(|_| {
            let (name, found) = (self.name.to_owned(), self.args.len());
            place.error(ValueErrorKind::ArgumentCount { name, want: N, found })
        })
    }

    fn overflow(&self, place: &Place<'_>) -> ValueError {
        place.error(ValueErrorKind::Overflow { name: self.name.to_owned() })
    }
}

fn datetime(raw: &Raw<'_>, place: &Place<'_>) -> Result<i64, ValueError> {
    match read_extension(&Type::Datetime, raw, place)? {
        Value::Datetime(value) => Ok(value),
        _ => Err(place.wrong_type(&Type::Datetime, raw)),
    }
}

fn duration(raw: &Raw<'_>, place: &Place<'_>) -> Result<i64, ValueError> {
    match read_extension(&Type::Duration, raw, place)? {
        Value::Duration(value) => Ok(value),
        _ => Err(place.wrong_type(&Type::Duration, raw)),
    }
}

/// Whether Cedar can read `raw` as a value of some type: arguments are looked at before their type
/// is known.
fn is_cedar_value(raw: &Raw<'_>) -> bool {
    match raw {
        Raw::OtherNumber => false,
        Raw::Null | Raw::Bool(_) | Raw::Long(_) | Raw::String(_) => true,
        Raw::Array(items) => items.iter().all(is_cedar_value),
        Raw::Object(fields) => fields.iter().all(|(_, value)| is_cedar_value(value)),
    }
}
