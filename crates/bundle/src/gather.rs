//! Checks a gather table against the schema and layout that it was made for.

mod row;

use std::fmt;

use trapkey_abi::{Environment, GatherTable, Layout, LayoutDigest, Path, Projection, Schema};

use row::{HANDLE_BYTES, RowShape, covers};

/// Why a gather table was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// The table was made for another layout.
    #[error("gather table is for layout {found}, the module's is {want}")]
    Layout {
        /// Layout of the table.
        found: LayoutDigest,
        /// Layout of the schema.
        want: LayoutDigest,
    },
    /// The table does not have one projection per entity type.
    #[error("gather table has {found} entity types, the schema {want}")]
    EntityTypes {
        /// Projections in the table.
        found: usize,
        /// Entity types in the schema.
        want: usize,
    },
    /// A path cannot be followed.
    #[error("path {path} {fault}")]
    Path {
        /// Index of the path.
        path: usize,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// An environment is not one of the schema, or not where lookups expect it.
    #[error("environment {environment} {fault}")]
    Environment {
        /// Index of the environment.
        environment: usize,
        /// What is wrong with it.
        fault: EnvironmentFault,
    },
    /// A projection copies what the row does not have.
    #[error("projection of {owner} {fault}")]
    Projection {
        /// Whose rows are projected.
        owner: ProjectionOwner,
        /// What is wrong with it.
        fault: ProjectionFault,
    },
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathFault {
    /// Path 0 is not the principal, path 1 not the resource, or another path is one of them.
    Position,
    /// It starts from itself or a later path.
    Forward,
}

/// What is wrong with an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvironmentFault {
    /// It does not come after the one before it.
    Order,
    /// The schema has no such action.
    Action,
    /// The action does not apply to this principal's type.
    PrincipalType,
    /// The action does not apply to this resource's type.
    ResourceType,
    /// The table has no such context projection.
    Context,
    /// Its paths are not ascending.
    PathOrder,
    /// The table has no such path.
    PathIndex {
        /// The index given.
        path: u32,
    },
    /// It has a path but not the one that path starts from.
    PathStart {
        /// The path.
        path: u32,
    },
    /// There is no handle, or no copied one, where a path looks for it.
    PathOffset {
        /// The path.
        path: u32,
    },
    /// Its templates are not ascending, or the module has no such template.
    Template {
        /// The ordinal given.
        template: u32,
    },
}

/// Whose rows a projection copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectionOwner {
    /// Entities of this type, by the schema's index.
    EntityType(usize),
    /// The context of this environment.
    Environment(usize),
}

/// What is wrong with a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectionFault {
    /// The mask is longer than the row's fixed part.
    Length,
    /// The spills are not ascending.
    SpillOrder,
    /// There is no descriptor, or no copied one, at the offset of a spill.
    Spill {
        /// The offset.
        offset: u32,
    },
}

/// Refuses a table that the encoder could not follow, or that would give other rows than the
/// schema's types promise.
pub(crate) fn check(
    table: &GatherTable,
    schema: &Schema,
    layout: &Layout,
) -> Result<(), GatherError> {
    if table.layout != layout.digest {
        return Err(GatherError::Layout { found: table.layout, want: layout.digest });
    }
    if table.entity_types.len() != schema.entity_types.len() {
        let (found, want) = (table.entity_types.len(), schema.entity_types.len());
        return Err(GatherError::EntityTypes { found, want });
    }
    for (index, path) in table.paths.iter().enumerate() {
        check_path(index, *path).map_err(|fault| GatherError::Path { path: index, fault })?;
    }
    let shapes = Shapes::new(schema, layout);
    let entity_types = table.entity_types.iter().zip(&shapes.entity_types).enumerate();
    for (index, (projection, shape)) in entity_types {
        let owner = ProjectionOwner::EntityType(index);
        check_projection(projection, shape)
            .map_err(|fault| GatherError::Projection { owner, fault })?;
    }
    let mut before = None;
    for (index, environment) in table.environments.iter().enumerate() {
        let key = (environment.action, environment.principal_type, environment.resource_type);
        let fault = |fault| GatherError::Environment { environment: index, fault };
        if before.is_some_and(|before| before >= key) {
            return Err(fault(EnvironmentFault::Order));
        }
        before = Some(key);
        let context = check_environment(table, schema, environment).map_err(fault)?;
        let shape =
            item(&shapes.contexts, environment.action).ok_or(fault(EnvironmentFault::Action))?;
        let owner = ProjectionOwner::Environment(index);
        check_projection(context, shape)
            .map_err(|fault| GatherError::Projection { owner, fault })?;
        Walk { table, shapes: &shapes, environment, context: shape, types: Vec::new() }
            .check()
            .map_err(fault)?;
    }
    Ok(())
}

