//! External dependencies: each is named in CONTRIBUTING.md, and Cedar stays out of the runtime.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{Package, Repository, TaskError};

/// Crates of the runtime, in which nothing of Cedar may be linked or tested against.
const RUNTIME: [&str; 4] = ["trapkey-abi", "trapkey-bundle", "trapkey-engine", "trapkey-events"];

pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let packages = repository.workspace()?.packages;
    let mut findings = cedar_in_runtime(&packages);
    findings.extend(unnamed(&packages, &repository.read("CONTRIBUTING.md")?));
    Ok(findings)
}

fn cedar_in_runtime(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| RUNTIME.contains(&package.name.as_str())) {
        for dependency in &package.dependencies {
            if dependency.name.starts_with("cedar") {
                let (name, cedar) = (&package.name, &dependency.name);
                findings.push(format!("{name} depends on {cedar}: the runtime has no Cedar"));
            }
        }
    }
    findings
}

fn unnamed(packages: &[Package], contributing: &str) -> Vec<String> {
    let members: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        for dependency in &package.dependencies {
            if !members.contains(dependency.name.as_str()) {
                users.entry(&dependency.name).or_default().insert(&package.name);
            }
        }
    }
    users
        .into_iter()
        .filter(|(name, _)| !contributing.contains(&format!("`{name}`")))
        .map(|(name, users)| {
            let users: Vec<&str> = users.into_iter().collect();
            format!("CONTRIBUTING.md: `{name}` is not named (used by {})", users.join(", "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{cedar_in_runtime, unnamed};
    use crate::repository::{Dependency, Package};

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            dependencies: dependencies
                .iter()
                .map(|name| Dependency { name: (*name).to_owned(), kind: Some("dev".to_owned()) })
                .collect(),
            features: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn cedar_is_refused_in_the_runtime() {
        let packages = [package("trapkey-engine", &["wasmtime", "cedar-policy"])];
        let want = ["trapkey-engine depends on cedar-policy: the runtime has no Cedar"];
        assert_eq!(cedar_in_runtime(&packages), want);
    }

    #[test]
    fn cedar_is_welcome_in_the_compiler() {
        let packages = [package("trapkey-compiler", &["cedar-policy-core"])];
        assert_eq!(cedar_in_runtime(&packages), Vec::<String>::new());
    }

    #[test]
    fn dependency_without_a_reason_is_refused() {
        let packages = [package("a", &["toml", "b"]), package("b", &["toml", "serde"])];
        let want = ["CONTRIBUTING.md: `toml` is not named (used by a, b)"];
        assert_eq!(unnamed(&packages, "- `serde`: a reason; toml too, but unmarked"), want);
    }

    #[test]
    fn named_dependency_is_accepted() {
        let packages = [package("a", &["toml"])];
        assert_eq!(unnamed(&packages, "| `toml` | a reason |"), Vec::<String>::new());
    }
}
