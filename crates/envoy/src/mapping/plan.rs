//! A mapping with a schema: what the guest does.

mod context;

use std::collections::BTreeSet;

use trapkey_abi::{EntityUid, Policy, Schema};
use trapkey_engine::parse_uid;
use trapkey_guest::plan::{
    Adapter, Denied, Duty, HeaderRule, HttpPlan, Identity, ModbusPlan, ModbusRule, PolicyNote,
    Question, Route, Segment, SpiffeRule, UriList,
};

use super::file::{
    self, AdapterName, DeniedName, MappingFile, Obligations, Others, StageName, Uris,
};
use super::template::{self, Scope};
use super::{MAPPING_RULES_MAX, MappingError, MappingErrorKind, Resolved};

/// Checks a mapping.
pub(super) fn resolve(file: &MappingFile, schema: &Schema) -> Result<Resolved, MappingError> {
    let rules = file.principal.len() + file.route.len() + file.function.len();
    if rules > MAPPING_RULES_MAX {
        return Err(part("mapping", MappingErrorKind::TooMany { len: rules }));
    }
    let identity = identity(file, schema)?;
    let mut asker = Asker { schema, file, takes_time: false };
    let adapter = match file.adapter {
        AdapterName::Http => asker.http()?,
        AdapterName::Modbus => asker.modbus()?,
    };
    Ok(Resolved {
        identity,
        adapter,
        observes: file.stage == StageName::Observe,
        records_allows: file.record_allows,
        takes_time: asker.takes_time,
    })
}

/// What the guest has to know of a policy.
pub(super) fn note(policy: &Policy, obligations: &Obligations) -> PolicyNote {
    let mut note = PolicyNote { id: policy.id.clone(), duties: Vec::new(), is_unhonoured: false };
    for obligation in &policy.obligations {
        let argument = obligation.argument.as_deref();
        let duty = match (obligation.name.as_str(), argument) {
            ("add-header", Some(argument)) => argument.split_once('=').and_then(|(name, value)| {
                let name = template::header(name).ok()?;
                is_value(value).then(|| Duty::AddHeader { name, value: value.to_owned() })
            }),
            ("remove-header", Some(name)) => {
                template::header(name).ok().map(|name| Duty::RemoveHeader { name })
            }
            (name, argument) if obligations.marks.iter().any(|mark| mark == name) => {
                let argument = argument.map(|argument| format!(":{argument}"));
                Some(Duty::Mark(format!("{name}{}", argument.unwrap_or_default())))
            }
            _ => None,
        };
        match duty {
            Some(duty) => note.duties.push(duty),
            None => note.is_unhonoured |= obligations.others == Others::Deny,
        }
    }
    note
}

/// Whether a header may have this value.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn part(place: impl Into<String>, kind: MappingErrorKind) -> MappingError {
    MappingError::Part { place: place.into(), kind }
}

fn identity(file: &MappingFile, schema: &Schema) -> Result<Identity, MappingError> {
    if file.principal.is_empty() {
        return Err(part("mapping", MappingErrorKind::NoPrincipal));
    }
    let uris = match &file.uris {
        Uris::Forwarded => UriList::Forwarded,
        Uris::FilterState(key) => UriList::FilterState(key.clone()),
    };
    let mut identity = Identity { uris, ..Identity::default() };
    for (number, principal) in (1..).zip(&file.principal) {
        let place = |kind| part(format!("principal {number}"), kind);
        let entity_type = entity_type(schema, &principal.entity_type).map_err(place)?;
        match (&principal.spiffe, &principal.header) {
            (Some(text), None) => {
                let (trust_domain, path, parameters) = spiffe(text).map_err(place)?;
                let whole = Some("spiffe");
                let scope = Scope { parameters: &parameters, whole, http: false, modbus: false };
                let id = template::text(&principal.id, scope).map_err(place)?;
                identity.spiffe.push(SpiffeRule { trust_domain, path, entity_type, id });
            }
            (None, Some(name)) if file.adapter == AdapterName::Http => {
                let name = template::header(name).map_err(place)?;
                let whole = Some("value");
                let scope = Scope { parameters: &[], whole, http: false, modbus: false };
                let id = template::text(&principal.id, scope).map_err(place)?;
                identity.headers.push(HeaderRule { name, entity_type, id });
            }
            (Some(_), Some(_)) | (None, _) => {
                return Err(place(MappingErrorKind::PrincipalForm));
            }
        }
    }
    Ok(identity)
}

/// An entity type that is not that of actions.
fn entity_type(schema: &Schema, name: &str) -> Result<String, MappingErrorKind> {
    let found = schema.entity_type(name).filter(|(_, declared)| !declared.is_action);
    let unknown = || MappingErrorKind::UnknownType { name: name.to_owned() };
    found.map(|(_, declared)| declared.name.clone()).ok_or_else(unknown)
}

/// Trust domain, path and parameters of a SPIFFE id's template.
fn spiffe(text: &str) -> Result<(String, Vec<Segment>, Vec<String>), MappingErrorKind> {
    let wrong = |why| MappingErrorKind::Spiffe { text: text.to_owned(), why };
    let rest = text.strip_prefix("spiffe://").ok_or(wrong("it does not begin with `spiffe://`"))?;
    let slash = rest.find('/').ok_or(wrong("it has no path"))?;
    let (domain, path) = rest.split_at(slash);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_domain = |byte: u8| is_plain(byte) || b"-._".contains(&byte);
    if domain.is_empty() || domain.len() > 255 || !domain.bytes().all(is_domain) {
        return Err(wrong("a trust domain has lower-case letters, digits and `-._`"));
    }
    let (path, parameters) = template::path(path).map_err(wrong)?;
    if path.is_empty() {
        return Err(wrong("a workload's id has a path"));
    }
    Ok((domain.to_owned(), path, parameters))
}

