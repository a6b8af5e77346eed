//! Schemas: what they nest, what they would become, how many request environments they have.

use trapkey::{
    ACTIONS_MAX, CompileError, ENTITY_TYPES_MAX, ENVIRONMENTS_MAX, NAME_PARTS_MAX, ROW_KEYS_MAX,
    SCHEMA_KEYS_MAX, SCHEMA_NESTING_MAX, Source, TYPE_DEPTH_MAX, parse_schema,
};

#[track_caller]
fn accept(schema: &str) {
    if let Err(error) = parse_schema(schema) {
        panic!("refused: {error}");
    }
}

#[track_caller]
fn check_refused(schema: &str, says: &str) {
    match parse_schema(schema) {
        Err(CompileError::Limit(findings)) => {
            assert!(findings.iter().all(|finding| finding.source == Source::Schema));
            let messages: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
            assert!(messages.iter().any(|message| message.contains(says)), "{messages:?}");
        }
        Err(error) => panic!("refused by no limit: {error}"),
        Ok(_) => panic!("accepted"),
    }
}

fn sets(depth: usize) -> String {
    format!("entity A = {{ a: {}Long{} }};", "Set<".repeat(depth), ">".repeat(depth))
}

fn records(depth: usize) -> String {
    format!("entity A = {}Long{};", "{ a: ".repeat(depth), "}".repeat(depth))
}

fn aliases(count: usize) -> String {
    let types: String =
        (1..count).map(|n| format!("type T{n} = T{};", n - 1)).collect::<Vec<_>>().concat();
    format!("type T0 = Long; {types} entity A = {{ a: T{} }};", count - 1)
}

#[test]
fn types_nest_up_to_the_limit() {
    let says =
        format!("nests at least {} types deep, the limit is {TYPE_DEPTH_MAX}", TYPE_DEPTH_MAX + 1);
    accept(&sets(TYPE_DEPTH_MAX - 1));
    check_refused(&sets(TYPE_DEPTH_MAX), &says);
    accept(&records(TYPE_DEPTH_MAX));
    check_refused(&records(TYPE_DEPTH_MAX + 1), &says);
    // The entity type's record is one level.
    accept(&aliases(TYPE_DEPTH_MAX - 1));
    check_refused(&aliases(TYPE_DEPTH_MAX), &says);
    check_refused(&aliases(100_000), "types deep");
    let says =
        format!("brackets nest {} deep, the limit is {SCHEMA_NESTING_MAX}", SCHEMA_NESTING_MAX + 1);
    for shape in [sets, records] {
        check_refused(&shape(SCHEMA_NESTING_MAX + 1), &says);
        check_refused(&shape(100_000), &says);
    }
    let json = |depth: usize| {
        let set = "{\"type\": \"Set\", \"element\": ".repeat(depth);
        format!(
            "{{\"\": {{\"actions\": {{}}, \"entityTypes\": {{\"A\": {{\"shape\": {{\"type\": \
             \"Record\", \"attributes\": {{\"a\": {set}{{\"type\": \"Long\"}}{}}}}}}}}}}}}}",
            "}".repeat(depth)
        )
    };
    accept(&json(TYPE_DEPTH_MAX - 1));
    check_refused(&json(TYPE_DEPTH_MAX), "types deep");
    check_refused(&json(100_000), &says);
}

#[test]
fn common_types_are_counted_where_they_are_used() {
    let doubling = |levels: usize| {
        let types: String = (1..=levels)
            .map(|n| format!("type T{n} = {{ a: T{}, b: T{} }};", n - 1, n - 1))
            .collect::<Vec<_>>()
            .concat();
        format!("type T0 = {{ a: Long }}; {types} entity A = {{ a: T{levels} }};")
    };
    accept(&doubling(9));
    check_refused(&doubling(12), &format!("attributes and ancestors, the limit is {ROW_KEYS_MAX}"));
    check_refused(&doubling(50), &format!("attributes and ancestors, the limit is {ROW_KEYS_MAX}"));
    // Cedar refuses cycles.
    let cycle = parse_schema("type A = { a: B }; type B = { b: A }; entity C = { a: A };");
    assert!(matches!(cycle, Err(CompileError::Schema(_))), "{cycle:?}");
}

