//! A good plugin of each of the other worlds: what it gives, and what of it is taken.

use std::sync::LazyLock;

use trapkey::{EntityUid, RequestError};
use trapkey_plugin::{
    Asks, CallError, Direction, Failure, Grants, Host, HostOptions, Limits, Obliged,
    ProtocolAdapter, Provides, Reading,
};
use trapkey_tests::guests::{NOW, Published, adapter, engine, fulfiller, sink};

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&HostOptions::default()).unwrap());

const ASKS: &str = "[provides]\nasks = { actions = \"Action\", resources = [\"Device\"] }\n";

const AGED: &str = r#"{"dataAge":{"__extn":{"fn":"duration","arg":"1m"}}}"#;

fn load_adapter(question: [[&str; 2]; 2], context: &str, grants: Grants) -> ProtocolAdapter {
    let published =
        Published::new("protocol-adapter", adapter(question, context).component(), ASKS);
    HOST.load_adapter(published.package(), grants, Limits::default()).unwrap()
}

fn read(adapter: &ProtocolAdapter, bytes: &[u8]) -> Result<Reading, CallError> {
    adapter.read(Direction::ToController, bytes, NOW)
}

#[test]
fn obligations_that_are_granted_are_fulfilled() {
    let rest = "[provides]\nobligations = [\"mail\", \"notify\", \"other\"]\n";
    let published = Published::new("obligation-handler", fulfiller().component(), rest);
    let load =
        |grants| HOST.load_fulfiller(published.package(), grants, Limits::default()).unwrap();
    let all = load(Grants::none().take_all());
    assert!(all.names(NOW).unwrap().into_iter().eq(["mail", "notify"]));
    let uids = ["User", "Action", "Device"].map(|name| EntityUid::new(name, "x"));
    let [principal, action, resource] = &uids;
    let obliged = |name, argument| Obliged {
        name,
        argument,
        policy: "p",
        is_allow: true,
        principal,
        action,
        resource,
    };
    assert_eq!(all.fulfil(&obliged("mail", Some("soc")), NOW).unwrap().unwrap(), b"mail");
    assert_eq!(all.fulfil(&obliged("other", None), NOW).unwrap(), None);
    let notify = Provides { obligations: ["notify".to_owned()].into(), ..Provides::default() };
    let part = load(Grants::none().take(notify));
    assert!(part.names(NOW).unwrap().into_iter().eq(["notify"]));
    let refused = part.fulfil(&obliged("mail", None), NOW).unwrap_err();
    assert!(matches!(refused, CallError::NotGranted { name } if name == "mail"));
    // Nobody called it, so it is not to blame.
    assert_eq!((part.health().good, part.health().misbehaved), (1, 0));
    let narrow = Published::new("obligation-handler", fulfiller().component(), "");
    let narrow = HOST.load_fulfiller(narrow.package(), Grants::none(), Limits::default()).unwrap();
    let refused = narrow.names(NOW).unwrap_err();
    assert!(matches!(refused, CallError::OutOfScope { name } if name == "notify"));
}

#[test]
fn sink_gives_as_many_as_there_are_records() {
    let load = |kept| {
        let published = Published::new("audit-sink", sink(kept).component(), "");
        HOST.load_sink(published.package(), Grants::none(), Limits::default()).unwrap()
    };
    let records: Vec<String> = (0..40).map(|number| format!("{{\"n\":{number}}}")).collect();
    let formatted = load(100).format(&records, NOW).unwrap();
    assert!(formatted.iter().eq(records.iter().map(String::as_bytes)));
    assert!(load(100).format(&[], NOW).unwrap().is_empty());
    // Larger than the memory that the guest has at first.
    let large = ["x".repeat(1 << 20), "y".repeat(1 << 20)];
    assert!(load(100).format(&large, NOW).unwrap().iter().eq(large.iter().map(String::as_bytes)));
    let lossy = load(39);
    let refused = lossy.format(&records, NOW).unwrap_err();
    assert!(matches!(refused, CallError::OutOfRange { found: 39, min: 40, max: 40, .. }));
    assert_eq!(lossy.health().misbehaved, 1);
    let too_many = vec!["{}".to_owned(); 10_001];
    let refused = load(100).format(&too_many, NOW).unwrap_err();
    assert!(matches!(refused, CallError::InputTooLarge { len: 10_001, max: 10_000 }));
}

