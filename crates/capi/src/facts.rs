//! Entities that change while the engine decides.

use serde_json::Value as Json;
use trapkey::{EntityUid, FactsError, Parameter, StoredEntity, Value, parse_uid};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::report::{object, reporting, trapkey_report_t, words};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// Adds or replaces entities from Cedar's JSON: one object, or an array. On an error nothing changes.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_upsert(
    engine: *const trapkey_engine_t,
    entities: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        engine.upsert_json(text!(entities)).map_err(|error| refused(&error))
    })
}

/// Puts these entities, Cedar's JSON, in place of all others. On an error nothing changes.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_replace_entities(
    engine: *const trapkey_engine_t,
    entities: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        engine.replace_entities_json(text!(entities)).map_err(|error| refused(&error))
    })
}

/// Removes an entity, given as `Type::"id"`. `removed` may be NULL; it becomes 1 if the entity was
/// there, else 0.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_remove(
    engine: *const trapkey_engine_t,
    entity: trapkey_str_t,
    removed: *mut u32,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(removed);
        let uid = uid(text!(entity), "entity")?;
        let was_there = engine.remove(&uid).map_err(|error| refused(&error))?;
        if let Some(place) = place {
            place.put(u32::from(was_there));
        }
        Ok(())
    })
}

/// Reports an entity that is stored, given as `Type::"id"`: `ancestors`, `attributes`, an object of values in
/// words, `entity`, `parents` and `tags`, as `attributes`. Refused if there is none.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_entity(
    engine: *const trapkey_engine_t,
    entity: trapkey_str_t,
    report: *mut *mut trapkey_report_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    reporting(report, error, || {
        let engine = shared!(engine);
        let uid = uid(text!(entity), "entity")?;
        let entities = engine.entities();
        let stored = entities.as_ref().and_then(|entities| entities.get(&uid));
        stored.map(told).ok_or_else(|| {
            let text = format!("the entity `{uid}` is unknown");
            Failure::new(trapkey_status_t::TRAPKEY_STATUS_FACTS_REFUSED, text)
        })
    })
}

fn told(stored: &StoredEntity) -> Json {
    object(vec![
        ("ancestors", stored.ancestors().map(|uid| words(uid)).collect()),
        ("attributes", object(stored.attributes().map(value).collect())),
        ("entity", words(stored.uid())),
        ("parents", stored.parents().map(|uid| words(uid)).collect()),
        ("tags", object(stored.tags().map(value).collect())),
    ])
}

fn value<'n>((name, value): (&'n str, &Value)) -> (&'n str, Json) {
    (name, words(&Parameter::Value(value.clone())))
}

fn refused(error: &FactsError) -> Failure {
    Failure::refused(trapkey_status_t::TRAPKEY_STATUS_FACTS_REFUSED, error)
}

/// Reads a uid, as `Plant::Asset::"press-7"`.
pub(crate) fn uid(text: &str, name: &str) -> Result<EntityUid, Failure> {
    parse_uid(text).map_err(|error| {
        let text = format!("`{name}`: {error}");
        Failure::new(trapkey_status_t::TRAPKEY_STATUS_UID_REFUSED, text)
    })
}
