//! The guest of filters: compiled for WebAssembly from its sources, and found to be of these.

use std::fs;
use std::process::ExitCode;

use crate::repository::{self, Repository, TaskError};

/// The module, as filters have it.
const ASSET: &str = "crates/envoy/asset/guest.wasm";

/// Digests of the sources and of the module, a line each.
const DIGESTS: &str = "crates/envoy/asset/guest.digest";

/// What the module is made of, but for crates of others.
const SOURCES: [&str; 4] = [
    ":(glob)crates/guest/Cargo.toml",
    ":(glob)crates/guest/src/**/*.rs",
    ":(glob)crates/abi/Cargo.toml",
    ":(glob)crates/abi/src/**/*.rs",
];

/// The target; its standard library has to be there.
const TARGET: &str = "wasm32-unknown-unknown";

/// The address that the linker of filters expects, and what it has to find.
const LINKING: [&str; 4] =
    ["-C", "link-arg=--global-base=33554432", "-C", "link-arg=--export=__stack_pointer"];

/// Compiles the guest and puts it where filters take it from.
///
/// # Errors
///
/// When the toolchain has no library for WebAssembly, or a command fails.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    if let Some(option) = options.first() {
        return Err(TaskError::Usage(format!("`guest` takes no `{option}`")));
    }
    let repository = Repository::find()?;
    let build = ["rustc", "--profile", "guest", "--target", TARGET, "--package", "trapkey-guest"];
    let mut build = repository.cargo(&build);
    build.args(["--lib", "--crate-type", "cdylib", "--"]).args(LINKING);
    repository::succeed(&mut build)?;
    let target = repository.workspace()?.target_directory;
    let built = target.join(TARGET).join("guest/trapkey_guest.wasm");
    let module = fs::read(&built)
        .map_err(|source| TaskError::Read { path: built.display().to_string(), source })?;
    for (path, bytes) in
        [(ASSET, module.clone()), (DIGESTS, digests(&repository, &module)?.into_bytes())]
    {
        let path = repository.path(path);
        fs::write(&path, bytes).map_err(|error| TaskError::write(&path, error))?;
    }
    println!("wrote {ASSET}, {} bytes", module.len());
    Ok(ExitCode::SUCCESS)
}

/// Whether the module was made of the sources that are there, and is the one that was made.
pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let path = repository.path(ASSET);
    let module = fs::read(&path)
        .map_err(|source| TaskError::Read { path: path.display().to_string(), source })?;
    let (committed, fresh) = (repository.read(DIGESTS)?, digests(repository, &module)?);
    let is_same = committed.trim_end() == fresh.trim_end();
    let finding = || format!("{ASSET} is not of these sources: run `cargo xtask guest`");
    Ok(if is_same { Vec::new() } else { vec![finding()] })
}

fn digests(repository: &Repository, module: &[u8]) -> Result<String, TaskError> {
    let mut sources = blake3::Hasher::new();
    for path in repository.files(&SOURCES)? {
        let text = repository.read(&path)?;
        for part in [path.as_str(), text.as_str()] {
            sources.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            sources.update(part.as_bytes());
        }
    }
    Ok(format!(
        "sources {}\nmodule {}\n",
        sources.finalize().to_hex(),
        blake3::hash(module).to_hex()
    ))
}
