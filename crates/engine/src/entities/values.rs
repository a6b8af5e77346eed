//! Attributes and tags as they are kept: a sorted list whose names are shared.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use trapkey_abi::Value;

/// Values by name.
#[derive(Debug)]
pub(super) struct Values {
    // INVARIANT: ascending by name, no name twice.
    sorted: Box<[(Arc<str>, Value)]>,
}

impl Values {
    pub(super) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let index = self.sorted.binary_search_by(|(key, _)| key.as_ref().cmp(name)).ok()?;
        self.sorted.get(index).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.sorted.iter().map(|(name, value)| (name.as_ref(), value))
    }

    pub(super) fn to_map(&self) -> BTreeMap<String, Value> {
        // Not collected, which would sort again.
        let mut map = BTreeMap::new();
        for (name, value) in self.iter() {
            map.insert(name.to_owned(), value.clone());
        }
        map
    }

    /// Whether both hold the same, in whatever order and however often sets repeat it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let canonical = |values: &Self| {
            let mut record = Value::Record(values.to_map());
            record.canonicalize();
            record
        };
        canonical(self) == canonical(other)
    }
}

/// Names of attributes, each kept once for the entities given in one call.
#[derive(Default)]
pub(super) struct AttributeNames(HashSet<Arc<str>>);

impl AttributeNames {
    pub(super) fn share(&mut self, values: BTreeMap<String, Value>) -> Values {
        let sorted = values.into_iter().map(|(name, value)| (self.name(name), value)).collect();
        Values { sorted }
    }

    fn name(&mut self, name: String) -> Arc<str> {
        if let Some(known) = self.0.get(name.as_str()) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}
