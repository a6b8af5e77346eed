//! What can go wrong in the command, and how it is said.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use serde_json::json;
use trapkey::{
    CompileError, EntitiesError, ExplainError, FactsError, OpenError, PackError, PrecompileError,
    PrecompiledError, PublishError, RequestError, RollbackError, RuntimeError,
};

use trapkey_envoy::{BuildError, FilterStructureError, MappingError};

use crate::cases::CaseError;
use crate::findings::{self, Drawing};
use crate::output::{Output, Status, clean, permits_colour};
use crate::sources::SourceFiles;

/// Why a subcommand did not finish.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file exceeds its limit.
    #[error("`{}` exceeds the limit of {max} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        max: usize,
    },
    /// A folder exceeds its limit.
    #[error("`{}` exceeds the limit of {max} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The limit.
        max: usize,
    },
    /// A file is not text.
    #[error("`{}` is not UTF-8 from byte {offset} on", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Its first byte that is not.
        offset: usize,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder that was given for its policies has none.
    #[error("`{}` has no file *.cedar", path.display())]
    NoPolicies {
        /// The folder.
        path: PathBuf,
    },
    /// There is no schema.
    #[error("no schema: name one with --schema, or a folder that has a *.cedarschema")]
    NoSchema,
    /// There is more than one schema.
    #[error("the folders have {found} files *.cedarschema: name one with --schema")]
    SeveralSchemas {
        /// How many there are.
        found: usize,
    },
    /// Two inputs are to come from standard input.
    #[error("only one of entities and request can be standard input")]
    SharedInput,
    /// The compiler refuses the sources.
    #[error("the sources are refused")]
    Compile {
        /// The findings.
        #[source]
        error: CompileError,
        /// What they speak of.
        files: Box<SourceFiles>,
    },
    /// The module was not packed.
    #[error("the bundle cannot be packed")]
    Pack(#[source] PackError),
    /// The bundle is refused.
    #[error("bundle `{}` is refused", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: OpenError,
    },
    /// The module is not compiled ahead of time.
    #[error("`{}` cannot be compiled", path.display())]
    Precompile {
        /// The file that it was for.
        path: PathBuf,
        /// Why not.
        #[source]
        error: PrecompileError,
    },
    /// A module that was compiled ahead of time is refused.
    #[error("`{}` is refused", path.display())]
    Artefact {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: PrecompiledError,
    },
    /// The module's text or exports cannot be read.
    #[error("the module of `{}` cannot be read", path.display())]
    Module {
        /// The bundle.
        path: PathBuf,
        /// Why not.
        #[source]
        error: ModuleError,
    },
    /// A mapping is refused.
    #[error("mapping `{}` is refused", path.display())]
    Mapping {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: MappingError,
    },
    /// Entities are refused.
    #[error("entities `{}` are refused", path.display())]
    Entities {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: EntitiesError,
    },
    /// There is no filter.
    #[error("`{}` cannot be built", path.display())]
    Filter {
        /// The file that it was for.
        path: PathBuf,
        /// Why not.
        #[source]
        error: BuildError,
    },
    /// There is no component.
    #[error("`{}` cannot be built", path.display())]
    Component {
        /// The file that it was for.
        path: PathBuf,
        /// Why not.
        #[source]
        error: trapkey_component::ComponentError,
    },
    /// What is to be pushed is no filter.
    #[error("`{}` is no filter", path.display())]
    NoFilter {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: FilterStructureError,
    },
    /// The Wasm runtime does not start.
    #[error("the engine does not start")]
    Runtime(#[source] RuntimeError),
    /// The bundle and the entities do not go live.
    #[error("nothing is published")]
    Publish(#[source] Box<PublishError>),
    /// The earlier publication does not go live.
    #[error("there is no rollback")]
    Rollback(#[source] RollbackError),
    /// Facts are refused.
    #[error("the facts are refused")]
    Facts(#[source] FactsError),
    /// The request is refused.
    #[error("request `{}` is refused", path.display())]
    Request {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: Box<RequestError>,
    },
    /// There is no explanation.
    #[error("the request is not explained")]
    Explain(#[source] ExplainError),
    /// Cases cannot be read.
    #[error("cases of `{}`", path.display())]
    Cases {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        error: CaseError,
    },
    /// The demonstration found that something is not as its script says.
    #[error("the demonstration failed: {what}")]
    Demo {
        /// What is not as it should be.
        what: &'static str,
    },
    /// Standard output or standard error is gone.
    #[error("cannot write the result")]
    Output(#[from] io::Error),
}

/// Why a module cannot be described.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModuleError {
    /// A section cannot be read.
    #[error("unreadable WebAssembly")]
    Read(#[source] wasmparser::Error),
    /// The module has no text form.
    #[error("{message}")]
    Print {
        /// What the printer says.
        message: String,
    },
}

impl CliError {
    /// The exit status.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::NoSchema | Self::SeveralSchemas { .. } | Self::SharedInput => Status::Usage,
            _ => Status::Failed,
        }
    }

    /// Says what went wrong: as JSON on standard output, or in words on standard error.
    pub(crate) fn report(&self, output: &mut Output) -> Result<(), Self> {
        if output.is_json() {
            output.json(&self.json())?;
            return output.finish();
        }
        output.finish()?;
        let mut stderr = io::stderr().lock();
        if let Self::Compile { error, files } = self
            && !error.diagnostics().is_empty()
        {
            let is_terminal = stderr.is_terminal();
            let drawing = Drawing::new(is_terminal, is_terminal && permits_colour());
            findings::draw(error.diagnostics(), files, drawing, &mut stderr)?;
            writeln!(stderr, "error: {self}")?;
            return Ok(());
        }
        writeln!(stderr, "error: {}", clean(&self.to_string()))?;
        for cause in self.causes() {
            writeln!(stderr, "  because: {}", clean(&cause))?;
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let mut error = json!({
            "kind": self.kind(),
            "message": self.to_string(),
            "causes": self.causes(),
        });
        if let Self::Compile { error: refused, files } = self
            && let Some(fields) = error.as_object_mut()
        {
            let diagnostics = findings::json(refused.diagnostics(), files);
            fields.insert("diagnostics".to_owned(), diagnostics);
        }
        json!({ "error": error })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::TooLarge { .. } | Self::TooMany { .. } => "too-large",
            Self::NotText { .. } => "not-text",
            Self::Write { .. } => "write",
            Self::NoPolicies { .. } => "no-policies",
            Self::NoSchema | Self::SeveralSchemas { .. } | Self::SharedInput => "usage",
            Self::Compile { .. } => "compile",
            Self::Pack(_) => "pack",
            Self::Precompile { .. } | Self::Artefact { .. } => "precompiled",
            Self::Mapping { .. } => "mapping",
            Self::Entities { .. } => "entities",
            Self::Filter { .. } | Self::NoFilter { .. } => "filter",
            Self::Component { .. } => "component",
            Self::Open { .. } | Self::Module { .. } => "bundle",
            Self::Runtime(_) => "runtime",
            Self::Publish(_) => "publish",
            Self::Rollback(_) => "rollback",
            Self::Facts(_) => "facts",
            Self::Request { .. } => "request",
            Self::Explain(_) => "explain",
            Self::Cases { .. } => "cases",
            Self::Demo { .. } => "demo",
            Self::Output(_) => "output",
        }
    }

    /// The sources of this error, nearest first.
    fn causes(&self) -> Vec<String> {
        causes(self)
    }
}

/// The sources of an error, nearest first.
pub(crate) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        causes.push(error.to_string());
        next = error.source();
    }
    causes
}

/// An error and its sources in one line.
pub(crate) fn line(error: &dyn std::error::Error) -> String {
    let mut parts = vec![error.to_string()];
    parts.extend(causes(error));
    parts.join(": ")
}
