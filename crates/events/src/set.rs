//! What a verified token says.

use serde::Deserialize;
use serde_json::{Map, Value};
use trapkey_engine::Datetime;

use crate::Subject;

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventType {
    /// CAEP: a session has been revoked.
    SessionRevoked,
    /// CAEP: claims of a token have changed.
    TokenClaimsChange,
    /// CAEP: a credential was created, changed, revoked or deleted.
    CredentialChange,
    /// CAEP: how sure the issuer is of the user.
    AssuranceLevelChange,
    /// CAEP: whether a device complies.
    DeviceComplianceChange,
    /// CAEP: a session was established.
    SessionEstablished,
    /// CAEP: a session was seen.
    SessionPresented,
    /// CAEP: the risk of a subject.
    RiskLevelChange,
    /// SSF: the transmitter tries the stream; it has no effect.
    Verification,
}

impl EventType {
    /// The type that a URI names.
    pub fn of(uri: &str) -> Option<Self> {
        if uri == "https://schemas.openid.net/secevent/ssf/event-type/verification" {
            return Some(Self::Verification);
        }
        Some(match uri.strip_prefix("https://schemas.openid.net/secevent/caep/event-type/")? {
            "session-revoked" => Self::SessionRevoked,
            "token-claims-change" => Self::TokenClaimsChange,
            "credential-change" => Self::CredentialChange,
            "assurance-level-change" => Self::AssuranceLevelChange,
            "device-compliance-change" => Self::DeviceComplianceChange,
            "session-established" => Self::SessionEstablished,
            "session-presented" => Self::SessionPresented,
            "risk-level-change" => Self::RiskLevelChange,
            _ => return None,
        })
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its kind.
    pub event_type: EventType,
    /// When it happened, not after the token was issued.
    pub at: Datetime,
    /// All that it says.
    pub fields: Map<String, Value>,
}

/// A token whose signature, issuer, audience and time are right, and that was not seen before.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedSet {
    // INVARIANT: made by a receiver alone.
    pub(crate) issuer: String,
    pub(crate) id: String,
    pub(crate) issued_at: Datetime,
    pub(crate) subject: Subject,
    pub(crate) event: Event,
}

impl VerifiedSet {
    /// Who issued it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its `jti`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was issued.
    pub fn issued_at(&self) -> Datetime {
        self.issued_at
    }

    /// Who or what it is about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }
}
