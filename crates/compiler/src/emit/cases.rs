//! The cases whose emitted code is kept have every operation of a condition among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use trapkey_abi::Semantics;

use crate::links::parse_links;
use crate::module::Sources;
use crate::{back, front};

/// Names of the operations, those that have parts with an opening parenthesis.
fn operations() -> BTreeSet<String> {
    let (_, rest) = include_str!("../ir.rs").split_once("enum Expr {\n").unwrap();
    let (variants, _) = rest.split_once("\n}\n").unwrap();
    let names = variants.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?;
        let end = name.find(['(', ',']).filter(|_| name.starts_with(char::is_uppercase))?;
        let (name, rest) = name.split_at(end);
        Some(if rest.starts_with('(') { format!("{name}(") } else { name.to_owned() })
    });
    names.collect()
}

/// The words outside quotes, each with the parenthesis that follows it.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char.is_alphanumeric() {
            word.push(char);
            continue;
        }
        if char == '(' {
            word.push(char);
        }
        words.insert(std::mem::take(&mut word));
        if char == '"' {
            while let Some(quoted) = chars.next().filter(|quoted| *quoted != '"') {
                if quoted == '\\' {
                    chars.next();
                }
            }
        }
    }
    words
}

/// The conditions of each case, as the compiler's own text.
fn conditions() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/emit");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let shared = read("emit.cedarschema").unwrap();
    let mut conditions = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(case) = file.strip_suffix(".cedar") else { continue };
        let schema = read(&format!("{case}.cedarschema")).unwrap_or_else(|_| shared.clone());
        let links = read(&format!("{case}.json")).map(|text| parse_links(&text).unwrap());
        let links = links.unwrap_or_default();
        let policies = read(&file).unwrap();
        let sources = Sources { policies: &policies, schema: &schema, links: &links };
        let front = front::front(&sources).unwrap();
        let back = back::back(&front, Semantics::TRAPKEY).unwrap_or_else(|_| panic!("{case}"));
        conditions.insert(case.to_owned(), format!("{:?}", back.conditions));
    }
    conditions
}

#[test]
fn every_operation_is_among_the_cases() {
    let used: BTreeSet<String> = conditions().values().flat_map(|text| words(text)).collect();
    let operations = operations();
    assert!(operations.contains("Bool(") && operations.contains("Frame"), "{operations:?}");
    let unused: Vec<&String> = operations.difference(&used).collect();
    assert!(unused.is_empty(), "no `tests/emit/*.cedar` has {unused:?}");
}

#[test]
fn quoted_words_are_no_operations() {
    let words = words(r#"IsString(Frame, "Tag( \" Not(")"#);
    assert!(words.contains("IsString(") && words.contains("Frame"));
    assert!(!words.contains("Tag(") && !words.contains("Not("));
}
