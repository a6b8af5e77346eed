//! What a grant must be: at all, under its template, and as break-glass.

use std::time::Duration;

use trapkey_abi::{EntityUid, Template, TemplateSlot};

use super::{APPROVERS_MAX, GRANT_TEXT_BYTES_MAX, Grant, GrantError, SlotName, StoredGrant};
use crate::loaded::Loaded;
use crate::{Datetime, Entities};

/// Approvers of a break-glass grant.
const APPROVERS_MIN: usize = 2;

/// Why a grant does not count under the live module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dormant {
    /// The module has no template with this id.
    NoTemplate,
    /// The template has other slots than the grant fills.
    Slots,
    /// No request can match an entity of this type in a slot.
    SlotType,
    /// The template is marked `@breakglass` now, and the grant does not have what that asks for.
    BreakGlass,
}

/// Checks what does not depend on a template; `now` is the latest time that is known.
pub(super) fn check(grant: &Grant, now: Option<Datetime>) -> Result<(), GrantError> {
    check_sizes(grant)?;
    let Grant { not_before, expires, requester, principal, approvers, .. } = grant;
    if let Some(not_before) = not_before.filter(|not_before| *not_before >= *expires) {
        return Err(GrantError::NeverBegins { not_before, expires: *expires });
    }
    if let Some(now) = now.filter(|now| *now >= *expires) {
        return Err(GrantError::Expired { expires: *expires, now });
    }
    for (number, approver) in approvers.iter().enumerate() {
        if approver == requester || Some(approver) == principal.as_ref() {
            return Err(GrantError::SelfApproved { approver: approver.clone() });
        }
        if approvers.iter().take(number).any(|before| before == approver) {
            return Err(GrantError::RepeatedApprover { approver: approver.clone() });
        }
    }
    Ok(())
}

fn check_sizes(grant: &Grant) -> Result<(), GrantError> {
    let uid = |uid: &EntityUid| uid.type_name.len().saturating_add(uid.id.len());
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let party = |of: &Option<EntityUid>| of.as_ref().map_or(0, uid);
    let approver = grant.approvers.iter().map(uid).max().unwrap_or_default();
    let lengths = [
        ("id", grant.id.len()),
        ("template", grant.template.len()),
        ("principal", party(&grant.principal)),
        ("resource", party(&grant.resource)),
        ("reason", text(&grant.reason)),
        ("ticket", text(&grant.ticket)),
        ("requester", uid(&grant.requester)),
        ("approver", approver),
    ];
    if let Some((what, len)) = lengths.into_iter().find(|(_, len)| *len > GRANT_TEXT_BYTES_MAX) {
        return Err(GrantError::TooLong { what, len });
    }
    let len = grant.approvers.len();
    if len > APPROVERS_MAX { Err(GrantError::TooManyApprovers { len }) } else { Ok(()) }
}

/// The template with this id.
pub(super) fn template<'l>(loaded: &'l Loaded, id: &str) -> Result<&'l Template, GrantError> {
    if let Some(template) = loaded.templates().named(id, loaded.contents()) {
        return Ok(template);
    }
    let id = id.to_owned();
    if loaded.contents().policies().iter().any(|policy| policy.id == id) {
        return Err(GrantError::NotATemplate { policy: id });
    }
    Err(GrantError::UnknownTemplate { template: id })
}

/// Checks the slots of a grant against those of its template, and that its entities are there.
pub(super) fn check_slots(
    grant: &Grant,
    template: &Template,
    entities: &Entities,
) -> Result<(), GrantError> {
    for (slot, open, filled) in sides(grant, template) {
        let template = || grant.template.clone();
        let (open, uid) = match (open, filled) {
            (None, None) => continue,
            (Some(_), None) => return Err(GrantError::MissingSlot { template: template(), slot }),
            (None, Some(_)) => return Err(GrantError::ExtraSlot { template: template(), slot }),
            (Some(open), Some(uid)) => (open, uid),
        };
        if !admits(open, uid) {
            let (found, admitted) = (uid.type_name.clone(), open.entity_types.clone());
            return Err(GrantError::SlotType { slot, found, admitted });
        }
        if !exists(uid, entities) {
            return Err(GrantError::UnknownEntity { slot, uid: uid.clone() });
        }
    }
    Ok(())
}

