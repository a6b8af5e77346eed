//! The audit sink for OCSF: records of decisions, real ones too, against rules of the schema.

use serde_json::{Value, json};
use trapkey::{Datetime, Decision, Reason};
use trapkey_plugin::{AuditSink, CallError, Failure};

use super::host::sink;
use super::plant::Plant;
use super::posture::SEVEN;

/// The fields of a record, as `trapkey decide --json` writes a decision, with who asked what and when.
fn record(request: &Value, decision: &Decision) -> Value {
    let reason = match decision.reason() {
        Reason::Permitted => "permitted",
        Reason::Forbidden => "forbidden",
        Reason::NotPermitted => "not-permitted",
        Reason::ForbidErred => "forbid-erred",
        Reason::ObligationNotHonoured => "obligation-not-honoured",
        Reason::Failed(_) => "failed",
    };
    let policy = |policy: &trapkey::Policy| json!({ "id": policy.id, "cedar_id": policy.cedar_id });
    let obligations = decision.obligations();
    json!({
        "time": SEVEN,
        "principal": request["principal"],
        "action": request["action"],
        "resource": request["resource"],
        "source": "10.1.30.5",
        "verdict": if decision.is_allow() { "allow" } else { "deny" },
        "reason": reason,
        "failure": null,
        "generation": decision.generation().0,
        "bundle_digest": decision.bundle_digest().map(|digest| digest.to_string()),
        "determining": decision.determining().map(policy).collect::<Vec<_>>(),
        "observed": decision.observed().map(policy).collect::<Vec<_>>(),
        "erring": decision.erring().map(|erring| policy(erring.policy)).collect::<Vec<_>>(),
        "obligations": obligations.map(|one| json!({ "name": one.name, "argument": one.argument })).collect::<Vec<_>>(),
    })
}

fn made(verdict: &str, reason: &str, action: &str) -> Value {
    json!({
        "time": SEVEN, "verdict": verdict, "reason": reason,
        "principal": { "type": "Plant::Operator", "id": "maria" },
        "action": format!("Plant::Action::{action:?}"),
        "resource": "Plant::Asset::\"plc-7\"",
    })
}

fn formatted(plugin: &AuditSink, records: &[Value]) -> Result<Vec<Value>, CallError> {
    let records: Vec<String> = records.iter().map(Value::to_string).collect();
    let events = plugin.format(&records, Datetime(SEVEN))?;
    Ok(events.iter().map(|event| serde_json::from_slice(event).unwrap()).collect())
}

/// The rules of class 6003 in https://github.com/ocsf/ocsf-schema, version 1.5.0: `events/base_event.json` and its
/// includes `classification` and `occurrence`, `events/application/api_activity.json`,
/// `profiles/security_control.json`, and in `objects`: `actor`, `user`, `api`, `network_endpoint`, `metadata`,
/// `product`, `policy`, `authorization`, `resource_details`.
#[track_caller]
fn conforms(event: &Value) {
    let attributes = event.as_object().unwrap();
    for required in [
        "activity_id",
        "actor",
        "api",
        "category_uid",
        "class_uid",
        "metadata",
        "severity_id",
        "src_endpoint",
        "time",
        "type_uid",
    ] {
        assert!(attributes.contains_key(required), "no `{required}`: {event}");
    }
    let known = [
        "action",
        "action_id",
        "activity_id",
        "activity_name",
        "actor",
        "api",
        "category_name",
        "category_uid",
        "class_name",
        "class_uid",
        "disposition",
        "disposition_id",
        "metadata",
        "resources",
        "severity",
        "severity_id",
        "src_endpoint",
        "status",
        "status_code",
        "status_detail",
        "status_id",
        "time",
        "type_name",
        "type_uid",
        "unmapped",
    ];
    for name in attributes.keys() {
        assert!(known.contains(&name.as_str()), "`{name}` is no attribute: {event}");
    }
    let number = |name: &str| event[name].as_i64().unwrap_or_else(|| panic!("{name}: {event}"));
    assert_eq!((number("category_uid"), number("class_uid")), (6, 6003));
    assert!([0, 1, 2, 3, 4, 99].contains(&number("activity_id")), "{event}");
    assert_eq!(number("type_uid"), 6003 * 100 + number("activity_id"), "{event}");
    assert!((0..=6).contains(&number("severity_id")), "{event}");
    assert!((1..=2).contains(&number("status_id")), "{event}");
    assert!(number("time") > 0);
    // Denied goes with Blocked, allowed with Allowed.
    assert!([(1, 1), (2, 2)].contains(&(number("action_id"), number("disposition_id"))), "{event}");
    objects_conform(event);
}

