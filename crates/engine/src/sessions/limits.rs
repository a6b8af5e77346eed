//! How many sessions there may be, and how long one may last.

use std::time::Duration;

use trapkey_abi::EntityUid;

use super::SubjectKey;

/// Ceilings of one table of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Sessions that are open at a time. The default is 1,000,000: about three gigabytes with the
    /// plant's contexts.
    pub sessions_max: usize,
    /// Sessions of one principal at a time. There is no limit by default.
    pub per_principal_max: usize,
    /// Sessions on one device at a time. There is no limit by default.
    pub per_device_max: usize,
    /// Sessions with one credential at a time. There is no limit by default.
    pub per_credential_max: usize,
    /// Sessions with one name outside this engine. The default is 1: a name that is in use is
    /// refused.
    pub per_session_max: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            sessions_max: 1_000_000,
            per_principal_max: usize::MAX,
            per_device_max: usize::MAX,
            per_credential_max: usize::MAX,
            per_session_max: 1,
        }
    }
}

impl SessionLimits {
    pub(super) fn max_of(&self, key: &SubjectKey) -> usize {
        match key {
            SubjectKey::Principal(_) => self.per_principal_max,
            SubjectKey::Device(_) => self.per_device_max,
            SubjectKey::Credential(_) => self.per_credential_max,
            SubjectKey::Session(_) => self.per_session_max,
        }
    }
}

/// What one session is opened under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionTerms {
    /// For how long it lasts at most, from its opening on.
    pub age_max: Option<Duration>,
    /// For how long it lasts without [`touch`](super::Sessions::touch).
    pub idle_max: Option<Duration>,
    /// How soon the PEP must acknowledge each obligation of the decision, and of later ones.
    pub acknowledge_within: Option<Duration>,
    /// What no other session may hold meanwhile: the asset of which this session is the one writer.
    pub exclusive: Option<EntityUid>,
    /// Whether the session stays open when its decision becomes deny. It then keeps its keys and its
    /// lock, and is handed over again when it becomes allow.
    pub stays: bool,
}

/// What a table of sessions has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCounts {
    /// Sessions that were opened.
    pub opened: u64,
    /// Decisions, those included that opened a session or refused to.
    pub decided: u64,
    /// Flips and ends that polls handed over.
    pub flipped: u64,
}
