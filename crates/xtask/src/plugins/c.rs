//! Plugins in C: bindings from the interfaces, and zig's compiler.

use std::ffi::OsStr;
use std::process::Command;

use wit_bindgen_core::Files;
use wit_parser::Resolve;

use super::{Built, EXAMPLES, INTERFACES, component};
use crate::asset;
use crate::install;
use crate::repository::{self, Repository, TaskError};

/// zig gives a stack of 16 MiB, more than a plugin may have.
const OPTIONS: [&str; 8] = [
    "-target",
    "wasm32-wasi",
    "-mexec-model=reactor",
    "-Os",
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Wl,-z,stack-size=65536,--strip-all",
];

/// Compiles the files of a plugin with the bindings of its world.
pub(super) fn compile(
    repository: &Repository,
    name: &'static str,
    world: &str,
) -> Result<Built, TaskError> {
    let Some(python) = install::zig(repository)? else {
        return Ok(Built::Missing("compiler of C for WebAssembly"));
    };
    let target = repository.workspace()?.target_directory;
    let folder = target.join("plugins/build").join(name);
    let bindings = bindings(repository, name, world)?;
    let mut files = Vec::new();
    for (file, bytes) in bindings.iter() {
        let path = folder.join(file);
        asset::write(&path, bytes)?;
        if path.extension() != Some(OsStr::new("h")) {
            files.push(path);
        }
    }
    let module = folder.join("module.wasm");
    for source in repository.files(&[&format!(":(glob){EXAMPLES}/{name}/*.c")])? {
        files.push(repository.path(&source));
    }
    let mut compiler = Command::new(python);
    compiler
        .args(["-m", "ziglang", "cc"])
        .args(OPTIONS)
        .arg("-I")
        .arg(&folder)
        .args(["-Werror", "-o"])
        .arg(&module)
        .args(files);
    let cache = target.join("tools/zig-cache");
    compiler.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
    repository::succeed(&mut compiler)?;
    Ok(Built::Component(component(name, &asset::read(&module)?)?))
}

fn bindings(repository: &Repository, name: &'static str, world: &str) -> Result<Files, TaskError> {
    let complaint = |complaint| TaskError::Component { name, complaint };
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(repository.path(INTERFACES))
        .map_err(|error| complaint(format!("{error:#}")))?;
    let world = resolve
        .select_world(&[package], Some(world))
        .map_err(|error| complaint(format!("{error:#}")))?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default()
        .build()
        .generate(&mut resolve, world, &mut files)
        .map_err(|error| complaint(format!("{error:#}")))?;
    Ok(files)
}
