//! One loaded plugin of any world: who may call it, in what store, and what a call gives.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trapkey::Datetime;
use wasmtime::Store;

use crate::bindings::types;
use crate::error::{Blame, CallError, FAILURE_BYTES_MAX, Failure};
use crate::grants::Logger;
use crate::host::Runtime;
use crate::ledger::{Ledger, Outcome};
use crate::state::State;
use crate::text::line;
use crate::{Document, Health, Limits, Manifest, Provides};

/// A component that was checked and linked, `P` being the bindings of its world.
pub(crate) struct Plugin<P> {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) manifest: Manifest,
    /// What it may tell: declared and granted.
    pub(crate) scope: Provides,
    pub(crate) limits: Arc<Limits>,
    pub(crate) logger: Option<Logger>,
    pub(crate) documents: Arc<BTreeMap<String, Arc<dyn Document>>>,
    pub(crate) pre: P,
    pub(crate) running: AtomicU32,
    pub(crate) ledger: Mutex<Ledger>,
}

/// What a function of a plugin gave: a value or its own failure, or an error of the runtime.
pub(crate) type Called<T> = wasmtime::Result<Result<T, types::Failure>>;

impl<P> Plugin<P> {
    /// Calls it, if it may be called now: `run` in a store of its own, and `take` checks what comes back and makes it true.
    pub(crate) fn call<T, U, E: From<CallError> + Blame + Error>(
        &self,
        now: Datetime,
        input_bytes: usize,
        run: impl FnOnce(&P, &mut Store<State>) -> Called<T>,
        take: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<U, E> {
        let _permit = self.admit(now, input_bytes).inspect_err(|_| self.ledger().refused())?;
        let (called, lines_dropped) = self.run(run);
        let taken = match called {
            Ok(value) => take(value),
            Err(error) => Err(error.into()),
        };
        let mut ledger = self.ledger();
        ledger.dropped(lines_dropped);
        match &taken {
            Ok(_) => ledger.note(now, Outcome::Good, &self.limits),
            Err(error) => {
                let is_misbehaviour = error.is_misbehaviour();
                let outcome = if is_misbehaviour { Outcome::Misbehaved } else { Outcome::Failed };
                ledger.note(now, outcome, &self.limits);
                ledger.erred(line(&chain(error), FAILURE_BYTES_MAX));
            }
        }
        taken
    }

    fn run<T>(
        &self,
        run: impl FnOnce(&P, &mut Store<State>) -> Called<T>,
    ) -> (Result<T, CallError>, usize) {
        let documents = Arc::clone(&self.documents);
        let state = State::new(Arc::clone(&self.limits), self.logger.clone(), documents);
        let mut store = Store::new(self.runtime.engine(), state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(self.limits.result_bytes_max);
        store.set_epoch_deadline(self.runtime.ticks(self.limits.deadline));
        let called = store.set_fuel(self.limits.fuel).and_then(|()| run(&self.pre, &mut store));
        let called = match called {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(failure)) => Err(CallError::Failed(Failure::from(failure))),
            Err(error) => Err(CallError::of(error, &self.limits)),
        };
        (called, store.data().lines_dropped())
    }

    fn admit(&self, now: Datetime, input_bytes: usize) -> Result<Permit<'_>, CallError> {
        let max = self.limits.input_bytes_max;
        if input_bytes > max {
            return Err(CallError::InputTooLarge { len: input_bytes, max });
        }
        let admitted = self.ledger().admit(now, &self.limits);
        admitted.map_err(|until| CallError::Quarantined { until })?;
        let max = self.limits.calls_max.get();
        let next = |running: u32| (running < max).then(|| running.saturating_add(1));
        let order = (Ordering::Acquire, Ordering::Relaxed);
        match self.running.fetch_update(order.0, order.1, next) {
            Ok(_) => Ok(Permit(&self.running)),
            Err(_) => Err(CallError::Busy { max }),
        }
    }

    /// How it behaves.
    pub(crate) fn health(&self) -> Health {
        self.ledger().health()
    }

    /// Ends its quarantine, if there is one.
    pub(crate) fn release(&self) {
        self.ledger().release();
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Nothing that holds it can fail halfway.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to one call; ends with it, also if a document panics.
struct Permit<'p>(&'p AtomicU32);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

/// An error with its sources.
fn chain(error: &dyn Error) -> String {
    let (mut text, mut source) = (error.to_string(), error.source());
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
