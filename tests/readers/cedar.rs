//! Cedar's own readers, and our values as Cedar's.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, EvalResult, Expression,
    Request, RestrictedExpression, Schema, eval_expression,
};
use trapkey::{Ip, Model, StoredEntity, Value};

use super::tree::Tree;

/// One schema as Cedar and as the engine have it.
pub(crate) struct Schemas {
    pub(crate) cedar: Schema,
    pub(crate) model: Arc<Model>,
}

impl Schemas {
    pub(crate) fn parse(text: &str) -> Self {
        let (cedar, _) = Schema::from_cedarschema_str(text).expect("schema is Cedar's");
        let schema = trapkey::parse_schema(text).expect("schema is ours");
        Self { cedar, model: Arc::new(Model::new(schema)) }
    }

    pub(crate) fn entities(&self, text: &str) -> Option<Entities> {
        Entities::from_json_str(text, Some(&self.cedar)).ok()
    }

    /// The request that `tree` describes, read part by part as a user of Cedar would.
    pub(crate) fn request(&self, tree: &Tree) -> Option<Request> {
        serde_json::from_str::<serde_json::Value>(&tree.to_string()).ok()?;
        let uid = |field| -> Option<EntityUid> {
            match tree.field(field)? {
                Tree::Token(text) => match serde_json::from_str(text).ok()? {
                    serde_json::Value::String(text) => EntityUid::from_str(&text).ok(),
                    other => EntityUid::from_json(other).ok(),
                },
                other => EntityUid::from_json(serde_json::from_str(&other.to_string()).ok()?).ok(),
            }
        };
        let (principal, action, resource) = (uid("principal")?, uid("action")?, uid("resource")?);
        let context = tree.field("context")?.to_string();
        let context = Context::from_json_str(&context, Some((&self.cedar, &action))).ok()?;
        Request::new(principal, action, resource, context, Some(&self.cedar)).ok()
    }
}

/// What Cedar evaluates `expression` to; none if it errs.
pub(crate) fn evaluate(expression: &str) -> Option<EvalResult> {
    let uid = || EntityUid::from_str("A::\"\"").expect("uid");
    let request = Request::new(uid(), uid(), uid(), Context::empty(), None).expect("no schema");
    let expression = Expression::from_str(expression).expect("expression parses");
    eval_expression(&request, &Entities::empty(), &expression).ok()
}

pub(crate) fn uid(uid: &trapkey::EntityUid) -> EntityUid {
    let type_name = EntityTypeName::from_str(&uid.type_name).expect("type name");
    EntityUid::from_type_name_and_id(type_name, EntityId::new(&uid.id))
}

/// A stored entity with its parents as Cedar's.
pub(crate) fn entity(entity: &StoredEntity) -> Entity {
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

pub(crate) fn decimal(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:04}", value / 10_000, value % 10_000)
}

pub(crate) fn ip(ip: &Ip) -> String {
    let address = if ip.v6 {
        IpAddr::V6(Ipv6Addr::from_bits(ip.address))
    } else {
        IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(ip.address).expect("32 bits")))
    };
    format!("{address}/{}", ip.prefix)
}

/// Whether both stores hold the same entities, values and ancestors.
pub(crate) fn is_same(schemas: &Schemas, ours: &trapkey::Entities, theirs: &Entities) -> bool {
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
