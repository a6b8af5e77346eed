//! What a shadow has found: counts, and the differences that are kept until they are taken.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use trapkey_bundle::Digest;

use crate::{Decision, Request};

use super::ShadowOptions;
use super::compare::{ShadowKind, compare};

/// What a shadow has found so far. Each request that was compared is one of the five after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShadowCounts {
    /// Requests that both modules decided.
    pub compared: u64,
    /// Both decided the same for the same reason.
    pub same: u64,
    /// The candidate denies what the active module allows.
    pub allow_to_deny: u64,
    /// The candidate allows what the active module denies.
    pub deny_to_allow: u64,
    /// The verdict is the same, its reason or the determining policies are not.
    pub reason_only: u64,
    /// The candidate reached no decision.
    pub candidate_failures: u64,
    /// Differences that were to be kept, but for which there was no room.
    pub dropped: u64,
}

/// One request that the candidate decides otherwise.
#[derive(Clone, Debug)]
pub struct ShadowDifference {
    /// How the decisions differ.
    pub kind: ShadowKind,
    /// What was asked.
    pub request: Request,
    /// The answer that was given.
    pub active: Decision,
    /// What the candidate would have answered. It has the active publication's generation, and its
    /// own bundle's digest.
    pub candidate: Decision,
}

/// What one shadow has found; there after its end.
pub(crate) struct Record {
    options: ShadowOptions,
    digest: Digest,
    found: Mutex<Found>,
    /// A decision whose buffers are used again.
    spare: Mutex<Option<Decision>>,
}

#[derive(Default)]
struct Found {
    // INVARIANT: `kept` is no longer than `reports_max` of the options.
    counts: ShadowCounts,
    kept: VecDeque<ShadowDifference>,
}

impl Record {
    pub(crate) fn new(options: ShadowOptions, digest: Digest) -> Self {
        Self { options, digest, found: Mutex::default(), spare: Mutex::default() }
    }

    /// The candidate's bundle.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    pub(crate) fn counts(&self) -> ShadowCounts {
        self.found().counts
    }

    pub(crate) fn take(&self) -> Vec<ShadowDifference> {
        std::mem::take(&mut self.found().kept).into()
    }

    /// A decision to be decided into; a thread that comes while another has it gets a new one.
    pub(crate) fn lend(&self) -> Decision {
        let spare = self.spare.try_lock().ok().and_then(|mut spare| spare.take());
        spare.unwrap_or_default()
    }

    /// Takes a decision back.
    pub(crate) fn give_back(&self, decision: Decision) {
        if let Ok(mut spare) = self.spare.try_lock() {
            *spare = Some(decision);
        }
    }

    /// Counts what was decided of one request, and keeps it if it differs and there is room.
    pub(crate) fn note(&self, request: &Request, active: &Decision, candidate: &Decision) {
        let kind = compare(active, candidate);
        let mut found = self.found();
        let Found { counts, kept } = &mut *found;
        counts.compared = counts.compared.saturating_add(1);
        let count = match kind {
            None => &mut counts.same,
            Some(ShadowKind::AllowToDeny) => &mut counts.allow_to_deny,
            Some(ShadowKind::DenyToAllow) => &mut counts.deny_to_allow,
            Some(ShadowKind::Reason) => &mut counts.reason_only,
            Some(ShadowKind::CandidateFailed) => &mut counts.candidate_failures,
        };
        *count = count.saturating_add(1);
        let is_wanted =
            |kind: &ShadowKind| *kind != ShadowKind::Reason || self.options.reports_reasons;
        let Some(kind) = kind.filter(is_wanted) else { return };
        if kept.len() >= self.options.reports_max {
            counts.dropped = counts.dropped.saturating_add(1);
            return;
        }
        let (request, active, candidate) = (request.clone(), active.clone(), candidate.clone());
        kept.push_back(ShadowDifference { kind, request, active, candidate });
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        // Nothing is half done where this could be left, so what a panicking thread left is whole.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
