//! Why sessions are refused.

use trapkey_abi::EntityUid;

use crate::{AdvanceError, DecideError, Decision, SetError};

use super::{SESSION_KEY_BYTES_MAX, SessionId, SubjectKey};

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenSessionError {
    /// A key exceeds [`SESSION_KEY_BYTES_MAX`].
    #[error("key is {len} bytes, the limit is {SESSION_KEY_BYTES_MAX}")]
    KeyTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// There are as many sessions as there may be.
    #[error("{max} sessions are open, which is the limit")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// The subject has as many sessions as it may have.
    #[error("the {key} has {max} sessions, which is the limit")]
    TooManyOfSubject {
        /// The subject.
        key: SubjectKey,
        /// The limit.
        max: usize,
    },
    /// Another session holds the lock.
    #[error("`{entity}` is held by the session {by}")]
    Locked {
        /// What is to be held.
        entity: EntityUid,
        /// The session that holds it.
        by: SessionId,
    },
    /// The request cannot be moved to the present.
    #[error("the request cannot be moved to the present")]
    Advance(#[source] AdvanceError),
    /// The decision is deny.
    #[error("the request is denied")]
    Denied(Box<Decision>),
}

/// Why a session cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is closed.
    #[error("the session {id} is closed")]
    Closed {
        /// The session.
        id: SessionId,
    },
    /// It is revoked; the next poll closes it.
    #[error("the session {id} is revoked")]
    Revoked {
        /// The session.
        id: SessionId,
    },
    /// It has to be decided again, or to end, by a poll.
    #[error("the session {id} is overdue")]
    Overdue {
        /// The session.
        id: SessionId,
    },
    /// Its request can no longer be decided.
    #[error("the request of the session {id} cannot be decided")]
    Undecidable {
        /// The session.
        id: SessionId,
        /// Why not.
        source: DecideError,
    },
}

/// Why an obligation was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcknowledgeError {
    /// The session cannot be used.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The decision has no such obligation.
    #[error("the decision has no obligation `{obligation}`")]
    NotAnObligation {
        /// The name that was given.
        obligation: String,
    },
}

/// Why the context of sessions was not updated; all are as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// No session of the subject has such an attribute.
    #[error("no session of the {key} has the attribute `{path}` in its context")]
    UnknownAttribute {
        /// The subject.
        key: SubjectKey,
        /// The path.
        path: String,
    },
    /// The value does not conform to the attribute.
    #[error("the attribute `{path}` cannot be set")]
    Set {
        /// The path.
        path: String,
        /// Why not.
        source: SetError,
    },
}
