//! The declared table of what each event does, checked against a schema when it is read.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use trapkey_abi::{EntityUid, Record, Type, Value};
use trapkey_engine::{Amendment, Model, SubjectKey};

use crate::{Dated, Event, EventType, Format, Member, VerifiedSet, json};

/// Bytes of a mapping.
pub const MAPPING_BYTES_MAX: usize = 256 * 1024;

/// Effects of a mapping, in all its rules.
pub const EFFECTS_MAX: usize = 1024;

/// Why a mapping was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// It is larger than [`MAPPING_BYTES_MAX`].
    #[error("mapping is {len} bytes, the limit is {MAPPING_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// It is not JSON of the right shape.
    #[error("unreadable mapping")]
    Json(#[source] serde_json::Error),
    /// It has more effects than [`EFFECTS_MAX`].
    #[error("the mapping has {count} effects, the limit is {EFFECTS_MAX}")]
    TooMany {
        /// How many it has.
        count: usize,
    },
    /// A rule is for verification events, which have no effect.
    #[error("rule {rule} is for verification, which has no effect")]
    Verification {
        /// Place of the rule, from 0.
        rule: usize,
    },
    /// The schema has no such entity type.
    #[error("rule {rule}: the entity type `{name}` is unknown")]
    UnknownType {
        /// Place of the rule, from 0.
        rule: usize,
        /// The type's name.
        name: String,
    },
    /// The entity type has no such attribute, or no context has it, or contexts have it with
    /// several types.
    #[error("rule {rule}: the attribute `{path}` is unknown or has several types")]
    UnknownAttribute {
        /// Place of the rule, from 0.
        rule: usize,
        /// The attribute's name or path.
        path: String,
    },
    /// The value is not of the attribute's type: a boolean, a whole number, a text, or an entity as
    /// its id.
    #[error("rule {rule}: the value of `{path}` is not of its type")]
    Value {
        /// Place of the rule, from 0.
        rule: usize,
        /// The attribute's name or path.
        path: String,
    },
}

/// Why an event has no effects.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// No rule is for such an event.
    #[error("no rule is for this event")]
    NoRule,
    /// Rules are for such an event, but its subject does not say what any of them needs; this is
    /// what the last needs.
    #[error("the subject has no {member:?} in the format {format:?}")]
    NoSubject {
        /// The member that the rule needs.
        member: Member,
        /// Its format.
        format: Format,
    },
}

/// What each event does. In JSON:
///
/// ```json
/// { "rules": [ {
///     "event": "device-compliance-change", "when": { "current_status": "not-compliant" },
///     "member": "device", "format": "opaque",
///     "effects": [ { "set_context": {
///         "key": "device", "path": "device.compliance", "value": "not-compliant" } } ]
/// } ] }
/// ```
///
/// A rule holds if all members of the event at the paths in `when` are equal to the values there.
/// All rules that hold and whose member the subject has count. Other effects are `set_attribute` (`type`, `attribute`, `value`),
/// `revoke_sessions` (a key) and `revoke_grants` (the principal's type); keys are `"device"`,
/// `"credential"`, `"session"` and `{ "principal": TYPE }`.
#[derive(Clone, Debug)]
pub struct Mapping {
    // INVARIANT: types, attributes and values are those of the model that it was read with.
    rules: Vec<Checked>,
}

#[derive(Clone, Debug)]
struct Checked {
    rule: Rule,
    effects: Vec<Effect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    event: EventType,
    #[serde(default)]
    when: Map<String, Json>,
    member: Member,
    format: Format,
    effects: Vec<Declared>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Declared {
    SetAttribute {
        #[serde(rename = "type")]
        type_name: String,
        attribute: String,
        value: Json,
    },
    SetContext {
        key: Key,
        path: String,
        value: Json,
    },
    RevokeSessions(Key),
    RevokeGrants(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Principal(String),
    Device,
    Credential,
    Session,
}

/// An effect whose subject is still open.
#[derive(Clone, Debug)]
enum Effect {
    Attribute { type_name: String, attribute: String, value: Value },
    Context { key: Key, path: String, value: Value },
    RevokeSessions(Key),
    RevokeGrants(String),
}

impl Mapping {
    /// Reads a mapping and checks it against a schema.
    ///
    /// # Errors
    ///
    /// [`MappingError`]
    pub fn from_json(text: &str, model: &Model) -> Result<Self, MappingError> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(MappingError::TooLarge { len: text.len() });
        }
        let table = json::read(text.as_bytes()).and_then(serde_json::from_value);
        let Table { rules } = table.map_err(MappingError::Json)?;
        let count = rules.iter().map(|rule| rule.effects.len()).sum();
        if count > EFFECTS_MAX {
            return Err(MappingError::TooMany { count });
        }
        let check = |(index, rule)| Checked::new(index, rule, model);
        Ok(Self { rules: rules.into_iter().enumerate().map(check).collect::<Result<_, _>>()? })
    }

    /// What a verified token does; nothing, if it is a verification.
    ///
    /// # Errors
    ///
    /// [`ResolveError`]
    pub fn resolve(&self, set: &VerifiedSet) -> Result<Vec<Dated>, ResolveError> {
        let event = set.event();
        if event.event_type == EventType::Verification {
            return Ok(Vec::new());
        }
        let mut resolved = None;
        let mut failure = ResolveError::NoRule;
        for Checked { rule, effects } in self.rules.iter().filter(|own| own.rule.holds(event)) {
            let (member, format) = (rule.member, rule.format);
            let named = set.subject().identifier(member, format);
            // Another issuer's names say nothing here.
            let is_own =
                |issuer: &Option<String>| issuer.as_deref().is_none_or(|own| own == set.issuer());
            let Some(named) = named.filter(|identifier| is_own(&identifier.issuer)) else {
                failure = ResolveError::NoSubject { member, format };
                continue;
            };
            let dated =
                |own: &Effect| Dated { at: event.at, amendment: own.of(&named.name, event) };
            resolved.get_or_insert_with(Vec::new).extend(effects.iter().map(dated));
        }
        resolved.ok_or(failure)
    }
}

