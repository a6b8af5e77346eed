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
    const ALL: [Self; 3] = [Self::Good, Self::Bad, Self::Change];

    /// The control sequence that starts it.
    fn start(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
            Self::Change => "\u{1b}[33m",
        }
    }
}

/// The control sequence that ends every colour.
const END: &str = "\u{1b}[0m";

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

    /// Prints one line of text, and nothing in it that a terminal would obey.
    pub(crate) fn line(&mut self, text: fmt::Arguments<'_>) -> Result<(), CliError> {
        let line = clean(&text.to_string());
        Ok(writeln!(self, "{line}")?)
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
                f.write_str(colour.start())?;
                self.text.fmt(f)?;
                f.write_str(END)
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

/// Escapes every control character but those of our colours: ids, names and messages come from
/// files that nobody has vouched for.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(char::is_control) {
        let (before, from) = rest.split_at(at);
        cleaned.push_str(before);
        let colours = Colour::ALL.into_iter().map(Colour::start).chain([END]);
        let own = colours.into_iter().find(|sequence| from.starts_with(sequence));
        let mut after = from.chars();
        if let Some(sequence) = own {
            cleaned.push_str(sequence);
            rest = from.strip_prefix(sequence).unwrap_or_default();
        } else {
            cleaned.extend(after.next().into_iter().flat_map(char::escape_default));
            rest = after.as_str();
        }
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let painted = Painted { colour: Some(Colour::Good), text: "ALLOW" };
        let line = format!("{painted} \u{1b}[2J a\nb\u{9b}é");
        assert_eq!(clean(&line), "\u{1b}[32mALLOW\u{1b}[0m \\u{1b}[2J a\\nb\\u{9b}é");
        assert_eq!(clean("plain"), "plain");
    }

    #[test]
    fn a_width_pads_the_text_and_not_the_colour() {
        let of = |colour| format!("{:<5}|", Painted { colour, text: "DENY" });
        assert_eq!(of(None), "DENY |");
        assert_eq!(of(Some(Colour::Bad)), "\u{1b}[31mDENY \u{1b}[0m|");
    }
}
