//! The example plugins: built from their sources into components, each with its manifest.

mod c;
mod javascript;
mod rust;
pub(crate) mod toolchain;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use wit_component::ComponentEncoder;

use crate::asset::{self, Asset};
use crate::repository::{Repository, TaskError};

/// A plugin in `bindings/wit/examples`.
struct Plugin {
    name: &'static str,
    language: Language,
    /// The copy that is committed, and the sources.
    asset: Asset,
    /// Whether the copy is there; it is too large for one of JavaScript.
    is_kept: bool,
}

#[derive(Clone, Copy)]
enum Language {
    Rust,
    C,
    JavaScript,
}

/// What came of building one.
enum Built {
    /// A component.
    Component(Vec<u8>),
    /// A tool is missing.
    Missing(&'static str),
}

const PLUGINS: [Plugin; 3] = [
    Plugin {
        name: "posture",
        language: Language::Rust,
        asset: Asset {
            path: "bindings/wit/examples/posture/asset/posture.wasm",
            digests: "bindings/wit/examples/posture/asset/posture.digest",
            sources: &[
                ":(glob)bindings/wit/examples/posture/Cargo.*",
                ":(glob)bindings/wit/examples/posture/src/*.rs",
                ":(glob)wit/plugin/*.wit",
            ],
        },
        is_kept: true,
    },
    Plugin {
        name: "s7comm",
        language: Language::C,
        asset: Asset {
            path: "bindings/wit/examples/s7comm/asset/s7comm.wasm",
            digests: "bindings/wit/examples/s7comm/asset/s7comm.digest",
            sources: &[":(glob)bindings/wit/examples/s7comm/*.[ch]", ":(glob)wit/plugin/*.wit"],
        },
        is_kept: true,
    },
    Plugin {
        name: "ocsf",
        language: Language::JavaScript,
        asset: Asset {
            path: "bindings/wit/examples/ocsf/asset/ocsf.wasm",
            digests: "bindings/wit/examples/ocsf/asset/ocsf.digest",
            sources: &[
                ":(glob)bindings/wit/examples/ocsf/*.js",
                ":(glob)bindings/wit/examples/ocsf/package*.json",
                ":(glob)wit/plugin/*.wit",
            ],
        },
        is_kept: false,
    },
];

/// The folder of plugins.
const EXAMPLES: &str = "bindings/wit/examples";

/// The folder of their interfaces.
const INTERFACES: &str = "wit/plugin";

/// Builds the plugins; with `--keep` the copies that are committed are written anew.
///
/// # Errors
///
/// Those of [`build`].
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let keeps = match options {
        [] => false,
        [option] if option == "--keep" => true,
        [option, ..] => {
            return Err(TaskError::Usage(format!("`plugins` takes no `{option}`")));
        }
    };
    let repository = Repository::find()?;
    if keeps {
        for plugin in PLUGINS.iter().filter(|plugin| plugin.is_kept) {
            match plugin.compile(&repository)? {
                Built::Component(component) => plugin.asset.write(&repository, &component)?,
                Built::Missing(tool) => println!("{} is as it was: no {tool}", plugin.name),
            }
        }
    }
    build(&repository)?;
    Ok(ExitCode::SUCCESS)
}

/// Copies that are committed.
pub(crate) fn assets() -> impl Iterator<Item = Asset> {
    PLUGINS.iter().filter(|plugin| plugin.is_kept).map(|plugin| plugin.asset)
}

/// Puts a component and a manifest for each plugin into `target/plugins`, and installs what that wants. Where a tool is
/// missing, the copy that is committed is taken, and that is said.
///
/// # Errors
///
/// When sources do not compile; with `CI=true` also where there is neither tool nor copy.
pub(crate) fn build(repository: &Repository) -> Result<(), TaskError> {
    let folder = repository.workspace()?.target_directory.join("plugins");
    let mut absent = Vec::new();
    for plugin in &PLUGINS {
        let made_of =
            format!("sources {}\n", asset::digest(repository, plugin.sources().as_slice())?);
        if plugin.is_made(&folder, &made_of) {
            continue;
        }
        for end in ["wasm", "toml", "sources"] {
            remove(&folder.join(format!("{}.{end}", plugin.name)))?;
        }
        let (component, is_built) = match plugin.compile(repository)? {
            Built::Component(component) => (component, true),
            Built::Missing(tool) if plugin.is_kept => {
                println!("no {tool}: the committed copy of the plugin `{}` is taken", plugin.name);
                (asset::read(&repository.path(plugin.asset.path))?, false)
            }
            Built::Missing(tool) => {
                println!("no {tool}: the plugin `{}` is left out", plugin.name);
                absent.push(plugin.name);
                continue;
            }
        };
        plugin.put(repository, &folder, &component)?;
        // A copy is looked at again: the tool may be there next time.
        if is_built {
            asset::write(&folder.join(format!("{}.sources", plugin.name)), made_of)?;
        }
    }
    if !absent.is_empty() && env::var_os("CI").is_some_and(|value| value == "true") {
        return Err(TaskError::Plugins(absent.join(", ")));
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), TaskError> {
    if path.exists() {
        fs::remove_file(path).map_err(|error| TaskError::write(path, error))?;
    }
    Ok(())
}

impl Plugin {
    fn compile(&self, repository: &Repository) -> Result<Built, TaskError> {
        match self.language {
            Language::Rust => rust::compile(repository, self.name),
            Language::C => c::compile(repository, self.name, "protocol-adapter"),
            Language::JavaScript => javascript::compile(repository, self.name, "audit-sink"),
        }
    }

    /// All that its files in `target/plugins` are made of.
    fn sources(&self) -> Vec<&'static str> {
        let mut sources = self.asset.sources.to_vec();
        sources.push(":(glob)bindings/wit/examples/*/plugin.toml");
        sources.push(":(glob)crates/xtask/src/plugins/*.rs");
        sources
    }

    /// Whether it was built of these sources before.
    fn is_made(&self, folder: &Path, made_of: &str) -> bool {
        let file = |end: &str| folder.join(format!("{}.{end}", self.name));
        let is_there = ["wasm", "toml"].iter().all(|end| file(end).exists());
        is_there && fs::read_to_string(file("sources")).is_ok_and(|before| before == made_of)
    }

    /// Writes the component, and the manifest with its digest.
    fn put(
        &self,
        repository: &Repository,
        folder: &Path,
        component: &[u8],
    ) -> Result<(), TaskError> {
        let template = repository.read(&format!("{EXAMPLES}/{}/plugin.toml", self.name))?;
        let digest = blake3::hash(component).to_hex();
        let manifest = template.replace(DIGEST, &digest);
        asset::write(&folder.join(format!("{}.wasm", self.name)), component)?;
        asset::write(&folder.join(format!("{}.toml", self.name)), manifest)?;
        println!("plugin `{}`: {} bytes, {digest}", self.name, component.len());
        Ok(())
    }
}

/// What stands in a manifest's template for the digest of the component.
const DIGEST: &str = "DIGEST";

/// Makes a component of a module that says in a section of its own which world it is for.
fn component(name: &'static str, module: &[u8]) -> Result<Vec<u8>, TaskError> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| TaskError::Component { name, complaint: format!("{error:#}") })
}
