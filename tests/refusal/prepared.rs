//! Slots, entities and structs that do not fit a request: the exact reason, the request as before.

use std::sync::Arc;

use trapkey::{
    ContextValue, Datetime, EntityUid, LayoutDigest, Model, Party, PartyError, Request,
    RequestError, RequestField, RowErrorKind, SetError, Slot, SlotError, Type, TypedError,
    TypedRequest, Value,
};

use crate::world;

/// Two actions whose contexts have what can go wrong.
const SCHEMA: &str = r#"
entity State enum ["off", "on"];
entity User; entity Door;
action open, shut appliesTo { principal: User, resource: Door, context: {
  @min("0") @max("9") code: Long, @max("4") name: String, note?: String, state: State, by: User,
  @max("2") codes: Set<Long>, device?: { owner: User, tag?: String }, "a.b": Long, a: { b: Bool }
} };
"#;

const REQUEST: &str = r#"{
  "principal": "User::\"ann\"", "action": "Action::\"open\"", "resource": "Door::\"d\"",
  "context": {"code": 1, "name": "ann", "state": {"type": "State", "id": "on"}, "codes": [1],
    "by": {"type": "User", "id": "ann"}, "a.b": 1, "a": {"b": true}}
}"#;

fn model() -> Arc<Model> {
    Arc::new(Model::new(trapkey::parse_schema(SCHEMA).expect("a schema")))
}

fn open() -> EntityUid {
    EntityUid::new("Action", "open")
}

fn refused<T: ContextValue + ?Sized>(action: &EntityUid, path: &str) -> SlotError {
    model().slot::<T>(action, path).expect_err(path)
}

