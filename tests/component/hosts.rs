//! Other hosts of components: Node by jco, Python by its package of wasmtime. Each decides the kit by itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
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
    let Some(python) = tool("wasmtime-", "bin/python") else { return };
    let (folder, _) = components();
    let mut python = Command::new(python);
    decides_the_kit(python.arg("-B"), "kit.py", folder.path());
}

#[test]
fn node_decides_the_kit() {
    let Some(jco) = tool("jco-", "node_modules/.bin/jco") else { return };
    let (folder, names) = components();
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    for name in names {
        let mut jco = Command::new(&jco);
        jco.current_dir(folder.path()).args(["transpile", "--quiet", "--name", "policy", "-o"]);
        output(jco.arg(&name).arg(format!("{name}.wasm")));
    }
    decides_the_kit(&mut Command::new("node"), "kit.mjs", folder.path());
}
