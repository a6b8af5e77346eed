//! Which crate of the workspace depends on which, held against ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{Package, Repository, TaskError};

/// Short name of a crate, and those of the crates it depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

const FENCE: &str = "```crate-graph";

pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let actual = actual(&repository.workspace()?.packages);
    Ok(differences(&actual, &repository.read("ARCHITECTURE.md")?))
}

/// The normal dependencies between packages of the workspace.
fn actual(packages: &[Package]) -> Graph {
    let members: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut graph = Graph::new();
    for package in packages {
        let own = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none())
            .filter(|dependency| members.contains(dependency.name.as_str()))
            .map(|dependency| short(&dependency.name))
            .collect();
        graph.insert(short(&package.name), own);
    }
    graph
}

fn short(name: &str) -> String {
    name.strip_prefix("trapkey-").unwrap_or(name).to_owned()
}

fn differences(actual: &Graph, architecture: &str) -> Vec<String> {
    let Some(declared) = declared(architecture) else {
        return vec![format!("ARCHITECTURE.md: no block that starts with {FENCE}")];
    };
    let mut findings = declared.malformed;
    for (name, own) in actual {
        let Some(allowed) = declared.graph.get(name) else {
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            let line = format!("{name} -> {}", own.join(" "));
            findings.push(format!("ARCHITECTURE.md: crate-graph lacks `{}`", line.trim_end()));
            continue;
        };
        for dependency in own.difference(allowed) {
            findings
                .push(format!("{name} depends on {dependency}, which crate-graph does not allow"));
        }
        for dependency in allowed.difference(own) {
            findings.push(format!("crate-graph has {name} -> {dependency}, the manifest has not"));
        }
    }
    for name in declared.graph.keys().filter(|name| !actual.contains_key(*name)) {
        findings.push(format!("crate-graph names {name}, which is no crate of the workspace"));
    }
    findings
}

struct Declared {
    graph: Graph,
    malformed: Vec<String>,
}

/// Reads the block of lines `crate -> dependency dependency`.
fn declared(architecture: &str) -> Option<Declared> {
    let mut lines = architecture.lines().skip_while(|line| line.trim() != FENCE);
    lines.next()?;
    let mut declared = Declared { graph: Graph::new(), malformed: Vec::new() };
    for line in lines.map(str::trim).take_while(|line| *line != "```") {
        let Some((name, dependencies)) = line.split_once("->") else {
            declared.malformed.push(format!("crate-graph: `{line}` has no `->`"));
            continue;
        };
        let dependencies = dependencies.split_whitespace().map(str::to_owned).collect();
        if declared.graph.insert(name.trim().to_owned(), dependencies).is_some() {
            declared.malformed.push(format!("crate-graph: `{}` stands twice", name.trim()));
        }
    }
    Some(declared)
}

#[cfg(test)]
mod tests {
    use super::{Graph, actual, differences};
    use crate::repository::Metadata;

    const METADATA: &str = r#"{"workspace_root": "/", "target_directory": "/", "packages": [
        {"name": "trapkey-abi", "version": "0.1.0", "license": null, "features": {},
         "dependencies": [{"name": "blake3", "kind": null}]},
        {"name": "trapkey-bundle", "version": "0.1.0", "license": null, "features": {},
         "dependencies": [{"name": "trapkey-abi", "kind": null}, {"name": "xtask", "kind": "dev"}]},
        {"name": "xtask", "version": "0.1.0", "license": null, "features": {}, "dependencies": []}
    ]}"#;

    fn graph() -> Graph {
        let metadata: Metadata = serde_json::from_str(METADATA).expect("the fixture is metadata");
        actual(&metadata.packages)
    }

    #[track_caller]
    fn check(block: &str, want: &[&str]) {
        let architecture = format!("# Graph\n\n```crate-graph\n{block}\n```\n\nother -> text\n");
        assert_eq!(differences(&graph(), &architecture), want);
    }

    #[test]
    fn declared_graph_is_accepted() {
        check("abi ->\nbundle -> abi\nxtask ->", &[]);
    }

    #[test]
    fn undeclared_dependency_is_refused() {
        check(
            "abi ->\nbundle ->\nxtask ->",
            &["bundle depends on abi, which crate-graph does not allow"],
        );
    }

    #[test]
    fn stale_dependency_is_refused() {
        check(
            "abi -> xtask\nbundle -> abi\nxtask ->",
            &["crate-graph has abi -> xtask, the manifest has not"],
        );
    }

    #[test]
    fn missing_and_stale_crates_are_refused() {
        check(
            "abi ->\nxtask ->\nengine -> abi",
            &[
                "ARCHITECTURE.md: crate-graph lacks `bundle -> abi`",
                "crate-graph names engine, which is no crate of the workspace",
            ],
        );
    }

    #[test]
    fn malformed_lines_are_refused() {
        check(
            "abi ->\nabi ->\nbundle -> abi\nxtask ->\nnonsense",
            &["crate-graph: `abi` stands twice", "crate-graph: `nonsense` has no `->`"],
        );
    }

    #[test]
    fn missing_block_is_refused() {
        let want = ["ARCHITECTURE.md: no block that starts with ```crate-graph"];
        assert_eq!(differences(&graph(), "# Graph\n"), want);
    }
}
