//! What each rule alarms on, and what it lets pass.

mod cases;

use self::cases::{ALL, Case, LIB};
use super::{RULES, prose_alarms};
use crate::source::Source;

#[test]
fn rules_alarm_where_the_cases_say() {
    for Case(name, path, text, want) in cases() {
        assert_eq!(lines(name, path, text), *want, "{name}: {text}");
    }
}

#[test]
fn every_rule_has_a_case_that_alarms_and_one_that_does_not() {
    // The two rules on length have tests of their own.
    for rule in RULES.iter().filter(|rule| !rule.name.contains(" over ")) {
        let mut own = cases().filter(|case| case.0 == rule.name).map(|case| case.3.is_empty());
        assert!(own.clone().any(|is_silent| is_silent), "{}: no case passes", rule.name);
        assert!(own.any(|is_silent| !is_silent), "{}: no case alarms", rule.name);
    }
}

#[test]
fn file_of_600_lines_is_the_longest() {
    assert_eq!(lines("file over 600 lines", LIB, &"//! a\n".repeat(600)), [0_usize; 0]);
    assert_eq!(lines("file over 600 lines", LIB, &"//! a\n".repeat(601)), [601]);
}

#[test]
fn function_of_70_lines_is_the_longest() {
    let longest = format!("#[inline]\npub fn f() {{\n{}}}\n", "\n".repeat(68));
    assert_eq!(lines("function over 70 lines", LIB, &longest), [0_usize; 0]);
    let longer = format!("impl A {{\nfn f() {{\n{}}}\n}}\n", "// a\n".repeat(69));
    assert_eq!(lines("function over 70 lines", LIB, &longer), [2]);
}

#[test]
fn pages_at_the_root_are_judged_outside_of_quotes() {
    let text = "# Title\n\nA powerful `simple` engine.\n\n```\neasy\n```\n";
    let want = ["README.md:3: unmeasured adjective: A powerful `simple` engine."];
    assert_eq!(prose_alarms("README.md", text), want);
}

#[test]
fn file_that_is_not_rust_is_an_alarm() {
    let alarms = super::source_alarms(LIB, "fn f( {");
    assert_eq!(alarms.len(), 1);
    assert!(
        alarms.iter().all(|alarm| alarm.starts_with("crates/engine/src/decide.rs:1: not Rust: "))
    );
}

fn cases() -> impl Iterator<Item = &'static Case> + Clone {
    ALL.iter().copied().flatten()
}

#[track_caller]
fn lines(name: &str, path: &str, text: &str) -> Vec<usize> {
    let source = Source::parse(path, text).expect("the fixture is Rust");
    let rule = RULES.iter().find(|rule| rule.name == name).expect("the case names a rule");
    (rule.find)(&source).iter().map(|finding| finding.line).collect()
}
