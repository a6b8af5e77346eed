//! Every shape in which expressions nest, at its limit, beyond it, and far beyond it.

use trapkey::{
    ANNOTATIONS_MAX, CompileError, MEMBERS_MAX, NAME_PARTS_MAX, POLICY_DEPTH_MAX,
    POLICY_NESTING_MAX,
};

use crate::sources::{SCHEMA, accept, build, policy, refuse};

/// A condition that nests as deep as it is told.
type Shape = fn(usize) -> String;

/// Bounded by the number of brackets; one is around every condition.
const BRACKETS: [Shape; 9] = [
    |n| format!("{}true{}", "(".repeat(n), ")".repeat(n)),
    |n| format!("{}true{}", "!(".repeat(n), ")".repeat(n)),
    |n| format!("{}1{} > 0", "-(".repeat(n), ")".repeat(n)),
    |n| format!("{}context.b{}", "context.b && (".repeat(n), ")".repeat(n)),
    |n| format!("{}1{} > 0", "context.n + (".repeat(n), ")".repeat(n)),
    |n| format!("{}1{}.isEmpty()", "[".repeat(n), "]".repeat(n)),
    |n| format!("{}1{} has a", "{a: ".repeat(n), "}".repeat(n)),
    |n| format!("{}true{}", "[context.b].contains(".repeat(n), ")".repeat(n)),
    |n| format!("{}true{}", "(if context.b then false else ".repeat(n), ")".repeat(n)),
];

/// Bounded by the number of operations, of which each link adds as many.
const CHAINS: [(usize, Shape); 11] = [
    (1, |n| format!("{}true", "if context.b then false else ".repeat(n))),
    (1, |n| format!("{}true{}", "if ".repeat(n), " then context.b else false".repeat(n))),
    (1, |n| format!("{}true{}", "if context.b then ".repeat(n), " else false".repeat(n))),
    (1, |n| format!("context.b{}", " && context.b".repeat(n))),
    (1, |n| format!("context.b{}", " || context.b".repeat(n))),
    (1, |n| format!("context.n{} > 0", " + context.n".repeat(n))),
    (1, |n| format!("context.n{} > 0", " - 1".repeat(n))),
    (1, |n| format!("context.n{} > 0", " * context.n".repeat(n))),
    (1, |n| format!("context.b{}", " && principal.n > 1 + 2".repeat(n))),
    (2, |n| format!("context.b{}", "} when { context.b".repeat(n))),
    (2, |n| format!("context.b{}", "} unless { context.b".repeat(n))),
];

/// Bounded by the attributes and methods of one chain.
const MEMBERS: [Shape; 5] = [
    |n| format!("principal{}.flag", ".peer".repeat(n)),
    |n| format!("principal has peer{}", ".peer".repeat(n)),
    |n| format!("{}context.n{} > 0", "{a: ".repeat(n), "}.a".repeat(n)),
    |n| format!("context.t{} > context.t", ".toDate()".repeat(n)),
    |n| format!("context.t{} > context.t", ".offset(duration(\"1s\"))".repeat(n)),
];

/// Checks that a shape compiles at `depth`, and that from `beyond` on it is refused by the limit
/// that `says` speaks of, however deep.
#[track_caller]
fn check(shape: Shape, depth: usize, beyond: usize, says: &str) {
    accept(&policy(&shape(depth)));
    for n in [beyond, 10 * beyond, 100_000] {
        match build(&policy(&shape(n)), SCHEMA) {
            Err(CompileError::Limit(findings)) => {
                let message = &findings.first().expect("a finding").message;
                // Far beyond, another limit may be met first.
                let says = if n == beyond { says } else { "the limit is" };
                assert!(message.contains(says), "{n}: {message}");
            }
            Err(error) => panic!("{n}: {error}"),
            Ok(_) => panic!("accepted: {}", shape(3)),
        }
    }
}

