//! Security events flip the sessions that the plant's table says, and no others.

#![cfg(test)]

use serde_json::{Value as Json, json};
use trapkey::{
    AmendError, Amendment, CacheOptions, CachingDecider, Cause, EntityUid, Request, SessionError,
    SessionId, SubjectKey, Value,
};
use trapkey_events::{ApplyError, EventType, Mapping, ReceiverLimits};
use trapkey_tests::signed::{
    ISSUER, NOW, OTHER, Stage, VENDOR, claims, opaque, receiver, sign, sign_texts,
};

/// A stage after one event, and which of its sessions has flipped by it, for this cause: no other
/// is decided again.
#[track_caller]
fn flipped(event: &str, subject: &Json, fields: &Json, cause: &Cause) -> (Stage, SessionId) {
    let mut stage = Stage::new();
    let ids = [stage.session, stage.other, stage.program];
    assert!(ids.iter().all(|id| stage.sessions.check(*id, NOW).unwrap().is_allow()));
    let before = stage.sessions.counts().decided;
    stage.receive(&claims("1", event, subject, fields)).unwrap();
    let flips = stage.polled();
    assert_eq!(flips.len(), 1, "{event}: {flips:?}");
    let flip = &flips[0];
    assert_eq!(&flip.cause, cause, "{event}");
    assert!(flip.before.is_allow() && flip.after.as_ref().is_none_or(|now| !now.is_allow()));
    let is_decided = u64::from(flip.after.is_some());
    assert_eq!(stage.sessions.counts().decided, before + is_decided, "{event}");
    for id in ids.iter().filter(|id| **id != flip.session) {
        assert!(stage.sessions.check(*id, NOW).unwrap().is_allow(), "{event} reaches {id}");
    }
    let session = flip.session;
    (stage, session)
}

/// What the context of a session's request says now is as `value` says it.
#[track_caller]
fn context_is(stage: &Stage, (id, action): (SessionId, &str), path: &str, value: Value) {
    let request = stage.sessions.request(id).unwrap();
    let model = stage.engine.model().unwrap();
    let uid = EntityUid::new("Plant::Action", action);
    let slot = model.slot::<Value>(&uid, path).unwrap();
    let mut same = request.clone();
    same.set(&slot, value).unwrap();
    assert_eq!(same.context().bytes(), request.context().bytes(), "{path} is another");
}

/// As [`context_is`], of the vendor's session.
#[track_caller]
fn vendor_is(stage: &Stage, path: &str, value: Value) {
    context_is(stage, (stage.session, "remote.session"), path, value);
}

fn plant(name: &str, id: &str) -> Value {
    Value::Entity(EntityUid::new(format!("Plant::{name}"), id))
}

fn vendor(id: &str) -> EntityUid {
    EntityUid::new("Plant::VendorTech", id)
}

fn revoked() -> Cause {
    Cause::Revoked { reason: "SessionRevoked".to_owned() }
}

#[test]
fn session_revoked_ends_the_session() {
    let (stage, id) = flipped("session-revoked", &opaque("session", "s1"), &json!({}), &revoked());
    assert_eq!(id, stage.session);
    assert_eq!(stage.sessions.decision(id).unwrap_err(), SessionError::Closed { id });
}

#[test]
fn a_revoked_session_cannot_be_used_before_the_next_poll() {
    let mut stage = Stage::new();
    stage.receive(&claims("1", "session-revoked", &opaque("session", "s1"), &json!({}))).unwrap();
    let id = stage.session;
    assert_eq!(stage.sessions.decision(id).unwrap_err(), SessionError::Revoked { id });
    assert!(stage.sessions.decision(stage.other).unwrap().is_allow());
}

#[test]
fn session_revoked_of_a_user_ends_its_sessions_and_its_grants() {
    let user = opaque("user", OTHER);
    let (stage, id) = flipped("session-revoked", &user, &json!({}), &revoked());
    assert_eq!(id, stage.other);
    assert!(stage.engine.grants().is_empty());
    // A user without a grant takes none of others.
    let user = opaque("user", VENDOR);
    let (stage, id) = flipped("session-revoked", &user, &json!({}), &revoked());
    assert_eq!((id, stage.engine.grants().len()), (stage.session, 1));
}

