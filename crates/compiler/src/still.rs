//! Durations of contexts that carry no `@clock`: most of them move with time, and then decisions
//! would seem to hold for longer than they do.

use std::collections::BTreeMap;

use trapkey_abi::{Action, Record, Schema, Type};

use crate::diagnostic::{Diagnostic, Severity, Source};

/// A warning for each path at which some action's context has such a duration.
pub(crate) fn still_durations(schema: &Schema) -> Vec<Diagnostic> {
    let mut found: BTreeMap<String, (&Action, usize)> = BTreeMap::new();
    for action in &schema.actions {
        let mut paths = Vec::new();
        find(&action.context, "context", &mut paths);
        for path in paths {
            found.entry(path).or_insert((action, 0)).1 += 1;
        }
    }
    let warning = |(path, (action, count)): (String, (&Action, usize))| {
        let others = match count {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let message = format!("`{path}` of `{}`{others} is a duration without @clock", action.uid);
        let help = "say @clock(\"elapsed\") or @clock(\"remaining\") if it moves with time: \
                    else decisions count on it to stay as it is";
        let severity = Severity::Warning;
        let finding = Diagnostic::error(Source::Schema, None, message);
        Diagnostic { severity, help: Some(help.to_owned()), ..finding }
    };
    found.into_iter().map(warning).collect()
}

fn find(record: &Record, path: &str, found: &mut Vec<String>) {
    for (name, attribute) in &record.attributes {
        let path = format!("{path}.{name}");
        match &attribute.ty {
            Type::Duration if attribute.clock.is_none() => found.push(path),
            Type::Record(record) => find(record, &path, found),
            Type::Bool
            | Type::Long
            | Type::String
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_)
            | Type::Set(_) => {}
        }
    }
}
