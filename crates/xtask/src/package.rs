//! The C library as it is installed: by cargo-c, then consumed outside of the tree as others do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::install;
use crate::repository::{Repository, TaskError, run as run_command};

/// Where it is installed and consumed, from the target directory; emptied first.
const PLACE: &str = "package";

/// The newest that the toolchain of this repository compiles.
const CARGO_C: &str = "cargo-c@0.10.24";

/// Beside the crate's own optimisation: equal functions become one, addresses to be filled in are packed.
const LINKING: &str = "-C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs";

/// What an installation has, from its prefix.
const INSTALLED: [&str; 7] = [
    "include/trapkey.h",
    "include/trapkey.hpp",
    "lib/libtrapkey.a",
    "lib/libtrapkey.so",
    "lib/pkgconfig/trapkey.pc",
    "share/trapkey/cmake/trapkey-config.cmake",
    "share/trapkey/cmake/trapkey-config-version.cmake",
];

/// Which library is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs what was compiled ahead of time; optimised for size.
    RuntimeOnly,
    /// Compiles modules itself.
    Compiling,
}

/// Installs the library below `package` in the target directory, and builds and runs programs against that.
///
/// # Errors
///
/// When a command fails.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let kind = match options {
        [] => Kind::RuntimeOnly,
        [option] if option == "--compiler" => Kind::Compiling,
        [option, ..] => return Err(TaskError::Usage(format!("no option `{option}`"))),
    };
    let repository = Repository::find()?;
    check(&repository, kind)?;
    println!("package: ok");
    Ok(ExitCode::SUCCESS)
}

/// Installs the library, and builds and runs programs against it.
pub(crate) fn check(repository: &Repository, kind: Kind) -> Result<(), TaskError> {
    let place = repository.workspace()?.target_directory.join(PLACE);
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| TaskError::write(&place, error))?;
    }
    let prefix = installed(repository, kind)?;
    let soname = soname(&prefix)?;
    println!("installed {} with the soname {soname}", prefix.display());
    consume(repository, &place, &prefix)
}

/// Installs the library and gives the prefix.
pub(crate) fn installed(repository: &Repository, kind: Kind) -> Result<PathBuf, TaskError> {
    if !install::is_there("cargo-cinstall") {
        println!("installs {CARGO_C}");
        // A debug build: it is to be there soon and runs for seconds.
        let install = ["install", "--locked", "--quiet", "--debug", CARGO_C];
        succeed(Command::new("cargo").args(install).env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    }
    let prefix = repository.workspace()?.target_directory.join(PLACE).join("prefix");
    let manifest = repository.path("crates/capi/Cargo.toml");
    let mut command = Command::new("cargo");
    command.args(["cinstall", "--package", "trapkey-capi", "--libdir", "lib", "--manifest-path"]);
    command.arg(manifest).arg("--prefix").arg(&prefix);
    match kind {
        Kind::RuntimeOnly => {
            command.args(["--no-default-features", "--profile", "firmware"]);
            command.env("RUSTFLAGS", LINKING)
        }
        Kind::Compiling => command.arg("--release"),
    };
    succeed(&mut command)?;
    match INSTALLED.iter().find(|file| !prefix.join(file).exists()) {
        None => Ok(prefix),
        Some(missing) => Err(TaskError::Failed {
            command: format!("{command:?}"),
            complaint: format!("no {missing} is installed"),
        }),
    }
}

/// The name that programs look for when they start.
fn soname(prefix: &Path) -> Result<String, TaskError> {
    let library = prefix.join("lib/libtrapkey.so");
    let text = succeed(Command::new("objdump").arg("-p").arg(library))?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("SONAME"));
    Ok(line.unwrap_or("none").trim().to_owned())
}

/// Builds and runs the consumer with CMake and with make, in copies outside of the tree's folders.
fn consume(repository: &Repository, place: &Path, prefix: &Path) -> Result<(), TaskError> {
    let source = repository.path("bindings/c/tests/consumer");
    let build = place.join("cmake");
    let prefix_path = format!("-DCMAKE_PREFIX_PATH={}", prefix.display());
    succeed(Command::new("cmake").arg("-S").arg(&source).arg("-B").arg(&build).arg(prefix_path))?;
    succeed(Command::new("cmake").arg("--build").arg(&build))?;
    for program in ["consumer_shared", "consumer_static"] {
        say("cmake", program, &succeed(&mut Command::new(build.join(program)))?);
    }
    let copy = place.join("make");
    fs::create_dir_all(&copy).map_err(|error| TaskError::write(&copy, error))?;
    for file in ["consumer.c", "Makefile"] {
        let to: PathBuf = copy.join(file);
        fs::copy(source.join(file), &to).map_err(|error| TaskError::write(&to, error))?;
    }
    let configs = prefix.join("lib/pkgconfig");
    succeed(Command::new("make").arg("-C").arg(&copy).env("PKG_CONFIG_PATH", configs))?;
    let mut program = Command::new(copy.join("consumer"));
    say("make", "consumer", &succeed(program.env("LD_LIBRARY_PATH", prefix.join("lib")))?);
    Ok(())
}

fn say(by: &str, program: &str, text: &str) {
    println!("{by}: {program}: {}", text.trim());
}

/// Runs a command that has to succeed; gives what it prints.
fn succeed(command: &mut Command) -> Result<String, TaskError> {
    let output = run_command(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    Err(TaskError::Failed { command: format!("{command:?}"), complaint })
}
