//! A shadow: a candidate module that decides beside the active one, and what it would change.

mod compare;
mod error;
mod record;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use trapkey_bundle::Digest;

use crate::clock::TimeBounds;
use crate::loaded::Loaded;
use crate::snapshot::Snapshot;
use crate::{Decision, Engine, Generation, Guard, Publication, Request};

pub use compare::ShadowKind;
pub use error::{PromoteError, ShadowError};
pub use record::{ShadowCounts, ShadowDifference};

pub(crate) use record::Record;

/// What a shadow compares and keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShadowOptions {
    /// One request in so many is compared, by a counter that all threads share; the first is. The
    /// default is 1: all are.
    pub one_in: NonZeroU64,
    /// Differences that are kept until they are taken; more are counted as dropped. The default is
    /// 1,024; each keeps two decisions and a request, a few kilobytes.
    pub reports_max: usize,
    /// Whether a difference is also kept if the verdicts are the same and only the reasons or the
    /// determining policies differ. By default it is only counted.
    pub reports_reasons: bool,
}

impl Default for ShadowOptions {
    fn default() -> Self {
        Self { one_in: NonZeroU64::MIN, reports_max: 1024, reports_reasons: false }
    }
}

/// What became of the last shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShadowState {
    /// It decides beside the active module.
    Running,
    /// It became the active module with this publication.
    Promoted(Generation),
    /// It was discarded.
    Discarded,
    /// This publication or rollback brought another schema, under which it cannot decide.
    OtherSchema(Generation),
}

/// A candidate beside the active module.
pub(crate) struct Shadow {
    loaded: Arc<Loaded>,
    one_in: NonZeroU64,
    asked: AtomicU64,
    record: Arc<Record>,
}

impl Shadow {
    pub(crate) fn new(loaded: Arc<Loaded>, options: ShadowOptions) -> Self {
        let record = Arc::new(Record::new(options, loaded.contents().digest()));
        Self { loaded, one_in: options.one_in, asked: AtomicU64::new(0), record }
    }

    /// The candidate.
    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// What it found.
    pub(crate) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// Whether it is this request's turn.
    fn is_due(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.one_in.get())
    }
}

/// A candidate and the facts of the snapshot that it is part of.
pub(crate) struct Shadowing {
    // INVARIANT: `candidate` has the module of `shadow`, facts and time of the snapshot around it, and
    // nothing looks on while it decides.
    shadow: Arc<Shadow>,
    candidate: Snapshot,
}

impl Shadowing {
    /// A candidate beside the module of a snapshot that has one.
    pub(crate) fn beside(snapshot: &Snapshot, shadow: &Arc<Shadow>) -> Option<Self> {
        let candidate = snapshot.with_module(Arc::clone(&shadow.loaded))?;
        Some(Self { shadow: Arc::clone(shadow), candidate })
    }

    /// The same at another time.
    pub(crate) fn at(&self, clock: TimeBounds) -> Self {
        Self { shadow: Arc::clone(&self.shadow), candidate: self.candidate.at(clock) }
    }

    /// The candidate as a snapshot of its own.
    pub(crate) fn candidate(&self) -> &Snapshot {
        &self.candidate
    }

    /// Lets the candidate decide what was decided, if it is its turn.
    pub(crate) fn follow(&self, request: &Request, decision: &Decision) {
        if !self.shadow.is_due() {
            return;
        }
        let mut other = self.shadow.record.lend();
        // No grant counts as used by a decision that nobody acts on.
        self.candidate.decide_uncounted(request, &mut other, |loaded, request, facts, decision| {
            loaded.decide(request, facts, decision)
        });
        self.shadow.record.note(request, decision, &other);
        self.shadow.record.give_back(other);
    }
}

impl Engine {
    /// Lets the module of `bundle` decide beside the active one, from the next decision on.
    ///
    /// The candidate decides the same request by the same facts, after the answer is reached and in
    /// the thread that asked: a decision that is compared takes up to twice as long, and a lock and
    /// allocations. Nothing that it says or fails to say changes an answer. All decisions of this
    /// engine count, those of batches, deciders and sessions included; a
    /// [`CachingDecider`](crate::CachingDecider) finds nothing in its cache meanwhile.
    ///
    /// The bundle is loaded and tried as [`Engine::publish`] does. A publication or rollback keeps
    /// the shadow if the schema stays the same, and else ends it ([`Engine::shadow_state`]).
    ///
    /// # Errors
    ///
    /// [`ShadowError`]; nothing has changed.
    pub fn shadow<'a>(
        &self,
        bundle: impl Into<Publication<'a>>,
        options: ShadowOptions,
    ) -> Result<(), ShadowError> {
        let publication = bundle.into();
        let bundle = publication.bundle();
        // Before it is compiled; and again after, since another schema may have gone live.
        self.writer().admits_shadow(bundle.digest(), bundle.schema())?;
        let loaded = self.load(publication).map_err(ShadowError::Bundle)?;
        let mut writer = self.writer();
        writer.admits_shadow(bundle.digest(), loaded.model().schema())?;
        writer.start_shadow(Shadow::new(loaded, options));
        self.go_live(&mut writer);
        Ok(())
    }

    /// Makes the candidate the active module, with the newest facts: a publication, with a
    /// generation of its own, that compiles nothing and can be rolled back.
    ///
    /// # Errors
    ///
    /// [`PromoteError`]; nothing has changed.
    pub fn promote_shadow(&self) -> Result<Generation, PromoteError> {
        let mut writer = self.writer();
        writer.promote_shadow(None)?;
        Ok(self.go_live(&mut writer))
    }

    /// As [`Engine::promote_shadow`]; `guard` watches the candidate from its first decision on
    /// ([`Engine::guard`]).
    ///
    /// # Errors
    ///
    /// [`PromoteError`]; nothing has changed.
    pub fn promote_shadow_guarded(&self, guard: Guard) -> Result<Generation, PromoteError> {
        let mut writer = self.writer();
        writer.promote_shadow(Some((guard, self.origin())))?;
        Ok(self.go_live(&mut writer))
    }

    /// Ends the shadow; whether there was one.
    pub fn discard_shadow(&self) -> bool {
        let mut writer = self.writer();
        let is_running = writer.end_shadow(ShadowState::Discarded);
        if is_running {
            self.go_live(&mut writer);
        }
        is_running
    }

    /// What became of the last shadow; `None` before the first.
    pub fn shadow_state(&self) -> Option<ShadowState> {
        self.writer().shadow_record().map(|(_, state)| state)
    }

    /// The bundle of the last shadow.
    pub fn shadow_digest(&self) -> Option<Digest> {
        self.writer().shadow_record().map(|(record, _)| record.digest())
    }

    /// What the last shadow has found so far, also after its end.
    pub fn shadow_counts(&self) -> ShadowCounts {
        let record = self.writer().shadow_record().map(|(record, _)| Arc::clone(record));
        record.map_or_else(ShadowCounts::default, |record| record.counts())
    }

    /// The differences that the last shadow has kept, oldest first, also after its end; none of them
    /// is given twice.
    pub fn take_shadow_differences(&self) -> Vec<ShadowDifference> {
        let record = self.writer().shadow_record().map(|(record, _)| Arc::clone(record));
        record.map_or_else(Vec::new, |record| record.take())
    }
}
