//! The guests of filters and components: compiled for WebAssembly from their sources, and found to be of these.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::repository::{self, Repository, TaskError};

/// A module that others are linked with.
struct Guest {
    /// The package that it is made of.
    package: &'static str,
    /// Its file among what is built.
    built: &'static str,
    /// Where it is taken from.
    asset: &'static str,
    /// Digests of the sources and of the module, a line each.
    digests: &'static str,
    /// What it is made of, but for crates of others.
    sources: &'static [&'static str],
}

const GUESTS: [Guest; 2] = [
    Guest {
        package: "trapkey-guest",
        built: "guest/trapkey_guest.wasm",
        asset: "crates/envoy/asset/guest.wasm",
        digests: "crates/envoy/asset/guest.digest",
        sources: &[
            ":(glob)crates/guest/Cargo.toml",
            ":(glob)crates/guest/src/**/*.rs",
            ":(glob)crates/abi/Cargo.toml",
            ":(glob)crates/abi/src/**/*.rs",
        ],
    },
    Guest {
        package: "trapkey-authorizer",
        built: "guest/trapkey_authorizer.wasm",
        asset: "crates/component/asset/authorizer.wasm",
        digests: "crates/component/asset/authorizer.digest",
        sources: &[
            ":(glob)crates/authorizer/Cargo.toml",
            ":(glob)crates/authorizer/src/**/*.rs",
            ":(glob)crates/abi/Cargo.toml",
            ":(glob)crates/abi/src/**/*.rs",
            ":(glob)wit/policy/*.wit",
        ],
    },
];

/// The target; its standard library has to be there.
const TARGET: &str = "wasm32-unknown-unknown";

/// The address that the linker of filters expects, and what it has to find.
const LINKING: [&str; 4] =
    ["-C", "link-arg=--global-base=33554432", "-C", "link-arg=--export=__stack_pointer"];

/// Compiles the guests and puts them where they are taken from.
///
/// # Errors
///
/// When the toolchain has no library for WebAssembly, or a command fails.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    if let Some(option) = options.first() {
        return Err(TaskError::Usage(format!("`guest` takes no `{option}`")));
    }
    let repository = Repository::find()?;
    GUESTS.iter().try_for_each(|guest| guest.compile(&repository))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether each module was made of the sources that are there, and is the one that was made.
pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let mut findings = Vec::new();
    for guest in &GUESTS {
        let module = read(&repository.path(guest.asset))?;
        let fresh = guest.digests(repository, &module)?;
        if repository.read(guest.digests)?.trim_end() != fresh.trim_end() {
            let asset = guest.asset;
            findings.push(format!("{asset} is not of these sources: run `cargo xtask guest`"));
        }
    }
    Ok(findings)
}

fn read(path: &Path) -> Result<Vec<u8>, TaskError> {
    fs::read(path).map_err(|source| TaskError::Read { path: path.display().to_string(), source })
}

impl Guest {
    fn compile(&self, repository: &Repository) -> Result<(), TaskError> {
        let build = ["rustc", "--profile", "guest", "--target", TARGET, "--package", self.package];
        let mut build = repository.cargo(&build);
        build.args(["--lib", "--crate-type", "cdylib", "--"]).args(LINKING);
        repository::succeed(&mut build)?;
        let target = repository.workspace()?.target_directory;
        let module = read(&target.join(TARGET).join(self.built))?;
        let digests = self.digests(repository, &module)?;
        for (path, bytes) in [(self.asset, module.as_slice()), (self.digests, digests.as_bytes())] {
            let path = repository.path(path);
            fs::write(&path, bytes).map_err(|error| TaskError::write(&path, error))?;
        }
        println!("wrote {}, {} bytes", self.asset, module.len());
        Ok(())
    }

    fn digests(&self, repository: &Repository, module: &[u8]) -> Result<String, TaskError> {
        let mut sources = blake3::Hasher::new();
        for path in repository.files(self.sources)? {
            let text = repository.read(&path)?;
            for part in [path.as_str(), text.as_str()] {
                sources.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                sources.update(part.as_bytes());
            }
        }
        let (sources, module) = (sources.finalize().to_hex(), blake3::hash(module).to_hex());
        Ok(format!("sources {sources}\nmodule {module}\n"))
    }
}
