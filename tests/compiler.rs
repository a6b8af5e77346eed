//! What the compiler emits: valid modules that keep the contract, the same bytes each time, and
//! annotations carried where they belong.

#![cfg(test)]

use std::collections::BTreeSet;

use serde_json::json;
use trapkey::{
    Bundle, Clock, CompileOptions, Compiled, Effect, Engine, EvalError, ForbidErrors, Limits,
    Reason, Release, Semantics, Sources, Stage, Type, check, compile,
};
use trapkey_testkit::{Folder, Oracle, examples_dir};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

fn folders() -> Vec<Folder> {
    let entries = std::fs::read_dir(examples_dir()).unwrap();
    entries.map(|entry| Folder::read(&entry.unwrap().path()).unwrap()).collect()
}

fn build(policies: &str, schema: &str, semantics: Semantics) -> Compiled {
    compile(&Sources { policies, schema, links: &[] }, CompileOptions { semantics }).unwrap()
}

fn publish(compiled: &Compiled) -> Engine {
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    engine
}

#[test]
fn every_module_is_valid_with_the_features_of_the_contract_alone() {
    let features = WasmFeatures::MVP | WasmFeatures::SIGN_EXTENSION | WasmFeatures::BULK_MEMORY;
    let features = features & !WasmFeatures::FLOATS;
    for folder in folders() {
        let compiled = build(&folder.policies, &folder.schema, Semantics::TRAPKEY);
        Validator::new_with_features(features).validate_all(&compiled.module).unwrap();
        for payload in Parser::new(0).parse_all(&compiled.module) {
            match payload.unwrap() {
                Payload::ImportSection(_) => panic!("{:?} imports", folder.path),
                Payload::StartSection { .. } => panic!("{:?} has a start", folder.path),
                Payload::MemorySection(memories) => {
                    let memory = memories.into_iter().next().unwrap().unwrap();
                    assert_eq!(Some(memory.initial), memory.maximum);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn same_sources_give_the_same_bytes() {
    for folder in folders() {
        let first = build(&folder.policies, &folder.schema, Semantics::TRAPKEY);
        let second = build(&folder.policies, &folder.schema, Semantics::TRAPKEY);
        assert_eq!(first.module, second.module, "{:?}", folder.path);
    }
}

#[test]
fn durations_of_contexts_without_a_clock_are_warned_of() {
    let schema = r#"
        entity User { span: duration };
        type Session = { age: duration, @clock("elapsed") idle: duration };
        action read, write appliesTo { principal: User, resource: User,
          context: { session: Session, left?: duration, ages: Set<duration>, now: datetime } };
        action note appliesTo { principal: User, resource: User, context: { left: duration } };
    "#;
    let policies = "permit (principal, action, resource);";
    let checked = check(&Sources { policies, schema, links: &[] }).unwrap();
    let messages: Vec<&str> = checked.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            r#"`context.left` of `Action::"note"` and 2 more is a duration without @clock"#,
            r#"`context.session.age` of `Action::"read"` and 1 more is a duration without @clock"#,
        ]
    );
}

#[test]
fn plant_is_compiled_without_a_warning_and_conditions_are_shared() {
    let folder = trapkey_testkit::plant::folder().unwrap();
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    assert_eq!(check(&sources).unwrap().warnings, []);
    let compiled = build(&folder.policies, &folder.schema, Semantics::TRAPKEY);
    assert_eq!(compiled.gather.environments.len(), 367);
    assert_eq!(compiled.policies.len(), 34);
    let functions = Parser::new(0)
        .parse_all(&compiled.module)
        .filter(|payload| matches!(payload, Ok(Payload::CodeSectionEntry(_))))
        .count();
    assert!(functions < 200, "{functions} functions for 2,511 policies in environments");
}

const SCHEMA: &str = r#"
type Env = { @clock("instant") now: datetime, @clock("elapsed") age: duration };
entity User = { boss: User, @max("100") names: Set<String>, @max("1000") note: String };
entity Doc;
action read appliesTo { principal: [User], resource: [Doc], context: {
  env: Env, @clock("remaining") left: duration, @max("3") few: Set<Long>
} };
"#;

#[test]
fn clock_and_max_are_carried_into_the_schema() {
    let compiled = build("", SCHEMA, Semantics::TRAPKEY);
    let context = &compiled.schema.actions[0].context.attributes;
    let Type::Record(env) = &context["env"].ty else { panic!("env is a record") };
    assert_eq!(env.attributes["now"].clock, Some(Clock::Instant));
    assert_eq!(env.attributes["age"].clock, Some(Clock::Elapsed));
    assert_eq!(context["left"].clock, Some(Clock::Remaining));
    assert_eq!(context["few"].max, Some(3));
    let (_, user) = compiled.schema.entity_type("User").unwrap();
    assert_eq!(user.attributes.attributes["names"].max, Some(100));
    assert_eq!(user.attributes.attributes["note"].max, Some(1000));
    assert_eq!(user.attributes.attributes["boss"].max, None);
}

fn request() -> String {
    json!({
        "principal": "User::\"u\"", "action": "Action::\"read\"", "resource": "Doc::\"d\"",
        "context": { "env": { "now": "2026-01-01", "age": "1s" }, "left": "1h", "few": [1] },
    })
    .to_string()
}

/// A condition of type True may still fail: folding it to true would allow what Cedar denies.
#[test]
fn expression_is_not_folded_because_its_type_is_a_singleton() {
    let policies = "permit(principal, action, resource) when { !(principal.boss.boss is Doc) };";
    let oracle = Oracle::new(SCHEMA, policies, &json!([])).unwrap();
    let request = request();
    assert!(!oracle.decide(&serde_json::from_str(&request).unwrap()).unwrap().allow);
    for semantics in [Semantics::CEDAR, Semantics::TRAPKEY] {
        let decision = publish(&build(policies, SCHEMA, semantics)).decide_json(&request).unwrap();
        assert_eq!(decision.reason(), Reason::NotPermitted);
        let erring: Vec<_> = decision.erring().collect();
        assert_eq!(erring.len(), 1);
        assert_eq!(erring[0].error, EvalError::EntityMissing);
        let span = erring[0].span;
        let place = policies.get(span.start as usize..span.end as usize).unwrap();
        assert_eq!(place, "principal.boss.boss");
    }
}

/// A forbid that can never hold is listed when it errs, and does not deny; one that might, does.
#[test]
fn erring_forbid_denies_unless_it_can_never_hold() {
    let never = "forbid(principal, action, resource) when { principal.boss.boss is Doc };";
    let might =
        "forbid(principal, action, resource) when { principal.boss.names.contains(\"x\") };";
    let permit = "permit(principal, action, resource);";
    let cases = [
        (never, Semantics::TRAPKEY, Reason::Permitted),
        (never, Semantics::CEDAR, Reason::Permitted),
        (might, Semantics::TRAPKEY, Reason::ForbidErred),
        (might, Semantics::CEDAR, Reason::Permitted),
    ];
    for (forbid, semantics, want) in cases {
        let compiled = build(&format!("{permit}\n{forbid}"), SCHEMA, semantics);
        let decision = publish(&compiled).decide_json(&request()).unwrap();
        assert_eq!(decision.reason(), want, "{forbid} {semantics:?}");
        let erring: BTreeSet<&str> =
            decision.erring().map(|erring| erring.policy.id.as_str()).collect();
        assert_eq!(erring, BTreeSet::from(["policy1"]), "{forbid}");
    }
}

#[test]
fn annotations_are_read() {
    let policies = r#"
        @id("a") @stage("observe") @obligation("log,notify:soc") @expires("2027-03-31")
        forbid(principal, action, resource);
        @id("t") permit(principal == ?principal, action, resource);
        permit(principal, action, resource);
    "#;
    let compiled = build(policies, SCHEMA, Semantics::TRAPKEY);
    let [observed, template, plain] = compiled.policies.as_slice() else { panic!("three") };
    assert_eq!((observed.id.as_str(), observed.stage), ("a", Stage::Observe));
    assert_eq!((observed.effect, observed.cedar_id.as_str()), (Effect::Forbid, "policy0"));
    let obligations: Vec<_> = observed
        .obligations
        .iter()
        .map(|obligation| (obligation.name.as_str(), obligation.argument.as_deref()))
        .collect();
    assert_eq!(obligations, [("log", None), ("notify", Some("soc"))]);
    assert_eq!(observed.expires, Some(1_806_451_200_000));
    assert!(template.is_template() && !plain.is_template());
    assert_eq!(plain.id, "policy2");
    let decision = publish(&compiled).decide_json(&request()).unwrap();
    assert_eq!(decision.reason(), Reason::Permitted);
    assert_eq!(decision.observed().count(), 1);
}

#[test]
fn semantics_are_stated_in_the_manifest() {
    let semantics = Semantics { forbid_errors: ForbidErrors::Skip, ..Semantics::TRAPKEY };
    assert_eq!(build("", SCHEMA, semantics).manifest.semantics, semantics);
}

/// A policy set that is larger than one chunk of candidates, of which each counts.
#[test]
fn a_thousand_policies_are_all_evaluated() {
    let policy = |n: u32| {
        format!("permit(principal, action, resource) when {{ context.few.contains({n}) || true }};")
    };
    let policies = (0..1000).map(policy).collect::<Vec<_>>().join("\n");
    let decision = publish(&build(&policies, SCHEMA, Semantics::CEDAR)).decide_json(&request());
    assert_eq!(decision.unwrap().determining().count(), 1000);
}

/// Limits are for what comes with requests and facts: a policy's own text is bounded already.
#[test]
fn constants_may_be_longer_than_the_limits_of_requests() {
    let texts: Vec<String> = (0..100).map(|n| format!("\"{}\"", "x".repeat(n * 10))).collect();
    let policies = format!(
        "permit(principal, action, resource) when {{ [{}].contains(\"{}\") }};",
        texts.join(", "),
        "x".repeat(990)
    );
    let decision = publish(&build(&policies, SCHEMA, Semantics::CEDAR)).decide_json(&request());
    assert_eq!(decision.unwrap().reason(), Reason::Permitted);
}

#[test]
fn id_that_an_enumeration_declares_twice_counts_once() {
    let schema = format!("entity Colour enum [\"b\", \"a\", \"b\"]; {SCHEMA}");
    let policies = "permit(principal, action, resource);";
    let compiled = build(policies, &schema, Semantics::TRAPKEY);
    let (_, colour) = compiled.schema.entity_type("Colour").unwrap();
    assert_eq!(colour.ids, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert!(publish(&compiled).decide_json(&request()).unwrap().is_allow());
}
