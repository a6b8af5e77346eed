//! A verified bundle: opened from bytes that nothing has vouched for, or packed from a module.

use std::sync::Arc;

use trapkey_abi::{GatherTable, LayoutDigest, ModuleManifest, Policy, Schema};

use crate::container::{self, Container};
use crate::contents::{self, Contents, ContentsError, Sections};
use crate::digest::Digest;
use crate::head::{HEAD_BYTES_MAX, Head, HeadError, Release};

/// Largest bundle in bytes. A module of 10,000 policies is a few megabytes.
pub const BUNDLE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A verified bundle. Clones share their content.
#[derive(Clone, Debug)]
pub struct Bundle {
    // INVARIANT: `contents` was read from `module` and is consistent; both are covered by
    // `contents.digest()`.
    contents: Arc<Contents>,
    module: Arc<[u8]>,
    /// The bundle of the explaining module, of the same schema; it has none itself.
    explain: Option<Arc<Self>>,
}

/// Why a bundle was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bundle exceeds [`BUNDLE_BYTES_MAX`].
    #[error("bundle is {len} bytes, the limit is {BUNDLE_BYTES_MAX}")]
    TooLarge {
        /// Length of the refused bundle in bytes.
        len: usize,
    },
    /// The bytes end inside the header.
    #[error("{len} bytes are too few for a bundle's header")]
    Truncated {
        /// Bytes given.
        len: usize,
    },
    /// The bytes do not begin as a bundle does.
    #[error("not a bundle")]
    Magic,
    /// The container is of another version.
    #[error("container version is {found}, this reader knows 1")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The bundle requires what this reader does not know.
    #[error("unknown flags {found:#x}")]
    Flags {
        /// The flags found.
        found: u32,
    },
    /// The parts are longer or shorter than the header says.
    #[error("{len} bytes follow the header, which states {stated}")]
    Lengths {
        /// Sum of the lengths in the header.
        stated: u64,
        /// Bytes after the header.
        len: usize,
    },
    /// The bytes are not those that were packed.
    #[error("digest is {computed}, the header states {stated}")]
    Digest {
        /// Digest in the header.
        stated: Digest,
        /// Digest of the bytes.
        computed: Digest,
    },
    /// The head exceeds [`HEAD_BYTES_MAX`].
    #[error("head is {len} bytes, the limit is {HEAD_BYTES_MAX}")]
    HeadTooLarge {
        /// Length of the head in bytes.
        len: usize,
    },
    /// The head is not the JSON it should be.
    #[error("unreadable head")]
    HeadJson(#[source] serde_json::Error),
    /// The head names another module than the bundle holds.
    #[error("module digest is {computed}, the head states {stated}")]
    ModuleDigest {
        /// Digest in the head.
        stated: Digest,
        /// Digest of the module.
        computed: Digest,
    },
    /// The head is unusable, or contradicts the module's manifest.
    #[error("unusable head")]
    Head(#[source] HeadError),
    /// The module's sections are unreadable or contradict each other.
    #[error("unusable module")]
    Contents(#[source] ContentsError),
    /// The explaining module's bundle cannot be opened.
    #[error("unusable explaining module")]
    Explain(#[source] Box<OpenError>),
    /// The explaining module has another schema.
    #[error("layout digest of the explaining module is {found}, the module's is {expected}")]
    ExplainSchema {
        /// The explaining module's.
        found: LayoutDigest,
        /// The module's.
        expected: LayoutDigest,
    },
    /// The explaining module comes with one of its own.
    #[error("the explaining module has an explaining module, expected none")]
    ExplainNested,
}

/// Why a module was not packed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The bundle would exceed [`BUNDLE_BYTES_MAX`].
    #[error("bundle would be {len} bytes, the limit is {BUNDLE_BYTES_MAX}")]
    TooLarge {
        /// Length of the module in bytes, or of the whole bundle if the module alone fits.
        len: usize,
    },
    /// The name or the version is unusable.
    #[error("unusable head")]
    Head(#[source] HeadError),
    /// The module's sections are unreadable or contradict each other.
    #[error("unusable module")]
    Contents(#[source] ContentsError),
    /// The explaining module cannot be packed.
    #[error("unusable explaining module")]
    Explain(#[source] Box<PackError>),
    /// The explaining module has another schema.
    #[error("layout digest of the explaining module is {found}, the module's is {expected}")]
    ExplainSchema {
        /// The explaining module's.
        found: LayoutDigest,
        /// The module's.
        expected: LayoutDigest,
    },
}

impl Bundle {
    /// Verifies `bytes` and copies the content out of them.
    ///
    /// # Errors
    ///
    /// [`OpenError::TooLarge`] before anything is read; then, in this order, the header, its
    /// lengths, the digest, the head, the module's digest, the module's sections.
    pub fn open(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(OpenError::TooLarge { len: bytes.len() });
        }
        let container = Container::read(bytes)?;
        if container.head.len() > HEAD_BYTES_MAX {
            return Err(OpenError::HeadTooLarge { len: container.head.len() });
        }
        let head: Head = contents::json(container.head).map_err(OpenError::HeadJson)?;
        let computed = Digest::of(container.module);
        if head.module_digest != computed {
            return Err(OpenError::ModuleDigest { stated: head.module_digest, computed });
        }
        let sections = Sections::read(container.module).map_err(OpenError::Contents)?;
        head.check(&sections.manifest, sections.schema_digest).map_err(OpenError::Head)?;
        let contents = Contents::new(container.digest, head, sections);
        let explain = Self::open_explain(container.extension, contents.manifest())?;
        Ok(Self { contents: Arc::new(contents), module: container.module.into(), explain })
    }

    fn open_explain(
        bytes: &[u8],
        manifest: &ModuleManifest,
    ) -> Result<Option<Arc<Self>>, OpenError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        // Refused before it is opened: bundles in bundles would be opened to any depth.
        let inner = Container::read(bytes).map_err(|error| OpenError::Explain(Box::new(error)))?;
        if !inner.extension.is_empty() {
            return Err(OpenError::ExplainNested);
        }
        let bundle = Self::open(bytes).map_err(|error| OpenError::Explain(Box::new(error)))?;
        // It covers the schema, and was computed from it.
        let (found, expected) = (bundle.manifest().layout_digest, manifest.layout_digest);
        if found != expected {
            return Err(OpenError::ExplainSchema { found, expected });
        }
        Ok(Some(Arc::new(bundle)))
    }

    /// Packs `module` under a name; the same arguments give the same bytes.
    ///
    /// # Errors
    ///
    /// [`PackError`] if [`Bundle::open`] would refuse the result.
    pub fn pack(release: &Release, module: &[u8]) -> Result<Vec<u8>, PackError> {
        Self::pack_parts(release, module, &[])
    }

    /// Packs a module and the one that explains it, which costs nothing until it is asked.
    ///
    /// # Errors
    ///
    /// [`PackError`]
    pub fn pack_explaining(
        release: &Release,
        module: &[u8],
        explain: &[u8],
    ) -> Result<Vec<u8>, PackError> {
        let wrapped = |error| PackError::Explain(Box::new(error));
        let found = Sections::read(explain).map_err(PackError::Contents).map_err(wrapped)?;
        let expected = Sections::read(module).map_err(PackError::Contents)?;
        let (found, expected) = (found.manifest.layout_digest, expected.manifest.layout_digest);
        if found != expected {
            return Err(PackError::ExplainSchema { found, expected });
        }
        let extension = Self::pack(release, explain).map_err(wrapped)?;
        Self::pack_parts(release, module, &extension)
    }

    fn pack_parts(
        release: &Release,
        module: &[u8],
        extension: &[u8],
    ) -> Result<Vec<u8>, PackError> {
        if module.len() > BUNDLE_BYTES_MAX {
            return Err(PackError::TooLarge { len: module.len() });
        }
        let sections = Sections::read(module).map_err(PackError::Contents)?;
        let head =
            Head::new(release, Digest::of(module), &sections.manifest, sections.schema_digest);
        head.check(&sections.manifest, sections.schema_digest).map_err(PackError::Head)?;
        let head = head.to_json();
        let too_large = PackError::TooLarge { len: head.len() + module.len() + extension.len() };
        match container::write(head.as_bytes(), module, extension) {
            Some(bytes) if bytes.len() <= BUNDLE_BYTES_MAX => Ok(bytes),
            Some(_) | None => Err(too_large),
        }
    }

    /// Digest of everything in the bundle that decides: head and module. Signatures that later
    /// versions append do not change it.
    pub fn digest(&self) -> Digest {
        self.contents.digest()
    }

    /// Who published what under which number.
    pub fn head(&self) -> &Head {
        self.contents.head()
    }

    /// What the module says of itself.
    pub fn manifest(&self) -> &ModuleManifest {
        self.contents.manifest()
    }

    /// The schema that entities and requests conform to.
    pub fn schema(&self) -> &Schema {
        self.contents.schema()
    }

    /// Which rows go into frames.
    pub fn gather(&self) -> &GatherTable {
        self.contents.gather()
    }

    /// The policies, in the order of the indexes in responses.
    pub fn policies(&self) -> &[Policy] {
        self.contents.policies()
    }

    /// The module's Wasm bytes.
    pub fn module(&self) -> &[u8] {
        &self.module
    }

    /// The bundle of the module that explains this one, if it came along.
    pub fn explain(&self) -> Option<&Bundle> {
        self.explain.as_deref()
    }

    /// Everything but the module's bytes, to be kept after the module is compiled.
    pub fn contents(&self) -> &Arc<Contents> {
        &self.contents
    }
}