/// Refuses environments that name templates which are not there, among so many.
pub(crate) fn check_templates(table: &GatherTable, count: usize) -> Result<(), GatherError> {
    for (index, environment) in table.environments.iter().enumerate() {
        let mut before = None;
        for &template in &environment.templates {
            if before.is_some_and(|before| before >= template) || to_usize(template) >= count {
                let fault = EnvironmentFault::Template { template };
                return Err(GatherError::Environment { environment: index, fault });
            }
            before = Some(template);
        }
    }
    Ok(())
}

fn check_path(index: usize, path: Path) -> Result<(), PathFault> {
    if (index == 0) != (path == Path::Principal) || (index == 1) != (path == Path::Resource) {
        return Err(PathFault::Position);
    }
    match path {
        Path::Row { of, .. } | Path::Tags { of, .. } if to_usize(of) >= index => {
            Err(PathFault::Forward)
        }
        Path::Principal
        | Path::Resource
        | Path::Context { .. }
        | Path::Row { .. }
        | Path::Literal { .. }
        | Path::Tags { .. } => Ok(()),
    }
}

fn check_projection(projection: &Projection, shape: &RowShape) -> Result<(), ProjectionFault> {
    if projection.mask.len().saturating_mul(8) > to_usize(shape.size) {
        return Err(ProjectionFault::Length);
    }
    let mut before = None;
    for &offset in &projection.spills {
        if before.is_some_and(|before| before >= offset) {
            return Err(ProjectionFault::SpillOrder);
        }
        before = Some(offset);
        if !shape.descriptors.contains(&offset) || !covers(projection, offset, 8) {
            return Err(ProjectionFault::Spill { offset });
        }
    }
    Ok(())
}

/// The projection of the environment's context, if its indexes fit the schema.
fn check_environment<'a>(
    table: &'a GatherTable,
    schema: &Schema,
    environment: &Environment,
) -> Result<&'a Projection, EnvironmentFault> {
    let action = item(&schema.actions, environment.action).ok_or(EnvironmentFault::Action)?;
    let applies = |names: &[String], index| {
        item(&schema.entity_types, index).is_some_and(|ty| names.binary_search(&ty.name).is_ok())
    };
    if !applies(&action.principals, environment.principal_type) {
        return Err(EnvironmentFault::PrincipalType);
    }
    if !applies(&action.resources, environment.resource_type) {
        return Err(EnvironmentFault::ResourceType);
    }
    item(&table.contexts, environment.context).ok_or(EnvironmentFault::Context)
}

/// What the rows of a schema hold where.
struct Shapes {
    entity_types: Vec<RowShape>,
    contexts: Vec<RowShape>,
}

impl Shapes {
    fn new(schema: &Schema, layout: &Layout) -> Self {
        let entity_types = schema.entity_types.iter().zip(&layout.entity_types);
        let contexts = schema.actions.iter().zip(&layout.contexts);
        Self {
            entity_types: entity_types
                .map(|(ty, row)| RowShape::new(schema, row, &ty.attributes, ty.tags.as_ref()))
                .collect(),
            contexts: contexts
                .map(|(action, row)| RowShape::new(schema, row, &action.context, None))
                .collect(),
        }
    }
}

/// Follows the paths of one environment by the types of the entities that they reach.
struct Walk<'a> {
    table: &'a GatherTable,
    shapes: &'a Shapes,
    environment: &'a Environment,
    context: &'a RowShape,
    /// Per path followed, its index and the type it reaches, where the table tells it.
    types: Vec<(u32, Option<u32>)>,
}

