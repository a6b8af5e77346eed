//! What came of all tests.

use std::fmt;

use super::comparison::Comparison;
use super::gaps::{self, Gap};

/// Differences that are shown; the rest is counted.
const SHOWN_MAX: usize = 20;

/// Length up to which a difference is shown, in characters.
const SHOWN_CHARS_MAX: usize = 2_000;

/// One test or request that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Path of the test.
    pub test: String,
    /// What both sides say.
    pub text: String,
}

/// Counts, and everything that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tests that were run.
    pub tests: u64,
    /// Requests that were compared.
    pub requests: u64,
    /// Requests to which both give the same answer, the one in the file.
    pub equal: u64,
    /// Tests or requests that differ.
    pub differences: Vec<Difference>,
    /// Tests that both refuse with the same messages.
    pub refused: Vec<String>,
}

impl Report {
    pub(super) fn of(compared: Vec<Comparison>, gaps: &[Gap]) -> Self {
        let mut report = Self::default();
        for comparison in compared {
            report.tests += 1;
            report.requests += comparison.requests;
            report.equal += comparison.requests.saturating_sub(comparison.differences.len() as u64);
            if comparison.is_refused {
                report.refused.push(comparison.name.clone());
            }
            for text in gaps::unknown(gaps, &comparison) {
                report.differences.push(Difference { test: comparison.name.clone(), text });
            }
        }
        report.differences.sort();
        report.refused.sort();
        report
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Difference { test, text } in self.differences.iter().take(SHOWN_MAX) {
            let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
            let rest = if shown.len() < text.len() { "…" } else { "" };
            writeln!(f, "{test}: {shown}{rest}")?;
        }
        if let more @ 1.. = self.differences.len().saturating_sub(SHOWN_MAX) {
            writeln!(f, "and {more} more")?;
        }
        let Self { tests, requests, equal, differences, refused } = self;
        let (differ, refused) = (differences.len(), refused.len());
        write!(
            f,
            "conformance: {tests} tests, {requests} requests, {equal} equal, {differ} differ, \
             {refused} refused"
        )
    }
}
