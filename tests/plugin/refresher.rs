//! Refreshing in a thread: decisions do not wait, whatever the plugin or its documents do.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;

use trapkey::{Datetime, Engine, EntityUid};
use trapkey_plugin::{
    CallError, Filler, Grants, Host, HostOptions, Limits, Provider, RefreshError, Refreshed,
    Refresher, Refreshing,
};
use trapkey_tests::guests::{
    LOG, NOW, PROVIDES, Published, Told, engine, open, provider, reading_provider, rows,
};

const MINUTE: i64 = 60_000;

/// A refresher, the clock that it reads, and what it tells.
struct Stage {
    engine: Engine,
    provider: Arc<Provider>,
    filler: Filler,
    clock: Arc<AtomicI64>,
    refresher: Refresher,
    told: Receiver<Result<Refreshed, RefreshError>>,
}

impl Stage {
    fn new(provider: Provider) -> Self {
        let (engine, provider) = (engine(), Arc::new(provider));
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let read = Arc::clone(&clock);
        let (tell, told) = mpsc::channel();
        let refreshing = Refreshing {
            provider: Arc::clone(&provider),
            engine: engine.clone(),
            interval: std::time::Duration::from_hours(24),
        };
        let refresher = Refresher::start(
            refreshing,
            move || Datetime(read.load(Ordering::SeqCst)),
            move |refreshed| drop(tell.send(refreshed)),
        );
        let action = EntityUid::new("Action", "open");
        let filler = provider.filler(&engine.model().unwrap(), &action).unwrap();
        Self { engine, provider, filler, clock, refresher: refresher.unwrap(), told }
    }

    fn go_to(&self, ms: i64) {
        self.clock.store(NOW.0 + ms, Ordering::SeqCst);
        self.refresher.wake();
    }

    fn allows(&self, ms: i64) -> bool {
        let mut request = open(&self.engine, "d1");
        self.filler.fill(&mut request, Datetime(NOW.0 + ms)).unwrap();
        self.engine.decide(&request).is_allow()
    }

    /// Facts of `NOW` age until a policy denies.
    fn ages(&self) {
        assert!(self.allows(MINUTE) && self.allows(5 * MINUTE) && !self.allows(5 * MINUTE + 1));
    }
}

#[test]
fn decisions_go_on_while_a_provider_loops_forever() {
    // Nobody but the test ticks, and there is fuel for years.
    let options = HostOptions { is_ticking: false, ..HostOptions::default() };
    let host = Host::new(&options).unwrap();
    let body = format!(
        "(if (i64.ne (local.get $now) (i64.const {}))
          (then (call $log (i32.const 0) (i32.const 0) (i32.const 0)) (loop $l (br $l))))",
        NOW.0
    );
    let mut guest = provider(&Told::default(), &body);
    guest.imports = LOG.to_owned();
    let rest = format!("imports = [\"logging\"]\n{PROVIDES}");
    let published = Published::new("context-provider", guest.component(), &rest);
    let (enter, entered) = mpsc::channel();
    let enter = Mutex::new(enter);
    let grants = Grants::none().logging(move |_, _| enter.lock().unwrap().send(()).unwrap());
    let limits = Limits { fuel: u64::MAX, ..Limits::default() };
    let provider = host.load_provider(published.package(), grants.take_all(), limits).unwrap();
    let stage = Stage::new(provider);
    stage.told.recv().unwrap().unwrap();
    stage.go_to(MINUTE);
    entered.recv().unwrap();
    stage.ages();
    assert!(stage.told.try_recv().is_err());
    for _ in 0..=200 {
        host.tick();
    }
    let ended = stage.told.recv().unwrap().unwrap_err();
    assert!(matches!(ended, RefreshError::Call(CallError::Deadline { ms: 2000 })), "{ended}");
    stage.ages();
    assert!(stage.refresher.stop());
}

#[test]
fn decisions_go_on_while_a_document_blocks() {
    let (stage, entered, unblock) = blocked();
    let before = rows(&stage.engine);
    stage.ages();
    assert_eq!(rows(&stage.engine), before);
    drop(unblock);
    let refreshed = stage.told.recv().unwrap().unwrap();
    assert_eq!(refreshed.as_of, Datetime(NOW.0 + MINUTE));
    assert!(stage.allows(6 * MINUTE));
    assert!(entered.try_recv().is_err());
    assert!(stage.refresher.stop());
}

#[test]
fn refresher_that_is_dropped_applies_nothing_any_more() {
    let (stage, _entered, unblock) = blocked();
    let before = rows(&stage.engine);
    drop(stage.refresher);
    drop(unblock);
    // Its thread lets go of what it tells by when it ends.
    assert!(stage.told.recv().is_err());
    assert_eq!(rows(&stage.engine), before);
    assert_eq!(stage.provider.as_of(), Some(NOW));
    let health = stage.provider.health();
    assert_eq!((health.failed, health.misbehaved), (1, 0));
    assert_eq!(health.last_error, Some(RefreshError::Over.to_string()));
}

/// A provider that has refreshed once, and now waits for a document until the sender is dropped.
fn blocked() -> (Stage, Receiver<()>, mpsc::Sender<()>) {
    let host = Host::new(&HostOptions::default()).unwrap();
    let rest = format!("imports = [\"documents\"]\ndocuments = [\"inventory.json\"]\n{PROVIDES}");
    let published = Published::new("context-provider", reading_provider().component(), &rest);
    let (enter, entered) = mpsc::channel();
    let (unblock, blocks) = mpsc::channel::<()>();
    let (is_first, ends) = (AtomicBool::new(true), Mutex::new((enter, blocks)));
    let document = move || {
        if !is_first.swap(false, Ordering::SeqCst) {
            let (enter, blocks) = &*ends.lock().unwrap();
            enter.send(()).unwrap();
            assert!(blocks.recv().is_err());
        }
        Ok(br#"{"posture":"good"}"#.to_vec())
    };
    let grants = Grants::none().document("inventory.json", Arc::new(document)).take_all();
    // However long the document takes: the ticks of the host are not what is tested here.
    let limits = Limits { deadline: std::time::Duration::from_hours(24), ..Limits::default() };
    let provider = host.load_provider(published.package(), grants, limits).unwrap();
    let stage = Stage::new(provider);
    stage.told.recv().unwrap().unwrap();
    stage.go_to(MINUTE);
    entered.recv().unwrap();
    (stage, entered, unblock)
}

#[test]
fn ticking_host_ends_what_goes_on_and_its_plugins_outlive_it() {
    let host = Host::new(&HostOptions::default()).unwrap();
    let guest = provider(&Told::default(), "(loop $l (br $l))");
    let published = Published::new("context-provider", guest.component(), PROVIDES);
    let deadline = std::time::Duration::from_millis(30);
    let limits = Limits { fuel: u64::MAX, deadline, ..Limits::default() };
    let grants = Grants::none().take_all();
    let provider = host.load_provider(published.package(), grants, limits).unwrap();
    drop(host);
    let engine = engine();
    let ended = thread::scope(|scope| scope.spawn(|| provider.refresh(&engine, NOW)).join());
    let ended = ended.unwrap().unwrap_err();
    assert!(matches!(ended, RefreshError::Call(CallError::Deadline { ms: 30 })), "{ended}");
    assert!(engine.decide(&open(&engine, "d1")).is_allow());
}
