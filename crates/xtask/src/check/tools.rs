//! The steps that are a tool of the toolchain: its complaints are the findings.

use std::process::Command;

use crate::repository::{self, Repository, TaskError};

pub(crate) fn fmt(repository: &Repository) -> Result<Vec<String>, TaskError> {
    // `-l`: the names of the files are enough, `cargo fmt --all` shows the rest.
    complaints(&mut repository.cargo(&["fmt", "--all", "--check", "--", "-l"]))
}

pub(crate) fn clippy(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let arguments = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    complaints(&mut repository.cargo(&arguments))
}

pub(crate) fn doc(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let mut cargo = repository.cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
    complaints(cargo.env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// Runs a command; its whole output when it fails, nothing when it succeeds.
pub(crate) fn complaints(command: &mut Command) -> Result<Vec<String>, TaskError> {
    let output = repository::run(command)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let mut complaints: Vec<String> = [output.stdout, output.stderr]
        .iter()
        .flat_map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    // A tool killed by a signal says nothing, and has failed all the same.
    complaints.push(format!("{}", output.status));
    Ok(complaints)
}
