//! Artefacts: modules compiled ahead of time, in files beside their bundle.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trapkey::{Bundle, Options, PrecompiledHead, Target, precompile};

use crate::arguments::BuildArguments;
use crate::error::CliError;
use crate::files;
use crate::output::Output;
use crate::progress;

/// What the names of artefacts end in.
const EXTENSION: &str = "tkc";

/// An artefact and the file that it goes to.
pub(crate) struct Artefact {
    path: PathBuf,
    target: Target,
    bytes: Vec<u8>,
}

/// Compiles the module of `bundle` for the targets that are asked for.
pub(crate) fn artefacts(
    arguments: &BuildArguments,
    bundle: &Bundle,
) -> Result<Vec<Artefact>, CliError> {
    let options = Options { signal_handlers: arguments.signal_handlers, ..Options::default() };
    let artefact = |&target: &Target| {
        let path = arguments.output.with_extension(format!("{target}.{EXTENSION}"));
        let bytes =
            progress::during("compiling ahead of time", || precompile(bundle, target, &options));
        let bytes = bytes.map_err(|error| CliError::Precompile { path: path.clone(), error })?;
        Ok(Artefact { path, target, bytes })
    };
    arguments.target_triple.iter().map(artefact).collect()
}

impl Artefact {
    /// Puts it into its file, at once or not at all.
    pub(crate) fn write(&self) -> Result<(), CliError> {
        files::replace(&self.path, &self.bytes)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "path": self.path.display().to_string(),
            "target": self.target.triple(),
            "bytes": self.bytes.len(),
        })
    }

    pub(crate) fn print(&self, output: &mut Output) -> Result<(), CliError> {
        output.line(format_args!(
            "{}: for {}, {} bytes",
            self.path.display(),
            self.target,
            self.bytes.len()
        ))
    }
}

/// Says what the artefact in `bytes` says of itself.
pub(crate) fn inspect(path: &Path, bytes: &[u8], output: &mut Output) -> Result<(), CliError> {
    let head = PrecompiledHead::read(bytes)
        .map_err(|error| CliError::Artefact { path: path.to_path_buf(), error })?;
    if output.is_json() {
        return output.json(&json!({
            "target": head.target.triple(),
            "engine": head.engine,
            "signal_handlers": head.signal_handlers,
            "bundle": head.bundle.to_string(),
            "bytes": { "artefact": bytes.len(), "code": head.code_bytes },
        }));
    }
    output.line(format_args!("module compiled ahead of time"))?;
    output.line(format_args!("  target           {}", head.target))?;
    output.line(format_args!("  engine           {}", head.engine))?;
    output.line(format_args!("  signal handlers  {}", head.signal_handlers))?;
    output.line(format_args!("  bundle           {}", head.bundle))?;
    output.line(format_args!(
        "  bytes            {}, of which {} are code",
        bytes.len(),
        head.code_bytes
    ))
}