/// What a client announces does not speak against the plugin.
#[test]
fn messages_that_are_announced_too_large_are_refused() {
    let question = [["Action", "open"], ["Device", "d1"]];
    let guest = adapter(question, AGED);
    let published = Published::new("protocol-adapter", guest.component(), ASKS);
    let limits = Limits { input_bytes_max: 3, ..Limits::default() };
    let adapter = HOST.load_adapter(published.package(), Grants::none().take_all(), limits);
    let adapter = adapter.unwrap();
    for _ in 0..4 {
        let refused = read(&adapter, &[4, 1]).unwrap_err();
        assert!(matches!(refused, CallError::InputTooLarge { len: 4, max: 3 }), "{refused}");
    }
    assert_eq!(adapter.health().misbehaved, 0);
    assert!(matches!(read(&adapter, &[3, 1]), Ok(Reading::Incomplete(1))));
}

#[test]
fn messages_become_questions_that_the_engine_decides() {
    let engine = engine();
    let question = [["Action", "open"], ["Device", "d1"]];
    let adapter = load_adapter(question, AGED, Grants::none().take_all());
    assert!(matches!(read(&adapter, &[]), Ok(Reading::Incomplete(1))));
    assert!(matches!(read(&adapter, &[4, 1]), Ok(Reading::Incomplete(2))));
    let Reading::Message { len, questions } = read(&adapter, &[3, 1, 2, 9, 9]).unwrap() else {
        panic!("it is whole");
    };
    assert_eq!(len, 3);
    let [question] = questions.as_slice() else { panic!("one question") };
    let ann = EntityUid::new("User", "ann");
    let request = question.request(&engine.model().unwrap(), &ann).unwrap();
    assert!(engine.decide(&request).is_allow());
    let other = EntityUid::new("Device", "d1");
    let refused = question.request(&engine.model().unwrap(), &other).unwrap_err();
    assert!(matches!(refused, RequestError::TypeNotAllowed { .. }));
    let invalid = read(&adapter, &[255, 1]).unwrap_err();
    let CallError::Failed(Failure::Invalid(why)) = invalid else { panic!("{invalid}") };
    assert_eq!(why, "no such length");
    // A message of no bytes would be read for ever.
    let endless = read(&adapter, &[0, 1]).unwrap_err();
    assert!(matches!(endless, CallError::OutOfRange { found: 0, min: 1, max: 2, .. }));
    let health = adapter.health();
    assert_eq!((health.good, health.failed, health.misbehaved), (3, 1, 1));
}

#[test]
fn questions_stay_within_what_is_granted() {
    let question = [["Action", "open"], ["Device", "d1"]];
    let types = |actions: &str, resources: &[&str]| {
        let resources = resources.iter().map(|&name| name.to_owned()).collect();
        Provides {
            asks: Some(Asks { actions: actions.to_owned(), resources }),
            ..Provides::default()
        }
    };
    for (question, grants, want) in [
        (question, Grants::none(), "Action::\"open\""),
        (question, Grants::none().take(types("Action", &[])), "Device::\"d1\""),
        ([["Other", "open"], ["Device", "d1"]], Grants::none().take_all(), "Other::\"open\""),
        ([["Action", "open"], ["User", "d1"]], Grants::none().take_all(), "User::\"d1\""),
    ] {
        let refused = read(&load_adapter(question, AGED, grants), &[1]).unwrap_err();
        assert!(matches!(&refused, CallError::OutOfScope { name } if name == want), "{refused}");
    }
    for context in ["", "[]", "null", "{", "{}{}", "{}, \"principal\": {}", "\u{FEFF}{}"] {
        let adapter = load_adapter(question, context, Grants::none().take_all());
        let refused = read(&adapter, &[1]).unwrap_err();
        assert!(matches!(refused, CallError::NotAnObject { .. }), "{context}: {refused}");
    }
    let engine = engine();
    let model = engine.model().unwrap();
    for context in ["{}", r#"{"dataAge":1}"#, r#"{"unheard":1}"#] {
        let adapter = load_adapter(question, context, Grants::none().take_all());
        let Ok(Reading::Message { questions, .. }) = read(&adapter, &[1]) else {
            panic!("{context} is an object");
        };
        let refused = questions[0].request(&model, &EntityUid::new("User", "ann")).unwrap_err();
        let is_refused = matches!(refused, RequestError::Value(_) | RequestError::Context(_));
        assert!(is_refused, "{context}: {refused}");
    }
}
