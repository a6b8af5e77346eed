//! Rules for a file as a whole: its length, its name, its first line.

use super::Finding;
use crate::source::Source;

const LINES_MAX: usize = 600;

/// Names that say where code was put instead of what it is.
const NAMES: [&str; 5] = ["mod.rs", "utils.rs", "helpers.rs", "common.rs", "types.rs"];

pub(super) fn long(source: &Source) -> Vec<Finding> {
    let lines = source.lines.len();
    if lines <= LINES_MAX {
        return Vec::new();
    }
    vec![Finding::saying(LINES_MAX + 1, format!("{lines} lines"))]
}

pub(super) fn without_doc(source: &Source) -> Vec<Finding> {
    let is_doc = source.lines.first().is_some_and(|line| line.starts_with("//! "));
    if is_doc { Vec::new() } else { vec![Finding::at(1)] }
}

pub(super) fn badly_named(source: &Source) -> Vec<Finding> {
    let name = source.path.rsplit('/').next().unwrap_or(&source.path);
    if !NAMES.contains(&name) {
        return Vec::new();
    }
    vec![Finding::saying(1, name.to_owned())]
}
