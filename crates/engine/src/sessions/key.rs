//! What sessions are named by.

use std::fmt;
use std::sync::Arc;

use trapkey_abi::EntityUid;

use crate::Request;

use super::OpenSessionError;

/// Bytes of one key of a session.
pub const SESSION_KEY_BYTES_MAX: usize = 1024;

/// Names one session; no other session of its table ever has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    // INVARIANT: no other session than the one that was opened with this id has its `ordinal`.
    ordinal: u64,
    place: u32,
}

impl SessionId {
    pub(super) fn new(place: u32, ordinal: u64) -> Self {
        Self { ordinal, place }
    }

    /// The id as plain numbers, for hosts in other languages.
    pub fn to_words(self) -> [u64; 2] {
        [self.ordinal, u64::from(self.place)]
    }

    /// The id that [`SessionId::to_words`] gave. From other numbers comes an id that no session has,
    /// or that of another.
    pub fn from_words([ordinal, place]: [u64; 2]) -> Self {
        // A place that no table has is that of no session either.
        Self { ordinal, place: u32::try_from(place).unwrap_or(u32::MAX) }
    }

    pub(super) fn place(self) -> u32 {
        self.place
    }

    pub(super) fn ordinal(self) -> u64 {
        self.ordinal
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.ordinal, f)
    }
}

/// What a session can be found by, beside its principal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionKeys {
    /// The device that is used.
    pub device: Option<String>,
    /// The credential that was presented.
    pub credential: Option<String>,
    /// The session's name outside this engine, as at the identity provider.
    pub session: Option<String>,
}

/// A subject that events are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKey {
    /// The principal of the request.
    Principal(EntityUid),
    /// A device.
    Device(String),
    /// A credential.
    Credential(String),
    /// A session by its name outside this engine.
    Session(String),
}

impl SubjectKey {
    fn len(&self) -> usize {
        match self {
            Self::Principal(uid) => uid.type_name.len().saturating_add(uid.id.len()),
            Self::Device(name) | Self::Credential(name) | Self::Session(name) => name.len(),
        }
    }
}

impl fmt::Display for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(uid) => write!(f, "principal `{uid}`"),
            Self::Device(name) => write!(f, "device `{name}`"),
            Self::Credential(name) => write!(f, "credential `{name}`"),
            Self::Session(name) => write!(f, "session `{name}`"),
        }
    }
}

impl SessionKeys {
    /// All keys of a session for `request`.
    pub(super) fn subject_keys(
        self,
        request: &Request,
    ) -> Result<Box<[Arc<SubjectKey>]>, OpenSessionError> {
        let Self { device, credential, session } = self;
        let principal = SubjectKey::Principal(request.principal().uid().clone());
        let keys = [
            Some(principal),
            device.map(SubjectKey::Device),
            credential.map(SubjectKey::Credential),
            session.map(SubjectKey::Session),
        ];
        let keys = keys.into_iter().flatten().map(|key| match key.len() {
            ..=SESSION_KEY_BYTES_MAX => Ok(Arc::new(key)),
            len => Err(OpenSessionError::KeyTooLong { len }),
        });
        keys.collect()
    }
}
