//! `trapkey test`: runs cases and compares what comes of them with what they expect.

mod cedar;
mod error;
mod folder;
mod run;
mod suite;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::arguments::{Rules, TestArguments};
use crate::error::CliError;
use crate::files;
use crate::output::{Colour, Output, Status};
use crate::progress::Progress;
use run::Outcome;
use suite::Suite;

pub(crate) use error::CaseError;

/// Bytes of one file of cases, entities or a request: two hundred times the largest of the examples.
const CASE_FILE_BYTES_MAX: usize = 16 << 20;

/// Folders that may lie inside one another.
const DEPTH_MAX: usize = 8;

/// What came of one case.
#[derive(Debug, Serialize)]
pub(crate) struct CaseResult {
    /// The case folder, or the file in Cedar's format.
    folder: String,
    /// Name of the case.
    name: String,
    /// Passed or failed.
    outcome: Outcome,
    /// What is not as expected, one sentence each.
    differences: Vec<String>,
}

/// Something that may hold cases.
enum Found {
    /// A case folder.
    Folder(PathBuf),
    /// A file that may be a test in Cedar's format.
    File(PathBuf),
}

/// Runs `trapkey test`.
pub(crate) fn run(arguments: &TestArguments, output: &mut Output) -> Result<Status, CliError> {
    let mut results = Vec::new();
    for path in &arguments.folders {
        let before = results.len();
        run_path(path, arguments.semantics, &mut results)?;
        if results.len() == before {
            return Err(CliError::Cases { path: path.clone(), error: CaseError::NoCases });
        }
    }
    let failed = results.iter().filter(|result| result.outcome == Outcome::Failed).count();
    let passed = results.len().saturating_sub(failed);
    if !arguments.verbose {
        results.retain(|result| result.outcome == Outcome::Failed);
    }
    if output.is_json() {
        output.json(&json!({
            "semantics": arguments.semantics.name(),
            "passed": passed,
            "failed": failed,
            "cases": results,
        }))?;
    } else {
        let mut before: Option<&CaseResult> = None;
        for result in &results {
            print(result, before, output)?;
            before = Some(result);
        }
        output.line(format_args!("{passed} passed, {failed} failed"))?;
    }
    Ok(if failed == 0 { Status::Done } else { Status::Failed })
}

/// Prints a case; what differs is not repeated if it is that of the case before, as where the
/// policies are refused.
fn print(
    result: &CaseResult,
    before: Option<&CaseResult>,
    output: &mut Output,
) -> Result<(), CliError> {
    let word = match result.outcome {
        Outcome::Passed => output.paint(Colour::Good, "passed"),
        Outcome::Refused => output.paint(Colour::Good, "refused"),
        Outcome::Failed => output.paint(Colour::Bad, "failed"),
    };
    output.line(format_args!("{word:<7} {}: {}", result.folder, result.name))?;
    let is_repeated = before.is_some_and(|before| {
        before.folder == result.folder && before.differences == result.differences
    });
    if !is_repeated {
        for difference in &result.differences {
            output.line(format_args!("        {difference}"))?;
        }
    }
    Ok(())
}

/// Runs everything at `path`.
fn run_path(path: &Path, rules: Rules, results: &mut Vec<CaseResult>) -> Result<(), CliError> {
    if !path.is_dir() {
        let suite = cedar::read(path)?;
        let suite = suite.ok_or_else(|| CliError::Cases {
            path: path.to_path_buf(),
            error: CaseError::NotATest,
        })?;
        return run_suite(suite, rules, results);
    }
    let mut found = Vec::new();
    find(path, DEPTH_MAX, &mut found)?;
    let progress = Progress::new("testing", found.len());
    for place in found {
        let suite = match place {
            Found::Folder(folder) => Some(folder::read(&folder, rules)?),
            Found::File(file) => cedar::read(&file)?,
        };
        if let Some(suite) = suite {
            run_suite(suite, rules, results)?;
        }
        progress.advance();
    }
    Ok(())
}

fn run_suite(suite: Suite, rules: Rules, results: &mut Vec<CaseResult>) -> Result<(), CliError> {
    let folder = suite.path.display().to_string();
    let finished = run::run(suite, rules.semantics())?;
    results.extend(finished.into_iter().map(|case| CaseResult {
        folder: folder.clone(),
        name: case.name,
        outcome: case.outcome,
        differences: case.differences,
    }));
    Ok(())
}

/// Finds case folders and other JSON files, in the order of their names.
fn find(folder: &Path, depth: usize, found: &mut Vec<Found>) -> Result<(), CliError> {
    let paths = files::list(folder)?;
    if paths.iter().any(|path| folder::is_case_file(path)) {
        found.push(Found::Folder(folder.to_path_buf()));
        return Ok(());
    }
    for path in paths {
        if path.is_dir() {
            if let Some(depth) = depth.checked_sub(1) {
                find(&path, depth, found)?;
            }
        } else if files::has_extension(&path, "json") {
            found.push(Found::File(path));
        }
        if found.len() > files::FOLDER_FILES_MAX {
            let max = files::FOLDER_FILES_MAX;
            return Err(CliError::TooMany { path: folder.to_path_buf(), max });
        }
    }
    Ok(())
}
