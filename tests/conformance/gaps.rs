//! Known gaps: tests in which Trapkey differs from Cedar, with the reason.

use super::comparison::Comparison;

/// A test that is known to differ.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Path of the test from the folder that is run.
    pub test: &'static str,
    /// Why it differs.
    pub reason: &'static str,
}

/// All known gaps. One that no longer differs is a difference itself.
pub const GAPS: &[Gap] = &[];

/// The differences that count: those without a gap, and gaps without a difference.
pub(super) fn unknown(gaps: &[Gap], comparison: &Comparison) -> Vec<String> {
    match gaps.iter().find(|gap| gap.test == comparison.name) {
        Some(gap) if comparison.differences.is_empty() => {
            vec![format!("is no gap any more, yet listed as one: {}", gap.reason)]
        }
        Some(_) => Vec::new(),
        None => comparison.differences.clone(),
    }
}
