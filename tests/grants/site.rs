//! A small site: users in groups, documents in folders, templates of every form.

use trapkey::{
    Bundle, CompileOptions, Datetime, Decision, Engine, EntityUid, Grant, Options, Release,
    Request, Sources, compile,
};

pub(crate) const SCHEMA: &str = r"
entity Group;
entity User in [Group] { level: Long };
entity Folder;
entity Doc in [Folder] { open: Bool };
action read, write appliesTo { principal: User, resource: Doc, context: {} };
action list appliesTo { principal: User, resource: Folder, context: {} };
";

pub(crate) const POLICIES: &str = r#"
@id("boss") permit(principal, action, resource) when { principal.level > 9 };
@id("elevate") @obligation("record-session")
permit(principal == ?principal, action == Action::"read", resource in ?resource)
when { principal.level > 2 };
@id("team") permit(principal in ?principal, action == Action::"read", resource == ?resource);
@id("quarantine") forbid(principal in ?principal, action, resource);
@id("closed") forbid(principal, action, resource is Doc in ?resource) unless { resource.open };
@id("glass") @breakglass("4h") @obligation("alarm")
permit(principal == ?principal, action in [Action::"read", Action::"write"], resource == ?resource);
"#;

pub(crate) const ENTITIES: &str = r#"[
{"uid":{"type":"Group","id":"crew"},"attrs":{},"parents":[]},
{"uid":{"type":"Group","id":"guests"},"attrs":{},"parents":[]},
{"uid":{"type":"User","id":"ann"},"attrs":{"level":3},"parents":[{"type":"Group","id":"crew"}]},
{"uid":{"type":"User","id":"bob"},"attrs":{"level":1},"parents":[{"type":"Group","id":"guests"}]},
{"uid":{"type":"Folder","id":"top"},"attrs":{},"parents":[]},
{"uid":{"type":"Doc","id":"plan"},"attrs":{"open":true},"parents":[{"type":"Folder","id":"top"}]},
{"uid":{"type":"Doc","id":"loose"},"attrs":{"open":false},"parents":[]}
]"#;

pub(crate) fn engine() -> Engine {
    let options = Options { poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    engine.publish_with_json(&bundle(POLICIES), ENTITIES).unwrap();
    engine
}

pub(crate) fn bundle(policies: &str) -> Bundle {
    bundle_under(SCHEMA, policies)
}

pub(crate) fn bundle_under(schema: &str, policies: &str) -> Bundle {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "site".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

pub(crate) fn user(id: &str) -> EntityUid {
    EntityUid::new("User", id)
}

pub(crate) fn doc(id: &str) -> EntityUid {
    EntityUid::new("Doc", id)
}

/// A grant from instant 1,000 to 2,000 that nobody approved.
pub(crate) fn grant(id: &str, template: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        template: template.to_owned(),
        principal: None,
        resource: None,
        not_before: Some(Datetime(1_000)),
        expires: Datetime(2_000),
        reason: None,
        ticket: None,
        requester: user("chief"),
        approvers: Vec::new(),
    }
}

/// Lets Ann read what is in the folder `top`.
pub(crate) fn elevate(id: &str) -> Grant {
    Grant {
        principal: Some(user("ann")),
        resource: Some(EntityUid::new("Folder", "top")),
        ..grant(id, "elevate")
    }
}

pub(crate) fn request(
    engine: &Engine,
    who: &str,
    what: &str,
    of: &str,
    at: Option<i64>,
) -> Request {
    let builder = Request::builder(&engine.model().unwrap())
        .principal(user(who))
        .action(EntityUid::new("Action", what))
        .resource(doc(of))
        .build();
    let mut request = builder.unwrap();
    request.set_at(at.map(Datetime));
    request
}

/// Decides by every way there is, which must agree.
#[track_caller]
pub(crate) fn decide(
    engine: &Engine,
    who: &str,
    what: &str,
    of: &str,
    at: Option<i64>,
) -> Decision {
    let request = request(engine, who, what, of, at);
    let decision = engine.decide(&request);
    let mut decider = engine.decider();
    let mut batch = Vec::new();
    engine.decide_batch(&[request.clone(), request.clone()], &mut batch);
    for other in batch.iter().chain([decider.decide(&request)]) {
        assert_eq!(other.reason(), decision.reason());
        assert_eq!(other.horizon(), decision.horizon());
        assert_eq!(grants(other), grants(&decision));
    }
    decision
}

/// Ids of the grants that a decision rests on, ascending.
pub(crate) fn grants(decision: &Decision) -> Vec<String> {
    let mut ids: Vec<String> = decision.grants().map(|grant| grant.id.clone()).collect();
    ids.sort();
    ids
}
