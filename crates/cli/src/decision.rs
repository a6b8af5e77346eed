//! A decision in words and in JSON.

use serde_json::{Value, json};
use trapkey::{Decision, Effect, Erring, EvalError, Obligation, Policy, Reason};

use crate::error::{CliError, line};
use crate::output::{Colour, Output, Painted};
use crate::sources::{Place, PolicyFiles};

/// The verdict in capitals and colour.
pub(crate) fn verdict(decision: &Decision, output: &Output) -> Painted<&'static str> {
    if decision.is_allow() {
        output.paint(Colour::Good, "ALLOW")
    } else {
        output.paint(Colour::Bad, "DENY")
    }
}

/// The name of a reason in JSON.
fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Permitted => "permitted",
        Reason::Forbidden => "forbidden",
        Reason::NotPermitted => "not-permitted",
        Reason::ForbidErred => "forbid-erred",
        Reason::ObligationNotHonoured => "obligation-not-honoured",
        Reason::Failed(_) => "failed",
    }
}

/// A reason in words.
pub(crate) fn reason_text(reason: Reason) -> String {
    match reason {
        Reason::Permitted => "a permit holds, and nothing stands against it".to_owned(),
        Reason::Forbidden => "a forbid holds".to_owned(),
        Reason::NotPermitted => "no permit holds".to_owned(),
        Reason::ForbidErred => "a forbid that might have held erred".to_owned(),
        Reason::ObligationNotHonoured => {
            "a permit holds whose obligation is not honoured".to_owned()
        }
        Reason::Failed(error) => line(&error),
    }
}

/// An obligation as its annotation spells it.
pub(crate) fn obligation_text(obligation: &Obligation) -> String {
    match &obligation.argument {
        Some(argument) => format!("{}:{argument}", obligation.name),
        None => obligation.name.clone(),
    }
}

/// The name of an effect, as in Cedar.
pub(crate) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
    }
}

/// The name of an error in JSON.
pub(crate) fn error_name(error: EvalError) -> &'static str {
    match error {
        EvalError::EntityMissing => "entity-missing",
        EvalError::Overflow => "overflow",
        EvalError::Extension => "extension",
    }
}

/// An error in words.
pub(crate) fn error_text(error: EvalError) -> &'static str {
    match error {
        EvalError::EntityMissing => "the entity does not exist",
        EvalError::Overflow => "integer overflow",
        EvalError::Extension => "a datetime or duration is out of range",
    }
}

/// The fields of a decision in JSON.
pub(crate) fn json(decision: &Decision, files: &PolicyFiles) -> Value {
    let failure = match decision.reason() {
        Reason::Failed(error) => Some(line(&error)),
        Reason::Permitted
        | Reason::Forbidden
        | Reason::NotPermitted
        | Reason::ForbidErred
        | Reason::ObligationNotHonoured => None,
    };
    let obligations = decision
        .obligations()
        .map(|obligation| json!({ "name": obligation.name, "argument": obligation.argument }));
    json!({
        "verdict": if decision.is_allow() { "allow" } else { "deny" },
        "reason": reason_name(decision.reason()),
        "failure": failure,
        "generation": decision.generation().0,
        "bundle_digest": decision.bundle_digest().map(|digest| digest.to_string()),
        "determining": decision.determining().map(policy_json).collect::<Vec<_>>(),
        "observed": decision.observed().map(policy_json).collect::<Vec<_>>(),
        "erring": decision.erring().map(|erring| erring_json(&erring, files)).collect::<Vec<_>>(),
        "obligations": obligations.collect::<Vec<_>>(),
    })
}

fn policy_json(policy: &Policy) -> Value {
    json!({
        "id": policy.id,
        "cedar_id": policy.cedar_id,
        "effect": effect_name(policy.effect),
    })
}

fn erring_json(erring: &Erring<'_>, files: &PolicyFiles) -> Value {
    let place = files.place(erring.span);
    let line_column = place.as_ref().map(Place::line_column);
    json!({
        "id": erring.policy.id,
        "cedar_id": erring.policy.cedar_id,
        "effect": effect_name(erring.policy.effect),
        "error": error_name(erring.error),
        "start": erring.span.start,
        "end": erring.span.end,
        "file": place.map(|place| place.path.display().to_string()),
        "line": line_column.map(|(line, _)| line),
        "column": line_column.map(|(_, column)| column),
    })
}

/// Prints a decision over several lines.
pub(crate) fn print(
    decision: &Decision,
    files: &PolicyFiles,
    output: &mut Output,
) -> Result<(), CliError> {
    let verdict = verdict(decision, output);
    output.line(format_args!("{verdict}: {}", reason_text(decision.reason())))?;
    for policy in decision.determining() {
        output.line(format_args!("  determining  {} {}", effect_name(policy.effect), policy.id))?;
    }
    for policy in decision.observed() {
        output.line(format_args!("  observed     {} {}", effect_name(policy.effect), policy.id))?;
    }
    for erring in decision.erring() {
        let place = place_text(&erring, files);
        let (effect, id) = (effect_name(erring.policy.effect), &erring.policy.id);
        output.line(format_args!(
            "  erring       {effect} {id} at {place}: {}",
            error_text(erring.error)
        ))?;
    }
    for obligation in decision.obligations() {
        output.line(format_args!("  obligation   {}", obligation_text(obligation)))?;
    }
    Ok(())
}

fn place_text(erring: &Erring<'_>, files: &PolicyFiles) -> String {
    match files.place(erring.span) {
        Some(place) => {
            let (line, column) = place.line_column();
            format!("{}:{line}:{column}", place.path.display())
        }
        None => format!("bytes {} to {} of the policies", erring.span.start, erring.span.end),
    }
}
