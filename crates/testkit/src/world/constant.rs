//! Constants at the edges of their types, as policies write them and stores hold them.

use cedar_policy::{EntityTypeName, EntityUid};
use proptest::prelude::{Rng, RngExt};

use crate::generator::{EntityKind, Literals, Vocabulary, pick};

const LONGS: [i64; 16] = [
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    10,
    -5,
    255,
    65_536,
    3_037_000_500,
    -3_037_000_500,
    4_611_686_018_427_387_904,
    i64::MAX,
    i64::MIN,
];
const STRINGS: [&str; 12] = [
    "",
    "a",
    "ab",
    "abc",
    "x",
    "aXbXc",
    "*",
    "é",
    "e\u{301}",
    "😀",
    "a string that is longer than eight bytes",
    "line\nfeed \"quoted\" \\ \0",
];
const DECIMALS: [&str; 8] = [
    "0.0",
    "1.5",
    "1.50",
    "-0.0001",
    "0.0001",
    "12345.6789",
    "922337203685477.5807",
    "-922337203685477.5808",
];
const IPS: [&str; 24] = [
    "10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.1/24",
    "127.0.0.1",
    "127.0.0.0/7",
    "127.255.255.255/31",
    "224.0.0.1",
    "224.0.0.0/3",
    "0.0.0.0/0",
    "255.255.255.255/32",
    "::1",
    "::1/127",
    "::/0",
    "ff02::1",
    "ff00::/7",
    "2001:db8::1/64",
    "::ffff:a00:1",
    "fe80::/1",
    "ff00::/8",
    "ff80::1",
    "127.0.0.0/8",
    "224.0.0.0/4",
    "223.255.255.255",
    "240.0.0.0",
];
const DATETIMES: [&str; 10] = [
    "1970-01-01",
    "1969-12-31T23:59:59.999Z",
    "0000-01-01",
    "9999-12-31T23:59:59.999Z",
    "2024-02-29",
    "2024-02-29T12:34:56.789Z",
    "2024-03-01T00:00:00+0530",
    "2026-11-24T06:00:00-0100",
    "2026-11-24",
    "2000-01-01T00:00:00Z",
];
const DURATIONS: [&str; 12] = [
    "0ms",
    "1ms",
    "-1ms",
    "999ms",
    "1s",
    "-1500ms",
    "59m59s",
    "1h",
    "1d2h3m4s5ms",
    "-1d",
    "9223372036854775807ms",
    "-9223372036854775808ms",
];
/// Keys of tags.
pub(super) const KEYS: &[&str] = &["", "a", "ab", "x", "é"];
const IDS: [&str; 7] =
    ["a", "b", "", "é", "odd \"id\"\n", "absent", "an id that is longer than sixteen bytes"];

/// Gives the stores values at the edges of each type, and every entity type some entities.
pub(super) fn note_edges(literals: &mut Literals, vocabulary: &Vocabulary, rng: &mut impl Rng) {
    for _ in 0..3 {
        literals.note_value(&serde_json::json!([
            pick(&LONGS, rng),
            pick(&STRINGS, rng),
            extension("decimal", pick(&DECIMALS, rng)),
            extension("ip", pick(&IPS, rng)),
            extension("datetime", pick(&DATETIMES, rng)),
            extension("duration", pick(&DURATIONS, rng)),
        ]));
    }
    for key in KEYS {
        literals.note_value(&serde_json::json!(key));
    }
    for (name, kind) in &vocabulary.entities {
        if let EntityKind::Standard { .. } = kind {
            for id in IDS.iter().take(4) {
                literals.note_id(&name.to_string(), id);
            }
        }
    }
}

fn extension(name: &str, argument: Option<&&str>) -> serde_json::Value {
    serde_json::json!({ "fn": name, "arg": argument })
}

/// A Cedar string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\0' => literal.push_str("\\0"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

pub(super) fn string(rng: &mut impl Rng) -> String {
    quoted(pick(&STRINGS, rng).unwrap_or(&""))
}

/// A pattern of `like`: parts of strings, wildcards, and stars that are none.
pub(super) fn pattern(rng: &mut impl Rng) -> String {
    let mut pattern = String::from("\"");
    for _ in 0..rng.random_range(0..5) {
        let parts =
            ["*", "*", "**", "\\*", "a", "b", "X", "é", "\\u{301}", "\\n", "ab", "long", " "];
        pattern.push_str(pick(&parts, rng).unwrap_or(&"*"));
    }
    pattern.push('"');
    pattern
}

pub(super) fn long(rng: &mut impl Rng) -> String {
    match pick(&LONGS, rng) {
        Some(value) if *value < 0 => format!("({value})"),
        Some(value) => value.to_string(),
        None => "0".to_owned(),
    }
}

pub(super) fn decimal(rng: &mut impl Rng) -> String {
    constructed("decimal", &DECIMALS, rng)
}

pub(super) fn ip(rng: &mut impl Rng) -> String {
    constructed("ip", &IPS, rng)
}

pub(super) fn datetime(rng: &mut impl Rng) -> String {
    constructed("datetime", &DATETIMES, rng)
}

pub(super) fn duration(rng: &mut impl Rng) -> String {
    constructed("duration", &DURATIONS, rng)
}

fn constructed(name: &str, texts: &[&str], rng: &mut impl Rng) -> String {
    format!("{name}(\"{}\")", pick(texts, rng).unwrap_or(&""))
}

/// A uid of the type: one that the schema lists, an action, or one that a store may hold.
pub(super) fn uid(
    vocabulary: &Vocabulary,
    name: &EntityTypeName,
    rng: &mut impl Rng,
) -> Option<EntityUid> {
    let id = match vocabulary.entities.get(name) {
        Some(EntityKind::Enum(ids)) => pick(ids, rng)?.clone(),
        Some(EntityKind::Standard { .. }) => (*pick(&IDS, rng)?).to_owned(),
        None => {
            let actions: Vec<&EntityUid> =
                vocabulary.actions.keys().filter(|uid| uid.type_name() == name).collect();
            return pick(&actions, rng).map(|uid| (*uid).clone());
        }
    };
    Some(EntityUid::from_type_name_and_id(name.clone(), cedar_policy::EntityId::new(id)))
}
