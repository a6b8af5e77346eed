//! What the compiler has to say about its sources, with the place it speaks of.

use std::fmt;

use trapkey_abi::Span;

/// Which source a diagnostic speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The policy text.
    Policies,
    /// The schema text.
    Schema,
    /// The template links.
    Links,
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is compiled.
    Error,
    /// Compiled, and probably not what was meant.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The source it speaks of.
    pub source: Source,
    /// The range of bytes it speaks of, where one is known.
    pub span: Option<Span>,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What would mend it, where that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(source: Source, span: Option<Span>, message: impl Into<String>) -> Self {
        Self { source, span, severity: Severity::Error, message: message.into(), help: None }
    }

    /// One of Cedar's reports, with the range of its first label.
    pub(crate) fn from_cedar<'a>(
        source: Source,
        severity: Severity,
        report: &(dyn miette::Diagnostic + 'a),
    ) -> Self {
        let span = report
            .labels()
            .and_then(|mut labels| labels.next())
            .and_then(|label| span_of(label.offset(), label.len()));
        let help = report.help().map(|help| help.to_string());
        let message = with_causes(report);
        Self { source, span, severity, message, help }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Policies => "policies",
            Source::Schema => "schema",
            Source::Links => "links",
        };
        match self.span {
            Some(span) => write!(f, "{source} at byte {}: {}", span.start, self.message),
            None => write!(f, "{source}: {}", self.message),
        }
    }
}

fn with_causes<'a>(report: &(dyn miette::Diagnostic + 'a)) -> String {
    let mut message = report.to_string();
    let mut cause = std::error::Error::source(report);
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

pub(crate) fn span_of(start: usize, len: usize) -> Option<Span> {
    let start = u32::try_from(start).ok()?;
    Some(Span { start, end: start.checked_add(u32::try_from(len).ok()?)? })
}

/// Why nothing was compiled: every diagnostic, not the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// A source exceeds its limit.
    #[error("{what} has {len} {unit}, the limit is {max}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its unit.
        unit: &'static str,
        /// Its size.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// Something in a source exceeds a limit, or would become larger than one.
    #[error("a limit is exceeded: {}", first(.0))]
    Limit(Vec<Diagnostic>),
    /// The schema does not parse, is incomplete or is annotated wrongly.
    #[error("the schema is refused: {}", first(.0))]
    Schema(Vec<Diagnostic>),
    /// The policies do not parse.
    #[error("the policies do not parse: {}", first(.0))]
    Parse(Vec<Diagnostic>),
    /// A template link cannot be read or does not fit its template.
    #[error("a template link is refused: {}", first(.0))]
    Link(Vec<Diagnostic>),
    /// The policies do not pass strict validation against the schema.
    #[error("the policies do not validate: {}", first(.0))]
    Validate(Vec<Diagnostic>),
    /// An annotation that Trapkey reads is malformed.
    #[error("an annotation is malformed: {}", first(.0))]
    Annotation(Vec<Diagnostic>),
    /// A construct that this compiler does not compile; no source that validates is known to hold
    /// one.
    #[error("cannot be compiled: {}", first(.0))]
    Unsupported(Vec<Diagnostic>),
}

impl CompileError {
    /// All findings; empty for [`CompileError::TooLarge`].
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::TooLarge { .. } => &[],
            Self::Limit(list)
            | Self::Schema(list)
            | Self::Parse(list)
            | Self::Link(list)
            | Self::Validate(list)
            | Self::Annotation(list)
            | Self::Unsupported(list) => list,
        }
    }
}

fn first(diagnostics: &[Diagnostic]) -> String {
    let more = diagnostics.len().saturating_sub(1);
    match diagnostics.first() {
        Some(first) if more > 0 => format!("{first} (and {more} more)"),
        Some(first) => first.to_string(),
        None => String::new(),
    }
}
