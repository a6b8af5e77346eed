//! What an audit is told of a decision.

use std::ffi::c_void;

use crate::boundary::{Failure, guard};
use crate::decision::{trapkey_decision_t, trapkey_verdict_t, verdict as verdict_of};
use crate::error::trapkey_error_t;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// A decision and its request, lent for the callback. Types and ids are without quotes and escapes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_audit_record_t {
    /// `sizeof(trapkey_audit_record_t)` of the library.
    pub struct_size: usize,
    /// The publication that decided; 0 if none did.
    pub generation: u64,
    /// Digest of the bundle that decided; zeros if none did.
    pub digest: [u8; 32],
    /// The principal's type.
    pub principal_type: trapkey_str_t,
    /// The principal's id.
    pub principal_id: trapkey_str_t,
    /// The resource's type.
    pub resource_type: trapkey_str_t,
    /// The resource's id.
    pub resource_id: trapkey_str_t,
    /// The decision itself, for whatever else there is to be known of it.
    pub decision: *const trapkey_decision_t,
    /// The request's instant, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Not 0 if the request has an instant.
    pub has_at: u32,
    /// Index of the action in the schema.
    pub action: u32,
    /// The verdict.
    pub verdict: trapkey_verdict_t,
    /// TRAPKEY_STATUS_OK if there is a decision, else why there is none: one of `trapkey_status_t`.
    pub status: u32,
}

/// Keeps a record; 0 if that worked. It must return, and not by an exception or a jump, and change neither
/// the request nor the decision.
pub type trapkey_audit_callback_t = Option<
    unsafe extern "C" fn(userdata: *mut c_void, record: *const trapkey_audit_record_t) -> i32,
>;

/// Tells `keep` of a decision that was just made of a request. If it gives anything but 0, that is
/// TRAPKEY_STATUS_AUDIT_FAILED, and a host that must not act unseen refuses.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_audit(
    request: *const trapkey_request_t,
    decision: *const trapkey_decision_t,
    keep: trapkey_audit_callback_t,
    userdata: *mut c_void,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (asked, decided) = (shared!(request), shared!(decision));
        let keep = keep.ok_or_else(|| crate::handle::null("keep"))?;
        let (principal, resource) = (asked.principal().uid(), asked.resource().uid());
        let at = decided.at();
        let record = trapkey_audit_record_t {
            struct_size: size_of::<trapkey_audit_record_t>(),
            generation: decided.generation().0,
            digest: decided.bundle_digest().map_or([0; 32], |digest| digest.0),
            principal_type: trapkey_str_t::of(&principal.type_name),
            principal_id: trapkey_str_t::of(&principal.id),
            resource_type: trapkey_str_t::of(&resource.type_name),
            resource_id: trapkey_str_t::of(&resource.id),
            decision,
            at_ms: at.map_or(0, |at| at.0),
            has_at: u32::from(at.is_some()),
            action: asked.action(),
            verdict: verdict_of(decided),
            status: crate::decision::status(decided) as u32,
        };
        // SAFETY: the caller promises that `keep` takes `userdata`, and returns.
        match unsafe { keep(userdata, &raw const record) } {
            0 => Ok(()),
            code => {
                let text = format!("the audit's callback gave {code}");
                Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_AUDIT_FAILED, text))
            }
        }
    })
}
