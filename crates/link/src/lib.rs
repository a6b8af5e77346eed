//! Links a policy module with a guest and its data: one module that has all of them.
//!
//! The policy's types, functions, tables, globals and data come first and keep their numbers, but for functions: those
//! are shifted by the imports, which WebAssembly counts first. So the policies are those of every other host,
//! instruction by instruction. The guest follows, compiled for memory from 32 MiB on; then its data.

mod copies;
mod link;
mod parts;
mod shift;

pub use copies::with_short_copies;
pub use link::{Blob, DATA_BYTES_MAX, LinkError, Linking, POLICY_PAGES_MAX, link};
