//! Which version a program was built with, and which it runs with.

use std::ffi::c_char;

/// Major version.
pub const TRAPKEY_VERSION_MAJOR: u32 = 0;
/// Minor version.
pub const TRAPKEY_VERSION_MINOR: u32 = 1;
/// Patch.
pub const TRAPKEY_VERSION_PATCH: u32 = 0;
/// The version of the header as a number: major times 65,536, plus minor times 256, plus patch.
pub const TRAPKEY_VERSION_NUMBER: u32 = 256;

const VERSION: &std::ffi::CStr = c"0.1.0";

/// The version of the library, in the form of `TRAPKEY_VERSION_NUMBER`.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub extern "C" fn trapkey_version() -> u32 {
    TRAPKEY_VERSION_NUMBER
}

/// The version of the library as a text that ends with NUL and is always there.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub extern "C" fn trapkey_version_string() -> *const c_char {
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_that_of_the_crate() {
        let want =
            format!("{TRAPKEY_VERSION_MAJOR}.{TRAPKEY_VERSION_MINOR}.{TRAPKEY_VERSION_PATCH}");
        assert_eq!(env!("CARGO_PKG_VERSION"), want);
        assert_eq!(VERSION.to_str(), Ok(want.as_str()));
        let (major, minor) = (TRAPKEY_VERSION_MAJOR, TRAPKEY_VERSION_MINOR);
        assert_eq!(TRAPKEY_VERSION_NUMBER, (major << 16) | (minor << 8) | TRAPKEY_VERSION_PATCH);
    }
}
