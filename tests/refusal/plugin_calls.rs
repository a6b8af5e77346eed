//! Calls of plugins that give nothing, and facts that are refused: the exact reason, and the engine decides as before.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use trapkey::{
    AmendError, EntityUid, FactsError, JSON_DEPTH_MAX, Limits as EngineLimits, ReadError,
};
use trapkey_plugin::{
    CallError, Direction, Failure, Grants, Host, HostOptions, Limits, Obliged, Provider,
    RefreshError, TrapKind,
};
use trapkey_tests::guests::{
    Guest, Image, LOG, NOW, PROVIDES, Published, Told, adapter, engine, fulfiller, open, provider,
    raw_provider, rows, sink,
};

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&HostOptions::default()).unwrap());

fn load(guest: &Guest, limits: Limits) -> Provider {
    let published = Published::new("context-provider", guest.component(), PROVIDES);
    HOST.load_provider(published.package(), Grants::none().take_all(), limits).unwrap()
}

/// Why a refresh is refused; the engine decides at once as before, and another plugin gives its facts.
#[track_caller]
fn refused(guest: &Guest, limits: Limits) -> RefreshError {
    let (engine, provider) = (engine(), load(guest, limits));
    let before = rows(&engine);
    let error = provider.refresh(&engine, NOW).unwrap_err();
    assert_eq!(rows(&engine), before);
    assert!(engine.decide(&open(&engine, "d1")).is_allow());
    assert!(!engine.decide(&open(&engine, "d2")).is_allow());
    assert_eq!((provider.health().misbehaved, provider.health().good), (1, 0));
    let entities = vec![["Device", "d2", r#"{"posture":"good"}"#]];
    let good = load(&self::provider(&Told { entities, ..Told::default() }, ""), Limits::default());
    good.refresh(&engine, NOW).unwrap();
    assert!(engine.decide(&open(&engine, "d2")).is_allow());
    error
}

#[track_caller]
fn call(guest: &Guest, limits: Limits) -> CallError {
    match refused(guest, limits) {
        RefreshError::Call(error) => error,
        error => panic!("{error}"),
    }
}

/// A provider that does this before it tells anything.
fn doing(body: &str, items: &str) -> Guest {
    Guest { items: items.to_owned(), ..provider(&Told::default(), body) }
}

const FOREVER: &str = "(loop $l (br $l))";

#[test]
fn traps_are_told_apart() {
    let cases = [
        ("unreachable", "", TrapKind::Unreachable),
        ("(drop (i32.load (i32.const -4)))", "", TrapKind::Memory),
        (
            "(call_indirect (type $t) (i32.const 0))",
            "(type $t (func)) (table 1 funcref)",
            TrapKind::Indirect,
        ),
        (
            "(call_indirect (type $t) (i32.const 9))",
            "(type $t (func)) (table 1 funcref)",
            TrapKind::Indirect,
        ),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "", TrapKind::Arithmetic),
    ];
    for (body, items, want) in cases {
        let error = call(&doing(body, items), Limits::default());
        assert!(matches!(error, CallError::Trapped(kind) if kind == want), "{body}: {error}");
    }
    // While it begins, too.
    let start = doing("", "(func $s unreachable) (start $s)");
    let error = call(&start, Limits::default());
    assert!(matches!(error, CallError::Trapped(TrapKind::Unreachable)));
}

#[test]
fn what_goes_on_without_end_is_stopped() {
    // So that fuel ends it on any machine.
    let patient = std::time::Duration::from_hours(1);
    let error = call(&doing(FOREVER, ""), Limits { deadline: patient, ..Limits::default() });
    assert!(matches!(error, CallError::OutOfFuel { max: 1_000_000_000 }), "{error}");
    let limits = Limits { fuel: 10_000, ..Limits::default() };
    let error = call(&doing("", &format!("(func $s {FOREVER}) (start $s)")), limits);
    assert!(matches!(error, CallError::OutOfFuel { max: 10_000 }), "{error}");
    let deadline = std::time::Duration::from_millis(20);
    let limits = Limits { fuel: u64::MAX, deadline, ..Limits::default() };
    let published = Published::new("context-provider", doing(FOREVER, "").component(), PROVIDES);
    let provider = HOST.load_provider(published.package(), Grants::none(), limits).unwrap();
    let error = provider.refresh(&engine(), NOW).unwrap_err();
    assert!(matches!(error, RefreshError::Call(CallError::Deadline { ms: 20 })), "{error}");
    let lines = "(loop $l (call $log (i32.const 0) (i32.const 0) (i32.const 0)) (br $l))";
    let guest = Guest { imports: LOG.to_owned(), ..doing(lines, "") };
    let rest = format!("imports = ['logging']\n{PROVIDES}");
    let published = Published::new("context-provider", guest.component(), &rest);
    let grants = Grants::none().logging(|_, _| {}).take_all();
    let limits = Limits { lines_max: 3, ..Limits::default() };
    let provider = HOST.load_provider(published.package(), grants, limits).unwrap();
    let error = provider.refresh(&engine(), NOW).unwrap_err();
    assert!(matches!(error, RefreshError::Call(CallError::Flooded { max: 3 })), "{error}");
    let deep = "(func $r (param i32) (result i32)
        (i32.add (call $r (i32.add (local.get 0) (i32.const 1))) (local.get 0)))";
    let error = call(&doing("(drop (call $r (i32.const 0)))", deep), Limits::default());
    assert!(matches!(error, CallError::StackOverflow), "{error}");
}

