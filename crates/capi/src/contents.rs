//! What a bundle says of itself, before it is published and while it is live.

use serde_json::{Value as Json, json};
use trapkey::{Contents, Policy, Stage};

use crate::boundary::{Failure, value_or};
use crate::engine::{open, trapkey_engine_t};
use crate::error::trapkey_error_t;
use crate::exceptions::effect_name;
use crate::report::{reporting, trapkey_report_t};
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
    json!({
        "compiler": head.compiler,
        "digest": contents.digest().to_string(),
        "name": head.name,
        "policies": contents.policies().iter().map(policy).collect::<Vec<_>>(),
        "sequence": head.sequence,
        "version": head.version,
    })
}

fn policy(policy: &Policy) -> Json {
    json!({
        "annotations": policy.annotations,
        "effect": effect_name(policy.effect),
        "end": policy.span.end,
        "expires": policy.expires,
        "id": policy.id,
        "is_template": policy.is_template(),
        "stage": match policy.stage {
            Stage::Enforce => "enforce",
            Stage::Observe => "observe",
        },
        "start": policy.span.start,
    })
}
