//! The store against small schemas, and against a naive model of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trapkey_abi::{
    Action, Attribute, EntityType, EntityUid, Handle, Record, Rows, Schema, Type, Value,
};

use super::draft::{Batch, Origin};
use super::names::Identity;
use super::{Entities, EntitiesError, Entity, EntityError, EntityStore};
use crate::model::Model;

fn entity_type(name: &str, ancestors: &[&str]) -> EntityType {
    EntityType {
        name: name.to_owned(),
        attributes: Record::default(),
        tags: None,
        ancestors: ancestors.iter().map(ToString::to_string).collect(),
        ids: None,
        is_action: false,
    }
}

/// Groups in groups, users in groups with an optional level and tags, enumerated states, actions.
fn model(level: &Type) -> Arc<Model> {
    let mut action = entity_type("Action", &["Action"]);
    action.is_action = true;
    let mut state = entity_type("State", &[]);
    state.ids = Some(vec!["off".to_owned(), "on".to_owned()]);
    let mut user = entity_type("User", &["Group"]);
    let level = Attribute::new(level.clone(), false);
    user.attributes.attributes.insert("level".to_owned(), level);
    user.tags = Some(Type::Long);
    let act = |id: &str, groups: &[&str]| Action {
        uid: EntityUid::new("Action", id),
        groups: groups.iter().map(|id| EntityUid::new("Action", *id)).collect(),
        principals: vec!["User".to_owned()],
        resources: vec!["User".to_owned()],
        context: Record::default(),
    };
    Arc::new(Model::new(Schema {
        entity_types: vec![action, entity_type("Group", &["Group"]), state, user],
        actions: vec![act("all", &[]), act("read", &["all"]), act("view", &["all", "read"])],
    }))
}

fn group(id: &str) -> EntityUid {
    EntityUid::new("Group", id)
}

fn user(id: &str) -> EntityUid {
    EntityUid::new("User", id)
}

fn entity(uid: EntityUid, parents: &[&str]) -> Entity {
    Entity {
        uid,
        attributes: BTreeMap::new(),
        parents: parents.iter().map(|id| group(id)).collect(),
        tags: BTreeMap::new(),
    }
}

fn store(entities: Vec<Entity>) -> EntityStore {
    EntityStore::from_entities(model(&Type::Long), entities).expect("entities conform")
}

fn ancestors(entities: &Entities, uid: &EntityUid) -> BTreeSet<String> {
    let entity = entities.get(uid).expect("entity is stored");
    entity.ancestors().map(|uid| uid.id.clone()).collect()
}

#[track_caller]
fn check(store: &EntityStore, uid: &EntityUid, want: &[&str]) {
    let want: BTreeSet<String> = want.iter().map(ToString::to_string).collect();
    assert_eq!(ancestors(&store.snapshot(), uid), want);
}

#[track_caller]
fn check_refused(result: Result<impl Sized, EntitiesError>, want: &str) {
    let error = result.err().expect("refused").to_string();
    assert!(error.contains(want), "{error}");
}

#[test]
fn ancestors_are_named_whether_they_are_stored_or_not() {
    let mut store = store(vec![
        entity(user("u"), &["a", "x"]),
        entity(group("a"), &["b"]),
        entity(group("b"), &["absent"]),
    ]);
    check(&store, &user("u"), &["a", "absent", "b", "x"]);
    store.upsert(entity(group("absent"), &["top"])).expect("conforms");
    check(&store, &user("u"), &["a", "absent", "b", "top", "x"]);
    store.upsert(entity(group("b"), &[])).expect("conforms");
    check(&store, &user("u"), &["a", "b", "x"]);
    check(&store, &group("a"), &["b"]);
}

#[test]
fn what_was_reached_through_a_removed_entity_is_lost() {
    let mut store = store(vec![
        entity(user("u"), &["a", "b"]),
        entity(group("a"), &["c", "top"]),
        entity(group("b"), &["c"]),
    ]);
    check(&store, &user("u"), &["a", "b", "c", "top"]);
    assert!(store.remove(&group("a")).expect("removable"));
    check(&store, &user("u"), &["a", "b", "c"]);
    assert!(!store.remove(&group("a")).expect("absent"));
    assert!(store.remove(&group("b")).expect("removable"));
    check(&store, &user("u"), &["a", "b"]);
    check_refused(store.remove(&EntityUid::new("Action", "all")), "part of the schema");
}

