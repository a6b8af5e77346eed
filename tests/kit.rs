//! The conformance kit: requests and the decisions that every host gives for them, to the last bit.
//!
//! `tests/kit/decisions.kit` is written by `TRAPKEY_BLESS=1 cargo test -p trapkey-tests --test kit`
//! and held here against Cedar and the engine; its first lines say its form. Programs in other
//! languages run the same file.

#![cfg(test)]

#[path = "kit/bundles.rs"]
mod bundles;
#[path = "kit/line.rs"]
mod line;
#[path = "kit/make.rs"]
mod make;
#[path = "capi/programs.rs"]
mod programs;

use std::fs;
use std::path::PathBuf;

use trapkey::{Engine, Request};
use trapkey_testkit::{Folder, examples_dir, repository_dir};

use bundles::{Rule, bundle, packed};
use programs::{Language, Library, run};

fn path() -> PathBuf {
    repository_dir().join("tests/kit/decisions.kit")
}

#[test]
fn kit_is_what_cedar_says() {
    let made = make::kit();
    if std::env::var_os("TRAPKEY_BLESS").is_some() {
        fs::write(path(), &made).unwrap();
    }
    let found = fs::read_to_string(path()).unwrap();
    let same = found.lines().zip(made.lines()).take_while(|(a, b)| a == b).count();
    assert!(found == made, "{}:{}: run with TRAPKEY_BLESS=1", path().display(), same + 1);
}

/// Runs the kit as any host does: by what is in it alone.
#[test]
fn engine_decides_the_kit_in_each_way() {
    let text = fs::read_to_string(path()).unwrap();
    let mut engine = None;
    let mut request = None;
    let (mut compared, mut name) = (0, "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once('\t').unwrap();
        match word {
            "policies" => {
                let (folder, rule) = rest.split_once('\t').unwrap();
                let folder = Folder::read(&examples_dir().join(folder)).unwrap();
                let published = Engine::new(trapkey::Limits::default()).unwrap();
                published.publish(&bundle(&folder, Rule::named(rule))).unwrap();
                engine = Some(published);
            }
            "entities" => engine.as_ref().unwrap().replace_entities_json(rest).unwrap(),
            "request" => {
                let (named, json) = rest.split_once('\t').unwrap();
                let model = engine.as_ref().unwrap().model().unwrap();
                name = named;
                request = Some(Request::from_json(&model, json).unwrap());
            }
            "want" => {
                let (engine, request) = (engine.as_ref().unwrap(), request.as_ref().unwrap());
                let mut decider = engine.decider();
                let mut batch = Vec::new();
                engine.decide_batch(std::slice::from_ref(request), &mut batch);
                for decision in [&engine.decide(request), decider.decide(request), &batch[0]] {
                    assert_eq!(line::line(decision), rest, "{name}");
                    compared += 1;
                }
            }
            word => panic!("the kit has no `{word}`"),
        }
    }
    println!("{compared} decisions compared");
    assert!(compared > 900, "{compared}");
}

#[test]
fn c_decides_the_kit() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(path()).unwrap();
    fs::write(folder.path().join("decisions.kit"), &text).unwrap();
    for line in text.lines() {
        let Some(fields) = line.strip_prefix("policies\t") else { continue };
        let (name, rule) = fields.split_once('\t').unwrap();
        let example = Folder::read(&examples_dir().join(name)).unwrap();
        let bundle = packed(&example, Rule::named(rule));
        fs::write(folder.path().join(format!("{name}-{rule}.bundle")), bundle).unwrap();
    }
    let count = text.lines().filter(|line| line.starts_with("want\t")).count().to_string();
    for (language, library) in [
        (Language::C, Library::Shared),
        (Language::Cpp, Library::Shared),
        (Language::C, Library::Static),
    ] {
        run("tests/kit.c", language, library, (folder.path(), &[&count]));
    }
}
