//! JSON documents that can hold what JSON values cannot, such as a key twice, and their mutations.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A document.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// Text that is written as it is: a number, a literal or a string with its quotes.
    Token(String),
    Array(Vec<Tree>),
    /// Keys are text as well, with their quotes.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn parse(text: &str) -> Self {
        Self::from_value(&serde_json::from_str(text).expect("document is JSON"))
    }

    pub(crate) fn from_value(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Array(items) => {
                Self::Array(items.iter().map(Self::from_value).collect())
            }
            serde_json::Value::Object(fields) => Self::Object(
                fields.iter().map(|(key, value)| (quoted(key), Self::from_value(value))).collect(),
            ),
            other => Self::Token(other.to_string()),
        }
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Token(_) => 0,
            Self::Array(items) => items.iter().map(Self::count).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.count()).sum(),
        }
    }

    /// The value at `position` in the order in which the document is written.
    fn nth(&mut self, position: &mut usize) -> Option<&mut Self> {
        if *position == 0 {
            return Some(self);
        }
        *position -= 1;
        match self {
            Self::Token(_) => None,
            Self::Array(items) => items.iter_mut().find_map(|item| item.nth(position)),
            Self::Object(fields) => fields.iter_mut().find_map(|(_, value)| value.nth(position)),
        }
    }

    fn at(&mut self, index: Index) -> &mut Self {
        let mut position = index.index(self.count());
        self.nth(&mut position).expect("position is in the document")
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(text) => f.write_str(text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}{key}:{value}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A change of one place in a document.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    Replace(Index, Tree),
    /// Puts a copy of one part in the place of another.
    Copy(Index, Index),
    Delete(Index, Index),
    /// Writes an item or field of an array or object twice.
    Repeat(Index, Index),
    Rename(Index, Index, String),
    Insert(Index, String, Tree),
    /// Puts an escape around a value, or takes it off.
    Wrap(Index, String),
    Unwrap(Index),
}

impl Mutation {
    /// Replaces the value at `path`, whose steps are keys and indexes.
    pub(crate) fn set(tree: &mut Tree, path: &[&str], new: &str) {
        let place = path.iter().fold(tree, |tree, step| match tree {
            Tree::Object(fields) => {
                let field = fields.iter_mut().find(|(name, _)| *name == quoted(step));
                &mut field.expect("field is in the document").1
            }
            Tree::Array(items) => &mut items[step.parse::<usize>().expect("index")],
            Tree::Token(text) => panic!("nothing lies inside {text}"),
        });
        *place = Tree::snippet(new);
    }

    pub(crate) fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Replace(at, new) => *tree.at(*at) = new.clone(),
            Self::Copy(from, to) => {
                let copy = tree.at(*from).clone();
                if copy.count() < 200 {
                    *tree.at(*to) = copy;
                }
            }
            Self::Delete(at, which) => match tree.at(*at) {
                Tree::Array(items) if !items.is_empty() => {
                    items.remove(which.index(items.len()));
                }
                Tree::Object(fields) if !fields.is_empty() => {
                    fields.remove(which.index(fields.len()));
                }
                _ => {}
            },
            Self::Repeat(at, which) => match tree.at(*at) {
                Tree::Array(items) if !items.is_empty() => {
                    items.push(items[which.index(items.len())].clone());
                }
                Tree::Object(fields) if !fields.is_empty() => {
                    fields.push(fields[which.index(fields.len())].clone());
                }
                _ => {}
            },
            Self::Rename(at, which, name) => match tree.at(*at) {
                Tree::Object(fields) if !fields.is_empty() => {
                    let which = which.index(fields.len());
                    fields[which].0 = quoted(name);
                }
                _ => {}
            },
            Self::Insert(at, name, new) => match tree.at(*at) {
                Tree::Array(items) => items.push(new.clone()),
                Tree::Object(fields) => fields.push((quoted(name), new.clone())),
                Tree::Token(_) => {}
            },
            Self::Wrap(at, name) => {
                let place = tree.at(*at);
                *place = Tree::Object(vec![(quoted(name), place.clone())]);
            }
            Self::Unwrap(at) => {
                let place = tree.at(*at);
                if let Tree::Object(fields) = place
                    && let Some((_, inner)) = fields.first()
                {
                    *place = inner.clone();
                }
            }
        }
    }
}

