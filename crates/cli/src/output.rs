//! Standard output: text or JSON, coloured where a person reads it.

use std::env;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::error::CliError;

/// Exit status of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, and nothing is wrong.
    Done,
    /// Something failed, or was found to be wrong.
    Failed,
    /// The command line cannot be used.
    Usage,
    /// The verdict is deny.
    Denied,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Usage => 2,
            Status::Denied => 3,
        })
    }
}

/// A colour of text on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// What is allowed, or passed.
    Good,
    /// What is denied, or failed.
    Bad,
    /// What changes.
    Change,
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Bad => "31",
            Self::Change => "33",
        }
    }
}

/// Where results go.
pub(crate) struct Output {
    stdout: BufWriter<Stdout>,
    is_json: bool,
    is_terminal: bool,
    has_colour: bool,
}

impl Output {
    /// Standard output, with colours if it is a terminal and `NO_COLOR` is not set.
    pub(crate) fn stdout(is_json: bool) -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal() && !is_json;
        let has_colour = is_terminal && permits_colour();
        Self { stdout: BufWriter::new(stdout), is_json, is_terminal, has_colour }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Whether text goes to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether text may be coloured.
    pub(crate) fn has_colour(&self) -> bool {
        self.has_colour
    }

    /// Prints `value` as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(value).map_err(io::Error::from)?;
        writeln!(self, "{text}")?;
        Ok(())
    }

    /// Colours `text` if this is a terminal.
    pub(crate) fn paint<T: fmt::Display>(&self, colour: Colour, text: T) -> Painted<T> {
        Painted { colour: self.has_colour.then_some(colour), text }
    }

    /// Shows everything printed so far.
    pub(crate) fn finish(&mut self) -> Result<(), CliError> {
        Ok(self.flush()?)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdout.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// Text with its colour, if any; a width pads the text, not the colour.
pub(crate) struct Painted<T> {
    colour: Option<Colour>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.colour {
            Some(colour) => {
                write!(f, "\u{1b}[{}m", colour.code())?;
                self.text.fmt(f)?;
                f.write_str("\u{1b}[0m")
            }
            None => self.text.fmt(f),
        }
    }
}

/// Whether `NO_COLOR` (<https://no-color.org>) and the kind of terminal permit colour.
pub(crate) fn permits_colour() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|kind| kind != "dumb")
}
