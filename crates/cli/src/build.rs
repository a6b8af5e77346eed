//! `trapkey build`: sources to a bundle file.

use std::io::{self, IsTerminal};

use serde_json::json;
use trapkey::{Bundle, Compiled, Release};

use crate::arguments::{BuildArguments, BuildTarget};
use crate::compiled::{compiled, explained, packed};
use crate::component;
use crate::envoy;
use crate::error::CliError;
use crate::files;
use crate::findings::{self, Drawing};
use crate::output::{Output, Status, permits_colour};
use crate::precompiled::{self, Artefact};
use crate::progress;
use crate::sources::SourceFiles;

/// Runs `trapkey build`.
pub(crate) fn run(arguments: &BuildArguments, output: &mut Output) -> Result<Status, CliError> {
    let files = SourceFiles::read(&arguments.sources)?;
    let semantics = arguments.semantics.semantics();
    let (compiled, files) = progress::during("compiling", || compiled(files, semantics))?;
    let release = Release {
        name: arguments.name.clone(),
        version: arguments.bundle_version.clone(),
        sequence: arguments.sequence,
    };
    let (explain, files) = if arguments.explain {
        let (explain, files) = progress::during("compiling probes", || explained(files))?;
        (Some(explain), files)
    } else {
        (None, files)
    };
    let explain = explain.as_ref().map(|explain| explain.module.as_slice());
    let (bytes, bundle) = packed(&release, &compiled.module, explain)?;
    match arguments.target {
        BuildTarget::Bundle => {}
        BuildTarget::Envoy => return envoy::build(arguments, &bundle, output),
        BuildTarget::Component => return component::build(arguments, &bundle, output),
    }
    let artefacts = precompiled::artefacts(arguments, &bundle)?;
    files::replace(&arguments.output, &bytes)?;
    artefacts.iter().try_for_each(Artefact::write)?;
    let built = Built {
        arguments,
        compiled: &compiled,
        bundle: &bundle,
        bytes: bytes.len(),
        artefacts: &artefacts,
    };
    if output.is_json() {
        output.json(&built.json(&files))?;
    } else {
        let mut stderr = io::stderr().lock();
        let is_terminal = stderr.is_terminal();
        let drawing = Drawing::new(is_terminal, is_terminal && permits_colour());
        findings::draw(&compiled.warnings, &files, drawing, &mut stderr)?;
        built.print(output)?;
    }
    Ok(Status::Done)
}

/// What was built.
struct Built<'a> {
    arguments: &'a BuildArguments,
    compiled: &'a Compiled,
    bundle: &'a Bundle,
    bytes: usize,
    artefacts: &'a [Artefact],
}

impl Built<'_> {
    /// Policies that decide, and templates that do only through links.
    fn policies(&self) -> (usize, usize) {
        let all = self.compiled.policies.len();
        let templates = self.compiled.policies.iter().filter(|policy| policy.is_template()).count();
        (all.saturating_sub(templates), templates)
    }

    /// The worst case of the dearest action.
    fn instructions_max(&self) -> u64 {
        self.compiled.manifest.instructions_max.iter().copied().max().unwrap_or(0)
    }

    fn print(&self, output: &mut Output) -> Result<(), CliError> {
        let (policies, templates) = self.policies();
        let release = self.bundle.head();
        output.line(format_args!(
            "{}: `{}` {} (sequence {})",
            self.arguments.output.display(),
            release.name,
            release.version,
            release.sequence
        ))?;
        output.line(format_args!("  digest        {}", self.bundle.digest()))?;
        output.line(format_args!("  bundle        {} bytes", self.bytes))?;
        output.line(format_args!("  module        {} bytes", self.compiled.module.len()))?;
        output.line(format_args!(
            "  schema        {} entity types, {} actions",
            self.compiled.schema.entity_types.len(),
            self.compiled.schema.actions.len()
        ))?;
        output.line(format_args!("  policies      {policies}, templates {templates}"))?;
        output.line(format_args!("  environments  {}", self.compiled.gather.environments.len()))?;
        output.line(format_args!("  conditions    {}", self.compiled.conditions))?;
        let worst = self.instructions_max();
        output.line(format_args!("  worst case    {worst} instructions"))?;
        self.artefacts.iter().try_for_each(|artefact| artefact.print(output))
    }

    fn json(&self, files: &SourceFiles) -> serde_json::Value {
        let (policies, templates) = self.policies();
        json!({
            "path": self.arguments.output.display().to_string(),
            "digest": self.bundle.digest().to_string(),
            "bytes": { "bundle": self.bytes, "module": self.compiled.module.len() },
            "entity_types": self.compiled.schema.entity_types.len(),
            "actions": self.compiled.schema.actions.len(),
            "environments": self.compiled.gather.environments.len(),
            "policies": policies,
            "templates": templates,
            "conditions": self.compiled.conditions,
            "instructions_max": self.instructions_max(),
            "warnings": findings::json(&self.compiled.warnings, files),
            "precompiled": self.artefacts.iter().map(Artefact::json).collect::<Vec<_>>(),
        })
    }
}