/// Values that are almost right in many places.
const SNIPPETS: [&str; 49] = [
    "null",
    "true",
    "0",
    "-0",
    "1.0",
    "1e2",
    "1e999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "[]",
    "{}",
    "[null]",
    "[1.5]",
    r#""""#,
    r#""a""#,
    r#""a\u0000é\n""#,
    r#""\ud800""#,
    r#""10.0.0.1""#,
    r#""10.0.0.1/33""#,
    r#""1.5""#,
    r#""2024-01-01""#,
    r#""1h""#,
    r#""red""#,
    r#"{"__extn":{"fn":"ip","arg":"10.0.0.1"}}"#,
    r#"{"__extn":{"fn":"ip","arg":"10.0.0.1","more":1.5},"more":[1e2]}"#,
    r#"{"__extn":{"fn":"ip","arg":5}}"#,
    r#"{"__extn":{"fn":"ip"}}"#,
    r#"{"__extn":{"fn":"ip","arg":1.5},"fn":"ip","arg":"::1"}"#,
    r#"{"fn":"ip","args":["::1"]}"#,
    r#"{"fn":"ip","args":["::1","::2"]}"#,
    r#"{"fn":"ip","arg":1.5,"args":["::1"]}"#,
    r#"{"fn":"decimal","arg":"1.5"}"#,
    r#"{"fn":"datetime","arg":"2024-01-01"}"#,
    r#"{"fn":"offset","args":["2024-01-01",{"__extn":{"fn":"duration","arg":"1h"},"x":1}]}"#,
    r#"{"fn":"offset","args":["2024-01-01",{"fn":"duration","arg":"1h","x":1.5}]}"#,
    r#"{"fn":"offset","args":["2024-01-01","9223372036854775807ms"]}"#,
    r#"{"fn":"toTime","arg":{"fn":"offset","args":["1970-01-01","-1ms"]}}"#,
    r#"{"fn":"toDate","arg":{"fn":"offset","args":["1970-01-01","-9223372036854775808ms"]}}"#,
    r#"{"__extn":{"fn":"unknown","arg":"x"}}"#,
    r#"{"__extn":{"fn":"isIpv4","arg":{"__extn":{"fn":"ip","arg":"10.0.0.1"}}}}"#,
    r#"{"__expr":"1"}"#,
    r#"{"__entity":{"type":"Shop::Colour","id":"red"}}"#,
    r#"{"type":"Shop::Colour","id":"red","more":1.5}"#,
    r#"{"__entity":5,"type":"Shop::Org","id":"o"}"#,
    r#"{"__expr":5,"type":"Plant::Zone","id":"z"}"#,
    r#"{"type":"Shop::Action","id":"rob"}"#,
    r#"["Shop::Org","o"]"#,
    r#"{"type":"Shop :: Org","id":"o"}"#,
];

const KEYS: [&str; 16] = [
    "type", "id", "__entity", "__extn", "__expr", "fn", "arg", "args", "uid", "attrs", "parents",
    "tags", "context", "window", "zone", "more",
];

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let key = || select(&KEYS[..]).prop_map(str::to_owned);
    let snippet = || {
        prop_oneof![
            20 => select(&SNIPPETS[..]).prop_map(Tree::snippet),
            1 => Just(Tree::Token(quoted(&"x".repeat(257)))),
            1 => Just(Tree::Array((0..65).map(|n| Tree::Token(n.to_string())).collect())),
            1 => Just(Tree::snippet(format!("{}{}", "[".repeat(70), "]".repeat(70)))),
        ]
    };
    prop_oneof![
        6 => (at(), snippet()).prop_map(|(at, new)| Mutation::Replace(at, new)),
        4 => (at(), at()).prop_map(|(from, to)| Mutation::Copy(from, to)),
        2 => (at(), at()).prop_map(|(at, which)| Mutation::Delete(at, which)),
        2 => (at(), at()).prop_map(|(at, which)| Mutation::Repeat(at, which)),
        1 => (at(), at(), key()).prop_map(|(at, which, key)| Mutation::Rename(at, which, key)),
        2 => (at(), key(), snippet()).prop_map(|(at, key, new)| Mutation::Insert(at, key, new)),
        1 => (at(), key()).prop_map(|(at, key)| Mutation::Wrap(at, key)),
        2 => at().prop_map(Mutation::Unwrap),
    ]
}

impl Tree {
    /// A snippet is not parsed: it may be what no JSON value can be.
    fn snippet(text: impl AsRef<str>) -> Self {
        Self::Token(text.as_ref().to_owned())
    }
}

/// Replaces, inserts or deletes one character.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    at: Index,
    remove: bool,
    insert: Option<char>,
}

impl Edit {
    pub(crate) fn apply(&self, text: &mut String) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.at.index(chars.len() + 1);
        if self.remove && at < chars.len() {
            chars.remove(at);
        }
        if let Some(char) = self.insert {
            chars.insert(at, char);
        }
        *text = chars.into_iter().collect();
    }
}

/// An edit that inserts one of `alphabet`.
pub(crate) fn edit(alphabet: &'static str) -> impl Strategy<Value = Edit> {
    let chars: Vec<char> = alphabet.chars().collect();
    (any::<Index>(), any::<bool>(), proptest::option::weighted(0.7, select(chars)))
        .prop_map(|(at, remove, insert)| Edit { at, remove, insert })
}
