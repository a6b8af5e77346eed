//! How two decisions of one request differ.

use crate::{Decision, Reason, Verdict};

/// How a candidate's decision differs from the active module's, by what their policies say: a deny that
/// is only observed is a deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShadowKind {
    /// The active module allows, the candidate denies.
    AllowToDeny,
    /// The active module denies, the candidate allows.
    DenyToAllow,
    /// The verdict is the same; its reason or the determining policies, by their ids, are others.
    Reason,
    /// The candidate reached no decision, or not for the reason for which the active module did not.
    CandidateFailed,
}

/// How `candidate` differs from `active`; `None` if both are the same.
pub(crate) fn compare(active: &Decision, candidate: &Decision) -> Option<ShadowKind> {
    if matches!(candidate.reason(), Reason::Failed(_)) {
        let is_same = candidate.reason() == active.reason();
        return (!is_same).then_some(ShadowKind::CandidateFailed);
    }
    match (active.policy_verdict(), candidate.policy_verdict()) {
        (Verdict::Allow, Verdict::Deny) => Some(ShadowKind::AllowToDeny),
        (Verdict::Deny, Verdict::Allow) => Some(ShadowKind::DenyToAllow),
        (Verdict::Allow, Verdict::Allow) | (Verdict::Deny, Verdict::Deny) => {
            let is_same = active.reason() == candidate.reason() && same_policies(active, candidate);
            (!is_same).then_some(ShadowKind::Reason)
        }
    }
}

/// Whether the same policies determine both, in whatever order their bundles hold them. An id is that of
/// one policy of a bundle, and few determine a decision.
fn same_policies(active: &Decision, candidate: &Decision) -> bool {
    let has = |id: &str| candidate.determining().any(|policy| policy.id == id);
    active.determining().count() == candidate.determining().count()
        && active.determining().all(|policy| has(&policy.id))
}
