//! Files that are made of sources and committed beside them, with digests of both.

use std::fs;
use std::path::Path;

use crate::repository::{Repository, TaskError};

/// A module or component that is committed, for those who cannot make it.
#[derive(Clone, Copy)]
pub(crate) struct Asset {
    /// Where it is.
    pub(crate) path: &'static str,
    /// Where the digests of its sources and of itself are, a line each.
    pub(crate) digests: &'static str,
    /// What it is made of, but for crates of others.
    pub(crate) sources: &'static [&'static str],
}

impl Asset {
    /// Whether it was made of the sources that are there, and is the one that was made.
    pub(crate) fn is_fresh(&self, repository: &Repository) -> Result<bool, TaskError> {
        let fresh = self.lines(repository, &read(&repository.path(self.path))?)?;
        Ok(repository.read(self.digests)?.trim_end() == fresh.trim_end())
    }

    /// Writes it and the digests.
    pub(crate) fn write(&self, repository: &Repository, module: &[u8]) -> Result<(), TaskError> {
        let digests = self.lines(repository, module)?;
        for (path, bytes) in [(self.path, module), (self.digests, digests.as_bytes())] {
            write(&repository.path(path), bytes)?;
        }
        println!("wrote {}, {} bytes", self.path, module.len());
        Ok(())
    }

    fn lines(&self, repository: &Repository, module: &[u8]) -> Result<String, TaskError> {
        let (sources, module) = (digest(repository, self.sources)?, blake3::hash(module).to_hex());
        Ok(format!("sources {sources}\nmodule {module}\n"))
    }
}

/// A digest of files with their paths, in hexadecimal.
pub(crate) fn digest(repository: &Repository, sources: &[&str]) -> Result<String, TaskError> {
    let mut digest = blake3::Hasher::new();
    for path in repository.files(sources)? {
        let text = repository.read(&path)?;
        for part in [path.as_str(), text.as_str()] {
            digest.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    Ok(digest.finalize().to_hex().to_string())
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TaskError> {
    fs::read(path).map_err(|source| TaskError::Read { path: path.display().to_string(), source })
}

/// Writes a file, with the folders that it is in.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), TaskError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| TaskError::write(path, error))
}
