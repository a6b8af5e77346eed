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
mod explain;
mod faults;
mod front;
mod generate;
mod ir;
mod limits;
mod links;
mod lower;
mod module;
mod overlay;
mod parse;
mod prove;
mod schema;
mod slots;
mod still;
mod typecheck;

pub use diagnostic::{CompileError, Diagnostic, Severity, Source};
pub use explain::compile_explain;
pub use generate::{generate_c, generate_rust};
pub use limits::{
    ACTIONS_MAX, ANNOTATIONS_MAX, CANDIDATES_MAX, CHECKS_MAX, CONDITION_SIZE_MAX, ENTITY_TYPES_MAX,
    ENVIRONMENTS_MAX, FUNCTION_BYTES_MAX, FUNCTION_LOCALS_MAX, FUNCTIONS_MAX, LINK_BYTES_MAX,
    LITERAL_BYTES_MAX, LITERAL_ELEMENTS_MAX, LOWERING_SIZE_MAX, MEMBERS_MAX, MEMORY_PAGES_MAX,
    MODULE_BYTES_MAX, NAME_BYTES_MAX, NAME_PARTS_MAX, PATHS_MAX, PATTERN_BYTES_MAX, POLICIES_MAX,
    POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NESTING_MAX, PROGRAM_SIZE_MAX, ROW_KEYS_MAX,
    SCHEMA_BYTES_MAX, SCHEMA_KEYS_MAX, SCHEMA_NESTING_MAX, TYPE_DEPTH_MAX,
};
pub use links::{TemplateLink, parse_links};
pub use module::{Checked, CompileOptions, Compiled, Sources, check, compile};
pub use parse::parse_schema;
