//! A thread that refreshes a provider again and again, so that nobody else waits for it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use trapkey::{Datetime, Engine};

use crate::{Provider, RefreshError, Refreshed};

/// Refreshes a provider at once, and then whenever the interval has passed, until it is dropped.
///
/// Dropped, it waits for nobody: its thread ends with the call that goes on, of which nothing is applied
/// any more unless that had begun.
pub struct Refresher {
    wake: Option<SyncSender<()>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a refresher refreshes.
pub struct Refreshing {
    /// The provider.
    pub provider: Arc<Provider>,
    /// The engine that gets the facts.
    pub engine: Engine,
    /// From the end of one refresh to the next.
    pub interval: Duration,
}

impl Refresher {
    /// Starts the thread. `clock` says what time it is, and `tell` hears what became of each refresh; both are called by
    /// the thread.
    ///
    /// # Errors
    ///
    /// The thread does not start.
    pub fn start(
        refreshing: Refreshing,
        clock: impl Fn() -> Datetime + Send + 'static,
        mut tell: impl FnMut(Result<Refreshed, RefreshError>) + Send + 'static,
    ) -> io::Result<Self> {
        let Refreshing { provider, engine, interval } = refreshing;
        let (wake, woken) = mpsc::sync_channel(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let name = format!("trapkey-{}", provider.manifest().name());
        let thread = thread::Builder::new().name(name).spawn(move || {
            loop {
                let is_over = || ends.load(Ordering::Acquire);
                let refreshed = provider.refresh_unless(&engine, clock(), is_over);
                if ends.load(Ordering::Acquire) {
                    break;
                }
                tell(refreshed);
                match woken.recv_timeout(interval) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        })?;
        Ok(Self { wake: Some(wake), is_over, thread: Some(thread) })
    }

    /// Refreshes now, or again after the refresh that goes on, instead of when the interval has passed.
    pub fn wake(&self) {
        match self.wake.as_ref().map(|wake| wake.try_send(())) {
            // Full, it is about to refresh anyway; without its thread, which ended in a panic, `stop` will say so.
            None | Some(Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(()))) => {}
        }
    }

    /// Stops, and waits for the call that goes on; whether the thread ended as it should, and not in a panic of a
    /// document, of the clock or of who was told.
    pub fn stop(mut self) -> bool {
        self.end();
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Release);
        drop(self.wake.take());
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").finish_non_exhaustive()
    }
}
