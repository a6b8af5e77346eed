//! Counts what a schema declares: brackets and names before it is parsed, and what its common
//! types would become before they are put in place of their names.

mod hierarchy;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::tokens::{Token, Tokens};
use super::{
    ACTIONS_MAX, ENTITY_TYPES_MAX, ENVIRONMENTS_MAX, LITERAL_BYTES_MAX, NAME_BYTES_MAX,
    NAME_PARTS_MAX, ROW_KEYS_MAX, SCHEMA_KEYS_MAX, SCHEMA_NESTING_MAX, TYPE_DEPTH_MAX, over,
};
use crate::diagnostic::{CompileError, Diagnostic, Source, span_of};
use hierarchy::Hierarchy;

/// Findings after which counting stops.
const FINDINGS_MAX: usize = 100;

/// Refuses a text, in Cedar's syntax or as JSON, with anything over a limit.
///
/// # Errors
///
/// [`CompileError::Limit`] with all that is over a limit, where it is, its size and the limit.
pub(crate) fn check_schema(text: &str) -> Result<(), CompileError> {
    let mut findings = Vec::new();
    let mut brackets = 0_usize;
    let mut parts = (0, 0);
    let mut is_qualified = false;
    for (token, range) in Tokens::new(text) {
        match token {
            Token::Symbol("(" | "[" | "{" | "<") => brackets += 1,
            Token::Symbol(")" | "]" | "}" | ">") => brackets = brackets.saturating_sub(1),
            Token::Word(word) => {
                if word.len() > NAME_BYTES_MAX {
                    let text = over("an identifier", word.len(), "bytes", NAME_BYTES_MAX);
                    findings.push(finding(text, Some(&range)));
                }
                parts = if is_qualified { (parts.0 + 1, parts.1) } else { (1, range.start) };
                if parts.0 == NAME_PARTS_MAX + 1 {
                    let text = over("a name", parts.0, "parts", NAME_PARTS_MAX);
                    findings.push(finding(text, Some(&(parts.1..range.end))));
                }
            }
            Token::Text(text) if text.len() > LITERAL_BYTES_MAX => {
                let text = over("a string literal", text.len(), "bytes", LITERAL_BYTES_MAX);
                findings.push(finding(text, Some(&range)));
            }
            Token::Text(_) | Token::Number | Token::Symbol(_) => {}
        }
        is_qualified = token == Token::Symbol("::");
        if brackets > SCHEMA_NESTING_MAX {
            let text = format!("brackets nest {brackets} deep, the limit is {SCHEMA_NESTING_MAX}");
            findings.push(finding(text, Some(&range)));
            break;
        }
        if findings.len() >= FINDINGS_MAX {
            break;
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(CompileError::Limit(findings)) }
}

/// Refuses a parsed schema, in its JSON form, that would become too large.
///
/// # Errors
///
/// [`CompileError::Limit`] with all that is over a limit, its size and the limit.
pub(crate) fn check_fragment(json: &Value) -> Result<(), CompileError> {
    let mut count = Count { json, types: BTreeMap::new(), findings: Vec::new() };
    count.declarations();
    if count.findings.is_empty() {
        count.common_types();
    }
    if count.findings.is_empty() {
        count.rows();
    }
    if count.findings.is_empty() {
        count.environments();
    }
    if count.findings.is_empty() { Ok(()) } else { Err(CompileError::Limit(count.findings)) }
}

/// What a type holds once common types are in place of their names.
#[derive(Clone, Copy, Default)]
struct Size {
    keys: usize,
    depth: usize,
}

struct Count<'a> {
    json: &'a Value,
    /// Common types by namespace and name; the size is absent while it is being counted.
    types: BTreeMap<(&'a str, &'a str), Option<Size>>,
    findings: Vec<Diagnostic>,
}

