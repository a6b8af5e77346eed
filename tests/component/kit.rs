//! The kit's file.

use std::fs;

use trapkey_testkit::repository_dir;

pub(crate) fn text() -> String {
    fs::read_to_string(repository_dir().join("tests/kit/decisions.kit")).unwrap()
}

/// Folder and rule of each bundle, with a tab between them.
pub(crate) fn policies(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("policies\t"))
}
