//! `cargo xtask check`: every rule a machine can judge, one line per step.

mod dependencies;
mod features;
mod graph;
mod licences;
mod refusals;
mod style;
mod tools;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use crate::repository::{Repository, TaskError};
use crate::{guest, header};

/// One step: what it is called, and how it finds what is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    name: &'static str,
    /// What is wrong, one line each; nothing when all is well.
    findings: fn(&Repository) -> Result<Vec<String>, TaskError>,
}

/// Every step, in the order they run.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "fmt", findings: tools::fmt },
    Step { name: "style", findings: style::findings },
    Step { name: "graph", findings: graph::findings },
    Step { name: "dependencies", findings: dependencies::findings },
    Step { name: "header", findings: header::findings },
    Step { name: "guest", findings: guest::findings },
    Step { name: "refusals", findings: refusals::findings },
    Step { name: "licences", findings: licences::findings },
    Step { name: "clippy", findings: tools::clippy },
    Step { name: "doc", findings: tools::doc },
    Step { name: "features", findings: features::findings },
];

/// Which steps ran and which of them failed.
pub(crate) struct Report {
    steps: usize,
    failed: Vec<&'static str>,
}

/// Runs the steps named, or all of them.
///
/// # Errors
///
/// When a name is not that of a step, or the workspace cannot be read.
pub(crate) fn run(names: &[String]) -> Result<ExitCode, TaskError> {
    for name in names {
        if !STEPS.iter().any(|step| step.name == name) {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            let known = known.join(", ");
            return Err(TaskError::Usage(format!("no step `{name}`; the steps are {known}")));
        }
    }
    let chosen: Vec<Step> = STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| step.name == name))
        .copied()
        .collect();
    let report = run_steps(&Repository::find()?, &chosen);
    println!("{report}");
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs each step whatever became of those before it, and prints what it found.
pub(crate) fn run_steps(repository: &Repository, steps: &[Step]) -> Report {
    let mut failed = Vec::new();
    for step in steps {
        print!("{:<13}", step.name);
        flush();
        let started = Instant::now();
        let findings = match (step.findings)(repository) {
            Ok(findings) => findings,
            Err(error) => vec![error.with_causes()],
        };
        let seconds = started.elapsed().as_secs_f64();
        println!("{:<6} {seconds:>6.1} s", word(findings.is_empty()));
        for line in findings.iter().flat_map(|finding| finding.lines()) {
            println!("    {line}");
        }
        if !findings.is_empty() {
            failed.push(step.name);
        }
    }
    Report { steps: steps.len(), failed }
}

/// The word for an outcome.
pub(crate) fn word(is_ok: bool) -> &'static str {
    if is_ok { "ok" } else { "FAILED" }
}

/// Shows the name of a step before it starts; where that fails, so will the next line.
fn flush() {
    if let Err(error) = io::stdout().flush() {
        eprintln!("cannot write to the standard output: {error}");
    }
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return write!(f, "check: ok, {} steps", self.steps);
        }
        let failed = self.failed.join(", ");
        write!(f, "check: FAILED, {} of {} steps: {failed}", self.failed.len(), self.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn report_names_the_failed_steps() {
        let report = Report { steps: 9, failed: vec!["graph", "style"] };
        assert_eq!(report.to_string(), "check: FAILED, 2 of 9 steps: graph, style");
        assert!(!report.is_clean());
    }

    #[test]
    fn report_without_failures_is_clean() {
        let report = Report { steps: 9, failed: Vec::new() };
        assert_eq!(report.to_string(), "check: ok, 9 steps");
        assert!(report.is_clean());
    }
}
