//! Duties: obligations and advice with their parameters resolved by the facts that decided.

use std::collections::BTreeSet;
use std::fmt;

use trapkey_abi::{Access, AccessRoot, EntityUid, Obligation, Value, parse_duration};

use crate::explain::{Finder, text};
use crate::snapshot::Live;
use crate::{Decision, Duration, Engine, Request};

/// The obligations that a PEP declares it can fulfil, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Honours {
    /// Whatever policies ask: the PEP itself refuses what it cannot fulfil.
    #[default]
    All,
    /// These and no others; with none, every allow with an obligation is a deny.
    Names(BTreeSet<String>),
}

impl Honours {
    /// These and no others.
    pub fn names<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::Names(names.into_iter().map(Into::into).collect())
    }

    /// Whether obligations of this name are fulfilled.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => names.contains(name),
        }
    }
}

/// What the PEP is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its name, as `record-session`.
    pub name: String,
    /// What follows the colon, resolved.
    pub parameter: Option<Parameter>,
    /// Whether it is an obligation; an advice may be passed over.
    pub is_mandatory: bool,
}

/// What follows the colon of an obligation or an advice.
///
/// A Cedar duration, as `24h`, is one. Names with dots between them, as `workorder.closesAt`, are a
/// path: it begins at the attribute of the context that the first name means, else at `principal` or
/// `resource`, at the resource if its type has that name without its namespace, or at an attribute
/// of the resource or the principal; upper and lower case are the same there. It goes on through attributes of entities and fields of records,
/// whose names are exact. Everything else is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A word for the PEP, as `soc`.
    Text(String),
    /// A length of time.
    Duration(Duration),
    /// What the path leads to.
    Value(Value),
    /// A path that leads to nothing: an attribute or entity is absent or of no such name, or the
    /// value is a set or record of the context. The PEP must decide what that means to it.
    Unresolved(String),
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Unresolved(text) => f.write_str(text),
            Self::Duration(Duration(ms)) => write!(f, "{ms} ms"),
            Self::Value(value) => f.write_str(&text(value)),
        }
    }
}

impl Engine {
    /// Decides `request`, and resolves the duties by the same snapshot: the obligations of the
    /// determining policies, then their advice, in the order of the policy set, each once.
    ///
    /// Costs a decision, and allocates the duties.
    pub fn decide_with_duties(&self, request: &Request) -> (Decision, Vec<Duty>) {
        let snapshot = self.snapshot();
        let mut decision = Decision::new();
        snapshot.decide_pooled(request, &mut decision);
        let Some(live) = &snapshot.live else { return (decision, Vec::new()) };
        let obligations = decision.obligations().map(|duty| (duty, true));
        let advice = decision.advice().map(|duty| (duty, false));
        let duties = obligations.chain(advice).map(|(duty, is_mandatory)| Duty {
            name: duty.name.clone(),
            parameter: parameter(live, request, duty),
            is_mandatory,
        });
        let duties = duties.collect();
        (decision, duties)
    }

    /// The obligations that the PEP honours.
    pub fn honours(&self) -> &Honours {
        &self.options().honours
    }
}

fn parameter(live: &Live, request: &Request, duty: &Obligation) -> Option<Parameter> {
    let text = duty.argument.as_deref()?.trim();
    if let Ok(duration) = parse_duration(text) {
        return Some(Parameter::Duration(Duration(duration)));
    }
    let names: Vec<&str> = text.split('.').collect();
    let [first, rest @ ..] = names.as_slice() else { return None };
    if rest.is_empty() || !names.iter().all(|name| is_name(name)) {
        return Some(Parameter::Text(text.to_owned()));
    }
    let model = live.loaded().model();
    let finder = Finder { model, entities: live.entities(), request };
    let value = resolve(&finder, first, rest);
    Some(value.map_or_else(|| Parameter::Unresolved(text.to_owned()), Parameter::Value))
}

/// Whether it is an identifier of Cedar.
fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

fn resolve(finder: &Finder<'_>, first: &str, rest: &[&str]) -> Option<Value> {
    let (root, start) = root(finder, first)?;
    let path = start.into_iter().chain(rest.iter().map(|name| (*name).to_owned())).collect();
    finder.find(&Access { root, path })?.value
}

/// Where a path begins, and the name of the attribute there.
fn root(finder: &Finder<'_>, first: &str) -> Option<(AccessRoot, Option<String>)> {
    let (context, _) = finder.context()?;
    if let Some(name) = context.attributes.keys().find(|name| name.eq_ignore_ascii_case(first)) {
        return Some((AccessRoot::Context, Some(name.clone())));
    }
    let is_of = |uid: &EntityUid| {
        let name = uid.type_name.rsplit("::").next();
        name.is_some_and(|name| name.eq_ignore_ascii_case(first))
    };
    if first.eq_ignore_ascii_case("principal") {
        Some((AccessRoot::Principal, None))
    } else if first.eq_ignore_ascii_case("resource") || is_of(finder.request.resource().uid()) {
        Some((AccessRoot::Resource, None))
    } else {
        let parties = [
            (AccessRoot::Resource, finder.request.resource()),
            (AccessRoot::Principal, finder.request.principal()),
        ];
        parties.into_iter().find_map(|(root, party)| {
            let (_, declared, _) = finder.model.entity_type(&party.uid().type_name)?;
            let mut names = declared.attributes.attributes.keys();
            let name = names.find(|name| name.eq_ignore_ascii_case(first))?;
            Some((root, Some(name.clone())))
        })
    }
}
