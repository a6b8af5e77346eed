//! Why requests are refused.

use std::fmt;

use trapkey_abi::{EntityUid, RowError};

use super::REQUEST_BYTES_MAX;
use crate::json::{Found, JsonError, ValueError};
use crate::uid::UidError;

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestField {
    /// The principal.
    Principal,
    /// The action.
    Action,
    /// The resource.
    Resource,
    /// The context.
    Context,
}

impl RequestField {
    /// The field's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Context => "context",
        }
    }
}

impl fmt::Display for RequestField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The text exceeds [`REQUEST_BYTES_MAX`].
    #[error("request is {len} bytes, the limit is {REQUEST_BYTES_MAX}")]
    TooLarge {
        /// Length of the refused text, in bytes.
        len: usize,
    },
    /// The text is not JSON.
    #[error("unreadable JSON")]
    Json(#[source] JsonError),
    /// The text is JSON of something else.
    #[error("expected a request as an object, found {found}")]
    NotAnObject {
        /// What was found.
        found: Found,
    },
    /// The context is not an object.
    #[error("expected the context as an object, found {found}")]
    NotAContext {
        /// What was found.
        found: Found,
    },
    /// A request has no such field.
    #[error("a request has no field `{name}`")]
    UnknownField {
        /// Name of the field.
        name: String,
    },
    /// A part of the request is missing.
    #[error("the {field} is missing")]
    Missing {
        /// The part.
        field: RequestField,
    },
    /// The text of a uid cannot be read.
    #[error("unreadable {field}")]
    Uid {
        /// The part.
        field: RequestField,
        /// What is wrong with the text.
        source: UidError,
    },
    /// A value cannot be read.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The schema declares no such action.
    #[error("the schema declares no action `{uid}`")]
    UnknownAction {
        /// The action.
        uid: EntityUid,
    },
    /// The schema declares no such entity type.
    #[error("the schema does not declare the type of the {field} `{uid}`")]
    UnknownType {
        /// Principal or resource.
        field: RequestField,
        /// Its uid.
        uid: EntityUid,
    },
    /// The action does not apply to entities of this type.
    #[error("`{action}` does not apply to entities of the type of the {field} `{uid}`")]
    TypeNotAllowed {
        /// Principal or resource.
        field: RequestField,
        /// Its uid.
        uid: EntityUid,
        /// The action.
        action: EntityUid,
    },
    /// An enumerated entity type has no such id.
    #[error("the enumerated type of the {field} `{uid}` has no such id")]
    UnknownId {
        /// Principal or resource.
        field: RequestField,
        /// Its uid.
        uid: EntityUid,
    },
    /// An attribute of the context was given twice.
    #[error("the attribute `{name}` was given twice")]
    RepeatedAttribute {
        /// Name of the attribute.
        name: String,
    },
    /// The context does not conform to the action.
    #[error("the context does not conform to the schema")]
    Context(#[source] RowError),
}