/// On a stack far smaller than the work needs.
fn on_a_small_stack(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn brackets_nest_up_to_the_limit_and_never_overflow_a_stack() {
    on_a_small_stack(|| {
        let says = format!("deep, the limit is {POLICY_NESTING_MAX}");
        for shape in BRACKETS {
            check(shape, POLICY_NESTING_MAX - 2, POLICY_NESTING_MAX, &says);
        }
    });
}

#[test]
fn chains_are_long_up_to_the_limit_and_never_overflow_a_stack() {
    on_a_small_stack(|| {
        let says = format!("deep, the limit is {POLICY_DEPTH_MAX}");
        for (each, shape) in CHAINS {
            check(shape, POLICY_DEPTH_MAX / each - 8, POLICY_DEPTH_MAX / each, &says);
        }
    });
}

#[test]
fn attributes_and_methods_chain_up_to_the_limit() {
    on_a_small_stack(|| {
        let says = format!("attributes and methods, the limit is {MEMBERS_MAX}");
        for shape in MEMBERS {
            check(shape, 60, MEMBERS_MAX + 1, &says);
        }
    });
}

#[test]
fn limits_of_nesting_are_exact() {
    let parens = |n: usize| policy(&format!("{}true{}", "(".repeat(n), ")".repeat(n)));
    accept(&parens(POLICY_NESTING_MAX - 1));
    let refused = refuse(&parens(POLICY_NESTING_MAX), SCHEMA);
    assert_eq!(refused.message, "brackets nest 257 deep, the limit is 256");
    let sums = |n: usize| policy(&format!("context.n{} > 0", " + 1".repeat(n)));
    // Brackets, comparison and condition are the other five.
    accept(&sums(POLICY_DEPTH_MAX - 6));
    let refused = refuse(&sums(POLICY_DEPTH_MAX - 5), SCHEMA);
    assert_eq!(refused.message, "operations nest 2049 deep, the limit is 2048");
    let peers = |n: usize| policy(&format!("principal{}.flag", ".peer".repeat(n)));
    accept(&peers(MEMBERS_MAX - 1));
    let refused = refuse(&peers(MEMBERS_MAX), SCHEMA);
    assert_eq!(refused.message, "a chain has 65 attributes and methods, the limit is 64");
}

#[test]
fn what_does_not_parse_is_counted_too() {
    for text in ["(", "[", "{", "if ", "a::", "!", "-", "permit(", "@a", "&&", "a.", "when {"] {
        let error = build(&text.repeat(100_000), SCHEMA).expect_err("refused");
        let expected = matches!(&error, CompileError::Limit(_) | CompileError::Parse(_));
        assert!(expected, "{text}: {error}");
    }
    // A bracket that is never closed is Cedar's to report, not a matter of nesting.
    let error = build(&format!("permit (principal\n{}", policy("true").repeat(300)), SCHEMA);
    assert!(matches!(error, Err(CompileError::Parse(_))), "{error:?}");
}

#[test]
fn names_and_annotations_are_counted() {
    let name = |n: usize| policy(&format!("principal is {}User", "a::".repeat(n - 1)));
    let parts = NAME_PARTS_MAX;
    assert!(matches!(build(&name(parts), SCHEMA), Err(CompileError::Validate(_))));
    let refused = refuse(&name(parts + 1), SCHEMA);
    assert_eq!(refused.message, "a name has 65 parts, the limit is 64");
    let annotated = |n: usize| {
        let annotations: String =
            (0..n).map(|n| format!("@a{n}(\"(\")")).collect::<Vec<_>>().concat();
        format!("{}{annotations}{}", policy("true"), policy("true"))
    };
    accept(&annotated(ANNOTATIONS_MAX));
    let refused = refuse(&annotated(ANNOTATIONS_MAX + 1), SCHEMA);
    assert_eq!(refused.message, "a policy has 257 annotations, the limit is 256");
}
