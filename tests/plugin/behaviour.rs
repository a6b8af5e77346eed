//! How plugins are held: what they log and read, that they do not call themselves, and when they are quarantined.

use std::sync::{Arc, LazyLock, Mutex, OnceLock, Weak};
use std::thread;

use trapkey::{Datetime, Engine, EntityUid};
use trapkey_plugin::{
    CallError, Document, DocumentError, Failure, FileDocument, Grants, Host, HostOptions, Level,
    Limits, Provider, RefreshError, Standing, TrapKind,
};
use trapkey_tests::guests::{
    Guest, LOG, NOW, PROVIDES, Published, Told, engine, open, provider, reading_provider, rows,
};

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&HostOptions::default()).unwrap());

const MINUTE: i64 = 60_000;

fn load(guest: &Guest, rest: &str, grants: Grants, limits: Limits) -> Provider {
    let rest = format!("{rest}\n{PROVIDES}");
    let published = Published::new("context-provider", guest.component(), &rest);
    HOST.load_provider(published.package(), grants.take_all(), limits).unwrap()
}

const READS: &str = "imports = [\"documents\"]\ndocuments = [\"inventory.json\", \"other.json\"]";

fn reading(name: &str, document: impl Document + 'static, limits: Limits) -> Provider {
    let grants = Grants::none().document(name, Arc::new(document));
    load(&reading_provider(), READS, grants, limits)
}

fn failure(provider: &Provider, engine: &Engine) -> Failure {
    match provider.refresh(engine, NOW) {
        Err(RefreshError::Call(CallError::Failed(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_are_cut_counted_and_stay_lines() {
    let lines: Arc<Mutex<Vec<(Level, String)>>> = Arc::default();
    let mut guest = provider(&Told::default(), "");
    let long = format!("forged\n{}", "x".repeat(5000));
    let [at, len] = guest.image.text(&long);
    let body = format!(
        "(local $count i32)
        (loop $again
          (call $log (i32.rem_u (local.get $count) (i32.const 6)) (i32.const {at}) (i32.const {len}))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $count) (i32.const 1000))))
        "
    );
    // The same facts, behind the lines.
    guest.functions = guest.functions.replace("(result i32)", &format!("(result i32) {body}"));
    guest.imports = LOG.to_owned();
    let sink = Arc::clone(&lines);
    let grants = Grants::none()
        .logging(move |level, line| sink.lock().unwrap().push((level, line.to_owned())));
    let engine = engine();
    let provider = load(&guest, "imports = [\"logging\"]", grants, Limits::default());
    provider.refresh(&engine, NOW).unwrap();
    let logged = lines.lock().unwrap().clone();
    assert_eq!(logged.len(), 64);
    assert_eq!(provider.health().lines_dropped, 936);
    let levels =
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Critical];
    for ((level, line), want) in logged.iter().zip(levels.iter().cycle()) {
        assert_eq!(level, want);
        assert!(line.starts_with("forged\u{FFFD}xx") && line.len() == 1024, "{}", line.len());
    }
    // Counted for each call anew.
    provider.refresh(&engine, NOW).unwrap();
    assert_eq!(lines.lock().unwrap().len(), 128);
    // Without end they are stopped like anything else.
    guest.functions = guest.functions.replace("(i32.const 1000)", "(i32.const -1)");
    let grants = Grants::none().logging(|_, _| {});
    let flooding = load(&guest, "imports = [\"logging\"]", grants, Limits::default());
    let stopped = flooding.refresh(&engine, NOW).unwrap_err();
    assert!(matches!(stopped, RefreshError::Call(CallError::Flooded { max: 64 })), "{stopped}");
    assert_eq!((flooding.health().lines_dropped, flooding.health().misbehaved), (961, 1));
    assert!(engine.decide(&open(&engine, "d1")).is_allow());
}

#[test]
fn documents_are_read_as_they_are_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.json");
    let engine = engine();
    let document = FileDocument { path: path.clone(), bytes_max: 100 };
    let provider = reading("inventory.json", document, Limits::default());
    assert!(matches!(failure(&provider, &engine), Failure::Unavailable(_)));
    for posture in ["bad", "good"] {
        std::fs::write(&path, format!("{{\"posture\":\"{posture}\"}}")).unwrap();
        provider.refresh(&engine, NOW).unwrap();
        assert_eq!(engine.decide(&open(&engine, "d1")).is_allow(), posture == "good");
    }
    std::fs::write(&path, "x".repeat(101)).unwrap();
    assert_eq!(
        failure(&provider, &engine),
        Failure::Unavailable("the document has more than 100 bytes".to_owned())
    );
    assert_eq!((provider.health().failed, provider.health().misbehaved), (2, 0));
}

#[test]
fn documents_that_are_not_granted_or_too_large_are_unavailable() {
    let engine = engine();
    let other = reading("other.json", || Ok(Vec::new()), Limits::default());
    let refused = Failure::Unavailable("the document is not granted".to_owned());
    assert_eq!(failure(&other, &engine), refused);
    let limits = Limits { document_bytes_max: 10, ..Limits::default() };
    let large = reading("inventory.json", || Ok(vec![b' '; 11]), limits);
    let refused = Failure::Unavailable("the document has more than 10 bytes".to_owned());
    assert_eq!(failure(&large, &engine), refused);
    let text = "x\n".repeat(2000);
    let failing = reading(
        "inventory.json",
        move || Err(DocumentError::Io(std::io::Error::other(text.clone()))),
        Limits::default(),
    );
    let Failure::Unavailable(text) = failure(&failing, &engine) else { panic!("it is") };
    assert_eq!(text, "the document cannot be read");
}

