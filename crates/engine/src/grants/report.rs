//! What break-glass grants were used for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use trapkey_abi::sort_compactly;

use super::store::GrantStore;
use super::{Grant, StoredGrant};

/// Decisions that one break-glass grant determined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlassUse {
    /// The grant; it may be over or revoked by now.
    pub grant: Grant,
    /// Decisions since the last report.
    pub uses: u64,
    /// Decisions since it was granted.
    pub uses_in_all: u64,
}

impl GrantStore {
    /// The uses since this was last called, ascending by the grants' ids.
    pub(crate) fn take_uses(&mut self) -> Vec<BreakGlassUse> {
        let all = self.held().chain(&self.gone);
        let mut uses: Vec<BreakGlassUse> = all.filter_map(|stored| unreported(stored)).collect();
        sort_compactly(&mut uses, |a, b| a.grant.id.cmp(&b.grant.id));
        // A decision that began before a grant was gone may still count its use.
        self.gone.retain(|stored| Arc::strong_count(stored) > 1);
        uses
    }
}

fn unreported(stored: &StoredGrant) -> Option<BreakGlassUse> {
    let uses_in_all = stored.uses.load(Ordering::Relaxed);
    let uses = uses_in_all.saturating_sub(stored.reported.swap(uses_in_all, Ordering::Relaxed));
    (uses > 0).then(|| BreakGlassUse { grant: stored.grant.clone(), uses, uses_in_all })
}
