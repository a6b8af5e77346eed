//! Bundles: one compiled policy module in a deterministic container, verified before it is parsed.
//!
//! A bundle is a header of 64 bytes, a head in JSON and the module's Wasm bytes. The header holds
//! the BLAKE3-256 digest of all that follows it, so the digest names exactly what decides; nothing
//! is parsed before it is recomputed. [`Bundle::open`] then reads the module's custom sections and
//! checks that they agree with each other. The module's code is judged where it is published.

mod bundle;
mod container;
mod contents;
mod digest;
mod gather;
mod head;
mod policies;
mod schema;

pub use bundle::{BUNDLE_BYTES_MAX, Bundle, OpenError, PackError};
pub use contents::{Contents, ContentsError};
pub use digest::{Digest, DigestError};
pub use gather::{EnvironmentFault, GatherError, PathFault, ProjectionFault, ProjectionOwner};
pub use head::{HEAD_BYTES_MAX, Head, HeadError, Release, TEXT_BYTES_MAX};
pub use policies::{PLACES_MAX, PoliciesError};
pub use schema::{ROW_KEYS_MAX, SCHEMA_KEYS_MAX, SchemaError};