impl<'a> Count<'a> {
    fn all(
        &self,
        kind: &'static str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> + use<'a> {
        members(Some(self.json)).flat_map(move |(namespace, definition)| {
            members(definition.get(kind)).map(move |(name, value)| (namespace, name, value))
        })
    }

    fn declarations(&mut self) {
        for (kind, unit, max) in
            [("entityTypes", "entity types", ENTITY_TYPES_MAX), ("actions", "actions", ACTIONS_MAX)]
        {
            let len = self.all(kind).count();
            if len > max {
                self.findings.push(finding(over("the schema", len, unit, max), None));
            }
        }
    }

    fn common_types(&mut self) {
        let mut total = 0_usize;
        for (namespace, name, definition) in self.all("commonTypes") {
            let size = self.common_type(namespace, name, definition, 0);
            total = total.saturating_add(size.keys);
            self.row(&format!("type `{}`", qualified(namespace, name)), size);
            if !self.findings.is_empty() {
                return;
            }
        }
        self.total("the common types have", total);
    }

    fn rows(&mut self) {
        let hierarchy = Hierarchy::new(self.all("entityTypes").map(|(namespace, name, entity)| {
            let parents = items(entity.get("memberOfTypes")).filter_map(Value::as_str);
            let names = |parent| [qualified(namespace, parent), parent.to_owned()];
            (qualified(namespace, name), parents.map(names).collect())
        }));
        let Some(ancestors) = hierarchy.ancestors(SCHEMA_KEYS_MAX) else {
            return self.total("the entity types have", SCHEMA_KEYS_MAX + 1);
        };
        let mut total = 0_usize;
        for (index, (namespace, name, entity)) in self.all("entityTypes").enumerate() {
            let mut size = Size::default();
            for part in ["shape", "tags"] {
                let part = entity.get(part).map(|ty| self.ty(ty, namespace, 0));
                let part = part.unwrap_or_default();
                size.keys = size.keys.saturating_add(part.keys);
                size.depth = size.depth.max(part.depth);
            }
            let own = ancestors.get(index).copied().unwrap_or(0);
            let own = own + usize::from(entity.get("tags").is_some());
            size.keys = size.keys.saturating_add(own);
            total = total.saturating_add(size.keys);
            self.row(&format!("`{}`", qualified(namespace, name)), size);
        }
        for (namespace, id, action) in self.all("actions") {
            let context = action.get("appliesTo").and_then(|applies| applies.get("context"));
            let size = context.map(|ty| self.ty(ty, namespace, 0)).unwrap_or_default();
            total = total.saturating_add(size.keys);
            let place = format!("the context of `{}::\"{id}\"`", qualified(namespace, "Action"));
            self.row(&place, size);
        }
        self.total("the entity types and contexts have", total);
    }

    fn environments(&mut self) {
        let mut total = 0_usize;
        for (_, _, action) in self.all("actions") {
            let applies = action.get("appliesTo");
            let len = |kind| {
                let types = items(applies.and_then(|applies| applies.get(kind)));
                types.filter_map(Value::as_str).collect::<BTreeSet<_>>().len()
            };
            total =
                total.saturating_add(len("principalTypes").saturating_mul(len("resourceTypes")));
        }
        if total > ENVIRONMENTS_MAX {
            let text = over("the schema", total, "request environments", ENVIRONMENTS_MAX);
            self.findings.push(finding(text, None));
        }
        let groups = Hierarchy::new(self.all("actions").map(|(namespace, id, action)| {
            let names = |group: &Value| {
                let id = group.get("id").and_then(Value::as_str)?;
                let ty = group.get("type").and_then(Value::as_str).unwrap_or("Action");
                Some([format!("{}::{id}", qualified(namespace, ty)), format!("{ty}::{id}")])
            };
            let groups = items(action.get("memberOf")).filter_map(names).collect();
            (format!("{}::{id}", qualified(namespace, "Action")), groups)
        }));
        if groups.ancestors(SCHEMA_KEYS_MAX).is_none() {
            self.total("the actions have", SCHEMA_KEYS_MAX + 1);
        }
    }

    fn row(&mut self, place: &str, size: Size) {
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        if size.depth > TYPE_DEPTH_MAX {
            let (depth, max) = (size.depth, TYPE_DEPTH_MAX);
            let text = format!("{place} nests at least {depth} types deep, the limit is {max}");
            self.findings.push(finding(text, None));
        } else if size.keys > ROW_KEYS_MAX {
            let text = over(place, size.keys, "attributes and ancestors", ROW_KEYS_MAX);
            self.findings.push(finding(text, None));
        }
    }

    fn total(&mut self, what: &str, keys: usize) {
        if keys > SCHEMA_KEYS_MAX {
            let text =
                format!("{what} {keys} attributes and ancestors, the limit is {SCHEMA_KEYS_MAX}");
            self.findings.push(finding(text, None));
        }
    }

    /// What a type holds; `depth` levels of types are around it.
    fn ty(&mut self, ty: &'a Value, namespace: &'a str, depth: usize) -> Size {
        if depth > TYPE_DEPTH_MAX {
            // The types around it are too many already.
            return Size::default();
        }
        let depth = depth + 1;
        let mut size = Size::default();
        if let Some((namespace, name, definition)) = self.find(ty, namespace) {
            size = self.common_type(namespace, name, definition, depth);
        } else if let Some(element) = ty.get("element") {
            size = self.ty(element, namespace, depth);
        } else {
            for (_, attribute) in members(ty.get("attributes")) {
                let is_optional = attribute.get("required").and_then(Value::as_bool) == Some(false);
                let inner = self.ty(attribute, namespace, depth);
                let keys = inner.keys.saturating_add(1 + usize::from(is_optional));
                size.keys = size.keys.saturating_add(keys);
                size.depth = size.depth.max(inner.depth);
            }
        }
        let is_leaf = ty.get("element").is_none() && ty.get("attributes").is_none();
        let is_leaf = is_leaf && self.find(ty, namespace).is_none();
        Size { depth: size.depth + usize::from(!is_leaf), ..size }
    }

    /// Cedar refuses cycles; here they end.
    fn common_type(
        &mut self,
        namespace: &'a str,
        name: &'a str,
        definition: &'a Value,
        depth: usize,
    ) -> Size {
        if let Some(size) = self.types.get(&(namespace, name)) {
            return size.unwrap_or_default();
        }
        self.types.insert((namespace, name), None);
        let size = self.ty(definition, namespace, depth);
        self.types.insert((namespace, name), Some(size));
        size
    }

    /// The common type that a type names.
    fn find(&self, ty: &'a Value, namespace: &'a str) -> Option<(&'a str, &'a str, &'a Value)> {
        let name = match ty.get("type")?.as_str()? {
            "EntityOrCommon" => ty.get("name")?.as_str()?,
            "Record" | "Set" | "Entity" | "Extension" | "Long" | "String" | "Boolean" => {
                return None;
            }
            name => name,
        };
        let candidates = match name.rsplit_once("::") {
            Some((namespace, base)) => [Some((namespace, base)), None],
            None => [Some((namespace, name)), Some(("", name))],
        };
        candidates.into_iter().flatten().find_map(|(namespace, base)| {
            let definition = self.json.get(namespace)?.get("commonTypes")?.get(base)?;
            Some((namespace, base, definition))
        })
    }
}

/// The members of a JSON object.
fn members(json: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let object = json.and_then(Value::as_object);
    object.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The items of a JSON array.
fn items(json: Option<&Value>) -> impl Iterator<Item = &Value> {
    json.and_then(Value::as_array).into_iter().flatten()
}

fn finding(text: String, range: Option<&Range<usize>>) -> Diagnostic {
    let span = range.and_then(|range| span_of(range.start, range.len()));
    Diagnostic::error(Source::Schema, span, text)
}

fn qualified(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}::{name}") }
}
