//! Checks and chores of the repository, run as `cargo xtask <task>`.

mod asset;
mod bench;
mod check;
mod conformance;
mod guest;
mod header;
mod install;
mod instructions;
mod package;
mod plugins;
mod repository;
mod size;
mod source;
mod suite;

use std::process::ExitCode;

use crate::repository::TaskError;

const USAGE: &str = "\
usage: cargo xtask <task>

tasks:
  check [step…]    run every check, or the named ones, and print one line per step
  test [--fast]    run the checks and every test, count instructions, install and measure the C library;
                   --fast runs the tests alone
  instructions [--bless]
                   count the instructions of decisions and compare; --bless keeps the counts
  guest            compile crates/guest for WebAssembly, to the asset that filters are built with; the target's
                   standard library has to be there, CONTRIBUTING.md says how
  plugins [--keep] build the example plugins into target/plugins, with the tools that they want in target/tools;
                   --keep also writes the copies that are committed
  header           write bindings/c/include/trapkey.h from the sources of `capi`
  package [--compiler]
                   install the runtime-only C library below target/package by cargo-c, or the one that compiles
                   modules, and build programs against that
  bench [--quick] [--last] [--json FILE]
                   run the benches, print what they reach, and write it to benches/results and
                   benches/README.md; --last reports the last run again
  size             build the runtime-only library, and measure it and a process that decides with it
  conformance DIR  compare with Cedar on the tests in a folder, in the format of Cedar's integration tests
  help             print this text";

/// Exit status of a command line that names no task of ours.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, options) = match arguments.split_first() {
        Some((task, options)) => (task.as_str(), options),
        None => ("", arguments.as_slice()),
    };
    let outcome = match task {
        "check" => check::run(options),
        "test" => suite::run(options),
        "instructions" => instructions::run(options),
        "header" => header::run(options),
        "guest" => guest::run(options),
        "plugins" => plugins::run(options),
        "package" => package::run(options),
        "bench" => bench::run(options),
        "size" => size::run(options),
        "conformance" => conformance::run(options),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        "" => Err(TaskError::Usage("no task named".to_owned())),
        unknown => Err(TaskError::Usage(format!("no task `{unknown}`"))),
    };
    match outcome {
        Ok(code) => code,
        Err(TaskError::Usage(complaint)) => {
            eprintln!("{complaint}\n\n{USAGE}");
            ExitCode::from(MISUSE)
        }
        Err(error) => {
            eprintln!("{}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}
