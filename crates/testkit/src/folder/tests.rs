//! Every example holds under Cedar, and a folder that is not well-formed is refused with file and place.

use std::error::Error;

use tempfile::TempDir;

use super::*;
use crate::places::examples_dir;
use std::collections::BTreeSet;

const SCHEMA: &str = "entity U; action a appliesTo { principal: U, resource: U, context: {} };";
const CASE: &str =
    r#"[{ "name": "c", "request": "r.json", "decision": "deny", "reason": [], "num_errors": 0"#;

/// A folder that reads, but for `files`, which replace or add.
fn folder(files: &[(&str, &str)]) -> (TempDir, Result<Folder, FolderError>) {
    let dir = TempDir::new().unwrap();
    let sound = [
        ("s.cedarschema", SCHEMA),
        ("b.cedar", "permit(principal, action, resource);"),
        ("entities.json", r#"[{ "uid": { "type": "U", "id": "u" }, "attrs": {}, "parents": [] }]"#),
        ("r.json", "{}"),
        ("no-list.json", "{}"),
    ];
    for (name, text) in sound.iter().chain(files) {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let read = Folder::read(dir.path());
    (dir, read)
}

#[track_caller]
fn check(files: &[(&str, &str)], want: &[&str]) {
    let (dir, read) = folder(files);
    let error = read.expect_err("the folder should be refused");
    let mut messages = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        messages.push(error.to_string());
        source = error.source();
    }
    let place = format!("{}/", dir.path().display());
    let messages: Vec<String> = messages.iter().map(|m| m.replace(&place, "")).collect();
    assert_eq!(messages.len(), want.len(), "{messages:?}");
    for (message, want) in messages.iter().zip(want) {
        assert!(message.contains(want), "{messages:?}");
    }
}

#[track_caller]
fn check_case(rest: &str, want: &str) {
    let text = format!("{CASE}{rest}}}]");
    check(&[("cases.json", &text)], &["case `c` of `cases.json`", want]);
}

#[test]
fn every_example_holds_under_cedar() {
    let mut examples = 0;
    let mut disagreements = Vec::new();
    for entry in fs::read_dir(examples_dir()).unwrap() {
        let folder = Folder::read(&entry.unwrap().path()).unwrap();
        let oracle = folder.oracle().unwrap();
        assert!(!folder.cases.is_empty(), "{}", folder.path.display());
        for case in &folder.cases {
            let place = format!("{}: {}", folder.path.display(), case.name);
            let oracle = oracle.with_entities(&case.entities).expect(&place);
            let verdict = oracle.decide(&case.request).expect(&place);
            if Expected::from(&verdict) != case.cedar {
                disagreements.push((case.name.clone(), verdict));
            }
        }
        examples += 1;
    }
    assert_eq!(examples, 4);
    assert_eq!(disagreements, []);
}

#[test]
fn every_example_is_valid_without_a_warning() {
    use cedar_policy::{ValidationMode, Validator};
    for entry in fs::read_dir(examples_dir()).unwrap() {
        let oracle = Folder::read(&entry.unwrap().path()).unwrap().oracle().unwrap();
        let validator = Validator::new(oracle.schema().clone());
        let result = validator.validate(oracle.policies(), ValidationMode::Strict);
        let warnings: Vec<_> = result.validation_warnings().map(ToString::to_string).collect();
        assert_eq!(warnings, Vec::<String>::new());
    }
}

#[test]
fn policies_are_joined_in_the_order_of_their_names() {
    let (_dir, folder) = folder(&[("a.cedar", "// first"), ("c.cedar", "// last")]);
    assert_eq!(
        folder.unwrap().policies,
        "// first\npermit(principal, action, resource);\n// last\n"
    );
}

#[test]
fn entities_are_changed_then_removed() {
    let text = format!(
        r#"{CASE}, "entities_changed": [
            {{ "uid": "U::\"w\"", "attrs": {{}}, "parents": [] }},
            {{ "uid": {{ "type": "U", "id": "v" }}, "attrs": {{}}, "parents": [] }}
        ], "entities_removed": [{{ "type": "U", "id": "u" }}, "U::\"v\""]}}]"#
    );
    let (_dir, folder) = folder(&[("cases.json", &text)]);
    let folder = folder.unwrap();
    let store = serde_json::json!([{ "uid": "U::\"w\"", "attrs": {}, "parents": [] }]);
    assert_eq!(*folder.cases[0].entities, store);
}

