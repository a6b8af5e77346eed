//! Where and from what a report was made.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::repository::{Repository, TaskError, succeed};

/// Machine, date, commit and command of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Machine {
    cpu: String,
    cores: usize,
    /// Programs that wanted to run in the last 1, 5 and 15 minutes, on average.
    load: String,
    date: String,
    commit: String,
    command: String,
}

impl Machine {
    /// Looks at this machine and this checkout.
    pub(super) fn look(repository: &Repository, command: &str) -> Result<Self, TaskError> {
        let commit = repository.git(&["rev-parse", "--short", "HEAD"])?;
        let changes = repository.git(&["status", "--porcelain", "--", ":!benches"])?;
        let changed = if changes.trim().is_empty() { "" } else { ", with changes" };
        Ok(Self {
            cpu: line_of("/proc/cpuinfo", "model name"),
            cores: thread::available_parallelism().map_or(1, usize::from),
            load: fs::read_to_string("/proc/loadavg")
                .map_or_else(|_| "unknown".to_owned(), |text| first_words(&text, 3)),
            date: succeed(Command::new("date").args(["-u", "+%Y-%m-%d"]))?.trim().to_owned(),
            commit: format!("{}{changed}", commit.trim()),
            command: command.to_owned(),
        })
    }

    /// Reads what an earlier run wrote.
    pub(super) fn read(path: &Path) -> Result<Self, TaskError> {
        let text = fs::read_to_string(path)
            .map_err(|source| TaskError::Read { path: path.display().to_string(), source })?;
        serde_json::from_str(&text).map_err(TaskError::Results)
    }

    /// What [`Machine::read`] reads.
    pub(super) fn json(&self) -> Result<String, TaskError> {
        serde_json::to_string(self).map_err(TaskError::Results)
    }

    /// One line of prose.
    pub(super) fn line(&self) -> String {
        let Self { cpu, cores, load, date, commit, command } = self;
        format!(
            "`{command}`, {date}, commit {commit}; {cpu}, {cores} cores, load averages {load}; \
             release profile. Medians."
        )
    }
}

/// What follows the colon of the first line that starts so; machines without such a file exist.
fn line_of(path: &str, start: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(start));
    let value = line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim());
    value.unwrap_or(std::env::consts::ARCH).to_owned()
}

fn first_words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}
