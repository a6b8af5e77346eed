//! A store that changes step by step is the store that Cedar builds anew: same ancestors, same decisions.
//!
//! Entities are in several others and over several levels, name parents that are not there, and are refused where they
//! would be in themselves. Requests are resolved once, before the first change.

#![cfg(test)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::subsequence;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Decision, Engine, EntitiesError, Entity, EntityUid, FactsError,
    Options, Policy, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::Oracle;

/// Generated histories, of up to as many changes.
const HISTORIES: u32 = 200;
const CHANGES_MAX: usize = 40;

/// Entities of each type that histories are about.
const GROUPS: usize = 8;
const USERS: usize = 6;
const DOCS: usize = 6;

const SCHEMA: &str = r"
entity Group in [Group] = { level: Long };
entity User in [Group] = { level: Long, boss?: User };
entity Doc in [Group, User] = { level: Long, owner: User } tags Long;
action read, write appliesTo { principal: [User], resource: [Doc], context: {} };
";

/// Beside these, each group has a policy for those in it and one for what is in it.
const POLICIES: &str = r#"
permit (principal, action, resource) when { principal.level > 3 };
permit (principal, action, resource) when { principal has boss && principal.boss.level > 3 };
permit (principal, action, resource) when { principal has boss && principal.boss in Group::"1" };
permit (principal, action, resource) when { principal in resource.owner };
permit (principal, action, resource) when { resource in principal };
permit (principal, action, resource) when { resource.owner in [Group::"0", Group::"2"] };
permit (principal, action, resource) when { resource.owner.level == resource.level };
permit (principal, action, resource) when { resource.hasTag("t") && resource.getTag("t") > 3 };
forbid (principal, action == Action::"write", resource in Group::"3") when { principal.level < 2 };
"#;

fn policies() -> String {
    let of_group = |id: usize| {
        format!(
            "permit (principal in Group::\"{id}\", action, resource);\n\
             permit (principal, action, resource in Group::\"{id}\");\n"
        )
    };
    (0..GROUPS).map(of_group).chain([POLICIES.to_owned()]).collect()
}

/// One entity of a history.
#[derive(Clone, Debug)]
struct Node {
    level: i64,
    /// The boss of a user, the owner of a document.
    user: Option<usize>,
    tags: BTreeMap<String, i64>,
    parents: Vec<EntityUid>,
}

#[derive(Clone, Debug)]
enum Change {
    /// Entities given in one call: as values if it is one, else as JSON.
    Upsert(BTreeMap<EntityUid, Node>),
    /// Other parents with the same attributes and tags, or the other way round.
    Part {
        uid: EntityUid,
        node: Node,
        is_moved: bool,
    },
    Remove(EntityUid),
}

fn uid(number: usize) -> EntityUid {
    match number {
        0..GROUPS => EntityUid::new("Group", number.to_string()),
        _ if number < GROUPS + USERS => EntityUid::new("User", (number - GROUPS).to_string()),
        _ => EntityUid::new("Doc", (number - GROUPS - USERS).to_string()),
    }
}

fn number(uid: &EntityUid) -> usize {
    uid.id.parse().unwrap()
}

fn any_uid() -> impl Strategy<Value = EntityUid> {
    // Groups more often: they are what others are in.
    prop_oneof![0..GROUPS, 0..GROUPS + USERS + DOCS].prop_map(uid)
}

fn any_node(uid: &EntityUid) -> impl Strategy<Value = Node> + use<> {
    let is_doc = uid.type_name == "Doc";
    let all = 0..if is_doc { GROUPS + USERS } else { GROUPS };
    // Groups are mostly in later ones, so that few lists of them are in themselves.
    let later = if uid.type_name == "Group" { number(uid) + 1..all.end } else { all.clone() };
    let some = |of: Range<usize>| {
        let len_max = of.len().min(3);
        subsequence(of.map(self::uid).collect::<Vec<_>>(), 0..=len_max)
    };
    let parents = prop_oneof![4 => some(later), 1 => some(all)];
    let tags = btree_map("[tu]", 0..6_i64, if is_doc { 0..3 } else { 0..1 });
    (0..6_i64, proptest::option::of(0..USERS), tags, parents)
        .prop_map(|(level, user, tags, parents)| Node { level, user, tags, parents })
}

fn any_entity() -> impl Strategy<Value = (EntityUid, Node)> {
    any_uid().prop_flat_map(|uid| {
        let node = any_node(&uid);
        (Just(uid), node)
    })
}

