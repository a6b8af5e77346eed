//! Where failures and panics become a status.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::trapkey_error_t;
use crate::handle;
use crate::status::trapkey_status_t;

/// Why a function failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: trapkey_status_t,
    pub(crate) text: Cow<'static, str>,
}

impl Failure {
    pub(crate) fn new(status: trapkey_status_t, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, text: text.into() }
    }

    /// What the library refused, with its reasons.
    #[cold]
    pub(crate) fn refused(status: trapkey_status_t, error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // Writing to a string cannot fail.
            if write!(text, ": {cause}").is_err() {
                break;
            }
            source = cause.source();
        }
        Self::new(status, text)
    }
}

/// Runs `body`. A failure or a panic in it becomes a status and, if `error` is not NULL, an error.
#[inline]
pub(crate) fn guard(
    error: *mut *mut trapkey_error_t,
    body: impl FnOnce() -> Result<(), Failure>,
) -> trapkey_status_t {
    if !error.is_aligned() {
        return trapkey_status_t::TRAPKEY_STATUS_MISALIGNED;
    }
    // What a panic leaves half done is refused or set to deny by those who call this.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) if error.is_null() => trapkey_status_t::TRAPKEY_STATUS_OK,
        Ok(Ok(())) => {
            tell(error, std::ptr::null_mut());
            trapkey_status_t::TRAPKEY_STATUS_OK
        }
        Ok(Err(failure)) => fail(error, failure),
        Err(panic) => fail(error, panicked(panic)),
    }
}

/// Runs `body` for its value; whatever fails, that is `otherwise`.
pub(crate) fn value_or<T>(otherwise: T, body: impl FnOnce() -> Result<T, Failure>) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(_)) | Err(_) => otherwise,
    }
}

/// What a panic said. Apart from `guard`, of which each function has a copy.
#[cold]
#[inline(never)]
fn panicked(panic: Box<dyn Any + Send>) -> Failure {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = format!("the library panicked: {}", said.unwrap_or("for an unknown reason"));
    drop(panic);
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_INTERNAL, text)
}

#[cold]
#[inline(never)]
fn fail(error: *mut *mut trapkey_error_t, failure: Failure) -> trapkey_status_t {
    let status = failure.status;
    if !error.is_null() {
        tell(error, handle::give(failure));
    }
    status
}

/// Writes where an error belongs.
fn tell(place: *mut *mut trapkey_error_t, error: *mut trapkey_error_t) {
    // SAFETY: `place` is aligned and not NULL, and by the contract of pointers room for a pointer.
    unsafe { place.write(error) };
}
