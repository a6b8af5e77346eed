//! Plugins in JavaScript: jco with QuickJS, without anything of WASI.

use std::process::Command;

use super::{Built, EXAMPLES, INTERFACES};
use crate::asset;
use crate::install;
use crate::repository::{self, Repository, TaskError};

/// Makes a component of the module of the plugin's name.
pub(super) fn compile(
    repository: &Repository,
    name: &'static str,
    world: &str,
) -> Result<Built, TaskError> {
    let folder = format!("{EXAMPLES}/{name}");
    let Some(jco) = install::jco(repository, &folder)? else {
        return Ok(Built::Missing("jco"));
    };
    let to = repository.workspace()?.target_directory.join("plugins/build").join(name);
    let to = to.join("component.wasm");
    asset::write(&to, [])?;
    let mut componentize = Command::new(jco);
    componentize
        .arg("componentize")
        .arg(repository.path(&format!("{folder}/{name}.js")))
        .arg("--wit")
        .arg(repository.path(INTERFACES))
        .args(["--world-name", world, "--backend", "qjs"])
        .args(["--backend-qjs-stub-wasi", "--backend-qjs-disable-async", "--out"])
        .arg(&to);
    repository::succeed(&mut componentize)?;
    Ok(Built::Component(asset::read(&to)?))
}
