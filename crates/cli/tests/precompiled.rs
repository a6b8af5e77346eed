//! `trapkey build --target-triple` and what `trapkey inspect` says of what it writes.

#![expect(clippy::unwrap_used, reason = "the functions that tests share fail the test as well")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const POLICIES: &str = "permit (principal, action, resource);";
const SCHEMA: &str = "entity User; action enter appliesTo { principal: User, resource: User };";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trapkey"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn build(folder: &Path, more: &[&str]) -> Output {
    std::fs::write(folder.join("a.cedar"), POLICIES).unwrap();
    std::fs::write(folder.join("s.cedarschema"), SCHEMA).unwrap();
    let release = ["--name", "n", "--bundle-version", "1", "--sequence", "1"];
    run(folder, &[&["build", ".", "-o", "cell.tkb", "--json"], &release[..], more].concat())
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn artefacts_lie_beside_their_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let targets = ["aarch64-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu", "pulley32"];
    let arguments = targets.map(|target| ["--target-triple", target]).concat();
    let built = json(&build(folder.path(), &arguments));
    for (artefact, target) in built["precompiled"].as_array().unwrap().iter().zip(targets) {
        assert_eq!(artefact["target"], target);
        let path = artefact["path"].as_str().unwrap();
        assert_eq!(path, format!("cell.{target}.tkc"));
        let held = json(&run(folder.path(), &["inspect", path, "--json"]));
        assert_eq!(held["target"], target);
        assert_eq!(held["signal_handlers"], false);
        assert_eq!(held["bundle"], built["digest"]);
        assert_eq!(held["bytes"]["artefact"], artefact["bytes"]);
    }
    assert_eq!(built["precompiled"].as_array().unwrap().len(), targets.len());
    // The bundle is the one that a build without artefacts writes.
    let bundle = std::fs::read(folder.path().join("cell.tkb")).unwrap();
    build(folder.path(), &[]);
    assert_eq!(std::fs::read(folder.path().join("cell.tkb")).unwrap(), bundle);
}

#[test]
fn signal_handlers_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let triple = ["--target-triple", "x86_64-unknown-linux-gnu", "--signal-handlers"];
    assert!(build(folder.path(), &triple).status.success());
    let artefact = "cell.x86_64-unknown-linux-gnu.tkc";
    let text = run(folder.path(), &["inspect", artefact]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("signal handlers  true"), "{text}");
    assert_eq!(build(folder.path(), &["--signal-handlers"]).status.code(), Some(2));
}

#[test]
fn a_target_that_is_none_is_refused_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let refused = build(folder.path(), &["--target-triple", "m68k-unknown-linux-gnu"]);
    assert_eq!(refused.status.code(), Some(2));
    let says: Value = serde_json::from_slice(&refused.stdout).unwrap();
    let message = says["error"]["message"].as_str().unwrap();
    for part in ["`m68k-unknown-linux-gnu`", "`aarch64-unknown-linux-gnu`", "`pulley32`"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!folder.path().join("cell.tkb").exists());
}

#[test]
fn a_damaged_artefact_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(build(folder.path(), &["--target-triple", "pulley32"]).status.success());
    let path = folder.path().join("cell.pulley32.tkc");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&path, bytes).unwrap();
    let refused = run(folder.path(), &["inspect", "cell.pulley32.tkc"]);
    assert_eq!(refused.status.code(), Some(1));
    let says = String::from_utf8(refused.stderr).unwrap();
    assert!(says.contains("`cell.pulley32.tkc` is refused"), "{says}");
    assert!(says.contains("follow the header"), "{says}");
}
