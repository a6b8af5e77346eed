//! The contract between a Trapkey host and a compiled policy module, version 1.
//!
//! A host encodes a request as a *frame*, writes it into the module's memory, calls `decide`, and
//! reads a *response*. This crate holds what both sides must agree on: entity [`Handle`]s, the
//! [`Schema`] and the [`Layout`] computed from it, the [`GatherTable`] that says which rows a frame
//! carries, the one encoder, and the response. ARCHITECTURE.md specifies all of it byte by byte.

#![no_std]

extern crate alloc;

mod bytes;
mod clause;
mod frame;
mod gather;
mod handle;
mod kept;
mod layout;
mod manifest;
pub mod response;
mod row;
mod schema;
mod sort;
mod text;
mod value;

pub use bytes::padded;
pub use clause::{Access, AccessRoot, CLAUSE_ANNOTATION, Clause, ClausePart};
pub use frame::{
    DIRECTORY_MAX, EncodeError, EncodeRequest, RowRef, Rows, encode, encode_keeping, header,
};
pub use gather::{Environment, GatherTable, Path, Projection, Read, Spill};
pub use handle::{EntityUid, Handle};
pub use kept::KeptRows;
pub use layout::{
    FieldLayout, LAYOUT_DIGEST_BYTES, Layout, LayoutDigest, RecordLayout, RowLayout, is_spilled,
    size_align, stride,
};
pub use manifest::{
    Effect, Fault, ForbidErrors, MemoryMap, ModuleManifest, Obligation, Policy, Semantics,
    SlotTest, Span, Stage, Template, TemplateSlot,
};
pub use response::{Entry, EntryClass, EvalError, Reason, Response, ResponseError};
pub use row::{
    ROOM_BYTES_MAX, Row, RowEditor, RowError, RowErrorKind, RowField, RowSpace, RowValue,
};
pub use schema::{
    ANCESTORS_MAX, Action, Attribute, Bounds, Clock, EntityType, Record, SET_ELEMENTS_MAX,
    STRING_BYTES_MAX, Schema, Type,
};
pub use sort::sort_compactly;
pub use text::{TextError, parse_datetime, parse_decimal, parse_duration, parse_ip};
pub use value::{Ip, Value};

/// Version of this contract: the value of the module's exported global [`export::ABI`].
pub const ABI_VERSION: u32 = 1;

/// Export names of a policy module.
pub mod export {
    /// The one linear memory.
    pub const MEMORY: &str = "memory";
    /// Constant `i32` global with the contract's version.
    pub const ABI: &str = "trapkey_abi";
    /// `decide(frame: i32, out: i32)`.
    pub const DECIDE: &str = "decide";
    /// `decide_batch(first: i32, count: i32, stride: i32, out: i32)`.
    pub const DECIDE_BATCH: &str = "decide_batch";
}

/// Names of a policy module's custom sections; each holds UTF-8 JSON.
pub mod section {
    /// Contract and compiler versions, semantics, memory map.
    pub const MANIFEST: &str = "trapkey.manifest";
    /// The schema from which the layout follows.
    pub const LAYOUT: &str = "trapkey.layout";
    /// The gather table.
    pub const GATHER: &str = "trapkey.gather";
    /// Policy ids, effects, stages, annotations and source spans.
    pub const POLICIES: &str = "trapkey.policies";
}
