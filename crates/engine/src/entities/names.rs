//! Uids with their handles, each kept once.

use std::collections::HashMap;
use std::sync::Arc;

use trapkey_abi::{EntityUid, Handle};

use super::EntitiesError;
use super::Table;

/// A uid and its handle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    // INVARIANT: `handle` is that of `uid`, but for tests of collisions.
    pub(super) uid: EntityUid,
    pub(super) handle: Handle,
}

impl Identity {
    pub(super) fn new(uid: EntityUid) -> Self {
        let handle = uid.handle();
        Self { uid, handle }
    }
}

/// The names in one change of a store.
pub(super) struct Names<'s> {
    stored: &'s Table,
    seen: HashMap<Handle, Arc<Identity>>,
}

impl<'s> Names<'s> {
    pub(super) fn new(stored: &'s Table) -> Self {
        Self { stored, seen: HashMap::new() }
    }

    /// The shared copy of `identity`.
    pub(super) fn share(&mut self, identity: Identity) -> Result<Arc<Identity>, EntitiesError> {
        let stored = || self.stored.get(identity.handle).map(|entity| &entity.facts.identity);
        match self.seen.get(&identity.handle).or_else(stored) {
            Some(known) if known.uid == identity.uid => Ok(Arc::clone(known)),
            Some(known) => {
                let first = known.uid.clone();
                Err(EntitiesError::HandleCollision { first, second: identity.uid })
            }
            None => {
                let identity = Arc::new(identity);
                self.seen.insert(identity.handle, Arc::clone(&identity));
                Ok(identity)
            }
        }
    }

    /// The shared copies of `uids`, ascending by handle, each once.
    pub(super) fn share_all(
        &mut self,
        uids: impl IntoIterator<Item = EntityUid>,
    ) -> Result<Box<[Arc<Identity>]>, EntitiesError> {
        let mut identities = uids
            .into_iter()
            .map(|uid| self.share(Identity::new(uid)))
            .collect::<Result<Vec<_>, _>>()?;
        identities.sort_unstable_by_key(|identity| identity.handle);
        identities.dedup_by_key(|identity| identity.handle);
        Ok(identities.into_boxed_slice())
    }
}