#[test]
fn memory_tables_and_instances_are_counted_together() {
    let grow = "(loop $l (drop (memory.grow (i32.const 1))) (br $l))";
    let mut cases = vec![doing(grow, ""), doing("(drop (memory.grow (i32.const 511)))", "")];
    // Neither is too large, both are.
    cases.push(doing("", "(memory 511)"));
    cases.push(doing("", &"(memory 200)".repeat(3)));
    for guest in cases {
        let error = call(&guest, Limits::default());
        assert!(matches!(error, CallError::OutOfMemory { max: 33_554_432 }), "{error}");
    }
    let table = "(table $t 1 funcref)";
    let grow = "(loop $l (drop (table.grow $t (ref.null func) (i32.const 100))) (br $l))";
    for guest in [doing(grow, table), doing("", "(table 40000 funcref) (table 40000 funcref)")] {
        let error = call(&guest, Limits::default());
        assert!(matches!(error, CallError::OutOfTable { max: 65_536 }), "{error}");
    }
    let limits = Limits { instances_max: 0, ..Limits::default() };
    assert!(matches!(call(&doing("", ""), limits), CallError::TooManyParts(_)));
    // All that may be is enough.
    load(&doing("(drop (memory.grow (i32.const 510)))", ""), Limits::default())
        .refresh(&engine(), NOW)
        .unwrap();
}

/// A provider whose result is this image at this address, in a memory of so many pages.
fn telling(pages: u32, put: impl FnOnce(&mut Image) -> u32) -> Guest {
    let mut guest = Guest { pages, ..Guest::new("context-provider") };
    let at = put(&mut guest.image);
    raw_provider(guest, &format!("(i32.const {at})"))
}

#[test]
fn what_comes_back_is_bounded_and_of_its_type() {
    // A hundred thousand entities, each of which the host would hold in 72 bytes.
    let many = telling(40, |image| image.words(&[0, 0, 65_536, 100_000, 0, 0, 0, 0]));
    let error = call(&many, Limits::default());
    assert!(matches!(error, CallError::TooLarge { max: 4_194_304 }), "{error}");
    let long = telling(100, |image| {
        let [name, len] = image.text("score");
        let [list, count] = image.list(&[vec![name, len, 65_536, 5 << 20]]);
        image.words(&[0, 0, 0, 0, list, count, 0, 0])
    });
    let error = call(&long, Limits::default());
    assert!(matches!(error, CallError::TooLarge { .. }), "{error}");
    let limits = Limits { items_max: 1, ..Limits::default() };
    let two = vec![["Device", "d1", "{}"], ["Device", "d2", "{}"]];
    let told = Told { entities: two, ..Told::default() };
    let error = call(&provider(&told, ""), limits.clone());
    assert!(matches!(error, CallError::OutOfRange { found: 2, min: 0, max: 1, .. }), "{error}");
    let told = Told { context: vec![["score", "1"], ["score", "1"]], ..Told::default() };
    assert!(matches!(call(&provider(&told, ""), limits), CallError::OutOfRange { .. }));

    for at in [0x7fff_fff0_u32, 131_064, 0xffff_fff8] {
        let outside = raw_provider(Guest::new("context-provider"), &format!("(i32.const {at})"));
        let error = call(&outside, Limits::default());
        assert!(matches!(error, CallError::Malformed(_)), "{at}: {error}");
    }
    for words in [
        [7, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 9, 0, 0, 0, 0, 0],
        [0, 0, 65_536, 2731, 0, 0, 0, 0],
        [0, 0, 65_536, u32::MAX, 0, 0, 0, 0],
        [0, 0, 4097, 1, 0, 0, 0, 0],
    ] {
        let error = call(&telling(2, |image| image.words(&words)), Limits::default());
        assert!(matches!(error, CallError::Malformed(_)), "{words:?}: {error}");
    }
    for bytes in [&b"\xff\xfe"[..], b"\xc0\x80", b"\xed\xa0\x80", b"score\xe2\x82"] {
        let garbled = telling(2, |image| {
            let [name, len] = image.text(bytes);
            let [list, count] = image.list(&[vec![name, len, name, 0]]);
            image.words(&[0, 0, 0, 0, list, count, 0, 0])
        });
        let error = call(&garbled, Limits::default());
        assert!(matches!(error, CallError::NotText(_)), "{bytes:?}: {error}");
    }
}

