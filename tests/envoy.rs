//! The filter in the real Envoy: mutual TLS, requests as bytes, and the Rust engine as the reference.

#![cfg(test)]

#[path = "envoy/certificates.rs"]
mod certificates;
#[path = "envoy/client.rs"]
mod client;
#[path = "envoy/device.rs"]
mod device;
#[path = "envoy/duties.rs"]
mod duties;
#[path = "envoy/examples.rs"]
mod examples;
#[path = "envoy/frames.rs"]
mod frames;
#[path = "envoy/http.rs"]
mod http;
#[path = "envoy/kit.rs"]
mod kit;
#[path = "envoy/libmodbus.rs"]
mod libmodbus;
#[path = "envoy/modbus.rs"]
mod modbus;
#[path = "envoy/place.rs"]
mod place;
#[path = "capi/programs.rs"]
#[expect(dead_code, reason = "the tests of the C interface link what they compile")]
mod programs;
#[path = "envoy/proxy.rs"]
mod proxy;
#[path = "envoy/swaps.rs"]
mod swaps;
#[path = "envoy/tricks.rs"]
mod tricks;
#[path = "envoy/upstream.rs"]
mod upstream;
#[path = "envoy/world.rs"]
mod world;
