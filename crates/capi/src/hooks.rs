//! What tests of the boundary need, and no build of a user has.

use crate::boundary::guard;
use crate::error::trapkey_error_t;
use crate::status::trapkey_status_t;

/// Panics inside.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
#[expect(clippy::panic, reason = "that is what it is for")]
#[expect(clippy::missing_panics_doc, reason = "no panic leaves it")]
pub unsafe extern "C" fn trapkey_test_panic(error: *mut *mut trapkey_error_t) -> trapkey_status_t {
    guard(error, || panic!("as a test asked"))
}
