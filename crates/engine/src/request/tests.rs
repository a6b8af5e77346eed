//! Requests from text and from parts, against one small schema.

use std::collections::BTreeMap;

use trapkey_abi::{
    Action, Attribute, EntityType, EntityUid, Record, RowErrorKind, Schema, Type, Value,
};

use super::{Request, RequestError, RequestField};
use crate::model::Model;
use crate::uid::UidError;

fn record(attributes: &[(&str, Type)]) -> Record {
    let attribute = |ty: &Type| Attribute::new(ty.clone(), true);
    let attributes = attributes.iter().map(|(name, ty)| ((*name).to_owned(), attribute(ty)));
    Record { attributes: attributes.collect::<BTreeMap<_, _>>() }
}

fn model() -> Model {
    let entity_type = |name: &str| EntityType {
        name: name.to_owned(),
        attributes: Record::default(),
        tags: None,
        ancestors: Vec::new(),
        ids: None,
        is_action: false,
    };
    let mut action = entity_type("Action");
    action.is_action = true;
    let mut level = entity_type("Level");
    level.ids = Some(vec!["high".to_owned(), "low".to_owned()]);
    let act = |id: &str, principals: &[&str], context| Action {
        uid: EntityUid::new("Action", id),
        groups: Vec::new(),
        principals: principals.iter().map(ToString::to_string).collect(),
        resources: vec!["Door".to_owned()],
        context,
    };
    Model::new(Schema {
        entity_types: vec![action, entity_type("Door"), level, entity_type("User")],
        actions: vec![
            act("group", &[], Record::default()),
            act("open", &["Level", "User"], record(&[("code", Type::Long)])),
        ],
    })
}

fn user() -> EntityUid {
    EntityUid::new("User", "u")
}

fn door() -> EntityUid {
    EntityUid::new("Door", "d")
}

fn open() -> EntityUid {
    EntityUid::new("Action", "open")
}

#[test]
fn text_and_parts_give_one_request() {
    let model = model();
    let built = Request::builder(&model)
        .principal(user())
        .action(open())
        .resource(door())
        .attribute("code", Value::Long(7))
        .build()
        .expect("conforms");
    for text in [
        r#"{"principal":"User::\"u\"","action":"Action::\"open\"","resource":"Door::\"d\"","context":{"code":7}}"#,
        r#"{"context":{"code":7},"resource":{"__entity":{"type":"Door","id":"d"}},
            "principal":{"type":"User","id":"u"},"action":{"id":"open","type":"Action"}}"#,
    ] {
        let read = Request::from_json(&model, text).expect(text);
        assert_eq!((read.principal(), read.resource()), (built.principal(), built.resource()));
        assert_eq!((read.action(), read.layout()), (built.action(), built.layout()));
        assert_eq!(read.context(), built.context());
    }
    assert_eq!(built.principal().uid(), &user());
    assert_eq!(built.principal().handle(), user().handle());
    assert_eq!((built.principal().entity_type(), built.resource().entity_type()), (3, 1));
    assert_eq!((built.action(), built.layout()), (1, model.layout().digest));
    assert_eq!(built.context().bytes(), 7_i64.to_le_bytes());
}

#[test]
fn what_is_missing_or_repeated_is_named() {
    let model = model();
    let builder = || Request::builder(&model);
    let missing = |result: Result<Request, RequestError>| match result {
        Err(RequestError::Missing { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(builder().build()), RequestField::Action);
    assert_eq!(missing(builder().action(open()).build()), RequestField::Principal);
    assert_eq!(missing(builder().action(open()).principal(user()).build()), RequestField::Resource);
    let whole = builder().action(open()).principal(user()).resource(door());
    let error = whole.clone().build().expect_err("the context lacks `code`");
    assert!(matches!(error, RequestError::Context(row) if row.kind == RowErrorKind::Missing));
    let twice = whole.attribute("code", Value::Long(1)).attribute("code", Value::Long(1));
    let error = twice.build().expect_err("`code` is given twice");
    assert!(matches!(error, RequestError::RepeatedAttribute { name } if name == "code"));
}

#[track_caller]
fn check_refused(
    change: impl Fn(&mut serde_json::Value),
    is_wanted: impl Fn(&RequestError) -> bool,
) {
    let mut request = serde_json::json!({
        "principal": "User::\"u\"",
        "action": "Action::\"open\"",
        "resource": "Door::\"d\"",
        "context": {"code": 7},
    });
    change(&mut request);
    let error = Request::from_json(&model(), &request.to_string()).expect_err("refused");
    assert!(is_wanted(&error), "{error:?}");
}

#[test]
fn each_part_is_checked() {
    use RequestError::{
        Context, Json, Missing, NotAContext, TooLarge, TypeNotAllowed, Uid, UnknownAction,
        UnknownField, UnknownId, UnknownType, Value,
    };
    check_refused(|r| r["x"] = 1.into(), |e| matches!(e, UnknownField { name } if name == "x"));
    check_refused(
        |r| {
            r.as_object_mut().unwrap().remove("context");
        },
        |e| matches!(e, Missing { field: RequestField::Context }),
    );
    check_refused(|r| r["context"] = 1.into(), |e| matches!(e, NotAContext { .. }));
    check_refused(|r| r["context"]["code"] = 1.5.into(), |e| matches!(e, Value(_)));
    check_refused(|r| r["context"]["more"] = 1.into(), |e| matches!(e, Value(_)));
    check_refused(|r| r["context"] = serde_json::json!({}), |e| matches!(e, Context(_)));
    check_refused(|r| r["principal"] = 1.into(), |e| matches!(e, Value(_)));
    check_refused(
        |r| r["principal"] = "User::u".into(),
        |e| matches!(e, Uid { field: RequestField::Principal, source: UidError::Form }),
    );
    check_refused(
        |r| r["action"] = "Action::\"shut\"".into(),
        |e| matches!(e, UnknownAction { .. }),
    );
    check_refused(|r| r["action"] = "Action::\"group\"".into(), |e| matches!(e, Value(_)));
    check_refused(|r| r["principal"] = "Car::\"c\"".into(), |e| matches!(e, UnknownType { .. }));
    check_refused(
        |r| r["principal"] = "Action::\"open\"".into(),
        |e| matches!(e, TypeNotAllowed { field: RequestField::Principal, .. }),
    );
    check_refused(
        |r| r["resource"] = "User::\"u\"".into(),
        |e| matches!(e, TypeNotAllowed { field: RequestField::Resource, .. }),
    );
    check_refused(|r| r["principal"] = "Level::\"top\"".into(), |e| matches!(e, UnknownId { .. }));
    check_refused(|r| r["pad"] = "x".repeat(1 << 20).into(), |e| matches!(e, TooLarge { .. }));
    let error = Request::from_json(&model(), "[").expect_err("refused");
    assert!(matches!(error, Json(_)));
}
