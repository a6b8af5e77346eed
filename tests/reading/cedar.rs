//! Cedar's own readers, and our values as Cedar's.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a broken value stops its test"
)]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, EvalResult, Expression,
    Request, RestrictedExpression, Schema, eval_expression,
};
use trapkey::{Ip, Model, StoredEntity, Value};

/// One schema as Cedar and as the engine have it.
pub struct Schemas {
    /// Cedar's.
    pub cedar: Schema,
    /// The engine's.
    pub model: Arc<Model>,
}

impl Schemas {
    /// Reads a schema in Cedar's syntax.
    pub fn parse(text: &str) -> Self {
        let (cedar, _) = Schema::from_cedarschema_str(text).expect("schema is Cedar's");
        let schema = trapkey::parse_schema(text).expect("schema is ours");
        Self { cedar, model: Arc::new(Model::new(schema)) }
    }

    /// The entities that `text` describes, if Cedar accepts it.
    pub fn entities(&self, text: &str) -> Option<Entities> {
        Entities::from_json_str(text, Some(&self.cedar)).ok()
    }

    /// The request that `text` describes, read part by part as a user of Cedar would.
    pub fn request(&self, text: &str) -> Option<Request> {
        let mut json: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut part = |field| json.get_mut(field).map(serde_json::Value::take);
        let uid = |json| match json {
            serde_json::Value::String(text) => EntityUid::from_str(&text).ok(),
            other => EntityUid::from_json(other).ok(),
        };
        let (principal, action, resource) =
            (uid(part("principal")?)?, uid(part("action")?)?, uid(part("resource")?)?);
        let context =
            Context::from_json_value(part("context")?, Some((&self.cedar, &action))).ok()?;
        Request::new(principal, action, resource, context, Some(&self.cedar)).ok()
    }
}

/// What Cedar evaluates `expression` to; none if it errs.
pub fn evaluate(expression: &str) -> Option<EvalResult> {
    let uid = || EntityUid::from_str("A::\"\"").expect("uid");
    let request = Request::new(uid(), uid(), uid(), Context::empty(), None).expect("no schema");
    let expression = Expression::from_str(expression).expect("expression parses");
    eval_expression(&request, &Entities::empty(), &expression).ok()
}

/// Our uid as Cedar's.
pub fn uid(uid: &trapkey::EntityUid) -> EntityUid {
    let type_name = EntityTypeName::from_str(&uid.type_name).expect("type name");
    EntityUid::from_type_name_and_id(type_name, EntityId::new(&uid.id))
}

/// A stored entity with its parents as Cedar's.
pub fn entity(entity: &StoredEntity) -> Entity {
    let attributes = entity.attributes().map(|(name, value)| (name.to_owned(), self::value(value)));
    let tags = entity.tags().map(|(name, value)| (name.to_owned(), self::value(value)));
    Entity::new_with_tags(uid(entity.uid()), attributes, entity.parents().map(uid), tags)
        .expect("values evaluate")
}

fn value(value: &Value) -> RestrictedExpression {
    match value {
        Value::Bool(value) => RestrictedExpression::new_bool(*value),
        Value::Long(value) => RestrictedExpression::new_long(*value),
        Value::String(value) => RestrictedExpression::new_string(value.clone()),
        Value::Decimal(value) => RestrictedExpression::new_decimal(decimal(*value)),
        Value::Datetime(value) => {
            let text = format!("datetime(\"1970-01-01\").offset(duration(\"{value}ms\"))");
            RestrictedExpression::from_str(&text).expect("datetime")
        }
        Value::Duration(value) => RestrictedExpression::new_duration(format!("{value}ms")),
        Value::Ip(value) => RestrictedExpression::new_ip(ip(value)),
        Value::Entity(value) => RestrictedExpression::new_entity_uid(uid(value)),
        Value::Set(values) => RestrictedExpression::new_set(values.iter().map(self::value)),
        Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), self::value(value)));
            RestrictedExpression::new_record(fields).expect("record")
        }
    }
}

/// The text of a decimal in ten-thousandths.
pub fn decimal(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:04}", value / 10_000, value % 10_000)
}

/// The text of an address.
pub fn ip(ip: &Ip) -> String {
    let address = if ip.v6 {
        IpAddr::V6(Ipv6Addr::from_bits(ip.address))
    } else {
        IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(ip.address).expect("32 bits")))
    };
    format!("{address}/{}", ip.prefix)
}

/// Whether both stores hold the same entities, values and ancestors.
pub fn is_same(schemas: &Schemas, ours: &trapkey::Entities, theirs: &Entities) -> bool {
    let is_action = |stored: &&StoredEntity| stored.uid().type_name.ends_with("Action");
    let copies = ours.iter().filter(|stored| !is_action(stored)).map(entity);
    let copy = Entities::from_entities(copies, Some(&schemas.cedar)).expect("entities conform");
    let ancestors = |stored: &StoredEntity| {
        let ours: BTreeSet<String> = stored.ancestors().map(|a| uid(a).to_string()).collect();
        let theirs = theirs.ancestors(&uid(stored.uid()));
        theirs
            .is_some_and(|theirs| theirs.map(ToString::to_string).collect::<BTreeSet<_>>() == ours)
    };
    copy.deep_eq(theirs) && ours.iter().all(ancestors)
}
