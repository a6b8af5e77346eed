//! Entities that are refused: the exact reason, the place in its message, and facts as before.

use std::collections::BTreeMap;
use std::sync::Arc;

use trapkey::{
    ANCESTORS_MAX, ENTITIES_BYTES_MAX, ENTITIES_MAX, Engine, EntitiesError, Entity, EntityError,
    EntityStore, EntityUid, FactsError, Limits, Model, RowErrorKind, Schema, Type, Value,
    ValueErrorKind, parse_schema,
};

use crate::world;

/// A test of the exact variant.
type Is = fn(&EntitiesError) -> bool;

#[track_caller]
fn check(change: impl FnOnce(&Engine) -> Result<(), FactsError>, is: Is, says: &str) {
    let engine = world::engine();
    let before = world::state(engine);
    let Err(FactsError::Entities(error)) = change(engine) else {
        panic!("the entities are not refused: {says}")
    };
    let text = world::report(&error);
    assert!(is(&error), "{error:?}");
    assert!(text.contains(says), "{text}");
    assert_eq!(world::state(engine), before, "{text}");
}

fn check_json(cases: &[(&str, Is, &str)]) {
    for (text, is, says) in cases {
        check(|engine| engine.upsert_json(text), *is, says);
        check(|engine| engine.replace_entities_json(&list(text)), *is, says);
    }
}

/// `text` as the list that replaces all entities.
fn list(text: &str) -> String {
    if text.starts_with('{') { format!("[{text}]") } else { text.to_owned() }
}

fn entity(uid: EntityUid, parents: &[EntityUid]) -> Entity {
    let (attributes, tags) = (BTreeMap::new(), BTreeMap::new());
    Entity { uid, attributes, parents: parents.to_vec(), tags }
}

fn zone(id: &str) -> EntityUid {
    EntityUid::new("Zone", id)
}

/// The error of the one entity that does not conform.
fn only(error: &EntitiesError) -> Option<&EntityError> {
    match error {
        EntitiesError::NonConforming(list) if list.len() == 1 => list.first().map(|e| &e.error),
        _ => None,
    }
}

