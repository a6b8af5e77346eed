//! Policies and schema from files, and the way back from a byte of the text to a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use trapkey::{
    Diagnostic, LINK_BYTES_MAX, POLICY_BYTES_MAX, SCHEMA_BYTES_MAX, Source, Sources, Span,
    TemplateLink, parse_links,
};

use crate::arguments::SourceArguments;
use crate::error::CliError;
use crate::files;

/// Policies of several files as one text, and a schema.
#[derive(Debug)]
pub(crate) struct SourceFiles {
    // INVARIANT: `policies` holds the text of each of `parts` at its `start`, a line feed after
    // each.
    policies: String,
    parts: Vec<SourceFile>,
    schema: SourceFile,
    links: Vec<TemplateLink>,
}

/// One file of a text.
#[derive(Clone, Debug)]
struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
    start: usize,
}

/// Bytes of a file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

impl Place {
    /// Line and column of the first byte, from 1; columns count characters.
    pub(crate) fn line_column(&self) -> (usize, usize) {
        let before = self.text.as_bytes().get(..self.start).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n');
        let column = line.clone().next_back().map_or(0, |last| {
            // A character is its bytes but for those that continue it.
            last.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
        });
        (line.count(), column + 1)
    }
}

impl SourceFiles {
    /// Reads files and folders.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is too large, folders without policies, no schema or several,
    /// links that are none.
    pub(crate) fn read(arguments: &SourceArguments) -> Result<Self, CliError> {
        let Expanded { policies, mut schemas, mut links } = expand(&arguments.policies)?;
        if let Some(given) = &arguments.links {
            links = vec![given.clone()];
        }
        if let Some(schema) = &arguments.schema {
            schemas = vec![schema.clone()];
        }
        let schema = match schemas.as_slice() {
            [schema] => schema,
            [] => return Err(CliError::NoSchema),
            several => return Err(CliError::SeveralSchemas { found: several.len() }),
        };
        let text = files::text(schema, SCHEMA_BYTES_MAX)?;
        let schema = SourceFile { path: schema.clone(), text: text.into(), start: 0 };
        let (policies, parts) = join(&policies)?;
        let mut files = Self { policies, parts, schema, links: Vec::new() };
        for path in links {
            match parse_links(&files::text(&path, LINK_BYTES_MAX)?) {
                Ok(links) => files.links.extend(links),
                Err(error) => return Err(CliError::Compile { error, files: Box::new(files) }),
            }
        }
        Ok(files)
    }

    /// Reads a schema without policies; gives its name as well.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is too large.
    pub(crate) fn schema_alone(path: &Path) -> Result<(Self, String), CliError> {
        let text = files::text(path, SCHEMA_BYTES_MAX)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let schema = SourceFile { path: path.to_path_buf(), text: text.into(), start: 0 };
        let (policies, parts, links) = (String::new(), Vec::new(), Vec::new());
        Ok((Self { policies, parts, schema, links }, name))
    }

    /// Policies and schema that are compiled into the command.
    pub(crate) fn embedded(policies: (&str, &str), schema: (&str, &str)) -> Self {
        let file = |(name, text): (&str, &str)| SourceFile {
            path: PathBuf::from(name),
            text: text.into(),
            start: 0,
        };
        Self {
            policies: policies.1.to_owned(),
            parts: vec![file(policies)],
            schema: file(schema),
            links: Vec::new(),
        }
    }

    /// What the compiler reads.
    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources { policies: &self.policies, schema: &self.schema.text, links: &self.links }
    }

    /// Where a range of the policies' text is.
    pub(crate) fn policy_place(&self, span: Span) -> Option<Place> {
        place(&self.parts, span)
    }

    /// Where a finding is.
    pub(crate) fn place(&self, diagnostic: &Diagnostic) -> Option<Place> {
        let span = diagnostic.span?;
        match diagnostic.source {
            Source::Policies => self.policy_place(span),
            Source::Schema => place(std::slice::from_ref(&self.schema), span),
            // A link is named by its id; the compiler sees no text of it.
            Source::Links => None,
        }
    }
}

/// The policies of a bundle's source, without a schema.
#[derive(Debug)]
pub(crate) struct PolicyFiles(Vec<SourceFile>);

impl PolicyFiles {
    /// No files: places stay bytes.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads files and folders as [`SourceFiles::read`] does; there may be none.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, CliError> {
        if paths.is_empty() {
            return Ok(Self::none());
        }
        Ok(Self(join(&expand(paths)?.policies)?.1))
    }

    /// Where a range of the policies' text is.
    pub(crate) fn place(&self, span: Span) -> Option<Place> {
        place(&self.0, span)
    }
}

/// Files that are named, or found in folders that are.
#[derive(Debug, Default)]
struct Expanded {
    policies: Vec<PathBuf>,
    schemas: Vec<PathBuf>,
    links: Vec<PathBuf>,
}

