//! Requests while they are put together from names and values.

use std::sync::Arc;

use trapkey::{Datetime, EntityUid, Ip, Model, Request, RequestError, Value};

use crate::boundary::{Failure, guard};
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::handle::{Object, give};
use crate::model::trapkey_model_t;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// A request while it is put together. The caller frees it; one thread at a time uses it.
pub struct trapkey_builder_t {
    _opaque: (),
}

/// What a builder was given so far.
pub(crate) struct Draft {
    model: Arc<Model>,
    action: EntityUid,
    principal: Option<EntityUid>,
    resource: Option<EntityUid>,
    attributes: Vec<(String, Value)>,
    at: Option<Datetime>,
}

/// Attributes that a builder takes: more than any context has.
const ATTRIBUTES_MAX: usize = 4096;

impl Object for trapkey_builder_t {
    type Value = Draft;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeybui");
}

impl Draft {
    fn give(&mut self, name: &str, value: Value) -> Result<(), Failure> {
        if self.attributes.len() >= ATTRIBUTES_MAX {
            let text = format!("a builder takes {ATTRIBUTES_MAX} attributes");
            return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE, text));
        }
        self.attributes.push((name.to_owned(), value));
        Ok(())
    }
}

pub(crate) fn refused(error: &RequestError) -> Failure {
    Failure::refused(trapkey_status_t::TRAPKEY_STATUS_REQUEST_REFUSED, error)
}

/// Starts a request for an action, given as `Plant::Action::"read"`. What it is given is checked when
/// it is built.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_new(
    model: *const trapkey_model_t,
    action: trapkey_str_t,
    builder: *mut *mut trapkey_builder_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = Arc::clone(shared!(model));
        let place = place!(builder);
        let action = uid(text!(action), "action")?;
        let (principal, resource, attributes, at) = (None, None, Vec::new(), None);
        place.put(give(Draft { model, action, principal, resource, attributes, at }));
        Ok(())
    })
}

/// Frees a builder. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_free(builder: *mut trapkey_builder_t) {
    free!(builder);
}

/// Names the principal, as `Type::"id"`.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_principal(
    builder: *mut trapkey_builder_t,
    entity: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.principal = Some(uid(text!(entity), "entity")?);
        Ok(())
    })
}

/// Names the resource, as `Type::"id"`.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_resource(
    builder: *mut trapkey_builder_t,
    entity: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.resource = Some(uid(text!(entity), "entity")?);
        Ok(())
    })
}

/// Gives the instant at which the request is made, in milliseconds since 1970-01-01T00:00:00Z, where
/// no attribute of the context says it.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_at(
    builder: *mut trapkey_builder_t,
    at_ms: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        exclusive!(builder).at = Some(Datetime(at_ms));
        Ok(())
    })
}

/// Makes the request. The builder is as before, and can make another.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_build(
    builder: *mut trapkey_builder_t,
    request: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let draft = exclusive!(builder);
        let place = place!(request);
        let mut building = Request::builder(&draft.model).action(draft.action.clone());
        if let Some(uid) = &draft.principal {
            building = building.principal(uid.clone());
        }
        if let Some(uid) = &draft.resource {
            building = building.resource(uid.clone());
        }
        if let Some(at) = draft.at {
            building = building.at(at);
        }
        for (name, value) in &draft.attributes {
            building = building.attribute(name.clone(), value.clone());
        }
        let request = building.build().map_err(|error| refused(&error))?;
        place.put(give(request));
        Ok(())
    })
}

/// Gives an attribute of type Bool: true if `value` is not 0.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_bool(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Bool(value != 0))
    })
}

/// Gives an attribute of type Long.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_long(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Long(value))
    })
}

/// Gives an attribute of type decimal, in ten-thousandths.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_decimal(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Decimal(value))
    })
}

/// Gives an attribute of type datetime, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_datetime(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Datetime(value))
    })
}

/// Gives an attribute of type duration, in milliseconds.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_duration(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: i64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Duration(value))
    })
}

/// Gives an attribute of type String.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_string(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::String(text!(value).to_owned()))
    })
}

/// Gives an attribute of type ipaddr, as `10.0.0.0/8`.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_ip(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Ip(ip(text!(value))?))
    })
}

/// Gives an attribute that is an entity, as `Type::"id"`.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_entity(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        builder.give(text!(name), Value::Entity(uid(text!(value), "value")?))
    })
}

/// Gives an attribute of any type in Cedar's JSON, as `["a", "b"]`; so come sets and records.
///
/// Threads: one. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_builder_json(
    builder: *mut trapkey_builder_t,
    name: trapkey_str_t,
    value: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let builder = exclusive!(builder);
        let name = text!(name);
        let slot = builder.model.slot::<Value>(&builder.action, name).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_REQUEST_REFUSED, &error)
        })?;
        let value = slot.parse(text!(value)).map_err(|error| refused(&error))?;
        builder.give(name, value)
    })
}

/// Reads an address, as `10.0.0.0/8`.
pub(crate) fn ip(text: &str) -> Result<Ip, Failure> {
    text.parse().map_err(|error| {
        let text = format!("`value`: {error}");
        Failure::new(trapkey_status_t::TRAPKEY_STATUS_SET_REFUSED, text)
    })
}
