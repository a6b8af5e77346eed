//! `cargo xtask test`: the checks, every test, the counts of instructions, then what came of all.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{ExitCode, Stdio};
use std::time::Instant;

use crate::check;
use crate::install;
use crate::instructions;
use crate::package::{self, Kind};
use crate::plugins;
use crate::repository::{Repository, TaskError};
use crate::size;

/// What the test binaries reported, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    suites: usize,
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Runs the task.
///
/// # Errors
///
/// When a command cannot be run at all; a failing check or test is an exit status.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let is_fast = match options {
        [] => false,
        [option] if option == "--fast" => true,
        [option, ..] => return Err(TaskError::Usage(format!("no option `{option}`"))),
    };
    let repository = Repository::find()?;
    install::run()?;
    install::envoys(&repository)?;
    install::wasmtime(&repository)?;
    let plugins = plugins::build(&repository);
    let report = if is_fast { None } else { Some(check::run_steps(&repository, check::STEPS)) };

    let started = Instant::now();
    let (tally, tests_pass) = test(&repository)?;
    let seconds = started.elapsed().as_secs_f64();

    // After the tests: the program that is counted is built of what they have built.
    let counts = if is_fast { None } else { Some(instructions::compare(&repository)) };
    let packaged = if is_fast { None } else { Some(packaged(&repository)) };

    println!();
    if let Some(Ok(counts)) = &counts {
        print!("{counts}");
    }
    match &report {
        Some(report) => println!("{report}"),
        None => println!("check: left out"),
    }
    let Tally { suites, passed, failed, ignored } = tally;
    let word = check::word(tests_pass);
    println!(
        "tests: {word}, {passed} passed, {failed} failed, {ignored} ignored in {suites} suites, \
         {seconds:.1} s"
    );
    match &plugins {
        Ok(()) => println!("plugins: {}", check::word(true)),
        Err(error) => println!("plugins: {}, {}", check::word(false), error.with_causes()),
    }
    match &counts {
        Some(Ok(counts)) => println!("{}", counts.summary()),
        Some(Err(error)) => {
            println!("instructions: {}, {}", check::word(false), error.with_causes());
        }
        None => println!("instructions: left out"),
    }
    let package_is_clean = match packaged {
        Some(Ok(is_clean)) => is_clean,
        Some(Err(error)) => {
            println!("package: {}", error.with_causes());
            false
        }
        None => true,
    };
    println!("package: {}", if is_fast { "left out" } else { check::word(package_is_clean) });
    let checks_pass = report.is_none_or(|report| report.is_clean());
    let counts_pass = counts.is_none_or(|counts| counts.is_ok_and(|counts| counts.is_clean()));
    let passes = checks_pass && tests_pass && counts_pass && package_is_clean && plugins.is_ok();
    Ok(if passes { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs the C library as users do, builds programs against it, and measures it; whether it is small enough.
fn packaged(repository: &Repository) -> Result<bool, TaskError> {
    package::check(repository, Kind::RuntimeOnly)?;
    size::measure(repository)
}

/// Runs every test and passes its output on while it comes.
fn test(repository: &Repository) -> Result<(Tally, bool), TaskError> {
    let mut command = repository.cargo(&["test", "--workspace", "--no-fail-fast"]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| TaskError::Spawn { program: "cargo test".to_owned(), source })?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        pass_on(BufReader::new(stdout), &mut tally).map_err(TaskError::Output)?;
    }
    let status = child.wait().map_err(TaskError::Output)?;
    Ok((tally, status.success()))
}

fn pass_on(mut from: impl BufRead, tally: &mut Tally) -> io::Result<()> {
    let mut to = io::stdout().lock();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? != 0 {
        to.write_all(&line)?;
        tally.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(())
}

impl Tally {
    /// Adds a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`; any other adds nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        self.suites += 1;
        let words: Vec<&str> = result.split([' ', ';']).collect();
        for pair in words.windows(2) {
            let [count, what] = pair else { continue };
            let Ok(count) = count.parse::<usize>() else {
                continue;
            };
            match *what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn results_of_all_suites_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 4 tests\n",
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n",
        ] {
            tally.add(line);
        }
        assert_eq!(tally, Tally { suites: 2, passed: 5, failed: 1, ignored: 1 });
    }
}
