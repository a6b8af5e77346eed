//! The C interface, from programs in C and C++ that are compiled here.

#![cfg(test)]

#[path = "capi/inputs.rs"]
mod inputs;
#[path = "capi/programs.rs"]
mod programs;

use inputs::{plant_inputs, press_inputs};
use programs::{Language, Library, run};

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
fn bad_input_is_a_status_and_a_deny() {
    check("tests/refusals.c", &[FREED]);
}
