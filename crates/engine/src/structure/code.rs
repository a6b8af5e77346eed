//! Judges a module's functions before they are compiled.

use wasmparser::{
    FuncValidatorAllocations, Operator, Parser, ValidPayload, Validator, WasmFeatures,
};

use super::{StructureError, invalid};

/// WebAssembly 1.0 without floats, with sign extension and bulk memory.
const FEATURES: WasmFeatures = WasmFeatures::MVP
    .difference(WasmFeatures::FLOATS)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY);

/// Validates the whole module, function by function, and looks for `memory.grow`.
pub(super) fn check(module: &[u8]) -> Result<(), StructureError> {
    let mut validator = Validator::new_with_features(FEATURES);
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(invalid)?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload).map_err(invalid)? {
            let mut function = function.into_validator(allocations);
            function.validate(&body).map_err(invalid)?;
            allocations = function.into_allocations();
            let operators = body.get_operators_reader().map_err(invalid)?;
            for operator in operators.into_iter_with_offsets() {
                if let (Operator::MemoryGrow { .. }, offset) = operator.map_err(invalid)? {
                    return Err(StructureError::MemoryGrow { offset });
                }
            }
        }
    }
    Ok(())
}
