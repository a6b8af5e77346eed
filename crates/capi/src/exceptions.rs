//! Exceptions: grants that are held, uses of break-glass, and all that is meant to end.

use serde_json::Value as Json;
use trapkey::{Datetime, Dormant, Effect, ExceptionKind, Grant};

use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::report::{object, reporting, text_or_null, trapkey_report_t, words, words_or_null};
use crate::status::trapkey_status_t;

/// Reports all grants that are held, ascending by id: an array of `dormant`, which says why it does not count
/// under the live module, `no-template`, `slots`, `slot-type` or `break-glass`, `grant`, which has `approvers`,
/// `expires`, `id`, `not_before`, `principal`, `reason`, `requester`, `resource`, `template` and `ticket`, and
/// `uses`, the decisions that it determined as break-glass.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_grants(
    engine: *const trapkey_engine_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let held = shared!(engine).grants().into_iter().map(|held| {
            object(vec![
                ("dormant", text_or_null(held.dormant().map(dormant))),
                ("grant", grant(held.grant())),
                ("uses", held.uses().into()),
            ])
        });
        Ok(held.collect())
    })
}

/// Reports the uses of break-glass grants since this was last called, ascending by the grants' ids: an array
/// of `grant`, as that of `trapkey_engine_grants`, `uses` since then and `uses_in_all`. Those of grants that
/// are over or revoked meanwhile are among them. A use that is reported is not reported again.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_take_break_glass_uses(
    engine: *const trapkey_engine_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let uses = shared!(engine).take_break_glass_uses().into_iter().map(|used| {
            object(vec![
                ("grant", grant(&used.grant)),
                ("uses", used.uses.into()),
                ("uses_in_all", used.uses_in_all.into()),
            ])
        });
        Ok(uses.collect())
    })
}

/// Reports all that stands for a time only, at an instant: an array of `expires`, `id`, `is_over`, `kind`,
/// which is `permit`, `forbid` or `grant`, `owner`, `reason`, `reference` and `review`. What is over longest or
/// ends next comes first. A forbid that is over goes on forbidding.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_exceptions(
    engine: *const trapkey_engine_t,
    now_ms: i64,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let exceptions = shared!(engine).exceptions(Datetime(now_ms)).into_iter().map(|one| {
            object(vec![
                ("expires", one.expires.0.into()),
                ("id", one.id.into()),
                ("is_over", one.is_over.into()),
                ("kind", kind(one.kind).into()),
                ("owner", text_or_null(one.owner.as_deref())),
                ("reason", text_or_null(one.reason.as_deref())),
                ("reference", text_or_null(one.reference.as_deref())),
                ("review", text_or_null(one.review.as_deref())),
            ])
        });
        Ok(exceptions.collect())
    })
}

fn grant(grant: &Grant) -> Json {
    object(vec![
        ("approvers", grant.approvers.iter().map(|uid| words(uid)).collect()),
        ("expires", grant.expires.0.into()),
        ("id", grant.id.as_str().into()),
        ("not_before", grant.not_before.map_or(Json::Null, |at| at.0.into())),
        ("principal", words_or_null(grant.principal.as_ref())),
        ("reason", text_or_null(grant.reason.as_deref())),
        ("requester", words(&grant.requester)),
        ("resource", words_or_null(grant.resource.as_ref())),
        ("template", grant.template.as_str().into()),
        ("ticket", text_or_null(grant.ticket.as_deref())),
    ])
}

fn dormant(dormant: Dormant) -> &'static str {
    match dormant {
        Dormant::NoTemplate => "no-template",
        Dormant::Slots => "slots",
        Dormant::SlotType => "slot-type",
        Dormant::BreakGlass => "break-glass",
        unknown => {
            debug_assert!(false, "{unknown:?}");
            "unknown"
        }
    }
}

fn kind(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::Policy(effect) => effect_name(effect),
        ExceptionKind::Grant => "grant",
        unknown => {
            debug_assert!(false, "{unknown:?}");
            "unknown"
        }
    }
}

pub(crate) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
    }
}
