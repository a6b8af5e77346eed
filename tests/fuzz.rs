//! Replays the inputs that fuzzing kept, so that the targets' bodies and what they found hold in
//! every test run.

#![cfg(test)]

use std::path::Path;

use trapkey_testkit::repository_dir;
use trapkey_tests::fuzzing;

/// Feeds every kept input of a target to its body.
#[track_caller]
fn check(target: &str, body: fn(&[u8])) {
    let folder = repository_dir().join("tests/fuzz/cases").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        let failed = std::panic::catch_unwind(|| body(&data)).is_err();
        assert!(!failed, "{}", name(&path));
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn kept_policies_hold() {
    check("policy", fuzzing::policy);
}

#[test]
fn kept_bundles_hold() {
    check("bundle", fuzzing::bundle);
}

#[test]
fn kept_responses_hold() {
    check("response", fuzzing::response);
}

#[test]
fn kept_entities_hold() {
    check("entities", fuzzing::entities);
}

#[test]
fn kept_requests_hold() {
    check("request", fuzzing::request);
}