#[test]
fn rows_and_schemas_hold_up_to_the_limit() {
    let attributes = |count: usize| -> String {
        (0..count).map(|n| format!("a{n}: Long, ")).collect::<Vec<_>>().concat()
    };
    let row = |count| format!("entity A = {{ {} }};", attributes(count));
    accept(&row(ROW_KEYS_MAX));
    let says = "`A` has 4097 attributes and ancestors, the limit is 4096";
    check_refused(&row(ROW_KEYS_MAX + 1), says);
    let optional = |count| row(count).replace(": Long", "?: Long");
    check_refused(&optional(ROW_KEYS_MAX / 2 + 1), "`A` has 4098 attributes and ancestors");
    let context = |count| {
        let context = attributes(count);
        format!(
            "entity A; action a appliesTo {{ principal: A, resource: A, context: {{ {context} }} }};"
        )
    };
    check_refused(&context(ROW_KEYS_MAX + 1), "the context of `Action::\"a\"` has 4097");
    let many = |count: usize| -> String {
        (0..count)
            .map(|n| format!("entity A{n} = {{ {} }};", attributes(64)))
            .collect::<Vec<_>>()
            .concat()
    };
    accept(&many(SCHEMA_KEYS_MAX / 64));
    check_refused(
        &many(SCHEMA_KEYS_MAX / 64 + 1),
        "have 131136 attributes and ancestors, the limit is 131072",
    );
}

#[test]
fn hierarchies_are_bounded() {
    let chain = |count: usize| -> String {
        let types: String = (1..count)
            .map(|n| format!("entity A{n} in [A{}];", n - 1))
            .collect::<Vec<_>>()
            .concat();
        format!("entity A0; {types}")
    };
    accept(&chain(400));
    check_refused(&chain(600), "attributes and ancestors, the limit is 131072");
    let groups = |count: usize| -> String {
        let groups: String = (1..count)
            .map(|n| format!("action a{n} in [a{}];", n - 1))
            .collect::<Vec<_>>()
            .concat();
        format!("action a0; {groups}")
    };
    accept(&groups(400));
    check_refused(&groups(600), "attributes and ancestors, the limit is 131072");
}

#[test]
fn declarations_are_counted() {
    let types = |count: usize| -> String {
        (0..count).map(|n| format!("entity A{n};")).collect::<Vec<_>>().concat()
    };
    accept(&types(ENTITY_TYPES_MAX));
    let says = "the schema has 4097 entity types, the limit is 4096";
    check_refused(&types(ENTITY_TYPES_MAX + 1), says);
    let actions = |count: usize| -> String {
        (0..count).map(|n| format!("action a{n};")).collect::<Vec<_>>().concat()
    };
    accept(&actions(ACTIONS_MAX));
    check_refused(&actions(ACTIONS_MAX + 1), "the schema has 4097 actions, the limit is 4096");
    let environments = |principals: usize, resources: usize| {
        let list =
            |count: usize| (0..count).map(|n| format!("A{n}")).collect::<Vec<_>>().join(", ");
        let (principals, resources) = (list(principals), list(resources));
        format!(
            "{} action a appliesTo {{ principal: [{principals}], resource: [{resources}] }};",
            types(257)
        )
    };
    accept(&environments(256, ENVIRONMENTS_MAX / 256));
    let says = "the schema has 65792 request environments, the limit is 65536";
    check_refused(&environments(257, 256), says);
}

#[test]
fn names_of_schemas_are_bounded() {
    let namespace = |parts: usize| {
        let path: Vec<&str> = std::iter::repeat_n("a", parts).collect();
        format!("namespace {} {{ entity A; }}", path.join("::"))
    };
    accept(&namespace(NAME_PARTS_MAX));
    check_refused(&namespace(NAME_PARTS_MAX + 1), "a name has 65 parts, the limit is 64");
    check_refused(&namespace(100_000), "a name has 65 parts, the limit is 64");
    let long = format!("entity {};", "a".repeat(1_025));
    check_refused(&long, "an identifier has 1025 bytes, the limit is 1024");
    let text = format!("@doc(\"{}\") entity A;", "a".repeat(65_537));
    check_refused(&text, "a string literal has 65537 bytes, the limit is 65536");
}
