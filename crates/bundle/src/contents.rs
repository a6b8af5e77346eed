//! What a module's custom sections say, read once and found to agree.

use serde::de::{DeserializeOwned, Error as _};
use trapkey_abi::{
    ABI_VERSION, GatherTable, Layout, LayoutDigest, ModuleManifest, Policy, Schema, section,
};
use wasmparser::{BinaryReader, Parser};

use crate::gather::GatherError;
use crate::policies::PoliciesError;
use crate::schema::SchemaError;
use crate::{Digest, DigestError, Head, gather, policies, schema};

/// All that a bundle holds but the module's bytes.
#[derive(Debug)]
pub struct Contents {
    // INVARIANT: `head` names the module that `sections` was read from; `digest` covers both.
    digest: Digest,
    head: Head,
    sections: Sections,
}

/// Why the sections of a module were refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsError {
    /// The bytes do not begin as a WebAssembly module of version 1 does.
    #[error("no WebAssembly module of version 1")]
    Header,
    /// The bytes are not the sections of a module.
    #[error("unreadable WebAssembly")]
    Wasm(#[source] wasmparser::Error),
    /// The bytes are a WebAssembly component.
    #[error("a component is not a policy module")]
    Component,
    /// A custom section is absent.
    #[error("section `{section}` is missing")]
    Missing {
        /// Name of the section.
        section: &'static str,
    },
    /// A custom section occurs more than once.
    #[error("section `{section}` occurs twice")]
    Repeated {
        /// Name of the section.
        section: &'static str,
    },
    /// A custom section is not the JSON it should be.
    #[error("section `{section}` is unreadable")]
    Json {
        /// Name of the section.
        section: &'static str,
        /// What the parser found.
        source: serde_json::Error,
    },
    /// The module keeps another version of the contract.
    #[error("module keeps version {found} of the contract, this library {ABI_VERSION}")]
    AbiVersion {
        /// Version in the manifest.
        found: u32,
    },
    /// The manifest's schema digest is malformed.
    #[error("unreadable schema digest")]
    SchemaDigest(#[source] DigestError),
    /// The manifest's layout digest is not that of the schema.
    #[error("layout digest is {computed}, the manifest states {stated}")]
    LayoutDigest {
        /// Digest in the manifest.
        stated: LayoutDigest,
        /// Digest of the layout that follows from the schema.
        computed: LayoutDigest,
    },
    /// The schema is too large, or contradicts itself.
    #[error("unusable schema")]
    Schema(#[source] SchemaError),
    /// The gather table does not fit the schema.
    #[error("unusable gather table")]
    Gather(#[source] GatherError),
    /// The policies contradict each other.
    #[error("unusable policies")]
    Policies(#[source] PoliciesError),
    /// The manifest does not state the worst case of each action.
    #[error("the manifest states the worst case of {len} actions, the schema has {actions}")]
    InstructionsMax {
        /// Actions that the manifest states it of.
        len: usize,
        /// Actions in the schema.
        actions: usize,
    },
}

impl Contents {
    pub(crate) fn new(digest: Digest, head: Head, sections: Sections) -> Self {
        Self { digest, head, sections }
    }

    /// Digest of the bundle.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Who published what under which number.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What the module says of itself.
    pub fn manifest(&self) -> &ModuleManifest {
        &self.sections.manifest
    }

    /// The schema that entities and requests conform to.
    pub fn schema(&self) -> &Schema {
        &self.sections.schema
    }

    /// Which rows go into frames.
    pub fn gather(&self) -> &GatherTable {
        &self.sections.gather
    }

    /// The policies, in the order of the indexes in responses.
    pub fn policies(&self) -> &[Policy] {
        &self.sections.policies
    }
}

/// The four sections of one module.
#[derive(Debug)]
pub(crate) struct Sections {
    // INVARIANT: the sections agree with each other and with the contract's version.
    pub(crate) manifest: ModuleManifest,
    pub(crate) schema_digest: Digest,
    schema: Schema,
    gather: GatherTable,
    policies: Vec<Policy>,
}

impl Sections {
    /// Reads the sections of `module` and checks that they agree.
    pub(crate) fn read(module: &[u8]) -> Result<Self, ContentsError> {
        let [manifest, schema, gather, policies] = find(module)?;
        let manifest: ModuleManifest = parse(section::MANIFEST, manifest)?;
        if manifest.abi != ABI_VERSION {
            return Err(ContentsError::AbiVersion { found: manifest.abi });
        }
        let schema_digest = manifest.schema_digest.parse().map_err(ContentsError::SchemaDigest)?;
        let schema: Schema = parse(section::LAYOUT, schema)?;
        schema::check(&schema).map_err(ContentsError::Schema)?;
        let layout = Layout::new(&schema);
        if manifest.layout_digest != layout.digest {
            return Err(ContentsError::LayoutDigest {
                stated: manifest.layout_digest,
                computed: layout.digest,
            });
        }
        let gather: GatherTable = parse(section::GATHER, gather)?;
        gather::check(&gather, &schema, &layout).map_err(ContentsError::Gather)?;
        let policies: Vec<Policy> = parse(section::POLICIES, policies)?;
        policies::check(&policies, &schema).map_err(ContentsError::Policies)?;
        let templates = policies.iter().filter(|policy| policy.is_template()).count();
        gather::check_templates(&gather, templates).map_err(ContentsError::Gather)?;
        let (len, actions) = (manifest.instructions_max.len(), schema.actions.len());
        if len != actions {
            return Err(ContentsError::InstructionsMax { len, actions });
        }
        Ok(Self { manifest, schema_digest, schema, gather, policies })
    }
}

const SECTIONS: [&str; 4] =
    [section::MANIFEST, section::LAYOUT, section::GATHER, section::POLICIES];

/// Bytes of magic and version.
const HEADER_BYTES: usize = 8;

/// Id of a custom section.
const CUSTOM: u8 = 0;

/// The content of each of [`SECTIONS`].
fn find(module: &[u8]) -> Result<[&[u8]; 4], ContentsError> {
    if Parser::is_component(module) {
        return Err(ContentsError::Component);
    }
    if !Parser::is_core_wasm(module) {
        return Err(ContentsError::Header);
    }
    let mut found = [None; 4];
    // Not by `Parser`, which knows what is in all other sections: much code for a gateway.
    let mut reader = BinaryReader::new(module, 0);
    reader.read_bytes(HEADER_BYTES).map_err(ContentsError::Wasm)?;
    while !reader.eof() {
        let id = reader.read_u8().map_err(ContentsError::Wasm)?;
        let mut content = reader.read_reader().map_err(ContentsError::Wasm)?;
        if id != CUSTOM {
            continue;
        }
        let name = content.read_string().map_err(ContentsError::Wasm)?;
        let sections = SECTIONS.iter().zip(&mut found);
        for (section, slot) in sections.filter(|(own, _)| **own == name) {
            let content = content.read_bytes(content.bytes_remaining());
            if slot.replace(content.map_err(ContentsError::Wasm)?).is_some() {
                return Err(ContentsError::Repeated { section });
            }
        }
    }
    let missing = |section| ContentsError::Missing { section };
    let [manifest, schema, gather, policies] = found;
    Ok([
        manifest.ok_or(missing(section::MANIFEST))?,
        schema.ok_or(missing(section::LAYOUT))?,
        gather.ok_or(missing(section::GATHER))?,
        policies.ok_or(missing(section::POLICIES))?,
    ])
}

fn parse<T: DeserializeOwned>(section: &'static str, json: &[u8]) -> Result<T, ContentsError> {
    self::json(json).map_err(|source| ContentsError::Json { section, source })
}

/// Reads JSON as text, which is what hosts give: the parser is in a library once.
pub(crate) fn json<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let text = std::str::from_utf8(json).map_err(serde_json::Error::custom);
    text.and_then(serde_json::from_str)
}
