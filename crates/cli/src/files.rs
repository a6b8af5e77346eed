//! Files: read within bounds, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// Files that one folder may hold.
pub(crate) const FOLDER_FILES_MAX: usize = 100_000;

/// Reads at most `max` bytes; `-` is standard input.
pub(crate) fn bytes(path: &Path, max: usize) -> Result<Vec<u8>, CliError> {
    let failed = |source| CliError::Read { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    // One byte beyond the limit tells a file that is too large, whatever its metadata says.
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    if path.as_os_str() == "-" {
        io::stdin().lock().take(bound).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path)
            .and_then(|file| file.take(bound).read_to_end(&mut bytes))
            .map_err(failed)?;
    }
    if bytes.len() > max {
        return Err(CliError::TooLarge { path: path.to_path_buf(), max });
    }
    Ok(bytes)
}

/// Reads at most `max` bytes of UTF-8; `-` is standard input.
pub(crate) fn text(path: &Path, max: usize) -> Result<String, CliError> {
    String::from_utf8(bytes(path, max)?).map_err(|error| CliError::NotText {
        path: path.to_path_buf(),
        offset: error.utf8_error().valid_up_to(),
    })
}

/// What a folder holds, sorted by name.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |source| CliError::Read { path: folder.to_path_buf(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
        if paths.len() > FOLDER_FILES_MAX {
            return Err(CliError::TooMany { path: folder.to_path_buf(), max: FOLDER_FILES_MAX });
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether the name of `path` ends in `.{extension}`.
pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// Puts `bytes` in place of what is at `path`, at once.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_path_buf(), source };
    let Some(name) = path.file_name() else {
        return Err(failed(io::Error::from(io::ErrorKind::InvalidFilename)));
    };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let replaced = write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = replaced {
        // The first failure is the one to name; a file that was never made cannot be removed.
        return Err(failed(match fs::remove_file(&temporary) {
            Ok(()) | Err(_) => error,
        }));
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tkb");
        for content in [b"one".as_slice(), b"two"] {
            replace(&path, content).unwrap();
            assert_eq!(bytes(&path, 3).unwrap(), content);
            assert_eq!(list(folder.path()).unwrap(), [path.as_path()]);
        }
    }

    #[test]
    fn a_failed_replacement_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder");
        fs::create_dir(&path).unwrap();
        assert!(matches!(replace(&path, b"one"), Err(CliError::Write { .. })));
        assert_eq!(list(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn a_file_beyond_its_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"four").unwrap();
        assert!(matches!(bytes(&path, 3), Err(CliError::TooLarge { max: 3, .. })));
        assert_eq!(text(&path, 4).unwrap(), "four");
        fs::write(&path, b"a\xff").unwrap();
        assert!(matches!(text(&path, 4), Err(CliError::NotText { offset: 1, .. })));
    }
}
