//! Where test data lies: the repository, its examples, and the folder shared by several checkouts.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Why a place that must exist was not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The shared folder is missing where it may not be.
    #[error("no shared folder at `{}`, which `{reason}` requires", path.display())]
    SharedMissing {
        /// Where it was looked for.
        path: PathBuf,
        /// The environment variable that makes it mandatory.
        reason: &'static str,
    },
}

/// The root of the repository.
pub fn repository_dir() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).map_or_else(|| PathBuf::from("../.."), Path::to_path_buf)
}

/// The folder of example policy sets.
pub fn examples_dir() -> PathBuf {
    repository_dir().join("policies-examples")
}

/// The folder of test data that is too large for the repository: `TRAPKEY_SHARED`, else `../shared` beside the
/// repository. `None` if there is none, and a test that needs it has nothing to run on.
///
/// # Errors
///
/// [`PlaceError::SharedMissing`] if it is missing although `TRAPKEY_SHARED` names it or `CI` is `true`.
pub fn shared_dir() -> Result<Option<PathBuf>, PlaceError> {
    let is_ci = env::var_os("CI").is_some_and(|value| value == "true");
    find_shared(env::var_os("TRAPKEY_SHARED"), is_ci, &repository_dir())
}

fn find_shared(
    named: Option<OsString>,
    is_ci: bool,
    repository: &Path,
) -> Result<Option<PathBuf>, PlaceError> {
    let reason = match (&named, is_ci) {
        (Some(_), _) => Some("TRAPKEY_SHARED"),
        (None, true) => Some("CI"),
        (None, false) => None,
    };
    let path = match (named, repository.parent()) {
        (Some(path), _) => PathBuf::from(path),
        (None, Some(parent)) => parent.join("shared"),
        (None, None) => repository.join("../shared"),
    };
    match (path.is_dir(), reason) {
        (true, _) => Ok(Some(path)),
        (false, None) => Ok(None),
        (false, Some(reason)) => Err(PlaceError::SharedMissing { path, reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_folder_is_found_where_it_is_named() {
        let named = Some(examples_dir().into_os_string());
        let found = find_shared(named, true, Path::new("/nowhere/repository"));
        assert_eq!(found.unwrap(), Some(examples_dir()));
    }

    #[test]
    fn missing_shared_folder_is_none_on_a_desk_and_an_error_in_ci() {
        let nowhere = Path::new("/nowhere/repository");
        assert_eq!(find_shared(None, false, nowhere).unwrap(), None);
        assert_eq!(
            find_shared(None, true, nowhere).unwrap_err().to_string(),
            "no shared folder at `/nowhere/shared`, which `CI` requires"
        );
        assert!(find_shared(Some("/nowhere/else".into()), false, nowhere).is_err());
    }

    #[test]
    fn repository_has_the_examples() {
        assert!(examples_dir().join("plant").is_dir());
    }
}
