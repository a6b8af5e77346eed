//! The paths of a request: what a policy can read, and what must hold before it may.

use cedar_policy::EntityTypeName;

use super::constant::{KEYS, quoted};
use crate::generator::{Record, Type, Vocabulary};

/// A path that a policy may write.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) text: String,
    pub(super) of: Type,
    /// Tests that must hold first, outermost first.
    pub(super) guards: Vec<String>,
    /// The root and the attributes after it, if all are identifiers: what `has a.b.c` can say.
    pub(super) chain: Option<(String, Vec<String>)>,
}

/// Attributes in a row; more reach nothing new.
const STEPS_MAX: usize = 3;
/// Paths that are kept; a few types refer to each other without end.
const PATHS_MAX: usize = 400;

/// All paths from the principal, the resource and the context, shortest first.
pub(super) fn paths(
    vocabulary: &Vocabulary,
    principal: &EntityTypeName,
    resource: &EntityTypeName,
    context: Option<&Record>,
) -> Vec<Path> {
    let root = |name: &str, of| Path {
        text: name.to_owned(),
        of,
        guards: Vec::new(),
        chain: Some((name.to_owned(), Vec::new())),
    };
    let mut paths = vec![
        root("principal", Type::Entity(principal.clone())),
        root("resource", Type::Entity(resource.clone())),
    ];
    paths.extend(context.map(|record| root("context", Type::Record(record.clone()))));
    let mut frontier = 0..paths.len();
    for _ in 0..STEPS_MAX {
        let end = paths.len();
        for index in frontier {
            if let Some(path) = paths.get(index).cloned()
                && paths.len() < PATHS_MAX
            {
                extend(vocabulary, &path, &mut paths);
            }
        }
        frontier = end..paths.len();
    }
    paths
}

fn extend(vocabulary: &Vocabulary, path: &Path, paths: &mut Vec<Path>) {
    let attributes = match &path.of {
        Type::Record(record) => Some(record),
        Type::Entity(name) => vocabulary.attributes(name),
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Datetime
        | Type::Duration
        | Type::Decimal
        | Type::Ip
        | Type::Set(_) => None,
    };
    for (name, attribute) in attributes.into_iter().flatten() {
        let mut next = path.clone();
        next.text = access(&path.text, name);
        next.of = attribute.of.clone();
        next.chain = path.chain.clone().filter(|_| is_identifier(name)).map(|(root, mut names)| {
            names.push(name.clone());
            (root, names)
        });
        if !attribute.is_required {
            next.guards.push(has(&path.text, name));
        }
        paths.push(next);
    }
    if let Type::Entity(name) = &path.of
        && let Some(of) = vocabulary.tags(name)
    {
        for key in KEYS.iter().take(2) {
            let mut next = path.clone();
            next.text = format!("{}.getTag({})", path.text, quoted(key));
            next.of = of.clone();
            next.chain = None;
            next.guards.push(format!("{}.hasTag({})", path.text, quoted(key)));
            paths.push(next);
        }
    }
}

pub(super) fn access(base: &str, name: &str) -> String {
    if is_identifier(name) { format!("{base}.{name}") } else { format!("{base}[{}]", quoted(name)) }
}

pub(super) fn has(base: &str, name: &str) -> String {
    if is_identifier(name) {
        format!("({base} has {name})")
    } else {
        format!("({base} has {})", quoted(name))
    }
}

pub(super) fn is_identifier(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    let reserved = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];
    is_word && starts && !reserved.contains(&name)
}
