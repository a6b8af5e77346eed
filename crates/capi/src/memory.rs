//! Texts, arrays, structs and places for results in the caller's memory.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::slice;

use crate::boundary::Failure;
use crate::handle::{misaligned, null};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Bytes that a public struct of any version may have.
const STRUCT_BYTES_MAX: usize = 4096;

/// A public struct that begins with its size in bytes.
///
/// # Safety
///
/// The type is `repr(C)`, its first field is a `usize`, and any bytes are a value of it.
pub(crate) unsafe trait Versioned: Copy {
    /// What the struct is called.
    const NAME: &'static str;
    /// Its size in the first version that had it.
    const BYTES_MIN: usize;
}

/// Says that structs begin with their size, and are those of the first version, or have grown since by
/// a field and those behind it.
macro_rules! versioned {
    ($name:ident before $field:ident) => {
        // SAFETY: `repr(C)`, and of integers and pointers, whose first is `struct_size`.
        unsafe impl $crate::memory::Versioned for $name {
            const NAME: &'static str = stringify!($name);
            const BYTES_MIN: usize = std::mem::offset_of!($name, $field);
        }
    };
    ($($name:ident),*) => {$(
        // SAFETY: `repr(C)`, and of integers and pointers, whose first is `struct_size`.
        unsafe impl $crate::memory::Versioned for $name {
            const NAME: &'static str = stringify!($name);
            const BYTES_MIN: usize = size_of::<$name>();
        }
    )*};
}

/// Room in the caller's memory for a result.
pub(crate) struct Place<T>(*mut T);

impl<T> Place<T> {
    pub(crate) fn put(self, value: T) {
        // SAFETY: `place` found it not NULL and aligned, and it is room for `T` by the contract of
        // pointers.
        unsafe { self.0.write(value) };
    }
}

/// Room in the caller's memory for a struct of the caller's version.
pub(crate) struct StructPlace<T> {
    pointer: *mut T,
    len: usize,
}

impl<T: Versioned> StructPlace<T> {
    /// Writes as much as the caller's version has, zeros where that has more, and leaves the size.
    pub(crate) fn put(self, value: T) {
        let own = size_of::<T>().min(self.len);
        let (from, to) = ((&raw const value).cast::<u8>(), self.pointer.cast::<u8>());
        let first = size_of::<usize>();
        // SAFETY: `first` is within both, which `structure_place` saw.
        let (from, to_fields) = unsafe { (from.add(first), to.add(first)) };
        // SAFETY: the caller's struct has `len` bytes, of which `own` are no more than `T` has.
        unsafe { to_fields.copy_from_nonoverlapping(from, own - first) };
        // SAFETY: `own` is at most `len`.
        let tail = unsafe { to.add(own) };
        // SAFETY: from there on it has the rest of its `len` bytes.
        unsafe { tail.write_bytes(0, self.len - own) };
    }
}

fn check<T>(pointer: *const T, name: &'static str) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(null(name));
    }
    if !pointer.is_aligned() {
        return Err(misaligned(name));
    }
    Ok(())
}

/// Room for a result.
#[inline]
pub(crate) fn place<T>(pointer: *mut T, name: &'static str) -> Result<Place<T>, Failure> {
    check(pointer.cast_const(), name)?;
    Ok(Place(pointer))
}

/// Room for a result that the caller may not want.
pub(crate) fn place_if_any<T>(
    pointer: *mut T,
    name: &'static str,
) -> Result<Option<Place<T>>, Failure> {
    if pointer.is_null() { Ok(None) } else { place(pointer, name).map(Some) }
}

fn size_refused<T: Versioned>(name: &str, len: usize) -> Failure {
    let (known, ty) = (size_of::<T>(), T::NAME);
    let text = format!("`{name}->struct_size` is {len}, `{ty}` has {known} bytes");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_STRUCT_SIZE, text)
}

unsafe fn struct_len<T: Versioned>(
    pointer: *const T,
    name: &'static str,
) -> Result<usize, Failure> {
    check(pointer, name)?;
    // SAFETY: a `Versioned` begins with its size, which is there by the contract of pointers.
    let len = unsafe { pointer.cast::<usize>().read() };
    if (T::BYTES_MIN..=STRUCT_BYTES_MAX).contains(&len) {
        Ok(len)
    } else {
        Err(size_refused::<T>(name, len))
    }
}

/// A struct of the caller's version: what an older one lacks is zero, and what a newer one has beyond
/// this must be zero.
pub(crate) unsafe fn structure<T: Versioned>(
    pointer: *const T,
    name: &'static str,
) -> Result<T, Failure> {
    // SAFETY: as the caller's.
    let len = unsafe { struct_len(pointer, name) }?;
    // SAFETY: by the contract of pointers the struct has as many bytes as it says.
    let bytes = unsafe { slice::from_raw_parts(pointer.cast::<u8>(), len) };
    let (known, tail) = bytes.split_at(len.min(size_of::<T>()));
    if tail.iter().any(|byte| *byte != 0) {
        return Err(size_refused::<T>(name, len));
    }
    let mut value = MaybeUninit::<T>::zeroed();
    let to = value.as_mut_ptr().cast::<u8>();
    // SAFETY: `known` is no longer than `T`, and apart from `value`.
    unsafe { to.copy_from_nonoverlapping(known.as_ptr(), known.len()) };
    // SAFETY: any bytes are a value of a `Versioned`.
    Ok(unsafe { value.assume_init() })
}

