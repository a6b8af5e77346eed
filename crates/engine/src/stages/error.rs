//! Why a stage was not changed.

use trapkey_abi::EntityUid;

use super::STAGE_TEXT_BYTES_MAX;

/// Why a scope is not observed; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// No bundle has been published, so there is nothing to observe.
    #[error("nothing is published")]
    NothingPublished,
    /// A name or a text of the order is empty or too long.
    #[error("`{what}` has {bytes} bytes, it must have 1 to {STAGE_TEXT_BYTES_MAX}")]
    Text {
        /// Which text.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// [`Options::safety_actions`](crate::Options::safety_actions) does not say which operations
    /// touch safety, so that they could be observed by mistake.
    #[error("the option `safety_actions` does not say which operations touch safety")]
    SafetyUndeclared,
    /// The published schema has no such action or group; one that touches safety included.
    #[error("the schema has no action `{action}`")]
    UnknownAction {
        /// The action.
        action: EntityUid,
    },
    /// The published schema has no such entity type.
    #[error("the schema has no entity type for `{resource}`")]
    UnknownResource {
        /// The resource.
        resource: EntityUid,
    },
    /// All operations of the scope touch safety.
    #[error("every operation of `{action}` touches safety")]
    Safety {
        /// The action or group.
        action: EntityUid,
    },
    /// A scope of this name is observed.
    #[error("scope `{scope}` is observed already")]
    AlreadyObserved {
        /// Its name.
        scope: String,
    },
    /// Enough scopes are observed.
    #[error("{scopes_max} scopes are observed already")]
    TooMany {
        /// How many there can be.
        scopes_max: usize,
    },
}

/// Why a scope is not enforced; decisions are made as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnforceError {
    /// A text of the order is empty or too long.
    #[error("`{what}` has {bytes} bytes, it must have 1 to {STAGE_TEXT_BYTES_MAX}")]
    Text {
        /// Which text.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// No scope of this name is observed.
    #[error("scope `{scope}` is not observed")]
    NotObserved {
        /// The name.
        scope: String,
    },
    /// Enforcing it would deny what nobody has explained. This is recorded.
    #[error("{unexplained} would-denies of scope `{scope}` are not explained")]
    Unexplained {
        /// Its name.
        scope: String,
        /// How many there are, those that were dropped included.
        unexplained: u64,
    },
}

/// Why a would-deny was not explained; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WouldDenyError {
    /// A text of the order is empty or too long.
    #[error("`{what}` has {bytes} bytes, it must have 1 to {STAGE_TEXT_BYTES_MAX}")]
    Text {
        /// Which text.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// There is none with this id, or no longer.
    #[error("there is no would-deny {id}")]
    Unknown {
        /// The id.
        id: u64,
    },
}
