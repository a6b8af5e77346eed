//! `trapkey check`: every finding of the compiler.

use serde_json::json;
use trapkey::{Diagnostic, Policy, Severity};

use crate::arguments::CheckArguments;
use crate::decision::effect_name;
use crate::error::CliError;
use crate::faults;
use crate::findings::{self, Drawing};
use crate::output::{Colour, Output, Status};
use crate::progress;
use crate::sources::SourceFiles;

/// Runs `trapkey check`.
pub(crate) fn run(arguments: &CheckArguments, output: &mut Output) -> Result<Status, CliError> {
    let files = SourceFiles::read(&arguments.sources)?;
    let checked = progress::during("checking", || trapkey::check(&files.sources()));
    let (checked, diagnostics) = match checked {
        Ok(checked) => {
            let mut found = checked.warnings.clone();
            if arguments.strict {
                found.extend(checked.erring_forbids());
            }
            (Some(checked), found)
        }
        // Not a finding in the sources, but all of them: there is nothing to draw.
        Err(error) if error.diagnostics().is_empty() => {
            return Err(CliError::Compile { error, files: Box::new(files) });
        }
        Err(error) => (None, error.diagnostics().to_vec()),
    };
    let is_ok = diagnostics.iter().all(|finding| finding.severity != Severity::Error);
    let place = |span| files.policy_place(span);
    if output.is_json() {
        let faults =
            checked.as_ref().map(|checked| faults::json(&checked.policies, &checked.schema, place));
        let diagnostics = findings::json(&diagnostics, &files);
        output.json(&json!({ "ok": is_ok, "diagnostics": diagnostics, "faults": faults }))?;
    } else {
        let drawing = Drawing::new(output.is_terminal(), output.has_colour());
        findings::draw(&diagnostics, &files, drawing, output)?;
        let policies = checked.iter().flat_map(|checked| &checked.policies);
        let erring: Vec<&Policy> = policies.filter(|policy| !policy.faults.is_empty()).collect();
        for policy in erring.iter().filter(|_| arguments.errors) {
            output.line(format_args!("{} {}", effect_name(policy.effect), policy.id))?;
            if let Some(checked) = &checked {
                faults::print(policy, &checked.schema, place, output)?;
            }
        }
        summarize(is_ok, &diagnostics, erring.len(), output)?;
    }
    Ok(if is_ok { Status::Done } else { Status::Failed })
}

fn summarize(
    is_ok: bool,
    found: &[Diagnostic],
    erring: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let of = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let verdict =
        if is_ok { output.paint(Colour::Good, "ok") } else { output.paint(Colour::Bad, "refused") };
    let erring = match erring {
        0 => String::new(),
        erring => format!("; policies that can err: {erring} (--errors says where)"),
    };
    output.line(format_args!("{verdict}: {errors} errors, {warnings} warnings{erring}"))?;
    Ok(())
}
