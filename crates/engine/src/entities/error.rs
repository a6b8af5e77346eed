//! Why entities are refused.

use std::fmt;

use trapkey_abi::{EntityUid, RowError};

use super::{ANCESTORS_MAX, ENTITIES_BYTES_MAX, ENTITIES_MAX};
use crate::json::{JsonError, ValueError};

/// Why entities were refused; the store is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntitiesError {
    /// The text exceeds [`ENTITIES_BYTES_MAX`].
    #[error("entities are {len} bytes, the limit is {ENTITIES_BYTES_MAX}")]
    TooLarge {
        /// Length of the refused text, in bytes.
        len: usize,
    },
    /// The store would hold more than [`ENTITIES_MAX`] entities.
    #[error("the store would hold more than {ENTITIES_MAX} entities")]
    TooMany,
    /// The text is not JSON, or not that of entities.
    #[error("unreadable JSON at `{place}`")]
    Json {
        /// The entity that could not be read, as `entities[3]`.
        place: String,
        /// What is wrong, with line and column.
        source: JsonError,
    },
    /// The uid of an entity cannot be read.
    #[error("unreadable uid")]
    Uid(#[source] ValueError),
    /// Entities do not conform to the schema: the first one of a list that was given, or all of a
    /// store under another schema.
    #[error("{}", List(.0))]
    NonConforming(Vec<NonConforming>),
    /// One entity is given twice, with different content.
    #[error("entity `{uid}` at `{place}` was given before with different content")]
    Duplicate {
        /// Where it was given again.
        place: String,
        /// The entity.
        uid: EntityUid,
    },
    /// Two entities have the same handle.
    #[error("`{first}` and `{second}` have the same handle")]
    HandleCollision {
        /// The entity that was there first.
        first: EntityUid,
        /// The other one.
        second: EntityUid,
    },
    /// Entities are their own ancestors.
    #[error("entities are in a cycle: {}", Chain(uids))]
    Cycle {
        /// The entities of one cycle; each is in the next, and the last in the first.
        uids: Vec<EntityUid>,
    },
    /// An action cannot be removed, because it is part of the schema.
    #[error("action `{uid}` is part of the schema")]
    ActionOfSchema {
        /// The action.
        uid: EntityUid,
    },
}

/// What is wrong with one entity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntityError {
    /// The schema declares no such entity type.
    #[error("the schema does not declare its type")]
    UnknownType,
    /// The entity's type is enumerated, and this id is not among its ids.
    #[error("its enumerated type has no such id")]
    UnknownId,
    /// The schema declares no such action.
    #[error("the schema declares no such action")]
    UnknownAction,
    /// An action has attributes, tags or other groups than the schema says.
    #[error("an action must be exactly what the schema declares")]
    ActionMismatch,
    /// The entity would have more ancestors than [`ANCESTORS_MAX`].
    #[error("it has {len} ancestors, the limit is {ANCESTORS_MAX}")]
    TooManyAncestors {
        /// Number of its ancestors.
        len: usize,
    },
    /// A value cannot be read.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// An attribute, tag or ancestor does not conform.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// An entity that does not conform to a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonConforming {
    /// Where it was given, as `entities[3]`, or `store`.
    pub place: String,
    /// Its uid.
    pub uid: EntityUid,
    /// What is wrong with it.
    pub error: EntityError,
}

impl fmt::Display for NonConforming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, uid, error } = self;
        write!(f, "entity `{uid}` at `{place}` does not conform to the schema: {error}")
    }
}

impl From<NonConforming> for EntitiesError {
    fn from(entity: NonConforming) -> Self {
        Self::NonConforming(vec![entity])
    }
}

/// The uids of a cycle, as a chain.
struct Chain<'u>(&'u [EntityUid]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for uid in self.0 {
            write!(f, "`{uid}` in ")?;
        }
        self.0.first().map_or(Ok(()), |uid| write!(f, "`{uid}`"))
    }
}

/// The first of a list, and how many more there are.
struct List<'l>(&'l [NonConforming]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, more)) = self.0.split_first() else {
            return Ok(());
        };
        match more.len() {
            0 => write!(f, "{first}"),
            count => write!(f, "{first} (and {count} more)"),
        }
    }
}
