//! A case folder: policies, one schema, `entities.json`, and cases in `cases*.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trapkey::{EntityUid, parse_uid};

use super::CASE_FILE_BYTES_MAX;
use super::error::CaseError;
use super::suite::{Answer, Case, Expected, ExpectedErrors, Suite};
use crate::arguments::{Rules, SourceArguments};
use crate::error::CliError;
use crate::files;
use crate::sources::SourceFiles;

/// A case as its file spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseJson {
    name: String,
    /// Inline, or the name of a file.
    request: Box<RawValue>,
    decision: Answer,
    reason: BTreeSet<String>,
    num_errors: usize,
    trapkey: Option<ExpectedJson>,
    entities: Option<String>,
    #[serde(default)]
    entities_changed: Vec<Box<RawValue>>,
    #[serde(default)]
    entities_removed: Vec<UidJson>,
}

/// What must come of a case under Trapkey's own rules, where that differs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedJson {
    decision: Answer,
    reason: BTreeSet<String>,
    num_errors: usize,
}

/// A uid in any of Cedar's forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum UidJson {
    Text(String),
    Object {
        #[serde(rename = "type")]
        type_name: String,
        id: String,
    },
    Escaped {
        #[serde(rename = "__entity")]
        entity: Box<UidJson>,
    },
}

impl UidJson {
    /// The uid; the text if it is none.
    fn uid(self) -> Result<EntityUid, String> {
        match self {
            Self::Text(text) => parse_uid(&text).map_err(|_| text),
            Self::Object { type_name, id } => Ok(EntityUid::new(type_name, id)),
            Self::Escaped { entity } => entity.uid(),
        }
    }
}

/// Whether `path` is a file of cases.
pub(super) fn is_case_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("cases")) && files::has_extension(path, "json")
}

/// Reads a case folder.
pub(super) fn read(folder: &Path, rules: Rules) -> Result<Suite, CliError> {
    let sources =
        SourceArguments { policies: vec![folder.to_path_buf()], schema: None, links: None };
    let mut reader = Reader { folder, rules, texts: BTreeMap::new() };
    let mut cases = Vec::new();
    let mut names = BTreeSet::new();
    for file in files::list(folder)? {
        if !is_case_file(&file) {
            continue;
        }
        let refused = |error| CliError::Cases { path: file.clone(), error };
        let text = files::text(&file, CASE_FILE_BYTES_MAX)?;
        let read: Vec<CaseJson> =
            serde_json::from_str(&text).map_err(|error| refused(CaseError::Json(error)))?;
        for case in read {
            if !names.insert(case.name.clone()) {
                return Err(refused(CaseError::DuplicateName { name: case.name }));
            }
            cases.push(reader.case(case, &file)?);
        }
    }
    Ok(Suite {
        path: folder.to_path_buf(),
        files: SourceFiles::read(&sources)?,
        cases,
        may_be_refused: false,
        has_cedar_ids: false,
    })
}

/// What the cases of one folder share.
struct Reader<'a> {
    folder: &'a Path,
    rules: Rules,
    /// Files that cases name, by name.
    texts: BTreeMap<String, Rc<str>>,
}

impl Reader<'_> {
    fn case(&mut self, case: CaseJson, file: &Path) -> Result<Case, CliError> {
        let refused = |error| CliError::Cases { path: file.to_path_buf(), error };
        let entities = case.entities.as_deref().unwrap_or("entities.json");
        let entities = self.text(entities, &case.name, file)?;
        let request = match serde_json::from_str::<String>(case.request.get()) {
            Ok(name) => self.text(&name, &case.name, file)?.to_string(),
            Err(_) => case.request.get().to_owned(),
        };
        let removed = case.entities_removed.into_iter().map(|uid| {
            let named = case.name.clone();
            uid.uid().map_err(|uid| refused(CaseError::Uid { case: named, uid }))
        });
        let removed = removed.collect::<Result<_, CliError>>()?;
        let cedar = ExpectedJson {
            decision: case.decision,
            reason: case.reason,
            num_errors: case.num_errors,
        };
        let expected = match self.rules {
            Rules::Trapkey => case.trapkey.unwrap_or(cedar),
            Rules::Cedar => cedar,
        };
        Ok(Case {
            name: case.name,
            entities,
            changed: case.entities_changed,
            removed,
            request,
            expected: Expected {
                answer: expected.decision,
                determining: expected.reason,
                erring: ExpectedErrors::Count(expected.num_errors),
            },
            may_be_refused: false,
        })
    }

    /// The text of a file in the folder, read once.
    fn text(&mut self, name: &str, case: &str, file: &Path) -> Result<Rc<str>, CliError> {
        if let Some(text) = self.texts.get(name) {
            return Ok(Rc::clone(text));
        }
        if !is_plain(name) {
            let error = CaseError::FileName { case: case.to_owned(), name: name.to_owned() };
            return Err(CliError::Cases { path: file.to_path_buf(), error });
        }
        let path: PathBuf = self.folder.join(name);
        let text: Rc<str> = files::text(&path, CASE_FILE_BYTES_MAX)?.into();
        self.texts.insert(name.to_owned(), Rc::clone(&text));
        Ok(text)
    }
}

fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}
