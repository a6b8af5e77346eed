//! Requests that are refused: the exact reason, the place in its message, and an engine as before.

use std::sync::Arc;

use trapkey::{
    EntityUid, Model, REQUEST_BYTES_MAX, Request, RequestError, RequestField, RowErrorKind, Type,
    UidError, Value, ValueErrorKind, parse_uid,
};
use trapkey_abi::TextError;

use crate::world;

/// A test of the exact variant.
type Is = fn(&RequestError) -> bool;

/// A test of what is wrong with a value in JSON.
type IsValue = fn(&ValueErrorKind) -> bool;

/// A test of what is wrong with an attribute of the context.
type IsRow = fn(&RowErrorKind) -> bool;

#[track_caller]
fn check(text: &str, is: Is, says: &str) {
    let engine = world::engine();
    let before = world::state(engine);
    let error = engine.decide_json(text).expect_err(says);
    let report = world::report(&error);
    assert!(is(&error), "{error:?}");
    assert!(report.contains(says), "{report}");
    assert_eq!(world::state(engine), before, "{report}");
}

/// The request that is allowed, with one part replaced.
fn with(part: &str, by: &str) -> String {
    assert!(world::REQUEST.contains(part), "{part}");
    world::REQUEST.replace(part, by)
}

const ANN: &str = r#""User::\"ann\"""#;
const OPEN: &str = r#""Action::\"open\"""#;
const DOOR: &str = r#""Door::\"d\"""#;
const CONTEXT: &str = r#"{"now": "2026-01-01"}"#;

#[test]
fn oversized_text_is_refused_before_it_is_read() {
    check(
        &" ".repeat(REQUEST_BYTES_MAX + 1),
        |error| matches!(error, RequestError::TooLarge { len } if *len == REQUEST_BYTES_MAX + 1),
        "request is 1048577 bytes, the limit is 1048576",
    );
}

