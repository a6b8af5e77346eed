//! Stages: operations that are observed before they are enforced.

use serde_json::Value as Json;
use trapkey::{Datetime, ObserveScope, StageChange, StageOrder, WouldDeny};

use crate::boundary::{Failure, guard, value_or};
use crate::decision::{copying, out_of_range, trapkey_decision_t};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::grants::uid_if_any;
use crate::handle::{Object, give};
use crate::report::{object, reporting, text_or_null, trapkey_report_t, words_or_null};
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Operations that are observed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_observe_scope_t {
    /// `sizeof(trapkey_observe_scope_t)`.
    pub struct_size: usize,
    /// What it is called; at most 1,024 bytes.
    pub name: trapkey_str_t,
    /// An action, or a group of actions, as `Action::"id"`; absent for all.
    pub actions: trapkey_str_t,
    /// A resource and what is in it, directly or not, as `Type::"id"`; absent for all.
    pub resources: trapkey_str_t,
}

/// Who changes a stage or explains what was observed, why and when. It goes into the record.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_stage_order_t {
    /// `sizeof(trapkey_stage_order_t)`.
    pub struct_size: usize,
    /// Who; 1 to 1,024 bytes.
    pub by: trapkey_str_t,
    /// Why; 1 to 1,024 bytes.
    pub reason: trapkey_str_t,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// A deny that was only reported; its texts are lent by the would-denies.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct trapkey_would_deny_t {
    /// `sizeof(trapkey_would_deny_t)`, set before the call.
    pub struct_size: usize,
    /// Numbers the would-denies of an engine.
    pub id: u64,
    /// The scope that it was observed in.
    pub scope: trapkey_str_t,
    /// How often it came.
    pub count: u64,
    /// Instant of the first request, in milliseconds since 1970-01-01T00:00:00Z.
    pub first_ms: i64,
    /// Instant of the last request that said one.
    pub last_ms: i64,
    /// Not 0 if the first request said an instant.
    pub has_first: u32,
    /// Not 0 if a request said an instant.
    pub has_last: u32,
    /// Who explained it; absent if nobody did.
    pub explained_by: trapkey_str_t,
    /// Why it is as it should be; absent if nobody explained it.
    pub explained_reason: trapkey_str_t,
    /// When it was explained, in milliseconds since 1970-01-01T00:00:00Z.
    pub explained_at_ms: i64,
    /// Not 0 if it was explained.
    pub is_explained: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(trapkey_observe_scope_t, trapkey_stage_order_t, trapkey_would_deny_t);

/// Denies that were only reported. The caller frees it; threads may share it.
pub struct trapkey_would_denies_t {
    _opaque: (),
}

impl Object for trapkey_would_denies_t {
    type Value = Vec<WouldDeny>;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeywde");
}

impl trapkey_observe_scope_t {
    fn read(&self) -> Result<ObserveScope, Failure> {
        Ok(ObserveScope {
            name: text!(self.name).to_owned(),
            actions: uid_if_any(text_if_any!(self.actions), "actions")?,
            resources: uid_if_any(text_if_any!(self.resources), "resources")?,
        })
    }
}

impl trapkey_stage_order_t {
    fn read(&self) -> Result<StageOrder, Failure> {
        Ok(StageOrder {
            by: text!(self.by).to_owned(),
            reason: text!(self.reason).to_owned(),
            at: Datetime(self.at_ms),
        })
    }
}

/// Observes the operations of a scope, from the next decision on: where the policies deny one, without an
/// error, the decision is reported and allowed, and says so (`trapkey_decision_would_deny`). Everything else is
/// decided as always, and all that `safety_actions` of the options names.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_observe(
    engine: *const trapkey_engine_t,
    scope: *const trapkey_observe_scope_t,
    order: *const trapkey_stage_order_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let scope: trapkey_observe_scope_t = structure!(scope);
        let order: trapkey_stage_order_t = structure!(order);
        engine.observe(scope.read()?, order.read()?).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_OBSERVE_REFUSED, &error)
        })
    })
}

/// Enforces what was observed in the scope of this name, from the next decision on. While would-denies of it
/// are not explained, that is refused unless `force` is not 0. All of it is recorded.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_enforce(
    engine: *const trapkey_engine_t,
    scope: trapkey_str_t,
    order: *const trapkey_stage_order_t,
    force: u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let order: trapkey_stage_order_t = structure!(order);
        engine.enforce(text!(scope), order.read()?, force != 0).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_ENFORCE_REFUSED, &error)
        })
    })
}

/// Notes why a would-deny is as it should be: the deny is wanted, or what it denies will not come again. More
/// of the same stay explained. It is recorded.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_explain_would_deny(
    engine: *const trapkey_engine_t,
    id: u64,
    order: *const trapkey_stage_order_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let order: trapkey_stage_order_t = structure!(order);
        engine.explain_would_deny(id, order.read()?).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_WOULD_DENY_REFUSED, &error)
        })
    })
}

