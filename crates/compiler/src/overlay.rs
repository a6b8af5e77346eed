//! `@clock`, `@min` and `@max` from the schema's JSON form, laid over the resolved schema.
//!
//! Cedar's resolved types carry no annotations, so the JSON form is walked beside them: where a
//! type is a name of a common type, its definition is followed.

use serde_json::Value;
use trapkey_abi::{Bounds, Clock, Record, Schema, Type, parse_datetime, parse_duration};

use crate::diagnostic::{Diagnostic, Source};
use crate::limits::TYPE_DEPTH_MAX;

type Findings = Vec<Diagnostic>;

/// Reads the annotations of `json` into `schema`.
///
/// # Errors
///
/// All annotations that are malformed or stand where they mean nothing.
pub(crate) fn annotate(schema: &mut Schema, json: &Value) -> Result<(), Findings> {
    let mut overlay = Overlay { json, findings: Vec::new() };
    for (namespace, definition) in entries(Some(json)) {
        for (name, entity) in entries(definition.get("entityTypes")) {
            let name = qualified(namespace, name);
            let place =
                Place { path: name.clone(), namespace: namespace.clone(), is_context: false };
            overlay.misplaced(entity, &place);
            let target = schema.entity_types.iter_mut().find(|target| target.name == name);
            let Some(target) = target else { continue };
            if let Some(shape) = entity.get("shape") {
                overlay.record(&mut target.attributes, shape, &place, 0);
            }
            if let (Some(tags), Some(json)) = (&mut target.tags, entity.get("tags")) {
                overlay.nested(tags, json, &place.attribute("tags"), 0);
            }
        }
        for (name, common) in entries(definition.get("commonTypes")) {
            let path = qualified(namespace, name);
            let place = Place { path, namespace: namespace.clone(), is_context: false };
            overlay.misplaced(common, &place);
        }
        for (id, action) in entries(definition.get("actions")) {
            let type_name = qualified(namespace, "Action");
            let target = schema
                .actions
                .iter_mut()
                .find(|target| target.uid.id == *id && target.uid.type_name == type_name);
            let path = format!("{type_name}::\"{id}\"");
            let place = Place { path, namespace: namespace.clone(), is_context: true };
            overlay.misplaced(action, &place);
            let context = action.get("appliesTo").and_then(|applies| applies.get("context"));
            if let (Some(target), Some(context)) = (target, context) {
                overlay.record(&mut target.context, context, &place, 0);
            }
        }
    }
    overlay.findings.sort();
    overlay.findings.dedup();
    if overlay.findings.is_empty() { Ok(()) } else { Err(overlay.findings) }
}

/// Types and names of types may stand inside each other this deep: a type and its name at each
/// level that a schema may have. Cedar refuses cycles.
const DEPTH_MAX: usize = 2 * TYPE_DEPTH_MAX + 2;

/// Annotations that mean something on attributes, and nothing elsewhere.
const OF_ATTRIBUTES: [&str; 3] = ["clock", "min", "max"];

#[derive(Clone)]
struct Place {
    path: String,
    namespace: String,
    is_context: bool,
}

impl Place {
    fn attribute(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), ..self.clone() }
    }
}

struct Overlay<'a> {
    json: &'a Value,
    findings: Findings,
}

impl<'a> Overlay<'a> {
    fn record(&mut self, target: &mut Record, json: &'a Value, place: &Place, depth: usize) {
        if let Some((definition, namespace)) = self.common_type(json, &place.namespace) {
            if depth < DEPTH_MAX {
                let place = Place { namespace, ..place.clone() };
                self.record(target, definition, &place, depth + 1);
            }
            return;
        }
        for (name, attribute) in entries(json.get("attributes")) {
            let Some(target) = target.attributes.get_mut(name) else {
                continue;
            };
            let place = place.attribute(name);
            self.nested(&mut target.ty, attribute, &place, depth);
            let annotations = attribute.get("annotations");
            if let Some(text) = annotation(annotations, "clock") {
                target.clock = self.clock(text, &target.ty, &place);
            }
            let (min, max) = (annotation(annotations, "min"), annotation(annotations, "max"));
            if let Type::Long | Type::Datetime | Type::Duration = target.ty {
                target.bounds = self.bounds((min, max), &target.ty, &place);
                continue;
            }
            if let Some(text) = max {
                target.max = self.max(text, &target.ty, &place);
            }
            if min.is_some() {
                let message =
                    format!("@min stands on a {}, expected a number or a time", target.ty);
                self.finding(&place, &message);
            }
        }
    }

