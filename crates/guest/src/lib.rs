//! What runs beside the policies inside a proxy: finds out who asks for what, builds the frame with the one encoder,
//! asks the policies, and does what they say.
//!
//! Compiled for WebAssembly once, to the asset that `trapkey-envoy` links with a bundle's module; compiled natively
//! for the types of the [`Plan`] and for tests.

pub mod host;
pub mod image;
pub mod plan;

mod deny;
mod facts;
mod guest;
mod headers;
mod identity;
mod modbus;
mod question;
mod repeated;
mod target;
mod verdict;

#[cfg(test)]
mod tests;

pub use guest::{Guest, PlanError};
pub use plan::Plan;
