//! `cargo xtask conformance DIR`: Cedar's test data, decided by Trapkey beside Cedar.

use std::path::absolute;
use std::process::ExitCode;

use crate::repository::{Repository, TaskError};

/// Runs the task. The package of the tests has Cedar; this one stays without.
///
/// # Errors
///
/// When the command cannot be run at all; a difference is an exit status.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let [folder] = options else {
        return Err(TaskError::Usage("`conformance` takes one folder".to_owned()));
    };
    // Cargo runs at the root, the folder is meant from here.
    let path =
        absolute(folder).map_err(|source| TaskError::Read { path: folder.to_owned(), source })?;
    let program = ["run", "--quiet", "--package", "trapkey-tests", "--bin", "conformance", "--"];
    let mut command = Repository::find()?.cargo(&program);
    let status = command
        .arg(path)
        .status()
        .map_err(|source| TaskError::Spawn { program: "cargo run".to_owned(), source })?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
