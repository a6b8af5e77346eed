//! The guests of filters and components: compiled for WebAssembly from their sources, and found to be of these.

use std::process::ExitCode;

use crate::asset::{self, Asset};
use crate::plugins;
use crate::repository::{self, Repository, TaskError};

/// A module that others are linked with.
struct Guest {
    /// The package that it is made of.
    package: &'static str,
    /// Its file among what is built.
    built: &'static str,
    /// Where it is taken from, and what it is made of.
    asset: Asset,
}

const GUESTS: [Guest; 2] = [
    Guest {
        package: "trapkey-guest",
        built: "guest/trapkey_guest.wasm",
        asset: Asset {
            path: "crates/envoy/asset/guest.wasm",
            digests: "crates/envoy/asset/guest.digest",
            sources: &[
                ":(glob)crates/guest/Cargo.toml",
                ":(glob)crates/guest/src/**/*.rs",
                ":(glob)crates/abi/Cargo.toml",
                ":(glob)crates/abi/src/**/*.rs",
            ],
        },
    },
    Guest {
        package: "trapkey-authorizer",
        built: "guest/trapkey_authorizer.wasm",
        asset: Asset {
            path: "crates/component/asset/authorizer.wasm",
            digests: "crates/component/asset/authorizer.digest",
            sources: &[
                ":(glob)crates/authorizer/Cargo.toml",
                ":(glob)crates/authorizer/src/**/*.rs",
                ":(glob)crates/abi/Cargo.toml",
                ":(glob)crates/abi/src/**/*.rs",
                ":(glob)wit/policy/*.wit",
            ],
        },
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
    let guests = GUESTS.iter().map(|guest| (guest.asset, "guest"));
    let plugins = plugins::assets().map(|asset| (asset, "plugins --keep"));
    for (asset, task) in guests.chain(plugins) {
        if !asset.is_fresh(repository)? {
            let path = asset.path;
            findings.push(format!("{path} is not of these sources: run `cargo xtask {task}`"));
        }
    }
    Ok(findings)
}

impl Guest {
    fn compile(&self, repository: &Repository) -> Result<(), TaskError> {
        let build = ["rustc", "--profile", "guest", "--target", TARGET, "--package", self.package];
        let mut build = repository.cargo(&build);
        build.args(["--lib", "--crate-type", "cdylib", "--"]).args(LINKING);
        if let Some(toolchain) = plugins::toolchain::find(repository)? {
            toolchain.apply(&mut build);
        }
        repository::succeed(&mut build)?;
        let target = repository.workspace()?.target_directory;
        let module = asset::read(&target.join(TARGET).join(self.built))?;
        self.asset.write(repository, &module)
    }
}