#[test]
fn session_revoked_of_a_user_without_session_takes_its_grants() {
    let mut stage = Stage::new();
    stage.sessions.close(stage.other).unwrap();
    let user = opaque("user", OTHER);
    stage.receive(&claims("1", "session-revoked", &user, &json!({}))).unwrap();
    assert!(stage.engine.grants().is_empty());
}

#[test]
fn session_revoked_of_a_device_is_said_to_its_sessions() {
    let device = opaque("device", "pad-2");
    let (stage, id) = flipped("session-revoked", &device, &json!({}), &Cause::Context);
    assert_eq!(id, stage.other);
    let place = (id, "remote.session");
    context_is(&stage, place, "session.revoked", Value::Bool(true));
    vendor_is(&stage, "session.revoked", Value::Bool(false));
}

#[test]
fn token_claims_change_sets_an_attribute() {
    let subject = json!({ "user": { "format": "iss_sub", "iss": ISSUER, "sub": VENDOR } });
    let fields = json!({ "claims": { "active": false } });
    let jo = vendor(VENDOR);
    let before = Stage::new().engine.entities().unwrap();
    let cause = Cause::Entity(jo.handle());
    let (mut stage, id) = flipped("token-claims-change", &subject, &fields, &cause);
    assert_eq!(id, stage.session);
    let after = stage.engine.entities().unwrap();
    for was in before.iter() {
        let is = after.get(was.uid()).unwrap();
        assert!(was.parents().eq(is.parents()) && was.tags().eq(is.tags()), "{}", was.uid());
        for (name, value) in was.attributes() {
            let is_amended = *was.uid() == jo && name == "active";
            let want = if is_amended { &Value::Bool(false) } else { value };
            assert_eq!(is.attribute(name), Some(want), "{}: {name}", was.uid());
        }
    }
    assert_eq!(after.len(), before.len());
    let fields = json!({ "claims": { "active": true } });
    stage.receive(&claims("2", "token-claims-change", &subject, &fields)).unwrap();
    assert_eq!(stage.polled().len(), 1);
    assert!(stage.sessions.decision(id).unwrap().is_allow());
}

#[test]
fn credential_change_exposes_the_credential() {
    for change in ["revoke", "delete"] {
        let fields = json!({ "credential_type": "x509", "change_type": change });
        let user = opaque("user", OTHER);
        let (stage, id) = flipped("credential-change", &user, &fields, &Cause::Context);
        assert_eq!(id, stage.other);
        context_is(&stage, (id, "remote.session"), "cred.exposed", Value::Bool(true));
        vendor_is(&stage, "cred.exposed", Value::Bool(false));
    }
}

#[test]
fn assurance_level_change_lowers_the_assurance() {
    let fields = json!({ "current_level": "nist-aal1", "namespace": "NIST-AAL" });
    let session = opaque("session", "s1");
    let (mut stage, id) = flipped("assurance-level-change", &session, &fields, &Cause::Context);
    assert_eq!(id, stage.session);
    vendor_is(&stage, "session.assurance", plant("Assurance", "single-factor"));
    for (id, level, assurance, flips) in
        [("2", "nist-aal2", "mfa", 0), ("3", "nist-aal3", "phishing-resistant", 1)]
    {
        let fields = json!({ "current_level": level, "namespace": "NIST-AAL" });
        stage.receive(&claims(id, "assurance-level-change", &session, &fields)).unwrap();
        assert_eq!(stage.polled().len(), flips);
        vendor_is(&stage, "session.assurance", plant("Assurance", assurance));
    }
}

#[test]
fn device_compliance_change_flips_the_session_and_back() {
    let device = opaque("device", "pad-1");
    let fields = json!({ "current_status": "not-compliant", "previous_status": "compliant" });
    let (mut stage, id) = flipped("device-compliance-change", &device, &fields, &Cause::Context);
    assert_eq!(id, stage.session);
    vendor_is(&stage, "device.compliance", plant("Compliance", "not-compliant"));
    let fields = json!({ "current_status": "compliant" });
    stage.receive(&claims("2", "device-compliance-change", &device, &fields)).unwrap();
    assert_eq!(stage.polled().len(), 1);
    assert!(stage.sessions.decision(id).unwrap().is_allow());
}