/// Makes questions.
struct Asker<'m> {
    schema: &'m Schema,
    file: &'m MappingFile,
    takes_time: bool,
}

impl Asker<'_> {
    fn http(&mut self) -> Result<Adapter, MappingError> {
        let adapter = "http";
        if !self.file.function.is_empty() {
            let found = "function";
            return Err(part("mapping", MappingErrorKind::OtherAdapter { found, adapter }));
        }
        if self.file.route.is_empty() {
            let wanted = "route";
            return Err(part("mapping", MappingErrorKind::NoQuestion { wanted, adapter }));
        }
        let mut routes = Vec::new();
        for (number, route) in (1..).zip(&self.file.route) {
            let name = format!("route {number}");
            let place = |kind| part(name.clone(), kind);
            let path_text = route.path.as_str();
            let wrong = |why| MappingErrorKind::Path { text: path_text.to_owned(), why };
            let (path, parameters) = template::path(path_text).map_err(|why| place(wrong(why)))?;
            let is_method = |text: &str| {
                !text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_uppercase())
            };
            if !is_method(&route.method) {
                return Err(place(MappingErrorKind::Method { name: route.method.clone() }));
            }
            let host = route.host.clone();
            if let Some(name) = host.clone().filter(|host| !is_host(host)) {
                return Err(place(MappingErrorKind::Host { name }));
            }
            let scope = Scope { parameters: &parameters, whole: None, http: true, modbus: false };
            let asked = Asked {
                name: &name,
                action: &route.action,
                resource: &route.resource,
                context: &route.context,
                scope,
            };
            let question = self.question(asked)?;
            routes.push(Route { method: route.method.clone(), path, host, question });
        }
        Ok(Adapter::Http(HttpPlan { routes }))
    }

    fn modbus(&mut self) -> Result<Adapter, MappingError> {
        let adapter = "modbus";
        if !self.file.route.is_empty() {
            let found = "route";
            return Err(part("mapping", MappingErrorKind::OtherAdapter { found, adapter }));
        }
        if self.file.function.is_empty() {
            let wanted = "function";
            return Err(part("mapping", MappingErrorKind::NoQuestion { wanted, adapter }));
        }
        let (mut rules, mut seen) = (Vec::new(), BTreeSet::new());
        for (number, function) in (1..).zip(&self.file.function) {
            let name = format!("function {number}");
            for &code in &function.functions {
                if !(1..=127).contains(&code) || !seen.insert((code, function.writes)) {
                    return Err(part(name, MappingErrorKind::Function { code }));
                }
            }
            let scope = Scope { parameters: &[], whole: None, http: false, modbus: true };
            let asked = Asked {
                name: &name,
                action: &function.action,
                resource: &function.resource,
                context: &function.context,
                scope,
            };
            let question = self.question(asked)?;
            rules.push(ModbusRule {
                functions: function.functions.clone(),
                writes: function.writes,
                each_address: function.each_address,
                question,
            });
        }
        let denied = match self.file.denied {
            DeniedName::Close => Denied::Close,
            DeniedName::Drop => Denied::Drop,
        };
        Ok(Adapter::Modbus(ModbusPlan { rules, denied }))
    }

    fn question(&mut self, asked: Asked<'_>) -> Result<Question, MappingError> {
        let place = |kind| part(asked.name, kind);
        let (index, action) = action(self.schema, asked.action).map_err(place)?;
        let resource_type = entity_type(self.schema, &asked.resource.entity_type).map_err(place)?;
        if !action.resources.contains(&resource_type) {
            return Err(place(MappingErrorKind::WrongResource { name: resource_type }));
        }
        let is_meant = |name: &String| action.principals.contains(name);
        if !self.file.principal.iter().any(|principal| is_meant(&principal.entity_type)) {
            return Err(place(MappingErrorKind::WrongPrincipal));
        }
        let resource = template::text(&asked.resource.id, asked.scope).map_err(place)?;
        let context = context::features(self.schema, &action.context, &asked)?;
        self.takes_time |= context.takes_time;
        Ok(Question { action: index, resource_type, resource, context: context.features })
    }
}

/// A question as the file has it.
#[derive(Clone, Copy)]
struct Asked<'m> {
    name: &'m str,
    action: &'m str,
    resource: &'m file::Resource,
    context: &'m std::collections::BTreeMap<String, file::Source>,
    scope: Scope<'m>,
}

/// The action with this id or uid.
fn action<'s>(
    schema: &'s Schema,
    name: &str,
) -> Result<(u32, &'s trapkey_abi::Action), MappingErrorKind> {
    let unknown = || MappingErrorKind::UnknownAction { name: name.to_owned() };
    let applies = |(_, action): &(u32, &trapkey_abi::Action)| !action.principals.is_empty();
    if let Ok(uid) = parse_uid(name) {
        let uid: EntityUid = uid;
        return schema.action(&uid).filter(applies).ok_or_else(unknown);
    }
    let mut found = (0..).zip(&schema.actions).filter(|(_, action)| action.uid.id == name);
    let first = found.next().filter(applies).ok_or_else(unknown)?;
    if found.next().is_some() {
        return Err(MappingErrorKind::AmbiguousAction { name: name.to_owned() });
    }
    Ok(first)
}

fn is_host(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| is_plain(byte) || b"-.[]_".contains(&byte))
}
