//! Schemas: namespaces, hierarchies, enumerations, tags, common types, action groups, odd names.

use proptest::prelude::{Rng, RngExt};

use super::constant::quoted;
use crate::generator::pick;

/// Names of attributes: plain ones that recur with different types, reserved words, and no identifiers at all.
const ATTRIBUTES: [&str; 18] = [
    "a",
    "b",
    "c",
    "name",
    "level",
    "zone",
    "odd name",
    "é",
    "",
    "if",
    "type",
    "id",
    "fn",
    "arg",
    "in",
    "principal",
    "a\"b",
    "_x9",
];
const TYPES: [&str; 6] = ["User", "Group", "Doc", "Zone", "Thing", "_T1"];
const NAMESPACES: [&str; 4] = ["", "", "Ns", "Outer::Inner"];
const ACTIONS: [&str; 5] = ["read", "write", "odd action", "", "écrire"];
const IDS: [&str; 5] = ["x", "y", "", "é\"\\", "a longer id of an enumeration"];

/// Attributes of a record are at most so deep.
const DEPTH_MAX: u32 = 3;

/// A schema in Cedar's syntax.
pub(super) fn schema(rng: &mut impl Rng) -> String {
    Draft::new(rng).write()
}

/// What of a schema is decided before its text is written.
struct Draft<'r, R> {
    rng: &'r mut R,
    namespace: String,
    standard: Vec<String>,
    enumerated: Vec<String>,
    commons: Vec<String>,
}

impl<'r, R: Rng> Draft<'r, R> {
    fn new(rng: &'r mut R) -> Self {
        let namespace = (*pick(&NAMESPACES, rng).unwrap_or(&"")).to_owned();
        let standard = rng.random_range(2..=5);
        let standard = TYPES.iter().take(standard).map(|name| (*name).to_owned()).collect();
        let enumerated = rng.random_range(0..=2);
        let enumerated = ["Colour", "State"].iter().take(enumerated);
        let enumerated = enumerated.map(|name| (*name).to_owned()).collect();
        Self { rng, namespace, standard, enumerated, commons: Vec::new() }
    }

    fn write(mut self) -> String {
        let mut lines = Vec::new();
        for index in 0..self.rng.random_range(0..=2) {
            // A common type may use those before it.
            let of = if self.rng.random() { self.record(1) } else { self.ty(1) };
            let name = format!("Common{index}");
            lines.push(format!("type {name} = {of};"));
            self.commons.push(name);
        }
        for name in self.enumerated.clone() {
            let len = self.rng.random_range(1..=IDS.len());
            let ids: Vec<String> = IDS.iter().take(len).map(|id| quoted(id)).collect();
            lines.push(format!("entity {name} enum [{}];", ids.join(", ")));
        }
        for name in self.standard.clone() {
            let groups = self.some(&[self.standard.clone(), self.enumerated.clone()].concat(), 3);
            let groups = if groups.is_empty() {
                String::new()
            } else {
                format!(" in [{}]", groups.join(", "))
            };
            let shape = self.record(0);
            let tags = if self.rng.random_ratio(1, 3) {
                format!(" tags {}", self.ty(1))
            } else {
                String::new()
            };
            lines.push(format!("entity {name}{groups} = {shape}{tags};"));
        }
        self.actions(&mut lines);
        let body = lines.join("\n");
        match self.namespace.as_str() {
            "" => body,
            name => format!("namespace {name} {{\n{body}\n}}\n"),
        }
    }

    fn actions(&mut self, lines: &mut Vec<String>) {
        lines.push("action all;".to_owned());
        lines.push("action \"some of them\" in [all];".to_owned());
        let len = self.rng.random_range(1..=ACTIONS.len());
        let all = [self.standard.clone(), self.enumerated.clone()].concat();
        for name in ACTIONS.iter().take(len) {
            let groups = ["", " in [all]", " in [\"some of them\"]"];
            let groups = pick(&groups, self.rng).unwrap_or(&"");
            let mut principals = self.some(&all, 3);
            principals.extend(principals.is_empty().then(|| "User".to_owned()));
            let mut resources = self.some(&all, 3);
            resources.extend(resources.is_empty().then(|| "Group".to_owned()));
            let context = self.record(0);
            lines.push(format!(
                "action {}{groups} appliesTo {{ principal: [{}], resource: [{}], context: {context} }};",
                quoted(name),
                principals.join(", "),
                resources.join(", "),
            ));
        }
    }

    /// Up to `max` of the names, each once.
    fn some(&mut self, names: &[String], max: usize) -> Vec<String> {
        let mut chosen: Vec<String> =
            names.iter().filter(|_| self.rng.random_ratio(2, 5)).cloned().collect();
        chosen.truncate(max);
        chosen
    }

    fn record(&mut self, depth: u32) -> String {
        let len =
            if depth == 0 { self.rng.random_range(0..=7) } else { self.rng.random_range(0..=3) };
        let start = self.rng.random_range(0..ATTRIBUTES.len());
        let mut fields = Vec::new();
        for offset in 0..len {
            // Steps that do not divide the number of names visit each at most once.
            let name = ATTRIBUTES.get((start + offset * 5) % ATTRIBUTES.len()).unwrap_or(&"a");
            let mark = if self.rng.random_ratio(1, 3) { "?" } else { "" };
            let of = self.ty(depth + 1);
            let bounds = if of == "Long" && self.rng.random_ratio(1, 3) {
                "@min(\"-5\") @max(\"65536\") "
            } else {
                ""
            };
            fields.push(format!("{bounds}{}{mark}: {of}", quoted(name)));
        }
        format!("{{ {} }}", fields.join(", "))
    }

    fn ty(&mut self, depth: u32) -> String {
        let simple = [
            "Bool", "Long", "Long", "String", "String", "decimal", "ipaddr", "datetime", "duration",
        ];
        match self.rng.random_range(0..20) {
            0..=8 => (*pick(&simple, self.rng).unwrap_or(&"Long")).to_owned(),
            9..=12 => pick(&self.standard, self.rng).cloned().unwrap_or_default(),
            13 if !self.enumerated.is_empty() => {
                pick(&self.enumerated, self.rng).cloned().unwrap_or_default()
            }
            14 if !self.commons.is_empty() => {
                pick(&self.commons, self.rng).cloned().unwrap_or_default()
            }
            15 if depth == 1 => "Action".to_owned(),
            _ if depth > DEPTH_MAX => "Long".to_owned(),
            16 | 17 => self.record(depth),
            _ => format!("Set<{}>", self.ty(depth + 1)),
        }
    }
}
