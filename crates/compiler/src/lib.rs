//! Compiles schema-typed Cedar policies to small sandboxed WebAssembly modules.
//!
//! [`compile`] is a pure function of its sources and options: no clock, file, random source or
//! hash-ordered map, so the same sources give the same bytes. Cedar's own crates parse and
//! strictly validate; the typed tree of each policy in each request environment is lowered to an
//! expression that knows every offset, equal expressions become one function, and the functions
//! become a module that imports nothing, allocates nothing and cannot loop for ever.

mod annotations;
mod back;
mod diagnostic;
mod emit;
mod front;
mod ir;
mod links;
mod lower;
mod module;
mod overlay;
mod parse;
mod schema;
mod typecheck;

pub use diagnostic::{CompileError, Diagnostic, Severity, Source};
pub use links::{TemplateLink, parse_links};
pub use module::{CompileOptions, Compiled, Sources, check, compile};
pub use parse::parse_schema;

/// Bytes of policy text that are read; larger sources are refused before parsing.
pub const POLICY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes of schema text that are read; larger sources are refused before parsing.
pub const SCHEMA_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a text of links that are read; larger ones are refused before parsing.
pub const LINK_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Policies, templates and links in one set; twice what the largest measured set needs.
pub const POLICIES_MAX: usize = 100_000;