impl Checked {
    fn new(index: usize, rule: Rule, model: &Model) -> Result<Self, MappingError> {
        if rule.event == EventType::Verification {
            return Err(MappingError::Verification { rule: index });
        }
        let check = |declared: &Declared| declared.check(index, model);
        let effects = rule.effects.iter().map(check).collect::<Result<_, _>>()?;
        Ok(Self { rule, effects })
    }
}

impl Rule {
    fn holds(&self, event: &Event) -> bool {
        self.event == event.event_type
            && self.when.iter().all(|(path, value)| at(&event.fields, path) == Some(value))
    }
}

impl Declared {
    fn check(&self, rule: usize, model: &Model) -> Result<Effect, MappingError> {
        let known = |name: &str| match model.schema().entity_type(name) {
            Some((_, entity_type)) if !entity_type.is_action => Ok(entity_type),
            Some(_) | None => Err(MappingError::UnknownType { rule, name: name.to_owned() }),
        };
        let known_key = |key: &Key| match key {
            Key::Principal(name) => known(name).map(|_| ()),
            Key::Device | Key::Credential | Key::Session => Ok(()),
        };
        let unknown = |path: &str| MappingError::UnknownAttribute { rule, path: path.to_owned() };
        let other = |path: &str| MappingError::Value { rule, path: path.to_owned() };
        Ok(match self {
            Self::SetAttribute { type_name, attribute, value } => {
                let declared = known(type_name)?.attributes.attributes.get(attribute);
                let ty = &declared.ok_or_else(|| unknown(attribute))?.ty;
                let value = read(value, ty, model).ok_or_else(|| other(attribute))?;
                let (type_name, attribute) = (type_name.clone(), attribute.clone());
                Effect::Attribute { type_name, attribute, value }
            }
            Self::SetContext { key, path, value } => {
                known_key(key)?;
                let ty = context_type(model, path).ok_or_else(|| unknown(path))?;
                let value = read(value, ty, model).ok_or_else(|| other(path))?;
                Effect::Context { key: key.clone(), path: path.clone(), value }
            }
            Self::RevokeSessions(key) => {
                known_key(key)?;
                Effect::RevokeSessions(key.clone())
            }
            Self::RevokeGrants(name) => {
                known(name)?;
                Effect::RevokeGrants(name.clone())
            }
        })
    }
}

impl Effect {
    fn of(&self, name: &str, event: &Event) -> Amendment {
        match self {
            Self::Attribute { type_name, attribute, value } => Amendment::Attribute {
                entity: EntityUid::new(type_name, name),
                attribute: attribute.clone(),
                value: value.clone(),
            },
            Self::Context { key, path, value } => {
                Amendment::Context { key: key.of(name), path: path.clone(), value: value.clone() }
            }
            Self::RevokeSessions(key) => {
                let reason = format!("{:?}", event.event_type);
                Amendment::RevokeSessions { key: key.of(name), reason }
            }
            Self::RevokeGrants(type_name) => {
                Amendment::RevokeGrants { principal: EntityUid::new(type_name, name) }
            }
        }
    }
}

impl Key {
    fn of(&self, name: &str) -> SubjectKey {
        match self {
            Self::Principal(type_name) => SubjectKey::Principal(EntityUid::new(type_name, name)),
            Self::Device => SubjectKey::Device(name.to_owned()),
            Self::Credential => SubjectKey::Credential(name.to_owned()),
            Self::Session => SubjectKey::Session(name.to_owned()),
        }
    }
}

/// The value at a path of names with points between them.
fn at<'f>(fields: &'f Map<String, Json>, path: &str) -> Option<&'f Json> {
    let mut names = path.split('.');
    let first = fields.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// The one type that an attribute has in all contexts that have it.
fn context_type<'m>(model: &'m Model, path: &str) -> Option<&'m Type> {
    let mut types = model.schema().actions.iter().filter_map(|a| type_at(&a.context, path));
    let first = types.next()?;
    types.all(|ty| ty == first).then_some(first)
}

fn type_at<'m>(record: &'m Record, path: &str) -> Option<&'m Type> {
    match path.split_once('.') {
        None => record.attributes.get(path).map(|attribute| &attribute.ty),
        Some((name, rest)) => match &record.attributes.get(name)?.ty {
            Type::Record(inner) => type_at(inner, rest),
            _ => None,
        },
    }
}

/// A value of a type that events can set.
fn read(value: &Json, ty: &Type, model: &Model) -> Option<Value> {
    match (ty, value) {
        (Type::Bool, Json::Bool(value)) => Some(Value::Bool(*value)),
        (Type::Long, Json::Number(value)) => value.as_i64().map(Value::Long),
        (Type::String, Json::String(value)) => Some(Value::String(value.clone())),
        (Type::Entity(name), Json::String(id)) => {
            let is_known = model.schema().has_id(name, id);
            is_known.then(|| Value::Entity(EntityUid::new(name, id)))
        }
        _ => None,
    }
}
