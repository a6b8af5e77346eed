//! Modules as `trapkey generate rust` writes them; `tests/typed.rs` holds them to it.

pub mod odd;
pub mod plant;
