//! The mapping: from what a proxy sees of a request to principal, action, resource and context.

mod file;
mod plan;
mod template;

use trapkey_abi::Schema;
use trapkey_guest::plan::{Adapter, Identity, PolicyNote};

use file::MappingFile;

/// Bytes of a mapping at most.
pub const MAPPING_BYTES_MAX: usize = 1024 * 1024;

/// Principals, routes or functions of a mapping at most.
pub const MAPPING_RULES_MAX: usize = 4_096;

/// A mapping as it is written; it is checked against the schema when a filter is built.
#[derive(Clone, Debug)]
pub struct Mapping {
    file: MappingFile,
}

/// Why a mapping is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The text is too long.
    #[error("the mapping is {len} bytes, at most {MAPPING_BYTES_MAX} are read")]
    TooLarge {
        /// Its bytes.
        len: usize,
    },
    /// The text is not the TOML that a mapping is.
    #[error("unreadable mapping")]
    Toml(#[source] toml::de::Error),
    /// A part contradicts the schema or itself.
    #[error("{place}: {kind}")]
    Part {
        /// Which part, as `route 2, context modbus.unit`.
        place: String,
        /// What is wrong there.
        kind: MappingErrorKind,
    },
}

/// What is wrong with a part of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingErrorKind {
    /// Nothing says who asks.
    #[error("no principal is described")]
    NoPrincipal,
    /// Nothing says what is asked.
    #[error("no {wanted} is described, and the adapter is `{adapter}`")]
    NoQuestion {
        /// What is missing: `route` or `function`.
        wanted: &'static str,
        /// The adapter.
        adapter: &'static str,
    },
    /// There are parts for the other adapter.
    #[error("a {found} is described, but the adapter is `{adapter}`")]
    OtherAdapter {
        /// What there is: `route` or `function`.
        found: &'static str,
        /// The adapter.
        adapter: &'static str,
    },
    /// There are too many rules.
    #[error("{len} rules, at most {MAPPING_RULES_MAX} are read")]
    TooMany {
        /// How many.
        len: usize,
    },
    /// A principal is described by both or neither of its forms.
    #[error("a principal has either `spiffe` or `header`")]
    PrincipalForm,
    /// The schema has no such entity type.
    #[error("the schema has no entity type `{name}`")]
    UnknownType {
        /// The name.
        name: String,
    },
    /// The schema has no such action.
    #[error("the schema has no action `{name}`")]
    UnknownAction {
        /// The name.
        name: String,
    },
    /// Several actions have this id.
    #[error("several actions have the id `{name}`, name one as `Namespace::Action::\"{name}\"`")]
    AmbiguousAction {
        /// The id.
        name: String,
    },
    /// The action does not apply to the resource's type.
    #[error("the action does not apply to resources of type `{name}`")]
    WrongResource {
        /// The type.
        name: String,
    },
    /// No principal that is described may take the action.
    #[error("the action applies to no type of principal that is described")]
    WrongPrincipal,
    /// The context has no such attribute.
    #[error("the context has no attribute `{path}`")]
    UnknownAttribute {
        /// Its dotted name.
        path: String,
    },
    /// A required attribute has no source.
    #[error("the required attribute `{path}` has no source")]
    NoSource {
        /// Its dotted name.
        path: String,
    },
    /// The source cannot give a value of the attribute's type.
    #[error("a {source_kind} cannot give a value of type {want}")]
    WrongSource {
        /// What the source is.
        source_kind: &'static str,
        /// The declared type.
        want: String,
    },
    /// A source is described by several forms, by none, or by one that does not exist.
    #[error("no source: `{text}`")]
    UnknownSource {
        /// What is written.
        text: String,
    },
    /// A text has a part that cannot be had here.
    #[error("`{{{name}}}` is not known here")]
    UnknownPiece {
        /// What is between the braces.
        name: String,
    },
    /// A text has a brace without its other.
    #[error("a brace of `{text}` has no other")]
    Brace {
        /// The text.
        text: String,
    },
    /// A template is not a path as this filter accepts it.
    #[error("`{text}` is no path template: {why}")]
    Path {
        /// The template.
        text: String,
        /// Why not.
        why: &'static str,
    },
    /// A SPIFFE id is not one.
    #[error("`{text}` is no template of a SPIFFE id: {why}")]
    Spiffe {
        /// The template.
        text: String,
        /// Why not.
        why: &'static str,
    },
    /// A name is no header's, or one that requests may not be judged by.
    #[error("`{name}` cannot be used as a header")]
    Header {
        /// The name.
        name: String,
    },
    /// A method is none.
    #[error("`{name}` is no method")]
    Method {
        /// What is written.
        name: String,
    },
    /// A host is none.
    #[error("`{name}` is no host name in lower case without a port")]
    Host {
        /// What is written.
        name: String,
    },
    /// A function code is none.
    #[error("{code} is no function code, or has a rule of this kind already")]
    Function {
        /// The code.
        code: u8,
    },
    /// The schema's set of ids does not have this one.
    #[error("`{id}` is none of the ids of `{name}`")]
    UnknownId {
        /// The id.
        id: String,
        /// The entity type.
        name: String,
    },
}

/// What a mapping becomes with a schema.
pub(crate) struct Resolved {
    pub(crate) identity: Identity,
    pub(crate) adapter: Adapter,
    pub(crate) observes: bool,
    pub(crate) records_allows: bool,
    /// Whether a source is the time.
    pub(crate) takes_time: bool,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    ///
    /// [`MappingError::TooLarge`], [`MappingError::Toml`]
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(MappingError::TooLarge { len: text.len() });
        }
        let file = toml::from_str(text).map_err(MappingError::Toml)?;
        Ok(Self { file })
    }

    /// Checks the mapping against a schema.
    pub(crate) fn resolve(&self, schema: &Schema) -> Result<Resolved, MappingError> {
        plan::resolve(&self.file, schema)
    }

    /// What the guest has to know of policies.
    pub(crate) fn notes(&self, policies: &[trapkey_abi::Policy]) -> Vec<PolicyNote> {
        policies.iter().map(|policy| plan::note(policy, &self.file.obligations)).collect()
    }
}
