//! Types in Rust and C for the requests of one schema.

mod c;
mod names;
mod plan;
mod write;

use trapkey_abi::Schema;

use plan::Plan;

/// Writes a Rust module with a struct for each action of `schema`, to be checked against a
/// published schema by `Model::typed`.
///
/// Each entity type becomes a type of ids, an enumerated one an enum; each context and each record
/// in one a struct; each list of types that may be principal or resource an enum. Names that are no
/// Rust names, or taken already, are changed; what they stand for is in the documentation of each
/// item. `name` is what the module calls its schema, such as the name of its file.
///
/// The same schema and name give the same text, laid out as `rustfmt` does by default.
pub fn generate_rust(schema: &Schema, name: &str) -> String {
    write::module(&Plan::new(schema), schema, name)
}

/// Writes a C99 header, which is C++ too, with a struct for each context of `schema`, numbers for its
/// actions and enumerated entities, and a function for each context that decides with it.
/// `trapkey_typed_new` of the C interface holds the header against a published schema.
///
/// All names begin with `prefix`, with the letters and digits of it that a name can have. The same
/// schema, name and prefix give the same text.
pub fn generate_c(schema: &Schema, name: &str, prefix: &str) -> String {
    c::header(schema, name, prefix)
}
