//! What a module's own bytes say: its exports, its functions, its text.

use serde::Serialize;
use wasmparser::{CompositeInnerType, ExternalKind, Parser, Payload, SubType, ValType};

use crate::error::ModuleError;

/// What a module exports, and how many functions it has.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Exports in the order of the module.
    pub(crate) exports: Vec<Export>,
    /// Number of functions.
    pub(crate) functions: usize,
}

/// One export.
#[derive(Debug, Serialize)]
pub(crate) struct Export {
    /// Its name.
    pub(crate) name: String,
    /// `func`, `memory`, `global` or `table`.
    pub(crate) kind: &'static str,
    /// Its type, as in the text format.
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

/// Types of what a module can export, by index.
#[derive(Default)]
struct Types {
    signatures: Vec<String>,
    functions: Vec<String>,
    memories: Vec<String>,
    globals: Vec<String>,
}

/// Reads exports and their types. The module has no imports.
pub(crate) fn shape(module: &[u8]) -> Result<Shape, ModuleError> {
    let mut types = Types::default();
    let mut shape = Shape::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(ModuleError::Read)? {
            Payload::TypeSection(section) => {
                for group in section {
                    let group = group.map_err(ModuleError::Read)?;
                    types.signatures.extend(group.into_types().map(|ty| signature(&ty)));
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    let index = index.map_err(ModuleError::Read)?;
                    types.functions.push(at(&types.signatures, index));
                }
                shape.functions = types.functions.len();
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory.map_err(ModuleError::Read)?;
                    let maximum = memory.maximum.map_or(String::new(), |max| format!(" {max}"));
                    types.memories.push(format!("{}{maximum}", memory.initial));
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let ty = global.map_err(ModuleError::Read)?.ty;
                    types.globals.push(if ty.mutable {
                        format!("(mut {})", ty.content_type)
                    } else {
                        ty.content_type.to_string()
                    });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(ModuleError::Read)?;
                    shape.exports.push(types.export(&export));
                }
            }
            _ => {}
        }
    }
    Ok(shape)
}

/// The module's text.
pub(crate) fn text(module: &[u8]) -> Result<String, ModuleError> {
    wasmprinter::print_bytes(module)
        .map_err(|error| ModuleError::Print { message: format!("{error:#}") })
}

impl Types {
    fn export(&self, export: &wasmparser::Export<'_>) -> Export {
        let (kind, ty) = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                ("func", at(&self.functions, export.index))
            }
            ExternalKind::Memory => ("memory", at(&self.memories, export.index)),
            ExternalKind::Global => ("global", at(&self.globals, export.index)),
            ExternalKind::Table => ("table", String::new()),
            ExternalKind::Tag => ("tag", String::new()),
        };
        Export { name: export.name.to_owned(), kind, ty }
    }
}

fn at(types: &[String], index: u32) -> String {
    let index = usize::try_from(index).ok();
    index.and_then(|index| types.get(index)).cloned().unwrap_or_default()
}

/// A function type as in the text format.
fn signature(ty: &SubType) -> String {
    let CompositeInnerType::Func(function) = &ty.composite_type.inner else {
        return String::new();
    };
    let part = |name: &str, types: &[ValType]| match types {
        [] => None,
        types => {
            let types: Vec<String> = types.iter().map(ToString::to_string).collect();
            Some(format!("({name} {})", types.join(" ")))
        }
    };
    let parts = [part("param", function.params()), part("result", function.results())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
