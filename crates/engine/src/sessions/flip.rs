//! What a poll hands over.

use trapkey_abi::Handle;

use crate::{AdvanceError, Decision};

use super::SessionId;

/// A session whose decision is no longer what it was, or that has ended.
#[derive(Clone, Debug)]
pub struct Flip {
    /// The session.
    pub session: SessionId,
    /// What was decided before.
    pub before: Decision,
    /// What is decided now; `None` if the session has ended whatever would be decided.
    pub after: Option<Decision>,
    /// What made it flip.
    pub cause: Cause,
    /// Whether the session is closed by this.
    pub is_over: bool,
}

/// Why a session was looked at; the first of several that is named here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// It was revoked.
    Revoked {
        /// Why, in the words of the one who revoked it.
        reason: String,
    },
    /// It is older than its terms allow.
    Aged,
    /// It was unused for longer than its terms allow.
    Idle,
    /// An obligation was not acknowledged in time.
    Unacknowledged {
        /// Name of the obligation.
        obligation: String,
    },
    /// Its request cannot be moved to the present.
    Clock(AdvanceError),
    /// Another module is live.
    Published,
    /// Any of the facts may be others: they were replaced, or too much has changed to tell.
    Facts,
    /// An entity that it depends on has changed, come into being, or is gone.
    Entity(Handle),
    /// A grant that may matter was made, has changed, or is gone.
    Grant,
    /// Its context was updated.
    Context,
    /// Its horizon has come.
    Horizon,
}
