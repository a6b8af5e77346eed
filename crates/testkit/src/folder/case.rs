//! One case: a request, the entities it meets, and what must come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cedar_policy::Decision;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::FolderError;
use crate::oracle::Verdict;
use crate::uid::Uid;

/// A request with its entities and its expected outcome.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows; unique in its folder.
    pub name: String,
    /// The request, in Cedar's JSON form.
    pub request: Value,
    /// The entity store, in Cedar's JSON form, with the case's own changes applied.
    pub entities: Arc<Value>,
    /// What Cedar's rules give.
    pub cedar: Expected,
    /// What Trapkey's rules give: an erring forbid denies, an observed policy is no part of the verdict.
    pub trapkey: Expected,
}

/// The outcome of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// True if the decision is allow.
    #[serde(rename = "decision", deserialize_with = "is_allow")]
    pub allow: bool,
    /// Ids of the determining policies.
    #[serde(rename = "reason")]
    pub determining: BTreeSet<String>,
    /// Number of policies whose evaluation failed.
    pub num_errors: usize,
}

/// Why a case cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// Another case of the folder has this name.
    #[error("the folder has two cases of this name")]
    DuplicateName,
    /// A file that the case names lies outside the folder.
    #[error("`{name}` is not the plain name of a file")]
    FileName {
        /// What the case names.
        name: String,
    },
    /// A file that the case names cannot be read.
    #[error("file of the case")]
    File(#[source] Box<FolderError>),
    /// The request is neither an object nor the name of a file that holds one.
    #[error("the request is not an object")]
    Request,
    /// The entity store is not a list.
    #[error("the entity store is not a list")]
    StoreKind,
    /// An entity has no readable uid.
    #[error("entity {index} of {list} has no uid")]
    Uid {
        /// `the store` or `entities_changed`.
        list: &'static str,
        /// Position in the list, from zero.
        index: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Two entities of the store have one uid.
    #[error("the store has two `{uid}`")]
    DuplicateUid {
        /// Their uid.
        uid: String,
    },
    /// `entities_removed` names what the store does not hold.
    #[error("the store has no `{uid}` to remove")]
    Removed {
        /// What it names.
        uid: String,
    },
}

/// A case as its file spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseJson {
    pub(super) name: String,
    request: Value,
    #[serde(deserialize_with = "is_allow")]
    decision: bool,
    reason: BTreeSet<String>,
    num_errors: usize,
    trapkey: Option<Expected>,
    entities: Option<String>,
    #[serde(default)]
    entities_changed: Vec<Value>,
    #[serde(default)]
    entities_removed: Vec<Uid>,
}

/// The entity stores of a folder: `entities.json`, and every other one that a case has named.
pub(super) struct Stores {
    folder: PathBuf,
    default: Arc<Value>,
    named: BTreeMap<String, Arc<Value>>,
}

impl From<&Verdict> for Expected {
    fn from(verdict: &Verdict) -> Self {
        Self {
            allow: verdict.allow,
            determining: verdict.determining.clone(),
            num_errors: verdict.erring.len(),
        }
    }
}

impl Stores {
    pub(super) fn new(folder: &Path, default: Arc<Value>) -> Self {
        Self { folder: folder.to_path_buf(), default, named: BTreeMap::new() }
    }

    /// Reads the files that `case` names, and applies its changes to its store.
    pub(super) fn resolve(&mut self, case: CaseJson) -> Result<Case, CaseError> {
        let base = match case.entities {
            Some(name) => self.named(name)?,
            None => Arc::clone(&self.default),
        };
        let entities = if case.entities_changed.is_empty() && case.entities_removed.is_empty() {
            base
        } else {
            Arc::new(changed(&base, case.entities_changed, case.entities_removed)?)
        };
        let request = match case.request {
            Value::String(name) => self.file(&name)?,
            inline => inline,
        };
        if !request.is_object() {
            return Err(CaseError::Request);
        }
        let cedar = Expected {
            allow: case.decision,
            determining: case.reason,
            num_errors: case.num_errors,
        };
        Ok(Case {
            name: case.name,
            request,
            entities,
            trapkey: case.trapkey.unwrap_or_else(|| cedar.clone()),
            cedar,
        })
    }

    fn named(&mut self, name: String) -> Result<Arc<Value>, CaseError> {
        if let Some(store) = self.named.get(&name) {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(self.file(&name)?);
        self.named.insert(name, Arc::clone(&store));
        Ok(store)
    }

    fn file(&self, name: &str) -> Result<Value, CaseError> {
        let mut components = Path::new(name).components();
        let (Some(Component::Normal(_)), None) = (components.next(), components.next()) else {
            return Err(CaseError::FileName { name: name.to_owned() });
        };
        super::json(&self.folder.join(name)).map_err(|source| CaseError::File(Box::new(source)))
    }
}

fn is_allow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Decision::deserialize(deserializer).map(|decision| decision == Decision::Allow)
}

/// The store with whole entities replaced or added, and others removed.
fn changed(store: &Value, changes: Vec<Value>, removals: Vec<Uid>) -> Result<Value, CaseError> {
    let mut by_uid = BTreeMap::new();
    let entities = store.as_array().ok_or(CaseError::StoreKind)?;
    for (index, entity) in entities.iter().enumerate() {
        let uid = uid_of(entity, "the store", index)?;
        if by_uid.insert(uid.clone(), entity.clone()).is_some() {
            return Err(CaseError::DuplicateUid { uid: uid.0.to_string() });
        }
    }
    for (index, entity) in changes.into_iter().enumerate() {
        let uid = uid_of(&entity, "entities_changed", index)?;
        by_uid.insert(uid, entity);
    }
    for uid in removals {
        if by_uid.remove(&uid).is_none() {
            return Err(CaseError::Removed { uid: uid.0.to_string() });
        }
    }
    Ok(by_uid.into_values().collect())
}

fn uid_of(entity: &Value, list: &'static str, index: usize) -> Result<Uid, CaseError> {
    let uid = entity.get("uid").unwrap_or(&Value::Null);
    Uid::deserialize(uid).map_err(|source| CaseError::Uid { list, index, source })
}
