//! A decision as a line of the kit.

use std::fmt::Write as _;

use trapkey::{Decision, EvalError, Horizon, Obligation, Reason};

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Permitted => "permitted",
        Reason::Forbidden => "forbidden",
        Reason::NotPermitted => "not-permitted",
        Reason::ForbidErred => "forbid-erred",
        Reason::ObligationNotHonoured => "obligation-not-honoured",
        Reason::Failed(_) => "undecided",
    }
}

fn error(error: EvalError) -> u8 {
    match error {
        EvalError::EntityMissing => 1,
        EvalError::Overflow => 2,
        EvalError::Extension => 3,
    }
}

/// Joined with semicolons; none of the parts has one.
fn list(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    assert!(parts.iter().all(|part| !part.contains([';', '\t', '\n'])), "{parts:?}");
    parts.join(";")
}

fn duties<'d>(duties: impl Iterator<Item = &'d Obligation>) -> String {
    list(duties.map(|duty| match &duty.argument {
        Some(argument) => format!("{}={argument}", duty.name),
        None => duty.name.clone(),
    }))
}

/// What the kit says of a decision.
pub(crate) fn line(decision: &Decision) -> String {
    let mut line = String::from(if decision.is_allow() { "allow" } else { "deny" });
    line.push('\t');
    line.push_str(reason(decision.reason()));
    let erring = decision.erring().map(|erring| {
        let (id, span) = (&erring.policy.id, erring.span);
        format!("{id}:{}:{}-{}", error(erring.error), span.start, span.end)
    });
    let horizon = match decision.horizon() {
        Horizon::Now => "0".to_owned(),
        Horizon::Remaining(remaining) => remaining.as_millis().to_string(),
        Horizon::Never => "never".to_owned(),
    };
    let until = decision.valid_until().map_or_else(|| "-".to_owned(), |until| until.0.to_string());
    for (name, value) in [
        ("determining", list(decision.determining().map(|policy| policy.id.clone()))),
        ("erring", list(erring)),
        ("observed", list(decision.observed().map(|policy| policy.id.clone()))),
        ("expired", list(decision.expired().map(|policy| policy.id.clone()))),
        ("obligations", duties(decision.obligations())),
        ("advice", duties(decision.advice())),
        ("remaining", horizon),
        ("until", until),
    ] {
        write!(line, "\t{name}={value}").unwrap();
    }
    line
}
