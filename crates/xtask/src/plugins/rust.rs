//! Plugins in Rust: a crate of its own, for the target without WASI.

use super::{Built, EXAMPLES, component, toolchain};
use crate::asset;
use crate::repository::{self, Repository, TaskError};

/// Compiles the crate of the plugin's name.
pub(super) fn compile(repository: &Repository, name: &'static str) -> Result<Built, TaskError> {
    let Some(toolchain) = toolchain::find(repository)? else {
        return Ok(Built::Missing("library of Rust for WebAssembly"));
    };
    let to = repository.workspace()?.target_directory.join("plugins/build").join(name);
    let mut cargo = repository.cargo(&["build", "--quiet", "--release", "--locked"]);
    cargo
        .args(["--target", toolchain::TARGET, "--manifest-path"])
        .arg(repository.path(&format!("{EXAMPLES}/{name}/Cargo.toml")))
        .arg("--target-dir")
        .arg(&to);
    toolchain.apply(&mut cargo);
    repository::succeed(&mut cargo)?;
    let module = to.join(toolchain::TARGET).join("release").join(format!("{name}.wasm"));
    Ok(Built::Component(component(name, &asset::read(&module)?)?))
}
