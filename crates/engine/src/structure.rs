//! Judges a module's structure before it is compiled: it imports nothing, starts nothing, grows
//! nothing, exports what the contract says and leaves its frames and responses alone.

mod code;
mod error;
mod shape;

use trapkey_abi::response::fields;
use trapkey_abi::{ABI_VERSION, MemoryMap, ModuleManifest, export, header};
use wasmparser::{ExternalKind, FuncType, MemoryType, ValType, WasmFeatures};

use crate::Limits;
use shape::Shape;

pub use error::{Area, StructureError};

const PAGE_BYTES: u64 = 65_536;

/// Refuses a module whose structure breaks the contract.
///
/// The order is: length, imports and start function, memory, tables, code, exports, memory map. Without a compiler the
/// module itself is not read: it does not run, but what a host with a compiler made of it after the same checks.
pub(crate) fn check(
    module: &[u8],
    manifest: &ModuleManifest,
    limits: &Limits,
) -> Result<(), StructureError> {
    if module.len() > limits.module_bytes_max {
        return Err(StructureError::TooLarge { len: module.len(), max: limits.module_bytes_max });
    }
    let map = &manifest.memory;
    if cfg!(not(feature = "cranelift")) {
        check_pages(map, limits)?;
        return check_map(map, &[]);
    }
    let shape = Shape::read(module)?;
    match shape.memories.as_slice() {
        [memory] => check_memory(memory, map)?,
        memories => {
            return Err(StructureError::MemoryCount { count: memories.len() });
        }
    }
    check_pages(map, limits)?;
    let is_fixed = |table: &wasmparser::TableType| {
        table.element_type.is_func_ref()
            && table.maximum == Some(table.initial)
            && !table.table64
            && !table.shared
    };
    if let Some(index) = shape.tables.iter().position(|table| !is_fixed(table)) {
        return Err(StructureError::Table { index });
    }
    code::check(module)?;
    check_exports(&shape)?;
    check_map(map, &shape.data)
}

fn check_memory(memory: &MemoryType, map: &MemoryMap) -> Result<(), StructureError> {
    if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
        return Err(StructureError::MemoryKind);
    }
    let pages = u64::from(map.pages);
    if memory.initial != pages || memory.maximum != Some(pages) {
        let (min, max) = (memory.initial, memory.maximum);
        return Err(StructureError::MemorySize { min, max, manifest: map.pages });
    }
    Ok(())
}

fn check_pages(map: &MemoryMap, limits: &Limits) -> Result<(), StructureError> {
    if map.pages > limits.memory_pages_max {
        let max = limits.memory_pages_max;
        return Err(StructureError::MemoryTooLarge { pages: map.pages, max });
    }
    Ok(())
}

fn invalid(error: wasmparser::Error) -> StructureError {
    if error.missing_wasm_feature() == Some(WasmFeatures::FLOATS) {
        return StructureError::Float { offset: error.offset() };
    }
    StructureError::Invalid(error)
}

fn check_exports(shape: &Shape<'_>) -> Result<(), StructureError> {
    let names = [export::MEMORY, export::ABI, export::DECIDE, export::DECIDE_BATCH];
    let unknown = shape.exports.iter().find(|export| !names.contains(&export.name));
    if let Some(export) = unknown {
        return Err(StructureError::ExportUnknown { name: export.name.to_owned() });
    }
    let find = |name| {
        let export = shape.exports.iter().find(|export| export.name == name);
        export.ok_or(StructureError::ExportMissing { name })
    };
    let [memory, abi, decide, decide_batch] = names;
    if find(memory)?.kind != ExternalKind::Memory {
        return Err(StructureError::ExportType { name: memory });
    }
    let global = find(abi)?;
    if global.kind != ExternalKind::Global {
        return Err(StructureError::ExportType { name: abi });
    }
    match shape.global(global.index) {
        Some(found) if found == ABI_VERSION => {}
        Some(found) => return Err(StructureError::AbiVersion { found }),
        None => return Err(StructureError::AbiGlobal),
    }
    for (name, params) in [(decide, 2), (decide_batch, 4)] {
        let export = find(name)?;
        let takes = |ty: &FuncType| {
            ty.results().is_empty()
                && ty.params().len() == params
                && ty.params().iter().all(|ty| *ty == ValType::I32)
        };
        let is_right = export.kind == ExternalKind::Func;
        if !is_right || !shape.function(export.index).is_some_and(takes) {
            return Err(StructureError::ExportType { name });
        }
    }
    Ok(())
}

fn check_map(map: &MemoryMap, segments: &[std::ops::Range<u64>]) -> Result<(), StructureError> {
    let memory = u64::from(map.pages) * PAGE_BYTES;
    let frames = (Area::Frames, map.frames_offset, map.frames_bytes);
    let responses = (Area::Responses, map.responses_offset, map.responses_bytes);
    let range = |offset: u32, len: u32| u64::from(offset)..u64::from(offset) + u64::from(len);
    for (area, offset, len) in [frames, responses] {
        if offset % 8 != 0 {
            return Err(StructureError::AreaUnaligned { area, offset });
        }
        if range(offset, len).end > memory {
            return Err(StructureError::AreaOutside { area, offset, len, memory });
        }
    }
    let fixed = u32::try_from(header::SLOTS).unwrap_or(u32::MAX);
    let items = [
        (Area::Frames, map.frame_bytes_max, fixed, map.frames_bytes),
        (Area::Responses, map.response_bytes_max, fields::ENTRIES, map.responses_bytes),
    ];
    for (area, item, min, max) in items {
        if item < min || item > max || item % 8 != 0 {
            return Err(StructureError::ItemSize { area, item, min, max });
        }
    }
    let frames = range(map.frames_offset, map.frames_bytes);
    let responses = range(map.responses_offset, map.responses_bytes);
    let overlap =
        |a: &std::ops::Range<u64>, b: &std::ops::Range<u64>| a.start < b.end && b.start < a.end;
    if overlap(&frames, &responses) {
        return Err(StructureError::AreasOverlap);
    }
    for (segment, data) in segments.iter().enumerate() {
        for (area, range) in [(Area::Frames, &frames), (Area::Responses, &responses)] {
            if overlap(data, range) {
                return Err(StructureError::DataOverlap { segment, area });
            }
        }
    }
    Ok(())
}
