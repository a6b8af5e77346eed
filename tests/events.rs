//! Security events change the facts and sessions that the plant's table says, and no others.

#![cfg(test)]

use serde_json::{Value as Json, json};
use trapkey::{Cause, Datetime, EntityUid, Flip, SessionError, Value};
use trapkey_events::{ApplyError, EventType, ReceiverLimits};
use trapkey_tests::signed::{ISSUER, NOW, Stage, claims, opaque, receiver, sign, sign_texts};

const VENDOR: &str = "acme/jo";

fn polled(stage: &mut Stage) -> Vec<Flip> {
    let mut flips = Vec::new();
    stage.sessions.poll(NOW, &mut flips);
    flips
}

/// A stage after one event, and whether its session was then decided otherwise.
fn after(event: &str, subject: &Json, fields: &Json) -> (Stage, bool) {
    let mut stage = Stage::new();
    let before = stage.sessions.counts().decided;
    stage.receive(&claims("1", event, subject, fields)).unwrap();
    let flips = polled(&mut stage);
    assert!(stage.sessions.counts().decided > before, "{event} concerns nothing");
    let is_flipped = !flips.is_empty();
    (stage, is_flipped)
}

/// What the context of the session's request says is now as `like` says it.
#[track_caller]
fn context_is(stage: &Stage, path: &str, value: Value) {
    let request = stage.sessions.request(stage.session).unwrap();
    let model = stage.engine.model().unwrap();
    let uid = EntityUid::new("Plant::Action", "remote.session");
    let slot = model.slot::<Value>(&uid, path).unwrap();
    let mut same = request.clone();
    same.set(&slot, value).unwrap();
    assert_eq!(same.context().bytes(), request.context().bytes(), "{path} is another");
}

fn plant(name: &str, id: &str) -> Value {
    Value::Entity(EntityUid::new(&format!("Plant::{name}"), id))
}

#[test]
fn session_revoked_ends_the_session() {
    let mut stage = Stage::new();
    stage.receive(&claims("1", "session-revoked", &opaque("session", "s1"), &json!({}))).unwrap();
    let id = stage.session;
    assert_eq!(stage.sessions.decision(id).unwrap_err(), SessionError::Revoked { id });
    let flips = polled(&mut stage);
    assert!(flips[0].is_over && matches!(flips[0].cause, Cause::Revoked { .. }), "{flips:?}");
}

#[test]
fn session_revoked_of_a_user_ends_all_of_it() {
    let mut stage = Stage::new();
    stage.receive(&claims("1", "session-revoked", &opaque("user", VENDOR), &json!({}))).unwrap();
    assert!(polled(&mut stage)[0].is_over);
}

#[test]
fn token_claims_change_sets_an_attribute() {
    let mut stage = Stage::new();
    let subject = json!({ "user": { "format": "iss_sub", "iss": ISSUER, "sub": VENDOR } });
    let fields = json!({ "claims": { "active": false } });
    let uid = EntityUid::new("Plant::VendorTech", VENDOR);
    let active = |stage: &Stage| {
        stage.engine.entities().unwrap().get(&uid).unwrap().attribute("active").cloned()
    };
    assert_eq!(active(&stage), Some(Value::Bool(true)));
    let parents = stage.engine.entities().unwrap().get(&uid).unwrap().parents().count();
    stage.receive(&claims("1", "token-claims-change", &subject, &fields)).unwrap();
    assert_eq!(active(&stage), Some(Value::Bool(false)));
    assert_eq!(stage.engine.entities().unwrap().get(&uid).unwrap().parents().count(), parents);
}

#[test]
fn credential_change_exposes_the_credential() {
    let fields = json!({ "credential_type": "x509", "change_type": "revoke" });
    let (stage, flipped) = after("credential-change", &opaque("user", VENDOR), &fields);
    context_is(&stage, "cred.exposed", Value::Bool(true));
    assert!(flipped);
}

#[test]
fn assurance_level_change_lowers_the_assurance() {
    let fields = json!({ "current_level": "nist-aal1", "namespace": "NIST-AAL" });
    let (stage, flipped) = after("assurance-level-change", &opaque("session", "s1"), &fields);
    context_is(&stage, "session.assurance", plant("Assurance", "single-factor"));
    assert!(flipped);
}

