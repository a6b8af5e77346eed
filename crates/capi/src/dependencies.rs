//! What a decision depends on, for hosts that keep decisions.

use serde_json::Value as Json;
use trapkey::{Dependencies, Handle};

use crate::decide::undecided;
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::report::{object, reporting, text_or_null, trapkey_report_t, words, words_or_null};
use crate::request::trapkey_request_t;
use crate::status::trapkey_status_t;

/// Reports what the decision of a request depends on now, beside module and time: `context`, the paths of the
/// attributes that are read, `entities`, `generation`, and `grants`, which is null or has the handles
/// `principals` and `resources`. An entity has `ancestors`, whether they are read, `entity`, which is null where
/// nobody knows its name, `handle`, and `version`, which is null if the engine does not have it. While nothing of it changes,
/// neither does the decision before its horizon. Of a request that cannot be decided the status says why.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_dependencies(
    engine: *const trapkey_engine_t,
    request: *const trapkey_request_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let (engine, request) = (shared!(engine), shared!(request));
        Ok(told(&engine.dependencies(request).map_err(undecided)?))
    })
}

pub(crate) fn told(found: &Dependencies) -> Json {
    let entities = found.entities().iter().map(|entity| {
        let version = entity.version.map(|version| format!("{version:032x}"));
        object(vec![
            ("ancestors", entity.ancestors.into()),
            ("entity", words_or_null(entity.uid.as_ref())),
            ("handle", words(&entity.handle)),
            ("version", text_or_null(version.as_deref())),
        ])
    });
    let handles = |list: &[Handle]| list.iter().map(|handle| words(handle)).collect::<Json>();
    let grants = found.grants().map_or(Json::Null, |grants| {
        object(vec![
            ("principals", handles(&grants.principals)),
            ("resources", handles(&grants.resources)),
        ])
    });
    object(vec![
        ("context", found.context().iter().map(String::as_str).collect()),
        ("entities", entities.collect()),
        ("generation", found.generation().0.into()),
        ("grants", grants),
    ])
}
