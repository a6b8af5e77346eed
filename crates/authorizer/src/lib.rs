//! What runs beside the policies inside a component: it turns values, entities and requests into frames with the one
//! encoder, asks the policies, and turns responses into decisions.
//!
//! Compiled for WebAssembly once, to the asset that `trapkey-component` links with a bundle's module; compiled natively
//! for the types of the [`Plan`] and for tests.

mod answer;
mod arena;
pub mod bindings;
#[cfg(target_arch = "wasm32")]
mod exports;
mod plan;
mod question;
mod store;

pub use answer::{Authorizer, Module, PlanError};
pub use bindings::types;
pub use plan::{Duty, PLAN_VERSION, Plan, PolicyNote};
pub use store::EntityStore;
