//! `cargo xtask bench`: runs the benches and holds what they measured against the aims.

mod aims;
mod chart;
mod machine;
mod report;
mod results;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::machine::Machine;
use self::report::Report;
use self::results::Results;
use crate::repository::{Repository, TaskError};

/// Where the benches store what they measure, from the root; emptied before a run.
const MEASURED: &str = "target/bench";

/// Where the report goes, from the root.
const REPORT: &str = "benches/results";

/// The benches whose results are rows; that of stores takes long and has a table of its own.
const BENCHES: [&str; 11] = [
    "component",
    "policies",
    "decide",
    "requests",
    "cache",
    "grants",
    "sessions",
    "apps",
    "threads",
    "compiling",
    "allocations",
];

/// Criterion's options for a run whose figures are to be kept.
const THOROUGH: [&str; 4] = ["--warm-up-time", "1", "--measurement-time", "4"];

/// Criterion's options for a look.
const QUICK: [&str; 6] =
    ["--warm-up-time", "0.2", "--measurement-time", "0.5", "--sample-size", "10"];

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    is_quick: bool,
    /// Report the last run's results again instead of running.
    is_last: bool,
    json: Option<PathBuf>,
}

/// Runs the benches and writes the report.
///
/// # Errors
///
/// When a bench fails, or the report cannot be written; an aim that is not reached is none.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let options = Options::parse(options)?;
    let repository = Repository::find()?;
    let measured = repository.path(MEASURED);
    let description = measured.join("machine.json");
    if !options.is_last {
        measure(&repository, &options, &measured)?;
        let machine = Machine::look(&repository, &options.command())?;
        write(&description, &machine.json()?)?;
    }
    let machine = Machine::read(&description)?;
    let results = Results::read(&measured)?;
    let report = Report { machine, rows: rows::all(&results) };
    println!("{report}");
    let directory = repository.path(REPORT);
    create(&directory)?;
    let json = report.json()?;
    write(&directory.join("results.json"), &json)?;
    write(&directory.join("results.md"), &report.markdown())?;
    write(&directory.join("results.svg"), &chart::draw(&report.rows)?)?;
    if let Some(path) = &options.json {
        write(path, &json)?;
    }
    let readme = repository.path("benches/README.md");
    let text = repository.read("benches/README.md")?;
    write(&readme, &report.within(&text)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs every bench; what an earlier run stored must not pass for this one's.
fn measure(repository: &Repository, options: &Options, into: &Path) -> Result<(), TaskError> {
    if into.exists() {
        fs::remove_dir_all(into).map_err(|source| TaskError::write(into, source))?;
    }
    create(into)?;
    let mut command = repository.cargo(&["bench", "--package", "trapkey-benches"]);
    command.args(BENCHES.iter().flat_map(|bench| ["--bench", *bench]));
    command.arg("--").env("CRITERION_HOME", into).args(options.criterion());
    let status = command
        .status()
        .map_err(|source| TaskError::Spawn { program: "cargo bench".to_owned(), source })?;
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed {
        command: options.command(),
        complaint: "see what the bench printed".to_owned(),
    })
}

fn create(directory: &Path) -> Result<(), TaskError> {
    fs::create_dir_all(directory).map_err(|source| TaskError::write(directory, source))
}

fn write(path: &Path, text: &str) -> Result<(), TaskError> {
    fs::write(path, text).map_err(|source| TaskError::write(path, source))
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, TaskError> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => options.is_quick = true,
                "--last" => options.is_last = true,
                "--json" => {
                    let file = arguments.next();
                    let missing = || TaskError::Usage("`--json` needs a file".to_owned());
                    options.json = Some(PathBuf::from(file.ok_or_else(missing)?));
                }
                unknown => return Err(TaskError::Usage(format!("no option `{unknown}`"))),
            }
        }
        Ok(options)
    }

    fn criterion(&self) -> &'static [&'static str] {
        if self.is_quick { &QUICK } else { &THOROUGH }
    }

    /// The command, for the report.
    fn command(&self) -> String {
        let criterion = self.criterion().join(" ");
        let quick = if self.is_quick { " --quick" } else { "" };
        format!("cargo xtask bench{quick} (cargo bench -p trapkey-benches -- {criterion})")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Options;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Options::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_in_any_order() {
        let json = Some(PathBuf::from("a.json"));
        let want = Options { is_quick: true, is_last: false, json };
        assert_eq!(parse(&["--json", "a.json", "--quick"]), Ok(want));
        assert_eq!(parse(&[]), Ok(Options::default()));
        assert!(parse(&["--last"]).is_ok_and(|options| options.is_last));
    }

    #[test]
    fn unknown_and_incomplete_options_are_refused() {
        assert_eq!(parse(&["--fast"]), Err("no option `--fast`".to_owned()));
        assert_eq!(parse(&["--json"]), Err("`--json` needs a file".to_owned()));
    }
}
