//! `trapkey generate` as a user meets it.

#![expect(clippy::unwrap_used, reason = "the functions that tests share fail the test as well")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const SCHEMA: &str = "entity User; entity Door;
action enter, lock appliesTo { principal: User, resource: Door, context: {} };";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("s.cedarschema"), SCHEMA).unwrap();
    std::fs::write(folder.path().join("bad.cedarschema"), "entity User in [Nobody];").unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trapkey"));
    command.arg("generate").args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn types_go_to_a_file_or_to_standard_output() {
    let folder = folder();
    let printed = run(folder.path(), &["rust", "s.cedarschema"]);
    assert_eq!((printed.status.code(), text(&printed.stderr)), (Some(0), ""));
    let module = text(&printed.stdout);
    let header = "// Requests of the schema `s.cedarschema` as structs.\n";
    assert!(module.starts_with(header), "{module}");
    assert!(module.contains("\npub struct Enter {\n"), "{module}");

    let written = run(folder.path(), &["rust", "s.cedarschema", "-o", "doors.rs"]);
    let summary = text(&written.stdout).trim_end();
    let says = "doors.rs: `s.cedarschema`, 3 entity types, 2 actions, layout ";
    assert!(summary.starts_with(says), "{summary}");
    assert_eq!(std::fs::read_to_string(folder.path().join("doors.rs")).unwrap(), module);

    let json = run(folder.path(), &["rust", "s.cedarschema", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((json["text"].as_str(), &json["path"]), (Some(module), &Value::Null));
    assert!(summary.ends_with(json["layout_digest"].as_str().unwrap()), "{summary}");
}

#[test]
fn headers_are_named_after_their_schema() {
    let folder = folder();
    let printed = run(folder.path(), &["c", "s.cedarschema"]);
    assert_eq!((printed.status.code(), text(&printed.stderr)), (Some(0), ""));
    let header = text(&printed.stdout);
    for part in
        ["#ifndef S_REQUESTS_H\n", "S_ACTION_ENTER = 0", "static inline trapkey_status_t s_"]
    {
        assert!(header.contains(part), "{part} is not in {header}");
    }
    let named =
        run(folder.path(), &["c", "s.cedarschema", "--prefix", "door-keys", "-o", "doors.h"]);
    assert_eq!(named.status.code(), Some(0), "{}", text(&named.stderr));
    let header = std::fs::read_to_string(folder.path().join("doors.h")).unwrap();
    assert!(header.contains("DOOR_KEYS_ACTION_LOCK = 1"), "{header}");
}

#[test]
fn types_of_a_broken_schema_are_not_generated() {
    let folder = folder();
    let ran = run(folder.path(), &["rust", "bad.cedarschema", "-o", "bad.rs"]);
    assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(1), ""));
    assert!(text(&ran.stderr).contains("Nobody"), "{}", text(&ran.stderr));
    assert!(!folder.path().join("bad.rs").exists());
    let ran = run(folder.path(), &["cobol", "s.cedarschema"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("possible values: rust, c"), "{}", text(&ran.stderr));
}
