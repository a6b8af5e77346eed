//! Sources to bundle: what `build`, `test` and `demo` have in common.

use trapkey::{Bundle, CompileOptions, Compiled, Release, Semantics, compile, compile_explain};

use crate::error::CliError;
use crate::sources::SourceFiles;

/// Compiles `files`.
///
/// # Errors
///
/// [`CliError::Compile`], which takes the sources along.
pub(crate) fn compiled(
    files: SourceFiles,
    semantics: Semantics,
) -> Result<(Compiled, SourceFiles), CliError> {
    match compile(&files.sources(), CompileOptions { semantics }) {
        Ok(compiled) => Ok((compiled, files)),
        Err(error) => Err(CliError::Compile { error, files: Box::new(files) }),
    }
}

/// Compiles the module that explains `files`.
///
/// # Errors
///
/// [`CliError::Compile`], which takes the sources along.
pub(crate) fn explained(files: SourceFiles) -> Result<(Compiled, SourceFiles), CliError> {
    match compile_explain(&files.sources()) {
        Ok(compiled) => Ok((compiled, files)),
        Err(error) => Err(CliError::Compile { error, files: Box::new(files) }),
    }
}

/// Packs a module, with the one that explains it if there is one, and gives the bytes and the bundle in them.
///
/// # Errors
///
/// [`CliError::Pack`]; [`CliError::Open`] if the bundle cannot be read back.
pub(crate) fn packed(
    release: &Release,
    module: &[u8],
    explain: Option<&[u8]>,
) -> Result<(Vec<u8>, Bundle), CliError> {
    let bytes = match explain {
        Some(explain) => Bundle::pack_explaining(release, module, explain),
        None => Bundle::pack(release, module),
    };
    let bytes = bytes.map_err(CliError::Pack)?;
    let bundle = Bundle::open(&bytes)
        .map_err(|error| CliError::Open { path: release.name.clone().into(), error })?;
    Ok((bytes, bundle))
}