#[test]
fn cycles_are_refused_by_name() {
    let mut store = store(vec![
        entity(group("a"), &["b"]),
        entity(group("b"), &["c"]),
        entity(group("d"), &["a"]),
        entity(user("u"), &["d"]),
    ]);
    let Err(EntitiesError::Cycle { uids }) = store.upsert(entity(group("c"), &["e", "a"])) else {
        panic!("the cycle is refused")
    };
    let ids: BTreeSet<&str> = uids.iter().map(|uid| uid.id.as_str()).collect();
    assert_eq!(ids, BTreeSet::from(["a", "b", "c"]));
    check(&store, &user("u"), &["a", "b", "c", "d"]);
    check_refused(store.upsert(entity(group("f"), &["f"])), "`Group::\"f\"` in `Group::\"f\"`");
    assert!(store.snapshot().get(&group("f")).is_none());
}

#[test]
fn a_deep_chain_costs_no_stack() {
    let name = |index: usize| format!("g{index}");
    let chain = |len: usize| {
        (0..len).map(|index| entity(group(&name(index)), &[&name(index + 1)])).collect::<Vec<_>>()
    };
    let limit = super::ANCESTORS_MAX;
    check_refused(
        EntityStore::from_entities(model(&Type::Long), chain(limit + 1)),
        "1025 ancestors",
    );
    let mut cycle = chain(20_000);
    cycle.push(entity(group("g20000"), &["g0"]));
    let cycle = EntityStore::from_entities(model(&Type::Long), cycle);
    assert!(matches!(cycle, Err(EntitiesError::Cycle { uids }) if uids.len() == 20_001));
}

#[test]
fn two_uids_with_one_handle_are_refused() {
    let store = store(vec![entity(group("a"), &[]), entity(user("u"), &["parent"])]);
    let entities = store.snapshot();
    for known in [group("a"), group("b"), group("parent")] {
        let mut batch = Batch::new(&entities);
        batch.add(Origin::Alone, entity(group("b"), &["parent"])).expect("conforms");
        let identity = Identity { uid: group("other"), handle: known.handle() };
        let added = batch.add_as(identity, Origin::Alone, entity(group("other"), &[]));
        let Err(EntitiesError::HandleCollision { first, second }) = added else {
            panic!("the collision with {known} is refused")
        };
        assert_eq!((first, second), (known, group("other")));
    }
}

#[test]
fn a_list_may_repeat_an_entity_only_with_the_same_content() {
    let mut again = entity(user("u"), &["a", "b"]);
    let mut other = entity(user("u"), &["b", "a", "a"]);
    assert_eq!(store(vec![again.clone(), other.clone()]).snapshot().len(), 4);
    other.attributes.insert("level".to_owned(), Value::Long(1));
    let twice = EntityStore::from_entities(model(&Type::Long), vec![again.clone(), other.clone()]);
    check_refused(twice, "entity `User::\"u\"` at `entities[1]` was given before");
    let ty = Type::Set(Box::new(Type::Long));
    again.attributes.insert("level".to_owned(), Value::Set(vec![Value::Long(1), Value::Long(2)]));
    let numbers = [2, 1, 2].map(Value::Long).to_vec();
    other.attributes.insert("level".to_owned(), Value::Set(numbers));
    assert!(EntityStore::from_entities(model(&ty), vec![again, other]).is_ok());
}

#[test]
fn a_refused_change_changes_nothing() {
    let mut store = store(vec![entity(user("u"), &["a"]), entity(group("a"), &[])]);
    let before = store.snapshot();
    let text = r#"[
        {"uid": {"type": "Group", "id": "a"}, "attrs": {}, "parents": [{"type": "Group", "id": "b"}]},
        {"uid": {"type": "User", "id": "u"}, "attrs": {"level": true}, "parents": []}
    ]"#;
    check_refused(
        store.upsert_json(text),
        "entity `User::\"u\"` at `entities[1]` does not conform to the schema: \
         `entities[1].attrs.level`: expected a value of type Long, found a boolean",
    );
    let mut off = entity(EntityUid::new("State", "broken"), &[]);
    check_refused(store.upsert(off.clone()), "its enumerated type has no such id");
    off.uid.id = "off".to_owned();
    off.parents.push(group("a"));
    check_refused(store.upsert(off), "the schema does not allow the ancestor `Group::\"a\"`");
    check_refused(store.upsert(entity(EntityUid::new("Car", "c"), &[])), "does not declare");
    let after = store.snapshot();
    assert_eq!(after.len(), before.len());
    assert!(after.iter().zip(before.iter()).all(|(a, b)| std::ptr::eq(a, b)));
}

