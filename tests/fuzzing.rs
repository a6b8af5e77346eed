//! Bodies of the fuzz targets: each takes any bytes, and panics where a property does not hold.
//!
//! `tests/fuzz/` feeds them what coverage suggests, the test `fuzz` what was kept in
//! `tests/fuzz/cases/`.

mod bundle;
mod bundle_edits;
mod policy;
mod readers;
mod response;
mod response_spec;
mod world;

pub use bundle::bundle;
pub use policy::policy;
pub use readers::{entities, request};
pub use response::response;
