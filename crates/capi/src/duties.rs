//! Duties: obligations and advice with their parameters resolved by the facts that decided.

use trapkey::{Decision, Duty, Parameter, Reason, Value};

use crate::boundary::{Failure, guard, value_or};
use crate::decide::undecided;
use crate::decision::{out_of_range, trapkey_verdict_t, verdict as verdict_of};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::memory::place;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// What follows the colon of a duty.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_parameter_t {
    /// Nothing.
    TRAPKEY_PARAMETER_NONE = 0,
    /// A word for the host, in `text`.
    TRAPKEY_PARAMETER_TEXT = 1,
    /// A length of time in milliseconds, in `number`.
    TRAPKEY_PARAMETER_DURATION = 2,
    /// A path that leads to nothing, in `text`: the host must decide what that means.
    TRAPKEY_PARAMETER_UNRESOLVED = 3,
    /// A path that leads to a Bool, a Long, a datetime in milliseconds or a decimal in
    /// ten-thousandths, in `number`.
    TRAPKEY_PARAMETER_NUMBER = 4,
    /// A path that leads to a String or an entity, in `text`.
    TRAPKEY_PARAMETER_STRING = 5,
    /// A path that leads to another value, in words in `text`.
    TRAPKEY_PARAMETER_OTHER = 6,
}

/// What the host is to do; its texts are lent by the duties.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_duty_t {
    /// `sizeof(trapkey_duty_t)`, set before the call.
    pub struct_size: usize,
    /// Its name, as `record-session`.
    pub name: trapkey_str_t,
    /// The parameter, where it is a text.
    pub text: trapkey_str_t,
    /// The parameter, where it is a number.
    pub number: i64,
    /// What follows the colon: one of `trapkey_parameter_t`.
    pub parameter: u32,
    /// Not 0 for an obligation; an advice may be passed over.
    pub is_mandatory: u32,
}

versioned!(trapkey_duty_t);

/// The duties of one decision. The caller frees it; threads may share it.
pub struct trapkey_duties_t {
    _opaque: (),
}

/// Duties, each with its parameter in words where it is one.
pub(crate) struct Duties(Vec<(Duty, String)>);

impl Object for trapkey_duties_t {
    type Value = Duties;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeydut");
}

/// Decides a request and resolves the duties by the same facts. `verdict` is deny before anything can
/// fail, and allow only with TRAPKEY_STATUS_OK.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_decide_duties(
    engine: *const trapkey_engine_t,
    request: *const trapkey_request_t,
    duties: *mut *mut trapkey_duties_t,
    verdict: *mut trapkey_verdict_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    let denied = say(verdict, trapkey_verdict_t::TRAPKEY_VERDICT_DENY);
    guard(error, || {
        denied?;
        let (engine, request) = (shared!(engine), shared!(request));
        let place = place!(duties);
        let (decision, found): (Decision, Vec<Duty>) = engine.decide_with_duties(request);
        if let Reason::Failed(error) = decision.reason() {
            return Err(undecided(error));
        }
        let found = found.into_iter().map(|duty| {
            let words = words(&duty);
            (duty, words)
        });
        place.put(give(Duties(found.collect())));
        say(verdict, verdict_of(&decision))
    })
}

/// How many duties there are: obligations, then advice.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_duties_len(duties: *const trapkey_duties_t) -> usize {
    value_or(0, || Ok(shared!(duties).0.len()))
}

/// One duty.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_duties_get(
    duties: *const trapkey_duties_t,
    index: usize,
    duty: *mut trapkey_duty_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let Duties(list) = shared!(duties);
        let place = structure_place!(duty);
        let (found, words) = list.get(index).ok_or_else(|| out_of_range(index, list.len()))?;
        let (parameter, number) = kind(found.parameter.as_ref());
        place.put(trapkey_duty_t {
            struct_size: 0,
            name: trapkey_str_t::of(&found.name),
            text: trapkey_str_t::of(words),
            number,
            parameter: parameter as u32,
            is_mandatory: u32::from(found.is_mandatory),
        });
        Ok(())
    })
}

/// Frees duties. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_duties_free(duties: *mut trapkey_duties_t) {
    free!(duties);
}

fn say(place_of: *mut trapkey_verdict_t, verdict: trapkey_verdict_t) -> Result<(), Failure> {
    place(place_of, "verdict")?.put(verdict);
    Ok(())
}

/// What a parameter is, and its number if it is one.
fn kind(parameter: Option<&Parameter>) -> (trapkey_parameter_t, i64) {
    match parameter {
        None => (trapkey_parameter_t::TRAPKEY_PARAMETER_NONE, 0),
        Some(Parameter::Text(_)) => (trapkey_parameter_t::TRAPKEY_PARAMETER_TEXT, 0),
        Some(Parameter::Duration(duration)) => {
            (trapkey_parameter_t::TRAPKEY_PARAMETER_DURATION, duration.0)
        }
        Some(Parameter::Unresolved(_)) => (trapkey_parameter_t::TRAPKEY_PARAMETER_UNRESOLVED, 0),
        Some(Parameter::Value(value)) => match value {
            Value::Duration(number) => (trapkey_parameter_t::TRAPKEY_PARAMETER_DURATION, *number),
            Value::Bool(value) => {
                (trapkey_parameter_t::TRAPKEY_PARAMETER_NUMBER, i64::from(*value))
            }
            Value::Long(number) | Value::Decimal(number) | Value::Datetime(number) => {
                (trapkey_parameter_t::TRAPKEY_PARAMETER_NUMBER, *number)
            }
            Value::String(_) | Value::Entity(_) => {
                (trapkey_parameter_t::TRAPKEY_PARAMETER_STRING, 0)
            }
            Value::Ip(_) | Value::Set(_) | Value::Record(_) => {
                (trapkey_parameter_t::TRAPKEY_PARAMETER_OTHER, 0)
            }
        },
    }
}

/// The parameter where it is a text.
fn words(duty: &Duty) -> String {
    match &duty.parameter {
        Some(
            Parameter::Text(text)
            | Parameter::Unresolved(text)
            | Parameter::Value(Value::String(text)),
        ) => text.clone(),
        Some(Parameter::Value(Value::Entity(uid))) => uid.to_string(),
        Some(parameter @ Parameter::Value(_)) => parameter.to_string(),
        Some(Parameter::Duration(_)) | None => String::new(),
    }
}