impl Walk<'_> {
    fn check(mut self) -> Result<(), EnvironmentFault> {
        for &path in &self.environment.paths {
            if self.types.last().is_some_and(|(before, _)| *before >= path) {
                return Err(EnvironmentFault::PathOrder);
            }
            let found = item(&self.table.paths, path);
            let reached = match *found.ok_or(EnvironmentFault::PathIndex { path })? {
                Path::Principal => Some(self.environment.principal_type),
                Path::Resource => Some(self.environment.resource_type),
                Path::Literal { .. } => None,
                Path::Context { offset } => {
                    let handle = self.context.handles.get(&offset);
                    Some(*handle.ok_or(EnvironmentFault::PathOffset { path })?)
                }
                Path::Row { of, offset } => self.row(of, path, |shape, projection| {
                    let handle = shape.handles.get(&offset)?;
                    covers(projection, offset, HANDLE_BYTES).then_some(*handle)
                })?,
                Path::Tags { of, offset, stride, handle } => {
                    self.row(of, path, |shape, projection| {
                        let tags = shape.tags.as_ref()?;
                        let is_read = projection.spills.binary_search(&offset).is_ok();
                        let is_there = tags.offset == offset && tags.stride == stride;
                        tags.handles.get(&handle).copied().filter(|_| is_read && is_there)
                    })?
                }
            };
            self.types.push((path, reached));
        }
        Ok(())
    }

    /// What `find` finds in the rows of path `of`: in its type's, or where the type is unknown,
    /// in any type's, and then the type that is reached is unknown too.
    fn row(
        &self,
        of: u32,
        path: u32,
        find: impl Fn(&RowShape, &Projection) -> Option<u32>,
    ) -> Result<Option<u32>, EnvironmentFault> {
        let start = self.types.binary_search_by_key(&of, |(path, _)| *path);
        let start = start.ok().and_then(|index| self.types.get(index));
        let (_, start) = start.ok_or(EnvironmentFault::PathStart { path })?;
        let mut rows = self.shapes.entity_types.iter().zip(&self.table.entity_types);
        let fault = EnvironmentFault::PathOffset { path };
        match start {
            Some(ty) => {
                let row = rows.nth(to_usize(*ty));
                row.and_then(|(shape, projection)| find(shape, projection)).ok_or(fault).map(Some)
            }
            None if rows.any(|(shape, projection)| find(shape, projection).is_some()) => Ok(None),
            None => Err(fault),
        }
    }
}

fn item<T>(items: &[T], index: u32) -> Option<&T> {
    items.get(to_usize(index))
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Position => "is not the principal as path 0 and the resource as path 1 must be",
            Self::Forward => "starts from itself or a later path",
        })
    }
}

impl fmt::Display for EnvironmentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order => f.write_str("is out of order"),
            Self::Action => f.write_str("has an action that the schema does not declare"),
            Self::PrincipalType => f.write_str("has a principal that its action does not take"),
            Self::ResourceType => f.write_str("has a resource that its action does not take"),
            Self::Context => f.write_str("has a context that the table does not hold"),
            Self::PathOrder => f.write_str("has paths out of order"),
            Self::PathIndex { path } => write!(f, "has the path {path}, which does not exist"),
            Self::PathStart { path } => write!(f, "has the path {path} but not where it starts"),
            Self::PathOffset { path } => {
                write!(f, "has the path {path}, which finds no copied handle")
            }
            Self::Template { template } => {
                write!(f, "has the template {template}, out of order or of no policy")
            }
        }
    }
}

impl fmt::Display for ProjectionOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntityType(index) => write!(f, "entity type {index}"),
            Self::Environment(index) => write!(f, "the context of environment {index}"),
        }
    }
}

impl fmt::Display for ProjectionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("is longer than the row"),
            Self::SpillOrder => f.write_str("has spills out of order"),
            Self::Spill { offset } => write!(f, "spills at {offset}, where nothing is to spill"),
        }
    }
}