#[test]
fn json_may_be_one_entity_or_a_list() {
    let mut store = store(Vec::new());
    let one = r#" {"attrs": {}, "uid": {"type": "User", "id": "u"}, "parents": []}"#;
    store.upsert_json(one).expect("conforms");
    store.upsert_json(&format!("[{one}, {one}]")).expect("conforms");
    assert_eq!(store.snapshot().len(), 4);
    check_refused(store.upsert_json("5"), "unreadable JSON at `entities[0]`");
    check_refused(store.upsert_json("{}"), "unreadable JSON at `entity`");
    check_refused(EntityStore::from_json(model(&Type::Long), one), "unreadable JSON");
}

#[test]
fn actions_come_from_the_schema() {
    let store = EntityStore::new(model(&Type::Long)).expect("actions conform");
    check(&store, &EntityUid::new("Action", "view"), &["all", "read"]);
    let given = |list: &[(&str, &[&str])]| {
        let action = |(id, groups): &(&str, &[&str])| Entity {
            parents: groups.iter().map(|id| EntityUid::new("Action", *id)).collect(),
            ..entity(EntityUid::new("Action", *id), &[])
        };
        EntityStore::from_entities(model(&Type::Long), list.iter().map(action).collect())
    };
    assert!(given(&[("view", &["all", "read"])]).is_ok());
    assert!(given(&[("view", &["read"]), ("read", &["all"])]).is_ok());
    check_refused(given(&[("view", &["read"])]), "exactly what the schema declares");
    check_refused(given(&[("all", &["read"])]), "exactly what the schema declares");
    check_refused(given(&[("write", &[])]), "no such action");
    check_refused(
        EntityStore::from_entities(
            model(&Type::Long),
            vec![entity(EntityUid::new("Action", "all"), &["g"])],
        ),
        "exactly what the schema declares",
    );
}

#[test]
fn another_schema_is_refused_with_all_that_does_not_conform() {
    let mut level = entity(user("one"), &["g"]);
    level.attributes.insert("level".to_owned(), Value::Long(7));
    let mut other = level.clone();
    other.uid = user("two");
    let store = store(vec![level, other, entity(user("three"), &["g"])]);
    let Err(EntitiesError::NonConforming(list)) = store.revalidate(model(&Type::String)) else {
        panic!("the other schema is refused")
    };
    let uids: BTreeSet<&EntityUid> = list.iter().map(|entity| &entity.uid).collect();
    assert_eq!(uids, BTreeSet::from([&user("one"), &user("two")]));
    assert!(list.iter().all(|entity| matches!(entity.error, EntityError::Row(_))));
    let mut again = store.revalidate(model(&Type::Long)).expect("conforms");
    again.upsert(entity(group("g"), &["top"])).expect("conforms");
    check(&again, &user("one"), &["g", "top"]);
    check(&store, &user("one"), &["g"]);
}

#[test]
fn rows_are_found_by_handle() {
    let store = store(vec![entity(user("u"), &["a"])]);
    let entities = store.snapshot();
    let row = entities.row(user("u").handle()).expect("entity is stored");
    assert_eq!((row.entity_type, row.bytes), (3, entities.get(&user("u")).unwrap().row().bytes()));
    assert!(entities.row(group("a").handle()).is_none());
    assert!(entities.row(Handle::NONE).is_none());
}

/// Numbers without order; the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

type Parents = BTreeMap<EntityUid, BTreeSet<EntityUid>>;

fn reachable(parents: &Parents, from: &EntityUid) -> BTreeSet<EntityUid> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(uid) = open.pop() {
        for parent in parents.get(uid).into_iter().flatten() {
            if found.insert(parent.clone()) {
                open.push(parent);
            }
        }
    }
    found
}

