//! Programs in C and C++: compiled with all warnings as errors, linked with the library, run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use trapkey_testkit::repository_dir;

/// What a program is compiled as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    C,
    Cpp,
}

/// What a program is linked with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Shared,
    Static,
}

pub(crate) const WARNINGS: [&str; 5] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

/// Where cargo puts the libraries of the crates that this program depends on: beside it.
fn libraries() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().to_path_buf()
}

/// The newest file that is so named.
fn library(starts: &str, ends: &str) -> PathBuf {
    let files = fs::read_dir(libraries()).unwrap().map(|file| file.unwrap());
    let named = files.filter(|file| {
        let name = file.file_name().into_string().unwrap_or_default();
        name.starts_with(starts) && name.ends_with(ends)
    });
    let newest = named.max_by_key(|file| file.metadata().unwrap().modified().unwrap());
    newest.unwrap_or_else(|| panic!("no {starts}*{ends} in {}", libraries().display())).path()
}

/// Compiles `bindings/c/{source}`, or another file by its whole path; gives the program.
#[track_caller]
pub(crate) fn compile_with(
    source: &str,
    (language, linked): (Language, Library),
    (includes, flags): (&[&Path], &[&str]),
    to: &Path,
) -> PathBuf {
    let bindings = repository_dir().join("bindings/c");
    let name = source.rsplit('/').next().unwrap_or(source).replace('.', "-");
    let program = to.join(format!("{name}-{language:?}"));
    let mut compiler = match language {
        Language::C => Command::new("cc"),
        Language::Cpp => Command::new("c++"),
    };
    match language {
        Language::C => compiler.args(["-std=c99", "-x", "c"]),
        Language::Cpp => compiler.args(["-std=c++17", "-fno-exceptions", "-fno-rtti", "-x", "c++"]),
    };
    compiler
        .args(WARNINGS)
        .args(flags)
        .arg("-I")
        .arg(bindings.join("include"))
        .arg("-I")
        .arg(&bindings)
        .args(includes.iter().flat_map(|folder| [Path::new("-I"), folder]))
        .arg(bindings.join(source))
        .args(["-x", "none", "-o"])
        .arg(&program);
    match linked {
        Library::Shared => {
            compiler.arg(library("libtrapkey_c", ".so"));
            compiler.arg(format!("-Wl,-rpath,{}", libraries().display()));
        }
        Library::Static => {
            compiler.arg(library("libtrapkey_c", ".a")).args(["-lpthread", "-ldl", "-lm"]);
        }
    }
    succeed(&mut compiler);
    program
}

/// Compiles a program and runs it with a folder and arguments.
#[track_caller]
pub(crate) fn run(
    source: &str,
    language: Language,
    linked: Library,
    (folder, arguments): (&Path, &[&str]),
) -> String {
    run_with(source, (language, linked), &[], (folder, arguments))
}

/// As [`run`], with more folders of headers.
#[track_caller]
pub(crate) fn run_with(
    source: &str,
    linked: (Language, Library),
    includes: &[&Path],
    (folder, arguments): (&Path, &[&str]),
) -> String {
    let program = compile_with(source, linked, (includes, &[]), folder);
    succeed(Command::new(program).arg(folder).args(arguments))
}

/// Runs a command that has to succeed; gives what it prints.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (said, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{said}{complaint}", output.status);
    said.into_owned()
}
