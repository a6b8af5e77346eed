//! Explanations: at which clause each policy fails, and what would allow.

use std::ffi::c_char;

use serde_json::json;
use trapkey::{
    AttributeChange, Counterfactual, EXPLAIN_DECISIONS_MAX, Engine, ExplainError, Explanation,
    Outcome, OwnAttribute, Request, Span,
};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::memory::copy_text;
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;

/// Why a request is decided as it is, and what would allow it. The caller frees it; threads may share
/// it.
pub struct trapkey_explanation_t {
    _opaque: (),
}

/// Whom an explanation is for.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum trapkey_audience_t {
    /// The requester: the verdict, and what of its own the requester could change; no policies.
    TRAPKEY_AUDIENCE_REQUESTER = 0,
    /// Who administers the policies: all of it.
    TRAPKEY_AUDIENCE_ADMINISTRATOR = 1,
}

/// An explanation as JSON, for each audience.
pub(crate) struct Texts {
    whole: String,
    redacted: String,
}

impl Object for trapkey_explanation_t {
    type Value = Texts;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyexp");
}

/// Explains a request, if the bundle was built with its explaining module, within so many decisions;
/// 0 is 20,000. The first call after a publication compiles the explaining module.
///
/// Threads: any. Allocates: yes. Blocks: while another explains first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_explain(
    engine: *const trapkey_engine_t,
    request: *const trapkey_request_t,
    decisions_max: u32,
    explanation: *mut *mut trapkey_explanation_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    explaining((engine, request, decisions_max), explanation, error, Engine::explain_within)
}

/// As `trapkey_engine_explain`, by the candidate that decides beside the active module: with it, why a
/// request is decided otherwise.
///
/// Threads: any. Allocates: yes. Blocks: while another explains first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_explain_shadow(
    engine: *const trapkey_engine_t,
    request: *const trapkey_request_t,
    decisions_max: u32,
    explanation: *mut *mut trapkey_explanation_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    explaining((engine, request, decisions_max), explanation, error, Engine::explain_shadow)
}

/// Copies an explanation as JSON into a buffer of `capacity` bytes, with a NUL at its end, and writes
/// the length without that to `len`, which is the needed length if the buffer is too small. `audience`
/// is one of `trapkey_audience_t`.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_explanation_copy(
    explanation: *const trapkey_explanation_t,
    audience: u32,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> trapkey_status_t {
    guard(std::ptr::null_mut(), || {
        let texts = shared!(explanation);
        let text = if audience == trapkey_audience_t::TRAPKEY_AUDIENCE_REQUESTER as u32 {
            &texts.redacted
        } else if audience == trapkey_audience_t::TRAPKEY_AUDIENCE_ADMINISTRATOR as u32 {
            &texts.whole
        } else {
            let status = trapkey_status_t::TRAPKEY_STATUS_OUT_OF_RANGE;
            return Err(Failure::new(status, format!("there is no audience {audience}")));
        };
        copy_text(text, (buffer, capacity), len)
    })
}

/// Frees an explanation. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_explanation_free(explanation: *mut trapkey_explanation_t) {
    free!(explanation);
}

fn explaining(
    (engine, request, max): (*const trapkey_engine_t, *const trapkey_request_t, u32),
    explanation: *mut *mut trapkey_explanation_t,
    error: *mut *mut trapkey_error_t,
    explain: fn(&Engine, &Request, u32) -> Result<Explanation, ExplainError>,
) -> trapkey_status_t {
    guard(error, || {
        let (engine, request) = (shared!(engine), shared!(request));
        let place = place!(explanation);
        let max = if max == 0 { EXPLAIN_DECISIONS_MAX } else { max };
        let explanation = explain(engine, request, max).map_err(|error| refused(&error))?;
        let redacted = redacted(&explanation, request);
        place.put(give(Texts { whole: whole(&explanation), redacted }));
        Ok(())
    })
}

fn refused(error: &ExplainError) -> Failure {
    let status = match error {
        ExplainError::Undecided(error) => (*error).into(),
        other => return Failure::refused(trapkey_status_t::TRAPKEY_STATUS_EXPLAIN_REFUSED, other),
    };
    Failure::refused(status, error)
}

/// The fields are those of `trapkey explain --json`, but for places in files.
fn whole(explanation: &Explanation) -> String {
    let policies = explanation.policies.iter().map(|policy| {
        let (outcome, span) = outcome(policy.outcome);
        let (start, end) = (span.map(|span| span.start), span.map(|span| span.end));
        json!({ "id": policy.id, "outcome": outcome, "start": start, "end": end })
    });
    let changes: &[AttributeChange] =
        if let Counterfactual::Found(changes) = &explanation.counterfactual {
            changes
        } else {
            &[]
        };
    let changes = changes.iter().map(AttributeChange::to_string);
    json!({
        "verdict": if explanation.decision.is_allow() { "allow" } else { "deny" },
        "generation": explanation.decision.generation().0,
        "policies": policies.collect::<Vec<_>>(),
        "counterfactual": end(&explanation.counterfactual),
        "changes": changes.collect::<Vec<_>>(),
        "decisions": explanation.decisions,
    })
    .to_string()
}

fn redacted(explanation: &Explanation, request: &Request) -> String {
    let redacted = explanation.redacted(request);
    let own = redacted.own.iter().map(|own| match own {
        OwnAttribute::Context(path) => format!("context.{}", path.join(".")),
        OwnAttribute::Principal(path) => format!("principal.{}", path.join(".")),
        OwnAttribute::Groups => "groups of the principal".to_owned(),
    });
    json!({
        "verdict": if explanation.decision.is_allow() { "allow" } else { "deny" },
        "generation": redacted.generation.0,
        "own": own.collect::<Vec<_>>(),
    })
    .to_string()
}

fn outcome(outcome: Outcome) -> (&'static str, Option<Span>) {
    match outcome {
        Outcome::Held => ("held", None),
        Outcome::Failed { span, .. } => ("failed", Some(span)),
        Outcome::Erred { span } => ("erred", Some(span)),
        Outcome::NotCounted => ("not-counted", None),
        Outcome::NotGranted => ("not-granted", None),
        unknown => {
            debug_assert!(false, "{unknown:?}");
            ("unknown", None)
        }
    }
}

fn end(counterfactual: &Counterfactual) -> &'static str {
    match counterfactual {
        Counterfactual::Allowed => "allowed",
        Counterfactual::Found(_) => "found",
        Counterfactual::NoneWithin => "none",
        Counterfactual::BudgetExhausted => "budget",
        Counterfactual::Never => "never",
        unknown => {
            debug_assert!(false, "{unknown:?}");
            "unknown"
        }
    }
}