/// The objects of an event.
#[track_caller]
fn objects_conform(event: &Value) {
    let any_of = |object: &Value, names: &[&str]| {
        assert!(names.iter().any(|name| object[*name].is_string()), "none of {names:?}: {object}");
    };
    any_of(&event["actor"]["user"], &["uid", "name"]);
    any_of(&event["api"], &["operation"]);
    any_of(&event["src_endpoint"], &["ip", "uid", "name", "hostname", "svc_name"]);
    any_of(&event["metadata"], &["version"]);
    any_of(&event["metadata"]["product"], &["name", "uid"]);
    any_of(&event["metadata"]["product"], &["vendor_name"]);
    assert_eq!(event["metadata"]["profiles"], json!(["security_control"]));
    for resource in event["resources"].as_array().unwrap() {
        any_of(resource, &["uid", "name"]);
    }
    for authorization in event["actor"]["authorizations"].as_array().unwrap() {
        any_of(authorization, &["decision"]);
        any_of(&authorization["policy"], &["uid", "name"]);
    }
}

#[test]
fn decisions_become_events() {
    let Some(plugin) = sink("ocsf") else { return };
    let plant = Plant::new();
    let cases = [
        ("operator on shift in own cell", 3, "Allowed", 1),
        ("historian reads own cell", 2, "Allowed", 1),
        ("engineer downloads in window", 3, "Allowed", 1),
        ("vendor in window", 99, "Allowed", 1),
        ("historian writes", 3, "Denied", 2),
        ("vendor session revoked by CAEP", 99, "Denied", 3),
    ];
    let requests: Vec<Value> = cases.iter().map(|(name, ..)| plant.request(name)).collect();
    let decisions: Vec<Decision> =
        requests.iter().map(|request| plant.decide(request).unwrap()).collect();
    let records: Vec<Value> = requests
        .iter()
        .zip(&decisions)
        .map(|(request, decision)| record(request, decision))
        .collect();
    let events = formatted(&plugin, &records).unwrap();
    assert_eq!(events.len(), cases.len());
    for (((name, activity, action, severity), event), (record, decision)) in
        cases.iter().zip(&events).zip(records.iter().zip(&decisions))
    {
        conforms(event);
        assert_eq!(event["activity_id"], json!(activity), "{name}");
        assert_eq!((&event["action"], &event["severity_id"]), (&json!(action), &json!(severity)));
        let allowed = decision.is_allow();
        assert_eq!(event["status_id"], json!(if allowed { 1 } else { 2 }), "{name}");
        assert_eq!(event["time"], json!(SEVEN));
        assert_eq!(event["status_code"], record["reason"]);
        assert_eq!(event["src_endpoint"], json!({ "ip": "10.1.30.5" }));
        let policies = event["actor"]["authorizations"].as_array().unwrap();
        let names: Vec<_> = policies.iter().map(|one| one["policy"]["name"].clone()).collect();
        let want: Vec<_> = decision.determining().map(|policy| json!(policy.id)).collect();
        assert_eq!(names, want, "{name}");
        for field in ["generation", "bundle_digest", "observed", "erring", "obligations"] {
            assert_eq!(event["unmapped"][field], record[field], "{name}: {field}");
        }
    }
    assert_eq!(
        events[0]["actor"]["user"],
        json!({ "uid": "maria", "type": "Plant::Operator", "type_id": 99 })
    );
    assert_eq!(events[0]["api"]["operation"], json!("opcua.write"));
    assert_eq!(events[0]["resources"], json!([{ "uid": "plc-7", "type": "Plant::Asset" }]));
    assert_eq!(events[0]["type_name"], json!("API Activity: Update"));
    assert_eq!(events[3]["type_name"], json!("API Activity: Other"));
}

