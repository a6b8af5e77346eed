//! A folder of one schema, its policies, an entity store and the cases that they must meet.

mod case;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::case::{Case, CaseError, Expected};
use self::case::{CaseJson, Stores};
use crate::oracle::{Oracle, OracleError};

/// Largest file that a folder may hold, in bytes: two hundred times the largest file of the examples.
pub const FILE_BYTES_MAX: u64 = 16 << 20;

/// What a case folder holds, read once.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it was read from.
    pub path: PathBuf,
    /// Text of its one `*.cedarschema`.
    pub schema: String,
    /// Text of its `*.cedar`, in the order of their names.
    pub policies: String,
    /// Content of its `entities.json`.
    pub entities: Arc<Value>,
    /// The cases of its `cases*.json`, in the order of their names.
    pub cases: Vec<Case>,
}

/// Why a case folder could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file exceeds [`FILE_BYTES_MAX`].
    #[error("`{}` is {len} bytes, the limit is {FILE_BYTES_MAX}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length, in bytes.
        len: u64,
    },
    /// The folder does not have exactly one schema.
    #[error("`{}` has {found} files *.cedarschema, not 1", path.display())]
    Schemas {
        /// The folder.
        path: PathBuf,
        /// How many it has.
        found: usize,
    },
    /// The folder has no policies.
    #[error("`{}` has no file *.cedar", path.display())]
    NoPolicies {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not the JSON that it should be; the source names line and column.
    #[error("malformed `{}`", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// A case is well-formed, but cannot be used.
    #[error("case `{name}` of `{}`", path.display())]
    Case {
        /// The file.
        path: PathBuf,
        /// The case.
        name: String,
        /// Why not.
        source: CaseError,
    },
}

impl Folder {
    /// Reads the folder and every file that its cases name.
    ///
    /// # Errors
    ///
    /// [`FolderError`]; the first failure ends the reading.
    pub fn read(path: &Path) -> Result<Self, FolderError> {
        let names = file_names(path)?;
        let entities = Arc::new(json(&path.join("entities.json"))?);
        let mut folder = Self {
            path: path.to_path_buf(),
            schema: schema(path, &names)?,
            policies: policies(path, &names)?,
            entities: Arc::clone(&entities),
            cases: Vec::new(),
        };
        let mut stores = Stores::new(path, entities);
        let mut seen = BTreeSet::new();
        for name in names.iter().filter(|name| is_case_file(name)) {
            let file = path.join(name);
            for case in json::<Vec<CaseJson>>(&file)? {
                let fail = |name, source| FolderError::Case { path: file.clone(), name, source };
                if !seen.insert(case.name.clone()) {
                    return Err(fail(case.name, CaseError::DuplicateName));
                }
                let name = case.name.clone();
                let case = stores.resolve(case).map_err(|source| fail(name, source))?;
                folder.cases.push(case);
            }
        }
        Ok(folder)
    }

    /// Cedar over this folder's policies and `entities.json`.
    ///
    /// # Errors
    ///
    /// [`OracleError`], as [`Oracle::new`].
    pub fn oracle(&self) -> Result<Oracle, OracleError> {
        Oracle::new(&self.schema, &self.policies, &self.entities)
    }
}

fn schema(path: &Path, names: &BTreeSet<String>) -> Result<String, FolderError> {
    let mut found = names.iter().filter(|name| has_extension(name, "cedarschema"));
    match (found.next(), found.count()) {
        (Some(name), 0) => text(&path.join(name)),
        (first, others) => Err(FolderError::Schemas {
            path: path.to_path_buf(),
            found: others + usize::from(first.is_some()),
        }),
    }
}

fn policies(path: &Path, names: &BTreeSet<String>) -> Result<String, FolderError> {
    let mut policies = String::new();
    let mut is_empty = true;
    for name in names.iter().filter(|name| has_extension(name, "cedar")) {
        policies.push_str(&text(&path.join(name))?);
        policies.push('\n');
        is_empty = false;
    }
    if is_empty {
        return Err(FolderError::NoPolicies { path: path.to_path_buf() });
    }
    Ok(policies)
}

fn is_case_file(name: &str) -> bool {
    name.starts_with("cases") && has_extension(name, "json")
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// Names of the files in `path`, sorted. A name that is not UTF-8 is none of ours.
fn file_names(path: &Path) -> Result<BTreeSet<String>, FolderError> {
    let read = |source| FolderError::Read { path: path.to_path_buf(), source };
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(path).map_err(read)? {
        if let Ok(name) = entry.map_err(read)?.file_name().into_string() {
            names.insert(name);
        }
    }
    Ok(names)
}

fn text(path: &Path) -> Result<String, FolderError> {
    let read = |source| FolderError::Read { path: path.to_path_buf(), source };
    let len = fs::metadata(path).map_err(read)?.len();
    if len > FILE_BYTES_MAX {
        return Err(FolderError::TooLarge { path: path.to_path_buf(), len });
    }
    fs::read_to_string(path).map_err(read)
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, FolderError> {
    serde_json::from_str(&text(path)?)
        .map_err(|source| FolderError::Json { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests;
