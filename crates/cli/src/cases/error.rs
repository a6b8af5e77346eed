//! Why cases cannot be used.

/// Why cases cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaseError {
    /// There is no case.
    #[error("there are no cases: neither cases*.json nor a test in Cedar's format")]
    NoCases,
    /// A file that was named is no test.
    #[error("not a test in Cedar's format: no object with `policies` and `requests`")]
    NotATest,
    /// A file is not the JSON it should be.
    #[error("malformed JSON")]
    Json(#[source] serde_json::Error),
    /// Two cases of a folder have one name.
    #[error("two cases are named `{name}`")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A case names a file outside its folder.
    #[error("case `{case}` names `{name}`, which is not the plain name of a file")]
    FileName {
        /// The case.
        case: String,
        /// What it names.
        name: String,
    },
    /// A uid that a case removes cannot be read.
    #[error("case `{case}` removes `{uid}`, which is not a uid")]
    Uid {
        /// The case.
        case: String,
        /// What it names.
        uid: String,
    },
    /// A path in a test of Cedar's format leads nowhere.
    #[error("`{path}` is in none of the folders above the test")]
    Path {
        /// The path.
        path: String,
    },
}
