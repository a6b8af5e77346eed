//! Modules as `trapkey generate rust` writes them; `tests/typed.rs` holds them to it.

/// Requests of a schema whose names are no names in Rust.
pub mod odd;
/// Requests of the example plant.
#[expect(clippy::struct_excessive_bools, reason = "a context has what its schema says")]
pub mod plant;
/// Requests of the schema that the documentation is about.
pub mod press;
