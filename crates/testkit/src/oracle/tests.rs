//! The oracle names policies by `@id`, and refuses what the schema refuses.

use serde_json::json;

use super::*;

const SCHEMA: &str = "
entity Team;
entity User in [Team] = { boss?: User, level: Long };
entity Doc;
action read appliesTo { principal: User, resource: Doc, context: { n: Long } };
";

const POLICIES: &str = r#"
@id("team-reads")
permit (principal in Team::"t", action == Action::"read", resource);

forbid (principal, action, resource) when { context.n > 10 };

@id("boss-level")
forbid (principal, action, resource) when { principal has boss && principal.boss.level > 3 };
"#;

fn oracle() -> Oracle {
    let entities = json!([
        { "uid": { "type": "User", "id": "ada" }, "attrs": { "level": 1 }, "parents": [{ "type": "Team", "id": "t" }] },
        {
            "uid": { "type": "User", "id": "bo" },
            "attrs": { "level": 1, "boss": { "type": "User", "id": "gone" } },
            "parents": [{ "type": "Team", "id": "t" }],
        },
    ]);
    Oracle::new(SCHEMA, POLICIES, &entities).unwrap()
}

fn request(principal: &str, n: i64) -> Value {
    json!({
        "principal": format!("User::\"{principal}\""),
        "action": { "type": "Action", "id": "read" },
        "resource": "Doc::\"d\"",
        "context": { "n": n },
    })
}

#[track_caller]
fn check(request: &Value, allow: bool, determining: &[&str], erring: &[&str]) {
    let names = |ids: &[&str]| ids.iter().map(ToString::to_string).collect();
    let want = Verdict { allow, determining: names(determining), erring: names(erring) };
    assert_eq!(oracle().decide(request).unwrap(), want);
}

#[test]
fn permit_is_named_by_its_annotation() {
    check(&request("ada", 1), true, &["team-reads"], &[]);
}

#[test]
fn unnamed_policy_is_named_by_its_position() {
    check(&request("ada", 11), false, &["policy1"], &[]);
}

#[test]
fn erring_policy_is_skipped_and_named() {
    check(&request("bo", 1), true, &["team-reads"], &["boss-level"]);
}

#[test]
fn another_store_keeps_the_policies() {
    let empty = oracle().with_entities(&json!([])).unwrap();
    let verdict = empty.decide(&request("ada", 1)).unwrap();
    assert!(!verdict.allow && verdict.determining.is_empty());
}

#[test]
fn request_outside_the_schema_is_refused() {
    let oracle = oracle();
    let mut unknown_field = request("ada", 1);
    unknown_field["extra"] = json!(1);
    let mut wrong_context = request("ada", 1);
    wrong_context["context"] = json!([1]);
    let mut wrong_type = request("ada", 1);
    wrong_type["context"] = json!({ "n": "one" });
    let mut wrong_resource = request("ada", 1);
    wrong_resource["resource"] = json!("User::\"ada\"");
    let refused = |request| oracle.decide(request).unwrap_err();
    assert!(matches!(refused(&unknown_field), RequestError::Shape(_)));
    assert!(matches!(refused(&wrong_context), RequestError::Context(_)));
    assert!(matches!(refused(&wrong_type), RequestError::Validation(_)));
    assert!(matches!(refused(&wrong_resource), RequestError::Validation(_)));
}

#[test]
fn what_cedar_refuses_makes_no_oracle() {
    let new = |schema, policies: &str, entities| {
        Oracle::new(schema, policies, &entities).map(|_oracle| ())
    };
    let none = json!([]);
    assert!(matches!(new("entity", POLICIES, none.clone()), Err(OracleError::Schema(_))));
    assert!(matches!(new(SCHEMA, "permit", none.clone()), Err(OracleError::Policies(_))));
    let twice = "@id(\"a\") permit(principal, action, resource);".repeat(2);
    assert!(matches!(new(SCHEMA, &twice, none.clone()), Err(OracleError::Id(_))));
    let untyped = "permit(principal, action, resource) when { context.m };";
    assert!(matches!(new(SCHEMA, untyped, none), Err(OracleError::Validation(_))));
    let incomplete =
        json!([{ "uid": { "type": "User", "id": "ada" }, "attrs": {}, "parents": [] }]);
    assert!(matches!(new(SCHEMA, POLICIES, incomplete), Err(OracleError::Entities(_))));
}