#[test]
fn session_established_sets_the_assurance() {
    let session = opaque("session", "s1");
    let fields = json!({ "acr": "nist-aal2" });
    let (stage, id) = flipped("session-established", &session, &fields, &Cause::Context);
    assert_eq!(id, stage.session);
    vendor_is(&stage, "session.assurance", plant("Assurance", "mfa"));
}

#[test]
fn session_presented_by_a_browser_is_interactive() {
    let session = opaque("session", "s3");
    let fields = json!({ "fp_ua": "browser" });
    let (mut stage, id) = flipped("session-presented", &session, &fields, &Cause::Context);
    assert_eq!(id, stage.program);
    let place = (id, "modbus.readRegisters");
    context_is(&stage, place, "session.interactive", Value::Bool(true));
    let fields = json!({ "fp_ua": "automated" });
    stage.receive(&claims("2", "session-presented", &session, &fields)).unwrap();
    assert_eq!(stage.polled().len(), 1);
    context_is(&stage, place, "session.interactive", Value::Bool(false));
}

#[test]
fn risk_level_change_sets_the_risk() {
    let user = opaque("user", VENDOR);
    let fields = json!({ "principal": "USER", "current_level": "HIGH" });
    let (mut stage, id) = flipped("risk-level-change", &user, &fields, &Cause::Context);
    assert_eq!(id, stage.session);
    vendor_is(&stage, "session.risk", plant("RiskLevel", "HIGH"));
    let fields = json!({ "principal": "USER", "current_level": "MEDIUM" });
    stage.receive(&claims("2", "risk-level-change", &user, &fields)).unwrap();
    assert_eq!(stage.polled().len(), 1);
    vendor_is(&stage, "session.risk", plant("RiskLevel", "MEDIUM"));
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
    let (mut stage, _) = flipped("device-compliance-change", &device, &fields, &Cause::Context);
    let before = stage.state();
    let late = json!({ "current_status": "compliant", "event_timestamp": second - 6 });
    let error =
        stage.receive(&claims("2", "device-compliance-change", &device, &late)).unwrap_err();
    assert!(matches!(error, ApplyError::Stale { .. }), "{error:?}");
    assert_eq!(stage.state(), before);
}

/// A stage whose table says only this of a rising risk of a session.
fn with_effects(effects: &Json) -> Stage {
    let mut stage = Stage::new();
    let rule = json!({
        "event": "risk-level-change", "member": "session", "format": "opaque", "effects": effects,
    });
    let model = stage.engine.model().unwrap();
    stage.mapping = Mapping::from_json(&json!({ "rules": [rule] }).to_string(), &model).unwrap();
    stage
}

#[test]
fn of_several_effects_all_or_none_are_applied() {
    // The session is known, and no entity has its name.
    let set =
        json!({ "set_context": { "key": "session", "path": "session.risk", "value": "HIGH" } });
    let revoke = json!({ "revoke_sessions": "session" });
    let attribute = json!({ "set_attribute": {
        "type": "Plant::VendorTech", "attribute": "active", "value": false } });
    let grants = json!({ "revoke_grants": "Plant::VendorTech" });
    let user = json!({ "revoke_sessions": { "principal": "Plant::VendorTech" } });
    for last in [attribute, grants, user] {
        let mut stage = with_effects(&json!([set, revoke, last]));
        let before = stage.state();
        let token = claims("1", "risk-level-change", &opaque("session", "s1"), &json!({}));
        let error = stage.receive(&token).unwrap_err();
        let ApplyError::Amend(error) = error else { panic!("{error:?}") };
        assert!(
            matches!(error, AmendError::UnknownEntity { .. } | AmendError::UnknownSubject { .. }),
            "{error:?}"
        );
        assert_eq!(stage.state(), before);
        assert!(stage.sessions.check(stage.session, NOW).unwrap().is_allow());
    }
    // Without the last all are made.
    let mut stage = with_effects(&json!([set, revoke]));
    let token = claims("1", "risk-level-change", &opaque("session", "s1"), &json!({}));
    stage.receive(&token).unwrap();
    let flips = stage.polled();
    assert_eq!(flips.len(), 1);
    assert_eq!((flips[0].session, flips[0].is_over), (stage.session, true));
}