#[test]
fn unreadable_text_is_refused_with_entity_line_and_column() {
    let site = r#"{"uid": {"type": "Site", "id": "a"}, "attrs": {}, "parents": []}"#;
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let cases = [
        ("[", "`entities[0]`: EOF while parsing"),
        ("7", "`entities[0]`: invalid type: integer `7`, expected an array of entities"),
        (&format!("[{site}, {{}}]"), "`entities[1]`: missing field `uid` at line 1 column"),
        (&format!("[{site}, {site}] 7"), "`entities[2]`: trailing characters at line 1 column"),
        (&format!("[{}]", site.replace("[]", &deep)), "`entities[0]`: nested deeper than 64"),
        (&format!("[{}]", site.replace("attrs", "x")), "`entities[0]`: missing field `attrs`"),
        (
            &format!("[{}]", site.replace(r#""parents": []"#, r#""parents": [], "attrs": {}"#)),
            "`entities[0]`: the key `attrs` occurs twice in one object",
        ),
    ];
    let is: Is = |error| matches!(error, EntitiesError::Json { .. });
    for (text, says) in cases {
        check_json(&[(text, is, says)]);
    }
    let alone = r#"{"uid": {"type": "Site", "id": "a"}, "attrs": 1}"#;
    check(|engine| engine.upsert_json(alone), is, "`entity`: invalid type: integer `1`");
}

#[test]
fn uids_that_name_nothing_are_refused_at_their_place() {
    let is: Is = |error| matches!(error, EntitiesError::Uid(_));
    check_json(&[
        (
            r#"[{"uid": "User::\"ann\"", "attrs": {}, "parents": []}]"#,
            is,
            "unreadable uid: `entities[0].uid`: expected an entity as `type` and `id`",
        ),
        (
            r#"[{"uid": {"type": "User"}, "attrs": {}, "parents": []}]"#,
            is,
            "unreadable uid: `entities[0].uid`: expected an entity as `type` and `id`",
        ),
    ]);
}

#[test]
fn what_the_schema_does_not_declare_is_refused_by_name() {
    check_json(&[
        (
            r#"[{"uid": {"type": "Car", "id": "c"}, "attrs": {}, "parents": []}]"#,
            |error| matches!(only(error), Some(EntityError::UnknownType)),
            r#"entity `Car::"c"` at `entities[0]` does not conform to the schema: the schema does"#,
        ),
        (
            r#"[{"uid": {"type": "State", "id": "broken"}, "attrs": {}, "parents": []}]"#,
            |error| matches!(only(error), Some(EntityError::UnknownId)),
            r#"entity `State::"broken"` at `entities[0]`"#,
        ),
        (
            r#"[{"uid": {"type": "Action", "id": "close"}, "attrs": {}, "parents": []}]"#,
            |error| matches!(only(error), Some(EntityError::UnknownAction)),
            r#"entity `Action::"close"` at `entities[0]`"#,
        ),
        (
            r#"[{"uid": {"type": "Action", "id": "open"}, "attrs": {}, "parents": []}]"#,
            |error| matches!(only(error), Some(EntityError::ActionMismatch)),
            r#"entity `Action::"open"` at `entities[0]`"#,
        ),
        (
            r#"[{"uid": {"type": "Action", "id": "all"}, "attrs": {"a": 1}, "parents": []}]"#,
            |error| matches!(only(error), Some(EntityError::ActionMismatch)),
            r#"entity `Action::"all"` at `entities[0]`"#,
        ),
    ]);
    let close = || entity(EntityUid::new("Action", "close"), &[]);
    let is: Is = |error| matches!(only(error), Some(EntityError::UnknownAction));
    check(|engine| engine.upsert(close()), is, r#"entity `Action::"close"` at `entity`"#);
}

/// A test of what is wrong with a value.
type IsKind = fn(&ValueErrorKind) -> bool;

/// Checks values of attributes of a user in JSON.
#[track_caller]
fn check_values(cases: &[(&str, IsKind, &str)]) {
    for (attribute, is, says) in cases {
        let user = r#"{"uid": {"type": "User", "id": "bob"}, "parents": [], "attrs": "#;
        let text = format!("[{user} {{\"level\": 1, {attribute}}}}}]");
        let refused = |error: &EntitiesError| match only(error) {
            Some(EntityError::Value(value)) => Some(value.kind.clone()),
            _ => None,
        };
        let Err(FactsError::Entities(error)) = world::engine().upsert_json(&text) else {
            panic!("the value is not refused: {attribute}")
        };
        assert!(refused(&error).is_some_and(|kind| is(&kind)), "{attribute}: {error:?}");
        check(
            |engine| engine.upsert_json(&text),
            |error| matches!(only(error), Some(EntityError::Value(_))),
            says,
        );
    }
}

#[test]
fn values_of_another_form_are_refused_at_their_path() {
    use ValueErrorKind as Kind;
    check_values(&[
        (
            r#""name": 7"#,
            |kind| matches!(kind, Kind::WrongType { want: Type::String, .. }),
            "`entities[0].attrs.name`: expected a value of type String, found an integer",
        ),
        (
            r#""tools": ["a", null]"#,
            |kind| matches!(kind, Kind::WrongType { want: Type::String, .. }),
            "`entities[0].attrs.tools[1]`: expected a value of type String, found null",
        ),
        (
            r#""badge": {"number": 1.5}"#,
            |kind| matches!(kind, Kind::WrongType { want: Type::Long, .. }),
            "`entities[0].attrs.badge.number`: expected a value of type Long",
        ),
        (
            r#""home": "hall""#,
            |kind| matches!(kind, Kind::NotAReference { .. }),
            "`entities[0].attrs.home`: expected an entity as `type` and `id`, found a string",
        ),
        (
            r#""home": {"type": "Site", "id": "s"}"#,
            |kind| matches!(kind, Kind::WrongEntityType { want, found } if want != found),
            "`entities[0].attrs.home`: expected an entity of type `Zone`, found one of type `Site`",
        ),
        (
            r#""na me": "b""#,
            |kind| matches!(kind, Kind::UnknownAttribute),
            r#"`entities[0].attrs["na me"]`: the schema declares no such attribute"#,
        ),
        (
            r#""home": {"__expr": "Zone::\"hall\""}"#,
            |kind| matches!(kind, Kind::Expr),
            "`entities[0].attrs.home`: `__expr` is no longer part",
        ),
        (
            r#""address": "10.0.0.300""#,
            |kind| matches!(kind, Kind::Text { want: Type::Ip, .. }),
            "`entities[0].attrs.address`: expected a text of type ipaddr: text does not have",
        ),
        (
            r#""since": {"__extn": {"fn": "now", "arg": "a"}}"#,
            |kind| matches!(kind, Kind::UnknownFunction { name } if name == "now"),
            "`entities[0].attrs.since`: no function `now` makes",
        ),
        (
            r#""since": {"fn": "offset", "args": ["2026-01-01"]}"#,
            |kind| matches!(kind, Kind::ArgumentCount { want: 2, found: 1, .. }),
            "`entities[0].attrs.since`: `offset` takes 2 arguments, found 1",
        ),
        (
            r#""since": {"fn": "offset", "args": ["2026-01-01", "9223372036854775807ms"]}"#,
            |kind| matches!(kind, Kind::Overflow { name } if name == "offset"),
            "`entities[0].attrs.since`: the result of `offset` is out of range",
        ),
    ]);
}

#[test]
fn tags_that_no_type_declares_are_refused_at_their_path() {
    let text = r#"[{"uid": {"type": "Site", "id": "s"}, "attrs": {}, "parents": [],
        "tags": {"k": 1}}]"#;
    let is: Is = |error| match only(error) {
        Some(EntityError::Value(value)) => value.kind == ValueErrorKind::UnexpectedTag,
        _ => false,
    };
    check_json(&[(text, is, "`entities[0].tags.k`: the entity type has no tags")]);
}

/// Checks a user that does not conform.
#[track_caller]
fn check_row(edit: impl FnOnce(&mut Entity), is: fn(&RowErrorKind) -> bool, says: &str) {
    let mut user = entity(EntityUid::new("User", "bob"), &[]);
    user.attributes.insert("level".to_owned(), Value::Long(1));
    edit(&mut user);
    let Err(FactsError::Entities(error)) = world::engine().upsert(user.clone()) else {
        panic!("the entity is not refused: {says}")
    };
    let Some(EntityError::Row(row)) = only(&error) else { panic!("{error:?}") };
    assert!(is(&row.kind), "{error:?}");
    check(
        |engine| engine.replace_entities(vec![user]),
        |error| matches!(only(error), Some(EntityError::Row(_))),
        &format!("at `entities[0]` does not conform to the schema: {says}"),
    );
}

fn set(user: &mut Entity, name: &str, value: Value) {
    user.attributes.insert(name.to_owned(), value);
}

#[test]
fn attributes_outside_their_declaration_are_refused_by_path() {
    use RowErrorKind as Kind;
    let text = |text: &str| Value::String(text.to_owned());
    check_row(
        |user| user.attributes.clear(),
        |kind| *kind == Kind::Missing,
        "`level`: required attribute is missing",
    );
    check_row(
        |user| set(user, "colour", Value::Bool(true)),
        |kind| *kind == Kind::Unknown,
        "`colour`: the schema declares no such attribute",
    );
    let badge = Value::Record(BTreeMap::from([("number".to_owned(), Value::Bool(true))]));
    check_row(
        |user| set(user, "badge", badge),
        |kind| matches!(kind, Kind::WrongType { want: Type::Long }),
        "`badge.number`: expected a value of type Long",
    );
    check_row(
        |user| set(user, "state", Value::Entity(EntityUid::new("State", "broken"))),
        |kind| matches!(kind, Kind::UnknownId { uid } if uid.id == "broken"),
        r#"`state`: `State::"broken"` is not an id of its enumerated type"#,
    );
    check_row(
        |user| set(user, "tools", Value::Set(vec![text("a"), text("b"), text("c"), text("c")])),
        |kind| matches!(kind, Kind::TooManyElements { len: 3, max: 2 }),
        "`tools`: set has 3 elements, the limit is 2",
    );
    check_row(
        |user| set(user, "name", text("ninebytes")),
        |kind| matches!(kind, Kind::TooLong { len: 9, max: 8 }),
        "`name`: string is 9 bytes, the limit is 8",
    );
    check_row(
        |user| set(user, "tools", Value::Set(vec![text("a"), text(&"b".repeat(257))])),
        |kind| matches!(kind, Kind::TooLong { len: 257, max: 256 }),
        "`tools.1`: string is 257 bytes, the limit is 256",
    );
    check_row(
        |user| set(user, "rank", Value::Long(10)),
        |kind| matches!(kind, Kind::OutOfBounds { value: 10, min: 0, max: 9 }),
        "`rank`: value is 10, expected 0 to 9",
    );
}

#[test]
fn tags_and_ancestors_outside_their_declaration_are_refused() {
    use RowErrorKind as Kind;
    check_row(
        |user| user.parents.push(EntityUid::new("Door", "d")),
        |kind| matches!(kind, Kind::UnexpectedAncestor { uid } if uid.id == "d"),
        r#"the schema does not allow the ancestor `Door::"d"`"#,
    );
    check_row(
        |user| {
            user.tags.insert("k".to_owned(), Value::Bool(true));
        },
        |kind| matches!(kind, Kind::WrongType { want: Type::Long }),
        "`k`: expected a value of type Long",
    );
    check_row(
        |user| user.tags.extend((0..65).map(|key: i64| (key.to_string(), Value::Long(key)))),
        |kind| matches!(kind, Kind::TooManyElements { len: 65, max: 64 }),
        "set has 65 elements, the limit is 64",
    );
    check_row(
        |user| {
            *user = entity(zone("z"), &[]);
            user.tags.insert("k".to_owned(), Value::Long(1));
        },
        |kind| *kind == Kind::UnexpectedTags,
        "the entity type has no tags",
    );
}

#[test]
fn entities_that_contradict_each_other_are_refused_by_name() {
    check_json(&[
        (
            r#"[{"uid": {"type": "Site", "id": "s"}, "attrs": {}, "parents": []},
                {"uid": {"type": "Zone", "id": "z"}, "attrs": {}, "parents": []},
                {"uid": {"type": "Zone", "id": "z"}, "attrs": {},
                 "parents": [{"type": "Site", "id": "s"}]}]"#,
            |error| matches!(error, EntitiesError::Duplicate { uid, .. } if uid.id == "z"),
            r#"entity `Zone::"z"` at `entities[2]` was given before with different content"#,
        ),
        (
            r#"[{"uid": {"type": "Zone", "id": "a"}, "attrs": {},
                 "parents": [{"type": "Zone", "id": "b"}]},
                {"uid": {"type": "Zone", "id": "b"}, "attrs": {},
                 "parents": [{"type": "Zone", "id": "a"}]}]"#,
            |error| matches!(error, EntitiesError::Cycle { uids } if uids.len() == 2),
            r#"` in `Zone::""#,
        ),
    ]);
    // `hall` is stored, so one entity is enough to close a cycle.
    let hall = entity(zone("hall"), &[zone("hall")]);
    check(
        |engine| engine.upsert(hall),
        |error| matches!(error, EntitiesError::Cycle { uids } if *uids == [zone("hall")]),
        r#"entities are in a cycle: `Zone::"hall"` in `Zone::"hall"`"#,
    );
}

