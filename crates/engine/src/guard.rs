//! A guard: rolls a publication back by itself if its decisions are not what was declared.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::engine::Origin;
use crate::{Decision, Engine, Generation, Reason, Verdict};

/// Decisions of one round at most.
pub const GUARD_ROUND_MAX: u64 = (1 << COUNT_BITS) - 1;

/// Bits of each count: three are kept in one word, so that they belong together.
const COUNT_BITS: u32 = 20;

/// What the decisions of a publication must keep to. Denies count by what the policies say, also where
/// they are only observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Decisions that are judged together, one round after the other: 1 to [`GUARD_ROUND_MAX`].
    pub round: u64,
    /// Denies in one round at most; one more rolls back.
    pub denies_max: u64,
    /// Failures in one round at most, and decisions in which a policy erred; one more rolls back.
    pub failures_max: u64,
}

impl Guard {
    /// Checks that a round is one.
    pub(crate) fn check(&self) -> Result<(), GuardError> {
        let round = self.round;
        let is_fit = (1..=GUARD_ROUND_MAX).contains(&round);
        if is_fit { Ok(()) } else { Err(GuardError::Round { round }) }
    }
}

/// Why there is no guard; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// There is no earlier publication to roll back to.
    #[error("no earlier publication is kept")]
    NoHistory,
    /// The earlier publication has another schema, under which the entities may not be valid.
    #[error("the earlier publication has another schema")]
    OtherSchema,
    /// A round has no decisions or too many.
    #[error("a round of {round} decisions is not between 1 and {GUARD_ROUND_MAX}")]
    Round {
        /// Decisions of one round.
        round: u64,
    },
}

/// What a guard has counted in the round that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuardCounts {
    /// Decisions.
    pub decisions: u64,
    /// Denies among them.
    pub denies: u64,
    /// Failures, and decisions in which a policy erred.
    pub failures: u64,
}

/// What became of the last guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardState {
    /// It watches this publication.
    Watching(Generation),
    /// It rolled `from` back; `to` is the publication that the rollback is.
    RolledBack {
        /// The publication that it watched.
        from: Generation,
        /// The rollback.
        to: Generation,
        /// What it had counted.
        counts: GuardCounts,
    },
    /// Another publication or rollback came, or it was ended.
    Ended,
}

/// A guard that watches.
pub(crate) struct Watch {
    guard: Guard,
    generation: Generation,
    /// The counts of this round, [`COUNT_BITS`] each: decisions, denies, failures.
    counts: AtomicU64,
    /// What was counted when the rule was broken.
    broken: OnceLock<GuardCounts>,
    origin: Origin,
}

fn unpack(word: u64) -> GuardCounts {
    let mask = GUARD_ROUND_MAX;
    GuardCounts {
        decisions: word & mask,
        denies: (word >> COUNT_BITS) & mask,
        failures: (word >> (2 * COUNT_BITS)) & mask,
    }
}

fn pack(counts: GuardCounts) -> u64 {
    counts.decisions | (counts.denies << COUNT_BITS) | (counts.failures << (2 * COUNT_BITS))
}

impl Watch {
    fn new(guard: Guard, generation: Generation, origin: Origin) -> Self {
        Self { guard, generation, counts: AtomicU64::new(0), broken: OnceLock::new(), origin }
    }

    /// The publication that it watches.
    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// What it had counted when the rule was broken first, or else has counted until now.
    pub(crate) fn counts(&self) -> GuardCounts {
        let now = || unpack(self.counts.load(Ordering::Relaxed));
        self.broken.get().copied().unwrap_or_else(now)
    }

    /// Counts a decision, and rolls back if it is one too many.
    pub(crate) fn note(&self, decision: &Decision) {
        if decision.generation() != self.generation {
            return;
        }
        let is_failure =
            matches!(decision.reason(), Reason::Failed(_)) || decision.erring().next().is_some();
        let is_deny = decision.policy_verdict() == Verdict::Deny;
        let add = |word: u64| {
            let before = unpack(word);
            let is_over = before.decisions >= self.guard.round;
            let mut counts = if is_over { GuardCounts::default() } else { before };
            counts.decisions += 1;
            counts.denies += u64::from(is_deny);
            counts.failures += u64::from(is_failure);
            counts
        };
        let word = self
            .counts
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| Some(pack(add(word))));
        let counts = add(word.unwrap_or_default());
        if counts.denies > self.guard.denies_max || counts.failures > self.guard.failures_max {
            self.broken.get_or_init(|| counts);
        }
        if self.broken.get().is_some() {
            self.origin.roll_back(self.generation);
        }
    }
}

impl Engine {
    /// Watches the live publication: as soon as its decisions break the rule, it is rolled back, by
    /// the thread whose decision did, or by the next that finds no writer at work. No decision
    /// waits for that; the decisions that broke the rule stand. Another publication, a rollback and
    /// [`Engine::end_guard`] end the watch.
    ///
    /// While it lasts, each decision writes to a counter that threads share.
    ///
    /// # Errors
    ///
    /// [`GuardError`]; nothing has changed.
    pub fn guard(&self, guard: Guard) -> Result<(), GuardError> {
        let mut writer = self.writer();
        writer.start_guard(guard, self.origin())?;
        self.go_live(&mut writer);
        Ok(())
    }

    /// Ends the watch; whether there was one.
    pub fn end_guard(&self) -> bool {
        let mut writer = self.writer();
        let was_watching = writer.guard_mut().end();
        if was_watching {
            self.go_live(&mut writer);
        }
        was_watching
    }

    /// What became of the last guard; `None` before the first.
    pub fn guard_state(&self) -> Option<GuardState> {
        self.writer().guard_mut().state()
    }

    /// What the guard that watches has counted in this round.
    pub fn guard_counts(&self) -> Option<GuardCounts> {
        self.writer().guard_mut().watch().map(|watch| watch.counts())
    }
}

/// Guards, as writers keep them.
#[derive(Default)]
pub(crate) struct GuardBook {
    // INVARIANT: `watch` watches the live publication, and the state is then `Watching`.
    watch: Option<Arc<Watch>>,
    state: Option<GuardState>,
}

impl GuardBook {
    pub(crate) fn watch(&self) -> Option<Arc<Watch>> {
        self.watch.clone()
    }

    pub(crate) fn state(&self) -> Option<GuardState> {
        self.state
    }

    pub(crate) fn start(
        &mut self,
        guard: Guard,
        generation: Generation,
        origin: Origin,
    ) -> Result<(), GuardError> {
        guard.check()?;
        self.watch = Some(Arc::new(Watch::new(guard, generation, origin)));
        self.state = Some(GuardState::Watching(generation));
        Ok(())
    }

    /// Ends the watch; whether there was one.
    pub(crate) fn end(&mut self) -> bool {
        let was_watching = self.watch.take().is_some();
        if was_watching {
            self.state = Some(GuardState::Ended);
        }
        was_watching
    }

    /// Notes that the watched publication was rolled back.
    pub(crate) fn rolled_back(&mut self, from: Generation, to: Generation, counts: GuardCounts) {
        self.watch = None;
        self.state = Some(GuardState::RolledBack { from, to, counts });
    }
}
