//! `cargo xtask size`: how large the runtime-only library is, and a process that decides with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fmt, fs, io};

use serde_json::{Value, json};

use crate::check;
use crate::package::{self, Kind};
use crate::repository::{self, Repository, TaskError};

/// Largest stripped library, in bytes.
const LIBRARY_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Most resident memory of a process with the plant's bundle, in kB as `/proc` counts.
const RESIDENT_KB_MAX: u64 = 8 * 1024;

/// What is published.
const PLANT: &str = "policies-examples/plant";

/// The process that loads the library.
const SOURCE: &str = "bindings/c/tests/resident.c";

/// How the library runs the module: a name, the target, the argument that says so.
const KINDS: [(&str, &str, &str); 2] = [("native", NATIVE, "0"), ("interpreted", "pulley64", "1")];

/// What this machine runs; on another architecture the command line refuses what follows.
const NATIVE: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else if cfg!(target_arch = "riscv64") {
    "riscv64gc-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

/// What a process printed of itself.
#[derive(Debug, PartialEq, Eq)]
struct Memory {
    verdict: u64,
    resident_kb: u64,
    anonymous_kb: u64,
    peak_kb: u64,
}

/// Runs the task.
///
/// # Errors
///
/// When something cannot be built or run; what is above its limit is an exit status.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    if let [option, ..] = options {
        return Err(TaskError::Usage(format!("no option `{option}`")));
    }
    let is_clean = measure(&Repository::find()?)?;
    println!("size: {}", check::word(is_clean));
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures the installed library, and processes that decide with it; whether all is within its limit.
///
/// # Errors
///
/// When something cannot be built or run.
pub(crate) fn measure(repository: &Repository) -> Result<bool, TaskError> {
    let target = repository.workspace()?.target_directory;
    let folder = target.join("size");
    fs::create_dir_all(&folder).map_err(|source| TaskError::write(&folder, source))?;
    pack(repository, &folder)?;
    let prefix = package::installed(repository, Kind::RuntimeOnly)?;
    let library = folder.join("libtrapkey.so");
    let mut strip = Command::new("strip");
    // What cargo-c installs has its symbols.
    repository::succeed(strip.arg("-o").arg(&library).arg(prefix.join("lib/libtrapkey.so")))?;
    let bytes = fs::metadata(&library).map_err(|source| unreadable(&library, source))?.len();
    println!("{:<12} {bytes:>9} bytes, at most {LIBRARY_BYTES_MAX}", "library");
    let program = link(repository, &folder, &prefix)?;
    let mut is_clean = bytes <= LIBRARY_BYTES_MAX;
    for (name, target, argument) in KINDS {
        let mut process = Command::new(&program);
        let printed = repository::succeed(
            process.arg(&folder).args([&format!("plant.{target}.tkc"), argument]),
        )?;
        let memory = Memory::read(&printed).ok_or_else(|| TaskError::Failed {
            command: program.display().to_string(),
            complaint: printed.clone(),
        })?;
        println!("{name:<12} {memory}");
        is_clean &= memory.is_clean();
    }
    Ok(is_clean)
}

/// Writes bundle, artefacts, entities and a request that is allowed into the folder.
fn pack(repository: &Repository, folder: &Path) -> Result<(), TaskError> {
    // Of the whole workspace, as the tests build it: with other features much would be built again.
    let build = ["build", "--quiet", "--workspace", "--bin", "trapkey"];
    repository::succeed(&mut repository.cargo(&build))?;
    let mut command = Command::new(repository.workspace()?.target_directory.join("debug/trapkey"));
    command.arg("build").arg(repository.path(PLANT)).args([
        "--name",
        "plant",
        "--bundle-version",
        "1",
        "--sequence",
        "1",
        "-o",
    ]);
    command.arg(folder.join("plant.tkb"));
    for (_, target, _) in KINDS {
        command.args(["--target-triple", target]);
    }
    repository::succeed(&mut command)?;
    let entities = repository.read(&format!("{PLANT}/entities.json"))?;
    let cases: Value = serde_json::from_str(&repository.read(&format!("{PLANT}/cases.json"))?)?;
    let cases = cases.as_array().into_iter().flatten();
    let mut allowed = cases.filter(|case| case.get("decision") == Some(&json!("allow")));
    let request = allowed.find_map(|case| case.get("request")).unwrap_or(&Value::Null);
    for (name, text) in [("entities.json", entities), ("request.json", request.to_string())] {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|source| TaskError::write(&path, source))?;
    }
    Ok(())
}

/// Links the process with the installed library.
fn link(repository: &Repository, folder: &Path, prefix: &Path) -> Result<PathBuf, TaskError> {
    let program = folder.join("resident");
    let libraries = prefix.join("lib");
    let mut run_path = OsString::from("-Wl,-rpath,");
    run_path.push(&libraries);
    let mut compiler = Command::new("cc");
    compiler.arg("-I").arg(prefix.join("include"));
    compiler.arg("-O1").arg(repository.path(SOURCE)).arg("-o").arg(&program);
    compiler.arg("-L").arg(libraries).arg("-ltrapkey").arg(run_path);
    repository::succeed(&mut compiler)?;
    Ok(program)
}

fn unreadable(path: &Path, source: io::Error) -> TaskError {
    TaskError::Read { path: path.display().to_string(), source }
}

impl Memory {
    /// Reads lines `name: number`, as `/proc/self/status` has them.
    fn read(printed: &str) -> Option<Self> {
        let number = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name))?;
            line.strip_prefix(':')?.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            verdict: number("verdict")?,
            resident_kb: number("VmRSS")?,
            anonymous_kb: number("RssAnon")?,
            peak_kb: number("VmHWM")?,
        })
    }

    /// Whether the request was allowed, as it should be, by no more memory than is admissible.
    fn is_clean(&self) -> bool {
        self.verdict == 1 && self.resident_kb <= RESIDENT_KB_MAX
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, resident_kb, anonymous_kb, peak_kb } = self;
        write!(
            f,
            "{resident_kb:>9} kB resident, at most {RESIDENT_KB_MAX}; {anonymous_kb} of them its own;"
        )?;
        write!(f, " peak {peak_kb}; {}", if *verdict == 1 { "allowed" } else { "NOT ALLOWED" })
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    const PRINTED: &str = "verdict: 1\nVmSize:\t 4400 kB\nVmHWM:\t 8192 kB\nVmRSS:\t 8192 kB\n\
                           RssAnon:\t 2000 kB\n";

    #[test]
    fn what_is_above_the_limit_fails() {
        let memory = Memory::read(PRINTED).unwrap();
        assert!(memory.is_clean(), "{memory}");
        let large = Memory { resident_kb: 8193, ..Memory::read(PRINTED).unwrap() };
        assert!(!large.is_clean(), "{large}");
        let denied = Memory { verdict: 0, ..memory };
        assert!(!denied.is_clean() && denied.to_string().contains("NOT ALLOWED"), "{denied}");
    }

    #[test]
    fn what_is_missing_is_no_measurement() {
        assert_eq!(Memory::read("verdict: 1\nVmRSS: 1 kB\n"), None);
    }
}
