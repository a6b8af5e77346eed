//! Errors: the place and the reason, in words.

use std::ffi::c_char;

use crate::boundary::{Failure, guard, value_or};
use crate::handle::Object;
use crate::memory::copy_text;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Why a function failed. The caller frees it; threads may share it.
pub struct trapkey_error_t {
    _opaque: (),
}

impl Object for trapkey_error_t {
    type Value = Failure;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyerr");
}

/// The status that the function gave.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_error_status(error: *const trapkey_error_t) -> trapkey_status_t {
    value_or(trapkey_status_t::TRAPKEY_STATUS_INVALID_OBJECT, || Ok(shared!(error).status))
}

/// What is wrong and where, lent by the error; empty if this is no error.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_error_text(error: *const trapkey_error_t) -> trapkey_str_t {
    value_or(trapkey_str_t::of(""), || Ok(trapkey_str_t::of(&shared!(error).text)))
}

/// Copies what is wrong and where into a buffer of `capacity` bytes, with a NUL at its end, and
/// writes the length without that to `len`. With TRAPKEY_STATUS_BUFFER_TOO_SMALL the buffer is as
/// before, and `len` says the length nevertheless.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_error_copy(
    error: *const trapkey_error_t,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> trapkey_status_t {
    guard(std::ptr::null_mut(), || copy_text(&shared!(error).text, (buffer, capacity), len))
}

/// Frees an error. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_error_free(error: *mut trapkey_error_t) {
    free!(error);
}
