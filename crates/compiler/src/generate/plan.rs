//! Which Rust types a schema needs, and what they are called.

use std::collections::BTreeMap;

use trapkey_abi::{Action, Attribute, EntityType, Record, Schema, Type};

use super::names::{Names, camel, escaped, snake};

/// The types of a module, in the order in which they are written.
#[derive(Debug)]
pub(super) struct Plan<'s> {
    pub(super) ids: Vec<Id<'s>>,
    pub(super) parties: Vec<Party>,
    pub(super) records: Vec<Struct>,
    pub(super) requests: Vec<Request<'s>>,
}

/// The ids of an entity type.
#[derive(Debug)]
pub(super) struct Id<'s> {
    pub(super) name: String,
    pub(super) entity_type: &'s EntityType,
    /// Of an enumerated type, the variant of each id.
    pub(super) variants: Option<Vec<(String, &'s str)>>,
}

/// The types that a principal or a resource may have.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) name: String,
    /// Names of the types in the schema and of their ids in Rust.
    pub(super) types: Vec<(String, String)>,
}

/// A context, or a record in one.
#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    /// What it is, for its documentation.
    pub(super) about: String,
    pub(super) fields: Vec<Field>,
}

/// An attribute of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) attribute: String,
    pub(super) about: String,
    pub(super) ty: String,
    pub(super) is_optional: bool,
}

/// A request for an action.
#[derive(Debug)]
pub(super) struct Request<'s> {
    pub(super) name: String,
    pub(super) action: &'s Action,
    pub(super) principal: String,
    pub(super) resource: String,
    pub(super) context: String,
}

/// What is known while types are found.
struct Planner<'s> {
    names: Names,
    ids: BTreeMap<&'s str, String>,
    parties: BTreeMap<&'s [String], String>,
    contexts: BTreeMap<&'s Record, String>,
    inner: BTreeMap<&'s Record, String>,
    plan: Plan<'s>,
}

impl<'s> Plan<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let mut planner = Planner {
            names: Names::of_types(),
            ids: BTreeMap::new(),
            parties: BTreeMap::new(),
            contexts: BTreeMap::new(),
            inner: BTreeMap::new(),
            plan: Self {
                ids: Vec::new(),
                parties: Vec::new(),
                records: Vec::new(),
                requests: Vec::new(),
            },
        };
        for entity_type in &schema.entity_types {
            planner.id(entity_type);
        }
        // Groups apply to nothing: there are no requests for them.
        let is_applicable = |a: &&Action| !a.principals.is_empty() && !a.resources.is_empty();
        let actions = schema.actions.iter().filter(is_applicable);
        let named: Vec<_> = actions.map(|action| (action, planner.action_name(action))).collect();
        for (action, name) in named {
            planner.request(action, name);
        }
        planner.plan
    }
}

impl<'s> Planner<'s> {
    fn id(&mut self, entity_type: &'s EntityType) {
        let full = &entity_type.name;
        let last = full.rsplit("::").next().unwrap_or(full);
        let name = self.names.take(&[camel(last), camel(full)]);
        let variants = entity_type.ids.as_ref().map(|ids| {
            let mut names = Names::default();
            // `Self` is the only type's name that no variant can have.
            names.take(&["Self".to_owned()]);
            ids.iter().map(|id| (names.take(&[camel(id)]), id.as_str())).collect()
        });
        self.ids.insert(full, name.clone());
        self.plan.ids.push(Id { name, entity_type, variants });
    }

    fn action_name(&mut self, action: &Action) -> String {
        let full = format!("{} {}", action.uid.type_name, action.uid.id);
        self.names.take(&[camel(&action.uid.id), camel(&full)])
    }

    fn request(&mut self, action: &'s Action, name: String) {
        let principal = self.party(&action.principals, &format!("{name}Principal"));
        let resource = self.party(&action.resources, &format!("{name}Resource"));
        let context = self.context(action, &name);
        self.plan.requests.push(Request { name, action, principal, resource, context });
    }

