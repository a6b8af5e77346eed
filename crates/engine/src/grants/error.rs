//! Why a grant is refused.

use std::fmt;
use std::time::Duration;

use trapkey_abi::EntityUid;

use super::{APPROVERS_MAX, GRANT_TEXT_BYTES_MAX};
use crate::Datetime;

/// A slot of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotName {
    /// `?principal`
    Principal,
    /// `?resource`
    Resource,
}

impl fmt::Display for SlotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Principal => "?principal",
            Self::Resource => "?resource",
        })
    }
}

/// Why a grant was refused; the grants are as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// There is no policy set yet.
    #[error("nothing is published")]
    NothingPublished,
    /// A text is too long.
    #[error("the grant's {what} is {len} bytes, the limit is {GRANT_TEXT_BYTES_MAX}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// There are too many approvers.
    #[error("the grant has {len} approvers, the limit is {APPROVERS_MAX}")]
    TooManyApprovers {
        /// How many there are.
        len: usize,
    },
    /// A grant with this id is held.
    #[error("a grant `{id}` is held already")]
    Duplicate {
        /// The id.
        id: String,
    },
    /// The policy set has no policy with this id.
    #[error("the policy set has no template `{template}`")]
    UnknownTemplate {
        /// The id.
        template: String,
    },
    /// The policy with this id is no template.
    #[error("policy `{policy}` is not a template")]
    NotATemplate {
        /// The id.
        policy: String,
    },
    /// A slot of the template is not filled.
    #[error("template `{template}` has a slot {slot}, the grant fills none")]
    MissingSlot {
        /// The template's id.
        template: String,
        /// The slot.
        slot: SlotName,
    },
    /// A slot is filled that the template does not have.
    #[error("template `{template}` has no slot {slot}, the grant fills one")]
    ExtraSlot {
        /// The template's id.
        template: String,
        /// The slot.
        slot: SlotName,
    },
    /// No request can match an entity of this type in a slot.
    #[error("{slot} is a `{found}`, the template admits `{}`", admitted.join("` or `"))]
    SlotType {
        /// The slot.
        slot: SlotName,
        /// The entity's type.
        found: String,
        /// The types that the template admits, sorted.
        admitted: Vec<String>,
    },
    /// There is no such entity.
    #[error("{slot} is {uid}, which is not among the entities")]
    UnknownEntity {
        /// The slot.
        slot: SlotName,
        /// The entity.
        uid: EntityUid,
    },
    /// The grant begins when it is over, or later.
    #[error("the grant ends at {} ms and begins at {} ms", expires.0, not_before.0)]
    NeverBegins {
        /// When it begins.
        not_before: Datetime,
        /// When it ends.
        expires: Datetime,
    },
    /// The grant is over.
    #[error("the grant ended at {} ms, it is {} ms", expires.0, now.0)]
    Expired {
        /// When it ended.
        expires: Datetime,
        /// The latest time that the engine was given.
        now: Datetime,
    },
    /// An approver asked for the grant, or is the principal that it is for.
    #[error("{approver} approves a grant of its own")]
    SelfApproved {
        /// The approver.
        approver: EntityUid,
    },
    /// An approver is named twice.
    #[error("{approver} approves twice")]
    RepeatedApprover {
        /// The approver.
        approver: EntityUid,
    },
    /// A break-glass grant lacks approvers.
    #[error("a break-glass grant needs {wanted} approvers, it has {found}")]
    TooFewApprovers {
        /// How many there are.
        found: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// A break-glass grant has no ticket.
    #[error("a break-glass grant needs a ticket")]
    NoTicket,
    /// A break-glass grant has no reason.
    #[error("a break-glass grant needs a reason")]
    NoReason,
    /// A break-glass grant lasts too long.
    #[error("the grant lasts {lasts:?}, its template admits {longest:?}")]
    LastsTooLong {
        /// How long it lasts.
        lasts: Duration,
        /// How long it may last.
        longest: Duration,
    },
    /// A break-glass grant begins at once, and the engine was never given the time.
    #[error("nothing says what time it is when the grant begins")]
    NoClock,
    /// As many grants are held as there may be.
    #[error("{max} grants are held already")]
    TooMany {
        /// How many there may be.
        max: usize,
    },
    /// As many grants of one entity are held as there may be.
    #[error("{max} grants of {uid} are held already")]
    TooManyOfEntity {
        /// The entity.
        uid: EntityUid,
        /// How many there may be.
        max: usize,
    },
}
