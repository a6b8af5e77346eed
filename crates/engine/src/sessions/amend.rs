//! Changes to facts, sessions and grants that belong together: all of them, or none.

use trapkey_abi::{EntityUid, Value};

use crate::{Datetime, FactsError};

use super::update::Updates;
use super::{Sessions, SubjectKey, UpdateError};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// An attribute of a stored entity gets another value.
    Attribute {
        /// The entity.
        entity: EntityUid,
        /// The attribute's name.
        attribute: String,
        /// Its value from now on.
        value: Value,
    },
    /// An attribute of the context of all sessions of a subject gets another value, as by
    /// [`Sessions::update`].
    Context {
        /// The subject.
        key: SubjectKey,
        /// Path of the attribute.
        path: String,
        /// Its value from now on.
        value: Value,
    },
    /// All sessions of a subject are revoked, as by [`Sessions::revoke`].
    RevokeSessions {
        /// The subject, which must have a session, or be a principal that is stored or has a grant.
        key: SubjectKey,
        /// Why.
        reason: String,
    },
    /// All grants of a principal are revoked, as by [`Engine::revoke_principal`](crate::Engine::revoke_principal).
    RevokeGrants {
        /// The principal, which must be stored or have a grant.
        principal: EntityUid,
    },
}

/// Why nothing was amended; all is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AmendError {
    /// No such entity is stored.
    #[error("the entity `{entity}` is unknown")]
    UnknownEntity {
        /// The entity.
        entity: EntityUid,
    },
    /// No session of the subject is open.
    #[error("the {key} has no session")]
    UnknownSubject {
        /// The subject.
        key: SubjectKey,
    },
    /// The context of a session was not updated.
    #[error("the context of sessions was not updated")]
    Context(#[source] UpdateError),
    /// The facts were not changed.
    #[error("the facts were not changed")]
    Facts(#[source] FactsError),
}

impl Sessions {
    /// Makes all changes, or none: facts and grants in the engine of these sessions, contexts and
    /// revocations here. The next poll decides again what they concern.
    ///
    /// # Errors
    ///
    /// [`AmendError`] of the first change that cannot be made, attributes of entities last.
    pub fn amend(&mut self, now: Datetime, amendments: &[Amendment]) -> Result<(), AmendError> {
        let now = self.reach(now);
        let mut updates = Updates::new();
        let mut values = Vec::new();
        for amendment in amendments {
            match amendment {
                Amendment::Attribute { entity, attribute, value } => {
                    values.push((entity, attribute.as_str(), value));
                }
                Amendment::Context { key, path, value } => {
                    self.known(key)?;
                    let update = (key, path.as_str(), value);
                    self.plan(now, update, &mut updates).map_err(AmendError::Context)?;
                }
                Amendment::RevokeSessions { key, .. } => match key {
                    // Its grants may be revoked with its sessions, whether it has any or not.
                    SubjectKey::Principal(principal) if self.holds(principal) => {}
                    SubjectKey::Principal(_)
                    | SubjectKey::Device(_)
                    | SubjectKey::Credential(_)
                    | SubjectKey::Session(_) => self.known(key)?,
                },
                Amendment::RevokeGrants { principal } => {
                    if !self.holds(principal) {
                        return Err(AmendError::UnknownEntity { entity: principal.clone() });
                    }
                }
            }
        }
        if !values.is_empty() {
            self.engine.amend(&values)?;
        }
        // From here on nothing can fail.
        self.commit(now, updates);
        for amendment in amendments {
            match amendment {
                Amendment::Attribute { .. } | Amendment::Context { .. } => {}
                Amendment::RevokeSessions { key, reason } => {
                    self.revoke(key, reason);
                }
                Amendment::RevokeGrants { principal } => {
                    self.engine.revoke_principal(principal);
                }
            }
        }
        Ok(())
    }

    fn known(&self, key: &SubjectKey) -> Result<(), AmendError> {
        if self.of(key).next().is_none() {
            return Err(AmendError::UnknownSubject { key: key.clone() });
        }
        Ok(())
    }

    /// Whether a principal is a stored entity or has a grant.
    fn holds(&self, principal: &EntityUid) -> bool {
        let entities = self.engine.entities();
        entities.is_some_and(|entities| entities.get(principal).is_some())
            || self.engine.has_grants_of(principal)
    }
}