#[test]
fn slots_are_refused_by_action_path_and_type() {
    let jump = EntityUid::new("Action", "jump");
    let error = refused::<i64>(&jump, "code");
    assert_eq!(error, SlotError::UnknownAction { uid: jump });
    assert_eq!(error.to_string(), r#"the schema declares no action `Action::"jump"`"#);
    for (path, known) in [
        ("codex", "codex"),
        ("device.size", "device.size"),
        ("size.of", "size"),
        ("device.", "device."),
        ("", ""),
        (".", ""),
    ] {
        let error = refused::<i64>(&open(), path);
        assert_eq!(error, SlotError::UnknownAttribute { path: known.to_owned() });
        assert_eq!(error.to_string(), format!("the context has no attribute `{known}`"));
    }
    let error = refused::<i64>(&open(), "device.tag.size");
    let path = "device.tag".to_owned();
    assert_eq!(error, SlotError::NotARecord { path, found: Type::String });
    assert_eq!(error.to_string(), "`device.tag` is of type String, expected a record");
    let wrong = [
        (refused::<bool>(&open(), "code"), "`code` is of type Long, the slot of type Bool"),
        (refused::<Datetime>(&open(), "code"), "`code` is of type Long, the slot of type datetime"),
        (refused::<str>(&open(), "state"), "`state` is of type State, the slot of type String"),
        (
            refused::<[String]>(&open(), "codes"),
            "`codes` is of type Set<Long>, the slot of type Set<String>",
        ),
    ];
    for (error, says) in wrong {
        assert!(matches!(error, SlotError::WrongType { .. }), "{error:?}");
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn points_in_names_are_part_of_the_longest_name() {
    let model = model();
    assert_eq!(model.slot::<i64>(&open(), "a.b").expect("the attribute `a.b`").path(), "a.b");
    assert!(model.slot::<Value>(&open(), "a").is_ok());
}

/// A request and the slots of its action.
struct Prepared {
    model: Arc<Model>,
    request: Request,
}

impl Prepared {
    fn new() -> Self {
        let model = model();
        let request = Request::from_json(&model, REQUEST).expect("conforms");
        Self { model, request }
    }

    fn slot<T: ContextValue + ?Sized>(&self, path: &str) -> Slot<T> {
        self.model.slot(&open(), path).expect(path)
    }

    #[track_caller]
    fn check(&mut self, change: impl Fn(&mut Request) -> Result<(), SetError>, says: &str) {
        let before = self.request.context().bytes().to_vec();
        let error = change(&mut self.request).expect_err(says);
        let report = world::report(&error);
        assert!(report.contains(says), "{report}");
        assert_eq!(self.request.context().bytes(), before);
    }

    #[track_caller]
    fn check_value<T: ContextValue + ?Sized>(&mut self, path: &str, value: &T, says: &str) {
        let slot = self.slot::<T>(path);
        let says = format!("the context would not conform to the schema: `{says}");
        self.check(|request| request.set(&slot, value), &says);
    }
}

#[test]
fn values_are_refused_as_when_a_request_is_read() {
    let mut to = Prepared::new();
    to.check_value("code", &10_i64, "code`: value is 10, expected 0 to 9");
    to.check_value("code", &Value::Long(-1), "code`: value is -1, expected 0 to 9");
    to.check_value("code", &Value::Bool(true), "code`: expected a value of type Long");
    to.check_value("name", "annie", "name`: string is 5 bytes, the limit is 4");
    let off = EntityUid::new("State", "of");
    to.check_value("state", &off, r#"state`: `State::"of"` is not an id of its enumerated type"#);
    to.check_value(
        "state",
        &EntityUid::new("User", "on"),
        "state`: expected a value of type State",
    );
    let user = Party::resolve(&to.model, EntityUid::new("User", "ann")).expect("a user");
    to.check_value("state", &user, "state`: expected a value of type State");
    to.check_value("codes", [1_i64, 2, 3].as_slice(), "codes`: set has 3 elements, the limit is 2");
    let many = Value::Set([1, 2, 3].map(Value::Long).to_vec());
    to.check_value("codes", &many, "codes`: set has 3 elements, the limit is 2");
    let codes = to.slot::<[i64]>("codes");
    to.request.set(&codes, [1, 2, 2, 1]).expect("two distinct elements");

    // What an enumerated type of another schema has, this one may not have.
    let other = SCHEMA.replace(r#""off""#, r#""of""#);
    let other = Model::new(trapkey::parse_schema(&other).expect("a schema"));
    let foreign = Party::resolve(&other, off).expect("that schema has it");
    to.check_value("state", &foreign, r#"state`: `State::"of"` is not an id"#);
}

#[test]
fn what_is_required_stays_and_what_is_absent_is_set_as_a_whole() {
    let mut to = Prepared::new();
    let code = to.slot::<i64>("code");
    to.check(|request| request.clear(&code), "`code`: required attribute is missing");
    let (owner, tag) = (to.slot::<EntityUid>("device.owner"), to.slot::<str>("device.tag"));
    let bob = EntityUid::new("User", "bob");
    let says = "`device.owner`: the record around it is absent";
    to.check(|request| request.set(&owner, &bob), says);
    to.check(|request| request.clear(&tag), "`device.tag`: the record around it is absent");
    let error = to.request.set(&owner, &bob).expect_err("absent");
    assert!(matches!(error, SetError::Context(error) if error.kind == RowErrorKind::NoRecord));

    let device = to.slot::<Value>("device");
    let whole =
        |uid: &EntityUid| Value::Record([("owner".to_owned(), Value::Entity(uid.clone()))].into());
    to.check_value(
        "device",
        &Value::Record([].into()),
        "device.owner`: required attribute is missing",
    );
    to.request.set(&device, whole(&bob)).expect("conforms");
    to.request.set(&tag, "x").expect("the record is there");
    to.request.clear(&device).expect("optional");
    to.check(|request| request.set(&tag, "y"), "`device.tag`: the record around it is absent");
}

#[test]
fn slots_and_entities_of_something_else_are_refused() {
    let mut to = Prepared::new();
    let shut = EntityUid::new("Action", "shut");
    let of_shut = to.model.slot::<i64>(&shut, "code").expect("resolved");
    let says = r#"resolved for the action `Action::"shut"`, the request is of another"#;
    to.check(|request| request.set(&of_shut, 1), says);
    assert_eq!(to.request.set(&of_shut, 1), Err(SetError::WrongAction { action: shut }));

    let other = SCHEMA.replace("note?: String", "note?: Long");
    let other = Arc::new(Model::new(trapkey::parse_schema(&other).expect("a schema")));
    let stale = other.slot::<i64>(&open(), "code").expect("resolved");
    let error = to.request.set(&stale, 1).expect_err("stale");
    let (resolved, request) = (stale.layout(), to.request.layout());
    assert_eq!(error, SetError::Stale { resolved, request });

    let door = Party::resolve(&to.model, EntityUid::new("Door", "d")).expect("a door");
    let says = r#"the principal `Door::"d"` is not of the type User: build another request for it"#;
    to.check(|request| request.set_principal(&door), says);
    let error = to.request.set_principal(&door).expect_err("another type");
    let field = RequestField::Principal;
    assert!(matches!(error, SetError::OtherType { field: found, .. } if found == field));
    assert_eq!(to.request.principal().uid(), &EntityUid::new("User", "ann"));
}

#[test]
fn entities_that_the_schema_does_not_have_are_refused() {
    let model = model();
    let car = EntityUid::new("Car", "c");
    let error = Party::resolve(&model, car.clone()).expect_err("unknown");
    assert_eq!(error, PartyError::UnknownType { uid: car });
    assert_eq!(error.to_string(), r#"the schema does not declare the type of `Car::"c"`"#);
    let state = EntityUid::new("State", "broken");
    let error = Party::resolve(&model, state.clone()).expect_err("unknown");
    assert_eq!(error, PartyError::UnknownId { uid: state });
    assert_eq!(error.to_string(), r#"the enumerated type of `State::"broken"` has no such id"#);
    let jump = Party::resolve(&model, EntityUid::new("Action", "jump"));
    assert!(matches!(jump, Err(PartyError::UnknownId { .. })));
}

/// A struct written by hand, which says of itself what is not so.
struct Forged;

impl TypedRequest for Forged {
    type Context = Value;

    const SCHEMA: &'static str = "forged";
    const LAYOUT: LayoutDigest = LayoutDigest([7; 16]);
    const ACTION_TYPE: &'static str = "Action";
    const ACTION_ID: &'static str = "open";

    fn principal(&self) -> (&str, &str) {
        ("User", "ann")
    }

    fn resource(&self) -> (&str, &str) {
        ("Door", "d")
    }

    fn context(&self) -> &Value {
        &Value::Bool(true)
    }
}

#[test]
fn structs_of_another_schema_are_refused() {
    let error = model().typed::<Forged>().expect_err("another schema");
    assert!(matches!(error, TypedError::OtherSchema { schema: "forged", .. }), "{error:?}");
    let says = "generated from `forged` with the layout 0707";
    assert!(error.to_string().starts_with(says), "{error}");
}

mod by_hand {
    use super::{LayoutDigest, TypedRequest};
    use trapkey::{EntityUid, FieldValue, FieldWriter, RowError, Value, Written};

    /// The layout of `model(SMALL)`, as a generator would write it down.
    pub(super) const SMALL_LAYOUT: LayoutDigest =
        LayoutDigest(0x9acb_f908_2f67_45de_0617_1c45_a176_5182_u128.to_be_bytes());

    pub(super) struct Fields(pub(super) Vec<(&'static str, Option<Value>)>);

    impl FieldValue for Fields {
        fn write(&self, to: FieldWriter<'_>) -> Result<Written, RowError> {
            let mut record = to.record()?;
            for (name, value) in &self.0 {
                record.optional(name, value.as_ref())?;
            }
            record.finish()
        }
    }

    pub(super) struct Small {
        pub(super) principal: EntityUid,
        pub(super) context: Fields,
    }

    impl TypedRequest for Small {
        type Context = Fields;

        const SCHEMA: &'static str = "small";
        const LAYOUT: LayoutDigest = SMALL_LAYOUT;
        const ACTION_TYPE: &'static str = "Action";
        const ACTION_ID: &'static str = "open";

        fn principal(&self) -> (&str, &str) {
            (&self.principal.type_name, &self.principal.id)
        }

        fn resource(&self) -> (&str, &str) {
            ("Door", "d")
        }

        fn context(&self) -> &Fields {
            &self.context
        }
    }

    /// One whose action the schema lacks.
    pub(super) struct Jump(pub(super) Small);

    impl TypedRequest for Jump {
        type Context = Fields;

        const SCHEMA: &'static str = "small";
        const LAYOUT: LayoutDigest = SMALL_LAYOUT;
        const ACTION_TYPE: &'static str = "Action";
        const ACTION_ID: &'static str = "jump";

        fn principal(&self) -> (&str, &str) {
            self.0.principal()
        }

        fn resource(&self) -> (&str, &str) {
            self.0.resource()
        }

        fn context(&self) -> &Fields {
            self.0.context()
        }
    }
}

const SMALL: &str = r#"
entity State enum ["off", "on"]; entity User; entity Door;
action open, shut appliesTo { principal: [User, State], resource: Door, context: { a: Long, b?: Bool } };
"#;

fn small(principal: (&str, &str), fields: &[(&'static str, Option<Value>)]) -> by_hand::Small {
    by_hand::Small {
        principal: EntityUid::new(principal.0, principal.1),
        context: by_hand::Fields(fields.to_vec()),
    }
}

#[test]
fn structs_that_do_not_conform_are_refused_field_by_field() {
    let model = Arc::new(Model::new(trapkey::parse_schema(SMALL).expect("a schema")));
    assert_eq!(model.layout().digest, by_hand::SMALL_LAYOUT, "write the new digest down");
    let unknown = model.typed::<by_hand::Jump>().expect_err("no such action");
    let uid = EntityUid::new("Action", "jump");
    assert_eq!(unknown, TypedError::UnknownAction { uid });

    let typed = model.typed::<by_hand::Small>().expect("the same layout");
    let (a, b) = (("a", Some(Value::Long(1))), ("b", Some(Value::Bool(true))));
    let ann = ("User", "ann");
    let mut request = typed.request(&small(ann, &[a.clone(), b.clone()])).expect("conforms");
    let before = request.context().bytes().to_vec();
    let refused: [(by_hand::Small, &str); 7] = [
        (small(ann, std::slice::from_ref(&a)), "`b`: required attribute is missing"),
        (small(ann, &[("a", None), b.clone()]), "`a`: required attribute is missing"),
        (small(ann, &[b.clone(), a.clone()]), "`b`: the schema declares no such attribute"),
        (small(ann, &[a.clone(), b.clone(), a.clone()]), "`a`: the schema declares no such"),
        (small(ann, &[("a", b.1.clone()), b.clone()]), "`a`: expected a value of type Long"),
        (small(("State", "broken"), &[a.clone(), b.clone()]), "has no such id"),
        (small(("Door", "d"), &[a.clone(), b.clone()]), "does not apply to entities of the type"),
    ];
    for (value, says) in refused {
        for error in [
            typed.request(&value).expect_err(says),
            typed.fill(&value, &mut request).expect_err(says),
        ] {
            let report = world::report(&error);
            assert!(report.contains(says), "{report}");
        }
        assert_eq!(request.context().bytes(), before);
        assert_eq!(request.principal().uid(), &EntityUid::new("User", "ann"));
    }

    let mut other = Request::builder(&model)
        .principal(EntityUid::new("User", "ann"))
        .action(EntityUid::new("Action", "shut"))
        .resource(EntityUid::new("Door", "d"))
        .attribute("a", Value::Long(1))
        .build()
        .expect("conforms");
    let error = typed.fill(&small(ann, &[a, b]), &mut other).expect_err("another action");
    assert!(matches!(error, RequestError::OtherRequest { .. }), "{error:?}");
    let says = r#"the request to be filled is not one of `Action::"open"` for the layout "#;
    assert!(error.to_string().starts_with(says), "{error}");
}
