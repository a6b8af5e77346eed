//! The checkout the tasks work on: its files, its packages, and the commands run in it.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, io};

use serde::Deserialize;

/// Why a task could not be carried out, as opposed to what it found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("{0}")]
    Usage(String),
    #[error("cannot read `{path}`")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("cannot write `{path}`")]
    Write {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("cannot run `{program}`")]
    Spawn {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("`{command}` failed:\n{complaint}")]
    Failed { command: String, complaint: String },
    #[error("unreadable output of `cargo metadata`")]
    Metadata(#[from] serde_json::Error),
    #[error("unreadable `deny.toml`")]
    Deny(#[from] toml::de::Error),
    #[error("`{licence}` in `deny.toml` is not a licence")]
    Licence {
        licence: String,
        #[source]
        source: spdx::ParseError,
    },
    #[error("malformed results of a bench")]
    Results(#[source] serde_json::Error),
    #[error("`benches/README.md` lacks the lines `{marks}`")]
    Marks { marks: String },
    #[error("cannot draw the results: {0}")]
    Chart(String),
    #[error("no header of `capi`")]
    Header(#[from] Box<cbindgen::Error>),
    #[error("unreadable `{path}`: {complaint}")]
    HeaderConfig { path: &'static str, complaint: String },
    #[error("no component of `{name}`: {complaint}")]
    Component { name: &'static str, complaint: String },
    #[error("no plugin for {0}, and CI is set")]
    Plugins(String),
    #[error("cannot read the output of a command")]
    Output(#[source] io::Error),
}

impl TaskError {
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.display().to_string(), source }
    }

    /// The message and, after colons, those of its sources.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}

/// What `cargo metadata` says.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

/// One package of the lock file.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

/// One line under a `dependencies` heading of a manifest.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev` or `build`; absent for a normal dependency.
    pub(crate) kind: Option<String>,
}

/// The checkout, found from the directory the task was started in.
pub(crate) struct Repository {
    root: PathBuf,
    cargo: OsString,
}

impl Repository {
    pub(crate) fn find() -> Result<Self, TaskError> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut repository = Self { root: PathBuf::from("."), cargo };
        repository.root = repository.workspace()?.workspace_root;
        Ok(repository)
    }

    /// A cargo command, to be run at the root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// The workspace's own packages.
    pub(crate) fn workspace(&self) -> Result<Metadata, TaskError> {
        self.metadata(&["--no-deps"])
    }

    /// Every package of the lock file, whatever platform it is for.
    pub(crate) fn lock_file(&self) -> Result<Metadata, TaskError> {
        self.metadata(&[])
    }

    /// Where a path from the root is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What a Git command prints, run at the root.
    pub(crate) fn git(&self, arguments: &[&str]) -> Result<String, TaskError> {
        succeed(Command::new("git").current_dir(&self.root).args(arguments))
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, TaskError> {
        fs::read_to_string(self.path(path))
            .map_err(|source| TaskError::Read { path: path.to_owned(), source })
    }

    /// Paths from the root that match a Git pathspec, tracked or not, unless ignored or deleted.
    pub(crate) fn files(&self, pathspecs: &[&str]) -> Result<Vec<String>, TaskError> {
        let mut git = Command::new("git");
        git.current_dir(&self.root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"])
            .args(pathspecs);
        let listing = succeed(&mut git)?;
        let mut paths: Vec<String> = listing
            .split('\0')
            .filter(|path| !path.is_empty() && self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    fn metadata(&self, options: &[&str]) -> Result<Metadata, TaskError> {
        let mut command = self.cargo(&["metadata", "--format-version", "1"]);
        Ok(serde_json::from_str(&succeed(command.args(options))?)?)
    }
}

/// Runs a command to its end, whatever its exit status.
pub(crate) fn run(command: &mut Command) -> Result<Output, TaskError> {
    command.output().map_err(|source| TaskError::Spawn {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}

/// Runs a command that has to succeed, for its output.
pub(crate) fn succeed(command: &mut Command) -> Result<String, TaskError> {
    let output = run(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(TaskError::Failed {
        command: command.get_program().to_string_lossy().into_owned(),
        complaint: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
    })
}
