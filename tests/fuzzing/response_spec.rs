//! What a response says, read from ARCHITECTURE.md's table without the engine's code.

use std::collections::BTreeSet;

use trapkey::{Effect, ForbidErrors, Policy, Reason, Semantics, Stage};

/// A decision in plain terms.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    pub(super) reason: Reason,
    /// Indexes of the policies that brought it about.
    pub(super) determining: BTreeSet<u32>,
    pub(super) observed: BTreeSet<u32>,
    pub(super) erring: BTreeSet<u32>,
}

fn number(area: &[u8], at: usize) -> Option<u32> {
    area.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// What the response at the start of `area` says, if its parts bear each other out.
pub(super) fn spoken(area: &[u8], policies: &[Policy], semantics: Semantics) -> Option<Spoken> {
    let (&verdict, &reason) = (area.first()?, area.get(1)?);
    let (count, length) = (number(area, 8)?, number(area, 12)?);
    if length == 0 || u64::from(length) < 64 + 8 * u64::from(count) {
        return None;
    }
    let area = area.get(..usize::try_from(length).ok()?)?;
    let (mut permits, mut forbids) = (BTreeSet::new(), BTreeSet::new());
    let (mut observed, mut erring) = (BTreeSet::new(), BTreeSet::new());
    let mut named = BTreeSet::new();
    let mut has_forbid_erred = false;
    for index in 0..usize::try_from(count).ok()? {
        let at = 64 + 8 * index;
        let index = number(area, at)?;
        let [class, error, place @ ..] = number(area, at + 4)?.to_le_bytes();
        let policy = policies.get(usize::try_from(index).ok()?)?;
        let is_forbid = policy.effect == Effect::Forbid;
        let is_observed = semantics.stages && policy.stage == Stage::Observe;
        let place = usize::from(u16::from_le_bytes(place));
        let is_right = (class & 1 != 0) == is_forbid
            && (class & 2 != 0) == is_observed
            && !policy.is_template()
            && error <= 3
            && (error == 0 || place < policy.places.len())
            && (error != 0 || class & 4 == 0);
        if !is_right || !named.insert(index) {
            return None;
        }
        let held = match (error, is_observed, is_forbid) {
            (0, true, _) => &mut observed,
            (0, false, true) => &mut forbids,
            (0, false, false) => &mut permits,
            _ => &mut erring,
        };
        held.insert(index);
        has_forbid_erred |= error != 0 && is_forbid && !is_observed && class & 4 == 0;
    }
    let is_stopped = has_forbid_erred && semantics.forbid_errors == ForbidErrors::Deny;
    let (no_permit, no_forbid) = (permits.is_empty(), forbids.is_empty());
    let (reason, determining) = match (verdict, reason) {
        (1, 1) if !no_permit && no_forbid && !is_stopped => (Reason::Permitted, permits),
        (0, 2) if !no_forbid => (Reason::Forbidden, forbids),
        (0, 3) if no_permit && no_forbid => (Reason::NotPermitted, BTreeSet::new()),
        (0, 4) if no_forbid && is_stopped => (Reason::ForbidErred, BTreeSet::new()),
        _ => return None,
    };
    Some(Spoken { reason, determining, observed, erring })
}
