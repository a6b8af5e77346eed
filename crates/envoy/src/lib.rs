//! Builds policies into a complete proxy-wasm filter, for Envoy and what is like it.
//!
//! [`build`] takes a bundle, the entities, and a [`Mapping`] that says which requests are which questions. It links the
//! bundle's own module with a guest that comes with this crate, so the policies in a proxy are those of every other
//! host, instruction by instruction; nothing is compiled and no toolchain is needed.

mod asset;
mod callbacks;
mod filter;
mod mapping;
mod push;
mod structure;

pub use filter::{BuildError, Filter, build, image};
pub use mapping::{MAPPING_BYTES_MAX, MAPPING_RULES_MAX, Mapping, MappingError, MappingErrorKind};
pub use push::{Chain, Failure, PUSHED_BYTES_MAX, Push};
pub use structure::FilterStructureError;
pub use trapkey_guest::image::{IMAGE_BYTES_MAX, ImageError};
pub use trapkey_link::POLICY_PAGES_MAX;
