//! Texts and bytes that are lent.

use std::ffi::c_char;

/// A text that is lent: UTF-8, without a NUL at its end.
///
/// To a function it is lent for the call. From a function it is lent as long as the object that it
/// comes from is neither changed nor freed. `data` may be NULL if `len` is 0; where a text may be
/// absent, that is how.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_str_t {
    /// First byte.
    pub data: *const c_char,
    /// Length in bytes.
    pub len: usize,
}

/// Bytes that are lent for a call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_bytes_t {
    /// First byte.
    pub data: *const u8,
    /// Length in bytes.
    pub len: usize,
}

impl trapkey_str_t {
    /// None.
    pub(crate) const ABSENT: Self = Self { data: std::ptr::null(), len: 0 };

    pub(crate) fn of(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), len: text.len() }
    }

    pub(crate) fn of_any(text: Option<&str>) -> Self {
        text.map_or(Self::ABSENT, Self::of)
    }
}
