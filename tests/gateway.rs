//! The Modbus gateway in C, end to end: real peers by libmodbus, captured traffic, Cedar as the reference.

#![cfg(test)]

#[path = "gateway/hostile.rs"]
mod hostile;
#[path = "gateway/mapping.rs"]
mod mapping;
#[path = "gateway/memory.rs"]
mod memory;
#[path = "gateway/order.rs"]
mod order;
#[path = "gateway/peers.rs"]
mod peers;
#[path = "gateway/place.rs"]
mod place;
#[path = "capi/programs.rs"]
#[expect(dead_code, reason = "the tests of the C interface run all that they compile")]
mod programs;
#[path = "gateway/record.rs"]
mod record;
#[path = "gateway/replay.rs"]
mod replay;
#[path = "gateway/sessions.rs"]
mod sessions;