#[test]
fn device_compliance_change_flips_the_session_and_back() {
    let device = opaque("device", "pad-1");
    let fields = json!({ "current_status": "not-compliant", "previous_status": "compliant" });
    let (mut stage, flipped) = after("device-compliance-change", &device, &fields);
    context_is(&stage, "device.compliance", plant("Compliance", "not-compliant"));
    assert!(flipped && !stage.sessions.decision(stage.session).unwrap().is_allow());
    let fields = json!({ "current_status": "compliant" });
    stage.receive(&claims("2", "device-compliance-change", &device, &fields)).unwrap();
    assert_eq!(polled(&mut stage).len(), 1);
    assert!(stage.sessions.decision(stage.session).unwrap().is_allow());
}

#[test]
fn session_established_sets_the_assurance() {
    let fields = json!({ "acr": "nist-aal2" });
    let (stage, _) = after("session-established", &opaque("session", "s1"), &fields);
    context_is(&stage, "session.assurance", plant("Assurance", "mfa"));
}

#[test]
fn session_presented_by_a_program_is_not_interactive() {
    let fields = json!({ "fp_ua": "automated" });
    let (stage, _) = after("session-presented", &opaque("session", "s1"), &fields);
    context_is(&stage, "session.interactive", Value::Bool(false));
}

#[test]
fn risk_level_change_sets_the_risk() {
    let fields = json!({ "principal": "USER", "current_level": "HIGH" });
    let (stage, flipped) = after("risk-level-change", &opaque("user", VENDOR), &fields);
    context_is(&stage, "session.risk", plant("RiskLevel", "HIGH"));
    assert!(flipped);
}

#[test]
fn verification_has_no_effect() {
    let mut token = claims("1", "session-revoked", &json!({}), &json!({}));
    token["sub_id"] = json!({ "format": "opaque", "id": "stream" });
    let uri = "https://schemas.openid.net/secevent/ssf/event-type/verification";
    token["events"] = json!({ uri: { "state": "x" } });
    let mut stage = Stage::new();
    let set = stage.receiver.verify(&sign(&token), NOW).unwrap();
    assert_eq!(set.event().event_type, EventType::Verification);
    assert_eq!(stage.mapping.resolve(&set).unwrap(), []);
}

#[test]
fn all_allowed_algorithms_verify() {
    use jsonwebtoken::Algorithm::{ES256, EdDSA, PS256, RS256};
    let mut receiver = receiver(ReceiverLimits::default());
    for (signing, kid) in [(ES256, "ec"), (RS256, "rsa"), (PS256, "rsa"), (EdDSA, "ed")] {
        let name = format!("{signing:?}");
        let header = json!({ "alg": name, "typ": "secevent+jwt", "kid": kid }).to_string();
        let claims = claims(&name, "session-revoked", &opaque("session", "s1"), &json!({}));
        receiver.verify(&sign_texts(&header, &claims.to_string(), signing), NOW).unwrap();
    }
}

#[test]
fn an_older_event_does_not_overwrite_a_newer_one() {
    let device = opaque("device", "pad-1");
    let second = NOW.0 / 1000;
    let fields = json!({ "current_status": "not-compliant", "event_timestamp": second - 5 });
    let (mut stage, _) = after("device-compliance-change", &device, &fields);
    let late = json!({ "current_status": "compliant", "event_timestamp": second - 6 });
    let error =
        stage.receive(&claims("2", "device-compliance-change", &device, &late)).unwrap_err();
    assert!(matches!(error, ApplyError::Stale { .. }), "{error:?}");
    assert!(polled(&mut stage).is_empty());
    context_is(&stage, "device.compliance", plant("Compliance", "not-compliant"));
}

#[test]
fn of_several_effects_all_or_none_are_applied() {
    // The session is known and the entity is not: the session keeps its context.
    let mapping = r#"{"rules":[{"event":"risk-level-change","member":"session","format":"opaque",
        "effects":[{"set_context":{"key":"session","path":"session.risk","value":"HIGH"}},
        {"revoke_sessions":"session"},
        {"set_attribute":{"type":"Plant::VendorTech","attribute":"active","value":false}}]}]}"#;
    let mut stage = Stage::new();
    let model = stage.engine.model().unwrap();
    stage.mapping = trapkey_events::Mapping::from_json(mapping, &model).unwrap();
    let token = claims("1", "risk-level-change", &opaque("session", "s1"), &json!({}));
    let error = stage.receive(&token).unwrap_err();
    assert!(matches!(error, ApplyError::Amend(_)), "{error:?}");
    assert!(polled(&mut stage).is_empty());
    context_is(&stage, "session.risk", plant("RiskLevel", "LOW"));
    assert!(stage.sessions.check(stage.session, Datetime(NOW.0)).unwrap().is_allow());
}
