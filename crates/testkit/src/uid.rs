//! An entity uid as test data writes it: `Type::"id"`, or an object with `type` and `id`.

use cedar_policy::EntityUid;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Value, json};

/// A uid read from either of its two spellings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uid(pub(crate) EntityUid);

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().map(Self).map_err(D::Error::custom),
            other => EntityUid::from_json(other).map(Self).map_err(D::Error::custom),
        }
    }
}

/// The JSON object with `type` and `id`.
pub(crate) fn uid_json(uid: &EntityUid) -> Value {
    json!({ "type": uid.type_name().to_string(), "id": uid.id().unescaped() })
}
