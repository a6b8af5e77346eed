//! A small world of decisions that last: users in groups, documents, sessions, and clocks.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a fixture that is wrong stops its tests"
)]

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::subsequence;
use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, Entity, EntityUid, Grant, Limits, Release, Request,
    Sources, Value, compile,
};

/// Entities of each type that histories are about.
pub const GROUPS: usize = 5;
/// Users that histories are about.
pub const USERS: usize = 5;
/// Documents that histories are about.
pub const DOCS: usize = 4;

/// The instant at which histories begin: 2026-11-24T08:00:00Z.
pub const START: Datetime = Datetime(1_795_507_200_000);

/// Parents over several levels, references, optional records, and each kind of clock.
pub const SCHEMA: &str = r#"
entity Group in [Group] = { level: Long };
entity User in [Group] = { level: Long, boss?: User };
entity Doc in [Group] = { owner: User, level: Long };
action read, write appliesTo { principal: [User], resource: [Doc], context: {
  @clock("instant") now: datetime,
  session: { @clock("elapsed") age: duration, @clock("elapsed") idle: duration, revoked: Bool, risk: Long },
  @clock("remaining") left: duration,
  device?: { compliant: Bool, name: String },
} };
action note appliesTo { principal: [User], resource: [Doc], context: { text: String } };
"#;

/// Policies by membership, by reference, by time and by what is absent.
pub const POLICIES: &str = r#"
@obligation("record-session")
permit (principal, action, resource) when { principal in Group::"0" };
permit (principal, action == Action::"read", resource) when { resource in Group::"1" };
@obligation("record-session,notify:owner")
permit (principal, action in [Action::"read", Action::"write"], resource)
when { principal == resource.owner && context.session.age < duration("1h") };
permit (principal, action, resource) when { principal has boss && principal.boss.level > 3 };
permit (principal, action == Action::"write", resource)
when { resource.owner in Group::"2" && context.now < datetime("2026-11-24T10:00:00Z") };
permit (principal, action == Action::"note", resource) when { context.text like "*ok*" };
forbid (principal, action in [Action::"read", Action::"write"], resource)
when { context.session.revoked || context.session.risk > 5 || context.left <= duration("0s") };
forbid (principal, action == Action::"write", resource)
when { context has device && !context.device.compliant };
forbid (principal, action == Action::"write", resource)
when { context.session.idle >= duration("15m") };
forbid (principal, action, resource in Group::"3") when { principal.level < 2 };
@id("elevate")
permit (principal == ?principal, action == Action::"write", resource == ?resource)
when { context.session.risk < 6 };
@id("group")
permit (principal in ?principal, action == Action::"read", resource);
@id("closed")
forbid (principal, action in [Action::"read", Action::"write"], resource in ?resource);
"#;

/// Policies that permit less.
pub const STRICTER: &str = r#"
permit (principal in Group::"0", action, resource) when { principal.level > 1 };
permit (principal, action == Action::"read", resource)
when { principal == resource.owner && context.session.age < duration("30m") };
"#;

/// A bundle of these policies.
pub fn bundle(policies: &str) -> Bundle {
    let sources = Sources { policies, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("the policies compile");
    let release = Release { name: "lasting".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("the module packs");
    Bundle::open(&bytes).expect("the bundle opens")
}

/// An engine with [`POLICIES`] and no entities.
pub fn engine() -> Engine {
    let engine = Engine::new(Limits::default()).expect("an engine");
    engine.publish(&bundle(POLICIES)).expect("it is published");
    engine
}

/// The uid of one of the entities, the groups first.
pub fn uid(number: usize) -> EntityUid {
    match number {
        0..GROUPS => EntityUid::new("Group", number.to_string()),
        _ if number < GROUPS + USERS => user(number - GROUPS),
        _ => doc(number - GROUPS - USERS),
    }
}

/// A user's uid.
pub fn user(number: usize) -> EntityUid {
    EntityUid::new("User", number.to_string())
}

/// A document's uid.
pub fn doc(number: usize) -> EntityUid {
    EntityUid::new("Doc", number.to_string())
}

/// One of the entities as it may be.
pub fn any_entity() -> impl Strategy<Value = Entity> {
    let number = prop_oneof![0..GROUPS, GROUPS..GROUPS + USERS, 0..GROUPS + USERS + DOCS];
    (
        number,
        0..6_i64,
        proptest::option::of(0..USERS),
        subsequence((0..GROUPS).collect::<Vec<_>>(), 0..3),
    )
        .prop_map(|(number, level, other, parents)| entity(number, level, other, &parents))
}

/// All entities as they may be, but for those that are missing.
pub fn any_facts() -> impl Strategy<Value = Vec<Entity>> {
    let groups = subsequence((0..GROUPS).collect::<Vec<_>>(), 0..4);
    let one = (0..6_i64, proptest::option::of(0..USERS), groups, 0..8_usize);
    proptest::collection::vec(one, GROUPS + USERS + DOCS).prop_map(|list| {
        let numbered = list.into_iter().enumerate();
        let is_there = numbered.filter(|(_, (_, _, _, chance))| *chance > 0);
        is_there
            .map(|(number, (level, other, groups, _))| entity(number, level, other, &groups))
            .collect()
    })
}

/// An entity with a level, the boss of a user or the owner of a document, and groups.
pub fn entity(number: usize, level: i64, other: Option<usize>, parents: &[usize]) -> Entity {
    let uid = uid(number);
    let mut attributes = BTreeMap::from([("level".to_owned(), Value::Long(level))]);
    let reference = match (uid.type_name.as_str(), other) {
        ("User", Some(other)) => Some(("boss", other)),
        ("Doc", other) => Some(("owner", other.unwrap_or(0))),
        _ => None,
    };
    if let Some((name, other)) = reference {
        attributes.insert(name.to_owned(), Value::Entity(user(other)));
    }
    // Groups are in later ones, so that none is in itself.
    let is_allowed = |parent: &&usize| uid.type_name != "Group" || **parent > number;
    let parents = parents.iter().filter(is_allowed).map(|parent| self::uid(*parent)).collect();
    Entity { uid, attributes, parents, tags: BTreeMap::new() }
}

/// Milliseconds that pass.
pub fn any_wait() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1), Just(60_000), 0..3_600_000_i64]
}

