//! Cedar's own test data, decided beside Cedar.

#![cfg(test)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;
use trapkey_testkit::shared_dir;
use trapkey_tests::conformance::{self, GAPS, Gap, Report};

/// A folder with the content of an archive; absent on a machine that has none.
fn unpacked(archive: &str) -> Option<TempDir> {
    let Some(shared) = shared_dir().unwrap() else {
        println!("skipped: no shared folder with `{archive}`");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(shared.join("cedar").join(archive)).unwrap();
    tar::Archive::new(GzDecoder::new(file)).unpack(folder.path()).unwrap();
    Some(folder)
}

/// All files in `folder` and below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every JSON file that says whether it should validate, with its path: found without the runner.
fn tests(folder: &Path) -> Vec<(String, Value)> {
    let jsons = files(folder).into_iter().filter(|p| p.extension() == Some(OsStr::new("json")));
    let named = jsons.map(|path| {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap())
    });
    named.filter(|(_, value)| value.get("shouldValidate").is_some()).collect()
}

#[track_caller]
fn run(folder: &Path, gaps: &[Gap]) -> Report {
    let report = conformance::run(folder, gaps).unwrap();
    println!("{report}");
    report
}

#[track_caller]
fn check_tests(archive: &str) {
    let Some(folder) = unpacked(archive) else { return };
    let report = run(folder.path(), GAPS);
    assert!(report.differences.is_empty(), "{report}");
    let tests = tests(folder.path());
    let (refused, decided): (Vec<_>, Vec<_>) =
        tests.iter().partition(|(name, _)| report.refused.contains(name));
    let requests: usize =
        decided.iter().map(|(_, test)| test["requests"].as_array().unwrap().len()).sum();
    assert!(refused.iter().all(|(_, test)| test["shouldValidate"] == false));
    assert_eq!(report.refused.len(), refused.len());
    assert_eq!(report.tests, tests.len() as u64);
    assert_eq!(report.requests, requests as u64);
    assert_eq!(report.equal, report.requests);
    assert!(report.requests > 0);
}

#[test]
fn generated_tests_decide_as_in_cedar() {
    check_tests("corpus-a.tar.gz");
}

#[test]
fn handwritten_tests_decide_as_in_cedar() {
    check_tests("handwritten.tar.gz");
}

#[test]
fn example_applications_decide_as_sorted() {
    let Some(folder) = unpacked("use-cases.tar.gz") else { return };
    let report = run(folder.path(), GAPS);
    assert!(report.differences.is_empty(), "{report}");
    let files = files(folder.path());
    let is_query = |path: &&PathBuf| {
        ["ALLOW", "DENY"].iter().any(|sort| path.parent().unwrap().ends_with(sort))
    };
    let applications = files.iter().filter(|path| path.ends_with("policies.cedar"));
    assert_eq!(report.tests, applications.count() as u64);
    assert_eq!(report.requests, files.iter().filter(is_query).count() as u64);
    assert_eq!(report.equal, report.requests);
    assert!(report.refused.is_empty());
    assert!(report.requests > 0);
}

#[test]
fn wrong_file_is_a_difference_unless_it_is_a_known_gap() {
    let Some(folder) = unpacked("handwritten.tar.gz") else { return };
    let test = folder.path().join("tests/ip/1.json");
    let text = fs::read_to_string(&test).unwrap();
    fs::write(&test, text.replacen("\"decision\": \"allow\"", "\"decision\": \"deny\"", 1))
        .unwrap();
    let report = run(folder.path(), &[]);
    assert_eq!(report.differences.len(), 1, "{report}");
    assert_eq!(report.differences[0].test, "tests/ip/1.json");
    assert_eq!(report.equal, report.requests - 1);

    let gap = Gap { test: "tests/ip/1.json", reason: "the file was changed" };
    assert!(run(folder.path(), std::slice::from_ref(&gap)).differences.is_empty());
    fs::write(&test, text).unwrap();
    let report = run(folder.path(), &[gap]);
    assert_eq!(report.differences.len(), 1, "{report}");
    assert!(report.differences[0].text.contains("no gap any more"), "{report}");
}
