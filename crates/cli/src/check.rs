//! `trapkey check`: every finding of the compiler.

use serde_json::json;
use trapkey::{Diagnostic, Severity};

use crate::arguments::CheckArguments;
use crate::error::CliError;
use crate::findings::{self, Drawing};
use crate::output::{Colour, Output, Status};
use crate::progress;
use crate::sources::SourceFiles;

/// Runs `trapkey check`.
pub(crate) fn run(arguments: &CheckArguments, output: &mut Output) -> Result<Status, CliError> {
    let files = SourceFiles::read(&arguments.sources)?;
    let checked = progress::during("checking", || trapkey::check(&files.sources()));
    let (is_ok, diagnostics) = match checked {
        Ok(warnings) => (true, warnings),
        // Not a finding in the sources, but all of them: there is nothing to draw.
        Err(error) if error.diagnostics().is_empty() => {
            return Err(CliError::Compile { error, files: Box::new(files) });
        }
        Err(error) => (false, error.diagnostics().to_vec()),
    };
    if output.is_json() {
        let diagnostics = findings::json(&diagnostics, &files);
        output.json(&json!({ "ok": is_ok, "diagnostics": diagnostics }))?;
    } else {
        let drawing = Drawing::new(output.is_terminal(), output.has_colour());
        findings::draw(&diagnostics, &files, drawing, output)?;
        summarize(is_ok, &diagnostics, output)?;
    }
    Ok(if is_ok { Status::Done } else { Status::Failed })
}

fn summarize(is_ok: bool, found: &[Diagnostic], output: &mut Output) -> Result<(), CliError> {
    let of = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let verdict =
        if is_ok { output.paint(Colour::Good, "ok") } else { output.paint(Colour::Bad, "refused") };
    output.line(format_args!("{verdict}: {errors} errors, {warnings} warnings"))?;
    Ok(())
}
