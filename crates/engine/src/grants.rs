//! Grants: templates that are linked while the engine runs, without a compilation.
//!
//! A grant names a template by its `@id`, fills its slots and says when it ends. It counts from the
//! next decision on. Grants are facts: publications and rollbacks leave them as they are.

mod error;
mod find;
mod report;
mod rules;
mod store;
mod templates;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use trapkey_abi::{EntityUid, Handle, sort_compactly};

use crate::changes::Change;
use crate::{Datetime, Engine};

pub use error::{GrantError, SlotName};
pub use report::BreakGlassUse;
pub use rules::Dormant;

pub(crate) use find::{Asked, Fitting, Found, is_set, set};
pub(crate) use store::{GrantStore, Grants};
pub(crate) use templates::Templates;

/// Bytes that each text of a grant may have: its ids, its reason, its ticket.
pub const GRANT_TEXT_BYTES_MAX: usize = 4096;

/// Approvers that a grant may name.
pub const APPROVERS_MAX: usize = 16;

/// A template with its slots filled, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id, which the host gives; no two grants that are held have the same.
    pub id: String,
    /// The template's `@id`, else Cedar's own id of it.
    pub template: String,
    /// What `?principal` stands for; absent if the template has no such slot.
    pub principal: Option<EntityUid>,
    /// What `?resource` stands for; absent if the template has no such slot.
    pub resource: Option<EntityUid>,
    /// The instant from which on it counts; absent if at once.
    pub not_before: Option<Datetime>,
    /// The first instant at which it no longer counts.
    pub expires: Datetime,
    /// Why it is made.
    pub reason: Option<String>,
    /// The ticket that it belongs to.
    pub ticket: Option<String>,
    /// Who asked for it.
    pub requester: EntityUid,
    /// Who approved it; neither the requester nor the principal that it is for.
    pub approvers: Vec<EntityUid>,
}

/// A grant as the engine holds it.
#[derive(Debug)]
pub(crate) struct StoredGrant {
    // INVARIANT: the handles are those of the grant's entities, `NONE` without; `template` is the
    // key of the grant's template.
    grant: Grant,
    principal: Handle,
    resource: Handle,
    template: Handle,
    /// The longest that it can count, in milliseconds; absent if nothing says when it began.
    lasts: Option<i64>,
    /// Decisions that it determined under a template marked `@breakglass`.
    uses: AtomicU64,
    /// Those of them that were reported.
    reported: AtomicU64,
}

impl StoredGrant {
    fn new(grant: Grant, lasts: Option<i64>) -> Self {
        let handle = |uid: &Option<EntityUid>| uid.as_ref().map_or(Handle::NONE, EntityUid::handle);
        let (principal, resource) = (handle(&grant.principal), handle(&grant.resource));
        let template = templates::key(&grant.template);
        let (uses, reported) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { grant, principal, resource, template, lasts, uses, reported }
    }

    pub(crate) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What becomes another one with it.
    pub(crate) fn change(&self) -> Change {
        let entity = |handle| (handle != Handle::NONE).then_some(handle);
        Change::Grant { principal: entity(self.principal), resource: entity(self.resource) }
    }

    /// Counts a decision that it determined.
    pub(crate) fn count_use(&self) {
        self.uses.fetch_add(1, Ordering::Relaxed);
    }
}

/// A grant that an engine holds, and whether it can count.
#[derive(Clone, Debug)]
pub struct HeldGrant {
    stored: Arc<StoredGrant>,
    dormant: Option<Dormant>,
}

impl HeldGrant {
    /// What was granted.
    pub fn grant(&self) -> &Grant {
        &self.stored.grant
    }

    /// Why it does not count under the live module; `None` if it does in its time.
    pub fn dormant(&self) -> Option<Dormant> {
        self.dormant
    }

    /// Decisions that it determined as break-glass so far.
    pub fn uses(&self) -> u64 {
        self.stored.uses.load(Ordering::Relaxed)
    }
}

impl Engine {
    /// Links a template for a time; it counts from the next decision on. Nothing is compiled: this
    /// costs microseconds, however many grants there are.
    ///
    /// Only decisions at an instant within the grant's time are touched; one whose request has no
    /// instant is touched by a forbid alone. Under another module the grant goes on by the
    /// template's id; where that is gone or has other slots it is kept, but dormant.
    ///
    /// Whether it is over already, and how long a break-glass grant lasts that begins at once, is
    /// told by the latest time that the host gave the engine.
    ///
    /// # Errors
    ///
    /// [`GrantError`]; the grants are as before.
    pub fn grant(&self, grant: Grant) -> Result<(), GrantError> {
        self.change_grants(|writer| writer.grant(grant))
    }

    /// Takes a grant back from the next decision on; whether it was there.
    pub fn revoke(&self, id: &str) -> bool {
        self.remove_grants(|grants| grants.ids_by_id(id)) > 0
    }

    /// Takes all grants of a ticket back; how many there were.
    pub fn revoke_ticket(&self, ticket: &str) -> usize {
        self.remove_grants(|grants| grants.ids_by_ticket(ticket))
    }

    /// Takes all grants back whose `?principal` is this entity; how many there were.
    pub fn revoke_principal(&self, principal: &EntityUid) -> usize {
        self.remove_grants(|grants| grants.ids_by_principal(principal))
    }

    /// Whether there is a grant whose `?principal` is this entity.
    pub(crate) fn has_grants_of(&self, principal: &EntityUid) -> bool {
        let snapshot = self.snapshot();
        let live = snapshot.live.as_ref();
        live.is_some_and(|live| live.grants().of_principal(principal.handle()).is_some())
    }

    /// Removes the grants that are over at `now`; how many there were. They no longer count either
    /// way: this frees their memory and their ids, and tells the engine the time.
    pub fn expire_grants(&self, now: Datetime) -> usize {
        self.remove_grants(|grants| grants.ids_over_at(now))
    }

    /// All grants that are held, ascending by id, with those that are dormant or not yet begun.
    pub fn grants(&self) -> Vec<HeldGrant> {
        let snapshot = self.snapshot();
        let Some(live) = &snapshot.live else { return Vec::new() };
        let mut held: Vec<HeldGrant> = live
            .grants()
            .iter()
            .map(|stored| HeldGrant {
                stored: Arc::clone(stored),
                dormant: rules::dormant(stored, live.loaded()),
            })
            .collect();
        sort_compactly(&mut held, |a, b| a.grant().id.cmp(&b.grant().id));
        held
    }

    /// The uses of break-glass grants since this was last called, ascending by the grants' ids;
    /// those of grants that are over or revoked meanwhile are among them.
    pub fn take_break_glass_uses(&self) -> Vec<BreakGlassUse> {
        self.writer().grants_mut().take_uses()
    }
}
