//! What policies may still meet at run time, in words and in JSON.

use serde_json::{Value, json};
use trapkey::{Fault, Policy, Schema, Span};

use crate::decision::{effect_name, error_name, error_text};
use crate::error::CliError;
use crate::output::Output;
use crate::sources::Place;

/// All faults of `policies` in JSON; `place` finds a range of their text in a file.
pub(crate) fn json(
    policies: &[Policy],
    schema: &Schema,
    place: impl Fn(Span) -> Option<Place>,
) -> Value {
    let faults = policies.iter().flat_map(|policy| policy.faults.iter().map(move |f| (policy, f)));
    let json = |(policy, fault): (&Policy, &Fault)| {
        let span = span(policy, fault);
        let place = place(span);
        let line_column = place.as_ref().map(Place::line_column);
        json!({
            "policy": policy.id,
            "effect": effect_name(policy.effect),
            "error": error_name(fault.error),
            "entity_types": fault.entity_types,
            "actions": actions(fault, schema),
            "start": span.start,
            "end": span.end,
            "file": place.map(|place| place.path.display().to_string()),
            "line": line_column.map(|(line, _)| line),
            "column": line_column.map(|(_, column)| column),
        })
    };
    faults.map(json).collect()
}

/// Prints the faults of one policy, a line each.
pub(crate) fn print(
    policy: &Policy,
    schema: &Schema,
    place: impl Fn(Span) -> Option<Place>,
    output: &mut Output,
) -> Result<(), CliError> {
    for fault in &policy.faults {
        let span = span(policy, fault);
        let at = match place(span) {
            Some(place) => {
                let (line, column) = place.line_column();
                format!("{}:{line}:{column}", place.path.display())
            }
            None => format!("bytes {} to {}", span.start, span.end),
        };
        let types = match fault.entity_types.as_slice() {
            [] => String::new(),
            types => format!(" ({})", types.join(", ")),
        };
        let actions = actions(fault, schema).join(", ");
        let what = error_text(fault.error);
        output.line(format_args!("  can err at {at}: {what}{types}, for {actions}"))?;
    }
    Ok(())
}

fn span(policy: &Policy, fault: &Fault) -> Span {
    policy.places.get(usize::from(fault.place)).copied().unwrap_or(policy.span)
}

fn actions(fault: &Fault, schema: &Schema) -> Vec<String> {
    let action = |index: &u32| schema.actions.get(usize::try_from(*index).ok()?);
    fault.actions.iter().filter_map(action).map(|action| action.uid.to_string()).collect()
}
