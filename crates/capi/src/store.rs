//! What outlives a restart: the highest sequence that was published, and the time mark.
//!
//! The host keeps 32 bytes in non-volatile memory. The engine refuses nothing by them yet: the host
//! compares what it loads with the bundle and the clock that it is about to use.

use std::ffi::c_void;

use trapkey::{Datetime, Digest, Trust};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::status::trapkey_status_t;

/// Bytes that a store keeps.
pub const TRAPKEY_STORE_BYTES: usize = 32;

/// What the kept bytes begin with: the form of this version.
const FORM: [u8; 8] = *b"trkeyst1";

/// Says that there is no time mark.
const NO_MARK: i64 = i64::MIN;

/// Reads or writes `TRAPKEY_STORE_BYTES` bytes; 0 if that worked. It must return, and not by an
/// exception or a jump.
pub type trapkey_load_callback_t =
    Option<unsafe extern "C" fn(userdata: *mut c_void, bytes: *mut u8) -> i32>;
/// Keeps `TRAPKEY_STORE_BYTES` bytes; 0 if they will be there after a loss of power.
pub type trapkey_save_callback_t =
    Option<unsafe extern "C" fn(userdata: *mut c_void, bytes: *const u8) -> i32>;

/// A host's non-volatile memory.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_store_t {
    /// `sizeof(trapkey_store_t)`.
    pub struct_size: usize,
    /// Given to the callbacks.
    pub userdata: *mut c_void,
    /// Reads what was kept.
    pub load: trapkey_load_callback_t,
    /// Keeps.
    pub save: trapkey_save_callback_t,
}

/// What a store kept.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_kept_t {
    /// `sizeof(trapkey_kept_t)`, set before the call.
    pub struct_size: usize,
    /// The highest sequence of a release that was published when the engine was saved.
    pub sequence: u64,
    /// The latest instant that a trusted clock had shown, in milliseconds since 1970-01-01T00:00:00Z.
    pub mark_ms: i64,
    /// Not 0 if there is such an instant.
    pub has_mark: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(trapkey_store_t, trapkey_kept_t);

/// Reads what the store kept. What is not exactly what was saved is refused.
///
/// Threads: any. Allocates: no. Blocks: as the callback does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_store_load(
    store: *const trapkey_store_t,
    kept: *mut trapkey_kept_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let store: trapkey_store_t = structure!(store);
        let place = structure_place!(kept);
        let (sequence, mark) = load(&store)?;
        let has_mark = u32::from(mark != NO_MARK);
        let mark_ms = if mark == NO_MARK { 0 } else { mark };
        place.put(trapkey_kept_t { struct_size: 0, sequence, mark_ms, has_mark, reserved: 0 });
        Ok(())
    })
}

/// Keeps the sequence of the published release and the time mark, each unless what the store kept is
/// higher. A store that cannot be read is not written to, unless `is_first` is not 0.
///
/// Threads: one, for one store. Allocates: no. Blocks: as the callbacks do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_store_save(
    store: *const trapkey_store_t,
    engine: *const trapkey_engine_t,
    is_first: u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let store: trapkey_store_t = structure!(store);
        let engine = shared!(engine);
        let (before, mark) = if is_first == 0 { load(&store)? } else { (0, NO_MARK) };
        let sequence = engine.contents().map_or(0, |contents| contents.head().sequence);
        let trusted = engine.clock().filter(|clock| clock.trust == Trust::Trusted);
        let now = trusted.and_then(|clock| clock.low).map_or(NO_MARK, |Datetime(low)| low);
        let bytes = pack(sequence.max(before), now.max(mark));
        let save = store.save.ok_or_else(|| crate::handle::null("store->save"))?;
        // SAFETY: the caller promises that `save` takes `userdata`, reads these bytes and returns.
        let code = unsafe { save(store.userdata, bytes.as_ptr()) };
        if code == 0 { Ok(()) } else { Err(failed("save", code)) }
    })
}

fn load(store: &trapkey_store_t) -> Result<(u64, i64), Failure> {
    let load = store.load.ok_or_else(|| crate::handle::null("store->load"))?;
    let mut bytes = [0; TRAPKEY_STORE_BYTES];
    // SAFETY: the caller promises that `load` takes `userdata`, writes no more bytes and returns.
    let code = unsafe { load(store.userdata, bytes.as_mut_ptr()) };
    if code != 0 {
        return Err(failed("load", code));
    }
    unpack(&bytes).ok_or_else(|| {
        let text = "the store does not give back what was saved";
        Failure::new(trapkey_status_t::TRAPKEY_STATUS_STORE_REFUSED, text)
    })
}

fn failed(what: &str, code: i32) -> Failure {
    let text = format!("the store's `{what}` gave {code}");
    Failure::new(trapkey_status_t::TRAPKEY_STATUS_STORE_REFUSED, text)
}

/// Form, sequence, mark, and eight bytes of the digest of these.
fn pack(sequence: u64, mark: i64) -> [u8; TRAPKEY_STORE_BYTES] {
    let (form, sequence, mark) = (FORM, sequence.to_le_bytes(), mark.to_le_bytes());
    let mut bytes = [0; TRAPKEY_STORE_BYTES];
    let content = form.into_iter().chain(sequence).chain(mark);
    bytes.iter_mut().zip(content).for_each(|(to, byte)| *to = byte);
    let sum = sum(&bytes);
    bytes.iter_mut().skip(24).zip(sum).for_each(|(to, byte)| *to = byte);
    bytes
}

fn unpack(bytes: &[u8; TRAPKEY_STORE_BYTES]) -> Option<(u64, i64)> {
    let (form, rest) = bytes.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (mark, rest) = rest.split_first_chunk::<8>()?;
    let is_whole = *form == FORM && rest.iter().copied().eq(sum(bytes));
    is_whole.then(|| (u64::from_le_bytes(*sequence), i64::from_le_bytes(*mark)))
}

/// Eight bytes of the digest of all but the last eight bytes.
fn sum(bytes: &[u8; TRAPKEY_STORE_BYTES]) -> impl Iterator<Item = u8> + use<> {
    let (content, _) = bytes.split_at(TRAPKEY_STORE_BYTES - 8);
    Digest::of(content).0.into_iter().take(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_bytes_are_whole_or_refused() {
        let bytes = pack(7, -3);
        assert_eq!(unpack(&bytes), Some((7, -3)));
        for at in 0..bytes.len() {
            let mut broken = bytes;
            broken[at] ^= 1;
            assert_eq!(unpack(&broken), None, "byte {at}");
        }
        assert_eq!(unpack(&[0; 32]), None);
    }
}
