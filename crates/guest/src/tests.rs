//! The filter in front of a proxy that does what a test says.

mod configuration;
mod fake;
mod http;
mod identity;
mod modbus;
mod plans;
mod repeated;
mod target;
mod values;
