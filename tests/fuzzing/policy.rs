//! Policy text: accepted as Cedar accepts it, and decided as Cedar decides it.
//!
//! The first byte chooses schema and entities, the rest is the text.

#![expect(clippy::panic, reason = "a broken property stops the fuzzer")]

use std::collections::BTreeSet;

use cedar_policy::{EvalResult, PolicyId, PolicySet, ValidationMode, Validator};
use trapkey::{CompileError, CompileOptions, Semantics, Sources, compile};

use super::world::World;
use crate::reading::cedar::evaluate;

/// Bytes of text that are tried; longer texts say nothing new.
const TEXT_BYTES_MAX: usize = 4096;

/// Stack for Cedar, which gives up where it ends; the compiler has its own.
const STACK_BYTES: usize = 256 * 1024 * 1024;

thread_local! {
    static WORLDS: Vec<World> = World::all();
}

/// Compiles and decides policy text beside Cedar.
///
/// # Panics
///
/// If one accepts what the other refuses, but for limits and annotations that only we read, or if
/// a decision, its determining policies or its erring policies differ.
pub fn policy(data: &[u8]) {
    let Some((first, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    if text.len() > TEXT_BYTES_MAX {
        return;
    }
    WORLDS.with(|worlds| {
        if let Some(world) = worlds.get(usize::from(*first) % worlds.len()) {
            check(world, text);
        }
    });
}

fn check(world: &World, text: &str) {
    let sources = Sources { policies: text, schema: world.schema_text, links: &[] };
    let ours = compile(&sources, CompileOptions { semantics: Semantics::CEDAR });
    if let Err(CompileError::TooLarge { .. } | CompileError::Limit(_)) = &ours {
        // Cedar has no limits, so it is not asked what it makes of such a text.
        check_limit(&ours);
        return;
    }
    stacker::grow(STACK_BYTES, || {
        let theirs = valid(world, text);
        match (ours, theirs) {
            (Ok(compiled), Some(set)) => {
                assert!(!has_malformed_annotation(&set), "a malformed annotation is accepted");
                world.publish(&compiled);
                world.requests.iter().for_each(|request| world.check_decision(&set, request));
            }
            (Err(CompileError::Annotation(_)), Some(set)) => {
                assert!(has_malformed_annotation(&set), "annotations are refused that are none");
            }
            (Err(CompileError::Parse(_) | CompileError::Validate(_)), None) => {}
            (Ok(_), None) => panic!("cedar refuses what we accept"),
            (Err(error), theirs) => {
                panic!("cedar accepts: {}, we say {error:?}", theirs.is_some());
            }
        }
    });
}

/// Checks that a refusal for size names the limit.
fn check_limit<T>(refusal: &Result<T, CompileError>) {
    if let Err(error) = refusal {
        let names_limit = |text: String| assert!(text.contains("the limit is"), "{text}");
        names_limit(error.to_string());
        error.diagnostics().iter().for_each(|finding| names_limit(finding.message.clone()));
    }
}

/// The policies, if Cedar parses and strictly validates them.
fn valid(world: &World, text: &str) -> Option<PolicySet> {
    let set: PolicySet = text.parse().ok()?;
    let validator = Validator::new(world.schemas.cedar.clone());
    let result = validator.validate(&set, ValidationMode::Strict);
    result.validation_passed().then_some(set)
}

/// Whether an annotation that only we read is malformed, or two policies have one `@id`.
fn has_malformed_annotation(set: &PolicySet) -> bool {
    let read = |id: &PolicyId, annotation: &dyn Fn(&str) -> Option<String>| {
        let is_malformed = annotation("stage").is_some_and(|t| t != "observe" && t != "enforce")
            || annotation("expires").is_some_and(|text| !is_day(&text))
            || annotation("obligation").is_some_and(|text| !text.split(',').all(is_obligation));
        (annotation("id").unwrap_or_else(|| id.to_string()), is_malformed)
    };
    let policies = set
        .policies()
        .map(|policy| read(policy.id(), &|key| policy.annotation(key).map(ToString::to_string)));
    let templates = set.templates().map(|template| {
        read(template.id(), &|key| template.annotation(key).map(ToString::to_string))
    });
    let mut ids = BTreeSet::new();
    policies.chain(templates).any(|(id, is_malformed)| is_malformed || !ids.insert(id))
}

fn is_day(text: &str) -> bool {
    let call = format!("datetime(\"{}\")", text.escape_debug());
    text.len() == 10 && matches!(evaluate(&call), Some(EvalResult::ExtensionValue(_)))
}

fn is_obligation(text: &str) -> bool {
    let mut parts = text.trim().splitn(2, ':');
    let name = parts.next().unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && parts.next().is_none_or(|argument| !argument.trim().is_empty())
}
