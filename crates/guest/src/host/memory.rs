//! The one memory that the guest, the policies and the proxy share.

use trapkey_abi::MemoryMap;
use trapkey_abi::response::fields;

use super::{Failed, WriteFrame};

/// Where the guest's stack ends, and what belongs to the policies: the guest begins a MiB further on.
const POLICIES_END: usize = 31 * 1024 * 1024;

/// Where frames go if the area for them begins at 0, which is no address.
const FIRST: usize = 64;

#[expect(unsafe_code, reason = "the builder puts these functions in")]
#[link(wasm_import_module = "trapkey")]
unsafe extern "C" {
    safe fn decide(frame: usize, out: usize);
    safe fn plan() -> usize;
    safe fn plan_bytes() -> usize;
    safe fn image() -> usize;
    safe fn image_bytes() -> usize;
}

/// Room for bytes that the proxy hands over; null if there is none.
pub(super) fn allocate(len: usize) -> *mut u8 {
    let mut bytes = Vec::<u8>::new();
    // Exactly: `taken` gives back what was reserved.
    if bytes.try_reserve_exact(len.max(1)).is_err() {
        return core::ptr::null_mut();
    }
    core::mem::ManuallyDrop::new(bytes).as_mut_ptr()
}

/// The bytes that the proxy handed over.
pub(super) fn taken(data: *mut u8, len: usize) -> Vec<u8> {
    if data.is_null() || len == 0 {
        return Vec::new();
    }
    #[expect(unsafe_code, reason = "the proxy gives what it was given")]
    // SAFETY: by the interface, `data` came from `allocate(len)` in this call, and `len` bytes were written to it.
    let bytes = unsafe { Vec::from_raw_parts(data, len, len) };
    bytes
}

/// The postcard of the plan.
pub(super) fn plan_text() -> &'static [u8] {
    constant(plan(), plan_bytes())
}

/// The image of entities that is built in; empty if there is none.
pub(super) fn image_text() -> &'static [u8] {
    constant(image(), image_bytes())
}

fn constant(at: usize, len: usize) -> &'static [u8] {
    if at == 0 || len == 0 {
        return &[];
    }
    let at = core::ptr::with_exposed_provenance(at);
    #[expect(unsafe_code, reason = "the builder puts this there")]
    // SAFETY: the builder placed so many bytes there, apart from all that the guest and the policies write.
    let bytes = unsafe { core::slice::from_raw_parts(at, len) };
    bytes
}

/// Lets `frame` write, calls the policies, gives the area of their response.
pub(super) fn decide_at<'m>(
    map: &MemoryMap,
    frame: &mut WriteFrame<'_>,
) -> Result<&'m [u8], Failed> {
    let [frames, frames_len, responses, responses_len] =
        [map.frames_offset, map.frames_bytes, map.responses_offset, map.responses_bytes]
            .map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let (frames_end, responses_end) =
        (frames.checked_add(frames_len), responses.checked_add(responses_len));
    let (frames_end, responses_end) = (frames_end.ok_or(Failed)?, responses_end.ok_or(Failed)?);
    let frames = frames.max(FIRST);
    let is_apart = frames_end <= responses || responses_end <= frames;
    if !is_apart || responses == 0 || frames_end.max(responses_end) > POLICIES_END {
        return Err(Failed);
    }
    let most = usize::try_from(map.frame_bytes_max).map_err(|_| Failed)?;
    let room = most.min(frames_end.checked_sub(frames).ok_or(Failed)?);
    let area = core::ptr::with_exposed_provenance_mut::<u8>(frames);
    #[expect(unsafe_code, reason = "frames are written where the policies read them")]
    // SAFETY: the area lies below the guest, is not null, and belongs to nothing else between two calls of `decide`.
    let area = unsafe { core::slice::from_raw_parts_mut(area, room) };
    frame(area).map_err(|_| Failed)?;
    let response = core::ptr::with_exposed_provenance_mut::<u8>(responses);
    #[expect(unsafe_code, reason = "responses are read where the policies write them")]
    // SAFETY: as for the area of frames, which this one does not touch.
    let area = unsafe { core::slice::from_raw_parts_mut(response, responses_len) };
    let length = usize::try_from(fields::LENGTH).map_err(|_| Failed)?;
    // Policies that write nothing must not be answered by their last response.
    *area.get_mut(length..).and_then(<[u8]>::first_chunk_mut).ok_or(Failed)? = [0; 4];
    decide(frames, responses);
    #[expect(unsafe_code, reason = "responses are read where the policies write them")]
    // SAFETY: as above; nothing writes there before the next call.
    let area = unsafe { core::slice::from_raw_parts(response.cast_const(), responses_len) };
    Ok(area)
}