#[test]
fn unreadable_text_is_refused_with_line_and_column() {
    let is: Is = |error| matches!(error, RequestError::Json(_));
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let cases = [
        (String::new(), "unreadable JSON: EOF while parsing a value at line 1 column 0"),
        (world::REQUEST.replace('}', ""), "unreadable JSON: EOF while parsing an object"),
        (format!("{} 7", world::REQUEST), "trailing characters at line 4"),
        (with(CONTEXT, &deep), "nested deeper than 64 levels at line 3"),
        (with(CONTEXT, r#"{"now": "2026-01-01", "now": "x"}"#), "the key `now` occurs twice"),
        (with(r#""context""#, r#""action""#), "the key `action` occurs twice in one object"),
    ];
    for (text, says) in cases {
        check(&text, is, says);
    }
}

#[test]
fn requests_of_another_shape_are_refused_by_field() {
    check(
        &format!("[{}]", world::REQUEST),
        |error| matches!(error, RequestError::NotAnObject { .. }),
        "expected a request as an object, found an array",
    );
    check(
        &with(CONTEXT, "null"),
        |error| matches!(error, RequestError::NotAContext { .. }),
        "expected the context as an object, found null",
    );
    check(
        &with(r#""resource""#, r#""ressource""#),
        |error| matches!(error, RequestError::UnknownField { name } if name == "ressource"),
        "a request has no field `ressource`",
    );
    let cases: [(&str, Is); 4] = [
        ("principal", |error| {
            matches!(error, RequestError::Missing { field: RequestField::Principal })
        }),
        ("action", |error| matches!(error, RequestError::Missing { field: RequestField::Action })),
        ("resource", |error| {
            matches!(error, RequestError::Missing { field: RequestField::Resource })
        }),
        ("context", |error| {
            matches!(error, RequestError::Missing { field: RequestField::Context })
        }),
    ];
    for (field, is) in cases {
        let mut request: serde_json::Value = serde_json::from_str(world::REQUEST).unwrap();
        request.as_object_mut().unwrap().remove(field);
        check(&request.to_string(), is, &format!("the {field} is missing"));
    }
}

#[test]
fn uids_that_cedar_does_not_read_are_refused() {
    let cases = [
        ("ann", UidError::Form, "text is not of the form `Type::\"id\"`"),
        ("User::ann", UidError::Form, "text is not of the form `Type::\"id\"`"),
        ("Us er::\"ann\"", UidError::Type, "the type is not identifiers joined by `::`"),
        ("in::\"ann\"", UidError::Type, "the type is not identifiers joined by `::`"),
        ("User::\"a\\nn\\q\"", UidError::Escape, "the id is not escaped as Cedar escapes it"),
        ("User::\"\\u{61}nn\"", UidError::Escape, "the id is not escaped as Cedar escapes it"),
    ];
    for (text, want, says) in cases {
        assert_eq!(parse_uid(text), Err(want), "{text}");
        let json = serde_json::Value::from(text).to_string();
        for (part, field) in [(ANN, "principal"), (OPEN, "action"), (DOOR, "resource")] {
            let is: Is = match want {
                UidError::Form => {
                    |error| matches!(error, RequestError::Uid { source: UidError::Form, .. })
                }
                UidError::Type => {
                    |error| matches!(error, RequestError::Uid { source: UidError::Type, .. })
                }
                _ => |error| matches!(error, RequestError::Uid { source: UidError::Escape, .. }),
            };
            check(&with(part, &json), is, &format!("unreadable {field}: {says}"));
        }
    }
}

#[test]
fn values_of_another_form_are_refused_at_their_path() {
    use ValueErrorKind as Kind;
    let cases: [(&str, &str, IsValue, &str); 6] = [
        (
            ANN,
            "[]",
            |kind| matches!(kind, Kind::NotAReference { .. }),
            "`principal`: expected an entity as `type` and `id`, found an array",
        ),
        (
            CONTEXT,
            r#"{"now": 7}"#,
            |kind| matches!(kind, Kind::WrongType { want: Type::Datetime, .. }),
            "`context.now`: expected a value of type datetime, found an integer",
        ),
        (
            CONTEXT,
            r#"{"now": "2026-02-30"}"#,
            |kind| matches!(kind, Kind::Text { reason: TextError::Range, .. }),
            "`context.now`: expected a text of type datetime: value is outside the range",
        ),
        (
            CONTEXT,
            r#"{"now": "2026-01-01", "device": {"trusted": "yes"}}"#,
            |kind| matches!(kind, Kind::WrongType { want: Type::Bool, .. }),
            "`context.device.trusted`: expected a value of type Bool, found a string",
        ),
        (
            CONTEXT,
            r#"{"now": "2026-01-01", "device": {"owner": {"type": "Door", "id": "d"}}}"#,
            |kind| matches!(kind, Kind::WrongEntityType { .. }),
            "`context.device.owner`: expected an entity of type `User`, found one of type `Door`",
        ),
        (
            CONTEXT,
            r#"{"now": "2026-01-01", "then": 1}"#,
            |kind| matches!(kind, Kind::UnknownAttribute),
            "`context.then`: the schema declares no such attribute",
        ),
    ];
    for (part, by, is, says) in cases {
        let text = with(part, by);
        let refused = world::engine().decide_json(&text);
        let Err(RequestError::Value(error)) = &refused else { panic!("{refused:?}") };
        assert!(is(&error.kind), "{error:?}");
        check(&text, |error| matches!(error, RequestError::Value(_)), says);
    }
}

#[test]
fn parties_that_the_action_does_not_take_are_refused_by_name() {
    use RequestField::{Principal, Resource};
    check(
        &with("open", "close"),
        |error| matches!(error, RequestError::UnknownAction { uid } if uid.id == "close"),
        r#"the schema declares no action `Action::"close"`"#,
    );
    check(
        &with("User", "Robot"),
        |error| matches!(error, RequestError::UnknownType { field: Principal, .. }),
        r#"the schema does not declare the type of the principal `Robot::"ann"`"#,
    );
    check(
        &with("Door", "Gate"),
        |error| matches!(error, RequestError::UnknownType { field: Resource, .. }),
        r#"the schema does not declare the type of the resource `Gate::"d"`"#,
    );
    check(
        &with("User", "Door"),
        |error| matches!(error, RequestError::TypeNotAllowed { field: Principal, .. }),
        r#"`Action::"open"` does not apply to entities of the type of the principal `Door::"ann"`"#,
    );
    check(
        &with("Door", "Site"),
        |error| matches!(error, RequestError::TypeNotAllowed { field: Resource, .. }),
        r#"`Action::"open"` does not apply to entities of the type of the resource `Site::"d"`"#,
    );
    check(
        &with("open", "read").replace(CONTEXT, "{}"),
        |error| matches!(error, RequestError::TypeNotAllowed { action, .. } if action.id == "read"),
        r#"`Action::"read"` does not apply"#,
    );
    check(
        &with("User", "State"),
        |error| matches!(error, RequestError::UnknownId { field: Principal, .. }),
        r#"the enumerated type of the principal `State::"ann"` has no such id"#,
    );
}

#[test]
fn contexts_that_do_not_conform_are_refused_by_path() {
    use RowErrorKind as Kind;
    let cases: [(&str, IsRow, &str); 4] = [
        (
            "{}",
            |kind| *kind == Kind::Missing,
            "the context does not conform to the schema: `now`: required attribute is missing",
        ),
        (
            r#"{"now": "2026-01-01", "device": {"trusted": true}}"#,
            |kind| *kind == Kind::Missing,
            "`device.owner`: required attribute is missing",
        ),
        (
            r#"{"now": "2026-01-01", "reason": "audit"}"#,
            |kind| matches!(kind, Kind::TooLong { len: 5, max: 4 }),
            "`reason`: string is 5 bytes, the limit is 4",
        ),
        (
            r#"{"now": "1999-12-31"}"#,
            |kind| matches!(kind, Kind::OutOfBounds { min: 946_684_800_000, max: i64::MAX, .. }),
            "`now`: value is 946598400000, expected 946684800000 to",
        ),
    ];
    for (context, is, says) in cases {
        let text = with(CONTEXT, context);
        let refused = world::engine().decide_json(&text);
        let Err(RequestError::Context(error)) = &refused else { panic!("{refused:?}") };
        assert!(is(&error.kind), "{error:?}");
        check(&text, |error| matches!(error, RequestError::Context(_)), says);
    }
}

fn model() -> Arc<Model> {
    world::engine().model().expect("something is published")
}

#[test]
fn built_requests_are_refused_as_read_ones() {
    let uid = |text: &str| parse_uid(text).expect("a uid");
    let (ann, open, door) = (uid(r#"User::"ann""#), uid(r#"Action::"open""#), uid(r#"Door::"d""#));
    let model = model();
    let whole = Request::builder(&model)
        .principal(ann.clone())
        .action(open.clone())
        .resource(door.clone())
        .attribute("now", Value::Datetime(1_800_000_000_000));
    let decision = world::engine().decide(&whole.clone().build().expect("conforms"));
    assert!(decision.is_allow());
    let builder = || Request::builder(&model);
    let refused: [(Result<Request, RequestError>, Is, &str); 7] = [
        (
            builder().action(open.clone()).resource(door.clone()).build(),
            |error| matches!(error, RequestError::Missing { field: RequestField::Principal }),
            "the principal is missing",
        ),
        (
            builder().principal(ann.clone()).resource(door).build(),
            |error| matches!(error, RequestError::Missing { field: RequestField::Action }),
            "the action is missing",
        ),
        (
            builder().principal(ann).action(open).build(),
            |error| matches!(error, RequestError::Missing { field: RequestField::Resource }),
            "the resource is missing",
        ),
        (
            whole.clone().attribute("now", Value::Datetime(0)).build(),
            |error| matches!(error, RequestError::RepeatedAttribute { name } if name == "now"),
            "the attribute `now` was given twice",
        ),
        (
            whole.clone().attribute("then", Value::Datetime(0)).build(),
            |error| matches!(error, RequestError::Context(error) if error.kind == RowErrorKind::Unknown),
            "`then`: the schema declares no such attribute",
        ),
        (
            whole.clone().attribute("reason", Value::Long(1)).build(),
            |error| matches!(error, RequestError::Context(_)),
            "`reason`: expected a value of type String",
        ),
        (
            whole.principal(EntityUid::new("State", "broken")).build(),
            |error| matches!(error, RequestError::UnknownId { .. }),
            r#"`State::"broken"` has no such id"#,
        ),
    ];
    for (result, is, says) in refused {
        let error = result.expect_err(says);
        let report = world::report(&error);
        assert!(is(&error) && report.contains(says), "{report}");
    }
}