/// A grant of one of the templates, under one of a few ids, that may have begun.
pub fn any_grant() -> impl Strategy<Value = Grant> {
    let template = prop_oneof![
        (0..USERS, 0..DOCS).prop_map(|(by, of)| ("elevate", Some(user(by)), Some(doc(of)))),
        (0..GROUPS).prop_map(|of| ("group", Some(uid(of)), None)),
        (0..GROUPS).prop_map(|of| ("closed", None, Some(uid(of)))),
    ];
    let minutes = (0..4_i64, 1..120_i64, proptest::option::of(0..60_i64));
    (template, minutes).prop_map(|((template, principal, resource), (id, left, begins))| Grant {
        id: id.to_string(),
        template: template.to_owned(),
        principal,
        resource,
        not_before: begins.map(|begins| Datetime(START.0 + begins * 60_000)),
        expires: Datetime(START.0 + (begins.unwrap_or(0) + left) * 60_000),
        reason: Some("work order 7".to_owned()),
        ticket: None,
        requester: EntityUid::new("User", "requester"),
        approvers: vec![EntityUid::new("User", "approver")],
    })
}

/// A request of a history.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks.
    pub user: usize,
    /// For what: `read`, `write` or `note`.
    pub action: &'static str,
    /// Of which document.
    pub doc: usize,
    /// Age of the session, and for how long it has been idle, in minutes.
    pub age: i64,
    /// See above.
    pub idle: i64,
    /// For how long the credential lasts, in minutes.
    pub left: i64,
    /// The risk.
    pub risk: i64,
    /// Whether the device complies, if it is known.
    pub compliant: Option<bool>,
}

/// Any request of a history.
pub fn any_asked() -> impl Strategy<Value = Asked> {
    let action = prop_oneof![Just("read"), Just("write"), Just("read"), Just("note")];
    let clocks = (0..70_i64, 0..20_i64, 0..90_i64, 0..7_i64);
    (0..USERS, action, 0..DOCS, clocks, proptest::option::of(any::<bool>())).prop_map(
        |(user, action, doc, (age, idle, left, risk), compliant)| Asked {
            user,
            action,
            doc,
            age,
            idle,
            left,
            risk,
            compliant,
        },
    )
}

impl Asked {
    /// The request at an instant.
    pub fn request(&self, engine: &Engine, now: Datetime) -> Request {
        let model = engine.model().expect("a model");
        let builder = Request::builder(&model)
            .principal(user(self.user))
            .action(EntityUid::new("Action", self.action))
            .resource(doc(self.doc));
        if self.action == "note" {
            let text = Value::String(format!("{} ok", self.risk));
            return builder.attribute("text", text).build().expect("a request");
        }
        let minutes = |minutes: i64| Value::Duration(minutes * 60_000);
        let record = |fields: Vec<(&str, Value)>| {
            Value::Record(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            )
        };
        let session = record(vec![
            ("age", minutes(self.age)),
            ("idle", minutes(self.idle)),
            ("revoked", Value::Bool(false)),
            ("risk", Value::Long(self.risk)),
        ]);
        let mut builder = builder
            .attribute("now", Value::Datetime(now.0))
            .attribute("session", session)
            .attribute("left", minutes(self.left));
        if let Some(compliant) = self.compliant {
            let name = Value::String(format!("device {compliant}"));
            let device = record(vec![("compliant", Value::Bool(compliant)), ("name", name)]);
            builder = builder.attribute("device", device);
        }
        builder.build().expect("a request")
    }
}
