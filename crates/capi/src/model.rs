//! Models, parties and slots: what requests are made with, resolved once.

use std::sync::Arc;

use trapkey::{EntityUid, Model, Party, Slot, Value};

use crate::boundary::{Failure, guard};
use crate::engine::trapkey_engine_t;
use crate::error::trapkey_error_t;
use crate::facts::uid;
use crate::handle::{Object, give};
use crate::status::trapkey_status_t;
use crate::text::trapkey_str_t;

/// A published schema and its layout. The caller frees it; threads may share it.
pub struct trapkey_model_t {
    _opaque: (),
}

/// An entity that is found in a model, for requests. The caller frees it; threads may share it.
pub struct trapkey_party_t {
    _opaque: (),
}

/// An attribute of an action's context that is found in a model, for requests. The caller frees it;
/// threads may share it.
pub struct trapkey_slot_t {
    _opaque: (),
}

impl Object for trapkey_model_t {
    type Value = Arc<Model>;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeymod");
}

impl Object for trapkey_party_t {
    type Value = Party;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeypar");
}

impl Object for trapkey_slot_t {
    type Value = Slot<Value>;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyslo");
}

/// The model of what is published now. After a publication with another schema, requests, parties and
/// slots of this one are refused as stale.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_model(
    engine: *const trapkey_engine_t,
    model: *mut *mut trapkey_model_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place!(model);
        let status = trapkey_status_t::TRAPKEY_STATUS_NOTHING_PUBLISHED;
        let model = engine.model().ok_or_else(|| Failure::new(status, "nothing is published"))?;
        place.put(give(model));
        Ok(())
    })
}

/// Finds an entity, given as `Type::"id"`, to be principal or resource of requests or a value.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_model_party(
    model: *const trapkey_model_t,
    entity: trapkey_str_t,
    party: *mut *mut trapkey_party_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = shared!(model);
        let place = place!(party);
        let uid = uid(text!(entity), "entity")?;
        let party = Party::resolve(model, uid).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_PARTY_REFUSED, &error)
        })?;
        place.put(give(party));
        Ok(())
    })
}

/// As `trapkey_model_party`, of an entity that is given as its type and its unescaped id.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_model_entity(
    model: *const trapkey_model_t,
    type_name: trapkey_str_t,
    id: trapkey_str_t,
    party: *mut *mut trapkey_party_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = shared!(model);
        let place = place!(party);
        let uid = EntityUid::new(text!(type_name), text!(id));
        let party = Party::resolve(model, uid).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_PARTY_REFUSED, &error)
        })?;
        place.put(give(party));
        Ok(())
    })
}

/// Finds an attribute of the context of an action. `path` is names with points between them, as
/// `env.location`.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_model_slot(
    model: *const trapkey_model_t,
    action: trapkey_str_t,
    path: trapkey_str_t,
    slot: *mut *mut trapkey_slot_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let model = shared!(model);
        let place = place!(slot);
        let action = uid(text!(action), "action")?;
        let slot = model.slot::<Value>(&action, text!(path)).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_SLOT_REFUSED, &error)
        })?;
        place.put(give(slot));
        Ok(())
    })
}

/// Frees a model. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_model_free(model: *mut trapkey_model_t) {
    free!(model);
}

/// Frees a party. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_party_free(party: *mut trapkey_party_t) {
    free!(party);
}

/// Frees a slot. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_slot_free(slot: *mut trapkey_slot_t) {
    free!(slot);
}
