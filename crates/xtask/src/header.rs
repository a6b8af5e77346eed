//! The C header: written from the sources of `capi`, and compared with what is committed.

use std::fs;
use std::process::ExitCode;

use crate::repository::{Repository, TaskError};

const HEADER: &str = "bindings/c/include/trapkey.h";
const CRATE: &str = "crates/capi";
const CONFIG: &str = "crates/capi/cbindgen.toml";

/// What the documentation of each function says of its use.
const MANNERS: [&str; 3] = ["Threads: ", "Allocates: ", "Blocks: "];

/// Writes the header.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    if let Some(option) = options.first() {
        return Err(TaskError::Usage(format!("`header` takes no `{option}`")));
    }
    let repository = Repository::find()?;
    let path = repository.path(HEADER);
    fs::write(&path, generate(&repository)?).map_err(|error| TaskError::write(&path, error))?;
    println!("wrote {HEADER}");
    Ok(ExitCode::SUCCESS)
}

/// Compares what is committed with what the sources say.
pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let (committed, fresh) = (repository.read(HEADER)?, generate(repository)?);
    let mut findings = unmannered(&fresh);
    findings.extend(difference(&committed, &fresh));
    Ok(findings)
}

fn generate(repository: &Repository) -> Result<String, TaskError> {
    let config = cbindgen::Config::from_file(repository.path(CONFIG))
        .map_err(|complaint| TaskError::HeaderConfig { path: CONFIG, complaint })?;
    let bindings = cbindgen::Builder::new()
        .with_crate(repository.path(CRATE))
        .with_config(config)
        .generate()
        .map_err(Box::new)?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The first line that differs.
fn difference(committed: &str, fresh: &str) -> Option<String> {
    if committed == fresh {
        return None;
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("its end").trim().to_owned();
    let (number, found, want) = (same + 1, line(committed), line(fresh));
    Some(format!(
        "{HEADER}:{number}: `{found}`, the sources say `{want}`: run `cargo xtask header`"
    ))
}

/// The functions whose comment does not say how they may be used.
fn unmannered(header: &str) -> Vec<String> {
    let (mut findings, mut comment) = (Vec::new(), String::new());
    for line in header.lines() {
        if line.starts_with("/*") {
            comment.clear();
        }
        if line.starts_with("/*") || line.starts_with(" *") {
            comment.push_str(line);
            continue;
        }
        let name = line.split('(').next().and_then(|start| start.split_whitespace().next_back());
        let name = name.map(|name| name.trim_start_matches('*'));
        let is_function = line.contains('(')
            && !line.starts_with([' ', '#', '}'])
            && !line.starts_with("static inline ");
        let Some(name) = name.filter(|name| is_function && name.starts_with("trapkey_")) else {
            continue;
        };
        for manner in MANNERS.iter().filter(|manner| !comment.contains(**manner)) {
            findings.push(format!("{HEADER}: the comment of `{name}` has no `{}`", manner.trim()));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{difference, unmannered};

    #[test]
    fn first_difference_is_named() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let said = difference("a\nb\n", "a\nc\n").unwrap_or_default();
        assert!(said.contains(":2: `b`, the sources say `c`"), "{said}");
        assert!(difference("a\n", "a\nc\n").is_some());
    }

    #[test]
    fn functions_say_how_they_may_be_used() {
        let good = "/**\n * Frees.\n *\n * Threads: one. Allocates: no. Blocks: no.\n */\n";
        assert_eq!(unmannered(&format!("{good}void trapkey_free(trapkey_t *object);")), [""; 0]);
        let bad = "/**\n * Frees. Threads: one. Blocks: no.\n */\nvoid *trapkey_free(void);";
        let found = unmannered(bad);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`trapkey_free` has no `Allocates:`"), "{found:?}");
    }
}
