//! Entities and requests: documents, values and rows at their limits.

use trapkey::{
    ANCESTORS_MAX, ENTITIES_BYTES_MAX, EntityStore, JSON_DEPTH_MAX, Model, REQUEST_BYTES_MAX,
    Request, parse_schema,
};

const SCHEMA: &str = r#"
entity Group in [Group];
entity User in [Group] = { @max("4") tools: Set<String>, @max("8") name: String };
entity Doc;
action act appliesTo { principal: User, resource: Doc, context: { @max("4") reason?: String } };
"#;

fn model() -> Model {
    Model::new(parse_schema(SCHEMA).expect("the schema parses"))
}

#[track_caller]
fn check<T, E: std::error::Error>(result: Result<T, E>, says: Option<&str>) {
    match (result, says) {
        (Ok(_), None) => {}
        (Ok(_), Some(says)) => panic!("accepted, expected `{says}`"),
        (Err(error), Some(says)) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(inner) = source {
                text = format!("{text}: {inner}");
                source = inner.source();
            }
            assert!(text.contains(says), "{text}");
        }
        (Err(error), None) => panic!("{error}"),
    }
}

fn request(context: &str, len: usize) -> String {
    let text = format!(
        r#"{{"principal": "User::\"u\"", "action": "Action::\"act\"", "resource": "Doc::\"d\"",
        "context": {context}}}"#
    );
    format!("{text}{}", " ".repeat(len.saturating_sub(text.len())))
}

#[test]
fn requests_have_their_limits() {
    let model = model();
    let read = |context: &str, len| Request::from_json(&model, &request(context, len));
    check(read("{}", REQUEST_BYTES_MAX), None);
    check(read("{}", REQUEST_BYTES_MAX + 1), Some("1048577 bytes, the limit is 1048576"));
    check(read(r#"{"reason": "four"}"#, 0), None);
    check(read(r#"{"reason": "fives"}"#, 0), Some("4"));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // Two levels are the request's and the context's own.
    let depth = JSON_DEPTH_MAX as usize - 2;
    let value = |depth| format!("{{\"reason\": {}}}", nested(depth));
    check(read(&value(depth), 0), Some("String"));
    check(read(&value(depth + 1), 0), Some("nested deeper than 64 levels"));
    check(read(&value(100_000), 0), Some("nested deeper than 64 levels"));
}

fn user(tools: usize, name: usize, parents: usize) -> String {
    let tools: Vec<String> = (0..tools).map(|n| format!("\"{n}\"")).collect();
    let parents: Vec<String> =
        (0..parents).map(|n| format!("{{\"type\": \"Group\", \"id\": \"{n}\"}}")).collect();
    format!(
        r#"[{{"uid": {{"type": "User", "id": "u"}}, "parents": [{}],
        "attrs": {{"tools": [{}], "name": "{}"}}}}]"#,
        parents.join(","),
        tools.join(","),
        "n".repeat(name)
    )
}

#[test]
fn entities_have_their_limits() {
    let read = |text: &str| EntityStore::from_json(std::sync::Arc::new(model()), text);
    check(read(&user(4, 8, 0)), None);
    check(read(&user(5, 8, 0)), Some("4"));
    check(read(&user(4, 9, 0)), Some("8"));
    check(read(&user(0, 0, ANCESTORS_MAX)), None);
    check(read(&user(0, 0, ANCESTORS_MAX + 1)), Some("1024"));
    let padded = |len: usize| {
        let text = user(0, 0, 0);
        format!("{text}{}", " ".repeat(len - text.len()))
    };
    check(read(&padded(ENTITIES_BYTES_MAX)), None);
    check(read(&padded(ENTITIES_BYTES_MAX + 1)), Some("268435457 bytes, the limit is 268435456"));
}
