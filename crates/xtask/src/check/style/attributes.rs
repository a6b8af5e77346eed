//! Rules for attributes: a lint is expected with a reason, never silenced, and a test always runs.

use super::Finding;
use crate::source::{Attribute, Source};

pub(super) fn allows(source: &Source) -> Vec<Finding> {
    lines(source, |attribute| attribute.applies("allow"))
}

pub(super) fn unreasoned(source: &Source) -> Vec<Finding> {
    lines(source, |attribute| attribute.applies("expect") && !attribute.mentions("reason"))
}

pub(super) fn ignored(source: &Source) -> Vec<Finding> {
    lines(source, |attribute| attribute.applies("ignore"))
}

fn lines(source: &Source, is_wrong: fn(&Attribute) -> bool) -> Vec<Finding> {
    let wrong = source.attributes.iter().filter(|attribute| is_wrong(attribute));
    Finding::all(wrong.map(|attribute| attribute.line))
}
