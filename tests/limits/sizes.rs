//! Small texts that mean large conditions, and large constants that do not.

use trapkey::{
    CONDITION_SIZE_MAX, FUNCTION_LOCALS_MAX, LITERAL_BYTES_MAX, LITERAL_ELEMENTS_MAX, Limits,
    NAME_BYTES_MAX, PATTERN_BYTES_MAX,
};

use crate::sources::{SCHEMA, accept, accept_with, build, check_refused, policy, publish, refuse};

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..count).map(item).collect();
    format!("[{}]", items.join(", "))
}

/// Checks that a condition is refused for its size.
#[track_caller]
fn check_too_large(condition: &str) {
    let finding = refuse(&policy(condition), SCHEMA);
    let want = format!("operations, the limit is {CONDITION_SIZE_MAX}");
    assert!(finding.message.contains(&want), "{}", finding.message);
}

#[test]
fn conditions_that_grow_beyond_their_text_are_refused_while_they_grow() {
    let sums = |count| list(count, |n| format!("context.n + {n}"));
    check_too_large(&format!("{}.containsAll({})", sums(10_000), sums(10_000)));
    check_too_large(&format!("{}.containsAny({})", sums(10_000), sums(10_000)));
    check_too_large(&format!("{} == {}", sums(1_000), sums(1_000)));
    let sets = |count| list(count, |n| format!("[context.n, {n}]"));
    check_too_large(&format!("{} == {}", sets(200), sets(200)));
    // Each `if` doubles what is compared.
    let doubling = (0..40).fold("[context.n]".to_owned(), |set, n| {
        format!("(if context.n > {n} then {set} else [context.n + {n}])")
    });
    let comparison = format!("[{doubling}, {doubling}].containsAll([{doubling}, {doubling}])");
    check_too_large(&comparison);
    // A field that is taken out of a record leaves the errors of the others behind, twice.
    let fields = (0..30)
        .fold("[context.n]".to_owned(), |inner, _| format!("{{a: {inner}, b: context.n + 1}}.a"));
    check_too_large(&format!("{fields}.contains(1)"));
    let records = |count| list(count, |n| format!("{{n: context.n + {n}, s: context.s}}"));
    check_too_large(&format!("{}.containsAll({})", records(300), records(300)));
}

#[test]
fn constant_sets_become_data() {
    const COUNT: usize = 10_000;
    let longs = list(COUNT, |n| n.to_string());
    let strings = list(COUNT, |n| format!("\"text {n}\""));
    let users = list(COUNT, |n| format!("User::\"user {n}\""));
    let groups = list(COUNT, |n| format!("Group::\"group {n}\""));
    let ips = list(COUNT, |n| format!("ip(\"10.0.{}.{}\")", n / 250, n % 250));
    let decimals = list(COUNT, |n| format!("decimal(\"{n}.25\")"));
    let dates = list(COUNT, |n| format!("datetime(\"{}-01-01\")", 1000 + n % 9_000));
    let records = list(COUNT, |n| format!("{{n: {n}, s: \"text {n}\"}}"));
    let sets = list(COUNT / 2, |n| format!("[{n}, {}]", n + 1));
    for condition in [
        format!("{longs}.contains(context.n)"),
        format!("{longs}.containsAll(context.numbers)"),
        format!("{longs}.containsAny(context.numbers)"),
        format!("context.numbers.containsAll({longs})"),
        format!("context.numbers.containsAny({longs})"),
        format!("context.numbers == {longs}"),
        format!("{strings}.contains(context.s)"),
        format!("context.names.containsAny({strings})"),
        format!("principal in {groups}"),
        format!("principal in {users}"),
        format!("{users}.contains(principal)"),
        format!("principal.groups.containsAny({groups})"),
        format!("{ips}.contains(context.ip)"),
        format!("{decimals}.contains(context.d)"),
        format!("{dates}.contains(context.t)"),
        format!("{records}.contains(context.r)"),
        format!("context.records.containsAny({records})"),
        format!("{sets}.contains(context.numbers)"),
        format!("context.nested.containsAny({sets})"),
    ] {
        let compiled = accept(&policy(&condition));
        // The set is there once, and little else.
        assert!(compiled.module.len() < 1_000_000, "{}", compiled.module.len());
    }
}

