//! What a proxy must find in a filter; what it would crash on, or silently allow, is refused here.

use wasmparser::{ExternalKind, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures};

/// Exports that a filter must have, with the numbers of their parameters and results, all `i32`.
const EXPORTS: &[(&str, usize, usize)] = &[
    ("proxy_abi_version_0_2_1", 0, 0),
    ("proxy_on_memory_allocate", 1, 1),
    ("proxy_on_context_create", 2, 0),
    ("proxy_on_vm_start", 2, 1),
    ("proxy_on_configure", 2, 1),
    // Without these two all that comes would pass, silently.
    ("proxy_on_request_headers", 3, 1),
    ("proxy_on_downstream_data", 3, 1),
    ("proxy_on_delete", 1, 0),
];

/// What is used of WebAssembly beyond 1.0; all of it is in proxies for years.
const FEATURES: WasmFeatures = WasmFeatures::MVP
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::REFERENCE_TYPES);

/// Why a filter's structure is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilterStructureError {
    /// It is no valid module.
    #[error("invalid WebAssembly")]
    Invalid(#[source] wasmparser::Error),
    /// It runs something before it is told where it is.
    #[error("the filter has a start function")]
    Start,
    /// It imports what is no call of a proxy.
    #[error("the filter imports `{module}` `{name}`")]
    Import {
        /// The module of the import.
        module: String,
        /// Its name.
        name: String,
    },
    /// An export is missing, or is not what it should be.
    #[error("the filter does not export `{name}` as a proxy calls it")]
    Export {
        /// Its name.
        name: &'static str,
    },
}

/// Refuses a module that no proxy should be given.
pub(crate) fn check(module: &[u8]) -> Result<(), FilterStructureError> {
    let invalid = FilterStructureError::Invalid;
    let types = Validator::new_with_features(FEATURES).validate_all(module).map_err(invalid)?;
    let types = types.as_ref();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(invalid)? {
            Payload::StartSection { .. } => return Err(FilterStructureError::Start),
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(invalid)?;
                    let is_call = matches!(import.ty, TypeRef::Func(_));
                    if !is_call || import.module != "env" || !import.name.starts_with("proxy_") {
                        let (module, name) = (import.module.to_owned(), import.name.to_owned());
                        return Err(FilterStructureError::Import { module, name });
                    }
                }
            }
            Payload::ExportSection(section) => {
                exports = section.into_iter().collect::<Result<_, _>>().map_err(invalid)?;
            }
            _ => {}
        }
    }
    let find = |name: &str| exports.iter().find(|export| export.name == name);
    if !find("memory").is_some_and(|export| export.kind == ExternalKind::Memory) {
        return Err(FilterStructureError::Export { name: "memory" });
    }
    for &(name, params, results) in EXPORTS {
        let ty = find(name).filter(|export| export.kind == ExternalKind::Func);
        let ty = ty.map(|export| types.core_function_at(export.index));
        let is_right = ty.is_some_and(|ty| {
            let ty = types.get(ty).map(wasmparser::SubType::unwrap_func);
            let is_words = |words: &[ValType], count| {
                words.len() == count && words.iter().all(|word| *word == ValType::I32)
            };
            ty.is_some_and(|ty| is_words(ty.params(), params) && is_words(ty.results(), results))
        });
        if !is_right {
            return Err(FilterStructureError::Export { name });
        }
    }
    Ok(())
}
