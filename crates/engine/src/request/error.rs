//! Why requests are refused.

use std::fmt;

use trapkey_abi::{EntityUid, LayoutDigest, RowError, Type};

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
    /// The request to be filled was made for another action or another layout.
    #[error("the request to be filled is not one of `{action}` for the layout {layout}")]
    OtherRequest {
        /// Action of the struct.
        action: EntityUid,
        /// Layout of the struct.
        layout: LayoutDigest,
    },
    /// The context does not conform to the action.
    #[error("the context does not conform to the schema")]
    Context(#[source] RowError),
}

/// Why an entity cannot be principal or resource of any request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartyError {
    /// The schema declares no such entity type.
    #[error("the schema does not declare the type of `{uid}`")]
    UnknownType {
        /// The entity.
        uid: EntityUid,
    },
    /// An enumerated entity type has no such id.
    #[error("the enumerated type of `{uid}` has no such id")]
    UnknownId {
        /// The entity.
        uid: EntityUid,
    },
}

/// Why a slot was not resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// The schema declares no such action.
    #[error("the schema declares no action `{uid}`")]
    UnknownAction {
        /// The action.
        uid: EntityUid,
    },
    /// The context, or a record in it, has no such attribute.
    #[error("the context has no attribute `{path}`")]
    UnknownAttribute {
        /// The path as far as the first name that is not there.
        path: String,
    },
    /// The path leads through an attribute that is no record.
    #[error("`{path}` is of type {found}, expected a record")]
    NotARecord {
        /// The path to that attribute.
        path: String,
        /// Its declared type.
        found: Type,
    },
    /// The attribute has another type than the slot.
    #[error("`{path}` is of type {declared}, the slot of type {asked}")]
    WrongType {
        /// The path.
        path: String,
        /// The attribute's declared type.
        declared: Type,
        /// The slot's type, in the words of schemas.
        asked: String,
    },
}

/// Why a request was not changed; it is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// What is to be set was resolved for another layout than the request.
    #[error("resolved for the layout {resolved}, the request is of the layout {request}")]
    Stale {
        /// The layout of the slot or the entity.
        resolved: LayoutDigest,
        /// The request's layout.
        request: LayoutDigest,
    },
    /// The slot belongs to the context of another action.
    #[error("resolved for the action `{action}`, the request is of another")]
    WrongAction {
        /// The slot's action.
        action: EntityUid,
    },
    /// Principal and resource keep their types.
    #[error("the {field} `{uid}` is not of the type {want}: build another request for it")]
    OtherType {
        /// Principal or resource.
        field: RequestField,
        /// The entity that was given.
        uid: EntityUid,
        /// Type of the entity that the request has.
        want: String,
    },
    /// The value does not conform to the attribute.
    #[error("the context would not conform to the schema")]
    Context(#[source] RowError),
}

/// Why typed requests cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// The types were generated from another schema than the published one.
    #[error("generated from `{schema}` with the layout {generated}, published is {published}")]
    OtherSchema {
        /// Name of the schema that the types were generated from.
        schema: &'static str,
        /// Its layout.
        generated: LayoutDigest,
        /// The published layout.
        published: LayoutDigest,
    },
    /// The schema declares no such action.
    #[error("the schema declares no action `{uid}`")]
    UnknownAction {
        /// The action.
        uid: EntityUid,
    },
}