#[test]
fn denies_are_as_severe_as_what_is_wrong() {
    let Some(plugin) = sink("ocsf") else { return };
    let mut failed = made("deny", "failed", "plc.read");
    failed["failure"] = json!("the module trapped");
    let records = [
        made("allow", "permitted", "plc.read"),
        made("deny", "not-permitted", "plc.read"),
        made("deny", "forbidden", "plc.read"),
        made("deny", "forbid-erred", "plc.read"),
        made("deny", "obligation-not-honoured", "plc.read"),
        failed,
    ];
    let events = formatted(&plugin, &records).unwrap();
    events.iter().for_each(conforms);
    let severities: Vec<_> =
        events.iter().map(|event| event["severity_id"].as_i64().unwrap()).collect();
    assert_eq!(severities, [1, 2, 3, 4, 4, 4]);
    assert_eq!(events[5]["status_detail"], json!("the module trapped"));
    assert_eq!(events[0]["src_endpoint"], json!({ "uid": "maria" }));
}

#[test]
fn names_lose_the_escapes_of_cedar() {
    let Some(plugin) = sink("ocsf") else { return };
    let mut record = made("deny", "forbidden", "plc.read");
    record["resource"] = json!(r#"Plant::Topic::"a\"b\\c\u{e9}\n\x41\0é😀""#);
    let events = formatted(&plugin, &[record]).unwrap();
    assert_eq!(events[0]["resources"][0]["uid"], json!("a\"b\\cé\nA\0é😀"));
}

#[test]
fn one_record_that_is_none_refuses_the_batch() {
    let Some(plugin) = sink("ocsf") else { return };
    let good = made("allow", "permitted", "plc.read");
    let without = |field: &str| {
        let mut record = good.clone();
        record.as_object_mut().unwrap().remove(field);
        record.to_string()
    };
    let with = |field: &str, value: Value| {
        let mut record = good.clone();
        record[field] = value;
        record.to_string()
    };
    let cases = [
        (String::new(), ""),
        ("[]".to_owned(), "not an object"),
        ("null".to_owned(), "not an object"),
        (without("time"), "`time`"),
        (with("time", json!("now")), "`time`"),
        (with("time", json!(1.5)), "`time`"),
        (without("verdict"), "`verdict`"),
        (with("verdict", json!("Allow")), "`verdict`"),
        (without("reason"), "`reason`"),
        (without("principal"), "`principal`"),
        (with("action", json!("plc.read")), "`action`"),
        (with("resource", json!("Plant::Asset::\"plc-7\" ")), "`resource`"),
        (with("resource", json!({ "type": "Plant::Asset" })), "`resource`"),
        (with("resource", json!(7)), "`resource`"),
        (" ".repeat(1024 * 1024 + 1), "the limit is 1048576"),
    ];
    for (text, want) in cases {
        let refused = plugin.format(&[good.to_string(), text.clone()], Datetime(SEVEN));
        let Err(CallError::Failed(Failure::Invalid(failure))) = refused else {
            panic!("{want}: {refused:?}")
        };
        assert!(failure.starts_with("records[1]: "), "{failure}");
        assert!(failure.contains(want), "{failure} has no {want}");
    }
    assert_eq!(plugin.format(&[], Datetime(SEVEN)).unwrap(), Vec::<Vec<u8>>::new());
}