/// Reports what is observed now, by name: an array of `actions`, `name` and `resources`.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_observed_scopes(
    engine: *const trapkey_engine_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let scopes = shared!(engine).observed_scopes().into_iter().map(|scope| {
            object(vec![
                ("actions", words_or_null(scope.actions.as_ref())),
                ("name", scope.name.into()),
                ("resources", words_or_null(scope.resources.as_ref())),
            ])
        });
        Ok(scopes.collect())
    })
}

/// Reports what was done to stages, oldest first, the last 4,096: an array of `at`, `by`, `change`, which is
/// `observed`, `explained`, `refused`, `enforced`, `forced` or `ended`, `generation`, `reason`, `scope`,
/// `unexplained`, how many would-denies were not explained, and `would_deny`, the id of one that was.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_stage_records(
    engine: *const trapkey_engine_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let records = shared!(engine).stage_records().into_iter().map(|record| {
            let (change, would_deny, unexplained) = change(record.change);
            let order = record.order.as_ref();
            let number = |number: Option<u64>| number.map_or(Json::Null, Json::from);
            object(vec![
                ("at", order.map_or(Json::Null, |order| order.at.0.into())),
                ("by", text_or_null(order.map(|order| order.by.as_str()))),
                ("change", change.into()),
                ("generation", record.generation.0.into()),
                ("reason", text_or_null(order.map(|order| order.reason.as_str()))),
                ("scope", record.scope.into()),
                ("unexplained", number(unexplained)),
                ("would_deny", number(would_deny)),
            ])
        });
        Ok(records.collect())
    })
}

fn change(change: StageChange) -> (&'static str, Option<u64>, Option<u64>) {
    match change {
        StageChange::Observed => ("observed", None, None),
        StageChange::Explained { id } => ("explained", Some(id), None),
        StageChange::Refused { unexplained } => ("refused", None, Some(unexplained)),
        StageChange::Enforced => ("enforced", None, None),
        StageChange::Forced { unexplained } => ("forced", None, Some(unexplained)),
        StageChange::Ended => ("ended", None, None),
        unknown => {
            debug_assert!(false, "{unknown:?}");
            ("unknown", None, None)
        }
    }
}

/// How many denies of a scope were only reported and found no room. They count as unexplained.
///
/// Threads: any. Allocates: no. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_would_denies_dropped(
    engine: *const trapkey_engine_t,
    scope: trapkey_str_t,
    count: *mut u64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(count);
        place.put(engine.would_denies_dropped(text!(scope)));
        Ok(())
    })
}

/// Copies the denies that were only reported in the scopes that are observed, oldest first. Of one principal,
/// action, resource, reason and determining policies the first is kept and the others counted.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_would_denies(
    engine: *const trapkey_engine_t,
    would_denies: *mut *mut trapkey_would_denies_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(would_denies);
        place.put(give(engine.would_denies()));
        Ok(())
    })
}

/// How many would-denies there are.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_would_denies_len(
    would_denies: *const trapkey_would_denies_t,
) -> usize {
    value_or(0, || Ok(shared!(would_denies).len()))
}

/// One would-deny.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_would_denies_get(
    would_denies: *const trapkey_would_denies_t,
    index: usize,
    would_deny: *mut trapkey_would_deny_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let found = find(would_denies, index)?;
        let place = structure_place!(would_deny);
        let ms = |at: Option<Datetime>| at.map_or(0, |Datetime(at)| at);
        let order = found.explained.as_ref();
        place.put(trapkey_would_deny_t {
            struct_size: 0,
            id: found.id,
            scope: trapkey_str_t::of(&found.scope),
            count: found.count,
            first_ms: ms(found.first),
            last_ms: ms(found.last),
            has_first: u32::from(found.first.is_some()),
            has_last: u32::from(found.last.is_some()),
            explained_by: trapkey_str_t::of_any(order.map(|order| order.by.as_str())),
            explained_reason: trapkey_str_t::of_any(order.map(|order| order.reason.as_str())),
            explained_at_ms: ms(order.map(|order| order.at)),
            is_explained: u32::from(order.is_some()),
            reserved: 0,
        });
        Ok(())
    })
}

/// Copies the first request of a would-deny.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_would_denies_request(
    would_denies: *const trapkey_would_denies_t,
    index: usize,
    request: *mut *mut trapkey_request_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let place = place!(request);
        place.put(give(find(would_denies, index)?.request.clone()));
        Ok(())
    })
}

/// Copies the decision on the first request of a would-deny into `decision`, which is deny if that fails.
///
/// Threads: any. Allocates: for more policies than before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_would_denies_decision(
    would_denies: *const trapkey_would_denies_t,
    index: usize,
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    copying(decision, error, || Ok(&find(would_denies, index)?.decision))
}

/// Frees would-denies. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_would_denies_free(would_denies: *mut trapkey_would_denies_t) {
    free!(would_denies);
}

fn find<'w>(
    would_denies: *const trapkey_would_denies_t,
    index: usize,
) -> Result<&'w WouldDeny, Failure> {
    let all: &Vec<WouldDeny> = shared!(would_denies);
    all.get(index).ok_or_else(|| out_of_range(index, all.len()))
}
