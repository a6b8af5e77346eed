//! Reports: lists and records as JSON.

use std::ffi::c_char;
use std::fmt::Display;

use serde_json::{Map, Value as Json};

use crate::boundary::{Failure, guard, value_or};
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::memory::{copy_text, place};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// What an engine or a bundle was asked about, as JSON. The caller frees it; threads may share it.
///
/// Members are in the order of their names, and are only added. Instants are milliseconds since 1970-01-01T00:00:00Z, entities are texts as
/// `Type::"id"`, digests are hexadecimal, and what is absent is null.
pub struct trapkey_report_t {
    _opaque: (),
}

impl Object for trapkey_report_t {
    type Value = String;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyrep");
}

/// The JSON, lent by the report; empty if this is no report.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_report_text(report: *const trapkey_report_t) -> trapkey_str_t {
    value_or(trapkey_str_t::of(""), || Ok(trapkey_str_t::of(shared!(report))))
}

/// Copies the JSON into a buffer of `capacity` bytes, with a NUL at its end, and writes the length without
/// that to `len`. With TRAPKEY_STATUS_BUFFER_TOO_SMALL the buffer is as before, and `len` says the length
/// nevertheless.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_report_copy(
    report: *const trapkey_report_t,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> trapkey_status_t {
    guard(std::ptr::null_mut(), || copy_text(shared!(report), (buffer, capacity), len))
}

/// Frees a report. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_report_free(report: *mut trapkey_report_t) {
    free!(report);
}

/// An object, by the shortest code that makes one.
#[inline(never)]
pub(crate) fn object(members: Vec<(&str, Json)>) -> Json {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    Json::Object(object)
}

/// A text, or null.
#[inline(never)]
pub(crate) fn text_or_null(text: Option<&str>) -> Json {
    text.map_or(Json::Null, Json::from)
}

/// What a uid, a digest or the like is called.
#[inline(never)]
pub(crate) fn words(named: &dyn Display) -> Json {
    Json::String(named.to_string())
}

/// As [`words`], or null.
pub(crate) fn words_or_null<T: Display>(named: Option<&T>) -> Json {
    named.map_or(Json::Null, |named| words(named))
}

/// Makes a report of what `tell` tells, with members in the order of their names, as `serde_json` has them with
/// and without its feature `preserve_order`. It is asked only if there is a place for it.
pub(crate) fn reporting(
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
    tell: impl FnOnce() -> Result<Json, Failure>,
) -> trapkey_status_t {
    guard(error, || {
        let place = place(report, "report")?;
        place.put(give(tell()?.to_string()));
        Ok(())
    })
}
