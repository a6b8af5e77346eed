//! Security events of OpenID CAEP and SSF: tokens are verified, mapped and applied.
//!
//! A [`Receiver`] verifies a security event token (RFC 8417) and refuses what it has seen. A
//! [`Mapping`], which the operator declares, says what each event does to facts, sessions and
//! grants. A [`Timeline`] keeps older events from overwriting newer ones. Nothing here fetches keys
//! or tokens, and nothing reads a clock: the host gives tokens, keys and the time.

mod json;
mod mapping;
mod receiver;
mod set;
mod subject;
mod timeline;

pub use mapping::{EFFECTS_MAX, MAPPING_BYTES_MAX, Mapping, MappingError, ResolveError};
pub use receiver::{
    Algorithm, EventError, KEYS_BYTES_MAX, KEYS_MAX, KeysError, Receiver, ReceiverLimits, Trusted,
};
pub use set::{Event, EventType, VerifiedSet};
pub use subject::{Format, Identifier, Member, Subject};
pub use timeline::{ApplyError, Dated, Timeline};