#[test]
fn actions_of_the_schema_stay() {
    check(
        |engine| engine.remove(&EntityUid::new("Action", "open")).map(drop),
        |error| matches!(error, EntitiesError::ActionOfSchema { uid } if uid.id == "open"),
        r#"action `Action::"open"` is part of the schema"#,
    );
}

#[test]
fn too_many_ancestors_are_refused_with_their_number() {
    let zones: Vec<EntityUid> = (0..=ANCESTORS_MAX).map(|id| zone(&id.to_string())).collect();
    check(
        |engine| engine.upsert(entity(zone("deep"), &zones)),
        |error| matches!(only(error), Some(EntityError::TooManyAncestors { len: 1025 })),
        r#"`Zone::"deep"` at `entity` does not conform to the schema: it has 1025 ancestors, the"#,
    );
}

#[test]
fn oversized_text_is_refused_before_it_is_read() {
    let text = " ".repeat(ENTITIES_BYTES_MAX + 1);
    check_json(&[(
        &text,
        |error| matches!(error, EntitiesError::TooLarge { len } if *len == ENTITIES_BYTES_MAX + 1),
        "entities are 268435457 bytes, the limit is 268435456",
    )]);
}

#[test]
fn lists_are_read_up_to_the_limit() {
    let site = r#"{"uid":{"type":"Site","id":""},"attrs":{},"parents":[]}"#;
    let mut text = format!("{site},").repeat(ENTITIES_MAX);
    text.insert(0, '[');
    text.push_str(site);
    text.push(']');
    check(
        |engine| engine.upsert_json(&text),
        |error| matches!(error, EntitiesError::TooMany),
        "the store would hold more than 4000000 entities",
    );
}

