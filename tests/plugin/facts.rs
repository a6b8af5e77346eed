//! Facts of providers: applied as a whole, in order, and as old as they are.

use std::sync::LazyLock;

use trapkey::{
    Datetime, Duration, Engine, EntityUid, ReadError, SessionKeys, SessionLimits, SessionTerms,
    SubjectKey, Value, Verdict,
};
use trapkey_plugin::{
    AGE_UNKNOWN, CallError, Filler, Grants, Host, HostOptions, Limits, Provider, Provides,
    RefreshError,
};
use trapkey_tests::guests::{NOW, PROVIDES, Published, Told, bundle, engine, open, provider, rows};

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&HostOptions::default()).unwrap());

const MINUTE: i64 = 60_000;

fn after(minutes: i64) -> Datetime {
    Datetime(NOW.0 + minutes * MINUTE)
}

fn load(told: &Told<'_>, body: &str, grants: Grants) -> Provider {
    let component = provider(told, body).component();
    let published = Published::new("context-provider", component, PROVIDES);
    HOST.load_provider(published.package(), grants, Limits::default()).unwrap()
}

fn good(told: &Told<'_>) -> Provider {
    load(told, "", Grants::none().take_all())
}

fn filler(provider: &Provider, engine: &Engine) -> Filler {
    let action = EntityUid::new("Action", "open");
    provider.filler(&engine.model().unwrap(), &action).unwrap()
}

/// What a PEP with the provider's facts decides.
fn decide(engine: &Engine, filler: &Filler, device: &str, now: Datetime) -> Verdict {
    let mut request = open(engine, device);
    filler.fill(&mut request, now).unwrap();
    engine.decide(&request).verdict()
}

