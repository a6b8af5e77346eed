//! Security events that are refused: the exact reason, and nothing changed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use trapkey::{
    AmendError, Amendment, Datetime, EntityUid, FactsError, SubjectKey, UpdateError, Value,
};
use trapkey_events::{
    ApplyError, Dated, EventError, Format, KEYS_MAX, KeysError, MAPPING_BYTES_MAX, Mapping,
    MappingError, Member, Receiver, ReceiverLimits, ResolveError, Timeline,
};
use trapkey_tests::signed::{
    ISSUER, NOW, Stage, claims, jwks, keys, opaque, receiver, sign, sign_texts, trusted,
};

const HEADER: &str = r#"{"alg":"EdDSA","typ":"secevent+jwt","kid":"ed"}"#;

fn good() -> Json {
    claims("1", "session-revoked", &opaque("session", "s1"), &json!({}))
}

fn with(member: &str, value: Json) -> String {
    let mut claims = good();
    claims[member] = value;
    sign(&claims)
}

fn headed(header: &str) -> String {
    sign_texts(header, &good().to_string(), jsonwebtoken::Algorithm::EdDSA)
}

fn claimed(claims: &str) -> String {
    sign_texts(HEADER, claims, jsonwebtoken::Algorithm::EdDSA)
}

/// Why a token is refused. Afterwards the same receiver still takes a right one.
#[track_caller]
fn refused(token: &str) -> EventError {
    let mut receiver = receiver(ReceiverLimits::default());
    let error = receiver.verify(token, NOW).expect_err("it is refused");
    receiver.verify(&sign(&good()), NOW).expect("nothing is remembered of the other");
    error
}

/// Receives a token in all its steps; the variant of the error.
fn whole(stage: &mut Stage, token: &str) -> Result<(), String> {
    let name = |error: &dyn std::fmt::Debug| {
        let text = format!("{error:?}");
        text.split([' ', '{']).next().map(str::to_owned).unwrap_or_default()
    };
    let set = stage.receiver.verify(token, NOW).map_err(|error| name(&error))?;
    let effects = stage.mapping.resolve(&set).map_err(|error| name(&error))?;
    stage.timeline.apply(&mut stage.sessions, effects, NOW).map_err(|error| name(&error))
}

