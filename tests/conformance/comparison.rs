//! One test, judged by Cedar, decided by Trapkey.

use cedar_policy::Entities;
use trapkey::{CompileError, Compiled};

use super::judge::{Judge, Refusal, Step};
use super::mending;
use super::pdp::{self, Pdp, Unpublished};
use super::test::{Answer, Case, Test};

/// What came of one test.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) name: String,
    /// Requests that were compared.
    pub(super) requests: u64,
    /// Whether both refuse the whole test, with the same messages.
    pub(super) is_refused: bool,
    /// A line for each request that differs, or one for the whole test.
    pub(super) differences: Vec<String>,
}

/// Compares one test and all its requests.
pub(super) fn compare(test: &Test, pdp: &Pdp) -> Comparison {
    let comparison = Comparison { name: test.name.clone(), ..Comparison::default() };
    match (Judge::read(test), pdp::compiled(test)) {
        (Err(theirs), _) if test.should_validate => {
            let differences = vec![format!("the file says that it validates, Cedar {theirs:?}")];
            Comparison { differences, ..comparison }
        }
        (Err(theirs), Ok(_)) => {
            let differences = vec![format!("Trapkey compiles it, Cedar {theirs:?}")];
            Comparison { differences, ..comparison }
        }
        (Err(theirs), Err(ours)) => match same_refusal(&theirs, &ours) {
            Ok(()) => Comparison { is_refused: true, ..comparison },
            Err(difference) => Comparison { differences: vec![difference], ..comparison },
        },
        (Ok(_), Err(ours)) => {
            let differences =
                vec![format!("Cedar accepts it, Trapkey refuses: {:?}", ours.diagnostics())];
            Comparison { differences, ..comparison }
        }
        (Ok(judge), Ok(compiled)) => match published(test, &judge, &compiled, pdp) {
            Ok(entities) => requests(test, &judge, &entities, pdp),
            Err(Unshared::Refused) => Comparison { is_refused: true, ..comparison },
            Err(Unshared::Differs(difference)) => {
                Comparison { differences: vec![difference], ..comparison }
            }
        },
    }
}

/// Whether both refuse at the same step, and each says what the other says.
fn same_refusal(theirs: &Refusal, ours: &CompileError) -> Result<(), String> {
    let step = match ours {
        CompileError::Schema(_) => Some(Step::Schema),
        CompileError::Parse(_) => Some(Step::Syntax),
        CompileError::Link(_) => Some(Step::Links),
        CompileError::Validate(_) => Some(Step::Validation),
        _ => None,
    };
    let messages: Vec<&str> = ours.diagnostics().iter().map(|d| d.message.as_str()).collect();
    // Ours adds the causes behind a colon; a link is named in front of its message.
    let is_said = |theirs: &str, ours: &str| match ours.split_once(theirs) {
        Some((before, after)) => {
            (before.is_empty() || step == Some(Step::Links))
                && (after.is_empty() || after.starts_with(": "))
        }
        None => false,
    };
    let is_same = step == Some(theirs.step)
        && theirs.messages.iter().all(|theirs| messages.iter().any(|ours| is_said(theirs, ours)))
        && messages.iter().all(|ours| theirs.messages.iter().any(|theirs| is_said(theirs, ours)));
    if is_same {
        return Ok(());
    }
    Err(format!("Cedar {theirs:?}, Trapkey {step:?}: {ours}: {messages:?}"))
}

/// Why there are no entities that both have.
enum Unshared {
    /// Both refuse them.
    Refused,
    /// One refuses them, or refuses what was compiled.
    Differs(String),
}

/// Makes the test live in the engine, and gives the entities by which Cedar decides.
fn published(
    test: &Test,
    judge: &Judge,
    compiled: &Compiled,
    pdp: &Pdp,
) -> Result<Entities, Unshared> {
    let differs = |difference| Err(Unshared::Differs(difference));
    match (judge.entities(&test.entities), pdp.publish(compiled, &test.entities)) {
        (Ok(theirs), Ok(())) => Ok(theirs),
        (_, Err(Unpublished::Module(ours))) => differs(format!("not published: {ours}")),
        (Ok(_), Err(Unpublished::Entities(ours))) => {
            differs(format!("Cedar accepts the entities, Trapkey refuses: {ours}"))
        }
        (Err(theirs), Ok(())) => differs(format!("Trapkey accepts the entities, Cedar {theirs:?}")),
        (Err(_), Err(Unpublished::Entities(_))) => {
            let mended = mending::mended(test).ok_or(Unshared::Refused)?;
            // Cedar decides by what the file has, Trapkey by what is mended: that must not matter.
            match (judge.entities(&mended), pdp.publish(compiled, &mended)) {
                (Ok(_), Ok(())) => judge
                    .unchecked_entities(&test.entities)
                    .or_else(|theirs| differs(format!("without a schema, Cedar {theirs:?}"))),
                _ => differs("the mended entities are refused".to_owned()),
            }
        }
    }
}

/// Compares all requests of a test that both accept.
fn requests(test: &Test, judge: &Judge, entities: &Entities, pdp: &Pdp) -> Comparison {
    let differences: Vec<String> =
        test.requests.iter().filter_map(|case| difference(case, judge, entities, pdp)).collect();
    Comparison {
        name: test.name.clone(),
        requests: test.requests.len() as u64,
        is_refused: false,
        differences,
    }
}

/// What differs in one request, if anything does.
fn difference(case: &Case, judge: &Judge, entities: &Entities, pdp: &Pdp) -> Option<String> {
    let theirs = judge.request(&case.request);
    let ours = pdp.decide(&case.request);
    let what = match (theirs, ours) {
        (Ok(request), Ok(decision)) => {
            let theirs = judge.decide(&request, entities);
            match pdp::answer(&decision) {
                Some(ours) if ours == theirs && is_expected(case, &ours) => return None,
                Some(ours) if ours == theirs => format!(
                    "both say {ours:?}, the file allow: {}, {:?}",
                    case.allow, case.policies
                ),
                Some(ours) => format!("Cedar says {theirs:?}, Trapkey {ours:?}"),
                None => format!("Cedar says {theirs:?}, Trapkey {:?}", decision.reason()),
            }
        }
        (Err(theirs), Err(_)) if case.should_validate => {
            format!("the file says that it validates, Cedar refuses: {theirs}")
        }
        (Err(_), Err(_)) => return None,
        (Err(theirs), Ok(_)) => format!("Trapkey decides it, Cedar refuses: {theirs}"),
        (Ok(_), Err(ours)) => format!("Cedar decides it, Trapkey refuses: {ours}"),
    };
    Some(format!("{}: {what}", case.name))
}

/// Whether the file says the same.
fn is_expected(case: &Case, answer: &Answer) -> bool {
    case.allow == answer.allow
        && case.policies.as_ref().is_none_or(|policies| *policies == answer.policies)
}
