//! The licence of every package in the lock file, held against deny.toml.

use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use crate::repository::{Package, Repository, TaskError};

/// The part of cargo-deny's configuration that is read here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Licences allowed for one crate besides those allowed for all.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

pub(crate) fn findings(repository: &Repository) -> Result<Vec<String>, TaskError> {
    refused(&repository.lock_file()?.packages, &repository.read("deny.toml")?)
}

fn refused(packages: &[Package], deny: &str) -> Result<Vec<String>, TaskError> {
    let Deny { licenses } = toml::from_str(deny)?;
    let general = licensees(&licenses.allow)?;
    let mut findings = Vec::new();
    for package in packages {
        let mut allowed = general.clone();
        for exception in licenses.exceptions.iter().filter(|e| e.package == package.name) {
            allowed.extend(licensees(&exception.allow)?);
        }
        let (name, version) = (&package.name, &package.version);
        match &package.license {
            None => findings.push(format!("{name} {version}: no licence expression")),
            Some(licence) if permits(&allowed, licence) => {}
            Some(licence) => findings.push(format!("{name} {version}: `{licence}` is not allowed")),
        }
    }
    Ok(findings)
}

fn licensees(names: &[String]) -> Result<Vec<Licensee>, TaskError> {
    names
        .iter()
        .map(|name| {
            Licensee::parse(name)
                .map_err(|source| TaskError::Licence { licence: name.clone(), source })
        })
        .collect()
}

/// Whether the allowed licences satisfy the expression. One that cannot be read is not satisfied.
fn permits(allowed: &[Licensee], licence: &str) -> bool {
    // Lax, as cargo-deny is: older manifests write `MIT/Apache-2.0`.
    Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|required| allowed.iter().any(|licensee| licensee.satisfies(required)))
    })
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::repository::Package;

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "foldhash", allow = ["Zlib"] }]
        [bans]
        wildcards = "deny"
    "#;

    #[track_caller]
    fn check(name: &str, license: Option<&str>, want: &[&str]) {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            dependencies: Vec::new(),
            features: std::collections::BTreeMap::new(),
        };
        assert_eq!(refused(&[package], DENY).expect("the fixture is cargo-deny's"), want);
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        check("a", Some("GPL-3.0-only OR MIT"), &[]);
        check("a", Some("MIT/Apache-2.0"), &[]);
        check("a", Some("Apache-2.0 WITH LLVM-exception"), &[]);
    }

    #[test]
    fn every_joint_licence_is_needed() {
        check("a", Some("MIT AND Unicode-3.0"), &["a 1.0.0: `MIT AND Unicode-3.0` is not allowed"]);
    }

    #[test]
    fn licence_is_told_from_the_same_with_an_exception() {
        check("a", Some("Apache-2.0"), &["a 1.0.0: `Apache-2.0` is not allowed"]);
    }

    #[test]
    fn exception_holds_for_its_crate_alone() {
        check("foldhash", Some("Zlib"), &[]);
        check("a", Some("Zlib"), &["a 1.0.0: `Zlib` is not allowed"]);
    }

    #[test]
    fn missing_and_unreadable_licences_are_refused() {
        check("a", None, &["a 1.0.0: no licence expression"]);
        check("a", Some("as is"), &["a 1.0.0: `as is` is not allowed"]);
    }

    #[test]
    fn unknown_licence_in_the_configuration_is_an_error() {
        let deny = "[licenses]\nallow = [\"Nope-1.0\"]";
        let error = refused(&[], deny).expect_err("`Nope-1.0` is no licence");
        assert!(error.with_causes().starts_with("`Nope-1.0` in `deny.toml` is not a licence: "));
    }
}
