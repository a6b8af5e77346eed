//! Runs the cases of one policy set in an engine of their own.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::Serialize;
use trapkey::{Decision, Engine, Limits, Policy, Release, Semantics};

use super::suite::{Answer, Case, Expected, ExpectedErrors, Suite};
use crate::compiled::{compiled, packed};
use crate::decision::reason_text;
use crate::error::{CliError, line};

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// All is as expected.
    Passed,
    /// What need not be valid is refused.
    Refused,
    /// Something is not as expected.
    Failed,
}

/// A case that was run.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its name.
    pub(crate) name: String,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// What is not as expected, one sentence each.
    pub(crate) differences: Vec<String>,
}

/// Compiles, publishes and decides every case of `suite`.
///
/// # Errors
///
/// [`CliError::Runtime`]; whatever the suite brings about is an outcome of its cases.
pub(super) fn run(suite: Suite, semantics: Semantics) -> Result<Vec<Finished>, CliError> {
    let Suite { files, cases, may_be_refused, has_cedar_ids, .. } = suite;
    let compiled = match compiled(files, semantics) {
        Ok((compiled, _)) => compiled,
        Err(error) => {
            let outcome = if may_be_refused { Outcome::Refused } else { Outcome::Failed };
            return Ok(all(cases, outcome, &line(&error)));
        }
    };
    let release = Release { name: "cases".to_owned(), version: "0".to_owned(), sequence: 0 };
    let bundle = match packed(&release, &compiled.module, None) {
        Ok((_, bundle)) => bundle,
        Err(error) => return Ok(all(cases, Outcome::Failed, &line(&error))),
    };
    let limits = Limits { history_max: 0, ..Limits::default() };
    let engine = Engine::new(limits).map_err(CliError::Runtime)?;
    if let Err(error) = engine.publish(&bundle) {
        return Ok(all(cases, Outcome::Failed, &line(&error)));
    }
    let mut bench = Bench { engine, has_cedar_ids, stored: None };
    Ok(cases.into_iter().map(|case| bench.run(case)).collect())
}

/// The same for every case.
fn all(cases: Vec<Case>, outcome: Outcome, message: &str) -> Vec<Finished> {
    let finished =
        |case: Case| Finished { name: case.name, outcome, differences: vec![message.to_owned()] };
    cases.into_iter().map(finished).collect()
}

/// An engine with the policies of one suite.
struct Bench {
    engine: Engine,
    has_cedar_ids: bool,
    /// The entities in the engine, unless a case has changed them.
    stored: Option<Rc<str>>,
}

impl Bench {
    fn run(&mut self, case: Case) -> Finished {
        let (outcome, differences) = match self.decide(&case) {
            Ok(decision) => {
                let differences = self.differences(&case.expected, &decision);
                let is_same = differences.is_empty();
                (if is_same { Outcome::Passed } else { Outcome::Failed }, differences)
            }
            Err(Refusal::Request(message)) if case.may_be_refused => {
                (Outcome::Refused, vec![message])
            }
            Err(Refusal::Request(message) | Refusal::Entities(message)) => {
                (Outcome::Failed, vec![message])
            }
        };
        Finished { name: case.name, outcome, differences }
    }

    fn decide(&mut self, case: &Case) -> Result<Decision, Refusal> {
        self.store(case).map_err(Refusal::Entities)?;
        self.engine
            .decide_json(&case.request)
            .map_err(|error| Refusal::Request(format!("the request is refused: {}", line(&error))))
    }

    /// Puts the case's entities into the engine.
    fn store(&mut self, case: &Case) -> Result<(), String> {
        let refused = |error: trapkey::FactsError| line(&error);
        if !self.stored.as_ref().is_some_and(|stored| Rc::ptr_eq(stored, &case.entities)) {
            self.stored = None;
            self.engine.replace_entities_json(&case.entities).map_err(refused)?;
            self.stored = Some(Rc::clone(&case.entities));
        }
        if !case.changed.is_empty() || !case.removed.is_empty() {
            self.stored = None;
        }
        for entity in &case.changed {
            self.engine.upsert_json(entity.get()).map_err(refused)?;
        }
        for uid in &case.removed {
            if !self.engine.remove(uid).map_err(refused)? {
                return Err(format!("there is no `{uid}` to remove"));
            }
        }
        Ok(())
    }

    fn differences(&self, expected: &Expected, decision: &Decision) -> Vec<String> {
        let mut differences = Vec::new();
        let answer = if decision.is_allow() { Answer::Allow } else { Answer::Deny };
        if answer != expected.answer {
            let (want, got) = (expected.answer.name(), answer.name());
            let reason = reason_text(decision.reason());
            differences.push(format!("decision: expected {want}, found {got} ({reason})"));
        }
        let determining = decision.determining().map(|policy| self.id(policy)).collect();
        if determining != expected.determining {
            let (want, got) = (list(&expected.determining), list(&determining));
            differences.push(format!("determining policies: expected {want}, found {got}"));
        }
        let erring: BTreeSet<String> =
            decision.erring().map(|erring| self.id(erring.policy)).collect();
        let found = list(&erring);
        match &expected.erring {
            ExpectedErrors::Count(count) if *count != erring.len() => {
                differences.push(format!("erring policies: expected {count}, found {found}"));
            }
            ExpectedErrors::Ids(ids) if *ids != erring => {
                let ids = list(ids);
                differences.push(format!("erring policies: expected {ids}, found {found}"));
            }
            ExpectedErrors::Count(_) | ExpectedErrors::Ids(_) => {}
        }
        differences
    }

    fn id(&self, policy: &Policy) -> String {
        let id = if self.has_cedar_ids { &policy.cedar_id } else { &policy.id };
        id.clone()
    }
}

/// Why a case has no decision.
enum Refusal {
    /// Its entities are refused.
    Entities(String),
    /// Its request is refused.
    Request(String),
}

fn list(ids: &BTreeSet<String>) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}
