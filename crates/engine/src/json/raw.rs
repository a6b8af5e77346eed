//! JSON values before their type is known.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use trapkey_abi::sort_compactly;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{JSON_DEPTH_MAX, JSON_VALUES_MAX, JsonError};

/// A JSON value; strings are borrowed from the text where it has no escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw<'t> {
    Null,
    Bool(bool),
    Long(i64),
    /// A number that is not a 64-bit signed integer.
    OtherNumber,
    String(Cow<'t, str>),
    Array(Vec<Raw<'t>>),
    Object(Fields<'t>),
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields<'t> {
    // INVARIANT: sorted by name, no name twice.
    sorted: Vec<(Cow<'t, str>, Raw<'t>)>,
}

impl<'t> Fields<'t> {
    pub(crate) fn get(&self, name: &str) -> Option<&Raw<'t>> {
        let index = self.sorted.binary_search_by(|(key, _)| key.as_ref().cmp(name)).ok()?;
        self.sorted.get(index).map(|(_, value)| value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Raw<'t>)> {
        self.sorted.iter().map(|(key, value)| (key.as_ref(), value))
    }
}

/// Reads a whole document.
pub(crate) fn read_raw(text: &str) -> Result<Raw<'_>, JsonError> {
    let budget = Budget::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let raw = RawSeed { budget: &budget, depth: JSON_DEPTH_MAX }
        .deserialize(&mut deserializer)
        .map_err(JsonError)?;
    deserializer.end().map_err(JsonError)?;
    Ok(raw)
}

/// Values that may still be read for one entity or request.
pub(crate) struct Budget(Cell<u32>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Cell::new(JSON_VALUES_MAX))
    }

    fn spend<E: Error>(&self) -> Result<(), E> {
        let left = self.0.get().checked_sub(1);
        self.0.set(
            left.ok_or_else(|| E::custom(format_args!("more than {JSON_VALUES_MAX} values")))?,
        );
        Ok(())
    }
}

/// Reads one value whose arrays and objects go at most `depth` levels down.
#[derive(Clone, Copy)]
pub(crate) struct RawSeed<'b> {
    pub(crate) budget: &'b Budget,
    pub(crate) depth: u32,
}

impl RawSeed<'_> {
    /// The seed for what lies inside an array or object.
    pub(crate) fn inside<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom(format_args!("nested deeper than {JSON_DEPTH_MAX} levels"))),
        }
    }
}

impl<'t> DeserializeSeed<'t> for RawSeed<'_> {
    type Value = Raw<'t>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Raw<'t>, D::Error> {
        self.budget.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for RawSeed<'_> {
    type Value = Raw<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw<'t>, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw<'t>, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw<'t>, E> {
        Ok(Raw::Long(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw<'t>, E> {
        Ok(i64::try_from(value).map_or(Raw::OtherNumber, Raw::Long))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Raw<'t>, E> {
        Ok(Raw::OtherNumber)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'t str) -> Result<Raw<'t>, E> {
        Ok(Raw::String(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw<'t>, E> {
        Ok(Raw::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, items: A) -> Result<Raw<'t>, A::Error> {
        ItemsSeed(self).visit_seq(items).map(Raw::Array)
    }

    fn visit_map<A: MapAccess<'t>>(self, fields: A) -> Result<Raw<'t>, A::Error> {
        FieldsSeed(self).visit_map(fields).map(Raw::Object)
    }
}

/// Reads an array.
pub(crate) struct ItemsSeed<'b>(pub(crate) RawSeed<'b>);

impl<'t> DeserializeSeed<'t> for ItemsSeed<'_> {
    type Value = Vec<Raw<'t>>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for ItemsSeed<'_> {
    type Value = Vec<Raw<'t>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let seed = self.0.inside()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(items)
    }
}

/// Reads an object.
pub(crate) struct FieldsSeed<'b>(pub(crate) RawSeed<'b>);

impl<'t> DeserializeSeed<'t> for FieldsSeed<'_> {
    type Value = Fields<'t>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for FieldsSeed<'_> {
    type Value = Fields<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let seed = self.0.inside()?;
        let mut sorted = Vec::new();
        while let Some(field) = access.next_entry_seed(KeySeed, seed)? {
            sorted.push(field);
        }
        sort_compactly(&mut sorted, |(a, _), (b, _)| a.cmp(b));
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some(((key, _), _)) = pairs.find(|((a, _), (b, _))| a == b) {
            let key = key.escape_debug();
            return Err(A::Error::custom(format_args!(
                "the key `{key}` occurs twice in one object"
            )));
        }
        Ok(Fields { sorted })
    }
}

/// Reads the key of a field.
pub(crate) struct KeySeed;

impl<'t> DeserializeSeed<'t> for KeySeed {
    type Value = Cow<'t, str>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Cow<'t, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for KeySeed {
    type Value = Cow<'t, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, value: &'t str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, want: &str) {
        let error = read_raw(text).expect_err(text).to_string();
        assert!(error.contains(want), "{error}");
    }

    #[test]
    fn only_64_bit_integers_are_longs() {
        for (text, want) in [
            ("9223372036854775807", Raw::Long(i64::MAX)),
            ("-9223372036854775808", Raw::Long(i64::MIN)),
            ("9223372036854775808", Raw::OtherNumber),
            ("-9223372036854775809", Raw::OtherNumber),
            ("1.0", Raw::OtherNumber),
            ("1e2", Raw::OtherNumber),
            ("-0", Raw::OtherNumber),
            ("0", Raw::Long(0)),
        ] {
            assert_eq!(read_raw(text).expect(text), want, "{text}");
        }
    }

    #[test]
    fn a_key_that_occurs_twice_is_refused() {
        check_refused(r#"{"a": {"x": 1, "b": 2, "x": 1}}"#, "`x` occurs twice");
        check_refused(r#"{"a": 1, "\u0061": 1}"#, "`a` occurs twice");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_raw(&nested(64)).is_ok());
        check_refused(&nested(65), "nested deeper than 64 levels");
        check_refused(&"{\"a\":".repeat(100_000), "nested deeper than 64 levels");
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let text = format!("[{}0]", "0,".repeat(1 << 20));
        check_refused(&text, "more than 1048576 values");
    }

    #[test]
    fn a_document_is_one_value() {
        check_refused("{} {}", "trailing characters");
        check_refused("", "EOF");
        check_refused("\"\\ud800\"", "escape");
    }
}
