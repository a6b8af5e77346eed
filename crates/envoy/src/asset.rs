//! The guest as WebAssembly: compiled once from `crates/guest` by `cargo xtask guest`.

/// The module.
pub(crate) const GUEST: &[u8] = include_bytes!("../asset/guest.wasm");
