//! Prepared decisions for a counter of instructions, which `cargo xtask instructions` runs.
//!
//! `instructions pack FOLDER` writes what each scenario decides into a folder and prints its name and the number of its
//! requests; `instructions decide FOLDER SCENARIO ROUNDS` decides all of its requests in each round, inside one function.
//! Two steps, because compiling takes minutes under a counter.

#![expect(clippy::expect_used, reason = "a measurement whose set-up fails must stop")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use trapkey::{
    Bundle, CompileOptions, Decider, Engine, Limits, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::{Shape, plant};

/// Policies of a set of one shape: enough for a visit of all of them to outweigh everything else.
const POLICIES: usize = 100;

/// Rounds before the counted ones: what is done once, such as making an instance, is done then.
const WARM_UP: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        ["pack", folder] => pack(Path::new(folder)),
        ["decide", folder, scenario, rounds] => {
            decide(&Path::new(folder).join(scenario), rounds.parse().expect("a number"));
        }
        _ => {
            eprintln!(
                "usage: instructions pack FOLDER | instructions decide FOLDER SCENARIO ROUNDS"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The published cases of the plant pack, and for each shape one request that one policy of many permits.
fn pack(folder: &Path) {
    let plant = plant::folder().expect("the plant folder reads");
    let sources = Sources { policies: &plant.policies, schema: &plant.schema, links: &[] };
    let cases = plant.cases.iter().filter(|case| case.entities == plant.entities);
    let cases = cases.map(|case| case.request.clone()).collect::<serde_json::Value>();
    let facts = [serde_json::Value::clone(&plant.entities), cases];
    write(&folder.join("plant"), &sources, CompileOptions::default(), &facts);
    for shape in Shape::ALL {
        let set = shape.set(POLICIES);
        let sources = Sources { policies: &set.policies, schema: set.schema, links: &[] };
        let options = CompileOptions { semantics: Semantics::CEDAR };
        let facts = [set.entities, vec![set.request].into()];
        write(&folder.join(shape.name()), &sources, options, &facts);
    }
}

/// Writes a scenario of a policy set, its entities and its requests.
fn write(
    path: &Path,
    sources: &Sources<'_>,
    options: CompileOptions,
    [entities, requests]: &[serde_json::Value; 2],
) {
    let compiled = compile(sources, options).expect("the set compiles");
    let release = Release { name: "set".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::pack(&release, &compiled.module).expect("a bundle");
    fs::write(path.with_extension("trapkey"), bundle).expect("the folder can be written");
    for (extension, value) in [("entities", entities), ("requests", requests)] {
        fs::write(path.with_extension(extension), value.to_string())
            .expect("the folder can be written");
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    println!("{name} {}", requests.as_array().map_or(0, Vec::len));
}

fn decide(path: &Path, rounds: usize) {
    let read =
        |extension| fs::read(path.with_extension(extension)).expect("the scenario is packed");
    let bundle = Bundle::open(&read("trapkey")).expect("the bundle opens");
    let entities = String::from_utf8(read("entities")).expect("JSON");
    let engine = Engine::new(Limits::default()).expect("an engine");
    engine.publish_with_json(&bundle, &entities).expect("the bundle is published");
    let model = engine.model().expect("a model");
    let requests: Vec<serde_json::Value> =
        serde_json::from_slice(&read("requests")).expect("a list of requests");
    let requests: Vec<Request> = requests
        .iter()
        .map(|request| Request::from_json(&model, &request.to_string()).expect("a request"))
        .collect();
    let mut decider = engine.decider();
    for request in (0..WARM_UP).flat_map(|_| &requests) {
        decider.decide(request);
    }
    counted_decisions(&mut decider, &requests, rounds);
}

/// What is counted: the counter is told the name of this function.
#[inline(never)]
fn counted_decisions(decider: &mut Decider, requests: &[Request], rounds: usize) {
    for _ in 0..rounds {
        for request in requests {
            black_box(decider.decide(black_box(request)));
        }
    }
}