    fn nested(&mut self, target: &mut Type, json: &'a Value, place: &Place, depth: usize) {
        match target {
            Type::Record(record) => self.record(record, json, place, depth + 1),
            Type::Set(element) => {
                if let Some((definition, namespace)) = self.common_type(json, &place.namespace) {
                    if depth < DEPTH_MAX {
                        let place = Place { namespace, ..place.clone() };
                        self.nested(target, definition, &place, depth + 1);
                    }
                } else if let Some(json) = json.get("element") {
                    // Elements have no clock of their own: nothing moves inside a set.
                    let place = Place { is_context: false, ..place.attribute("element") };
                    self.nested(element, json, &place, depth + 1);
                }
            }
            Type::Bool
            | Type::Long
            | Type::String
            | Type::Decimal
            | Type::Datetime
            | Type::Duration
            | Type::Ip
            | Type::Entity(_) => {}
        }
    }

    /// The definition that a type name stands for, and the namespace it is in.
    fn common_type(&self, json: &Value, namespace: &str) -> Option<(&'a Value, String)> {
        let kind = json.get("type")?.as_str()?;
        let name = match kind {
            "EntityOrCommon" => json.get("name")?.as_str()?,
            "Record" | "Set" | "Entity" | "Extension" | "Long" | "String" | "Boolean" => {
                return None;
            }
            name => name,
        };
        let candidates = match name.rsplit_once("::") {
            Some((namespace, base)) => vec![(namespace, base)],
            None => vec![(namespace, name), ("", name)],
        };
        candidates.into_iter().find_map(|(namespace, base)| {
            let definition = self.json.get(namespace)?.get("commonTypes")?.get(base)?;
            Some((definition, namespace.to_owned()))
        })
    }

    fn clock(&mut self, text: &str, ty: &Type, place: &Place) -> Option<Clock> {
        let clock = match text {
            "instant" => Clock::Instant,
            "elapsed" => Clock::Elapsed,
            "remaining" => Clock::Remaining,
            other => {
                self.finding(
                    place,
                    &format!("@clock is `{other}`, expected instant, elapsed or remaining"),
                );
                return None;
            }
        };
        let want = match clock {
            Clock::Instant => Type::Datetime,
            Clock::Elapsed | Clock::Remaining => Type::Duration,
        };
        if *ty != want {
            self.finding(place, &format!("@clock(\"{text}\") stands on a {ty}, expected a {want}"));
            return None;
        }
        if !place.is_context {
            self.finding(
                place,
                "@clock stands outside a context: only the request moves with time",
            );
            return None;
        }
        Some(clock)
    }

    fn max(&mut self, text: &str, ty: &Type, place: &Place) -> Option<u32> {
        if !matches!(ty, Type::Set(_) | Type::String) {
            let want = "a set, a String, a number or a time";
            self.finding(place, &format!("@max stands on a {ty}, expected {want}"));
            return None;
        }
        let max = text.parse().ok().filter(|max| (1..=MAX_MAX).contains(max));
        if max.is_none() {
            self.finding(
                place,
                &format!("@max is `{text}`, expected a number from 1 to {MAX_MAX}"),
            );
        }
        max
    }

    /// Least and largest value, each written as a literal of the type.
    fn bounds(
        &mut self,
        (min, max): (Option<&str>, Option<&str>),
        ty: &Type,
        place: &Place,
    ) -> Option<Bounds> {
        let mut read = |name: &str, text: Option<&str>, default: i64| {
            let text = text?;
            let value = if *ty == Type::Datetime {
                parse_datetime(text).ok()
            } else if *ty == Type::Duration {
                parse_duration(text).ok()
            } else {
                text.parse().ok()
            };
            if value.is_none() {
                self.finding(place, &format!("@{name} is `{text}`, expected a {ty}"));
            }
            Some(value.unwrap_or(default))
        };
        let (min, max) = (read("min", min, i64::MIN), read("max", max, i64::MAX));
        if min.is_none() && max.is_none() {
            return None;
        }
        let (min, max) = (min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX));
        if min > max {
            self.finding(place, &format!("@min is {min}, which is more than @max, {max}"));
        }
        Some(Bounds { min, max })
    }

    /// Reports annotations of a declaration that would bound nothing.
    fn misplaced(&mut self, declaration: &Value, place: &Place) {
        for name in OF_ATTRIBUTES {
            if annotation(declaration.get("annotations"), name).is_some() {
                self.finding(
                    place,
                    &format!("@{name} stands on a declaration, expected an attribute"),
                );
            }
        }
    }

    fn finding(&mut self, place: &Place, message: &str) {
        let message = format!("`{}`: {message}", place.path);
        self.findings.push(Diagnostic::error(Source::Schema, None, message));
    }
}

/// A frame holds at most this many bytes of one value.
const MAX_MAX: u32 = 32_768;

fn entries(json: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    json.and_then(Value::as_object).into_iter().flatten()
}

fn annotation<'v>(annotations: Option<&'v Value>, name: &str) -> Option<&'v str> {
    let value = annotations?.get(name)?;
    Some(value.as_str().unwrap_or_default())
}

fn qualified(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}::{name}") }
}
