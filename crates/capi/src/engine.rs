//! Engines: what publishes bundles, keeps facts and decides.

use trapkey::{Bundle, Engine, Generation, Precompiled};

use crate::boundary::{Failure, guard, value_or};
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::options::{default_options, trapkey_options_t};
use crate::status::trapkey_status_t;
use crate::text::{trapkey_bytes_t, trapkey_str_t};

/// Publishes bundles, keeps facts and decides. The caller frees it; threads may share it. What is made
/// from it keeps what it needs of it.
pub struct trapkey_engine_t {
    _opaque: (),
}

impl Object for trapkey_engine_t {
    type Value = Engine;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyeng");
}

/// Makes an engine, which denies everything until a bundle is published. `options` may be NULL.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_new(
    options: *const trapkey_options_t,
    engine: *mut *mut trapkey_engine_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let place = place!(engine);
        let options =
            if options.is_null() { default_options() } else { structure!(options).read()? };
        let made = Engine::with_options(options).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_RUNTIME_REFUSED, &error)
        })?;
        place.put(give(made));
        Ok(())
    })
}

/// Frees an engine. NULL is passed over. Deciders, models and sessions made from it go on.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_free(engine: *mut trapkey_engine_t) {
    free!(engine);
}

/// Publishes a bundle with the newest facts. `generation` may be NULL. On an error what was live
/// before still is.
///
/// Compiling takes about a second per megabyte; decisions go on meanwhile.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_publish(
    engine: *const trapkey_engine_t,
    bundle: trapkey_bytes_t,
    generation: *mut u64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(generation);
        let published = engine.publish(&open(bundle)?).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_PUBLISH_REFUSED, &error)
        })?;
        if let Some(place) = place {
            place.put(published.0);
        }
        Ok(())
    })
}

/// Publishes a bundle with these entities, Cedar's JSON, in place of all others. `generation` may be
/// NULL. On an error what was live before still is.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_publish_with(
    engine: *const trapkey_engine_t,
    bundle: trapkey_bytes_t,
    entities: trapkey_str_t,
    generation: *mut u64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(generation);
        let entities = text!(entities);
        let published = engine.publish_with_json(&open(bundle)?, entities).map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_PUBLISH_REFUSED, &error)
        })?;
        if let Some(place) = place {
            place.put(published.0);
        }
        Ok(())
    })
}

/// Publishes a bundle whose module was compiled ahead of time, by `trapkey build --target-triple`, with these
/// entities in place of all others, or with the newest facts if `entities.data` is NULL. On an error what was
/// live before still is.
///
/// `artefact` is native code. Its digest finds damage, not forgery: whoever can write the artefact can run
/// code in this process. It comes from where the program itself comes from, such as the signed image of a
/// device, and never from where bundles come from. It is not used after the call.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_publish_precompiled(
    engine: *const trapkey_engine_t,
    bundle: trapkey_bytes_t,
    artefact: trapkey_bytes_t,
    entities: trapkey_str_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let entities = text_if_any!(entities);
        let bundle = open(bundle)?;
        let artefact = array!(artefact.data, artefact.len, "artefact");
        let refused = trapkey_status_t::TRAPKEY_STATUS_PUBLISH_REFUSED;
        // SAFETY: the caller vouches for the artefact's source, see above.
        let precompiled = unsafe { Precompiled::trusted(&bundle, artefact) }
            .map_err(|error| Failure::refused(refused, &error))?;
        let published = match entities {
            Some(entities) => engine.publish_with_json(&precompiled, entities),
            None => engine.publish(&precompiled),
        };
        published.map(|_| ()).map_err(|error| Failure::refused(refused, &error))
    })
}

/// Makes the module before the live one live again, with the newest facts, as a publication of its
/// own. `generation` may be NULL.
///
/// Threads: any. Allocates: yes. Blocks: while another writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_rollback(
    engine: *const trapkey_engine_t,
    generation: *mut u64,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        let engine = shared!(engine);
        let place = place_if_any!(generation);
        let published = engine.rollback().map_err(|error| {
            Failure::refused(trapkey_status_t::TRAPKEY_STATUS_ROLLBACK_REFUSED, &error)
        })?;
        if let Some(place) = place {
            place.put(published.0);
        }
        Ok(())
    })
}

/// The ordinal of the newest publication; 0 before the first.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_generation(engine: *const trapkey_engine_t) -> u64 {
    let Generation(none) = Generation::NONE;
    value_or(none, || Ok(shared!(engine).generation().0))
}

/// The sequence number of the published release; 0 before the first publication.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_engine_sequence(engine: *const trapkey_engine_t) -> u64 {
    value_or(0, || {
        let contents = shared!(engine).contents();
        Ok(contents.map_or(0, |contents| contents.head().sequence))
    })
}

pub(crate) fn open(bundle: trapkey_bytes_t) -> Result<Bundle, Failure> {
    let bytes = array!(bundle.data, bundle.len, "bundle");
    Bundle::open(bytes)
        .map_err(|error| Failure::refused(trapkey_status_t::TRAPKEY_STATUS_BUNDLE_REFUSED, &error))
}