#[test]
fn arguments_are_only_written_into_the_memory_of_the_plugin() {
    // Its allocator lies about where there is room.
    let mut lying = sink(1);
    lying.items = "(global $far i32 (i32.const -16))".to_owned();
    let text = lying.wat().replace("(local.get $at))", "(global.get $far))");
    assert!(text.contains("(global.get $far))"));
    let component = lying.component_of(&text);
    let published = Published::new("audit-sink", component, "");
    let sink = HOST.load_sink(published.package(), Grants::none(), Limits::default()).unwrap();
    let error = sink.format(&["{}".to_owned()], NOW).unwrap_err();
    assert!(matches!(error, CallError::Malformed(_)), "{error}");
    assert_eq!(sink.health().misbehaved, 1);
}

#[test]
fn what_a_plugin_may_not_tell_is_refused() {
    fn context(name: &str) -> Told<'_> {
        Told { context: vec![[name, "1"]], ..Told::default() }
    }
    let error = call(&provider(&context("other"), ""), Limits::default());
    assert!(matches!(error, CallError::OutOfScope { name } if name == "other"));
    // A name that an operator reads is a short line.
    let long = format!("x\n{}", "y".repeat(100_000));
    let mut told = provider(&context(&long), "");
    told.pages = 4;
    let error = call(&told, Limits::default());
    let CallError::OutOfScope { name } = error else { panic!("{error}") };
    assert!(name.starts_with("x\u{FFFD}y") && name.len() == 1024);
    let twice = Told { context: vec![["score", "1"], ["score", "1"]], ..Told::default() };
    let error = call(&provider(&twice, ""), Limits::default());
    assert!(matches!(error, CallError::Twice { name } if name == "score"));
    let question = [["Action", "open"], ["Device", "d1"]];
    let rest = "provides = { asks = { actions = 'Action', resources = ['Device'] } }";
    let published = Published::new("protocol-adapter", adapter(question, "1").component(), rest);
    let grants = Grants::none().take_all();
    let adapter = HOST.load_adapter(published.package(), grants, Limits::default()).unwrap();
    let error = adapter.read(Direction::FromController, &[1], NOW).unwrap_err();
    assert!(matches!(error, CallError::NotAnObject { .. }), "{error}");
}

#[test]
fn calls_that_are_not_made_blame_nobody() {
    let limits = Limits { input_bytes_max: 10, ..Limits::default() };
    let published = Published::new("audit-sink", sink(9).component(), "");
    let sink = HOST.load_sink(published.package(), Grants::none(), limits.clone()).unwrap();
    let error = sink.format(&["x".repeat(6), "x".repeat(5)], NOW).unwrap_err();
    assert!(matches!(error, CallError::InputTooLarge { len: 11, max: 10 }), "{error}");
    let rest = "provides = { obligations = ['mail'] }";
    let published = Published::new("obligation-handler", fulfiller().component(), rest);
    let load = |grants| HOST.load_fulfiller(published.package(), grants, limits.clone()).unwrap();
    let uid = EntityUid::new("User", "ann");
    let obliged = Obliged {
        name: "mail",
        argument: None,
        policy: "p",
        is_allow: false,
        principal: &uid,
        action: &uid,
        resource: &uid,
    };
    let error = load(Grants::none()).fulfil(&obliged, NOW).unwrap_err();
    assert!(matches!(error, CallError::NotGranted { name } if name == "mail"));
    let all = load(Grants::none().take_all());
    let error = all.fulfil(&obliged, NOW).unwrap_err();
    assert!(matches!(error, CallError::InputTooLarge { len: 26, max: 10 }), "{error}");
    assert_eq!((all.health().misbehaved, sink.health().refused), (0, 1));
    // The plugin's own failure, and a quarantine after its first strike.
    let failing = telling(2, |image| {
        let [text, len] = image.text("x\n".repeat(1000));
        image.words(&[1, 0, 2, text, len])
    });
    let error = load_and_refresh(&failing, Limits::default());
    let RefreshError::Call(CallError::Failed(Failure::Other(text))) = error else {
        panic!("{error}");
    };
    assert!(text.starts_with("x\u{FFFD}x") && text.len() == 1024);
    let limits = Limits { strikes_max: NonZeroU32::MIN, ..Limits::default() };
    let (engine, provider) = (engine(), self::load(&doing("unreachable", ""), limits));
    provider.refresh(&engine, NOW).unwrap_err();
    let error = provider.refresh(&engine, NOW).unwrap_err();
    assert!(matches!(error, RefreshError::Call(CallError::Quarantined { .. })), "{error}");
    let busy = CallError::Busy { max: 1 };
    assert_eq!(busy.to_string(), "1 calls go on already");
}

