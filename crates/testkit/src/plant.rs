//! The plant pack of the examples: 33 policies, one template, 30 cases and what varies them.

use crate::folder::{Folder, FolderError};
use crate::generator::{Generator, GeneratorError};
use crate::oracle::{Oracle, OracleError};
use crate::places::examples_dir;

/// Why the plant pack could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlantError {
    /// The folder cannot be read.
    #[error("plant folder")]
    Folder(#[source] FolderError),
    /// Its content makes no oracle.
    #[error("plant oracle")]
    Oracle(#[source] OracleError),
    /// Its content makes no generators.
    #[error("plant generators")]
    Generator(#[source] GeneratorError),
}

/// The folder `policies-examples/plant`.
///
/// # Errors
///
/// [`PlantError::Folder`].
pub fn folder() -> Result<Folder, PlantError> {
    Folder::read(&examples_dir().join("plant")).map_err(PlantError::Folder)
}

/// Cedar over the plant's policies and `entities.json`.
///
/// # Errors
///
/// [`PlantError::Folder`], [`PlantError::Oracle`].
pub fn oracle() -> Result<Oracle, PlantError> {
    folder()?.oracle().map_err(PlantError::Oracle)
}

/// What varies the plant's cases.
///
/// # Errors
///
/// [`PlantError::Folder`], [`PlantError::Generator`].
pub fn generator() -> Result<Generator, PlantError> {
    Generator::new(&folder()?).map_err(PlantError::Generator)
}
