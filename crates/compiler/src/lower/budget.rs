//! What lowering may cost. Literals are taken apart and copied, so a small text can mean a large
//! condition: what is made is counted while it is made.

use super::{Lower, unsupported};
use crate::limits::{CONDITION_SIZE_MAX, LOWERING_SIZE_MAX};

/// Operations made so far.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    /// For the condition that is being lowered.
    condition: usize,
    /// For all conditions, with the steps that make none.
    total: usize,
}

impl Budget {
    /// Starts another condition.
    pub(crate) fn start(&mut self) {
        self.condition = 0;
    }

    /// Counts operations that are being made.
    pub(super) fn spend(&mut self, operations: usize) {
        self.condition = self.condition.saturating_add(operations);
        self.step(operations);
    }

    /// Counts steps that take time and make nothing.
    pub(super) fn step(&mut self, steps: usize) {
        self.total = self.total.saturating_add(steps);
    }

    /// Refuses to go on over a limit.
    pub(super) fn check(&self) -> Lower<()> {
        if self.condition > CONDITION_SIZE_MAX {
            let max = CONDITION_SIZE_MAX;
            return unsupported(format!("condition has over {max} operations, the limit is {max}"));
        }
        if self.is_exhausted() {
            let max = LOWERING_SIZE_MAX;
            let text = "all conditions together take over";
            return unsupported(format!("{text} {max} operations to compile, the limit is {max}"));
        }
        Ok(())
    }

    /// Whether a limit is exceeded, and not something wrong with the policy.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.condition > CONDITION_SIZE_MAX || self.is_exhausted()
    }

    /// Whether no further condition can be lowered.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.total > LOWERING_SIZE_MAX
    }
}
