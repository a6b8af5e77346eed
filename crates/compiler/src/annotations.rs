//! The policy annotations that Trapkey reads: `@id`, `@stage`, `@obligation`, `@advice`,
//! `@expires`, `@breakglass`.

use std::collections::BTreeMap;

use trapkey_abi::{Obligation, Stage, parse_datetime, parse_duration};

/// What a policy's annotations mean.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) stage: Stage,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) advice: Vec<Obligation>,
    pub(crate) expires: Option<i64>,
    /// The longest that a grant may last, in milliseconds.
    pub(crate) break_glass: Option<i64>,
}

/// What is wrong with an annotation.
struct Malformed(String);

/// Reads the annotations; the errors say what is malformed.
pub(crate) fn read(annotations: &BTreeMap<String, String>) -> Result<Meaning, Vec<String>> {
    let mut meaning = Meaning::default();
    let mut errors = Vec::new();
    match annotations.get("stage").map(String::as_str) {
        None | Some("enforce") => {}
        Some("observe") => meaning.stage = Stage::Observe,
        Some(other) => {
            errors.push(format!("@stage is `{other}`, expected observe or enforce"));
        }
    }
    for (annotation, place) in
        [("obligation", &mut meaning.obligations), ("advice", &mut meaning.advice)]
    {
        let Some(text) = annotations.get(annotation) else { continue };
        match text.split(',').map(|text| duty(annotation, text)).collect() {
            Ok(duties) => *place = duties,
            Err(Malformed(error)) => errors.push(error),
        }
    }
    if let Some(text) = annotations.get("expires") {
        match day(text) {
            Some(expires) => meaning.expires = Some(expires),
            None => errors.push(format!("@expires is `{text}`, expected a day as YYYY-MM-DD")),
        }
    }
    if let Some(text) = annotations.get("breakglass") {
        match parse_duration(text) {
            Ok(longest) if longest > 0 => meaning.break_glass = Some(longest),
            Ok(_) | Err(_) => errors.push(format!(
                "@breakglass is `{text}`, expected how long a grant may last, as `4h`"
            )),
        }
    }
    if errors.is_empty() { Ok(meaning) } else { Err(errors) }
}

/// `name` or `name:argument`; a name is letters, digits, `.`, `_` and `-`.
fn duty(annotation: &str, text: &str) -> Result<Obligation, Malformed> {
    let text = text.trim();
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument.to_owned())),
        None => (text, None),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(Malformed(format!(
            "@{annotation} has the name `{name}`, expected letters, digits, . _ -"
        )));
    }
    if argument.as_deref().is_some_and(|argument| argument.trim().is_empty()) {
        return Err(Malformed(format!("@{annotation} `{name}` has a colon but no argument")));
    }
    Ok(Obligation { name: name.to_owned(), argument })
}

fn day(text: &str) -> Option<i64> {
    if text.len() != "YYYY-MM-DD".len() {
        return None;
    }
    parse_datetime(text).ok()
}
