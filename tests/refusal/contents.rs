//! Custom sections that are missing, unreadable, or contradict each other.

use std::collections::BTreeMap;

use trapkey::{
    Action, Bundle, ContentsError, EntityType, EntityUid, EvalError, Fault, LayoutDigest,
    PLACES_MAX, PackError, PoliciesError, ROW_KEYS_MAX, Record, SCHEMA_KEYS_MAX, Schema,
    SchemaError, SlotTest, Span, Template, TemplateSlot, Type,
};
use trapkey_abi::section;
use trapkey_tests::fixture::{DENY, Fixture, attribute, custom, release, schema, schema_with};

#[track_caller]
fn check_module(module: &[u8], want: fn(&ContentsError) -> bool) {
    match Bundle::pack(&release(), module) {
        Err(PackError::Contents(error)) => assert!(want(&error), "{error:?}"),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Fixture), want: fn(&ContentsError) -> bool) {
    let mut fixture = Fixture::new(DENY);
    change(&mut fixture);
    check_module(&fixture.module(), want);
}

#[track_caller]
fn check_schema(schema: Schema, want: fn(&SchemaError) -> bool) {
    let mut fixture = Fixture::new(DENY);
    fixture.schema = schema;
    match Bundle::pack(&release(), &fixture.module()) {
        Err(PackError::Contents(ContentsError::Schema(error))) => assert!(want(&error), "{error}"),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}

#[test]
fn other_webassembly_is_refused() {
    check_module(b"\0asm", |error| matches!(error, ContentsError::Header));
    // A section that ends behind the module, and one whose name does.
    check_module(b"\0asm\x01\0\0\0\x01\x05", |error| matches!(error, ContentsError::Wasm(_)));
    check_module(b"\0asm\x01\0\0\0\0\x02\x09a", |error| matches!(error, ContentsError::Wasm(_)));
    let component = wat::parse_str("(component)").expect("WAT");
    check_module(&component, |error| matches!(error, ContentsError::Component));
}

#[test]
fn section_must_be_there_once() {
    let fixture = Fixture::new(DENY);
    let bare = wat::parse_str(fixture.wat()).expect("WAT");
    check_module(&bare, |error| {
        matches!(error, ContentsError::Missing { section: section::MANIFEST })
    });
    let mut twice = fixture.module();
    custom(&mut twice, section::POLICIES, b"[]");
    check_module(&twice, |error| {
        matches!(error, ContentsError::Repeated { section: section::POLICIES })
    });
}

#[test]
fn section_must_be_what_it_should() {
    let bare = wat::parse_str(Fixture::new(DENY).wat()).expect("WAT");
    for json in ["", "{}", "{\"abi\": 1, \"motto\": 2}", "\u{1}"] {
        let mut module = bare.clone();
        for section in [section::MANIFEST, section::LAYOUT, section::GATHER, section::POLICIES] {
            custom(&mut module, section, json.as_bytes());
        }
        check_module(&module, |error| {
            matches!(error, ContentsError::Json { section: section::MANIFEST, .. })
        });
    }
}

#[test]
fn worst_case_must_be_stated_for_each_action() {
    check(
        |fixture| fixture.manifest.instructions_max.clear(),
        |error| matches!(error, ContentsError::InstructionsMax { len: 0, actions: 1 }),
    );
    check(
        |fixture| fixture.manifest.instructions_max.push(1),
        |error| matches!(error, ContentsError::InstructionsMax { len: 2, actions: 1 }),
    );
}

#[test]
fn manifest_must_fit() {
    check(
        |fixture| fixture.manifest.abi = 2,
        |error| matches!(error, ContentsError::AbiVersion { found: 2 }),
    );
    check(
        |fixture| fixture.manifest.schema_digest = "0".repeat(63),
        |error| matches!(error, ContentsError::SchemaDigest(_)),
    );
    check(
        |fixture| fixture.manifest.layout_digest = LayoutDigest::default(),
        |error| matches!(error, ContentsError::LayoutDigest { .. }),
    );
}

#[test]
fn gather_table_must_fit() {
    check(
        |fixture| fixture.gather.layout = LayoutDigest::default(),
        |error| matches!(error, ContentsError::Gather(_)),
    );
}

#[test]
fn policies_must_be_consistent() {
    check(
        |fixture| fixture.policies[1].cedar_id = "policy0".to_owned(),
        |error| {
            matches!(error, ContentsError::Policies(PoliciesError::Repeated { cedar_id })
                if cedar_id == "policy0")
        },
    );
    check(
        |fixture| fixture.policies[1].places.push(Span { start: 2, end: 1 }),
        |error| matches!(error, ContentsError::Policies(PoliciesError::Span { .. })),
    );
    check(
        |fixture| fixture.policies[1].places = vec![Span::default(); PLACES_MAX + 1],
        |error| matches!(error, ContentsError::Policies(PoliciesError::Places { .. })),
    );
    let slot = |name: &str| TemplateSlot {
        test: SlotTest::In,
        is: None,
        entity_types: vec![name.to_owned()],
    };
    let templates = [
        Template { principal: Some(slot("Nobody")), ..Template::default() },
        Template { break_glass: Some(0), ..Template::default() },
    ];
    for template in templates {
        check(
            |fixture| fixture.policies[1].template = Some(template),
            |error| matches!(error, ContentsError::Policies(PoliciesError::Template { .. })),
        );
    }
    let fault = |place, action| Fault {
        error: EvalError::EntityMissing,
        place,
        entity_types: vec!["User".to_owned()],
        actions: vec![action],
    };
    for fault in [fault(1, 0), fault(0, 1)] {
        check(
            |fixture| fixture.policies[1].faults = vec![fault.clone()],
            |error| matches!(error, ContentsError::Policies(PoliciesError::Fault { .. })),
        );
    }
}

#[test]
fn unsorted_schema_is_refused() {
    let mut unsorted = schema();
    unsorted.entity_types.reverse();
    check_schema(
        unsorted,
        |error| matches!(error, SchemaError::Order { list: "entity types", item } if item == "Document"),
    );
    let mut repeated = schema();
    repeated.actions.push(repeated.actions[0].clone());
    check_schema(repeated, |error| matches!(error, SchemaError::Order { list: "actions", .. }));
}

#[test]
fn undeclared_type_is_refused() {
    let ghost = || Type::Entity("Ghost".to_owned());
    let nested = Type::Set(Box::new(Type::Record(Record {
        attributes: BTreeMap::from([("of".to_owned(), attribute(ghost(), true))]),
    })));
    for ty in [ghost(), nested] {
        check_schema(schema_with("friend", attribute(ty, false)), |error| {
            matches!(error, SchemaError::UnknownType { place, name }
                if place == "User" && name == "Ghost")
        });
    }
    let mut action = schema();
    action.actions[0].principals = vec!["Ghost".to_owned()];
    check_schema(action, |error| matches!(error, SchemaError::UnknownType { .. }));
}

#[test]
fn oversized_schema_is_refused_before_it_is_laid_out() {
    let record = |keys: usize| Record {
        attributes: (0..keys)
            .map(|key| (format!("a{key:06}"), attribute(Type::Bool, true)))
            .collect(),
    };
    let mut wide = schema();
    wide.actions[0].context = record(ROW_KEYS_MAX + 1);
    check_schema(wide, |error| matches!(error, SchemaError::RowTooLarge { .. }));
    let many = (0..=SCHEMA_KEYS_MAX / ROW_KEYS_MAX).map(|index| Action {
        uid: EntityUid::new("Action", format!("{index:04}")),
        context: record(ROW_KEYS_MAX),
        ..schema().actions[0].clone()
    });
    let tall = Schema { actions: many.collect(), ..schema() };
    check_schema(
        tall,
        |error| matches!(error, SchemaError::TooLarge { keys } if *keys > SCHEMA_KEYS_MAX),
    );
}

#[test]
fn unsorted_names_of_a_type_are_refused() {
    let mut ids = schema();
    let names = ["b", "a"].map(str::to_owned).to_vec();
    ids.entity_types.push(EntityType {
        name: "Zone".to_owned(),
        attributes: Record::default(),
        tags: None,
        ancestors: Vec::new(),
        ids: Some(names),
        is_action: false,
    });
    check_schema(ids, |error| matches!(error, SchemaError::Order { list: "ids", .. }));
}
