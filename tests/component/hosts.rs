//! Other hosts of components: Node by jco, Python by its package of wasmtime. Each decides the kit by itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value as Json;
use tempfile::TempDir;
use trapkey::{EntityStore, Model, Request, parse_schema};
use trapkey_testkit::{Folder, examples_dir, repository_dir};

use crate::bundles::{Rule, bundle};
use crate::kit;

/// What `cargo xtask test` installs, in a folder whose name starts so.
fn tool(start: &str, file: &str) -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tools");
    let folders = fs::read_dir(&tools).into_iter().flatten().map(|entry| entry.unwrap());
    let named = folders.filter(|entry| entry.file_name().to_str().unwrap().starts_with(start));
    let found = named.map(|entry| entry.path().join(file)).find(|path| path.exists());
    if found.is_none() {
        let is_ci = env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_ci, "there is no {start}* in {}", tools.display());
        println!("skipped: there is no {start}*, `cargo xtask test` installs it");
    }
    found
}

/// What a program prints; it has to succeed.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A component for each bundle of the kit, named by folder and rule.
fn components() -> (TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for policies in kit::policies(&kit::text()) {
        let name = policies.replace('\t', "-");
        if names.contains(&name) {
            continue;
        }
        let (example, rule) = policies.split_once('\t').unwrap();
        let example = Folder::read(&examples_dir().join(example)).unwrap();
        let component = trapkey_component::build(&bundle(&example, Rule::named(rule))).unwrap();
        fs::write(folder.path().join(format!("{name}.wasm")), component).unwrap();
        names.push(name);
    }
    (folder, names)
}

/// Runs a program on the kit, which says how many decisions were those of the kit.
fn decides_the_kit(command: &mut Command, program: &str, folder: &Path) {
    let tests = repository_dir().join("tests");
    let program = tests.join("component").join(program);
    let said = output(command.arg(program).arg(tests.join("kit/decisions.kit")).arg(folder));
    let wanted = kit::text().lines().filter(|line| line.starts_with("want\t")).count();
    assert_eq!(said.trim(), format!("{wanted} decisions compared"));
}

#[test]
fn python_decides_the_kit() {
    let Some(made) = tool("wasmtime-48.0.0", "made") else { return };
    let python = made.with_file_name("bin").join("python");
    let (folder, _) = components();
    let mut python = Command::new(python);
    decides_the_kit(python.arg("-B"), "kit.py", folder.path());
}

#[test]
fn node_decides_the_kit() {
    let Some(made) = tool("jco-", "made") else { return };
    let jco = made.with_file_name("node_modules").join(".bin/jco");
    let (folder, names) = components();
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    for name in names {
        let mut jco = Command::new(&jco);
        jco.current_dir(folder.path()).args(["transpile", "--quiet", "--name", "policy", "-o"]);
        output(jco.arg(&name).arg(format!("{name}.wasm")));
    }
    decides_the_kit(&mut Command::new("node"), "kit.mjs", folder.path());
}

/// What the helpers read and what the engine reads: the same is wrong.
const SCHEMA: &str = r#"
    entity User in [User] tags Long;
    action ask appliesTo { principal: User, resource: User, context: {
        count?: Long, price?: decimal, made?: datetime, shelf?: duration, name?: String,
        names?: Set<String>, friend?: User, "__proto__"?: String,
    } };
"#;

/// Whether the engine takes a case of the list.
fn is_taken(model: &Arc<Model>, kind: &str, text: &str) -> bool {
    match kind {
        "at" => text.parse::<i64>().is_ok(),
        "context" => {
            let [user, action] =
                [r#"{"type":"User","id":"ann"}"#, r#"{"type":"Action","id":"ask"}"#];
            let parties = format!(r#""principal":{user},"action":{action},"resource":{user}"#);
            let text = format!(r#"{{{parties},"context":{text}}}"#);
            Request::from_json(model, &text).is_ok()
        }
        "request" => Request::from_json(model, text).is_ok(),
        "entities" => EntityStore::from_json(Arc::clone(model), text).is_ok(),
        kind => panic!("no text is of kind {kind}"),
    }
}

fn list() -> (PathBuf, Json) {
    let path = repository_dir().join("tests/component/wrong.json");
    let list = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    (path, list)
}

#[test]
fn engine_refuses_what_is_wrong() {
    let model = Arc::new(Model::new(parse_schema(SCHEMA).unwrap()));
    let (_, list) = list();
    for (part, want) in [("wrong", false), ("right", true)] {
        for case in list[part].as_array().unwrap() {
            let [kind, text] = [0, 1].map(|at| case[at].as_str().unwrap());
            assert_eq!(is_taken(&model, kind, text), want, "{part}: {kind} {text}");
        }
    }
}

/// Runs a program on the list, which says how much it refused and took.
fn refuses_what_is_wrong(command: &mut Command, program: &str) {
    let (path, list) = list();
    let program = repository_dir().join("tests/component").join(program);
    let said = output(command.arg(program).arg(path));
    let [wrong, right] = ["wrong", "right"].map(|part| list[part].as_array().unwrap().len());
    assert_eq!(said.trim(), format!("{wrong} refused, {right} taken"));
}

#[test]
fn python_refuses_what_is_wrong() {
    let Some(made) = tool("wasmtime-48.0.0", "made") else { return };
    let python = made.with_file_name("bin").join("python");
    refuses_what_is_wrong(Command::new(python).arg("-B"), "wrong.py");
}

#[test]
fn node_refuses_what_is_wrong() {
    // Without components, but where there is Node for them.
    if tool("jco-", "made").is_some() {
        refuses_what_is_wrong(&mut Command::new("node"), "wrong.mjs");
    }
}
