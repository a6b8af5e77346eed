//! What a host grants one plugin: a place for lines, documents, and which part of what it provides is taken.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::Provides;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Steps of the plugin.
    Trace,
    /// For who looks for a fault in the plugin.
    Debug,
    /// What happened.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something was not done.
    Error,
    /// Nothing can be done until somebody acts.
    Critical,
}

/// Takes lines of a plugin: without control characters, and at most `line_bytes_max` long.
pub(crate) type Logger = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// Something that a host lends a plugin under a name.
pub trait Document: Send + Sync {
    /// The whole of it, as it is now. The plugin waits meanwhile, and so does who called it.
    ///
    /// # Errors
    ///
    /// [`DocumentError`]; the plugin only learns that it is unavailable, and why.
    fn read(&self) -> Result<Vec<u8>, DocumentError>;
}

impl<F: Fn() -> Result<Vec<u8>, DocumentError> + Send + Sync> Document for F {
    fn read(&self) -> Result<Vec<u8>, DocumentError> {
        self()
    }
}

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It has more bytes than it may have.
    #[error("the document has more than {max} bytes")]
    TooLarge {
        /// Bytes it may have.
        max: usize,
    },
    /// There is something else than a file: a folder, a link, a device.
    #[error("the document is no file")]
    NotAFile,
    /// Reading failed.
    #[error("the document cannot be read")]
    Io(#[from] io::Error),
}

/// One file as a document. A link in its place is not followed; links on the way to it are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDocument {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes it may have.
    pub bytes_max: usize,
}

impl Document for FileDocument {
    fn read(&self) -> Result<Vec<u8>, DocumentError> {
        if !fs::symlink_metadata(&self.path)?.is_file() {
            return Err(DocumentError::NotAFile);
        }
        let file = File::open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(DocumentError::NotAFile);
        }
        let mut bytes = Vec::new();
        let max = u64::try_from(self.bytes_max).unwrap_or(u64::MAX);
        file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() > self.bytes_max {
            return Err(DocumentError::TooLarge { max: self.bytes_max });
        }
        Ok(bytes)
    }
}

/// What a host grants one plugin; by default nothing.
#[derive(Clone, Default)]
pub struct Grants {
    // INVARIANT: held against the manifest when the plugin is loaded, not before.
    pub(crate) logger: Option<Logger>,
    pub(crate) documents: BTreeMap<String, Arc<dyn Document>>,
    pub(crate) takes: Takes,
}

/// Which part of what a manifest declares is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Takes {
    #[default]
    Nothing,
    All,
    Only(Provides),
}

impl Grants {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Lets it log to `logger`.
    pub fn logging(mut self, logger: impl Fn(Level, &str) + Send + Sync + 'static) -> Self {
        self.logger = Some(Arc::new(logger));
        self
    }

    /// Lends it a document by this name; another of the name is replaced. The interface is granted with the first.
    pub fn document(mut self, name: impl Into<String>, document: Arc<dyn Document>) -> Self {
        self.documents.insert(name.into(), document);
        self
    }

    /// Takes all that its manifest declares.
    pub fn take_all(mut self) -> Self {
        self.takes = Takes::All;
        self
    }

    /// Takes these, all of which its manifest must declare.
    pub fn take(mut self, provides: Provides) -> Self {
        self.takes = Takes::Only(provides);
        self
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grants")
            .field("logger", &self.logger.is_some())
            .field("documents", &self.documents.keys())
            .field("takes", &self.takes)
            .finish()
    }
}
