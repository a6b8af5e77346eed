//! Statuses: each number of the header has its name, in the library too, and is that of no other.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use trapkey_testkit::repository_dir;

use super::programs::{Language, Library, run};

#[test]
fn every_status_has_its_name() {
    let header = repository_dir().join("bindings/c/include/trapkey.h");
    let header = fs::read_to_string(header).unwrap();
    let statuses: Vec<(&str, u32)> = header
        .lines()
        .filter_map(|line| line.trim().strip_prefix("TRAPKEY_STATUS_")?.split_once(" = "))
        .map(|(name, number)| (name, number.trim_end_matches(',').parse().unwrap()))
        .collect();
    let numbers: BTreeSet<u32> = statuses.iter().map(|(_, number)| *number).collect();
    assert!(statuses.len() > 45 && numbers.len() == statuses.len(), "{statuses:?}");
    let mut program = String::from("#include \"tests/check.h\"\nint main(void)\n{\n");
    for (name, number) in statuses {
        writeln!(program, "CHECK(is_text(trapkey_status_name({number}), \"{name}\"));").unwrap();
    }
    program.push_str("CHECK(trapkey_status_name(0).len == 0);\nreturn 0;\n}\n");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("statuses.c");
    fs::write(&source, program).unwrap();
    run(source.to_str().unwrap(), Language::C, Library::Shared, (folder.path(), &[]));
}
