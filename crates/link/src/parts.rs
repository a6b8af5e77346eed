//! A module's sections as lists.

use wasm_encoder::reencode::Error;
use wasmparser::{
    Data, Element, FuncType, FunctionBody, Global, MemoryType, Parser, Payload, Table, TypeRef,
};

/// What a module declares, by section.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) types: Vec<FuncType>,
    pub(super) imports: Vec<Import<'a>>,
    /// Types of the module's own functions.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<Table<'a>>,
    memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    exports: Vec<(&'a str, u32)>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data: Vec<Data<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// Whether a function runs when the module is instantiated.
    pub(super) has_start: bool,
}

/// A function that a module imports.
pub(super) struct Import<'a> {
    pub(super) module: &'a str,
    pub(super) name: &'a str,
    pub(super) ty: u32,
}

impl<'a> Parts<'a> {
    pub(super) fn read(module: &'a [u8]) -> Result<Self, Error> {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            parts.section(payload?)?;
        }
        Ok(parts)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = collect(types.into_iter_err_on_gc_types())?;
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let TypeRef::Func(ty) = import.ty else {
                        return Err(Error::UnexpectedNonCoreModuleSection);
                    };
                    self.imports.push(Import { module: import.module, name: import.name, ty });
                }
            }
            Payload::FunctionSection(functions) => self.functions = collect(functions)?,
            Payload::TableSection(tables) => self.tables = collect(tables)?,
            Payload::MemorySection(memories) => self.memories = collect(memories)?,
            Payload::GlobalSection(globals) => self.globals = collect(globals)?,
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    self.exports.push((export.name, export.index));
                }
            }
            Payload::ElementSection(elements) => self.elements = collect(elements)?,
            Payload::DataSection(data) => self.data = collect(data)?,
            Payload::StartSection { .. } => self.has_start = true,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            _ => {}
        }
        Ok(())
    }

    /// Index of what is exported by this name.
    pub(super) fn exported(&self, name: &str) -> Option<u32> {
        self.exports.iter().find(|(own, _)| *own == name).map(|(_, index)| *index)
    }

    /// Pages that the module's memory begins with.
    pub(super) fn memory_pages(&self) -> u64 {
        self.memories.iter().map(|memory| memory.initial).sum()
    }
}

fn collect<T>(items: impl IntoIterator<Item = wasmparser::Result<T>>) -> Result<Vec<T>, Error> {
    items.into_iter().map(|item| item.map_err(Error::from)).collect()
}