#[test]
fn every_change_gives_what_a_naive_store_gives() {
    let mut numbers = Numbers(1);
    let mut store = store(Vec::new());
    let mut naive: Parents = BTreeMap::new();
    let mut snapshots = Vec::new();
    for step in 0..4_000 {
        let name = |number: usize| format!("g{number}");
        let uid = group(&name(numbers.below(60)));
        if numbers.below(4) == 0 {
            let was_there = naive.remove(&uid).is_some();
            assert_eq!(store.remove(&uid).expect("removable"), was_there);
        } else {
            let parents: Vec<String> =
                (0..numbers.below(4)).map(|_| name(numbers.below(60))).collect();
            let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
            let mut changed = naive.clone();
            changed.insert(uid.clone(), parents.iter().map(|id| group(id)).collect());
            let is_cycle = changed.keys().any(|uid| reachable(&changed, uid).contains(uid));
            match store.upsert(entity(uid, &parents)) {
                Ok(()) => {
                    assert!(!is_cycle, "step {step}");
                    naive = changed;
                }
                Err(EntitiesError::Cycle { .. }) => assert!(is_cycle, "step {step}"),
                Err(error) => panic!("{error}"),
            }
        }
        let entities = store.snapshot();
        assert_eq!(entities.len(), naive.len() + 3, "three actions");
        for uid in naive.keys() {
            let found: BTreeSet<EntityUid> =
                entities.get(uid).expect("stored").ancestors().cloned().collect();
            assert_eq!(found, reachable(&naive, uid), "step {step}");
        }
        if step % 500 == 0 {
            snapshots.push((entities, naive.clone()));
        }
    }
    for (entities, naive) in snapshots {
        assert!(naive.keys().all(|uid| {
            entities.get(uid).unwrap().ancestors().cloned().eq({
                let mut want: Vec<_> = reachable(&naive, uid).into_iter().collect();
                want.sort_by_key(EntityUid::handle);
                want
            })
        }));
    }
}

#[test]
fn a_large_store_finds_every_entity_in_the_order_of_handles() {
    let count = 10_000;
    let uids: Vec<EntityUid> = (0..count).map(|index| user(&index.to_string())).collect();
    let mut grown = store(Vec::new());
    for uid in &uids {
        grown.upsert(entity(uid.clone(), &[])).expect("conforms");
    }
    let loaded = store(uids.iter().rev().map(|uid| entity(uid.clone(), &[])).collect());
    for store in [&grown, &loaded] {
        let entities = store.snapshot();
        assert_eq!(entities.len(), count + 3);
        assert!(uids.iter().all(|uid| entities.get(uid).is_some_and(|e| e.uid() == uid)));
        assert!(entities.get(&user("none")).is_none());
        let handles: Vec<Handle> = entities.iter().map(super::StoredEntity::handle).collect();
        assert!(handles.is_sorted() && handles.len() == count + 3);
    }
    for uid in uids.iter().take(count - 1) {
        assert!(grown.remove(uid).expect("removable"));
    }
    assert_eq!(grown.snapshot().len(), 4);
    assert_eq!(grown.snapshot().iter().filter(|e| e.uid().type_name == "User").count(), 1);
}

/// Whatever two stores share by their history, their difference is that of their rows.
#[test]
fn a_difference_names_every_row_that_is_another_and_no_other() {
    let mut numbers = Numbers(7);
    let mut store = store(Vec::new());
    let rows = |entities: &Entities| -> BTreeMap<Handle, Vec<u8>> {
        entities.iter().map(|e| (e.handle(), e.row().bytes().to_vec())).collect()
    };
    let mut snapshots = vec![store.snapshot()];
    for step in 0..900 {
        let uid = user(&numbers.below(600).to_string());
        match numbers.below(8) {
            0 => drop(store.remove(&uid)),
            1 => store.upsert(entity(group("a"), &[["b", "c"][numbers.below(2)]])).unwrap(),
            _ => {
                let mut user = entity(uid, &["a", "d"][..numbers.below(3)]);
                let level = i64::try_from(numbers.below(2)).unwrap();
                user.attributes.insert("level".to_owned(), Value::Long(level));
                store.upsert(user).unwrap();
            }
        }
        if step % 30 == 0 || numbers.below(20) == 0 {
            snapshots.push(store.snapshot());
        }
    }
    // The same content without any history in common.
    snapshots.push(store.revalidate(model(&Type::Long)).unwrap().snapshot());
    let all: Vec<_> = snapshots.iter().map(|entities| (entities, rows(entities))).collect();
    let mut differing = 0;
    for (own, own_rows) in &all {
        for (other, other_rows) in &all {
            let handles: BTreeSet<Handle> =
                own_rows.keys().chain(other_rows.keys()).copied().collect();
            let is_other = |handle: &Handle| own_rows.get(handle) != other_rows.get(handle);
            let want: Vec<Handle> = handles.into_iter().filter(is_other).collect();
            assert!(own.difference(other).eq(want.iter().copied()));
            differing += usize::from(!want.is_empty());
        }
    }
    assert!(differing > 500, "{differing}");
}
