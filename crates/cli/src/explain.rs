//! `trapkey explain`: which policies hold, where the others fail, and what would allow.

use serde_json::{Value, json};
use trapkey::{
    ClausePart, Counterfactual, ENTITIES_BYTES_MAX, Engine, Explanation, Limits, Outcome,
    OwnAttribute, PolicyOutcome, REQUEST_BYTES_MAX, RedactedExplanation, Request, Span,
};

use crate::arguments::ExplainArguments;
use crate::decide::open;
use crate::decision::{reason_text, verdict};
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};
use crate::progress;
use crate::sources::PolicyFiles;

/// Runs `trapkey explain`.
pub(crate) fn run(arguments: &ExplainArguments, output: &mut Output) -> Result<Status, CliError> {
    if arguments.entities.as_os_str() == "-" && arguments.request.as_os_str() == "-" {
        return Err(CliError::SharedInput);
    }
    let sources = PolicyFiles::read(&arguments.policies)?;
    let (bundle, _) = open(&arguments.bundle)?;
    let entities = files::text(&arguments.entities, ENTITIES_BYTES_MAX)?;
    let text = files::text(&arguments.request, REQUEST_BYTES_MAX)?;
    let engine = Engine::new(Limits::default()).map_err(CliError::Runtime)?;
    progress::during("publishing", || engine.publish_with_json(&bundle, &entities))
        .map_err(|error| CliError::Publish(Box::new(error)))?;
    let model = engine.model().ok_or(trapkey::DecideError::NothingPublished);
    let model =
        model.map_err(|error| CliError::Explain(trapkey::ExplainError::Undecided(error)))?;
    let request = Request::from_json(&model, &text).map_err(|error| CliError::Request {
        path: arguments.request.clone(),
        error: Box::new(error),
    })?;
    let explanation = progress::during("explaining", || engine.explain(&request));
    let explanation = explanation.map_err(CliError::Explain)?;
    match (arguments.redacted, output.is_json()) {
        (true, true) => output.json(&redacted_json(&explanation.redacted(&request)))?,
        (true, false) => print_redacted(&explanation, &request, output)?,
        (false, true) => output.json(&explanation_json(&explanation, &sources))?,
        (false, false) => print(&explanation, &sources, output)?,
    }
    Ok(if explanation.decision.is_allow() { Status::Done } else { Status::Denied })
}

/// A clause in words.
fn part_text(part: ClausePart) -> &'static str {
    match part {
        ClausePart::Principal => "the principal is another",
        ClausePart::PrincipalIn => "the principal is not in the group",
        ClausePart::Action => "the action is another",
        ClausePart::Resource => "the resource is another",
        ClausePart::ResourceIn => "the resource is not in the group",
        ClausePart::Condition => "this is false",
    }
}

/// What became of a policy, in words and as a name in JSON, and where.
fn outcome_text(outcome: Outcome) -> (&'static str, &'static str, Option<Span>) {
    match outcome {
        Outcome::Held => ("holds", "held", None),
        Outcome::Failed { part, span } => (part_text(part), "failed", Some(span)),
        Outcome::Erred { span } => ("evaluation errs here", "erred", Some(span)),
        Outcome::NotCounted => ("holds, but does not count", "not-counted", None),
        Outcome::NotGranted => ("no grant of this template fits", "not-granted", None),
        _ => ("unknown", "unknown", None),
    }
}

/// The end of the search in words, and as a name in JSON.
fn end(counterfactual: &Counterfactual) -> (&'static str, &'static str) {
    match counterfactual {
        Counterfactual::Allowed => ("the request is allowed", "allowed"),
        Counterfactual::Found(_) => ("these changes would allow it", "found"),
        Counterfactual::NoneWithin => ("no three changes that were tried would allow it", "none"),
        Counterfactual::BudgetExhausted => ("nothing found until the budget was used up", "budget"),
        Counterfactual::Never => ("no permit's scope can match", "never"),
        _ => ("unknown", "unknown"),
    }
}

fn changes(counterfactual: &Counterfactual) -> Vec<String> {
    match counterfactual {
        Counterfactual::Found(changes) => changes.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn policy_json(policy: &PolicyOutcome, files: &PolicyFiles) -> Value {
    let (text, name, span) = outcome_text(policy.outcome);
    let place = span.and_then(|span| files.place(span));
    let line_column = place.as_ref().map(crate::sources::Place::line_column);
    json!({
        "id": policy.id,
        "outcome": name,
        "text": text,
        "start": span.map(|span| span.start),
        "end": span.map(|span| span.end),
        "file": place.map(|place| place.path.display().to_string()),
        "line": line_column.map(|(line, _)| line),
        "column": line_column.map(|(_, column)| column),
    })
}

fn explanation_json(explanation: &Explanation, files: &PolicyFiles) -> Value {
    let policies = explanation.policies.iter().map(|policy| policy_json(policy, files));
    json!({
        "verdict": if explanation.decision.is_allow() { "allow" } else { "deny" },
        "policies": policies.collect::<Vec<_>>(),
        "counterfactual": end(&explanation.counterfactual).1,
        "changes": changes(&explanation.counterfactual),
        "decisions": explanation.decisions,
    })
}

fn print(
    explanation: &Explanation,
    files: &PolicyFiles,
    output: &mut Output,
) -> Result<(), CliError> {
    let verdict = verdict(&explanation.decision, output);
    output.line(format_args!("{verdict}: {}", reason_text(explanation.decision.reason())))?;
    for policy in &explanation.policies {
        let (text, _, span) = outcome_text(policy.outcome);
        output.line(format_args!("  {}: {text}", policy.id))?;
        let Some(span) = span else { continue };
        match files.place(span) {
            Some(place) => {
                let (line, column) = place.line_column();
                let clause = place.text.get(place.start..place.end).unwrap_or_default();
                let clause = clause.lines().next().unwrap_or_default();
                let path = place.path.display();
                output.line(format_args!("    {path}:{line}:{column}: {clause}"))?;
            }
            None => output.line(format_args!("    bytes {} to {}", span.start, span.end))?,
        }
    }
    output.line(format_args!("{}", end(&explanation.counterfactual).0))?;
    for change in changes(&explanation.counterfactual) {
        output.line(format_args!("  {change}"))?;
    }
    Ok(())
}

fn own_text(own: &OwnAttribute) -> String {
    match own {
        OwnAttribute::Context(path) => format!("context.{}", path.join(".")),
        OwnAttribute::Principal(path) => format!("principal.{}", path.join(".")),
        OwnAttribute::Groups => "groups of the principal".to_owned(),
    }
}

fn redacted_json(redacted: &RedactedExplanation) -> Value {
    json!({
        "verdict": if redacted.verdict == trapkey::Verdict::Allow { "allow" } else { "deny" },
        "generation": redacted.generation.0,
        "own": redacted.own.iter().map(own_text).collect::<Vec<_>>(),
    })
}

fn print_redacted(
    explanation: &Explanation,
    request: &Request,
    output: &mut Output,
) -> Result<(), CliError> {
    let redacted = explanation.redacted(request);
    output.line(format_args!("{}", verdict(&explanation.decision, output)))?;
    for own in &redacted.own {
        output.line(format_args!("  would have to be another: {}", own_text(own)))?;
    }
    Ok(())
}