#[test]
fn provider_gives_facts_that_policies_read() {
    let engine = engine();
    let told = Told {
        entities: vec![
            ["Device", "d1", r#"{"posture":"bad"}"#],
            ["Device", "d2", r#"{"posture":"good","level":3}"#],
            ["Device", "gone", r#"{"posture":"good"}"#],
        ],
        context: vec![["score", "7"]],
    };
    let provider = good(&told);
    let filler = filler(&provider, &engine);
    // Before the first refresh nothing is known, and the largest age is.
    assert_eq!(provider.age(NOW), AGE_UNKNOWN);
    assert_eq!(decide(&engine, &filler, "d1", NOW), Verdict::Deny);
    assert!(engine.decide(&open(&engine, "d1")).is_allow());

    let refreshed = provider.refresh(&engine, NOW).unwrap();
    assert_eq!(refreshed.as_of, NOW);
    assert_eq!((refreshed.entities, refreshed.context), (2, 1));
    assert_eq!(refreshed.unknown, [EntityUid::new("Device", "gone")]);
    assert_eq!(decide(&engine, &filler, "d1", NOW), Verdict::Deny);
    assert_eq!(decide(&engine, &filler, "d2", NOW), Verdict::Allow);
    let entities = engine.entities().unwrap();
    let device = entities.get(&EntityUid::new("Device", "d2")).unwrap();
    assert_eq!(device.attribute("level"), Some(&Value::Long(3)));
    assert_eq!(device.attribute("seenAt"), Some(&Value::Datetime(NOW.0)));
    assert_eq!(provider.context(after(2))["score"], Value::Long(7));
    assert_eq!(provider.context(after(2))["dataAge"], Value::Duration(2 * MINUTE));

    // Old facts are no reason any more.
    assert_eq!(decide(&engine, &filler, "d2", after(5)), Verdict::Allow);
    assert_eq!(decide(&engine, &filler, "d2", Datetime(after(5).0 + 1)), Verdict::Deny);
    assert_eq!(decide(&engine, &filler, "d2", Datetime(i64::MAX)), Verdict::Deny);
    provider.refresh(&engine, after(5)).unwrap();
    assert_eq!(decide(&engine, &filler, "d2", after(10)), Verdict::Allow);
    assert_eq!(provider.health().good, 2);
}

#[test]
fn values_for_contexts_reach_policies_and_are_forgotten_with_the_next_facts() {
    let engine = engine();
    // The score is told in the first minute alone: later the list of values is empty.
    let told = Told { context: vec![["score", "51"]], ..Told::default() };
    let guest = {
        let mut guest = trapkey_tests::guests::Guest::new("context-provider");
        let at = told.put(&mut guest.image);
        let body = format!(
            "(i64.store (i32.const {}) (local.get $now)) \
             (if (i64.gt_s (local.get $now) (i64.const {})) \
               (then (i32.store (i32.const {}) (i32.const 0)))) (i32.const {at})",
            at + 24,
            NOW.0,
            at + 20,
        );
        trapkey_tests::guests::raw_provider(guest, &body)
    };
    let published = Published::new("context-provider", guest.component(), PROVIDES);
    let grants = Grants::none().take_all();
    let provider = HOST.load_provider(published.package(), grants, Limits::default()).unwrap();
    let filler = filler(&provider, &engine);
    provider.refresh(&engine, NOW).unwrap();
    assert_eq!(decide(&engine, &filler, "d1", NOW), Verdict::Deny);
    provider.refresh(&engine, after(1)).unwrap();
    assert_eq!(provider.context(after(1)).len(), 1);
    assert_eq!(decide(&engine, &filler, "d1", after(1)), Verdict::Allow);
}

#[test]
fn part_of_what_a_manifest_declares_is_taken() {
    let engine = engine();
    let told =
        Told { entities: vec![["Device", "d2", r#"{"posture":"good"}"#]], ..Told::default() };
    let only = |attribute: &str| Provides {
        entities: [("Device".to_owned(), [attribute.to_owned()].into())].into(),
        ..Provides::default()
    };
    let posture = load(&told, "", Grants::none().take(only("posture")));
    posture.refresh(&engine, NOW).unwrap();
    assert!(engine.decide(&open(&engine, "d2")).is_allow());
    let entities = engine.entities().unwrap();
    let device = entities.get(&EntityUid::new("Device", "d2")).unwrap();
    assert_eq!(device.attribute("seenAt"), None);
    assert!(posture.context(NOW).is_empty());
    let before = rows(&engine);
    for (grants, name) in
        [(Grants::none().take(only("level")), "Device.posture"), (Grants::none(), "Device")]
    {
        let refused = load(&told, "", grants).refresh(&engine, NOW).unwrap_err();
        let RefreshError::Call(CallError::OutOfScope { name: found }) = refused else {
            panic!("{refused}");
        };
        assert_eq!(found, name);
    }
    assert_eq!(rows(&engine), before);
}

/// Why facts are refused; the engine and what is known are as before.
#[track_caller]
fn refused(told: &Told<'_>) -> RefreshError {
    let engine = engine();
    let before = rows(&engine);
    let provider = good(told);
    let error = provider.refresh(&engine, NOW).unwrap_err();
    assert_eq!(rows(&engine), before);
    assert_eq!(provider.as_of(), None);
    assert_eq!(provider.context(NOW).len(), 1);
    assert!(engine.decide(&open(&engine, "d1")).is_allow());
    assert_eq!(provider.health().misbehaved, 1);
    error
}

#[test]
fn wrong_facts_change_nothing_not_in_part_either() {
    let right = ["Device", "d2", r#"{"posture":"good"}"#];
    let entities = |attributes: &'static str| Told {
        entities: vec![right, ["Device", "d1", attributes]],
        context: vec![["score", "1"]],
    };
    for attributes in
        ["", "{", "[]", "{} {}", r#"{"posture":"a","posture":"b"}"#, r#"{"posture":NaN}"#]
    {
        let error = refused(&entities(attributes));
        let is_json = matches!(
            error,
            RefreshError::Value { source: ReadError::Json(_) | ReadError::Value(_), .. }
        );
        assert!(is_json, "{attributes}: {error}");
    }
    for attributes in [r#"{"posture":1}"#, r#"{"unheard":1}"#, r#"{"level":1.5}"#] {
        let error = refused(&entities(attributes));
        let is_value = matches!(error, RefreshError::Value { source: ReadError::Value(_), .. });
        assert!(is_value, "{attributes}: {error}");
    }
    let long = format!(r#"{{"posture":"{}"}}"#, "x".repeat(257));
    for attributes in [r#"{"level":10}"#, long.as_str()] {
        let told = Told { entities: vec![right, ["Device", "d1", attributes]], ..Told::default() };
        let error = refused(&told);
        assert!(matches!(error, RefreshError::Amend(_)), "{attributes}: {error}");
    }
    let context =
        |value: &'static str| Told { entities: vec![right], context: vec![["score", value]] };
    for value in ["101", "\"1\"", "{}", "1 2", ""] {
        let error = refused(&context(value));
        assert!(matches!(error, RefreshError::Value { .. }), "{value}: {error}");
    }
}

#[test]
fn told_twice_or_out_of_scope_is_refused() {
    let one = ["Device", "d1", "{}"];
    let cases = [
        (Told { entities: vec![one, one], ..Told::default() }, "twice Device::\"d1\""),
        (Told { context: vec![["score", "1"], ["score", "1"]], ..Told::default() }, "twice score"),
        (Told { entities: vec![["User", "ann", "{}"]], ..Told::default() }, "scope User"),
        (Told { entities: vec![["Action", "open", "{}"]], ..Told::default() }, "scope Action"),
        (
            Told {
                entities: vec![[
                    "Device",
                    "d1",
                    r#"{"seenAt":{"__extn":{"fn":"datetime","arg":"2026-01-01"}}}"#,
                ]],
                ..Told::default()
            },
            "scope Device.seenAt",
        ),
        (Told { context: vec![["dataAge", "0"]], ..Told::default() }, "scope dataAge"),
    ];
    for (told, want) in cases {
        let found = match refused(&told) {
            RefreshError::Call(CallError::Twice { name }) => format!("twice {name}"),
            RefreshError::Call(CallError::OutOfScope { name }) => format!("scope {name}"),
            error => error.to_string(),
        };
        assert_eq!(found, want);
    }
}

/// A provider that says its facts are of `as_of`, given as what `$now` becomes.
fn dated(as_of: &str) -> Provider {
    let body = format!("(local.set $now {as_of})");
    load(&Told::default(), &body, Grants::none().take_all())
}

#[test]
fn facts_are_never_of_the_future_and_never_go_back() {
    let engine = engine();
    let future = dated("(i64.const 0x7fffffffffffffff)");
    assert_eq!(future.refresh(&engine, NOW).unwrap().as_of, NOW);
    assert_eq!(future.age(after(3)), Duration(3 * MINUTE));
    // The host's own clock went back: the plugin is not asked, and the facts are as new as can be.
    let back = future.refresh(&engine, after(-1)).unwrap_err();
    assert!(
        matches!(back, RefreshError::ClockWentBack { now, last } if (now, last) == (after(-1), NOW))
    );
    assert_eq!(future.health().misbehaved, 0);
    // Facts of a time that has not come are not new: a clock that was ahead must not make them so.
    assert_eq!(future.age(Datetime(NOW.0 - 10_000)), Duration(0));
    assert_eq!(future.age(Datetime(NOW.0 - 10_001)), AGE_UNKNOWN);
    let action = filler(&future, &engine);
    assert_eq!(decide(&engine, &action, "d1", NOW), Verdict::Allow);
    assert_eq!(decide(&engine, &action, "d1", after(-1)), Verdict::Deny);
    future.forget();
    assert_eq!(future.refresh(&engine, after(-1)).unwrap().as_of, after(-1));
    assert_eq!(decide(&engine, &action, "d1", after(-1)), Verdict::Allow);

    // Ten minutes old at first, and then older: as much older as time goes on.
    let turning =
        dated(&format!("(i64.sub (i64.const {}) (local.get $now))", 2 * NOW.0 - 10 * MINUTE));
    assert_eq!(turning.refresh(&engine, NOW).unwrap().as_of, after(-10));
    let late = turning.refresh(&engine, after(1)).unwrap_err();
    let RefreshError::OutOfOrder { as_of, last } = late else { panic!("{late}") };
    assert_eq!((as_of, last), (after(-11), after(-10)));
    assert_eq!(turning.as_of(), Some(after(-10)));
    assert_eq!(turning.age(after(1)), Duration(11 * MINUTE));
    assert_eq!(turning.health().misbehaved, 1);

    // Old facts that a clock that was ahead was told of are not newer for its going back.
    let lagging = dated(&format!("(i64.const {})", after(-60).0));
    lagging.refresh(&engine, NOW).unwrap();
    assert_eq!(lagging.age(NOW), Duration(60 * MINUTE));
    assert_eq!(lagging.age(after(-59)), AGE_UNKNOWN);

    let ancient = dated("(i64.const 0x8000000000000000)");
    let refreshed = ancient.refresh(&engine, NOW).unwrap();
    assert_eq!(refreshed.as_of, Datetime(NOW.0 - AGE_UNKNOWN.0));
    assert_eq!(ancient.age(NOW), AGE_UNKNOWN);
}

#[test]
fn sessions_see_facts_of_entities_and_contexts() {
    let engine = engine();
    let mut sessions = engine.sessions(SessionLimits::default());
    let provider = good(&Told {
        entities: vec![["Device", "d1", r#"{"posture":"good"}"#]],
        context: vec![["score", "51"]],
    });
    let (keys, session) = (SessionKeys::default(), Some("s1".to_owned()));
    let terms = SessionTerms { stays: true, ..SessionTerms::default() };
    let request = open(&engine, "d1");
    let (id, _) = sessions.open(NOW, request, SessionKeys { session, ..keys }, terms).unwrap();
    provider.refresh(&engine, NOW).unwrap();
    let mut flips = Vec::new();
    sessions.poll(NOW, &mut flips);
    assert!(sessions.decision(id).unwrap().is_allow());
    let key = SubjectKey::Session("s1".to_owned());
    for (path, value) in provider.context(NOW) {
        assert_eq!(sessions.update(NOW, &key, &path, &value).unwrap(), 1);
    }
    sessions.poll(NOW, &mut flips);
    assert!(!sessions.decision(id).unwrap().is_allow());
}

#[test]
fn actions_without_the_attributes_are_filled_with_nothing() {
    let engine = engine();
    let provider = good(&Told { context: vec![["score", "1"]], ..Told::default() });
    provider.refresh(&engine, NOW).unwrap();
    let (model, action) = (engine.model().unwrap(), EntityUid::new("Action", "close"));
    let filler = provider.filler(&model, &action).unwrap();
    let mut request = trapkey::Request::builder(&model)
        .principal(EntityUid::new("User", "ann"))
        .action(action)
        .resource(EntityUid::new("Device", "d1"))
        .build()
        .unwrap();
    let before = request.context().bytes().to_vec();
    filler.fill(&mut request, NOW).unwrap();
    assert_eq!(request.context().bytes(), before);
    // A policy may ask how old the facts of one entity are.
    assert!(!engine.decide(&request).is_allow());
    let told = Told { entities: vec![["Device", "d1", "{}"]], ..Told::default() };
    good(&told).refresh(&engine, NOW).unwrap();
    assert!(engine.decide(&request).is_allow());
}

/// The plant's kind of context: records, and durations that grow and shrink.
const SITE: &str = r#"
entity User;
action open appliesTo { principal: User, resource: User, context: {
    env: { @max("1000d") dataAge: duration, onShift: Bool },
    device?: { @clock("elapsed") attestAge: duration, @clock("remaining") expiresIn: duration },
} };
action close appliesTo { principal: User, resource: User, context: {} };
"#;

const DEVICE: [&str; 2] = [
    "device",
    r#"{"attestAge":{"__extn":{"fn":"duration","arg":"9m"}},"expiresIn":{"__extn":{"fn":"duration","arg":"5m"}}}"#,
];

fn site() -> Engine {
    let engine = Engine::new(trapkey::Limits::default()).unwrap();
    let bundle = bundle(SITE, "permit(principal, action, resource);");
    engine.publish_with_json(&bundle, "[]").unwrap();
    engine
}

fn telling(context: Vec<[&'static str; 2]>, provides: &str) -> Provider {
    let component = provider(&Told { context, ..Told::default() }, "").component();
    let published = Published::new("context-provider", component, provides);
    let grants = Grants::none().take_all();
    HOST.load_provider(published.package(), grants, Limits::default()).unwrap()
}

/// A request with these ages, in Cedar's text; the device's if there is one.
fn asked(engine: &Engine, data: &str, device: Option<[&str; 2]>) -> trapkey::Request {
    let duration = |text| serde_json::json!({ "__extn": { "fn": "duration", "arg": text } });
    let mut context = serde_json::json!({ "env": { "dataAge": duration(data), "onShift": false } });
    if let Some([attested, expires]) = device {
        let device = serde_json::json!({
            "attestAge": duration(attested), "expiresIn": duration(expires),
        });
        context["device"] = device;
    }
    let uid = |id| serde_json::json!({ "type": "User", "id": id });
    let action = serde_json::json!({ "type": "Action", "id": "open" });
    let text = serde_json::json!({
        "principal": uid("a"), "action": action, "resource": uid("b"), "context": context,
    });
    trapkey::Request::from_json(&engine.model().unwrap(), &text.to_string()).unwrap()
}

#[test]
fn values_that_move_with_time_move_with_the_facts() {
    let (engine, provides) = (site(), "[provides]\ncontext = ['device']\nage = 'env.dataAge'");
    let provider = telling(vec![DEVICE], provides);
    let filler = filler(&provider, &engine);
    let filled = |device, now| {
        let mut request = asked(&engine, "0s", device);
        filler.fill(&mut request, now).map(|()| request.context().bytes().to_vec())
    };
    let wanted = |data, device| asked(&engine, data, device).context().bytes().to_vec();
    // Nothing is known yet.
    assert_eq!(filled(Some(["1d", "1d"]), NOW).unwrap(), wanted("1000d", Some(["1d", "1d"])));
    provider.refresh(&engine, NOW).unwrap();
    assert_eq!(filled(Some(["1d", "1d"]), NOW).unwrap(), wanted("0s", Some(["9m", "5m"])));
    let later = wanted("6m", Some(["15m", "-1m"]));
    assert_eq!(filled(Some(["1d", "1d"]), after(6)).unwrap(), later);
    // A whole record may be set where there was none.
    assert_eq!(filled(None, NOW).unwrap(), wanted("0s", Some(["9m", "5m"])));
}

#[test]
fn of_several_ages_the_largest_counts() {
    let engine = site();
    let provides = |path: &str| format!("[provides]\ncontext = ['{path}']\nage = 'env.dataAge'");
    let (stale, fresh) =
        (telling(vec![], &provides("device")), telling(vec![], &provides("device")));
    stale.refresh(&engine, NOW).unwrap();
    fresh.refresh(&engine, after(60)).unwrap();
    let (stale, fresh) = (filler(&stale, &engine), filler(&fresh, &engine));
    for fillers in [[&stale, &fresh], [&fresh, &stale]] {
        let mut request = asked(&engine, "0s", None);
        Filler::fill_all(fillers, &mut request, after(61)).unwrap();
        let wanted = asked(&engine, "61m", None);
        assert_eq!(request.context().bytes(), wanted.context().bytes());
    }
}

#[test]
fn ages_have_a_place_or_are_refused() {
    let engine = site();
    let model = engine.model().unwrap();
    let provider = telling(vec![], "[provides]\nage = 'env.dataAge'");
    provider.filler(&model, &EntityUid::new("Action", "close")).unwrap();
    for age in ["env.dataage", "dataAge", "env.dataAge.x"] {
        let provider = telling(vec![], &format!("[provides]\nage = '{age}'"));
        for action in ["open", "close"] {
            provider.filler(&model, &EntityUid::new("Action", action)).unwrap_err();
        }
    }
    // In a record that is absent, nobody would see how old the facts are.
    let provider = telling(vec![], "[provides]\nage = 'device.attestAge'");
    let filler = filler(&provider, &engine);
    filler.fill(&mut asked(&engine, "0s", None), NOW).unwrap_err();
    filler.fill(&mut asked(&engine, "0s", Some(["1m", "1m"])), NOW).unwrap();
}
