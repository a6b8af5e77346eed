//! Grants: templates that are linked while the engine runs, for a time.

use trapkey::{APPROVERS_MAX, Datetime, EntityUid, Grant};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// A template with its slots filled, for a time. Entities are texts as `Type::"id"`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_grant_t {
    /// `sizeof(trapkey_grant_t)`.
    pub struct_size: usize,
    /// Its id, which the host gives.
    pub id: trapkey_str_t,
    /// The template's `@id`, else Cedar's own id of it.
    pub template_id: trapkey_str_t,
    /// What `?principal` stands for; absent if the template has none.
    pub principal: trapkey_str_t,
    /// What `?resource` stands for; absent if the template has none.
    pub resource: trapkey_str_t,
    /// Why it is made; may be absent.
    pub reason: trapkey_str_t,
    /// The ticket that it belongs to; may be absent.
    pub ticket: trapkey_str_t,
    /// Who asked for it.
    pub requester: trapkey_str_t,
    /// Who approved it; NULL if there are none.
    pub approvers: *const trapkey_str_t,
    /// Number of these.
    pub approvers_len: usize,
    /// From which instant on it counts, in milliseconds since 1970-01-01T00:00:00Z.
    pub not_before_ms: i64,
    /// The first instant at which it no longer counts.
    pub expires_ms: i64,
    /// Not 0 if `not_before_ms` counts; else it begins at once.
    pub has_not_before: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(trapkey_grant_t);

impl trapkey_grant_t {
    fn read(&self) -> Result<Grant, Failure> {
        Ok(Grant {
            id: text!(self.id).to_owned(),
            template: text!(self.template_id).to_owned(),
            principal: uid_if_any(text_if_any!(self.principal), "principal")?,
            resource: uid_if_any(text_if_any!(self.resource), "resource")?,
            not_before: (self.has_not_before != 0).then_some(Datetime(self.not_before_ms)),
            expires: Datetime(self.expires_ms),
            reason: text_if_any!(self.reason).map(str::to_owned),
            ticket: text_if_any!(self.ticket).map(str::to_owned),
            requester: uid(text!(self.requester), "requester")?,
            approvers: self.approvers()?,
        })
    }

    fn approvers(&self) -> Result<Vec<EntityUid>, Failure> {
        if self.approvers_len > APPROVERS_MAX {
            let len = self.approvers_len;
            let text = format!("`approvers_len` is {len}, the limit is {APPROVERS_MAX}");
            return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
        }
        let mut approvers = Vec::with_capacity(self.approvers_len);
        for approver in array!(self.approvers, self.approvers_len, "approvers") {
            approvers.push(uid(text!(*approver), "approvers")?);
        }
        Ok(approvers)
    }
}

pub(crate) fn uid_if_any(text: Option<&str>, name: &str) -> Result<Option<EntityUid>, Failure> {
    text.map(|text| uid(text, name)).transpose()
}

/// Links a template for a time; it counts from the next decision on. On an error the grants are as
/// before.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_grant(
    engine: *const trapkey_engine_t,
    grant: *const trapkey_grant_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let grant: trapkey_grant_t = structure!(grant);
        engine.grant(grant.read()?).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_GRANT_REFUSED, &error)
        })
    })
}

/// Takes a grant back from the next decision on. `count` may be NULL; it becomes 1 if the grant was
/// there, else 0.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_revoke(
    engine: *const trapkey_engine_t,
    id: trapkey_str_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    removing(engine, count, error, |engine| Ok(usize::from(engine.revoke(text!(id)))))
}

/// Takes all grants of a ticket back. `count` may be NULL; it becomes their number.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_revoke_ticket(
    engine: *const trapkey_engine_t,
    ticket: trapkey_str_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    removing(engine, count, error, |engine| Ok(engine.revoke_ticket(text!(ticket))))
}

/// Takes all grants of a principal back, given as `Type::"id"`. `count` may be NULL; it becomes their
/// number.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_revoke_principal(
    engine: *const trapkey_engine_t,
    principal: trapkey_str_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    removing(engine, count, error, |engine| {
        Ok(engine.revoke_principal(&uid(text!(principal), "principal")?))
    })
}

/// Removes the grants that are over at an instant. `count` may be NULL; it becomes their number. They
/// no longer count either way: this frees their memory and their ids.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_expire_grants(
    engine: *const trapkey_engine_t,
    now_ms: i64,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    removing(engine, count, error, |engine| Ok(engine.expire_grants(Datetime(now_ms))))
}

fn removing(
    engine: *const trapkey_engine_t,
    count: *mut usize,
    error: *mut *mut trapkey_error_t,
    remove: impl FnOnce(&trapkey::Engine) -> Result<usize, Failure>,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(count);
        let removed = remove(engine)?;
        if let Some(place) = place {
            place.put(removed);
        }
        Ok(())
    })
}
