//! The C interface: what `bindings/c/include/trapkey.h` declares.
//!
//! The header is made from this crate by `cargo xtask header`; its first comment says what holds for
//! all functions. The modules are in the order of a host's work: an engine with its options, facts,
//! requests, decisions, then grants, clocks, sessions and the rest.
//!
//! Unsafe code is here alone. `handle` turns pointers into objects, `memory` into texts, arrays and
//! structs, and `boundary` stops panics. What callers promise, and every `SAFETY` comment relies on,
//! is *the contract of pointers*: a pointer that is not NULL is to memory of the size that goes with
//! it, which stays there and is not written to by others until the function returns; an object comes
//! from the function that makes its type, and is given to one function at a time unless the function
//! says "Threads: any".

#![expect(unsafe_code, reason = "a C interface takes pointers")]
#![expect(non_camel_case_types, reason = "types are named as in the header")]
#![expect(clippy::missing_safety_doc, reason = "all functions have the one contract above")]

#[macro_use]
mod handle;
#[macro_use]
mod memory;
mod boundary;

pub mod audit;
pub mod batch;
pub mod builder;
pub mod caching;
pub mod clock;
pub mod contents;
pub mod decide;
pub mod decision;
pub mod dependencies;
pub mod duties;
pub mod engine;
pub mod error;
pub mod exceptions;
pub mod explain;
pub mod facts;
pub mod grants;
pub mod guards;
#[cfg(feature = "test-hooks")]
pub mod hooks;
pub mod model;
pub mod options;
pub mod report;
pub mod request;
pub mod sessions;
pub mod shadow;
pub mod stages;
pub mod status;
pub mod store;
pub mod text;
pub mod typed;
pub mod version;
