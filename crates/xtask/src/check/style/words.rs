//! Rules for prose: comments, documentation, and the pages at the root.

use super::Finding;
use crate::source::{Comment, Source};

/// Marks of work left undone.
const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Headings that repeat the signature.
const HEADINGS: [&str; 2] = ["# Arguments", "# Returns"];

/// Praise that no measurement could confirm or refute.
const ADJECTIVES: [&str; 8] =
    ["blazing", "blazingly", "easy", "powerful", "robust", "seamless", "seamlessly", "simple"];

pub(super) fn notes(source: &Source) -> Vec<Finding> {
    let comments = source.comments.iter();
    Finding::all(comments.filter(|comment| mentions(&comment.text, &NOTES)).map(|note| note.line))
}

pub(super) fn headings(source: &Source) -> Vec<Finding> {
    let wrong = docs(source).filter(|comment| HEADINGS.contains(&comment.text.as_str()));
    Finding::all(wrong.map(|comment| comment.line))
}

pub(super) fn adjectives(source: &Source) -> Vec<Finding> {
    unmeasured(docs(source).map(|comment| (comment.line, comment.text.as_str())))
}

pub(super) fn adjectives_in_prose(text: &str) -> Vec<Finding> {
    unmeasured(text.lines().enumerate().map(|(index, line)| (index + 1, line)))
}

fn docs(source: &Source) -> impl Iterator<Item = &Comment> {
    source.comments.iter().filter(|comment| comment.is_doc)
}

/// Judges prose alone: fenced blocks and text between backticks are quoted from elsewhere.
fn unmeasured<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_fenced = false;
    for (number, line) in lines {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
            continue;
        }
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        if !is_fenced && mentions(&prose.join(" ").to_lowercase(), &ADJECTIVES) {
            findings.push(Finding::at(number));
        }
    }
    findings
}

fn mentions(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| words.contains(&word))
}
