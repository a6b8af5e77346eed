//! What a decision depends on beside the module: entities, grants and attributes of the context.

use std::cell::OnceCell;

use trapkey_abi::{EntityUid, GatherTable, Handle, Path, RowField, encode, sort_compactly};

use crate::instance::encoding;
use crate::recorder::{Recorder, Seen, settle};
use crate::snapshot::{Facts, Live, Snapshot};
use crate::{DecideError, Decider, Engine, Generation, Party, Request, StoredEntity};

/// What the decision of one request depends on beside the module and time.
///
/// It is the slice of the request environment: all that any of its policies may read, whichever of
/// them decide. While nothing of it changes, neither does the decision before its horizon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    // INVARIANT: `entities` ascends by handle, no handle twice; `context` ascends.
    generation: Generation,
    entities: Vec<EntityDependency>,
    context: Vec<String>,
    grants: Option<GrantDependency>,
}

/// An entity that is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityDependency {
    /// Its handle.
    pub handle: Handle,
    /// Its uid, where the request or the store knows it.
    pub uid: Option<EntityUid>,
    /// Digest of its row, which covers attributes, tags and ancestors; `None` if the store does not
    /// have the entity.
    pub version: Option<u128>,
    /// Whether its ancestors are read.
    pub ancestors: bool,
}

/// The grants that matter: those whose slots name entities of both lists, or of the one that their
/// template has a slot for. They matter before and after their time too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantDependency {
    /// The principal and its ancestors, ascending.
    pub principals: Vec<Handle>,
    /// The resource and its ancestors, ascending.
    pub resources: Vec<Handle>,
}

impl Dependencies {
    /// The publication whose module they are those of.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The entities that are looked up, ascending by handle.
    pub fn entities(&self) -> &[EntityDependency] {
        &self.entities
    }

    /// Paths of the attributes of the context that are read, as `env.now`, ascending.
    pub fn context(&self) -> &[String] {
        &self.context
    }

    /// The grants that matter; `None` if no template is open in the request environment.
    pub fn grants(&self) -> Option<&GrantDependency> {
        self.grants.as_ref()
    }
}

impl Engine {
    /// What the decision of `request` depends on now. This encodes the request once; it is for those
    /// who keep decisions, not for each decision.
    ///
    /// # Errors
    ///
    /// [`DecideError`] if the request cannot be decided.
    pub fn dependencies(&self, request: &Request) -> Result<Dependencies, DecideError> {
        self.snapshot().dependencies(request)
    }
}

impl Decider {
    /// As [`Engine::dependencies`].
    ///
    /// # Errors
    ///
    /// As [`Engine::dependencies`].
    pub fn dependencies(&mut self, request: &Request) -> Result<Dependencies, DecideError> {
        self.newest().dependencies(request)
    }
}

impl Snapshot {
    fn dependencies(&self, request: &Request) -> Result<Dependencies, DecideError> {
        let live = self.live.as_ref().ok_or(DecideError::NothingPublished)?;
        let encodable = live.encodable(request, request.at(), &[])?;
        let gather = live.loaded().contents().gather();
        let mut seen = Vec::new();
        let mut frame = vec![0; live.loaded().areas().frame_bytes_max()];
        let facts = self.facts(live);
        encode(gather, &encodable, &Recorder::new(&facts, &mut seen), &mut frame)
            .map_err(encoding)?;
        let grants = live.grants_of(&facts, (encodable.environment, request), &mut seen);
        settle(&mut seen);
        let known = Known::new(live, request);
        Ok(Dependencies {
            generation: self.generation,
            entities: seen.into_iter().map(|seen| known.entity(seen)).collect(),
            context: read_of_context(live, encodable.environment),
            grants,
        })
    }
}

