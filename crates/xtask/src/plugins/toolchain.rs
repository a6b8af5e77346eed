//! A Rust that compiles for WebAssembly: the one that is there, or on Debian one that is put together in the target directory.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::asset;
use crate::install;
use crate::repository::{self, Repository, TaskError};

/// The target: the library is there, and nothing of WASI.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Where it is, as variables of cargo.
pub(crate) struct Toolchain {
    variables: Vec<(&'static str, OsString)>,
}

impl Toolchain {
    /// Has cargo use it. Paths of this machine stay out of what is compiled.
    pub(crate) fn apply(&self, cargo: &mut Command) {
        cargo.envs(self.variables.iter().map(|(name, value)| (name, value)));
        cargo.env("CARGO_ENCODED_RUSTFLAGS", without_home().join("\u{1f}"));
    }
}

/// Flags that keep the folders of registry crates out of what is compiled.
fn without_home() -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))) else {
        return Vec::new();
    };
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    // The last that fits counts.
    let registries = registries.map(|registry| remapped(&registry.path(), "/cargo"));
    iter::once(remapped(&home, "/cargo")).chain(registries).collect()
}

/// A flag that names a folder otherwise in what is compiled.
fn remapped(folder: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", folder.display())
}

/// Debian's packages: a compiler, and sources of its library.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];

/// What these depend on, in whatever version: the compiler's own libraries.
const LIBRARIES: [&str; 2] = ["libstd-rust-web-1", "libllvm"];

/// The toolchain in use if it has the target's library; else one in the target directory, put together first where this is root on
/// Debian. Nothing if there is none.
///
/// # Errors
///
/// When a command cannot be run at all.
pub(crate) fn find(repository: &Repository) -> Result<Option<Toolchain>, TaskError> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = printed(&rustc, &["--print", "target-libdir", "--target", TARGET])?;
    if Path::new(&printed).is_dir() {
        return Ok(Some(Toolchain { variables: Vec::new() }));
    }
    let folder = install::tools(repository)?.join("rust-wasm");
    let is_made = folder.join("made");
    if !is_made.exists() {
        if !install::is_root_on_debian()? {
            println!("`rustup target add {TARGET}` adds a library of Rust for WebAssembly");
            return Ok(None);
        }
        println!("puts together Rust for WebAssembly");
        match make(repository, &folder) {
            Ok(()) => asset::write(&is_made, [])?,
            Err(error) => {
                println!("{}", error.with_causes());
                return Ok(None);
            }
        }
    }
    Ok(Some(Toolchain { variables: variables(&folder)? }))
}

/// Unpacks the packages, and builds the library once.
fn make(repository: &Repository, folder: &Path) -> Result<(), TaskError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| TaskError::write(folder, error))?;
    }
    let (packages, system) = (folder.join("packages"), folder.join("system"));
    for folder in [&packages, &system] {
        fs::create_dir_all(folder).map_err(|error| TaskError::write(folder, error))?;
    }
    install::succeeds(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut names: Vec<String> = PACKAGES.map(str::to_owned).to_vec();
    // The compiler depends on its library, and that on LLVM.
    for _ in 0..2 {
        let mut apt = Command::new("apt-cache");
        let depends = repository::succeed(apt.arg("depends").args(&names))?;
        names.extend(libraries(&depends).into_iter().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
    }
    let mut download = Command::new("apt-get");
    // apt fetches as a user of its own, who may have no way into the folder, and then warns.
    download.current_dir(&packages).args(["download", "--quiet", "-oAPT::Sandbox::User=root"]);
    repository::succeed(download.args(&names))?;
    for package in entries(&packages)? {
        repository::succeed(Command::new("dpkg").arg("-x").arg(package).arg(&system))?;
    }
    fs::remove_dir_all(&packages).map_err(|error| TaskError::write(&packages, error))?;

    let seed = folder.join("seed");
    asset::write(&seed.join("src/lib.rs"), [])?;
    asset::write(&seed.join("Cargo.toml"), SEED)?;
    let mut cargo = repository.cargo(&["build", "--quiet", "--release", "--target", TARGET]);
    cargo.args(["-Zbuild-std=std,panic_abort", "--manifest-path"]).arg(seed.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(seed.join("target")).envs(variables(folder)?);
    let sources = system.join("usr/src");
    let flags =
        format!("-Cembed-bitcode=yes {} {}", remapped(&system, "/rust"), without_home().join(" "));
    // Building the library is not stable; this compiler is told to allow it.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
    repository::succeed(&mut cargo)?;
    let library = system.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&library).map_err(|error| TaskError::write(&library, error))?;
    for path in entries(&seed.join("target").join(TARGET).join("release/deps"))? {
        let name = path.file_name().unwrap_or_default();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.contains("seed") {
            fs::copy(&path, library.join(name)).map_err(|error| TaskError::write(&path, error))?;
        }
    }
    for spent in [seed, sources, system.join("usr/share")] {
        fs::remove_dir_all(&spent).map_err(|error| TaskError::write(&spent, error))?;
    }
    Ok(())
}

/// A crate with nothing in it: the library is built for it.
const SEED: &str = r#"[package]
name = "seed"
version = "0.0.0"
edition = "2024"
[profile.release]
panic = "abort"
debug = 0
[workspace]
"#;

/// Of the dependencies that apt lists, the compiler's own libraries.
fn libraries(depends: &str) -> Vec<&str> {
    let mut libraries: Vec<&str> = depends
        .split_whitespace()
        .filter(|word| LIBRARIES.iter().any(|library| word.starts_with(library)))
        .collect();
    libraries.sort_unstable();
    libraries.dedup();
    libraries
}

/// The compiler in a folder, with the linker of the toolchain in use.
fn variables(folder: &Path) -> Result<Vec<(&'static str, OsString)>, TaskError> {
    let machine = env::consts::ARCH;
    let system = folder.join("system/usr");
    let linker = PathBuf::from(printed(&"rustc".into(), &["--print", "sysroot"])?)
        .join(format!("lib/rustlib/{machine}-unknown-linux-gnu/bin"));
    let mut path = linker.into_os_string();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    Ok(vec![
        ("RUSTC", system.join("bin/rustc").into()),
        ("LD_LIBRARY_PATH", system.join(format!("lib/{machine}-linux-gnu")).into()),
        ("PATH", path),
    ])
}

/// What a compiler prints, or nothing if it does not know.
fn printed(rustc: &OsString, arguments: &[&str]) -> Result<String, TaskError> {
    let output = repository::run(Command::new(rustc).args(arguments))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, TaskError> {
    let read = |error| TaskError::Read { path: folder.display().to_string(), source: error };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        paths.push(entry.map_err(read)?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn libraries_are_found_in_whatever_version() {
        let depends = "rustc-web\n  Depends: libc6\n  Depends: libstd-rust-web-1.96\n  Depends: gcc\n\
            libstd-rust-web-dev\n  Depends: libstd-rust-web-1.96\n  Depends: libllvm22\n";
        assert_eq!(libraries(depends), ["libllvm22", "libstd-rust-web-1.96"]);
    }
}
