//! A building that the cases are about: its schema, a policy, a few facts, and an engine with them.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::LazyLock;

use trapkey::{
    Bundle, CompileOptions, Engine, EntityUid, Generation, Limits, Release, Sources, Span, Value,
    compile,
};

/// Users in zones, doors, an enumerated type, an action in a group.
pub(crate) const SCHEMA: &str = r#"
entity State enum ["off", "on"];
entity Site;
entity Zone in [Zone, Site];
entity Door in [Zone];
entity User in [Zone] = {
  level: Long,
  state?: State,
  home?: Zone,
  @max("8") name?: String,
  @max("2") tools?: Set<String>,
  address?: ipaddr,
  weight?: decimal,
  @min("0") @max("9") rank?: Long,
  since?: datetime,
  shift?: duration,
  badge?: { number: Long },
} tags Long;
action all;
action read in [all];
action "open" in [read] appliesTo {
  principal: [User, State],
  resource: Door,
  context: { @min("2000-01-01") now: datetime, @max("4") reason?: String, device?: { owner: User, trusted: Bool } },
};
"#;

/// Lets users of level 3 in.
pub(crate) const POLICY: &str = r#"
@id("level-3") permit (principal is User, action == Action::"open", resource)
when { principal.level >= 3 && context.now >= datetime("2020-01-01") };
"#;

const FACTS: &str = r#"[
  {"uid": {"type": "Zone", "id": "hall"}, "attrs": {}, "parents": [{"type": "Site", "id": "s"}]},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 5},
   "parents": [{"type": "Zone", "id": "hall"}]}
]"#;

/// What the published engine allows.
pub(crate) const REQUEST: &str = r#"{
  "principal": "User::\"ann\"", "action": "Action::\"open\"", "resource": "Door::\"d\"",
  "context": {"now": "2026-01-01"}
}"#;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| publish(POLICY, FACTS));

/// The engine that all refusals leave as it is, so that all cases can share it.
pub(crate) fn engine() -> &'static Engine {
    &ENGINE
}

/// A new engine with these policies and facts.
pub(crate) fn publish(policies: &str, facts: &str) -> Engine {
    let sources = Sources { policies, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("the sources compile");
    let release = Release { name: "world".into(), version: "1".into(), sequence: 1 };
    let packed = Bundle::pack(&release, &compiled.module).expect("the module packs");
    let bundle = Bundle::open(&packed).expect("the bundle opens");
    let engine = Engine::new(Limits::default()).expect("the limits are supported");
    engine.publish_with_json(&bundle, facts).expect("the facts conform");
    engine
}

/// All that a refusal could have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    generation: Generation,
    facts: Vec<(EntityUid, BTreeMap<String, Value>, Vec<EntityUid>)>,
}

/// The state of an engine that decides [`REQUEST`] as it should.
#[track_caller]
pub(crate) fn state(engine: &Engine) -> State {
    let decision = engine.decide_json(REQUEST).expect("the request conforms");
    assert!(decision.is_allow(), "{decision:?}");
    let entities = engine.entities().expect("something is published");
    let facts = entities.iter().map(|entity| {
        let parents = entity.parents().cloned().collect();
        let attributes =
            entity.attributes().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        (entity.uid().clone(), attributes, parents)
    });
    State { generation: decision.generation(), facts: facts.collect() }
}

/// The part of a source that a span covers.
pub(crate) fn part(source: &str, span: Span) -> &str {
    source.get(span.start as usize..span.end as usize).expect("the span is in the source")
}

/// An error and its sources, as a PEP would log them.
pub(crate) fn report(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", report(source)),
        None => error.to_string(),
    }
}
