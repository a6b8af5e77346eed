//! Reports: lists and records as JSON.

use std::ffi::c_char;

use serde_json::Value as Json;

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
