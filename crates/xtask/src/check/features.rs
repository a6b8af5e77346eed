//! Each feature builds alone, and so does a crate without any; `abi` builds without `std`.

use crate::check::tools;
use crate::repository::{Package, Repository, TaskError};
use crate::source::Source;

const ABI: &str = "crates/abi/src/lib.rs";

pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    let mut findings = Vec::new();
    if !is_no_std(&repository.read(ABI)?) {
        findings.push(format!("{ABI}: no `#![no_std]`"));
    }
    for package in repository.workspace()?.packages {
        for build in builds(&package) {
            let arguments: Vec<&str> = build.iter().map(String::as_str).collect();
            let complaints = tools::complaints(&mut repository.cargo(&arguments))?;
            if !complaints.is_empty() {
                findings.push(format!("cargo {}:", build.join(" ")));
                findings.extend(complaints);
            }
        }
    }
    Ok(findings)
}

/// The builds a package needs: none when it has no features to leave out.
fn builds(package: &Package) -> Vec<Vec<String>> {
    if package.features.is_empty() {
        return Vec::new();
    }
    let bare = ["check", "--quiet", "--package", &package.name, "--no-default-features"];
    let bare: Vec<String> = bare.iter().map(|&word| word.to_owned()).collect();
    let mut builds = vec![bare.clone()];
    for feature in package.features.keys().filter(|feature| *feature != "default") {
        let mut build = bare.clone();
        build.extend(["--features".to_owned(), feature.clone()]);
        builds.push(build);
    }
    builds
}

fn is_no_std(text: &str) -> bool {
    Source::parse(ABI, text).is_ok_and(|source| {
        source
            .attributes
            .iter()
            .any(|attribute| attribute.is_inner && attribute.words == ["no_std"])
    })
}

#[cfg(test)]
mod tests {
    use super::{builds, is_no_std};
    use crate::repository::Package;

    fn package(features: &[&str]) -> Package {
        Package {
            name: "trapkey".to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            dependencies: Vec::new(),
            features: features.iter().map(|name| ((*name).to_owned(), Vec::new())).collect(),
        }
    }

    #[test]
    fn each_feature_is_built_alone() {
        let builds: Vec<String> = builds(&package(&["compiler", "default"]))
            .iter()
            .map(|build| build.join(" "))
            .collect();
        let bare = "check --quiet --package trapkey --no-default-features";
        assert_eq!(builds, [bare.to_owned(), format!("{bare} --features compiler")]);
    }

    #[test]
    fn crate_without_features_needs_no_build_of_its_own() {
        assert_eq!(builds(&package(&[])), Vec::<Vec<String>>::new());
    }

    #[test]
    fn no_std_is_read_from_the_code() {
        assert!(is_no_std("//! Doc.\n#![no_std]\n"));
        assert!(!is_no_std("//! Doc, `#![no_std]`.\n"));
    }
}
