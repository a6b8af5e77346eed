//! Progress on standard error: shown on a terminal alone, and only once a second has passed.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long work may take unseen.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Does `work`; a spinner says `label` while it takes long.
pub(crate) fn during<T>(label: &'static str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || spin(label, &is_done));
        let result = work();
        drop(done);
        result
    })
}

/// Waits for the other end to go, and shows a spinner from when patience ends.
fn spin(label: &'static str, is_done: &mpsc::Receiver<()>) {
    if is_done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let spinner = ProgressBar::new_spinner().with_message(label);
    while is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        spinner.tick();
    }
    spinner.finish_and_clear();
}

/// A bar over a known number of items.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    /// A bar that is not shown yet.
    pub(crate) fn new(label: &'static str, items: usize) -> Self {
        let items = u64::try_from(items).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(items), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(label);
        Self { bar, started: Instant::now() }
    }

    /// One item is done.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
        if self.bar.is_hidden() && io::stderr().is_terminal() && self.started.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