fn load_and_refresh(guest: &Guest, limits: Limits) -> RefreshError {
    load(guest, limits).refresh(&engine(), NOW).unwrap_err()
}

#[test]
fn facts_that_do_not_fit_are_refused() {
    let value = |value| Told { context: vec![["score", value]], ..Told::default() };
    let error = refused(&provider(&value("true"), ""), Limits::default());
    assert!(
        matches!(error, RefreshError::Value { of, source: ReadError::Value(_) } if of == "score")
    );
    let entities = vec![["Device", "d1", r#"{"level":-1}"#]];
    let error = refused(&provider(&Told { entities, ..Told::default() }, ""), Limits::default());
    assert!(matches!(error, RefreshError::Amend(AmendError::Facts(FactsError::Entities(_)))));
    let empty = trapkey::Engine::new(EngineLimits::default()).unwrap();
    let provider = load(&doing("", ""), Limits::default());
    let error = provider.refresh(&empty, NOW).unwrap_err();
    assert!(matches!(error, RefreshError::NothingPublished));
    let engine = engine();
    provider.refresh(&engine, NOW).unwrap();
    let before = trapkey::Datetime(NOW.0 - 1);
    let error = provider.refresh(&engine, before).unwrap_err();
    assert!(
        matches!(error, RefreshError::ClockWentBack { now, last } if (now, last) == (before, NOW))
    );
    let falling = doing("(local.set $now (i64.sub (i64.const 0) (local.get $now)))", "");
    let provider = load(&falling, Limits::default());
    provider.refresh(&engine, NOW).unwrap();
    let error = provider.refresh(&engine, trapkey::Datetime(NOW.0 + 1)).unwrap_err();
    assert!(matches!(error, RefreshError::OutOfOrder { .. }), "{error}");
    // What `tests/plugin/refresher.rs` sees of a refresher that is dropped.
    assert_eq!(RefreshError::Over.to_string(), "the refresher was stopped");
}

#[test]
fn texts_that_are_no_facts_are_refused() {
    let model = engine().model().unwrap();
    let attributes = |name: &str, text: &str| model.read_attributes(name, text).unwrap_err();
    let large = " ".repeat((1 << 20) + 1);
    assert!(matches!(attributes("Device", &large), ReadError::TooLarge { len: 1_048_577 }));
    assert!(
        matches!(attributes("Robot", "{}"), ReadError::UnknownType { name } if name == "Robot")
    );
    assert!(matches!(attributes("Action", "{}"), ReadError::UnknownType { .. }));
    let depth = usize::try_from(JSON_DEPTH_MAX).unwrap() + 1;
    let deep = "[".repeat(depth) + &"]".repeat(depth);
    for text in ["", "{", "{},", &deep] {
        assert!(matches!(attributes("Device", text), ReadError::Json(_)), "{text}");
    }
    for text in ["[]", "1", r#"{"posture":1}"#, r#"{"owner":"x"}"#] {
        assert!(matches!(attributes("Device", text), ReadError::Value(_)), "{text}");
    }
    let context = |path: &str, text: &str| model.read_context(path, text).unwrap_err();
    for path in ["speed", "score.x", ""] {
        let error = context(path, "1");
        assert!(matches!(&error, ReadError::UnknownAttribute { path: found } if found == path));
    }
    assert!(matches!(context("score", "{"), ReadError::Json(_)));
    assert!(matches!(context("score", "{}"), ReadError::Value(_)));
    assert!(matches!(context("score", "101"), ReadError::Row(_)));
    assert_eq!(model.read_context("score", "100").unwrap(), trapkey::Value::Long(100));
}