#[test]
fn own_semantics_stand_beside_those_of_cedar() {
    let text = format!(
        r#"{CASE}, "trapkey": {{ "decision": "allow", "reason": ["x"], "num_errors": 1 }}}}]"#
    );
    let (_dir, folder) = folder(&[("cases.json", &text)]);
    let case = folder.unwrap().cases.remove(0);
    assert!(!case.cedar.allow && case.cedar.determining.is_empty());
    let determining = BTreeSet::from(["x".to_owned()]);
    let want = Expected { allow: true, determining, num_errors: 1 };
    assert_eq!(case.trapkey, want);
}

#[test]
fn folder_without_its_files_is_refused() {
    check(&[("t.cedarschema", SCHEMA)], &["has 2 files *.cedarschema, not 1"]);
    let missing = Folder::read(Path::new("/nowhere")).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read `/nowhere`");
    let (dir, _read) = folder(&[]);
    fs::remove_file(dir.path().join("b.cedar")).unwrap();
    let without = Folder::read(dir.path()).unwrap_err();
    assert!(matches!(without, FolderError::NoPolicies { .. }));
    fs::remove_file(dir.path().join("s.cedarschema")).unwrap();
    let without = Folder::read(dir.path()).unwrap_err();
    assert!(matches!(without, FolderError::Schemas { found: 0, .. }));
}

#[test]
fn oversized_file_is_not_read() {
    let (dir, _read) = folder(&[]);
    let file = fs::File::create(dir.path().join("entities.json")).unwrap();
    file.set_len(FILE_BYTES_MAX + 1).unwrap();
    let refused = Folder::read(dir.path()).unwrap_err();
    assert!(matches!(refused, FolderError::TooLarge { len, .. } if len == FILE_BYTES_MAX + 1));
}

#[test]
fn malformed_case_is_refused_with_its_line() {
    let unknown = format!("{CASE},\n\"extra\": 1}}]");
    check(&[("cases.json", &unknown)], &["malformed `cases.json`", "unknown field `extra`"]);
    check(&[("cases-2.json", "[\n{]")], &["malformed `cases-2.json`", "line 2 column 2"]);
    let decision = CASE.replace("deny", "maybe") + "}]";
    check(&[("cases.json", &decision)], &["malformed", "unknown variant `maybe`"]);
}

#[test]
fn unusable_case_is_refused_with_its_name() {
    let second = CASE.replacen('[', "", 1);
    let twice = format!("{CASE}}}, {second}}}]");
    check(&[("cases.json", &twice)], &["case `c` of `cases.json`", "two cases of this name"]);
    check(
        &[("cases.json", &format!("{}}}]", CASE.replace("r.json", "../r.json")))],
        &["case `c`", "`../r.json` is not the plain name"],
    );
    check(
        &[("cases.json", &format!("{}}}]", CASE.replace("r.json", "entities.json")))],
        &["case `c`", "the request is not an object"],
    );
    check(
        &[("cases.json", &format!("{CASE}, \"entities\": \"gone.json\"}}]"))],
        &["case `c`", "file of the case", "cannot read `gone.json`", "os error"],
    );
    check_case(r#", "entities_removed": ["U::\"x\""]"#, "the store has no `U::\"x\"`");
    let without_uid = format!("{CASE}, \"entities_changed\": [{{}}]}}]");
    check(
        &[("cases.json", &without_uid)],
        &["case `c`", "entity 0 of entities_changed has no uid", "got `null`"],
    );
    let twice = r#"[{ "uid": "U::\"u\"" }, { "uid": { "type": "U", "id": "u" } }]"#;
    let removed = format!("{CASE}, \"entities_removed\": [\"U::\\\"u\\\"\"]}}]");
    check(
        &[("entities.json", twice), ("cases.json", &removed)],
        &["case `c`", "the store has two `U::\"u\"`"],
    );
    check_case(
        r#", "entities": "no-list.json", "entities_removed": ["U::\"u\""]"#,
        "the entity store is not a list",
    );
}