/// Checks what a break-glass grant must have, if its template is one for these.
pub(super) fn check_break_glass(
    grant: &Grant,
    template: &Template,
    lasts: Option<i64>,
) -> Result<(), GrantError> {
    let Some(longest) = template.break_glass else { return Ok(()) };
    let found = grant.approvers.len();
    if found < APPROVERS_MIN {
        return Err(GrantError::TooFewApprovers { found, wanted: APPROVERS_MIN });
    }
    if is_empty(grant.ticket.as_ref()) {
        return Err(GrantError::NoTicket);
    }
    if is_empty(grant.reason.as_ref()) {
        return Err(GrantError::NoReason);
    }
    let lasts = lasts.ok_or(GrantError::NoClock)?;
    if lasts > longest {
        let (lasts, longest) = (duration(lasts), duration(longest));
        return Err(GrantError::LastsTooLong { lasts, longest });
    }
    Ok(())
}

/// How long a grant counts at most, in milliseconds, if it begins at a known time.
pub(super) fn lasts(grant: &Grant, now: Option<Datetime>) -> Option<i64> {
    let Datetime(begins) = grant.not_before.or(now)?;
    // Its end lies after its beginning: what leaves 64 bits is longer than anything admitted.
    Some(grant.expires.0.checked_sub(begins).unwrap_or(i64::MAX))
}

/// Why a grant does not count under this module.
pub(super) fn dormant(stored: &StoredGrant, loaded: &Loaded) -> Option<Dormant> {
    let (grant, schema) = (&stored.grant, loaded.model().schema());
    let Some(template) = loaded.templates().named(&grant.template, loaded.contents()) else {
        return Some(Dormant::NoTemplate);
    };
    for (_, open, filled) in sides(grant, template) {
        match (open, filled) {
            (Some(open), Some(uid)) if !admits(open, uid) => return Some(Dormant::SlotType),
            (Some(_), Some(uid)) if !schema.has_id(&uid.type_name, &uid.id) => {
                return Some(Dormant::SlotType);
            }
            (Some(_), Some(_)) | (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Some(Dormant::Slots),
        }
    }
    let is_proper = qualifies(stored, template.break_glass);
    if is_proper { None } else { Some(Dormant::BreakGlass) }
}

/// Whether a grant has what break-glass asks for, if its template is one for that now.
pub(super) fn qualifies(stored: &StoredGrant, break_glass: Option<i64>) -> bool {
    let template = Template { break_glass, ..Template::default() };
    check_break_glass(&stored.grant, &template, stored.lasts).is_ok()
}

type Side<'g> = (SlotName, Option<&'g TemplateSlot>, Option<&'g EntityUid>);

fn sides<'g>(grant: &'g Grant, template: &'g Template) -> [Side<'g>; 2] {
    [
        (SlotName::Principal, template.principal.as_ref(), grant.principal.as_ref()),
        (SlotName::Resource, template.resource.as_ref(), grant.resource.as_ref()),
    ]
}

fn admits(slot: &TemplateSlot, uid: &EntityUid) -> bool {
    slot.entity_types.binary_search(&uid.type_name).is_ok()
}

/// Whether an entity is stored, or is one that the schema lists.
fn exists(uid: &EntityUid, entities: &Entities) -> bool {
    let schema = entities.model().schema();
    let is_listed = || schema.entity_type(&uid.type_name).is_some_and(|(_, ty)| ty.ids.is_some());
    entities.get(uid).is_some() || is_listed() && schema.has_id(&uid.type_name, &uid.id)
}

fn is_empty(text: Option<&String>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}