#[test]
fn provider_that_is_called_by_its_own_document_is_busy() {
    let engine = engine();
    let itself: Arc<OnceLock<Weak<Provider>>> = Arc::default();
    let (inner, used) = (Arc::clone(&itself), engine.clone());
    let busy: Arc<Mutex<Vec<RefreshError>>> = Arc::default();
    let told = Arc::clone(&busy);
    let limits = Limits { calls_max: std::num::NonZeroU32::MAX, ..Limits::default() };
    let document = move || {
        let provider = inner.get().and_then(Weak::upgrade).unwrap();
        let refreshed = provider.refresh(&used, NOW);
        told.lock().unwrap().extend(refreshed.err());
        Ok(br#"{"posture":"fine"}"#.to_vec())
    };
    let provider = Arc::new(reading("inventory.json", document, limits));
    itself.set(Arc::downgrade(&provider)).unwrap();
    provider.refresh(&engine, NOW).unwrap();
    let busy = busy.lock().unwrap();
    assert!(matches!(busy.as_slice(), [RefreshError::Call(CallError::Busy { max: 1 })]));
    assert_eq!((provider.health().good, provider.health().refused), (1, 1));
    // A document that panics ends the call, and the next one is not busy.
    let panicking = reading("inventory.json", || panic!("on purpose"), Limits::default());
    let panicking = Arc::new(panicking);
    for _ in 0..2 {
        let (provider, engine) = (Arc::clone(&panicking), engine.clone());
        let ended = thread::spawn(move || provider.refresh(&engine, NOW).is_ok()).join();
        assert!(ended.is_err());
    }
}

/// A provider that traps at even instants, and else tells nothing.
fn fickle(limits: Limits) -> Provider {
    let body = "(if (i64.eqz (i64.and (local.get $now) (i64.const 1))) (then unreachable))";
    load(&provider(&Told::default(), body), "", Grants::none(), limits)
}

#[test]
fn misbehaviour_in_a_row_is_quarantined_and_decisions_go_on() {
    let engine = engine();
    let provider = fickle(Limits::default());
    let at = |ms: i64| Datetime(NOW.0 + ms);
    let filler = provider.filler(&engine.model().unwrap(), &EntityUid::new("Action", "open"));
    let filler = filler.unwrap();
    let allows = |now: Datetime| {
        let mut request = open(&engine, "d1");
        filler.fill(&mut request, now).unwrap();
        engine.decide(&request).is_allow()
    };
    provider.refresh(&engine, at(1)).unwrap();
    let before = rows(&engine);
    for strikes in 1..=3 {
        let trapped = provider.refresh(&engine, at(2)).unwrap_err();
        let is_trap =
            matches!(trapped, RefreshError::Call(CallError::Trapped(TrapKind::Unreachable)));
        assert!(is_trap && allows(at(2)), "{trapped}");
        let standing = provider.health().standing;
        let until = at(2 + MINUTE);
        let want = if strikes < 3 {
            Standing::Suspect { strikes }
        } else {
            Standing::Quarantined { until }
        };
        assert_eq!(standing, want);
    }
    // It is not called, although it would be good now; the facts age until a policy denies.
    let quarantined = provider.refresh(&engine, at(3)).unwrap_err();
    let RefreshError::Call(CallError::Quarantined { until }) = quarantined else {
        panic!("{quarantined}");
    };
    assert_eq!(until, at(2 + MINUTE));
    assert!(allows(at(1 + 5 * MINUTE)) && !allows(at(2 + 5 * MINUTE)));
    assert_eq!(rows(&engine), before);
    let health = provider.health();
    assert_eq!((health.good, health.misbehaved, health.refused), (1, 3, 1));
    assert_eq!(health.last_error.as_deref(), Some("the plugin trapped: unreachable"));
    // The first call after it decides: bad, and it lasts twice as long.
    provider.refresh(&engine, until).unwrap_err();
    let standing = Standing::Quarantined { until: at(2 + 3 * MINUTE) };
    assert_eq!(provider.health().standing, standing);
    provider.refresh(&engine, at(3 + 3 * MINUTE)).unwrap();
    assert_eq!(provider.health().standing, Standing::Good);
    // By hand.
    for _ in 0..3 {
        provider.refresh(&engine, at(4 + 3 * MINUTE)).unwrap_err();
    }
    provider.refresh(&engine, at(5 + 3 * MINUTE)).unwrap_err();
    provider.release();
    provider.refresh(&engine, at(5 + 3 * MINUTE)).unwrap();
}

#[test]
fn failure_speaks_neither_for_nor_against_a_plugin() {
    let engine = engine();
    let provider = reading("other.json", || Ok(Vec::new()), Limits::default());
    for _ in 0..10 {
        failure(&provider, &engine);
    }
    let health = provider.health();
    assert_eq!((health.standing, health.failed), (Standing::Good, 10));
    let last = "the plugin failed: unavailable: the document is not granted";
    assert_eq!(health.last_error.as_deref(), Some(last));
}
