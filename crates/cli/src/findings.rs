//! The compiler's findings, drawn with their place in the sources or as JSON.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde_json::{Value, json};
use trapkey::{Diagnostic, Severity, Source};

use crate::sources::{Place, SourceFiles};

/// How findings are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// With lines and colours.
    Colour,
    /// With lines.
    Lines,
    /// In plain ASCII, as files and other programs want it.
    Plain,
}

impl Drawing {
    /// For a terminal or not, with or without colour.
    pub(crate) fn new(is_terminal: bool, has_colour: bool) -> Self {
        match (is_terminal, has_colour) {
            (true, true) => Self::Colour,
            (true, false) => Self::Lines,
            (false, _) => Self::Plain,
        }
    }

    fn printer(self) -> GraphicalReportHandler {
        let theme = match self {
            Self::Colour => GraphicalTheme::unicode(),
            Self::Lines => GraphicalTheme::unicode_nocolor(),
            Self::Plain => GraphicalTheme::none(),
        };
        // Messages stay on one line, so that they can be searched for.
        GraphicalReportHandler::new_themed(theme).with_links(false).with_wrap_lines(false)
    }
}

/// Draws all findings.
pub(crate) fn draw(
    findings: &[Diagnostic],
    files: &SourceFiles,
    drawing: Drawing,
    out: &mut impl Write,
) -> io::Result<()> {
    let printer = drawing.printer();
    for diagnostic in findings {
        let finding = Finding::new(diagnostic, files.place(diagnostic));
        let mut text = String::new();
        printer.render_report(&mut text, &finding).map_err(io::Error::other)?;
        writeln!(out, "{}\n", text.trim_end())?;
    }
    Ok(())
}

/// All findings in JSON.
pub(crate) fn json(findings: &[Diagnostic], files: &SourceFiles) -> Value {
    findings.iter().map(|diagnostic| finding_json(diagnostic, files)).collect()
}

fn finding_json(diagnostic: &Diagnostic, files: &SourceFiles) -> Value {
    let place = files.place(diagnostic);
    let place = place.as_ref();
    let line_column = place.map(Place::line_column);
    json!({
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "source": match diagnostic.source {
            Source::Policies => "policies",
            Source::Schema => "schema",
            Source::Links => "links",
        },
        "file": place.map(|place| place.path.display().to_string()),
        "start": place.map(|place| place.start),
        "end": place.map(|place| place.end),
        "line": line_column.map(|(line, _)| line),
        "column": line_column.map(|(_, column)| column),
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}

/// A diagnostic as miette draws it.
#[derive(Debug)]
struct Finding<'a> {
    message: Cow<'a, str>,
    help: Option<Cow<'a, str>>,
    severity: Severity,
    source: Option<NamedSource<Arc<str>>>,
    label: Option<LabeledSpan>,
}

impl<'a> Finding<'a> {
    fn new(diagnostic: &'a Diagnostic, place: Option<Place>) -> Self {
        let label = place.as_ref().map(|place| {
            let len = place.end.saturating_sub(place.start);
            LabeledSpan::new_primary_with_span(None, (place.start, len))
        });
        let source = place.map(|place| {
            let text = match printable(&place.text) {
                Cow::Borrowed(_) => place.text,
                Cow::Owned(text) => text.into(),
            };
            NamedSource::new(printable(&place.path.to_string_lossy()), text)
        });
        Self {
            message: printable(&diagnostic.message),
            help: diagnostic.help.as_deref().map(printable),
            severity: diagnostic.severity,
            source,
            label,
        }
    }
}

/// Replaces what a terminal would obey by something as long, so that places stay where they are.
fn printable(text: &str) -> Cow<'_, str> {
    let is_obeyed = |c: char| c.is_control() && !['\n', '\r', '\t'].contains(&c);
    if !text.contains(is_obeyed) {
        return text.into();
    }
    let replaced = text.chars().map(|c| match (is_obeyed(c), c.is_ascii()) {
        (false, _) => c,
        (true, true) => '?',
        // All other control characters have two bytes, as this has.
        (true, false) => '\u{bf}',
    });
    replaced.collect::<String>().into()
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding<'_> {}

impl miette::Diagnostic for Finding<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.label.clone()?;
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_replaced_in_place() {
        let replaced = printable("a\u{1b}[2J\u{9b}\tb\n");
        assert_eq!(replaced, "a?[2J\u{bf}\tb\n");
        assert!(matches!(printable("é\n"), Cow::Borrowed("é\n")));
    }
}
