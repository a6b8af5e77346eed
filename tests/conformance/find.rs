//! Which files and folders are tests.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::test::Test;
use super::{ConformanceError, application, integration};

/// What may be a test.
pub(super) enum Found {
    /// A JSON file, which need not be one.
    File(PathBuf),
    /// A folder with queries sorted into `ALLOW` and `DENY`.
    Application(PathBuf),
}

impl Found {
    /// Reads the test; absent if the file is none.
    pub(super) fn read(&self, root: &Path) -> Result<Option<Test>, ConformanceError> {
        let name = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
        match self {
            Self::File(path) => integration::read(path, name(path)),
            Self::Application(path) => application::read(path, name(path)).map(Some),
        }
    }
}

/// Everything under `folder` that may be a test, in the order of the names.
pub(super) fn tests(folder: &Path) -> Result<Vec<Found>, ConformanceError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let paths = sorted(&folder)?;
        if application::is_application(&folder) {
            found.push(Found::Application(folder));
            continue;
        }
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new("json")) {
                found.push(Found::File(path));
            }
        }
    }
    Ok(found)
}

/// What is in `folder`, in the order of the names.
pub(super) fn sorted(folder: &Path) -> Result<Vec<PathBuf>, ConformanceError> {
    let read = |source| ConformanceError::Read { path: folder.to_path_buf(), source };
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(read)?.collect();
    let mut paths: Vec<PathBuf> = entries.map_err(read)?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, ConformanceError> {
    fs::read_to_string(path)
        .map_err(|source| ConformanceError::Read { path: path.to_path_buf(), source })
}
