//! What a bundle says of itself, before it is published and while it is live.

use serde_json::Value as Json;
use trapkey::{Contents, Policy, Stage};

use crate::boundary::{Failure, value_or};
use crate::engine::{open, trapkey_engine_t};
use crate::error::trapkey_error_t;
use crate::exceptions::effect_name;
use crate::report::{object, reporting, trapkey_report_t, words};
use crate::status::trapkey_status_t;
use crate::text::trapkey_bytes_t;

/// Reports what a bundle says of itself, without publishing it: `compiler`, `digest`, `name`, `policies`,
/// `sequence` and `version`. A policy has `annotations`, `effect`, which is `permit` or `forbid`, `end`,
/// `expires`, `id`, `is_template`, `stage`, which is `enforce` or `observe`, and `start`.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_bundle_contents(
    bundle: trapkey_bytes_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || Ok(told(open(bundle)?.contents())))
}

/// As `trapkey_bundle_contents`, of the bundle that is live.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_contents(
    engine: *const trapkey_engine_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let status = trapkey_status_t::TRAPKEY_STATUS_NOTHING_PUBLISHED;
        let contents = shared!(engine).contents();
        Ok(told(&*contents.ok_or_else(|| Failure::new(status, "nothing is published"))?))
    })
}

/// How many compiled modules are in memory: the live one, those kept for rollbacks, a shadow, and those that
/// decisions still use.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_modules_alive(engine: *const trapkey_engine_t) -> usize {
    value_or(0, || Ok(shared!(engine).modules_alive()))
}

/// How many entities the engine has, the actions of the schema included.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_entities_len(engine: *const trapkey_engine_t) -> usize {
    value_or(0, || Ok(shared!(engine).entities().map_or(0, |entities| entities.len())))
}

fn told(contents: &Contents) -> Json {
    let head = contents.head();
    object(vec![
        ("compiler", head.compiler.as_str().into()),
        ("digest", words(&contents.digest())),
        ("name", head.name.as_str().into()),
        ("policies", contents.policies().iter().map(policy).collect()),
        ("sequence", head.sequence.into()),
        ("version", head.version.as_str().into()),
    ])
}

fn policy(policy: &Policy) -> Json {
    let stage = match policy.stage {
        Stage::Enforce => "enforce",
        Stage::Observe => "observe",
    };
    let annotations = policy.annotations.iter();
    let annotations = annotations.map(|(name, value)| (name.as_str(), value.as_str().into()));
    object(vec![
        ("annotations", object(annotations.collect())),
        ("effect", effect_name(policy.effect).into()),
        ("end", policy.span.end.into()),
        ("expires", policy.expires.map_or(Json::Null, Json::from)),
        ("id", policy.id.as_str().into()),
        ("is_template", policy.is_template().into()),
        ("stage", stage.into()),
        ("start", policy.span.start.into()),
    ])
}
