//! The instances of one module, kept for the next decision.
//!
//! A thread remembers the index of the slot it used last, so that threads settle on slots of their
//! own; it holds nothing else, so a thread that never decides again keeps no module alive.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};

use crate::DecideError;
use crate::instance::Instance;

thread_local! {
    /// Index of the slot this thread used last, in whichever pool.
    static SLOT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The instances of one module.
pub(crate) struct Pool {
    slots: Box<[Slot]>,
    /// Where the next thread starts that has not decided before.
    next: AtomicUsize,
}

// 128 bytes: processors fetch cache lines of 64 bytes in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Slot(Mutex<Option<Instance>>);

impl Pool {
    pub(crate) fn new(slots: usize) -> Self {
        let slots = std::iter::repeat_with(Slot::default).take(slots).collect();
        Self { slots, next: AtomicUsize::new(0) }
    }

    /// An instance that nobody uses.
    pub(crate) fn take(&self) -> Option<Instance> {
        self.slots.iter().filter_map(|slot| slot.0.try_lock().ok()).find_map(|mut slot| slot.take())
    }

    /// Keeps an instance in a slot that has none; else it is dropped.
    pub(crate) fn put(&self, instance: Instance) {
        let free = self.slots.iter().filter_map(|slot| slot.0.try_lock().ok());
        if let Some(mut slot) = free.into_iter().find(|slot| slot.is_none()) {
            *slot = Some(instance);
        }
    }

    /// Does `work` with a free instance, or one that `make` makes.
    ///
    /// An instance is kept unless it failed in a way that leaves its memory in doubt.
    pub(crate) fn with<T>(
        &self,
        make: impl FnOnce() -> Result<Instance, DecideError>,
        work: impl FnOnce(&mut Instance) -> Result<T, DecideError>,
    ) -> Result<T, DecideError> {
        let first = SLOT.get().unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        let first = first.checked_rem(self.slots.len()).unwrap_or(0);
        let (before, from) = self.slots.split_at_checked(first).unwrap_or((&[], &self.slots));
        for (distance, slot) in from.iter().chain(before).enumerate() {
            let mut instance = match slot.0.try_lock() {
                Ok(instance) => instance,
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Poisoned(poisoned)) => {
                    let mut instance = poisoned.into_inner();
                    *instance = None;
                    slot.0.clear_poison();
                    instance
                }
            };
            SLOT.set(Some(first + distance));
            let ready = match &mut *instance {
                Some(ready) => ready,
                None => instance.insert(make()?),
            };
            let result = work(ready);
            if result.as_ref().is_err_and(|error| !error.leaves_instance()) {
                *instance = None;
            }
            return result;
        }
        work(&mut make()?)
    }
}
