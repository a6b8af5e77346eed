//! The programs under sanitizers and under memcheck: nothing is read or written that must not be.
//!
//! Leaks are not looked for where debug assertions keep the words of freed objects.

use std::path::Path;
use std::process::Command;

use super::FREED;
use super::inputs::{plant_inputs, press_inputs};
use super::programs::{Language, Library, compile_with, succeed};

const SANITIZERS: [&str; 4] =
    ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

/// Sanitizers without and with the search for leaks.
fn options() -> [(&'static str, &'static str); 2] {
    let leaks = if cfg!(debug_assertions) {
        "detect_leaks=0:abort_on_error=0"
    } else {
        "detect_leaks=1:abort_on_error=0"
    };
    [("ASAN_OPTIONS", leaks), ("UBSAN_OPTIONS", "print_stacktrace=1")]
}

#[track_caller]
fn sanitized(source: &str, language: Language, (folder, arguments): (&Path, &[&str])) {
    let linked = (language, Library::Shared);
    let program = compile_with(source, linked, (&[folder], &SANITIZERS), folder);
    let mut command = Command::new(program);
    command.envs(options()).arg(folder).args(arguments);
    succeed(&mut command);
}

#[test]
fn programs_are_clean_under_sanitizers() {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    super::typed::shop_inputs(folder.path());
    let count = plant_inputs(folder.path());
    for (source, arguments) in [
        ("tests/plant.c", [count.as_str()].as_slice()),
        ("tests/press.c", &[]),
        ("tests/grants.c", &[]),
        ("tests/sessions.c", &[]),
        ("tests/stages.c", &[]),
        ("tests/reports.c", &[]),
        ("tests/typed.c", &[]),
        ("tests/refusals.c", &[FREED]),
    ] {
        sanitized(source, Language::C, (folder.path(), arguments));
    }
    sanitized("tests/layer.cpp", Language::Cpp, (folder.path(), &[]));
}

#[test]
fn programs_are_clean_under_memcheck() {
    let folder = tempfile::tempdir().unwrap();
    press_inputs(folder.path());
    super::typed::shop_inputs(folder.path());
    for source in ["tests/press.c", "tests/stages.c", "tests/typed.c"] {
        let linked = (Language::C, Library::Shared);
        let program = compile_with(source, linked, (&[folder.path()], &["-g"]), folder.path());
        let mut command = Command::new("valgrind");
        command
            .args(["--quiet", "--error-exitcode=9", "--leak-check=no", "--max-stackframe=4194304"])
            .arg(program)
            .arg(folder.path());
        succeed(&mut command);
    }
}
