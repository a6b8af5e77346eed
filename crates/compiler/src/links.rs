//! Template links: the slots of a template filled with entities.

use std::collections::BTreeMap;

use cedar_policy_core::ast::{EntityUID, PolicyID, PolicySet, SlotId, Template};
use serde::Deserialize;
use trapkey_abi::EntityUid;

use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::limits::within;
use crate::schema::uid;
use crate::{LINK_BYTES_MAX, POLICIES_MAX};

/// A template with its slots filled; it decides as a policy of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateLink {
    /// Id of the link: what decisions name.
    pub id: String,
    /// Id of the template: its `@id`, else Cedar's own.
    pub template: String,
    /// What `?principal` stands for; absent if the template has no such slot.
    pub principal: Option<EntityUid>,
    /// What `?resource` stands for; absent if the template has no such slot.
    pub resource: Option<EntityUid>,
}

/// A link as Cedar's command line reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkJson {
    template_id: String,
    link_id: String,
    args: ArgumentsJson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArgumentsJson {
    #[serde(rename = "?principal")]
    principal: Option<String>,
    #[serde(rename = "?resource")]
    resource: Option<String>,
}

/// Reads links in the JSON form of Cedar's command line: a list of
/// `{ "template_id", "link_id", "args": { "?principal": "Type::\"id\"" } }`.
///
/// # Errors
///
/// [`CompileError::TooLarge`] before anything is read, then [`CompileError::Link`].
pub fn parse_links(text: &str) -> Result<Vec<TemplateLink>, CompileError> {
    within("text of links", text.len(), "bytes", LINK_BYTES_MAX)?;
    let links: Vec<LinkJson> =
        serde_json::from_str(text).map_err(|error| refused(vec![error.to_string()]))?;
    let mut parsed = Vec::with_capacity(links.len());
    let mut errors = Vec::new();
    for LinkJson { template_id, link_id, args } in links {
        let mut slot = |text: Option<String>| {
            let text = text?;
            let euid = text.parse::<EntityUID>();
            if euid.is_err() {
                errors
                    .push(format!("link `{link_id}`: `{text}` is not of the form `Type::\"id\"`"));
            }
            euid.map(|euid| uid(&euid)).ok()
        };
        let (principal, resource) = (slot(args.principal), slot(args.resource));
        parsed.push(TemplateLink { id: link_id, template: template_id, principal, resource });
    }
    if errors.is_empty() { Ok(parsed) } else { Err(refused(errors)) }
}

/// Adds `links` to the policies.
///
/// # Errors
///
/// [`CompileError::TooLarge`] if policies and links are too many together, or the templates' texts
/// too long when counted for each link, then [`CompileError::Link`] with every link that names no template, leaves a slot open, fills one
/// that is not there, or has an id that is taken.
pub(crate) fn link(policies: &mut PolicySet, links: &[TemplateLink]) -> Result<(), CompileError> {
    let len = policies.all_templates().count().saturating_add(links.len());
    within("policy set", len, "policies and links", POLICIES_MAX)?;
    let templates: BTreeMap<String, (PolicyID, usize)> = policies
        .templates()
        .map(|template| (name(template), (template.id().clone(), text_len(template))))
        .collect();
    // Each link has a description of its own, as long as its template's.
    let texts = links.iter().filter_map(|link| templates.get(&link.template)).map(|(_, len)| len);
    let len = texts.fold(0_usize, |sum, len| sum.saturating_add(*len));
    within("text of templates, once for each link,", len, "bytes", LINK_BYTES_MAX)?;
    let mut errors = Vec::new();
    for link in links {
        if let Err(Refused(message)) = add(policies, &templates, link) {
            errors.push(format!("link `{}`: {message}", link.id));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(refused(errors)) }
}

struct Refused(String);

fn add(
    policies: &mut PolicySet,
    templates: &BTreeMap<String, (PolicyID, usize)>,
    link: &TemplateLink,
) -> Result<(), Refused> {
    let (template, _) = templates
        .get(&link.template)
        .ok_or_else(|| Refused(format!("no template has the id `{}`", link.template)))?;
    let slots = [
        (SlotId::principal(), link.principal.as_ref()),
        (SlotId::resource(), link.resource.as_ref()),
    ];
    let mut values = Vec::new();
    for (slot, filled) in slots {
        if let Some(filled) = filled {
            values.push((slot, euid(filled)?));
        }
    }
    let id = PolicyID::from_string(&link.id);
    match policies.link(template.clone(), id, values.into_iter().collect()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refused(error.to_string())),
    }
}

fn text_len(template: &Template) -> usize {
    template.loc().map_or(0, |loc| loc.end().saturating_sub(loc.start()))
}

/// The id under which sources name a policy.
fn name(template: &Template) -> String {
    let mut annotations = template.annotations();
    let id = annotations.find(|(key, _)| key.to_string() == "id");
    let text: &str = id.map_or_else(|| template.id().as_ref(), |(_, annotation)| &annotation.val);
    text.to_owned()
}

fn euid(given: &EntityUid) -> Result<EntityUID, Refused> {
    let text = given.to_string();
    match text.parse() {
        // A type's name could hold what the parser skips, or an id of its own.
        Ok(parsed) if uid(&parsed) == *given => Ok(parsed),
        Ok(_) | Err(_) => Err(Refused(format!("`{text}` is not the uid of an entity"))),
    }
}

fn refused(messages: Vec<String>) -> CompileError {
    let finding = |message| Diagnostic::error(Source::Links, None, message);
    CompileError::Link(messages.into_iter().map(finding).collect())
}
