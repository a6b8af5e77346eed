//! Parsed, validated and annotated policies in the order of their source.

use std::collections::BTreeMap;

use cedar_policy_core::ast::{
    self, AnyId, Policy as CedarPolicy, PolicySet, PrincipalOrResourceConstraint, Template,
};
use trapkey_abi::{Effect, Policy, Span};

use crate::annotations;
use crate::diagnostic::{CompileError, Diagnostic, Source, span_of};
use crate::ir::Place;
use crate::links;
use crate::module::Sources;
use crate::parse::{self, ParsedSchema};
use crate::slots;
use crate::typecheck;

/// Parsed, validated sources.
pub(crate) struct Front {
    pub(crate) schema: ParsedSchema,
    pub(crate) policies: Vec<Entry>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// One static policy, link or template.
pub(crate) struct Entry {
    pub(crate) manifest: Policy,
    pub(crate) places: BTreeMap<(usize, usize), Place>,
    pub(crate) source: Rule,
}

/// What stands in the source, or is made of it by a link.
pub(crate) enum Rule {
    /// A policy, or a template with its slots filled.
    Policy(CedarPolicy),
    /// A template, which decides only through links and grants.
    Template(Template),
}

impl Rule {
    /// The text that it comes from.
    pub(crate) fn template(&self) -> &Template {
        match self {
            Self::Policy(policy) => policy.template(),
            Self::Template(template) => template,
        }
    }

    /// What its scope says of the principal; slots are filled.
    pub(crate) fn principal(&self) -> PrincipalOrResourceConstraint {
        match self {
            Self::Policy(policy) => policy.principal_constraint().as_inner().clone(),
            Self::Template(template) => template.principal_constraint().as_inner().clone(),
        }
    }

    /// The same of the resource.
    pub(crate) fn resource(&self) -> PrincipalOrResourceConstraint {
        match self {
            Self::Policy(policy) => policy.resource_constraint().as_inner().clone(),
            Self::Template(template) => template.resource_constraint().as_inner().clone(),
        }
    }
}

/// Parses and validates.
///
/// # Errors
///
/// The diagnostics of the first step that fails.
pub(crate) fn front(sources: &Sources<'_>) -> Result<Front, CompileError> {
    let schema = parse::parsed_schema(sources.schema)?;
    let mut policies = parse::parsed_policies(sources.policies)?;
    links::link(&mut policies, sources.links)?;
    let mut warnings = schema.warnings.clone();
    warnings.extend(typecheck::validate(&schema.cedar, &policies)?);
    let policies = entries(&policies)?;
    Ok(Front { schema, policies, warnings })
}

fn entries(set: &PolicySet) -> Result<Vec<Entry>, CompileError> {
    let mut sorted: Vec<(&Template, Option<&CedarPolicy>)> =
        set.policies().map(|policy| (policy.template(), Some(policy))).collect();
    sorted.extend(set.templates().map(|template| (template, None)));
    sorted.sort_by_key(|(template, policy)| {
        let start = template.loc().map_or(0, cedar_policy_core::parser::Loc::start);
        (start, policy.map(|policy| policy.id().clone()))
    });
    let mut entries: Vec<Entry> = Vec::with_capacity(sorted.len());
    let mut findings = Vec::new();
    let mut ids: BTreeMap<String, Span> = BTreeMap::new();
    for (template, policy) in sorted {
        match entry(template, policy) {
            Ok(entry) => {
                let manifest = &entry.manifest;
                if let Some(first) = ids.insert(manifest.id.clone(), manifest.span) {
                    let (id, start) = (&manifest.id, first.start);
                    let message =
                        format!("the id `{id}` is already used by the policy at byte {start}");
                    let span = Some(manifest.span);
                    findings.push(Diagnostic::error(Source::Policies, span, message));
                }
                entries.push(entry);
            }
            Err(messages) => {
                let span = span(template);
                findings.extend(
                    messages.into_iter().map(|m| Diagnostic::error(Source::Policies, span, m)),
                );
            }
        }
    }
    if findings.is_empty() { Ok(entries) } else { Err(CompileError::Annotation(findings)) }
}

fn span(template: &Template) -> Option<Span> {
    template.loc().and_then(|loc| span_of(loc.start(), loc.end().saturating_sub(loc.start())))
}

fn entry(template: &Template, policy: Option<&CedarPolicy>) -> Result<Entry, Vec<String>> {
    let annotations: BTreeMap<String, String> = template
        .annotations()
        .map(|(key, value): (&AnyId, _)| (key.to_string(), value.val.to_string()))
        .collect();
    let meaning = annotations::read(&annotations)?;
    if meaning.break_glass.is_some() && template.slots().next().is_none() {
        return Err(vec!["@breakglass is for templates".to_owned()]);
    }
    let is_link = policy.is_some_and(|policy| !policy.is_static());
    // Printed, an id would be escaped.
    let cedar_id: &str = policy.map_or_else(|| template.id(), CedarPolicy::id).as_ref();
    let cedar_id = cedar_id.to_owned();
    // The template's `@id` names the template; a link has its own.
    let named = annotations.get("id").filter(|_| !is_link);
    let id = named.cloned().unwrap_or_else(|| cedar_id.clone());
    let (places, numbers) = typecheck::places(template);
    let manifest = Policy {
        id,
        cedar_id,
        effect: match template.effect() {
            ast::Effect::Permit => Effect::Permit,
            ast::Effect::Forbid => Effect::Forbid,
        },
        stage: meaning.stage,
        template: policy.is_none().then(|| slots::unfilled(template, meaning.break_glass)),
        annotations,
        obligations: meaning.obligations,
        advice: meaning.advice,
        expires: meaning.expires,
        span: span(template).unwrap_or_default(),
        places,
        faults: Vec::new(),
    };
    let source = policy.cloned().map_or_else(|| Rule::Template(template.clone()), Rule::Policy);
    Ok(Entry { manifest, places: numbers, source })
}
