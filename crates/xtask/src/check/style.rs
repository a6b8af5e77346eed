//! The rules of STYLE.md that a machine can judge, over the sources and the prose at the root.

mod attributes;
mod definitions;
mod failures;
mod files;
mod functions;
mod places;
#[cfg(test)]
mod tests;
mod words;

use crate::repository::{Repository, TaskError};
use crate::source::Source;

/// Where a rule is broken.
struct Finding {
    line: usize,
    /// What to show instead of the line itself.
    excerpt: Option<String>,
}

struct Rule {
    name: &'static str,
    find: fn(&Source) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule { name: "file over 600 lines", find: files::long },
    Rule { name: "first line is not `//! …`", find: files::without_doc },
    Rule { name: "file name", find: files::badly_named },
    Rule { name: "function over 70 lines", find: functions::long },
    Rule { name: "over five parameters", find: functions::wide },
    Rule { name: "function name", find: functions::badly_named },
    Rule { name: "C symbol without the prefix", find: functions::unprefixed },
    Rule { name: "C constant without the prefix", find: definitions::unprefixed_constants },
    Rule { name: "type name", find: definitions::badly_named },
    Rule { name: "public and private fields", find: definitions::mixed_fields },
    Rule { name: "glob re-export", find: definitions::glob_reexports },
    Rule { name: "allow instead of expect", find: attributes::allows },
    Rule { name: "expect without a reason", find: attributes::unreasoned },
    Rule { name: "ignored test", find: attributes::ignored },
    Rule { name: "dropped failure", find: failures::dropped },
    Rule { name: "untyped error in a library", find: failures::untyped },
    Rule { name: "unsafe", find: places::unsafe_code },
    Rule { name: "wildcard arm", find: places::wildcard_arms },
    Rule { name: "hash-ordered map", find: places::hash_order },
    Rule { name: "clock", find: places::clocks },
    Rule { name: "process-wide effect", find: places::process_wide },
    Rule { name: "sleep in a test", find: places::sleeps },
    Rule { name: "note to self", find: words::notes },
    Rule { name: "doc heading", find: words::headings },
    Rule { name: "unmeasured adjective", find: words::adjectives },
];

/// Modules that `trapkey generate` writes are read by nobody; a test holds them to what it writes.
const SOURCES: [&str; 4] = [
    ":(glob)crates/**/*.rs",
    ":(glob)tests/**/*.rs",
    ":(glob)benches/**/*.rs",
    ":(exclude)tests/generated/",
];

const PROSE: [&str; 1] = [":(glob)*.md"];

/// Finds every breach, one line each: `path:line: rule: excerpt`.
pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let mut alarms = Vec::new();
    for path in repository.files(&SOURCES)? {
        alarms.extend(source_alarms(&path, &repository.read(&path)?));
    }
    for path in repository.files(&PROSE)? {
        alarms.extend(prose_alarms(&path, &repository.read(&path)?));
    }
    Ok(alarms)
}

fn source_alarms(path: &str, text: &str) -> Vec<String> {
    let source = match Source::parse(path, text) {
        Ok(source) => source,
        Err(error) => return vec![format!("{path}:1: not Rust: {error}")],
    };
    let mut broken: Vec<(&str, Finding)> = RULES
        .iter()
        .flat_map(|rule| (rule.find)(&source).into_iter().map(|finding| (rule.name, finding)))
        .collect();
    broken.sort_by_key(|(_, finding)| finding.line);
    broken.iter().map(|(rule, finding)| alarm(path, rule, finding, &source.lines)).collect()
}

fn prose_alarms(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    words::adjectives_in_prose(text)
        .iter()
        .map(|finding| alarm(path, "unmeasured adjective", finding, &lines))
        .collect()
}

fn alarm(path: &str, rule: &str, finding: &Finding, lines: &[String]) -> String {
    let Finding { line, excerpt } = finding;
    let own = lines.get(line.saturating_sub(1)).map_or("", |text| text.trim());
    let excerpt: String =
        excerpt.as_deref().unwrap_or(own).chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{path}:{line}: {rule}: {excerpt}")
}

/// With path and rule in front, an alarm still fits a wide terminal.
const EXCERPT_CHARS_MAX: usize = 90;

impl Finding {
    fn at(line: usize) -> Self {
        Self { line, excerpt: None }
    }

    fn saying(line: usize, excerpt: String) -> Self {
        Self { line, excerpt: Some(excerpt) }
    }

    fn all(lines: impl IntoIterator<Item = usize>) -> Vec<Self> {
        lines.into_iter().map(Self::at).collect()
    }
}

/// Folders whose crates are linked into other programs.
const LIBRARIES: [&str; 8] = [
    "crates/abi/",
    "crates/bundle/",
    "crates/capi/",
    "crates/compiler/",
    "crates/engine/",
    "crates/events/",
    "crates/plugin/",
    "crates/trapkey/",
];

/// Whether a line is code that a user's program would link.
fn is_library_code(source: &Source, line: usize) -> bool {
    source.is_under(&LIBRARIES) && !source.path.contains("/examples/") && !source.is_test(line)
}