#[test]
fn a_grant_that_is_taken_flips_the_session_that_rests_on_it() {
    let mut stage = Stage::new();
    let principal = vendor(OTHER);
    let before = stage.sessions.counts().decided;
    stage.sessions.amend(NOW, &[Amendment::RevokeGrants { principal }]).unwrap();
    let flips = stage.polled();
    assert_eq!(flips.len(), 1, "{flips:?}");
    assert_eq!((flips[0].session, &flips[0].cause), (stage.other, &Cause::Grant));
    assert_eq!(stage.sessions.counts().decided, before + 1);
    assert!(stage.sessions.decision(stage.session).unwrap().is_allow());
}

#[test]
fn grants_of_an_entity_that_is_gone_can_be_taken() {
    let mut stage = Stage::new();
    let principal = vendor(OTHER);
    stage.sessions.close(stage.other).unwrap();
    stage.engine.remove(&principal).unwrap();
    let key = SubjectKey::Principal(principal.clone());
    let amendments = [
        Amendment::RevokeSessions { key, reason: "gone".to_owned() },
        Amendment::RevokeGrants { principal },
    ];
    stage.sessions.amend(NOW, &amendments).unwrap();
    assert!(stage.engine.grants().is_empty());
    let error = stage.sessions.amend(NOW, &amendments).unwrap_err();
    assert!(matches!(error, AmendError::UnknownSubject { .. }), "{error:?}");
}

#[test]
fn of_one_attribute_the_last_value_counts() {
    let mut stage = Stage::new();
    let key = SubjectKey::Device("pad-1".to_owned());
    let context =
        |path: &str, value| Amendment::Context { key: key.clone(), path: path.into(), value };
    let active = |value| Amendment::Attribute {
        entity: vendor(VENDOR),
        attribute: "active".to_owned(),
        value: Value::Bool(value),
    };
    let amendments = [
        context("session.risk", plant("RiskLevel", "HIGH")),
        active(false),
        context("device.attested", Value::Bool(false)),
        context("session.risk", plant("RiskLevel", "MEDIUM")),
        active(true),
    ];
    stage.sessions.amend(NOW, &amendments).unwrap();
    assert!(stage.polled().is_empty());
    vendor_is(&stage, "session.risk", plant("RiskLevel", "MEDIUM"));
    vendor_is(&stage, "device.attested", Value::Bool(false));
    let entities = stage.engine.entities().unwrap();
    assert_eq!(
        entities.get(&vendor(VENDOR)).unwrap().attribute("active"),
        Some(&Value::Bool(true))
    );
}

/// Whether it is allowed, and whether that was kept.
fn kept(cached: &mut CachingDecider, request: &Request) -> (bool, bool) {
    let hits = cached.counts().hits;
    let is_allow = cached.decide(request).is_allow();
    (is_allow, cached.counts().hits > hits)
}

#[test]
fn kept_decisions_follow_events() {
    let mut stage = Stage::new();
    let [jo, kim, program] = [stage.session, stage.other, stage.program]
        .map(|id| stage.sessions.request(id).unwrap().clone());
    let mut cached = stage.engine.caching_decider(CacheOptions::default());
    for request in [&jo, &kim, &program] {
        assert_eq!(kept(&mut cached, request), (true, false));
        assert_eq!(kept(&mut cached, request), (true, true));
    }
    let subject = json!({ "user": { "format": "iss_sub", "iss": ISSUER, "sub": VENDOR } });
    let fields = json!({ "claims": { "active": false } });
    stage.receive(&claims("1", "token-claims-change", &subject, &fields)).unwrap();
    assert_eq!(kept(&mut cached, &jo), (false, false));
    assert_eq!(kept(&mut cached, &program), (true, true));
    assert_eq!(kept(&mut cached, &kim), (true, true));
    let user = opaque("user", OTHER);
    stage.receive(&claims("2", "session-revoked", &user, &json!({}))).unwrap();
    assert!(!kept(&mut cached, &kim).0);
    assert!(kept(&mut cached, &program).0);
}
