//! Compiles modules ahead of time.

use trapkey_bundle::Bundle;

use super::{ENGINE, PRECOMPILED_BYTES_MAX, PrecompiledHead, Target, head};
use crate::Options;
use crate::runtime::{self, RuntimeError};
use crate::structure::{self, StructureError};

/// Why a module was not compiled ahead of time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrecompileError {
    /// The module's structure breaks the contract.
    #[error("the module's structure breaks the contract")]
    Structure(#[source] StructureError),
    /// The Wasm runtime cannot compile the module, or not for this target.
    #[error("the Wasm runtime does not compile for {target}")]
    Runtime {
        /// The target.
        target: Target,
        /// Why not.
        source: RuntimeError,
    },
}

/// Compiles the module of `bundle` for engines on `target` with these options, of which the limits and
/// [`Options::signal_handlers`] count. Targets of another architecture than this machine's need the feature `cross`.
///
/// The explaining module is not compiled: an engine that does not compile cannot explain.
///
/// # Errors
///
/// [`PrecompileError`]
pub fn precompile(
    bundle: &Bundle,
    target: Target,
    options: &Options,
) -> Result<Vec<u8>, PrecompileError> {
    structure::check(bundle.module(), bundle.manifest(), &options.limits)
        .map_err(PrecompileError::Structure)?;
    let failed = |source| PrecompileError::Runtime { target, source };
    let code = runtime::code(bundle.module(), target, options).map_err(failed)?;
    let head = PrecompiledHead {
        engine: ENGINE,
        target,
        signal_handlers: target.has_signal_handlers(options),
        bundle: bundle.digest(),
        code_bytes: u32::try_from(code.len()).unwrap_or(u32::MAX),
    };
    match head::join(&head, &code) {
        Some(bytes) if bytes.len() <= PRECOMPILED_BYTES_MAX => Ok(bytes),
        Some(_) | None => {
            let says = format!("{} bytes of code exceed an artefact", code.len());
            Err(failed(RuntimeError::from(wasmtime::Error::msg(says))))
        }
    }
}