#[test]
fn scopes_name_many_actions() {
    let actions: String = (0..1_000).map(|n| format!("action a{n}; ")).collect::<Vec<_>>().concat();
    let schema = format!("{SCHEMA} {actions}");
    let list = list(1_000, |n| format!("Action::\"a{n}\""));
    let policies = format!("permit (principal, action in {list}, resource);");
    let compiled = build(&policies, &schema).expect("compiles");
    assert_eq!(compiled.policies.len(), 1);
}

#[test]
fn literals_have_their_limits() {
    let set = |count| policy(&format!("{}.contains(context.n)", list(count, |n| n.to_string())));
    accept(&set(LITERAL_ELEMENTS_MAX));
    let refused = set(LITERAL_ELEMENTS_MAX + 1);
    let place = list(LITERAL_ELEMENTS_MAX + 1, |n| n.to_string());
    check_refused(&refused, &place, "a list has 32769 elements, the limit is 32768");

    let text = |len: usize| policy(&format!("context.s == \"{}\"", "(".repeat(len)));
    accept(&text(LITERAL_BYTES_MAX));
    let place = format!("\"{}\"", "(".repeat(LITERAL_BYTES_MAX + 1));
    let says = "a string literal has 65537 bytes, the limit is 65536";
    check_refused(&text(LITERAL_BYTES_MAX + 1), &place, says);

    let pattern = |len: usize| policy(&format!("context.s like \"{}\"", "*a".repeat(len / 2)));
    publish(&accept(&pattern(PATTERN_BYTES_MAX)), Limits::default());
    let place = format!("\"{}\"", "*a".repeat(PATTERN_BYTES_MAX / 2 + 1));
    let says = "a pattern has 4098 bytes, the limit is 4096";
    check_refused(&pattern(PATTERN_BYTES_MAX + 2), &place, says);

    let name = |len: usize| policy(&format!("{{{}: 1}} has a", "a".repeat(len)));
    accept(&name(NAME_BYTES_MAX));
    let says = "an identifier has 1025 bytes, the limit is 1024";
    check_refused(&name(NAME_BYTES_MAX + 1), &"a".repeat(NAME_BYTES_MAX + 1), says);
}

#[test]
fn functions_are_bounded_by_what_engines_take() {
    // Every element is a variable, as it is evaluated before the first is compared.
    let set = |count| {
        let set = list(count, |n| format!("context.n + {n}"));
        policy(&format!("{set}.contains(context.n)"))
    };
    accept(&set(FUNCTION_LOCALS_MAX - 10));
    let finding = refuse(&set(FUNCTION_LOCALS_MAX + 1), SCHEMA);
    assert!(finding.message.contains("variables, the limit is 2048"), "{}", finding.message);

    let sums = |count| {
        let sum = format!("context.n{} > 0", " + context.n".repeat(1_000));
        policy(&vec![sum; count].join(" && "))
    };
    accept(&sums(6));
    let finding = refuse(&sums(16), SCHEMA);
    let says = "bytes of code, the limit is 524288";
    assert!(finding.message.contains(says), "{}", finding.message);
}

#[test]
fn long_texts_are_data_and_decide() {
    for len in [0, 1, 8, 255, 256, 257, 1_000] {
        let text = "ab".repeat(len).split_off(len);
        let schema = SCHEMA.replace("s: String, ip", "@max(\"2000\") s: String, ip");
        let policies = policy(&format!("context.s == \"{text}\""));
        let engine = publish(&accept_with(&policies, &schema), Limits::default());
        let context = |s: &str| {
            format!(
                r#"{{"principal": "User::\"u\"", "action": "Action::\"act\"", "resource": "Doc::\"d\"",
                "context": {{"n": 1, "b": true, "s": "{s}", "ip": "1.2.3.4", "d": "1.0",
                "t": "2026-01-01", "r": {{"n": 1, "s": ""}}, "numbers": [], "names": [],
                "nested": [], "records": [], "groups": []}}}}"#
            )
        };
        let decide = |s: &str| engine.decide_json(&context(s)).expect("conforms").is_allow();
        assert!(decide(&text), "{len}");
        assert!(!decide(&format!("{text}a")), "{len}");
        if let Some(shorter) = text.get(1..) {
            assert!(!decide(shorter) && !decide(&format!("x{shorter}")), "{len}");
        }
    }
}
