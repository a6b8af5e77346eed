//! Objects behind opaque pointers, each with a word that tells what it is.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::boundary::Failure;
use crate::status::trapkey_status_t;

/// An opaque type of the header.
pub(crate) trait Object {
    /// What is behind the pointer.
    type Value: Send + Sync;
    /// The word at its beginning while it is there, unlike that of any other type.
    const MAGIC: u64;
}

/// The word of an object that was freed.
const FREED: u64 = 0xdead_f4ee_dead_f4ee;

/// What a pointer to an object is a pointer to.
#[repr(C)]
pub(crate) struct Shell<T> {
    // INVARIANT: `magic` is that of the object's type until the value is dropped.
    magic: u64,
    value: ManuallyDrop<T>,
}

impl<T> Shell<T> {
    pub(crate) fn value(&self) -> &T {
        &self.value
    }
}

/// Makes an object, to be freed by [`free`].
pub(crate) fn give<T: Object>(value: T::Value) -> *mut T {
    let shell = Shell { magic: T::MAGIC, value: ManuallyDrop::new(value) };
    Box::into_raw(Box::new(shell)).cast()
}

/// Makes sure that a pointer is to an object of its type.
#[inline]
unsafe fn find<T: Object>(
    pointer: *const T,
    name: &'static str,
) -> Result<*const Shell<T::Value>, Failure> {
    let shell = pointer.cast::<Shell<T::Value>>();
    if shell.is_null() {
        return Err(null(name));
    }
    if !shell.is_aligned() {
        return Err(misaligned(name));
    }
    // SAFETY: every object begins with its word, and the pointer is to an object by the contract of
    // pointers; with debug assertions the word of a freed one stays readable.
    let magic = unsafe { shell.cast::<u64>().read() };
    if magic == T::MAGIC { Ok(shell) } else { Err(unknown(name, magic)) }
}

/// The value of an object that others may read meanwhile.
#[inline]
pub(crate) unsafe fn shared<'a, T: Object>(
    pointer: *const T,
    name: &'static str,
) -> Result<&'a T::Value, Failure> {
    // SAFETY: as the caller's.
    let shell = unsafe { find(pointer, name) }?;
    // SAFETY: the word says that it is there, and nobody changes it by the contract of pointers.
    Ok(unsafe { &(*shell).value })
}

/// The value of an object that nobody else uses meanwhile.
#[inline]
pub(crate) unsafe fn exclusive<'a, T: Object>(
    pointer: *mut T,
    name: &'static str,
) -> Result<&'a mut T::Value, Failure> {
    // SAFETY: as the caller's.
    let shell = unsafe { find(pointer.cast_const(), name) }?.cast_mut();
    // SAFETY: the word says that it is there, and nobody uses it by the contract of pointers.
    Ok(unsafe { &mut (*shell).value })
}

/// Frees an object. NULL is passed over, and so is what the word says is no such object.
///
/// With debug assertions the memory of the word is never given back, so that an object that is used
/// or freed again is found out.
pub(crate) unsafe fn free<T: Object>(pointer: *mut T) {
    // SAFETY: as the caller's.
    let Ok(shell) = (unsafe { find(pointer.cast_const(), "object") }) else { return };
    let shell = shell.cast_mut();
    // SAFETY: the word says that the object is there; by the contract of pointers it is nobody's.
    unsafe { shell.cast::<u64>().write(FREED) };
    // SAFETY: as above; the word keeps all others from the value.
    let value = unsafe { ManuallyDrop::take(&mut (*shell).value) };
    // Nobody is left to tell of a panic here.
    drop(catch_unwind(AssertUnwindSafe(move || drop(value))));
    if !cfg!(debug_assertions) {
        // SAFETY: `give` made it as a box of this type, and the value is not dropped again.
        drop(unsafe { Box::from_raw(shell) });
    }
}

#[cold]
pub(crate) fn null(name: &str) -> Failure {
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_NULL_POINTER, format!("`{name}` is NULL"))
}

#[cold]
pub(crate) fn misaligned(name: &str) -> Failure {
    let text = format!("`{name}` is not aligned for its type");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_MISALIGNED, text)
}

#[cold]
fn unknown(name: &str, magic: u64) -> Failure {
    let what = if magic == FREED { "has been freed" } else { "is no object of its type" };
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_INVALID_OBJECT, format!("`{name}` {what}"))
}

/// The value of an object that others may read meanwhile.
macro_rules! shared {
    ($pointer:ident) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::handle::shared($pointer, stringify!($pointer)) }?
    }};
}

/// The value of an object that nobody else uses meanwhile.
macro_rules! exclusive {
    ($pointer:ident) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::handle::exclusive($pointer, stringify!($pointer)) }?
    }};
}

/// Frees an object.
macro_rules! free {
    ($pointer:ident) => {{
        // SAFETY: the contract of pointers.
        unsafe { $crate::handle::free($pointer) }
    }};
}
