//! The C interface, from programs in C and C++ that are compiled here.

#![cfg(test)]

#[path = "capi/clean.rs"]
mod clean;
#[path = "capi/inputs.rs"]
mod inputs;
#[path = "capi/programs.rs"]
mod programs;
#[path = "capi/statuses.rs"]
mod statuses;
#[path = "capi/typed.rs"]
mod typed;

use std::fs;
use std::path::Path;
use std::process::Command;

use trapkey_testkit::repository_dir;

use inputs::{plant_inputs, press_inputs};
use programs::{Language, Library, compile_with, run};

/// Whether the library keeps the word of freed objects: as this program, which is built with it.
const FREED: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// Compiles a program in both languages, and runs it with a folder that has all inputs.
#[track_caller]
fn check(source: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    for language in [Language::C, Language::Cpp] {
        run(source, language, Library::Shared, (folder.path(), arguments));
    }
}

#[test]
fn plant_cases_are_decided_as_in_rust() {
    let folder = tempfile::tempdir().unwrap();
    let count = plant_inputs(folder.path());
    for (language, library) in [
        (Language::C, Library::Shared),
        (Language::Cpp, Library::Shared),
        (Language::C, Library::Static),
    ] {
        run("tests/plant.c", language, library, (folder.path(), &[&count]));
    }
}

#[test]
fn requests_are_built_from_values_and_set_in_place() {
    check("tests/press.c", &[]);
}

#[test]
fn grants_clocks_and_records_come_from_c() {
    check("tests/grants.c", &[]);
}

#[test]
fn stages_shadows_and_guards_come_from_c() {
    check("tests/stages.c", &[]);
}

#[test]
fn reports_say_what_rust_says() {
    check("tests/reports.c", &[]);
}

/// Counts what the library asks of the C library's allocator.
#[test]
#[cfg(target_env = "gnu")]
fn prepared_decisions_allocate_nothing() {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    run("tests/allocations.c", Language::C, Library::Shared, (folder.path(), &[]));
}

#[test]
fn sessions_are_kept_true() {
    check("tests/sessions.c", &[]);
}

#[test]
fn objects_of_the_cpp_layer_free_themselves() {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    run("tests/layer.cpp", Language::Cpp, Library::Shared, (folder.path(), &[]));
}

/// Every function of the header is called by a test in C.
#[test]
fn every_function_is_called() {
    let bindings = repository_dir().join("bindings/c");
    let header = fs::read_to_string(bindings.join("include/trapkey.h")).unwrap();
    let tests = [
        "plant.c",
        "press.c",
        "refusals.c",
        "grants.c",
        "sessions.c",
        "stages.c",
        "reports.c",
        "typed.c",
        "check.h",
    ]
    .map(|name| fs::read_to_string(bindings.join("tests").join(name)).unwrap());
    let declared = header.lines().filter(|line| !line.starts_with([' ', '#', '}', '/']));
    let names = declared.filter_map(|line| {
        let (start, _) = line.split_once('(')?;
        let name = start.split_whitespace().next_back()?.trim_start_matches('*');
        name.starts_with("trapkey_").then_some(name)
    });
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 150, "{}", names.len());
    for name in names {
        let call = format!("{name}(");
        let setter = name.strip_prefix("trapkey_request_").map(|name| format!("SETTER({name},"));
        let is_called = tests.iter().any(|test| {
            test.contains(&call) || setter.as_ref().is_some_and(|setter| test.contains(setter))
        });
        assert!(is_called, "no test calls `{name}`");
    }
}

/// Compiles an example and runs it; gives its exit code and what it prints.
#[track_caller]
fn example(source: &str, folder: &Path, arguments: &[&str]) -> (i32, String) {
    let source = format!("examples/{source}");
    let linked = (Language::C, Library::Shared);
    let program = compile_with(&source, linked, (&[], &[]), folder);
    let output = Command::new(program).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn examples_decide_as_the_cases_say() {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (bundle, entities) = (path("press.bundle"), path("press.entities"));
    let allowed = [bundle.as_str(), &entities, &path("press.request")];
    let denied = [bundle.as_str(), &entities, &path("visit.request")];
    let (code, said) = example("decide.c", folder.path(), &allowed);
    assert_eq!((code, said.as_str()), (0, "allow\n  write-all\n"));
    assert_eq!(example("decide.c", folder.path(), &denied), (1, "deny\n".to_owned()));
    let (code, said) = example("audit.c", folder.path(), &allowed);
    let line = "generation 1 allow User::\"ann\" on Machine::\"press\" write-all\n";
    assert_eq!((code, said.as_str()), (0, line));
    let swapped = [bundle.as_str(), &entities, &path("press.request"), &path("press.denying")];
    let (code, said) = example("hot_swap.c", folder.path(), &swapped);
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("refused: ")).collect();
    let want = [(1, "allow"), (1, "allow"), (2, "deny"), (3, "allow")]
        .map(|(generation, verdict)| format!("generation {generation}: {verdict} (OK)"));
    assert_eq!((code, lines), (0, want.iter().map(String::as_str).collect()));
}

#[test]
fn bad_input_is_a_status_and_a_deny() {
    check("tests/refusals.c", &[FREED]);
}