    fn party(&mut self, types: &'s [String], wanted: &str) -> String {
        if let [only] = types {
            return self.id_name(only);
        }
        if let Some(name) = self.parties.get(types) {
            return name.clone();
        }
        let name = self.names.take(&[wanted.to_owned()]);
        self.parties.insert(types, name.clone());
        let types = types.iter().map(|ty| (ty.clone(), self.id_name(ty))).collect();
        self.plan.parties.push(Party { name: name.clone(), types });
        name
    }

    fn context(&mut self, action: &'s Action, of: &str) -> String {
        if let Some(name) = self.contexts.get(&action.context) {
            return name.clone();
        }
        let name = self.names.take(&[format!("{of}Context")]);
        self.contexts.insert(&action.context, name.clone());
        self.record(&action.context, name, format!("The context of `{}`", code(&action.uid)))
    }

    fn record(&mut self, record: &'s Record, name: String, about: String) -> String {
        // First in, so that a record comes before those inside it.
        let index = self.plan.records.len();
        self.plan.records.push(Struct { name: name.clone(), about, fields: Vec::new() });
        let mut names = Names::default();
        let mut fields = Vec::new();
        for (attribute, declared) in &record.attributes {
            let about =
                format!("`{}`: `{}`{}", code(attribute), kind(&declared.ty), limits(declared));
            let ty = self.rust(&declared.ty, attribute, &name);
            let field = names.take(&[snake(attribute)]);
            fields.push(Field {
                name: escaped(&field),
                attribute: attribute.clone(),
                about,
                ty,
                is_optional: !declared.required,
            });
        }
        if let Some(own) = self.plan.records.get_mut(index) {
            own.fields = fields;
        }
        name
    }

    /// The type in Rust of a value that an attribute has.
    fn rust(&mut self, ty: &'s Type, attribute: &str, owner: &str) -> String {
        match ty {
            Type::Bool => "bool".to_owned(),
            Type::Long => "i64".to_owned(),
            Type::String => "String".to_owned(),
            Type::Decimal => "trapkey::Decimal".to_owned(),
            Type::Datetime => "trapkey::Datetime".to_owned(),
            Type::Duration => "trapkey::Duration".to_owned(),
            Type::Ip => "trapkey::Ip".to_owned(),
            Type::Entity(name) => self.id_name(name),
            Type::Set(element) => format!("Vec<{}>", self.rust(element, attribute, owner)),
            Type::Record(record) => {
                if let Some(name) = self.inner.get(record) {
                    return name.clone();
                }
                let wanted = [camel(attribute), camel(&format!("{owner} {attribute}"))];
                let name = self.names.take(&wanted);
                self.inner.insert(record, name.clone());
                self.record(record, name, format!("The record `{}`", code(attribute)))
            }
        }
    }

    fn id_name(&self, entity_type: &str) -> String {
        self.ids.get(entity_type).cloned().unwrap_or_else(|| camel(entity_type))
    }
}

/// A name of the schema for a span of code in a comment.
pub(super) fn code(name: &(impl ToString + ?Sized)) -> String {
    let plain = |letter: char| match letter {
        '`' => "'".to_owned(),
        letter if letter.is_control() => letter.escape_default().to_string(),
        letter => letter.to_string(),
    };
    name.to_string().chars().map(plain).collect()
}

/// What the schema says of the values of an attribute.
pub(super) fn limits(declared: &Attribute) -> String {
    let bounds = declared.bounds.map(|bounds| format!(", {} to {}", bounds.min, bounds.max));
    let max = declared.max.map(|max| match declared.ty {
        Type::String => format!(", at most {max} bytes"),
        Type::Set(_)
        | Type::Bool
        | Type::Long
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_)
        | Type::Record(_) => format!(", at most {max} elements"),
    });
    bounds.or(max).unwrap_or_default()
}

/// The type in the words of schemas, but for what a record holds.
pub(super) fn kind(ty: &Type) -> String {
    match ty {
        Type::Set(element) => format!("Set<{}>", kind(element)),
        Type::Record(_) => "record".to_owned(),
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_) => ty.to_string(),
    }
}
