//! Names of Rust for names of a schema.

use std::collections::{BTreeMap, BTreeSet};

/// Characters of a name that is taken from the schema: lines of the module then have a bound.
const NAME_CHARS_MAX: usize = 40;

/// What no type of the module is called: the names that it uses itself.
const RESERVED: [&str; 13] = [
    "Err", "From", "LAYOUT", "None", "Ok", "Option", "Result", "SCHEMA", "Self", "Some", "String",
    "Vec", "Box",
];

/// Words that are names only with `r#` in front.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// The names that are taken in one scope.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// The last number that a name got; from 1 each time, many equal names would take for ever.
    numbers: BTreeMap<String, u64>,
}

impl Names {
    /// A scope for types.
    pub(super) fn of_types() -> Self {
        let taken = RESERVED.iter().map(|name| (*name).to_owned()).collect();
        Self { taken, numbers: BTreeMap::new() }
    }

    /// Takes the first of these names that is free, or the last with a number.
    pub(super) fn take(&mut self, wanted: &[String]) -> String {
        if let Some(free) = wanted.iter().find(|name| !self.taken.contains(*name)) {
            self.taken.insert(free.clone());
            return free.clone();
        }
        let last = wanted.last().map_or("", String::as_str);
        let number = self.numbers.entry(last.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let name = format!("{last}{number}");
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// A name of a type or a variant: `modbus.readBits` is `ModbusReadBits`.
pub(super) fn camel(text: &str) -> String {
    let mut name = String::new();
    for word in words(text) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(&letters.as_str().to_ascii_lowercase());
    }
    cut(name, "Unnamed", "N")
}

/// A name of a field: `attestAge` is `attest_age`.
pub(super) fn snake(text: &str) -> String {
    cut(words(text).join("_").to_ascii_lowercase(), "unnamed", "n")
}

/// A name as it is written where keywords are not allowed.
pub(super) fn escaped(name: &str) -> String {
    match name {
        // These are no names even with `r#`.
        "self" | "super" | "crate" => format!("{name}_"),
        name if KEYWORDS.contains(&name) => format!("r#{name}"),
        name => name.to_owned(),
    }
}

pub(super) fn cut(name: String, empty: &str, before_digit: &str) -> String {
    let name = match name.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{before_digit}{name}"),
        Some(_) => name,
    };
    let cut: String = name.chars().take(NAME_CHARS_MAX).collect();
    cut.trim_end_matches('_').to_owned()
}

/// Runs of ASCII letters and digits, cut before a capital that begins a word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let letters: Vec<char> = run.chars().collect();
        let mut word = String::new();
        for (index, letter) in letters.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| letters.get(index));
            let is_inner = before.is_some_and(char::is_ascii_uppercase)
                && !letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
            if letter.is_ascii_uppercase() && !is_inner && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.push(*letter);
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Names, camel, escaped, snake};

    #[test]
    fn names_follow_the_style_of_rust() {
        let names = [
            ("modbus.readBits", "ModbusReadBits", "modbus_read_bits"),
            ("x509-svid", "X509Svid", "x509_svid"),
            ("HTTPServer", "HttpServer", "http_server"),
            ("LOW", "Low", "low"),
            ("AiAgent", "AiAgent", "ai_agent"),
            ("Plant::Zone", "PlantZone", "plant_zone"),
            ("", "Unnamed", "unnamed"),
            ("ärger", "Rger", "rger"),
            ("日本", "Unnamed", "unnamed"),
            ("7up", "N7up", "n7up"),
            ("a b", "AB", "a_b"),
            ("_x_", "X", "x"),
        ];
        for (text, of_type, of_field) in names {
            assert_eq!((camel(text).as_str(), snake(text).as_str()), (of_type, of_field));
        }
        assert_eq!(camel(&"long".repeat(300)).len(), 40);
    }

    #[test]
    fn keywords_are_escaped() {
        for (name, want) in [
            ("type", "r#type"),
            ("while", "r#while"),
            ("yield", "r#yield"),
            ("self", "self_"),
            ("crate", "crate_"),
            ("typed", "typed"),
        ] {
            assert_eq!(escaped(name), want);
        }
    }

    #[test]
    fn names_that_are_taken_get_longer() {
        let mut names = Names::of_types();
        let wanted = ["Zone".to_owned(), "PlantZone".to_owned()];
        let taken = [(); 4].map(|()| names.take(&wanted));
        assert_eq!(taken, ["Zone", "PlantZone", "PlantZone2", "PlantZone3"]);
        assert_eq!(names.take(&["String".to_owned()]), "String2");
        // A number that a name of the schema has already is passed over.
        assert_eq!(names.take(&["Vec2".to_owned()]), "Vec2");
        assert_eq!(names.take(&["Vec".to_owned()]), "Vec3");
    }
}