/// Room for a struct of the caller's version, which says its size.
pub(crate) unsafe fn structure_place<T: Versioned>(
    pointer: *mut T,
    name: &'static str,
) -> Result<StructPlace<T>, Failure> {
    // SAFETY: as the caller's.
    let len = unsafe { struct_len(pointer.cast_const(), name) }?;
    Ok(StructPlace { pointer, len })
}

/// An array; NULL is one of no elements.
#[inline]
pub(crate) unsafe fn array<'a, T>(
    pointer: *const T,
    len: usize,
    name: &'static str,
) -> Result<&'a [T], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    check(pointer, name)?;
    check_len(len.saturating_mul(size_of::<T>()), name)?;
    // SAFETY: not NULL, aligned, and no longer than `isize::MAX` bytes; it is there by the contract
    // of pointers.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

fn check_len(len: usize, name: &str) -> Result<(), Failure> {
    if isize::try_from(len).is_ok() {
        return Ok(());
    }
    let text = format!("`{name}` is longer than {} bytes", isize::MAX);
    Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_TOO_LONG, text))
}

/// A text; NULL without length is the empty one.
#[inline]
pub(crate) unsafe fn text<'a>(text: trapkey_str_t, name: &'static str) -> Result<&'a str, Failure> {
    // SAFETY: as the caller's.
    let bytes = unsafe { array(text.data.cast::<u8>(), text.len, name) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        let text = format!("`{name}` is not UTF-8 at byte {}", error.valid_up_to());
        Failure::new(trapkey_status_t::TRAPKEY_STATUS_NOT_UTF8, text)
    })
}

/// A text; NULL is none.
pub(crate) unsafe fn text_if_any<'a>(
    given: trapkey_str_t,
    name: &'static str,
) -> Result<Option<&'a str>, Failure> {
    if given.data.is_null() && given.len == 0 {
        return Ok(None);
    }
    // SAFETY: as the caller's.
    unsafe { text(given, name) }.map(Some)
}

/// Copies a text with a NUL behind it, and says its length without that; the length alone where it
/// does not fit.
pub(crate) fn copy_text(
    text: &str,
    (buffer, capacity): (*mut c_char, usize),
    len: *mut usize,
) -> Result<(), Failure> {
    check_len(capacity, "buffer")?;
    let room = place(len, "len")?;
    if capacity > 0 {
        check(buffer.cast_const(), "buffer")?;
    }
    room.put(text.len());
    if capacity <= text.len() {
        let text = format!("the text takes {} bytes with its end", text.len().saturating_add(1));
        return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_BUFFER_TOO_SMALL, text));
    }
    let to = buffer.cast::<u8>();
    // SAFETY: `buffer` has `capacity` bytes by the contract of pointers, more than the text, which is
    // the library's own.
    unsafe { to.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    // SAFETY: one byte more is there.
    let end = unsafe { to.add(text.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
    Ok(())
}

/// Copies an array, and says its length; the length alone where it does not fit.
pub(crate) fn copy_array<T: Copy>(
    values: &[T],
    (buffer, capacity): (*mut T, usize),
    len: *mut usize,
) -> Result<(), Failure> {
    check_len(capacity.saturating_mul(size_of::<T>()), "buffer")?;
    let room = place(len, "len")?;
    if capacity > 0 {
        check(buffer.cast_const(), "buffer")?;
    }
    room.put(values.len());
    if capacity < values.len() {
        let text = format!("there are {}, and room for {capacity}", values.len());
        return Err(Failure::new(trapkey_status_t::TRAPKEY_STATUS_BUFFER_TOO_SMALL, text));
    }
    if capacity > 0 {
        // SAFETY: `buffer` has room for `capacity` values by the contract of pointers, no fewer than there
        // are, and these are the library's own.
        unsafe { buffer.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    }
    Ok(())
}

/// Room for a result.
macro_rules! place {
    ($pointer:ident) => {
        $crate::memory::place($pointer, stringify!($pointer))?
    };
}

/// Room for a result that the caller may not want.
macro_rules! place_if_any {
    ($pointer:ident) => {
        $crate::memory::place_if_any($pointer, stringify!($pointer))?
    };
}

/// A struct of the caller's version.
macro_rules! structure {
    ($pointer:ident) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::memory::structure($pointer, stringify!($pointer)) }?
    }};
}

/// Room for a struct of the caller's version.
macro_rules! structure_place {
    ($pointer:ident) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::memory::structure_place($pointer, stringify!($pointer)) }?
    }};
}

/// An array.
macro_rules! array {
    ($pointer:expr, $len:expr, $name:literal) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::memory::array($pointer, $len, $name) }?
    }};
}

/// A text.
macro_rules! text {
    ($text:expr) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::memory::text($text, stringify!($text)) }?
    }};
}

/// A text that may be absent.
macro_rules! text_if_any {
    ($text:expr) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::memory::text_if_any($text, stringify!($text)) }?
    }};
}