fn any_list(len: Range<usize>) -> impl Strategy<Value = Change> {
    vec(any_entity(), len).prop_map(|list| Change::Upsert(list.into_iter().collect()))
}

fn any_change() -> impl Strategy<Value = Change> {
    let part = (any_entity(), any::<bool>()).prop_map(|((uid, node), is_moved)| Change::Part {
        uid,
        node,
        is_moved,
    });
    prop_oneof![2 => any_list(1..6), 3 => part, 2 => any_uid().prop_map(Change::Remove)]
}

fn any_history() -> impl Strategy<Value = Vec<Change>> {
    (any_list(10..30), vec(any_change(), 1..CHANGES_MAX)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}

impl Node {
    fn entity(&self, uid: &EntityUid) -> Entity {
        let mut attributes =
            BTreeMap::from([("level".to_owned(), trapkey::Value::Long(self.level))]);
        if let Some((name, user)) = self.reference(uid) {
            attributes.insert(name.to_owned(), trapkey::Value::Entity(user));
        }
        let tags = self.tags.iter().map(|(name, tag)| (name.clone(), trapkey::Value::Long(*tag)));
        Entity { uid: uid.clone(), attributes, parents: self.parents.clone(), tags: tags.collect() }
    }

    fn json(&self, uid: &EntityUid) -> Value {
        let mut attributes = json!({ "level": self.level });
        if let Some((name, user)) = self.reference(uid) {
            attributes[name] = json!({ "__entity": uid_json(&user) });
        }
        let parents: Vec<Value> = self.parents.iter().map(uid_json).collect();
        json!({ "uid": uid_json(uid), "attrs": attributes, "parents": parents, "tags": self.tags })
    }

    fn reference(&self, uid: &EntityUid) -> Option<(&'static str, EntityUid)> {
        let user = |number: usize| EntityUid::new("User", number.to_string());
        match uid.type_name.as_str() {
            "User" => self.user.map(|number| ("boss", user(number))),
            "Doc" => Some(("owner", user(self.user.unwrap_or(0)))),
            _ => None,
        }
    }
}

fn uid_json(uid: &EntityUid) -> Value {
    json!({ "type": uid.type_name, "id": uid.id })
}

/// The engine under test, Cedar's oracle, and what both should know.
struct Pair {
    engine: Engine,
    oracle: Oracle,
    /// Each request as both read it.
    requests: Vec<(Request, cedar_policy::Request)>,
    nodes: BTreeMap<EntityUid, Node>,
}

type Tally = BTreeMap<&'static str, u64>;

fn fail<T: std::fmt::Debug>(what: &str, want: T, got: T) -> TestCaseError {
    TestCaseError::fail(format!("{what}: cedar says {want:?}, trapkey {got:?}"))
}

fn ids<'a>(policies: impl Iterator<Item = &'a Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

impl Pair {
    fn new() -> Self {
        let policies = policies();
        let sources = Sources { policies: &policies, schema: SCHEMA, links: &[] };
        let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
        let release = Release { name: "facts".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        let options = Options { poison_frames: true, ..Options::default() };
        let engine = Engine::with_options(options).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        let oracle = Oracle::new(SCHEMA, &policies, &json!([])).unwrap();
        let model = engine.model().unwrap();
        let mut requests = Vec::new();
        for number in 0..USERS * 2 {
            let action = ["read", "write"][number / USERS];
            let request = json!({
                "principal": { "type": "User", "id": (number % USERS).to_string() },
                "action": { "type": "Action", "id": action },
                "resource": { "type": "Doc", "id": ((number * 5 + 1) % DOCS).to_string() },
                "context": {},
            });
            let prepared = Request::from_json(&model, &request.to_string()).unwrap();
            requests.push((prepared, oracle.request(&request).unwrap()));
        }
        Self { engine, oracle, requests, nodes: BTreeMap::new() }
    }

    /// Forgets everything between two histories.
    fn clear(&mut self) {
        self.engine.replace_entities(Vec::new()).unwrap();
        self.nodes.clear();
    }

    /// Makes the change on both sides; whether it was taken.
    fn change(&mut self, change: &Change) -> Result<bool, TestCaseError> {
        let mut nodes = self.nodes.clone();
        let given = match change {
            Change::Remove(uid) => {
                let was_there = nodes.remove(uid).is_some();
                let removed = self.engine.remove(uid).unwrap();
                if removed != was_there {
                    return Err(fail("whether the removed entity was there", was_there, removed));
                }
                self.nodes = nodes;
                return Ok(true);
            }
            Change::Upsert(given) => given.clone(),
            Change::Part { uid, node, is_moved } => {
                let mut node = node.clone();
                match nodes.get(uid) {
                    Some(before) if *is_moved => {
                        node = Node { parents: node.parents, ..before.clone() };
                    }
                    Some(before) => node.parents.clone_from(&before.parents),
                    None => {}
                }
                BTreeMap::from([(uid.clone(), node)])
            }
        };
        let list: Vec<Value> = given.iter().map(|(uid, node)| node.json(uid)).collect();
        let upserted = match given.first_key_value() {
            Some((uid, node)) if given.len() == 1 => self.engine.upsert(node.entity(uid)),
            _ => self.engine.upsert_json(&Value::Array(list).to_string()),
        };
        let is_taken = match upserted {
            Ok(()) => true,
            Err(FactsError::Entities(EntitiesError::Cycle { .. })) => false,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        nodes.extend(given);
        let rebuilt = self.oracle.with_entities(&json(&nodes));
        if rebuilt.is_ok() != is_taken {
            return Err(fail("whether the change is taken", rebuilt.is_ok(), is_taken));
        }
        if is_taken {
            self.nodes = nodes;
        }
        Ok(is_taken)
    }

    /// Compares everything with a rebuild by Cedar.
    fn compare(&mut self, tally: &mut Tally) -> Result<(), TestCaseError> {
        self.oracle = self.oracle.with_entities(&json(&self.nodes)).unwrap();
        self.compare_ancestors(tally)?;
        for (request, cedar) in &self.requests {
            let want = self.oracle.verdict(cedar);
            let decision = self.engine.decide(request);
            let got = (
                decision.is_allow(),
                ids(decision.determining()),
                ids(decision.erring().map(|erring| erring.policy)),
            );
            *tally.entry(kind(&decision)).or_default() += 1;
            *tally.entry("with an error").or_default() += u64::from(!want.erring.is_empty());
            let want = (want.allow, want.determining, want.erring);
            if want != got {
                return Err(fail("decisions differ", want, got));
            }
        }
        Ok(())
    }

    fn compare_ancestors(&self, tally: &mut Tally) -> Result<(), TestCaseError> {
        let entities = self.engine.entities().unwrap();
        // Two actions are entities too.
        if entities.len() != self.nodes.len() + 2 {
            return Err(fail("number of entities", self.nodes.len() + 2, entities.len()));
        }
        for (uid, node) in &self.nodes {
            let stored = entities.get(uid).ok_or_else(|| fail("stored", Some(uid), None))?;
            let got: BTreeSet<String> = stored.ancestors().map(ToString::to_string).collect();
            let cedar = uid.to_string().parse().unwrap();
            let ancestors = self.oracle.entities().ancestors(&cedar).unwrap();
            let want: BTreeSet<String> = ancestors.map(ToString::to_string).collect();
            *tally.entry("indirect ancestors").or_default() +=
                (want.len() - node.parents.len()) as u64;
            if want != got {
                return Err(fail(&format!("ancestors of {uid}"), want, got));
            }
        }
        Ok(())
    }
}

fn json(nodes: &BTreeMap<EntityUid, Node>) -> Value {
    nodes.iter().map(|(uid, node)| node.json(uid)).collect()
}

fn kind(decision: &Decision) -> &'static str {
    match (decision.is_allow(), decision.determining().next().is_some()) {
        (true, _) => "allowed",
        (false, true) => "forbidden",
        (false, false) => "not permitted",
    }
}

#[test]
fn every_change_gives_what_cedar_builds_anew() {
    let pair = RefCell::new(Pair::new());
    let tally = RefCell::new(Tally::new());
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&any_history(), |history| {
        let (mut pair, mut tally) = (pair.borrow_mut(), tally.borrow_mut());
        pair.clear();
        for change in &history {
            let is_taken = pair.change(change)?;
            *tally.entry(if is_taken { "changes" } else { "cycles" }).or_default() += 1;
            pair.compare(&mut tally)?;
        }
        Ok(())
    });
    println!("{HISTORIES} histories: {:?}", tally.borrow());
    if let Err(error) = result {
        panic!("{error}");
    }
    let tally = tally.borrow();
    for kind in [
        "changes",
        "cycles",
        "indirect ancestors",
        "allowed",
        "forbidden",
        "not permitted",
        "with an error",
    ] {
        assert!(tally.get(kind) > Some(&u64::from(HISTORIES / 2)), "too few are {kind}: {tally:?}");
    }
}
