//! The grants behind a decision.

use super::Decision;
use crate::Grant;
use crate::grants::{Fitting, Found};

impl Decision {
    /// The grants whose templates brought the verdict about, in no particular order: those of the
    /// facts that decided, whatever became of them since.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.determining_grants().map(|fit| fit.stored().grant())
    }

    /// Whether a break-glass grant is among [`Decision::grants`].
    pub fn is_break_glass(&self) -> bool {
        self.determining_grants().any(|fit| fit.is_break_glass)
    }

    fn determining_grants(&self) -> impl Iterator<Item = &Fitting> {
        let counted = self.found.fitting().iter().filter(|fit| fit.counts);
        counted.filter(|fit| self.determining_entries().any(|entry| entry.policy == fit.policy))
    }

    /// The grants that fit the request, to be found.
    pub(crate) fn found_mut(&mut self) -> &mut Found {
        &mut self.found
    }

    /// Whether a grant fits the request.
    #[inline]
    pub(crate) fn has_grants(&self) -> bool {
        !self.found.is_empty()
    }

    /// The bits of the templates that grants bring in.
    pub(crate) fn granted(&self) -> &[u64] {
        self.found.mask()
    }

    /// Gives `decide` the bits of the templates that grants bring in.
    #[inline]
    pub(crate) fn with_granted<T>(&mut self, decide: impl FnOnce(&[u64], &mut Self) -> T) -> T {
        let granted = self.found.take_mask();
        let decided = decide(&granted, self);
        self.found.give_mask(granted);
        decided
    }

    /// Counts the break-glass grants that the decision rests on.
    pub(crate) fn count_uses(&self) {
        for fit in self.determining_grants().filter(|fit| fit.is_break_glass) {
            fit.stored().count_use();
        }
    }

    /// Lets the decision hold no longer than the grants that it rests on.
    pub(super) fn end_with_grants(&mut self, granted: &[u64]) {
        let has_entry = |policy| self.entries().any(|entry| entry.policy == policy);
        self.remaining = self.remaining.min(self.found.remaining(granted, has_entry));
    }
}
