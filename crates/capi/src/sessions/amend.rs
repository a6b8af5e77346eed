//! Changes of facts, sessions and grants that belong together.

use serde_json::Value as Json;
use trapkey::{Amendment, Datetime, EntityUid, Model, REQUEST_BYTES_MAX, Type, Value, parse_uid};

use crate::boundary::{Failure, guard};
use crate::builder;
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::model::trapkey_slot_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

use super::{trapkey_sessions_t, trapkey_subject_t};

/// Changes that may be made at a time.
const AMENDMENTS_MAX: usize = 65_536;

/// What an amendment changes.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_amendment_kind_t {
    /// The attribute `attribute` of the stored entity `entity` gets the value `json`.
    TRAPKEY_AMENDMENT_ATTRIBUTE = 1,
    /// The attribute of the context that `slot` names gets the value `json` in all sessions of `subject`.
    TRAPKEY_AMENDMENT_CONTEXT = 2,
    /// All sessions of `subject` are revoked, for `reason`.
    TRAPKEY_AMENDMENT_REVOKE_SESSIONS = 3,
    /// All grants of the principal `entity` are revoked.
    TRAPKEY_AMENDMENT_REVOKE_GRANTS = 4,
}

/// One change. Fields that its kind does not name are not looked at.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_amendment_t {
    /// `sizeof(trapkey_amendment_t)`.
    pub struct_size: usize,
    /// One of `trapkey_amendment_kind_t`.
    pub kind: u32,
    /// 0.
    pub reserved: u32,
    /// Whose sessions.
    pub subject: *const trapkey_subject_t,
    /// An attribute of contexts, by path and type.
    pub slot: *const trapkey_slot_t,
    /// The entity, as `Type::"id"`.
    pub entity: trapkey_str_t,
    /// Name of an attribute of the entity: of a Bool, a Long, a String or an entity.
    pub attribute: trapkey_str_t,
    /// A value in JSON; an entity is a text as `Type::"id"`, or Cedar's JSON for a slot.
    pub json: trapkey_str_t,
    /// Why sessions are revoked.
    pub reason: trapkey_str_t,
}

versioned!(trapkey_amendment_t);

/// Makes all changes, or none: facts and grants in the engine of these sessions, contexts and revocations here.
/// The next poll decides again what they concern. An entity must be stored, or have a grant if these are
/// revoked; a subject must have a session, or be such a principal.
///
/// Threads: one. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_sessions_amend(
    sessions: *mut trapkey_sessions_t,
    now_ms: i64,
    amendments: *const *const trapkey_amendment_t,
    amendments_len: usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let table = exclusive!(sessions);
        if amendments_len > AMENDMENTS_MAX {
            let text =
                format!("`amendments_len` is {amendments_len}, the limit is {AMENDMENTS_MAX}");
            return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
        }
        let model = table.engine().model();
        let mut changes = Vec::with_capacity(amendments_len);
        for amendment in array!(amendments, amendments_len, "amendments") {
            let amendment = *amendment;
            let amendment: trapkey_amendment_t = structure!(amendment);
            changes.push(amendment.read(model.as_deref())?);
        }
        table.amend(Datetime(now_ms), &changes).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_AMEND_REFUSED, &error)
        })
    })
}

impl trapkey_amendment_t {
    fn read(&self, model: Option<&Model>) -> Result<Amendment, Failure> {
        if self.kind == trapkey_amendment_kind_t::TRAPKEY_AMENDMENT_ATTRIBUTE as u32 {
            self.read_attribute(model)
        } else if self.kind == trapkey_amendment_kind_t::TRAPKEY_AMENDMENT_CONTEXT as u32 {
            let (subject, slot) = (self.subject, self.slot);
            let subject: trapkey_subject_t = structure!(subject);
            let slot = shared!(slot);
            let value = slot.parse(text!(self.json)).map_err(|error| builder::refused(&error))?;
            Ok(Amendment::Context { key: subject.read()?, path: slot.path().to_owned(), value })
        } else if self.kind == trapkey_amendment_kind_t::TRAPKEY_AMENDMENT_REVOKE_SESSIONS as u32 {
            let subject = self.subject;
            let subject: trapkey_subject_t = structure!(subject);
            let reason = text!(self.reason).to_owned();
            Ok(Amendment::RevokeSessions { key: subject.read()?, reason })
        } else if self.kind == trapkey_amendment_kind_t::TRAPKEY_AMENDMENT_REVOKE_GRANTS as u32 {
            Ok(Amendment::RevokeGrants { principal: uid(text!(self.entity), "entity")? })
        } else {
            let text = format!("there is no kind {} of amendments", self.kind);
            Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text))
        }
    }

    fn read_attribute(&self, model: Option<&Model>) -> Result<Amendment, Failure> {
        let entity = uid(text!(self.entity), "entity")?;
        let (attribute, json) = (text!(self.attribute), text!(self.json));
        let declared = model.and_then(|model| declared(model, &entity, attribute));
        let value = declared.and_then(|ty| read(json, ty)).ok_or_else(|| {
            let text = format!("`json` is no value of `{attribute}` of `{entity}`");
            Failure::new(trapkey_status_t::TRAPKEY_STATUS_AMEND_REFUSED, text)
        })?;
        Ok(Amendment::Attribute { entity, attribute: attribute.to_owned(), value })
    }
}

fn declared<'m>(model: &'m Model, entity: &EntityUid, attribute: &str) -> Option<&'m Type> {
    let (_, entity_type) = model.schema().entity_type(&entity.type_name)?;
    Some(&entity_type.attributes.attributes.get(attribute)?.ty)
}

/// A value of one of the types that amendments can set.
fn read(text: &str, ty: &Type) -> Option<Value> {
    if text.len() > REQUEST_BYTES_MAX {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    match ty {
        Type::Bool => json.as_bool().map(Value::Bool),
        Type::Long => json.as_i64().map(Value::Long),
        Type::String => json.as_str().map(|text| Value::String(text.to_owned())),
        Type::Entity(name) => {
            let uid = parse_uid(json.as_str()?).ok()?;
            (uid.type_name == *name).then_some(Value::Entity(uid))
        }
        Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Set(_)
        | Type::Record(_) => None,
    }
}
