//! Cases over one policy set, in whichever format they were written.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trapkey::EntityUid;

use crate::sources::SourceFiles;

/// Cases over one policy set.
#[derive(Debug)]
pub(crate) struct Suite {
    /// The folder or file.
    pub(crate) path: PathBuf,
    /// Policies and schema.
    pub(crate) files: SourceFiles,
    /// The cases.
    pub(crate) cases: Vec<Case>,
    /// Whether the compiler may refuse the policies: every case is then passed.
    pub(crate) may_be_refused: bool,
    /// Whether policies are named by Cedar's id rather than by `@id`.
    pub(crate) has_cedar_ids: bool,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: String,
    /// The entities it starts from.
    pub(crate) entities: Rc<str>,
    /// Entities that replace or add to these.
    pub(crate) changed: Vec<Box<RawValue>>,
    /// Entities that are then removed.
    pub(crate) removed: Vec<EntityUid>,
    /// The request.
    pub(crate) request: String,
    /// What must come of it.
    pub(crate) expected: Expected,
    /// Whether the request may be refused: the case is then passed.
    pub(crate) may_be_refused: bool,
}

/// What must come of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Allow or deny.
    pub(crate) answer: Answer,
    /// The policies that bring it about.
    pub(crate) determining: BTreeSet<String>,
    /// The policies that err.
    pub(crate) erring: ExpectedErrors,
}

/// Which policies err.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedErrors {
    /// So many.
    Count(usize),
    /// These.
    Ids(BTreeSet<String>),
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// Allow.
    Allow,
    /// Deny.
    Deny,
}

impl Answer {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}
