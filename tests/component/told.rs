//! A component's decision as a line of the kit.

use crate::interface::exports::trapkey::policy::types::{
    Decision, ErringPolicy, EvaluationError, Obligation, Reason, Verdict,
};

fn erring(erring: &ErringPolicy) -> String {
    let error = match erring.error {
        EvaluationError::EntityMissing => 1,
        EvaluationError::Overflow => 2,
        EvaluationError::Extension => 3,
    };
    format!("{}:{error}:{}-{}", erring.policy, erring.place.start, erring.place.end)
}

fn duty(duty: &Obligation) -> String {
    match &duty.argument {
        Some(argument) => format!("{}={argument}", duty.name),
        None => duty.name.clone(),
    }
}

/// What the kit says of a decision.
pub(crate) fn line(decision: &Decision) -> String {
    let verdict = match decision.verdict {
        Verdict::Allow => "allow",
        Verdict::Deny => "deny",
    };
    let reason = match decision.reason {
        Reason::Permitted => "permitted",
        Reason::Forbidden => "forbidden",
        Reason::NotPermitted => "not-permitted",
        Reason::ForbidErred => "forbid-erred",
    };
    let list = |parts: Vec<String>| parts.join(";");
    let remaining = decision.horizon.map_or_else(|| "never".to_owned(), |ms| ms.to_string());
    let until = decision.at.zip(decision.horizon);
    let until = until.and_then(|(at, horizon)| at.checked_add_unsigned(horizon));
    let fields = [
        ("determining", decision.determining.join(";")),
        ("erring", list(decision.erring.iter().map(erring).collect())),
        ("observed", decision.observed.join(";")),
        ("expired", decision.expired.join(";")),
        ("obligations", list(decision.obligations.iter().map(duty).collect())),
        ("advice", list(decision.advice.iter().map(duty).collect())),
        ("remaining", remaining),
        ("until", until.map_or_else(|| "-".to_owned(), |until| until.to_string())),
    ];
    let fields = fields.map(|(name, value)| format!("{name}={value}"));
    format!("{verdict}\t{reason}\t{}", fields.join("\t"))
}
