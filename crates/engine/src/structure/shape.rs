//! A module's sections as lists, before the module is validated.

use std::ops::Range;

use wasmparser::{
    ConstExpr, Data, DataKind, Export, FuncType, Global, MemoryType, Operator, Parser, Payload,
    TableType, ValType,
};

use super::{StructureError, invalid};

/// What a module without imports declares.
#[derive(Default)]
pub(super) struct Shape<'a> {
    types: Vec<FuncType>,
    functions: Vec<u32>,
    globals: Vec<Option<u32>>,
    pub(super) tables: Vec<TableType>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) exports: Vec<Export<'a>>,
    /// Bytes that each segment initialises; empty for a passive one.
    pub(super) data: Vec<Range<u64>>,
}

impl<'a> Shape<'a> {
    /// Reads the sections; stops at an import or a start function.
    pub(super) fn read(module: &'a [u8]) -> Result<Self, StructureError> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            shape.section(payload.map_err(invalid)?)?;
        }
        Ok(shape)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), StructureError> {
        match payload {
            Payload::ImportSection(imports) => match imports.into_imports().next() {
                None => {}
                Some(Err(error)) => return Err(invalid(error)),
                Some(Ok(import)) => {
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    return Err(StructureError::Import { module, name });
                }
            },
            Payload::StartSection { .. } => return Err(StructureError::Start),
            Payload::TypeSection(types) => {
                self.types = collect(types.into_iter_err_on_gc_types())?;
            }
            Payload::FunctionSection(functions) => self.functions = collect(functions)?,
            Payload::TableSection(tables) => {
                self.tables = collect(tables)?.into_iter().map(|table| table.ty).collect();
            }
            Payload::MemorySection(memories) => self.memories = collect(memories)?,
            Payload::GlobalSection(globals) => {
                self.globals = collect(globals)?.iter().map(constant).collect();
            }
            Payload::ExportSection(exports) => self.exports = collect(exports)?,
            Payload::DataSection(data) => {
                self.data = collect(data)?.iter().map(initialised).collect();
            }
            _ => {}
        }
        Ok(())
    }

    /// The type of a function.
    pub(super) fn function(&self, index: u32) -> Option<&FuncType> {
        let ty = self.functions.get(usize::try_from(index).ok()?)?;
        self.types.get(usize::try_from(*ty).ok()?)
    }

    /// The value of a global, if that is a constant `i32`.
    pub(super) fn global(&self, index: u32) -> Option<u32> {
        self.globals.get(usize::try_from(index).ok()?).copied().flatten()
    }
}

fn collect<T>(
    items: impl IntoIterator<Item = wasmparser::Result<T>>,
) -> Result<Vec<T>, StructureError> {
    items.into_iter().collect::<Result<_, _>>().map_err(invalid)
}

fn constant(global: &Global<'_>) -> Option<u32> {
    if global.ty.mutable || global.ty.content_type != ValType::I32 {
        return None;
    }
    i32_const(&global.init_expr)
}

fn i32_const(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value.cast_unsigned()),
        Ok(_) | Err(_) => None,
    }
}

/// The bytes of a segment; a segment that may lie anywhere counts as all of the memory.
fn initialised(data: &Data<'_>) -> Range<u64> {
    match &data.kind {
        DataKind::Passive => 0..0,
        DataKind::Active { offset_expr, .. } => match i32_const(offset_expr) {
            None => 0..u64::MAX,
            Some(offset) => {
                let len = u64::try_from(data.data.len()).unwrap_or(u64::MAX);
                u64::from(offset)..u64::from(offset).saturating_add(len)
            }
        },
    }
}