impl Live {
    /// What decides which grants matter to a request; principal and resource are then seen too.
    pub(crate) fn grants_of(
        &self,
        facts: &Facts<'_>,
        (environment, request): (u32, &Request),
        seen: &mut Vec<Seen>,
    ) -> Option<GrantDependency> {
        let environment = environment_of(self.loaded().contents().gather(), environment)?;
        if environment.templates.is_empty() {
            return None;
        }
        let mut keys = |handle: Handle| {
            let entity = self.entities().find(handle);
            seen.push((handle, crate::recorder::version(facts, handle)));
            let ancestors = entity.into_iter().flat_map(StoredEntity::ancestor_handles);
            let mut keys: Vec<Handle> = ancestors.chain([handle]).collect();
            sort_compactly(&mut keys, Ord::cmp);
            keys.dedup();
            keys
        };
        let principals = keys(request.principal().handle());
        let resources = keys(request.resource().handle());
        Some(GrantDependency { principals, resources })
    }
}

/// Paths of the attributes that an environment's policies read.
fn read_of_context(live: &Live, environment: u32) -> Vec<String> {
    let (gather, model) = (live.loaded().contents().gather(), live.loaded().model());
    let found = environment_of(gather, environment).and_then(|environment| {
        let action = usize::try_from(environment.action).ok()?;
        let context = usize::try_from(environment.context).ok()?;
        let layout = model.layout().contexts.get(action)?;
        let declared = model.schema().actions.get(action)?;
        let projection = gather.contexts.get(context)?;
        Some((RowField::context(layout, &declared.context), projection, environment))
    });
    let Some((context, projection, environment)) = found else { return Vec::new() };
    // The encoder reads the handle of an entity even if no policy does.
    let followed: Vec<usize> = environment
        .paths
        .iter()
        .filter_map(|path| gather.paths.get(usize::try_from(*path).ok()?))
        .filter_map(|path| match path {
            Path::Context { offset } => usize::try_from(*offset).ok(),
            Path::Principal
            | Path::Resource
            | Path::Row { .. }
            | Path::Literal { .. }
            | Path::Tags { .. } => None,
        })
        .collect();
    let mut paths = Vec::new();
    let mut open = vec![&context];
    while let Some(field) = open.pop() {
        if !field.fields().is_empty() {
            open.extend(field.fields());
        } else if !field.is_context()
            && (field.is_read(projection) || followed.contains(&field.offset()))
        {
            paths.push(field.path().to_owned());
        }
    }
    sort_compactly(&mut paths, Ord::cmp);
    paths
}

fn environment_of(gather: &GatherTable, number: u32) -> Option<&trapkey_abi::Environment> {
    gather.environments.get(usize::try_from(number).ok()?)
}

/// What names entities that were looked up, and says what of them is read.
struct Known<'k> {
    live: &'k Live,
    request: &'k Request,
    /// By entity type, whether its ancestors are read; worked out when asked first.
    reads_ancestors: OnceCell<Vec<bool>>,
}

impl<'k> Known<'k> {
    fn new(live: &'k Live, request: &'k Request) -> Self {
        Self { live, request, reads_ancestors: OnceCell::new() }
    }

    fn entity(&self, (handle, version): Seen) -> EntityDependency {
        let stored = self.live.entities().find(handle);
        let parties = [self.request.principal(), self.request.resource()];
        let party = parties.into_iter().find(|party| party.handle() == handle);
        let uid = stored.map(StoredEntity::uid).or(party.map(Party::uid));
        let entity_type = stored.map(StoredEntity::entity_type);
        let entity_type = entity_type.or(party.map(Party::entity_type));
        let reads = self.reads_ancestors.get_or_init(|| self.ancestors_read());
        let index = entity_type.and_then(|index| usize::try_from(index).ok());
        let ancestors = index.and_then(|index| reads.get(index).copied()).unwrap_or(false);
        let version = if version == 0 { None } else { Some(version) };
        EntityDependency { handle, uid: uid.cloned(), version, ancestors }
    }

    fn ancestors_read(&self) -> Vec<bool> {
        let loaded = self.live.loaded();
        let projections = &loaded.contents().gather().entity_types;
        let layouts = &loaded.model().layout().entity_types;
        let is_read =
            |(projection, layout): (&trapkey_abi::Projection, &trapkey_abi::RowLayout)| {
                let mut offsets = layout.ancestors.iter();
                offsets.any(|(_, offset)| {
                    usize::try_from(*offset).is_ok_and(|at| projection.copies(at..at + 8))
                })
            };
        projections.iter().zip(layouts).map(is_read).collect()
    }
}