/// No two uids with one handle are known: a test inside the engine makes up a handle.
#[test]
fn colliding_entities_are_both_named() {
    let error = EntitiesError::HandleCollision { first: zone("a"), second: zone("b") };
    let text = error.to_string();
    assert_eq!(text, r#"`Zone::"a"` and `Zone::"b"` have the same handle"#);
}

#[test]
fn another_schema_is_refused_with_all_that_does_not_conform() {
    let model = |schema: Schema| Arc::new(Model::new(schema));
    let schema = |text: &str| parse_schema(text).expect("the schema is complete");
    let text = r#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": []},
        {"uid": {"type": "User", "id": "b"}, "attrs": {"level": 2}, "parents": []}]"#;
    let store = EntityStore::from_json(model(schema(world::SCHEMA)), text).expect("conforms");
    let other = schema(&world::SCHEMA.replace("level: Long", "level: Bool"));
    let error = store.revalidate(model(other)).expect_err("refused");
    let EntitiesError::NonConforming(list) = &error else { panic!("{error:?}") };
    assert_eq!(list.len(), 2);
    let text = error.to_string();
    assert!(text.contains("at `store`") && text.ends_with("(and 1 more)"), "{text}");
    assert_eq!(store.snapshot().len(), 5, "two users and three actions");
}

#[test]
fn facts_need_a_publication() {
    let engine = Engine::new(Limits::default()).expect("the limits are supported");
    let refused = [
        engine.upsert_json("[]"),
        engine.replace_entities_json("[]"),
        engine.upsert(entity(zone("z"), &[])),
        engine.remove(&zone("z")).map(drop),
    ];
    for result in refused {
        let error = result.expect_err("nothing is published");
        assert!(matches!(error, FactsError::NothingPublished), "{error:?}");
        assert_eq!(error.to_string(), "nothing is published");
    }
    assert!(!engine.decide_json("").expect("nothing to read").is_allow());
}