/// As `sign`, with a key that only claims to be the receiver's.
fn forged(claims: &Json) -> String {
    let text = keys()["private"]["ed"].as_str().map(str::to_owned).unwrap();
    let mut der = STANDARD.decode(text).unwrap();
    let last = der.len() - 1;
    der[last] ^= 1;
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let key = jsonwebtoken::EncodingKey::from_ed_der(&der);
    let algorithm = jsonwebtoken::Algorithm::EdDSA;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn what_is_refused_changes_nothing() {
    let revoke = |id: &str, subject: &Json| claims(id, "session-revoked", subject, &json!({}));
    let right = revoke("right", &opaque("session", "s2"));
    let about = |subject: &Json| sign(&revoke("other", subject));
    let with = |member: &str, value: Json| {
        let mut claims = right.clone();
        claims[member] = value;
        sign(&claims)
    };
    let token = sign(&right);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let unsigned = HEADER.replace("EdDSA", "none");
    let (_, body) = message.split_once('.').unwrap();
    let second = NOW.0 / 1000;
    let whole_of = |member: &str, id: &str| about(&opaque(member, id));
    let fields = json!({ "current_status": "not-compliant" });
    let device = claims("other", "device-compliance-change", &opaque("device", "pad-9"), &fields);
    let user = json!({ "user": { "format": "iss_sub", "iss": ISSUER, "sub": "acme/nobody" } });
    let fields = json!({ "claims": { "active": false } });
    let user = claims("other", "token-claims-change", &user, &fields);
    let cases = [
        (forged(&right), "Signature"),
        (
            format!("{message}.{}", signature.replace(|c: char| c.is_ascii_digit(), "A")),
            "Signature",
        ),
        (format!("{message}."), "Signature"),
        (format!("{}.{body}.", URL_SAFE_NO_PAD.encode(unsigned)), "Algorithm"),
        (with("aud", json!("https://plant-2.example/pdp")), "Audience"),
        (with("iss", json!("https://evil.example")), "Issuer"),
        (with("iat", json!(second - 601)), "TooOld"),
        (with("iat", json!(second + 61)), "Ahead"),
        (with("events", json!({ "https://x.example/event": {} })), "UnknownEvent"),
        (whole_of("session", "s9"), "Amend(UnknownSubject"),
        (whole_of("device", "pad-9"), "Amend(UnknownSubject"),
        (whole_of("user", "acme/nobody"), "Amend(UnknownSubject"),
        (whole_of("tenant", "acme"), "NoSubject"),
        (sign(&device), "Amend(UnknownSubject"),
        (sign(&user), "Amend(UnknownEntity"),
    ];
    let mut stage = Stage::new();
    let before = stage.state();
    for (token, want) in cases {
        stage.receiver = receiver(ReceiverLimits::default());
        assert_eq!(whole(&mut stage, &token), Err(want.to_owned()), "{token}");
        assert_eq!(stage.state(), before, "{want}");
        for id in [stage.session, stage.other, stage.program] {
            assert!(stage.sessions.check(id, NOW).unwrap().is_allow(), "{want}");
        }
        // The right one would still count.
        stage.receiver.verify(&sign(&right), NOW).unwrap();
    }
    stage.receiver = receiver(ReceiverLimits::default());
    whole(&mut stage, &sign(&right)).unwrap();
    assert!(stage.sessions.decision(stage.other).is_err());
}

#[test]
fn a_replay_changes_nothing() {
    let mut stage = Stage::new();
    let device = opaque("device", "pad-1");
    let status = |id: &str, status: &str| {
        let fields = json!({ "current_status": status });
        sign(&claims(id, "device-compliance-change", &device, &fields))
    };
    let first = status("1", "not-compliant");
    whole(&mut stage, &first).unwrap();
    whole(&mut stage, &status("2", "compliant")).unwrap();
    let before = stage.state();
    assert_eq!(whole(&mut stage, &first), Err("Replayed".to_owned()));
    // Another token under the same name is none.
    assert_eq!(whole(&mut stage, &status("2", "not-compliant")), Err("Replayed".to_owned()));
    assert_eq!(stage.state(), before);
    assert!(stage.sessions.check(stage.session, NOW).unwrap().is_allow());
}

#[test]
fn headers() {
    let huge = "x".repeat(64 * 1024 + 1);
    assert!(matches!(refused(&huge), EventError::TooLarge { len: 65_537, max: 65_536 }));
    for garbage in ["", ".", "..", "a.b", "§.§.§", "a.b.c.d", "e30=.e30.x"] {
        let error = refused(garbage);
        assert!(
            matches!(error, EventError::NotCompact | EventError::Json { .. }),
            "{garbage}: {error:?}"
        );
    }
    assert!(matches!(refused("garbage"), EventError::NotCompact));
    let twice = r#"{"alg":"EdDSA","alg":"EdDSA","typ":"secevent+jwt","kid":"ed"}"#;
    assert!(matches!(refused(&headed(twice)), EventError::Json { part: "header", .. }));
    assert!(matches!(refused(&headed("[]")), EventError::Malformed { member: "header" }));
    let jwt = HEADER.replace("secevent+jwt", "JWT");
    let error = refused(&headed(&jwt));
    assert!(matches!(error, EventError::WrongType { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the token's type is `JWT`, not `secevent+jwt`");
    let critical = HEADER.replace('{', r#"{"crit":["b64"],"b64":false,"#);
    assert!(matches!(refused(&headed(&critical)), EventError::Critical));
    let unknown = HEADER.replace(r#""ed""#, r#""other""#);
    let error = refused(&headed(&unknown));
    assert!(matches!(error, EventError::UnknownKey { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the key `other` is unknown");
}

#[test]
fn algorithms_and_signatures() {
    for name in ["none", "HS256", "ES384", "eddsa"] {
        let error = refused(&headed(&HEADER.replace("EdDSA", name)));
        let EventError::Algorithm { algorithm } = &error else { panic!("{error:?}") };
        assert_eq!(algorithm, name);
    }
    let unsigned = headed(&HEADER.replace("EdDSA", "none"));
    let unsigned = unsigned.rsplit_once('.').map(|(message, _)| format!("{message}.")).unwrap();
    assert!(matches!(refused(&unsigned), EventError::Algorithm { .. }));
    // The public key as the secret of an HMAC, under its own and under the right name.
    let secret = jsonwebtoken::Algorithm::HS256;
    let text = good().to_string();
    let own = HEADER.replace("EdDSA", "HS256");
    assert!(matches!(refused(&sign_texts(&own, &text, secret)), EventError::Algorithm { .. }));
    assert!(matches!(refused(&sign_texts(HEADER, &text, secret)), EventError::Signature));
    // Another key's signature, a key of another kind, and claims of another token.
    let other = HEADER.replace("EdDSA", "ES256");
    let signed = sign_texts(&other, &text, jsonwebtoken::Algorithm::ES256);
    assert!(matches!(refused(&signed), EventError::Signature));
    let (one, two) = (sign(&good()), with("jti", json!("2")));
    let (message, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = two.rsplit_once('.').unwrap();
    assert!(matches!(refused(&format!("{message}.{signature}")), EventError::Signature));
    // An algorithm that this receiver does not allow.
    let mut trusted = trusted();
    trusted.algorithms.pop();
    let mut receiver = Receiver::new(trusted, &jwks(), ReceiverLimits::default()).unwrap();
    let error = receiver.verify(&sign(&good()), NOW).unwrap_err();
    assert!(matches!(error, EventError::Algorithm { .. }), "{error:?}");
}

#[test]
fn claims_of_others() {
    let error = refused(&with("iss", json!("https://evil.example")));
    assert!(matches!(error, EventError::Issuer { .. }), "{error:?}");
    for audience in [json!("other"), json!(["other"]), json!([]), json!(1)] {
        assert!(matches!(refused(&with("aud", audience)), EventError::Audience));
    }
    let second = NOW.0 / 1000;
    let error = refused(&with("iat", json!(second - 601)));
    assert!(matches!(error, EventError::TooOld { age_ms: 601_000, max_ms: 600_000 }), "{error:?}");
    let error = refused(&with("iat", json!(second + 61)));
    assert!(matches!(error, EventError::Ahead { ahead_ms: 61_000, max_ms: 60_000 }), "{error:?}");
    for iat in [json!(null), json!("1"), json!(1.5), json!(i64::MAX)] {
        let error = refused(&with("iat", iat));
        assert!(matches!(error, EventError::Malformed { member: "iat" }), "{error:?}");
    }
    for member in ["exp", "sub"] {
        let error = refused(&with(member, json!(1)));
        assert!(matches!(error, EventError::Malformed { .. }), "{error:?}");
    }
    let text = good().to_string();
    let twice = text.replacen('{', r#"{"jti":"0","#, 1);
    assert!(matches!(refused(&claimed(&twice)), EventError::Json { part: "claims", .. }));
    let deep = format!("{}1{}", "[".repeat(50), "]".repeat(50));
    assert!(matches!(refused(&claimed(&deep)), EventError::Json { part: "claims", .. }));
}

#[test]
fn events_and_subjects() {
    let error = refused(&with("events", json!({ "https://x.example/event": {} })));
    assert!(matches!(error, EventError::UnknownEvent { .. }), "{error:?}");
    for events in [json!({}), json!([]), json!({ "a": {}, "b": {} })] {
        let error = refused(&with("events", events));
        assert!(matches!(error, EventError::Malformed { member: "events" }), "{error:?}");
    }
    let ahead = json!({ "event_timestamp": NOW.0 / 1000 + 1 });
    let ahead = claims("1", "session-revoked", &opaque("session", "s1"), &ahead);
    let error = refused(&sign(&ahead));
    assert!(matches!(error, EventError::EventAhead { ahead_ms: 1_000 }), "{error:?}");
    let id = json!({ "format": "opaque", "id": "s1" });
    for subject in [
        json!("s1"),
        json!({}),
        json!({ "format": "new", "id": "s1" }),
        json!({ "format": "opaque" }),
        json!({ "format": "opaque", "id": "x".repeat(1025) }),
        json!({ "user": "s1" }),
        json!({ "somebody": id }),
        json!({ "format": "aliases", "identifiers": [id, id] }),
    ] {
        let error = refused(&with("sub_id", subject));
        assert!(matches!(error, EventError::Subject { .. }), "{error:?}");
    }
}

#[test]
fn replays() {
    let limits = ReceiverLimits { seen_max: 2, ..ReceiverLimits::default() };
    let mut receiver = receiver(limits);
    let token = sign(&good());
    receiver.verify(&token, NOW).unwrap();
    let error = receiver.verify(&token, NOW).unwrap_err();
    assert!(matches!(&error, EventError::Replayed { id } if id == "1"), "{error:?}");
    receiver.replace_keys(&jwks()).unwrap();
    assert!(matches!(receiver.verify(&token, NOW), Err(EventError::Replayed { .. })));
    receiver.verify(&with("jti", json!("2")), NOW).unwrap();
    let third = with("jti", json!("3"));
    assert!(matches!(receiver.verify(&third, NOW), Err(EventError::Full { max: 2 })));
    // What is too old is forgotten, and stays refused though the host's clock goes back.
    let later = Datetime(NOW.0 + 600_001);
    let mut fourth = good();
    (fourth["jti"], fourth["iat"]) = (json!("4"), json!(later.0 / 1000));
    receiver.verify(&sign(&fourth), later).unwrap();
    assert!(matches!(receiver.verify(&token, NOW), Err(EventError::TooOld { .. })));
}

#[test]
fn key_sets() {
    let refused = |text: &str| {
        Receiver::new(trusted(), text, ReceiverLimits::default()).expect_err("it is refused")
    };
    let long = " ".repeat(256 * 1024 + 1);
    assert!(matches!(refused(&long), KeysError::TooLarge { .. }));
    assert!(matches!(refused(r#"{"keys":[],"keys":[]}"#), KeysError::Json(_)));
    assert!(matches!(refused("{}"), KeysError::Count { count: 0 }));
    let key = keys()["jwks"]["keys"][0].clone();
    let many = json!({ "keys": vec![key.clone(); KEYS_MAX + 1] });
    assert!(matches!(refused(&many.to_string()), KeysError::Count { .. }));
    let mut nameless = key.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    let secret = json!({ "kty": "oct", "k": "AAAA", "kid": "x" });
    let small = json!({ "kty": "RSA", "n": "AAAA", "e": "AQAB", "kid": "x" });
    let p384 = json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "x" });
    for keys in [vec![key.clone(), key], vec![nameless], vec![secret], vec![small], vec![p384]] {
        let error = refused(&json!({ "keys": keys }).to_string());
        assert!(matches!(error, KeysError::Key { .. }), "{error:?}");
    }
}

#[test]
fn mappings() {
    let stage = Stage::new();
    let model = stage.engine.model().unwrap();
    let refused = |text: &str| Mapping::from_json(text, &model).expect_err("it is refused");
    let long = " ".repeat(MAPPING_BYTES_MAX + 1);
    assert!(matches!(refused(&long), MappingError::TooLarge { .. }));
    assert!(matches!(refused(r#"{"rules":[],"more":1}"#), MappingError::Json(_)));
    let rule = |event: &str, effects: Json| {
        let rule = json!({
            "event": event, "member": "user", "format": "opaque", "effects": effects,
        });
        json!({ "rules": [rule] }).to_string()
    };
    let many = rule("session-revoked", json!(vec![json!({ "revoke_sessions": "session" }); 1025]));
    assert!(matches!(refused(&many), MappingError::TooMany { count: 1025 }));
    let error = refused(&rule("verification", json!([])));
    assert!(matches!(error, MappingError::Verification { rule: 0 }), "{error:?}");
    let one = |effect: Json| refused(&rule("session-revoked", json!([effect])));
    for effect in [
        json!({ "revoke_grants": "Plant::Nobody" }),
        json!({ "revoke_sessions": { "principal": "Plant::Action" } }),
    ] {
        assert!(matches!(one(effect), MappingError::UnknownType { .. }));
    }
    let set = |path: &str, value: Json| {
        one(json!({ "set_context": { "key": "device", "path": path, "value": value } }))
    };
    let error = set("device.colour", json!(true));
    assert!(matches!(error, MappingError::UnknownAttribute { .. }), "{error:?}");
    let error = set("device.compliance", json!("perhaps"));
    assert!(matches!(error, MappingError::Value { .. }), "{error:?}");
    assert_eq!(error.to_string(), "rule 0: the value of `device.compliance` is not of its type");
}

#[test]
fn events_without_rule_or_subject() {
    let mut stage = Stage::new();
    let mut resolve = |claims: &Json| {
        let set = stage.receiver.verify(&sign(claims), NOW).unwrap();
        stage.mapping.resolve(&set).unwrap_err()
    };
    let fields = json!({ "change_type": "create" });
    let error = resolve(&claims("1", "credential-change", &opaque("user", "x"), &fields));
    assert_eq!(error, ResolveError::NoRule);
    let fields = json!({ "current_status": "compliant" });
    let error = resolve(&claims("2", "device-compliance-change", &opaque("user", "x"), &fields));
    let (member, format) = (Member::Device, Format::Opaque);
    assert_eq!(error, ResolveError::NoSubject { member, format });
    // Another issuer's name of a user.
    let user = json!({ "user": { "format": "iss_sub", "iss": "https://x", "sub": "acme/jo" } });
    let fields = json!({ "claims": { "active": true } });
    let error = resolve(&claims("3", "token-claims-change", &user, &fields));
    assert!(matches!(error, ResolveError::NoSubject { .. }), "{error:?}");
}

fn context(at: i64, id: &str, path: &str, value: Value) -> Vec<Dated> {
    let (key, path) = (SubjectKey::Device(id.to_owned()), path.to_owned());
    vec![Dated { at: Datetime(at), amendment: Amendment::Context { key, path, value } }]
}

fn attribute(at: i64, id: &str, value: Value) -> Vec<Dated> {
    let entity = EntityUid::new("Plant::VendorTech", id);
    let amendment = Amendment::Attribute { entity, attribute: "active".to_owned(), value };
    vec![Dated { at: Datetime(at), amendment }]
}

#[test]
fn effects() {
    let mut stage = Stage::new();
    let snapshot = stage.engine.entities().unwrap();
    let mut apply = |effects| {
        let error = stage.timeline.apply(&mut stage.sessions, effects, NOW).unwrap_err();
        let ApplyError::Amend(error) = error else { panic!("{error:?}") };
        error
    };
    let error = apply(attribute(1, "nobody", Value::Bool(true)));
    assert!(matches!(error, AmendError::UnknownEntity { .. }), "{error:?}");
    let error = apply(attribute(1, "acme/jo", Value::Long(1)));
    assert!(matches!(error, AmendError::Facts(FactsError::Entities(_))), "{error:?}");
    let error = apply(context(1, "pad-9", "device.attested", Value::Bool(true)));
    assert!(matches!(error, AmendError::UnknownSubject { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the device `pad-9` has no session");
    let error = apply(context(1, "pad-1", "device.colour", Value::Bool(true)));
    let AmendError::Context(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, UpdateError::UnknownAttribute { .. }), "{error:?}");
    let mut flips = Vec::new();
    stage.sessions.poll(NOW, &mut flips);
    assert!(flips.is_empty());
    let uid = EntityUid::new("Plant::VendorTech", "acme/jo");
    let now = stage.engine.entities().unwrap();
    assert_eq!(now.get(&uid).unwrap().row(), snapshot.get(&uid).unwrap().row());
}

#[test]
fn older_events() {
    let mut stage = Stage::new();
    let mut timeline = Timeline::new(1);
    let mut apply = |effects| timeline.apply(&mut stage.sessions, effects, NOW);
    apply(attribute(5, "acme/jo", Value::Bool(true))).unwrap();
    let error = apply(attribute(4, "acme/jo", Value::Bool(false))).unwrap_err();
    assert!(matches!(error, ApplyError::Stale { at: 4, newer: 5 }), "{error:?}");
    // Another target puts the first out of memory.
    apply(context(6, "pad-1", "device.attested", Value::Bool(true))).unwrap();
    let error = apply(attribute(5, "acme/jo", Value::Bool(false))).unwrap_err();
    assert!(matches!(error, ApplyError::Forgotten { at: 5, forgotten: 5 }), "{error:?}");
    apply(attribute(6, "acme/jo", Value::Bool(true))).unwrap();
}
