//! Sets of every size are searched as in Cedar: sets that a policy writes down, and those of a
//! request, for what is in them and for its neighbours.

#![cfg(test)]

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Engine, Limits, Release, Request, Semantics, Sources, compile,
};
use trapkey_testkit::Oracle;

const SCHEMA: &str = "
entity User;
action a appliesTo { principal: [User], resource: [User], context: {
    number: Long, text: String, who: User,
    numbers: Set<Long>, texts: Set<String>, people: Set<User>,
} };";

/// Around the sizes at which a search changes from one way to another, and the limit of requests.
const SIZES: [usize; 12] = [0, 1, 7, 8, 9, 15, 16, 17, 18, 33, 63, 64];
/// Beyond the limit of requests, in policies alone.
const LARGE: [usize; 2] = [65, 300];

fn number(n: usize) -> i64 {
    let spread = i64::try_from(n).unwrap() * 3 - 90;
    match n {
        5 => i64::MIN,
        6 => i64::MAX,
        _ => spread,
    }
}

/// Texts that share beginnings, end in zeros, differ beyond a word, and are no ASCII.
fn text(n: usize) -> String {
    match n % 6 {
        0 => "x".repeat(n % 23),
        1 => format!("{}\0", "x".repeat(n % 19)),
        2 => format!("prefix{n:04}"),
        3 => format!("a-longer-prefix-{n:03}-of-words"),
        4 => format!("ö{n}"),
        _ => format!("{n}"),
    }
}

fn uid(n: usize) -> Value {
    json!({ "type": "User", "id": format!("user{n}") })
}

/// The policy of a set that it writes down, and of one that the request has.
fn policies(size: usize) -> String {
    let list = |element: &dyn Fn(usize) -> String| {
        (0..size).map(|n| element(n * 2)).collect::<Vec<_>>().join(", ")
    };
    let numbers = list(&|n| match number(n) {
        // Cedar reads the sign and the number apart.
        i64::MIN => "(-9223372036854775807 - 1)".to_owned(),
        number => number.to_string(),
    });
    let texts = list(&|n| format!("\"{}\"", text(n).escape_default()));
    let people = list(&|n| format!("User::\"user{n}\""));
    let mut text = String::new();
    if size > 0 {
        text = format!(
            "permit(principal, action, resource) when {{ [{numbers}].contains(context.number) }};
             permit(principal, action, resource) when {{ [{texts}].contains(context.text) }};
             permit(principal, action, resource) when {{ [{people}].contains(context.who) }};"
        );
    }
    text + "permit(principal, action, resource) when { context.numbers.contains(context.number) };
            permit(principal, action, resource) when { context.texts.contains(context.text) };
            permit(principal, action, resource) when { context.people.contains(context.who) };"
}

fn check(size: usize, in_request: usize) {
    let policies = policies(size);
    let sources = Sources { policies: &policies, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "sets".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    let model = engine.model().unwrap();
    let oracle = Oracle::new(SCHEMA, &policies, &json!([])).unwrap();
    let entity = |n| json!({ "__entity": uid(n) });
    let (mut found, mut missed) = (0, 0);
    for n in 0..size.max(in_request) * 2 + 2 {
        let request = json!({
            "principal": "User::\"p\"", "action": "Action::\"a\"", "resource": "User::\"r\"",
            "context": {
                "number": number(n), "text": text(n), "who": entity(n),
                "numbers": (0..in_request).map(|n| number(n * 2)).collect::<Vec<_>>(),
                "texts": (0..in_request).map(|n| text(n * 2)).collect::<Vec<_>>(),
                "people": (0..in_request).map(|n| entity(n * 2)).collect::<Vec<_>>(),
            },
        });
        let want = oracle.decide(&request).unwrap();
        let request = Request::from_json(&model, &request.to_string()).unwrap();
        let got = engine.decide(&request);
        let determining: std::collections::BTreeSet<String> =
            got.determining().map(|policy| policy.id.clone()).collect();
        assert_eq!(determining, want.determining, "element {n} of {size} and {in_request}");
        if want.allow { found += 1 } else { missed += 1 }
    }
    assert!(missed > 0 && (found > 0 || size + in_request == 0), "{found} found, {missed} missed");
}

#[test]
fn what_is_in_a_set_is_found_and_nothing_else() {
    for size in SIZES {
        check(size, size);
    }
    for size in LARGE {
        check(size, 3);
    }
}
