//! A filter from its parts.

use trapkey_abi::{Layout, Schema};
use trapkey_bundle::Bundle;
use trapkey_engine::Entities;
use trapkey_guest::image::{self, ImageError};
use trapkey_guest::plan::{PLAN_VERSION, Plan};
use trapkey_link::{Blob, LinkError, Linking, POLICY_PAGES_MAX, link, with_short_copies};

use crate::asset::GUEST;
use crate::callbacks;
use crate::mapping::{Mapping, MappingError};
use crate::structure;

/// A proxy-wasm module that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    // INVARIANT: `digest` is that of `bytes`, whose structure was checked.
    bytes: Vec<u8>,
    digest: String,
}

impl Filter {
    /// The module.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// BLAKE3 of the module, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Why there is no filter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The mapping does not fit the schema.
    #[error("unusable mapping")]
    Mapping(#[from] MappingError),
    /// The entities are of another schema, or too many.
    #[error("unusable entities")]
    Entities(#[source] ImageError),
    /// The policies need more memory than a filter has for them.
    #[error("the policies need {pages} pages of memory, a filter has {POLICY_PAGES_MAX} for them")]
    PolicyMemory {
        /// Pages they need.
        pages: u64,
    },
    /// The bundle's module is not what engines take either, or a part of this library is wrong.
    #[error("the parts of the filter do not fit together")]
    Defect(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl BuildError {
    fn defect(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Defect(Box::new(error))
    }
}

impl From<LinkError> for BuildError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::PolicyMemory { pages } => Self::PolicyMemory { pages },
            other => Self::defect(other),
        }
    }
}

/// Builds the filter of a bundle: its policies, these entities, this mapping.
///
/// Templates decide nothing in a filter: there are no grants. Time and memory grow with the module and the entities.
///
/// # Errors
///
/// [`BuildError`]
pub fn build(
    bundle: &Bundle,
    entities: &Entities,
    mapping: &Mapping,
) -> Result<Filter, BuildError> {
    let schema = bundle.schema();
    let resolved = mapping.resolve(schema)?;
    let ends = reads_time(schema) || bundle.policies().iter().any(|p| p.expires.is_some());
    let plan = Plan {
        version: PLAN_VERSION,
        schema: schema.clone(),
        gather: bundle.gather().clone(),
        memory: bundle.manifest().memory,
        digest: bundle.digest().to_string(),
        policies: mapping.notes(bundle.policies()),
        needs_time: ends || resolved.takes_time,
        observes: resolved.observes,
        records_allows: resolved.records_allows,
        identity: resolved.identity,
        adapter: resolved.adapter,
    };
    let plan = postcard::to_allocvec(&plan).map_err(BuildError::defect)?;
    let image = image_of(schema, entities)?;
    let data = [Blob { name: "plan", bytes: &plan }, Blob { name: "image", bytes: &image }];
    let exports = callbacks::all(ends);
    let policy = bundle.module();
    let host = Some(callbacks::PROXY);
    let guest = with_short_copies(GUEST)?;
    let linking = Linking { policy, guest: &guest, data: &data, host, exports: &exports };
    let bytes = link(&linking)?;
    structure::check(&bytes).map_err(BuildError::defect)?;
    let digest = blake3::hash(&bytes).to_hex().to_string();
    Ok(Filter { bytes, digest })
}

/// The entities as a plugin's configuration, which takes the place of those that the filter was built with.
///
/// # Errors
///
/// [`BuildError::Entities`]
pub fn image(entities: &Entities) -> Result<Vec<u8>, BuildError> {
    image_of(entities.model().schema(), entities)
}

fn image_of(schema: &Schema, entities: &Entities) -> Result<Vec<u8>, BuildError> {
    if entities.model().schema() != schema {
        return Err(BuildError::Entities(ImageError::Layout));
    }
    let rows =
        entities.iter().map(|entity| (entity.handle(), entity.entity_type(), entity.row().bytes()));
    image::write(&Layout::new(schema).digest, rows).map_err(BuildError::Entities)
}

/// Whether an attribute of a context moves with time.
fn reads_time(schema: &Schema) -> bool {
    fn moves(record: &trapkey_abi::Record) -> bool {
        record.attributes.values().any(|attribute| {
            let inner = match &attribute.ty {
                trapkey_abi::Type::Record(inner) => moves(inner),
                _ => false,
            };
            attribute.clock.is_some() || inner
        })
    }
    schema.actions.iter().any(|action| moves(&action.context))
}
