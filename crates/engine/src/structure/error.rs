//! Why a module's structure was refused.

use std::fmt;

use trapkey_abi::ABI_VERSION;

/// Why a module's structure was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StructureError {
    /// The module exceeds [`Limits::module_bytes_max`](crate::Limits::module_bytes_max).
    #[error("module is {len} bytes, the limit is {max}")]
    TooLarge {
        /// Length of the module in bytes.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The module is not valid under the few WebAssembly features that every host has.
    #[error("invalid WebAssembly")]
    Invalid(#[source] wasmparser::Error),
    /// The module imports something.
    #[error("module imports `{name}` from `{module}`")]
    Import {
        /// Module of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// The module has a start function.
    #[error("module has a start function")]
    Start,
    /// The module has no memory, or several.
    #[error("module has {count} memories, not one")]
    MemoryCount {
        /// Number of memories.
        count: usize,
    },
    /// The memory is shared, 64-bit, or has pages of its own size.
    #[error("memory is shared, 64-bit or has custom pages")]
    MemoryKind,
    /// The memory's size is not fixed, or not the one in the manifest.
    #[error(
        "memory has {min} to {} pages, the manifest states {manifest}",
        max.map_or_else(|| "unlimited".to_owned(), |max| max.to_string())
    )]
    MemorySize {
        /// Minimum in pages.
        min: u64,
        /// Maximum in pages, if there is one.
        max: Option<u64>,
        /// Size in the manifest in pages.
        manifest: u32,
    },
    /// The memory exceeds [`Limits::memory_pages_max`](crate::Limits::memory_pages_max).
    #[error("memory has {pages} pages, the limit is {max}")]
    MemoryTooLarge {
        /// Size in pages.
        pages: u32,
        /// The limit.
        max: u32,
    },
    /// A table can grow, or holds other things than functions.
    #[error("table {index} can grow or holds other things than functions")]
    Table {
        /// Index of the table.
        index: usize,
    },
    /// The module uses floating-point numbers.
    #[error("floating-point type or instruction at offset {offset:#x}")]
    Float {
        /// Offset in the module in bytes.
        offset: usize,
    },
    /// The module contains the instruction `memory.grow`.
    #[error("memory.grow at offset {offset:#x}")]
    MemoryGrow {
        /// Offset in the module in bytes.
        offset: usize,
    },
    /// The module exports what the contract does not know.
    #[error("unknown export `{name}`")]
    ExportUnknown {
        /// Name of the export.
        name: String,
    },
    /// An export is missing.
    #[error("export `{name}` is missing")]
    ExportMissing {
        /// Name of the export.
        name: &'static str,
    },
    /// An export is of another kind or type than the contract says.
    #[error("export `{name}` is of the wrong type")]
    ExportType {
        /// Name of the export.
        name: &'static str,
    },
    /// The exported version is not an immutable `i32` with a constant value.
    #[error("the exported version is not a constant i32")]
    AbiGlobal,
    /// The module keeps another version of the contract.
    #[error("module keeps version {found} of the contract, this library {ABI_VERSION}")]
    AbiVersion {
        /// Version that the module exports.
        found: u32,
    },
    /// An area does not begin at a multiple of eight.
    #[error("area for {area} at offset {offset} is not aligned to 8 bytes")]
    AreaUnaligned {
        /// The area.
        area: Area,
        /// Its offset in bytes.
        offset: u32,
    },
    /// An area reaches beyond the memory.
    #[error(
        "area for {area} of {len} bytes at offset {offset} is outside {memory} bytes of memory"
    )]
    AreaOutside {
        /// The area.
        area: Area,
        /// Its offset in bytes.
        offset: u32,
        /// Its length in bytes.
        len: u32,
        /// Size of the memory in bytes.
        memory: u64,
    },
    /// The longest frame or response is not a multiple of eight between its fixed part and its
    /// area.
    #[error("{area} of {item} bytes, not a multiple of 8 from {min} to {max}")]
    ItemSize {
        /// The area.
        area: Area,
        /// Length in bytes of the longest frame or response.
        item: u32,
        /// Length in bytes of the fixed part.
        min: u32,
        /// Length in bytes of the area.
        max: u32,
    },
    /// The areas for frames and responses overlap.
    #[error("areas for frames and responses overlap")]
    AreasOverlap,
    /// A data segment overlaps an area.
    #[error("data segment {segment} overlaps the area for {area}")]
    DataOverlap {
        /// Index of the segment.
        segment: usize,
        /// The area.
        area: Area,
    },
}

/// A part of the module's memory that the host uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Where the host writes frames.
    Frames,
    /// Where the module writes responses.
    Responses,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frames => "frames",
            Self::Responses => "responses",
        })
    }
}
