//! `cargo xtask instructions`: what a prepared decision costs, counted by callgrind and held against a table.
//!
//! Counts are the same in every run of one build, so they show a slower path where times are too noisy. They are those
//! of the profile that the tests use: nothing is built for them alone.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::check;
use crate::install;
use crate::repository::{self, Repository, TaskError};

/// The table, from the root of the repository: instructions of a decision by scenario.
const TABLE: &str = "benches/instructions.json";

/// Difference from the table that is none, in percent.
///
/// Machines have different variants of functions such as `memcpy` and of code made at run time: without AVX2 counts are
/// 0.2 percent higher. A visit of all 100 policies of a scenario more than doubles its count.
const MARGIN_PERCENT: u64 = 5;

/// Rounds that are counted: the counter adds some ten instructions to all of them together.
const ROUNDS: u64 = 10;

/// Instructions of a decision by scenario.
type Counts = BTreeMap<String, u64>;

/// What came of a comparison with the table.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing was counted; in CI that is a failure.
    LeftOut {
        reason: &'static str,
        is_ci: bool,
    },
    Compared(Vec<Line>),
}

/// One scenario, counted and as the table has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    scenario: String,
    counted: Option<u64>,
    listed: Option<u64>,
}

/// Runs the task.
///
/// # Errors
///
/// When something cannot be built or run; a count above the table is an exit status.
pub(crate) fn run(options: &[String]) -> Result<ExitCode, TaskError> {
    let is_blessed = match options {
        [] => false,
        [option] if option == "--bless" => true,
        [option, ..] => return Err(TaskError::Usage(format!("no option `{option}`"))),
    };
    let repository = Repository::find()?;
    install::run()?;
    let outcome = compare(&repository)?;
    print!("{outcome}");
    if let (true, Outcome::Compared(lines)) = (is_blessed, &outcome) {
        bless(&repository, lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", outcome.summary());
    Ok(if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Counts and compares, if there is a counter and the table is for this machine's kind.
///
/// # Errors
///
/// When something cannot be built or run.
pub(crate) fn compare(repository: &Repository) -> Result<Outcome, TaskError> {
    let is_ci = env::var_os("CI").is_some_and(|value| value == "true");
    if env::consts::ARCH != "x86_64" {
        return Ok(Outcome::LeftOut { reason: "the table is for x86-64", is_ci });
    }
    if !install::is_there("valgrind") {
        return Ok(Outcome::LeftOut { reason: "there is no `valgrind`", is_ci });
    }
    let counted = count(repository)?;
    let listed = serde_json::from_str(&repository.read(TABLE)?)?;
    Ok(Outcome::Compared(lines(counted, listed)))
}

fn lines(counted: Counts, mut listed: Counts) -> Vec<Line> {
    let mut lines: Vec<Line> = counted
        .into_iter()
        .map(|(scenario, counted)| {
            let listed = listed.remove(&scenario);
            Line { scenario, counted: Some(counted), listed }
        })
        .collect();
    let gone = listed.into_iter();
    lines.extend(gone.map(|(scenario, listed)| Line {
        scenario,
        counted: None,
        listed: Some(listed),
    }));
    lines
}

/// Writes the table anew.
fn bless(repository: &Repository, lines: &[Line]) -> Result<(), TaskError> {
    let counts: Counts =
        lines.iter().filter_map(|line| Some((line.scenario.clone(), line.counted?))).collect();
    let text = serde_json::to_string_pretty(&counts)? + "\n";
    write(&repository.path(TABLE), &text)?;
    println!("{TABLE} is written anew");
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), TaskError> {
    fs::write(path, text)
        .map_err(|source| TaskError::Write { path: path.display().to_string(), source })
}

/// Counts all scenarios at once, each in a process of its own.
fn count(repository: &Repository) -> Result<Counts, TaskError> {
    // The whole workspace: other features of the dependencies would build them again.
    let build = ["build", "--quiet", "--workspace", "--bin", "instructions"];
    repository::succeed(&mut repository.cargo(&build))?;
    let target = repository.workspace()?.target_directory;
    let program = target.join("debug").join("instructions");
    let folder = target.join("instructions");
    fs::create_dir_all(&folder)
        .map_err(|source| TaskError::Write { path: folder.display().to_string(), source })?;
    let packed = repository::succeed(Command::new(&program).arg("pack").arg(&folder))?;
    let mut running = Vec::new();
    for line in packed.lines() {
        let (scenario, requests) = line.split_once(' ').unwrap_or((line, "1"));
        let requests: u64 = requests.parse().unwrap_or(1);
        running.push(Counting::start(&program, &folder, (scenario, requests))?);
    }
    running.into_iter().map(Counting::finish).collect()
}

/// A scenario that is being counted.
struct Counting {
    scenario: String,
    decisions: u64,
    child: Child,
    output: PathBuf,
}

impl Counting {
    fn start(
        program: &Path,
        folder: &Path,
        (scenario, requests): (&str, u64),
    ) -> Result<Self, TaskError> {
        let output = folder.join(format!("{scenario}.callgrind"));
        let mut out = std::ffi::OsString::from("--callgrind-out-file=");
        out.push(&output);
        let child = Command::new("valgrind")
            .args(["--tool=callgrind", "--collect-atstart=no"])
            // With all that it calls, code made at run time included.
            .arg("--toggle-collect=*counted_decisions*")
            .arg(out)
            .arg(program)
            .arg("decide")
            .arg(folder)
            .args([scenario, &ROUNDS.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| TaskError::Spawn { program: "valgrind".to_owned(), source })?;
        let decisions = requests * ROUNDS;
        Ok(Self { scenario: scenario.to_owned(), decisions, child, output })
    }

    fn finish(self) -> Result<(String, u64), TaskError> {
        let run = self.child.wait_with_output().map_err(TaskError::Output)?;
        let path = self.output.display().to_string();
        let text = fs::read_to_string(&self.output)
            .map_err(|source| TaskError::Read { path: path.clone(), source });
        // Without a decision nothing is counted, and nothing is no count.
        match (run.status.success(), total(&text?)) {
            (true, Some(total)) if total > 0 => Ok((self.scenario, total / self.decisions)),
            _ => Err(TaskError::Failed {
                command: format!("valgrind of `{}`", self.scenario),
                complaint: String::from_utf8_lossy(&run.stderr).trim_end().to_owned(),
            }),
        }
    }
}

/// All instructions in a file of callgrind's.
fn total(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("summary: "))?.trim().parse().ok()
}

impl Outcome {
    /// Whether nothing costs more than the table says.
    pub(crate) fn is_clean(&self) -> bool {
        match self {
            Self::LeftOut { is_ci, .. } => !is_ci,
            Self::Compared(lines) => lines.iter().all(Line::is_clean),
        }
    }

    /// What came of it in one line.
    pub(crate) fn summary(&self) -> String {
        let word = check::word(self.is_clean());
        match self {
            Self::LeftOut { reason, is_ci: false } => format!("instructions: left out, {reason}"),
            Self::LeftOut { reason, is_ci: true } => format!("instructions: {word}, {reason}"),
            Self::Compared(lines) => {
                let failed = lines.iter().filter(|line| !line.is_clean()).count();
                format!("instructions: {word}, {failed} of {} counts fail", lines.len())
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Compared(lines) = self else { return Ok(()) };
        writeln!(f, "{:<12} {:>12} {:>12}", "scenario", "counted", "table")?;
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl Line {
    fn is_clean(&self) -> bool {
        match (self.counted, self.listed) {
            (Some(counted), Some(listed)) => counted * 100 <= listed * (100 + MARGIN_PERCENT),
            (None, _) | (_, None) => false,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
        let (counted, listed) = (number(self.counted), number(self.listed));
        write!(f, "{:<12} {counted:>12} {listed:>12}", self.scenario)?;
        match (self.counted, self.listed) {
            (None, _) => write!(f, "  FAILED: no such scenario"),
            (_, None) => write!(f, "  FAILED: not in the table"),
            (Some(_), Some(_)) if !self.is_clean() => {
                write!(f, "  FAILED: more than {MARGIN_PERCENT} % above the table")
            }
            (Some(counted), Some(listed)) if counted * 100 < listed * (100 - MARGIN_PERCENT) => {
                write!(f, "  far below: `cargo xtask instructions --bless` keeps it there")
            }
            (Some(_), Some(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[(&str, u64)]) -> Counts {
        list.iter().map(|(scenario, count)| ((*scenario).to_owned(), *count)).collect()
    }

    #[track_caller]
    fn check(counted: u64, listed: u64, is_clean: bool, remark: &str) {
        let lines = lines(counts(&[("plant", counted)]), counts(&[("plant", listed)]));
        assert_eq!(lines.iter().all(Line::is_clean), is_clean);
        let text = Outcome::Compared(lines).to_string();
        let [_, line] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert!(line.ends_with(remark), "{line}");
    }

    #[test]
    fn what_is_above_the_margin_fails() {
        check(1_000, 1_000, true, "1000");
        check(1_050, 1_000, true, "1000");
        check(1_051, 1_000, false, "above the table");
        check(950, 1_000, true, "1000");
        check(949, 1_000, true, "keeps it there");
    }

    #[test]
    fn the_table_has_each_scenario_and_no_other() {
        let outcome = Outcome::Compared(lines(counts(&[("pairs", 5)]), counts(&[("roles", 5)])));
        assert!(!outcome.is_clean());
        assert_eq!(outcome.summary(), "instructions: FAILED, 2 of 2 counts fail");
        let text = outcome.to_string();
        assert!(text.contains("not in the table") && text.contains("no such scenario"), "{text}");
    }

    #[test]
    fn nothing_counted_fails_in_ci_alone() {
        let left_out = |is_ci| Outcome::LeftOut { reason: "for a reason", is_ci };
        assert!(left_out(false).is_clean() && !left_out(true).is_clean());
        assert_eq!(left_out(false).summary(), "instructions: left out, for a reason");
        assert_eq!(left_out(true).summary(), "instructions: FAILED, for a reason");
    }

    #[test]
    fn the_total_is_read() {
        assert_eq!(total("events: Ir\nsummary: 1651138\n\nfn=(1) x\n"), Some(1_651_138));
        assert_eq!(total("events: Ir\n"), None);
    }
}