/// The file of a folder that holds its template links.
const LINKS: &str = "links.json";

/// The policy files among `paths`, and what is in the folders among them.
fn expand(paths: &[PathBuf]) -> Result<Expanded, CliError> {
    let mut expanded = Expanded::default();
    for path in paths {
        if !path.is_dir() {
            expanded.policies.push(path.clone());
            continue;
        }
        let before = expanded.policies.len();
        for file in files::list(path)? {
            if files::has_extension(&file, "cedar") {
                expanded.policies.push(file);
            } else if files::has_extension(&file, "cedarschema") {
                expanded.schemas.push(file);
            } else if file.file_name().is_some_and(|name| name == LINKS) {
                expanded.links.push(file);
            }
        }
        if expanded.policies.len() == before {
            return Err(CliError::NoPolicies { path: path.clone() });
        }
    }
    Ok(expanded)
}

/// One text of all files, a line feed after each.
fn join(paths: &[PathBuf]) -> Result<(String, Vec<SourceFile>), CliError> {
    let mut joined = String::new();
    let mut parts = Vec::new();
    for path in paths {
        let room = POLICY_BYTES_MAX.saturating_sub(joined.len());
        let text = read_part(path, room)?;
        parts.push(SourceFile {
            path: path.clone(),
            text: text.as_str().into(),
            start: joined.len(),
        });
        joined.push_str(&text);
        joined.push('\n');
    }
    Ok((joined, parts))
}

fn read_part(path: &Path, room: usize) -> Result<String, CliError> {
    // The limit to name is that of all files together.
    files::text(path, room).map_err(|error| match error {
        CliError::TooLarge { path, max: _ } => CliError::TooLarge { path, max: POLICY_BYTES_MAX },
        other => other,
    })
}

fn place(files: &[SourceFile], span: Span) -> Option<Place> {
    let start = usize::try_from(span.start).ok()?;
    let end = usize::try_from(span.end).ok()?;
    let file = files.iter().rev().find(|file| file.start <= start)?;
    let clip = |at: usize| at.saturating_sub(file.start).min(file.text.len());
    Some(Place {
        path: file.path.clone(),
        text: Arc::clone(&file.text),
        start: clip(start),
        end: clip(end),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = texts.iter().enumerate().map(|(index, text)| {
            let path = folder.path().join(format!("{index}.cedar"));
            std::fs::write(&path, text).unwrap();
            path
        });
        let paths = paths.collect();
        (folder, paths)
    }

    #[track_caller]
    fn check(texts: &[&str], span: (u32, u32), want: (usize, usize, usize)) {
        let (_folder, paths) = files(texts);
        let place = PolicyFiles::read(&paths).unwrap().place(Span { start: span.0, end: span.1 });
        let place = place.unwrap();
        let (line, column) = place.line_column();
        let file = paths.iter().position(|path| *path == place.path).unwrap();
        assert_eq!((file, line, column), want);
    }

    #[test]
    fn a_byte_of_the_text_is_found_in_its_file() {
        check(&["ab\ncd", "ef"], (0, 1), (0, 1, 1));
        check(&["ab\ncd", "ef"], (4, 5), (0, 2, 2));
        check(&["ab\ncd", "ef"], (6, 8), (1, 1, 1));
        check(&["é\nüx"], (5, 6), (0, 2, 2));
    }

    #[test]
    fn a_range_beyond_its_file_is_clipped() {
        let (_folder, paths) = files(&["ab", "cd"]);
        let files = PolicyFiles::read(&paths).unwrap();
        let place = files.place(Span { start: 1, end: 5 }).unwrap();
        assert_eq!((place.start, place.end), (1, 2));
        let place = files.place(Span { start: 90, end: 99 }).unwrap();
        assert_eq!((place.start, place.end), (2, 2));
    }

    #[test]
    fn a_folder_stands_for_its_files() {
        let (folder, _) = files(&["permit(principal, action, resource);", "// two"]);
        let arguments = |schema| SourceArguments {
            policies: vec![folder.path().to_path_buf()],
            schema,
            links: None,
        };
        let refused = SourceFiles::read(&arguments(None)).unwrap_err();
        assert!(matches!(refused, CliError::NoSchema));
        std::fs::write(folder.path().join("a.cedarschema"), "entity U;").unwrap();
        let read = SourceFiles::read(&arguments(None)).unwrap();
        let want = "permit(principal, action, resource);\n// two\n";
        assert_eq!((read.sources().policies, read.sources().schema), (want, "entity U;"));
        std::fs::write(folder.path().join("b.cedarschema"), "entity V;").unwrap();
        let refused = SourceFiles::read(&arguments(None)).unwrap_err();
        assert!(matches!(refused, CliError::SeveralSchemas { found: 2 }));
        let given = SourceFiles::read(&arguments(Some(folder.path().join("b.cedarschema"))));
        assert_eq!(given.unwrap().sources().schema, "entity V;");
    }
}
