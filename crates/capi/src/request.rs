//! Requests, and what is set in them in place.

use trapkey::{Datetime, Decimal, Duration, EntityUid, Party, Request, SetError, Slot, Value};

use crate::boundary::{Failure, guard};
use crate::builder::{ip, refused};
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::handle::{Object, give};
use crate::model::{trapkey_model_t, trapkey_party_t, trapkey_slot_t};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// A request that conforms to one schema. The caller frees it; threads may share it while none
/// changes it.
pub struct trapkey_request_t {
    _opaque: (),
}

impl Object for trapkey_request_t {
    type Value = Request;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyreq");
}

/// Elements that a set may be given here: more than any limit of a schema allows.
const ELEMENTS_MAX: usize = 65_536;

fn set_refused(error: &SetError) -> Failure {
    let status = match error {
        SetError::Stale { .. } => trapkey_status_t::TRAPKEY_STATUS_STALE,
        other => return Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SET_REFUSED, other),
    };
    Failure::refused(status, error)
}

fn check_elements(len: usize) -> Result<(), Failure> {
    if len <= ELEMENTS_MAX {
        return Ok(());
    }
    let text = format!("`values_len` is {len}, the limit is {ELEMENTS_MAX}");
    Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text))
}

/// Reads a request from JSON: an object with `principal`, `action`, `resource` and `context`.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_from_json(
    model: *const trapkey_model_t,
    json: trapkey_str_t,
    request: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = shared!(model);
        let place = place!(request);
        let made = Request::from_json(model, text!(json)).map_err(|error| refused(&error))?;
        place.put(give(made));
        Ok(())
    })
}

/// Makes a copy.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_copy(
    request: *const trapkey_request_t,
    copy: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let request = shared!(request);
        let place = place!(copy);
        place.put(give(request.clone()));
        Ok(())
    })
}

/// Frees a request. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_free(request: *mut trapkey_request_t) {
    free!(request);
}

/// Puts another principal of the same type. On an error the request is as before.
///
/// Threads: one. Allocates: for a longer id than any before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_principal(
    request: *mut trapkey_request_t,
    party: *const trapkey_party_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, party) = (exclusive!(request), shared!(party));
        request.set_principal(party).map_err(|error| set_refused(&error))
    })
}

/// Puts another resource of the same type. On an error the request is as before.
///
/// Threads: one. Allocates: for a longer id than any before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_resource(
    request: *mut trapkey_request_t,
    party: *const trapkey_party_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, party) = (exclusive!(request), shared!(party));
        request.set_resource(party).map_err(|error| set_refused(&error))
    })
}

/// Gives the request an instant, in milliseconds since 1970-01-01T00:00:00Z, whatever its context
/// says.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_at(
    request: *mut trapkey_request_t,
    at_ms: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(request).set_at(Some(Datetime(at_ms)));
        Ok(())
    })
}

/// Takes the instant away that the request was given.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_clear_at(
    request: *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(request).set_at(None);
        Ok(())
    })
}

/// Makes the request what it is so many milliseconds later, if nothing but time changes. On an error
/// it is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_advance(
    request: *mut trapkey_request_t,
    by_ms: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(request).advance(Duration(by_ms)).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_ADVANCE_REFUSED, &error)
        })
    })
}

/// Takes an optional attribute of the context away. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_clear(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.clear(slot).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type Bool: true if `value` is not 0. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_bool(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &(value != 0)).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type Long. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_long(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &value).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type decimal, in ten-thousandths. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_decimal(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &Decimal(value)).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type datetime, in milliseconds since 1970-01-01T00:00:00Z. On an error the
/// request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_datetime(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &Datetime(value)).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type duration, in milliseconds. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_duration(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &Duration(value)).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type String. On an error the request is as before.
///
/// Threads: one. Allocates: for a longer text than any before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_string(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, text!(value)).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type ipaddr, as `10.0.0.0/8`. On an error the request is as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_ip(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &ip(text!(value))?).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute that is an entity, as `Type::"id"`. On an error the request is as before.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_entity(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        request.put(slot, &uid(text!(value), "value")?).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute that is an entity, which need not be looked up again. On an error the request is
/// as before.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_party(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    party: *const trapkey_party_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        let party: &Party = shared!(party);
        request.put(slot, party).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type `Set<Long>`; `values` may be NULL if there are none. On an error the
/// request is as before.
///
/// Threads: one. Allocates: for more elements than any before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_longs(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    values: *const i64,
    values_len: usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        check_elements(values_len)?;
        let values = array!(values, values_len, "values");
        request.put(slot, values).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of type `Set<String>`; `values` may be NULL if there are none. On an error the
/// request is as before.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_strings(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    values: *const trapkey_str_t,
    values_len: usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        check_elements(values_len)?;
        let mut texts = Vec::with_capacity(values_len);
        for value in array!(values, values_len, "values") {
            texts.push(text!(*value).to_owned());
        }
        request.put(slot, &texts).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute that is a set of entities, each as `Type::"id"`; `values` may be NULL if there
/// are none. On an error the request is as before.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_entities(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    values: *const trapkey_str_t,
    values_len: usize,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        check_elements(values_len)?;
        let mut uids: Vec<EntityUid> = Vec::with_capacity(values_len);
        for value in array!(values, values_len, "values") {
            uids.push(uid(text!(*value), "value")?);
        }
        request.put(slot, &uids).map_err(|error| set_refused(&error))
    })
}

/// Sets an attribute of any type in Cedar's JSON. On an error the request is as before.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_request_set_json(
    request: *mut trapkey_request_t,
    slot: *const trapkey_slot_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let (request, slot) = (exclusive!(request), shared!(slot));
        let slot: &Slot<Value> = slot;
        let value = slot.parse(text!(value)).map_err(|error| refused(&error))?;
        request.put(slot, &value).map_err(|error| set_refused(&error))
    })
}
