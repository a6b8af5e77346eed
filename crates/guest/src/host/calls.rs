//! The proxy's functions, by the interface proxy-wasm 0.2.1, and those that the builder puts in.

use core::ptr::null_mut;

use trapkey_abi::MemoryMap;

use super::{Buffer, Failed, Host, LocalResponse, Stream, WriteFrame, memory};

#[expect(unsafe_code, reason = "what is imported is what the interface says")]
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    safe fn proxy_log(level: u32, text: *const u8, len: usize) -> u32;
    safe fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    safe fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    safe fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, len: *mut usize) -> u32;
    safe fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_len: usize,
        value: *const u8,
        value_len: usize,
    ) -> u32;
    safe fn proxy_remove_header_map_value(map: u32, name: *const u8, name_len: usize) -> u32;
    safe fn proxy_get_property(
        path: *const u8,
        path_len: usize,
        data: *mut *mut u8,
        len: *mut usize,
    ) -> u32;
    safe fn proxy_set_property(
        path: *const u8,
        path_len: usize,
        value: *const u8,
        value_len: usize,
    ) -> u32;
    safe fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_len: usize,
        body: *const u8,
        body_len: usize,
        headers: *const u8,
        headers_len: usize,
        grpc_status: i32,
    ) -> u32;
    safe fn proxy_close_stream(stream: u32) -> u32;
    safe fn proxy_set_effective_context(context: u32) -> u32;
    safe fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        max: usize,
        data: *mut *mut u8,
        len: *mut usize,
    ) -> u32;
    safe fn proxy_set_buffer_bytes(
        buffer: u32,
        start: usize,
        len: usize,
        data: *const u8,
        data_len: usize,
    ) -> u32;
    safe fn proxy_get_shared_data(
        key: *const u8,
        key_len: usize,
        data: *mut *mut u8,
        len: *mut usize,
        cas: *mut u32,
    ) -> u32;
    safe fn proxy_set_shared_data(
        key: *const u8,
        key_len: usize,
        data: *const u8,
        len: usize,
        cas: u32,
    ) -> u32;
    safe fn proxy_define_metric(kind: u32, name: *const u8, len: usize, id: *mut u32) -> u32;
    safe fn proxy_increment_metric(id: u32, by: i64) -> u32;
}

const OK: u32 = 0;
const NOT_FOUND: u32 = 1;
const REQUEST_HEADERS: u32 = 0;
const DOWNSTREAM_DATA: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const LOG_ERROR: u32 = 4;
const COUNTER: u32 = 0;
const NO_GRPC_STATUS: i32 = -1;

/// The headers of a local response: one, of which names and values have these lengths.
const JSON: &[u8] = b"\x01\0\0\0\x0c\0\0\0\x10\0\0\0content-type\0application/json\0";

/// The proxy that runs this code.
#[derive(Debug, Default)]
pub(super) struct Proxy;

fn ok(status: u32) -> Result<(), Failed> {
    if status == OK { Ok(()) } else { Err(Failed) }
}

/// The bytes that a call allocated; absent if it found nothing.
fn received(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Option<Vec<u8>>, Failed> {
    let (mut data, mut len) = (null_mut(), 0);
    match call(&raw mut data, &raw mut len) {
        OK => Ok(Some(memory::taken(data, len))),
        NOT_FOUND => Ok(None),
        _ => Err(Failed),
    }
}

impl Host for Proxy {
    fn headers(&mut self) -> Result<Vec<u8>, Failed> {
        received(|data, len| proxy_get_header_map_pairs(REQUEST_HEADERS, data, len))?.ok_or(Failed)
    }

    fn property(&mut self, path: &[&str]) -> Result<Option<Vec<u8>>, Failed> {
        let path = path.join("\0");
        received(|data, len| proxy_get_property(path.as_ptr(), path.len(), data, len))
    }

    fn set_property(&mut self, name: &str, value: &str) -> Result<(), Failed> {
        ok(proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()))
    }

    fn now(&mut self) -> Result<u64, Failed> {
        let mut time = 0;
        ok(proxy_get_current_time_nanoseconds(&raw mut time))?;
        Ok(time)
    }

    fn respond(&mut self, response: &LocalResponse<'_>) -> Result<(), Failed> {
        let LocalResponse { status, details, body } = *response;
        ok(proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            JSON.as_ptr(),
            JSON.len(),
            NO_GRPC_STATUS,
        ))
    }

    fn put_header(&mut self, name: &str, value: Option<&str>) -> Result<(), Failed> {
        let (at, len) = (name.as_ptr(), name.len());
        ok(match value {
            Some(value) => proxy_replace_header_map_value(
                REQUEST_HEADERS,
                at,
                len,
                value.as_ptr(),
                value.len(),
            ),
            None => proxy_remove_header_map_value(REQUEST_HEADERS, at, len),
        })
    }

    fn close(&mut self, stream: Stream) -> Result<(), Failed> {
        ok(proxy_close_stream(match stream {
            Stream::Request => 0,
            Stream::Response => 1,
            Stream::Downstream => 2,
        }))
    }

    fn select(&mut self, context: u32) -> Result<(), Failed> {
        ok(proxy_set_effective_context(context))
    }

    fn buffer(&mut self, buffer: Buffer, len: usize) -> Result<Vec<u8>, Failed> {
        let buffer = match buffer {
            Buffer::Configuration => PLUGIN_CONFIGURATION,
            Buffer::Downstream => DOWNSTREAM_DATA,
        };
        received(|data, got| proxy_get_buffer_bytes(buffer, 0, len, data, got))?.ok_or(Failed)
    }

    fn put_data(&mut self, len: usize, bytes: &[u8]) -> Result<(), Failed> {
        ok(proxy_set_buffer_bytes(DOWNSTREAM_DATA, 0, len, bytes.as_ptr(), bytes.len()))
    }

    fn shared(&mut self, key: &str) -> Result<Option<Vec<u8>>, Failed> {
        let mut cas = 0;
        let at = (key.as_ptr(), key.len());
        received(|data, len| proxy_get_shared_data(at.0, at.1, data, len, &raw mut cas))
    }

    fn share(&mut self, key: &str, value: &[u8]) -> Result<(), Failed> {
        ok(proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), 0))
    }

    fn counter(&mut self, name: &str) -> Result<u32, Failed> {
        let mut id = 0;
        ok(proxy_define_metric(COUNTER, name.as_ptr(), name.len(), &raw mut id))?;
        Ok(id)
    }

    fn count(&mut self, counter: u32, by: i64) -> Result<(), Failed> {
        ok(proxy_increment_metric(counter, by))
    }

    fn tick_every(&mut self, milliseconds: u32) -> Result<(), Failed> {
        ok(proxy_set_tick_period_milliseconds(milliseconds))
    }

    fn log(&mut self, text: &str) {
        // A line that is lost changes nothing.
        let (Ok(()) | Err(Failed)) = ok(proxy_log(LOG_ERROR, text.as_ptr(), text.len()));
    }

    fn decide(&mut self, memory: &MemoryMap, frame: &mut WriteFrame<'_>) -> Result<&[u8], Failed> {
        memory::decide_at(memory, frame)
    }
}
