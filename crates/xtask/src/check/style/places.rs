//! Rules for what has its place: unsafe code, clocks, hash order, wildcard arms, sleeping.

use super::{Finding, is_library_code};
use crate::source::Source;

/// How far below its attribute an unsafe block of several lines may start.
const ATTRIBUTE_REACH_LINES: usize = 10;

/// The one file of a library beside `capi` that may have unsafe code, with a reason: it loads native code.
const PRECOMPILED: &str = "crates/engine/src/precompiled.rs";

/// Unsafe code belongs to `capi`, or stands below an `#[expect(unsafe_code, reason = "…")]` in tests, programs and the
/// one file that loads native code.
pub(super) fn unsafe_code(source: &Source) -> Vec<Finding> {
    if source.is_under(&["crates/capi/"]) {
        return Vec::new();
    }
    let reasons: Vec<usize> = source
        .attributes
        .iter()
        .filter(|attribute| !attribute.is_inner && attribute.applies("expect"))
        .filter(|attribute| attribute.mentions("unsafe_code") && attribute.mentions("reason"))
        .map(|attribute| attribute.line)
        .collect();
    let has_reason = |line: usize| {
        reasons.iter().any(|above| (*above..=above + ATTRIBUTE_REACH_LINES).contains(&line))
    };
    let may_have = |line| source.path == PRECOMPILED || !is_library_code(source, line);
    let is_allowed = |line: usize| has_reason(line) && may_have(line);
    Finding::all(source.find(&["unsafe"]).into_iter().filter(|line| !is_allowed(*line)))
}

/// Our own enums are matched in full where a forgotten variant would be a wrong decision.
pub(super) fn wildcard_arms(source: &Source) -> Vec<Finding> {
    if !source.is_under(&["crates/capi/", "crates/compiler/"]) {
        return Vec::new();
    }
    // Tokens, not the syntax tree: arms inside a macro call count as well.
    let wildcards = source.tokens.windows(3).filter_map(|window| match window {
        [before, wildcard, after]
            if wildcard.text == "_"
                && ["{", "}", ",", "|", "]"].contains(&before.text.as_str())
                && ["=", "if"].contains(&after.text.as_str()) =>
        {
            Some(wildcard.line)
        }
        _ => None,
    });
    Finding::all(wildcards)
}

/// Same sources, same bytes, same digest: what iterates in another order each time is kept out.
pub(super) fn hash_order(source: &Source) -> Vec<Finding> {
    if !source.is_under(&["crates/bundle/src/", "crates/compiler/src/"]) {
        return Vec::new();
    }
    let mut lines = source.find(&["HashMap"]);
    lines.extend(source.find(&["HashSet"]));
    lines.sort_unstable();
    Finding::all(lines)
}

/// The host gives the time; only programs and measurements read it.
pub(super) fn clocks(source: &Source) -> Vec<Finding> {
    if source.is_under(&["benches/", "crates/cli/", "crates/xtask/", "examples/"])
        || source.path.contains("/examples/")
    {
        return Vec::new();
    }
    let mut lines = source.find(&["Instant", ":", ":", "now"]);
    lines.extend(source.find(&["SystemTime", ":", ":", "now"]));
    lines.sort_unstable();
    Finding::all(lines.into_iter().filter(|line| !source.is_test(*line)))
}

/// A library leaves panic hooks, loggers and the environment to the program.
pub(super) fn process_wide(source: &Source) -> Vec<Finding> {
    const EFFECTS: [&[&str]; 8] = [
        &["set_hook"],
        &["set_logger"],
        &["set_boxed_logger"],
        &["set_global_default"],
        &["std", ":", ":", "env"],
        &["env", ":", ":", "var"],
        &["env", ":", ":", "var_os"],
        &["env", ":", ":", "set_var"],
    ];
    let mut lines: Vec<usize> = EFFECTS.iter().flat_map(|words| source.find(words)).collect();
    lines.sort_unstable();
    lines.dedup();
    Finding::all(lines.into_iter().filter(|line| is_library_code(source, *line)))
}

pub(super) fn sleeps(source: &Source) -> Vec<Finding> {
    let lines = source.find(&["sleep", "("]);
    Finding::all(lines.into_iter().filter(|line| source.is_test(*line)))
}
