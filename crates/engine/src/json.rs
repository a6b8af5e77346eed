//! Cedar's JSON for entities and requests, read against a schema.
//!
//! A document is read value by value from its text: one entity, or the one request, becomes a tree
//! that borrows its strings from the text, and that tree is then read against the schema. The tree
//! is needed because the type of an entity may follow its attributes, and the function of an
//! extension value its argument.
//!
//! What Cedar refuses is refused. Of what it accepts, these are refused too:
//!
//! * a key that occurs twice in one object, which Cedar overlooks in contexts and beside the keys of
//!   a uid, and a document deeper than [`JSON_DEPTH_MAX`];
//! * a call of `unknown`, and a boolean or number written as a call of a function of extension
//!   values, such as `isIpv4`;
//! * an array of its fields in the place of an entity, or of type and id in that of a uid;
//! * sets and strings beyond the limits of the schema.

mod entity;
mod extension;
mod place;
mod raw;
mod value;

use std::fmt;

pub use value::{Found, ValueError, ValueErrorKind};

pub(crate) use entity::{read_entities, read_entity};
pub(crate) use place::Place;
pub(crate) use raw::{Fields, Raw, read_raw};
pub(crate) use value::{read_record, read_reference, read_value};

/// Arrays and objects that may lie inside one another in a document; Cedar's own limit is 127.
pub const JSON_DEPTH_MAX: u32 = 64;

/// JSON values that one entity or request may consist of: 32 bytes each while it is read.
pub const JSON_VALUES_MAX: u32 = 1 << 20;

/// Why a text is not JSON of the expected shape, with line and column.
#[derive(Debug)]
pub struct JsonError(serde_json::Error);

impl JsonError {
    /// Line of the error, from 1.
    pub fn line(&self) -> usize {
        self.0.line()
    }

    /// Column of the error in its line, from 1.
    pub fn column(&self) -> usize {
        self.0.column()
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for JsonError {}
