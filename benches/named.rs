//! A request as a host has it in its hands: uids as text, a context of named values.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unreachable,
    reason = "a case that is no request must stop the bench"
)]

use std::str::FromStr;

use cedar_policy::{Context, EntityUid, RestrictedExpression, Schema};
use serde_json::Value as Json;
use trapkey::{Model, Request, Value, parse_uid};
use trapkey_abi::{parse_datetime, parse_duration, parse_ip};

/// A request before either engine has seen it.
#[derive(Clone, Debug)]
pub struct NamedRequest {
    principal: String,
    action: String,
    resource: String,
    context: Vec<(String, Named)>,
}

/// A value of a context; entities and Cedar's extension types as text.
#[derive(Clone, Debug)]
enum Named {
    Bool(bool),
    Long(i64),
    String(String),
    Datetime(String),
    Duration(String),
    Ip(String),
    Entity(String),
    Record(Vec<(String, Named)>),
}

impl NamedRequest {
    /// Reads a request in Cedar's JSON.
    pub fn read(json: &Json) -> Self {
        let text = |name: &str| json.get(name).and_then(Json::as_str).expect("a uid").to_owned();
        let context = json.get("context").and_then(Json::as_object).expect("a context");
        Self {
            principal: text("principal"),
            action: text("action"),
            resource: text("resource"),
            context: context
                .iter()
                .map(|(name, value)| (name.clone(), Named::read(value)))
                .collect(),
        }
    }

    /// The request for Trapkey, which checks it against the schema.
    pub fn trapkey(&self, model: &Model) -> Request {
        let mut builder = Request::builder(model)
            .principal(parse_uid(&self.principal).expect("a uid"))
            .action(parse_uid(&self.action).expect("a uid"))
            .resource(parse_uid(&self.resource).expect("a uid"));
        for (name, value) in &self.context {
            builder = builder.attribute(name, value.value());
        }
        builder.build().expect("the request conforms")
    }

    /// The request for Cedar, which checks it against the schema if it is given one.
    pub fn cedar(&self, schema: Option<&Schema>) -> cedar_policy::Request {
        let uid = |text: &str| EntityUid::from_str(text).expect("a uid");
        let pairs = self.context.iter().map(|(name, value)| (name.clone(), value.expression()));
        let context = Context::from_pairs(pairs).expect("a context");
        let (principal, action) = (uid(&self.principal), uid(&self.action));
        cedar_policy::Request::new(principal, action, uid(&self.resource), context, schema)
            .expect("the request conforms")
    }
}

impl Named {
    fn read(json: &Json) -> Self {
        let text = |json: &Json, name: &str| {
            json.get(name).and_then(Json::as_str).expect("a text").to_owned()
        };
        match json {
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Long(number.as_i64().expect("a Long")),
            Json::String(text) => Self::String(text.clone()),
            Json::Object(fields) => match (fields.get("__extn"), fields.get("__entity")) {
                (Some(call), _) => match text(call, "fn").as_str() {
                    "datetime" => Self::Datetime(text(call, "arg")),
                    "duration" => Self::Duration(text(call, "arg")),
                    "ip" => Self::Ip(text(call, "arg")),
                    _ => unreachable!("the plant has no other extension values"),
                },
                (None, Some(uid)) => {
                    let uid = trapkey::EntityUid::new(text(uid, "type"), text(uid, "id"));
                    Self::Entity(uid.to_string())
                }
                (None, None) => Self::Record(
                    fields.iter().map(|(name, value)| (name.clone(), Self::read(value))).collect(),
                ),
            },
            Json::Null | Json::Array(_) => unreachable!("the plant's contexts have no such values"),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Long(value) => Value::Long(*value),
            Self::String(text) => Value::String(text.clone()),
            Self::Datetime(text) => Value::Datetime(parse_datetime(text).expect("a datetime")),
            Self::Duration(text) => Value::Duration(parse_duration(text).expect("a duration")),
            Self::Ip(text) => Value::Ip(parse_ip(text).expect("an address")),
            Self::Entity(text) => Value::Entity(parse_uid(text).expect("a uid")),
            Self::Record(fields) => Value::Record(
                fields.iter().map(|(name, value)| (name.clone(), value.value())).collect(),
            ),
        }
    }

    fn expression(&self) -> RestrictedExpression {
        match self {
            Self::Bool(value) => RestrictedExpression::new_bool(*value),
            Self::Long(value) => RestrictedExpression::new_long(*value),
            Self::String(text) => RestrictedExpression::new_string(text.clone()),
            Self::Datetime(text) => RestrictedExpression::new_datetime(text),
            Self::Duration(text) => RestrictedExpression::new_duration(text),
            Self::Ip(text) => RestrictedExpression::new_ip(text),
            Self::Entity(text) => {
                RestrictedExpression::new_entity_uid(EntityUid::from_str(text).expect("a uid"))
            }
            Self::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.expression()));
                RestrictedExpression::new_record(fields).expect("distinct names")
            }
        }
    }
}
