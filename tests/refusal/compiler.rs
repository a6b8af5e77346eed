//! Sources that are refused: the step that refuses, and every finding with its place.

use trapkey::{
    CompileError, CompileOptions, Diagnostic, EntityUid, LINK_BYTES_MAX, POLICIES_MAX,
    POLICY_BYTES_MAX, SCHEMA_BYTES_MAX, Severity, Source, Sources, Span, TemplateLink, compile,
    parse_links, parse_schema,
};

use crate::world;

/// A test of the exact variant.
type Is = fn(&CompileError) -> bool;

/// The text that a finding points at, empty where it has no span, and a part of its message.
type Finding<'a> = (&'a str, &'a str);

#[track_caller]
fn check(sources: Sources<'_>, source: Source, is: Is, want: &[Finding<'_>]) {
    let error = compile(&sources, CompileOptions::default()).expect_err("refused");
    assert!(is(&error), "{error:?}");
    let found = error.diagnostics();
    assert_eq!(found.len(), want.len(), "{found:#?}");
    let text = match source {
        Source::Policies => sources.policies,
        Source::Schema => sources.schema,
        Source::Links => "",
    };
    for (finding, (place, says)) in found.iter().zip(want) {
        assert_eq!((finding.source, finding.severity), (source, Severity::Error), "{finding:?}");
        assert!(finding.message.contains(says), "{finding:?}");
        let at = finding.span.map(|span| world::part(text, span));
        assert_eq!(at.unwrap_or_default(), *place, "{finding:?}");
    }
    let first = found.first().expect("a refusal has findings").to_string();
    let text = error.to_string();
    assert!(text.contains(&first), "{text}");
    let more = found.len() - 1;
    assert!(more == 0 || text.ends_with(&format!("(and {more} more)")), "{text}");
}

fn check_policies(policies: &str, is: Is, want: &[Finding<'_>]) {
    check(Sources { policies, schema: world::SCHEMA, links: &[] }, Source::Policies, is, want);
}

fn check_schema(schema: &str, want: &[Finding<'_>]) {
    let is: Is = |error| matches!(error, CompileError::Schema(_));
    check(Sources { policies: world::POLICY, schema, links: &[] }, Source::Schema, is, want);
    let error = parse_schema(schema).expect_err("refused");
    assert!(is(&error), "{error:?}");
}

/// The schema with one part replaced.
fn schema(part: &str, by: &str) -> String {
    assert!(world::SCHEMA.contains(part), "{part}");
    world::SCHEMA.replace(part, by)
}

#[track_caller]
fn check_size(policies: &str, schema: &str, want: &str) {
    let error = compile(&Sources { policies, schema, links: &[] }, CompileOptions::default());
    let error = error.expect_err("refused");
    assert!(matches!(error, CompileError::TooLarge { len, max, .. } if len == max + 1));
    assert!(error.diagnostics().is_empty());
    assert_eq!(error.to_string(), want);
}

#[test]
fn oversized_sources_are_refused_before_they_are_parsed() {
    check_size(
        &"(".repeat(POLICY_BYTES_MAX + 1),
        world::SCHEMA,
        "policy text has 33554433 bytes, the limit is 33554432",
    );
    check_size(
        "",
        &"(".repeat(SCHEMA_BYTES_MAX + 1),
        "schema text has 4194305 bytes, the limit is 4194304",
    );
    check_size(
        &"permit(principal,action,resource);".repeat(POLICIES_MAX + 1),
        world::SCHEMA,
        "policy set has 100001 policies, the limit is 100000",
    );
}

#[test]
fn schemas_that_do_not_parse_are_refused_where_they_end_to_be_cedar() {
    check_schema("entity User\nentity Door;", &[("entity", "unexpected token `entity`")]);
    check_schema("entity User = { level: Long }; action open appliesTo {", &[("", "end of input")]);
    check_schema("{\"\": {\"entityTypes\": []}}", &[("", "invalid type: sequence")]);
    check_schema("{", &[("", "EOF while parsing")]);
}

#[test]
fn schemas_that_name_what_they_do_not_declare_are_refused() {
    let gate = schema("resource: Door", "resource: Gate");
    let write = schema("in [read]", "in [write]");
    check_schema("entity User in [Group];", &[("Group", "failed to resolve type: Group")]);
    check_schema("entity User = { home: House };", &[("House", "failed to resolve type: House")]);
    check_schema(&gate, &[("Gate", "failed to resolve type: Gate")]);
    check_schema(&write, &[("", "undeclared action: Action::\"write\"")]);
    check_schema("entity User; entity User;", &[("User", "`User` is declared twice")]);
    check_schema("type A = Set<A>;", &[("type A = Set<A>;", "cycle in common type references")]);
}

#[test]
fn annotations_of_a_schema_are_refused_by_attribute() {
    let now = "now: datetime";
    let cases = [
        (
            schema(now, "@clock(\"tick\") now: datetime"),
            "`Action::\"open\".now`: @clock is `tick`, expected instant, elapsed or remaining",
        ),
        (
            schema(now, "@clock now: datetime"),
            "`Action::\"open\".now`: @clock is ``, expected instant, elapsed or remaining",
        ),
        (
            schema(now, "@clock(\"elapsed\") now: datetime"),
            "`Action::\"open\".now`: @clock(\"elapsed\") stands on a datetime, expected a duration",
        ),
        (
            schema("trusted: Bool", "@clock(\"instant\") trusted: Bool"),
            "`Action::\"open\".device.trusted`: @clock(\"instant\") stands on a Bool, expected a",
        ),
        (
            schema("since?: datetime", "@clock(\"instant\") since?: datetime"),
            "`User.since`: @clock stands outside a context",
        ),
        (
            schema("level: Long", "@max(\"4x\") level: Long"),
            "`User.level`: @max is `4x`, expected a Long",
        ),
        (
            schema("since?: datetime", "@min(\"noon\") since?: datetime"),
            "`User.since`: @min is `noon`, expected a datetime",
        ),
        (
            schema("shift?: duration", "@min(\"2h\") @max(\"1h\") shift?: duration"),
            "`User.shift`: @min is 7200000, which is more than @max, 3600000",
        ),
        (
            schema("home?: Zone", "@max(\"1\") home?: Zone"),
            "`User.home`: @max stands on a Zone, expected a set, a String, a number or a time",
        ),
        (
            schema("@max(\"8\")", "@min(\"8\")"),
            "`User.name`: @min stands on a String, expected a number or a time",
        ),
        (
            schema("@max(\"8\")", "@max(\"0\")"),
            "`User.name`: @max is `0`, expected a number from 1",
        ),
        (schema("@max(\"8\")", "@max(\"+ 8\")"), "`User.name`: @max is `+ 8`, expected a number"),
        (schema("@max(\"8\")", "@max(\"32769\")"), "expected a number from 1 to 32768"),
    ];
    for (text, says) in cases {
        check_schema(&text, &[("", says)]);
    }
    let both = schema("@max(\"8\")", "@max").replace("@max(\"4\")", "@max(\"-1\")");
    check_schema(&both, &[("", "`Action::\"open\".reason`: @max is"), ("", "`User.name`: @max")]);
}

#[test]
fn annotations_that_would_bound_nothing_are_refused() {
    let cases = [
        (
            schema("entity Site;", "@max(\"1\") entity Site;"),
            "`Site`: @max stands on a declaration, expected an attribute",
        ),
        (
            schema("entity Site;", "entity Site; @min(\"0\") type Port = Long;"),
            "`Port`: @min stands on a declaration, expected an attribute",
        ),
        (
            schema("action all;", "@clock(\"instant\") action all;"),
            "`Action::\"all\"`: @clock stands on a declaration, expected an attribute",
        ),
        (
            schema("tags Long", "tags { @max(\"five\") n: Long }"),
            "`User.tags.n`: @max is `five`, expected a Long",
        ),
    ];
    for (text, says) in cases {
        check_schema(&text, &[("", says)]);
    }
}

#[test]
fn policies_that_do_not_parse_are_refused_with_every_place() {
    let is: Is = |error| matches!(error, CompileError::Parse(_));
    check_policies(
        "permit (principal, action);\n@id(\"a\") forbid (principal, action, resources);",
        is,
        &[("", "missing the `resource` variable"), ("resources", "invalid variable")],
    );
    check_policies(
        "permit (principal, action, resource) when { principal.level => 3 };",
        is,
        &[(">", "unexpected token `>`")],
    );
    check_policies("permit (principal, action, resource)", is, &[("", "end of input")]);
    check_policies(
        "@id(\"a\") @id(\"a\") permit (principal, action, resource);",
        is,
        &[("@id(\"a\")", "duplicate annotation: @id")],
    );
}

#[test]
fn policies_that_do_not_validate_are_refused_with_every_place() {
    check_policies(
        "permit (principal is User, action == Action::\"open\", resource)\n\
         when { principal.levels > 3 || principal.level == \"3\" };\n\
         forbid (principal is User, action == Action::\"close\", resource);\n\
         forbid (principal is User, action, resource) when { principal.name == \"ann\" };",
        |error| matches!(error, CompileError::Validate(_)),
        &[
            ("principal.levels", "attribute `levels`"),
            ("principal.level == \"3\"", "String"),
            ("Action::\"close\"", "unrecognized action"),
            ("principal.name", "unable to guarantee safety of access to optional attribute `name`"),
        ],
    );
}

#[test]
fn annotations_of_policies_are_refused_with_every_policy() {
    let is: Is = |error| matches!(error, CompileError::Annotation(_));
    let cases = [
        ("@stage(\"test\")", "@stage is `test`, expected observe or enforce"),
        ("@stage", "@stage is ``, expected observe or enforce"),
        ("@obligation(\"\")", "@obligation has the name ``, expected letters, digits"),
        ("@obligation(\"log, call me\")", "@obligation has the name `call me`, expected letters"),
        ("@advice(\"tell me\")", "@advice has the name `tell me`, expected letters, digits"),
        ("@obligation(\"attach:\")", "@obligation `attach` has a colon but no argument"),
        ("@expires(\"soon\")", "@expires is `soon`, expected a day as YYYY-MM-DD"),
        ("@expires(\"2026-02-30\")", "@expires is `2026-02-30`, expected a day as YYYY-MM-DD"),
        ("@expires(\"2026-02-28T00:00:00Z\")", "expected a day as YYYY-MM-DD"),
    ];
    for (annotation, says) in cases {
        let refused = format!("{annotation} permit (principal, action, resource);");
        let policies = format!("{}\n{refused}", world::POLICY);
        check_policies(&policies, is, &[(&refused, says)]);
    }
    let first = "@stage(\"a\") @expires(\"b\") permit (principal, action, resource);";
    let second = "@id(\"level-3\") forbid (principal, action, resource);";
    check_policies(
        &format!("{}\n{first}\n{second}", world::POLICY),
        is,
        &[
            (first, "@stage is `a`"),
            (first, "@expires is `b`"),
            (second, "the id `level-3` is already used by the policy at byte 1"),
        ],
    );
    // An id is also taken by the one that Cedar would give.
    let third = "permit (principal, action, resource);";
    check_policies(
        &format!("@id(\"policy1\") {third} {third}"),
        is,
        &[(third, "the id `policy1` is already used by the policy at byte 0")],
    );
}

#[test]
fn conditions_beyond_the_limit_are_refused_with_their_policy() {
    let is: Is = |error| matches!(error, CompileError::Limit(_));
    let sums = |count: usize| {
        let sums: Vec<String> = (0..count).map(|n| format!("principal.level + {n}")).collect();
        format!("[{}]", sums.join(", "))
    };
    let condition = format!("{}.containsAny({})", sums(250), sums(250));
    let policy = format!(
        "permit (principal is User, action == Action::\"open\", resource) when {{ {condition} }};"
    );
    let policies = format!("{policy}\n{}", world::POLICY);
    check_policies(&policies, is, &[(&policy, "operations, the limit is 65536")]);
}

#[test]
fn links_that_do_not_fit_their_template_are_refused_with_every_link() {
    const TEMPLATE: &str = "@id(\"visit\") permit (principal == ?principal, \
        action == Action::\"open\", resource in ?resource);";
    let link = |id: &str, template: &str, principal: Option<&str>, resource: Option<&str>| {
        let uid = |text: &str| {
            let (type_name, id) = text.split_once(' ').expect("type and id");
            EntityUid::new(type_name, id)
        };
        TemplateLink {
            id: id.to_owned(),
            template: template.to_owned(),
            principal: principal.map(uid),
            resource: resource.map(uid),
        }
    };
    let (ann, hall) = (Some("User ann"), Some("Zone hall"));
    let links = [
        link("good", "visit", ann, hall),
        link("a", "visits", ann, hall),
        link("b", "visit", ann, None),
        link("good", "visit", ann, hall),
        link("policy0", "visit", ann, hall),
        link("d", "visit", Some("User; ann"), hall),
        link("f", "visit", Some("User::\"bob\"// ann"), hall),
    ];
    let sources = Sources { policies: TEMPLATE, schema: world::SCHEMA, links: &links };
    check(
        sources,
        Source::Links,
        |error| matches!(error, CompileError::Link(_)),
        &[
            ("", "link `a`: no template has the id `visits`"),
            ("", "link `b`: the following slots were not provided"),
            ("", "link `good`: "),
            ("", "link `policy0`: "),
            ("", "link `d`: `User;::\"ann\"` is not the uid of an entity"),
            ("", "link `f`: `User::\"bob\"//::\"ann\"` is not the uid of an entity"),
        ],
    );
    let links = [link("e", "visit", Some("Ghost g"), hall)];
    let sources = Sources { policies: TEMPLATE, schema: world::SCHEMA, links: &links };
    let error = compile(&sources, CompileOptions::default())
        .map(|compiled| compiled.policies)
        .expect_err("no such type");
    assert!(matches!(error, CompileError::Validate(_)), "{error}");
}

/// Each link is described as its template is, so that a long template bounds the number of links.
#[test]
fn links_of_long_templates_are_bounded() {
    let note = "n".repeat(60_000);
    let template = format!(
        "@id(\"visit\") @note(\"{note}\") permit (principal == ?principal, \
         action == Action::\"open\", resource);"
    );
    let count = LINK_BYTES_MAX / template.len() + 1;
    let links: Vec<TemplateLink> = (0..count)
        .map(|number| TemplateLink {
            id: format!("link {number}"),
            template: "visit".to_owned(),
            principal: Some(EntityUid::new("User", "ann")),
            resource: None,
        })
        .collect();
    let sources = Sources { policies: &template, schema: world::SCHEMA, links: &links };
    let error = compile(&sources, CompileOptions::default())
        .map(|compiled| compiled.policies.len())
        .expect_err("one link too many");
    let says = "text of templates, once for each link, has";
    assert!(error.to_string().starts_with(says), "{error}");
    assert!(error.to_string().ends_with("bytes, the limit is 33554432"), "{error}");
    let sources = Sources { links: &links[1..], ..sources };
    check_links(&sources, count - 1);
}

#[track_caller]
fn check_links(sources: &Sources<'_>, links: usize) {
    let checked = trapkey::check(sources).expect("as many as there may be");
    // The template is described too.
    assert_eq!(checked.policies.len(), links + 1);
}

#[test]
fn texts_of_links_are_refused_with_every_link() {
    let cases = [
        ("{}", "expected a sequence at line 1"),
        ("[{\"template_id\": \"t\", \"link_id\": \"l\"}]", "missing field `args`"),
        (
            "[{\"template_id\": \"t\", \"link_id\": \"l\", \"args\": {\"?context\": \"A::\\\"a\\\"\"}}]",
            "unknown field `?context`",
        ),
        (
            "[{\"template_id\": \"t\", \"link_id\": \"l\", \"args\": {\"?principal\": \"A\"}}]",
            "link `l`: `A` is not of the form `Type::\"id\"`",
        ),
    ];
    for (text, says) in cases {
        let error = parse_links(text).expect_err(text);
        assert!(matches!(error, CompileError::Link(_)), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let error = parse_links(&" ".repeat(LINK_BYTES_MAX + 1)).expect_err("too large");
    assert_eq!(error.to_string(), "text of links has 33554433 bytes, the limit is 33554432");
}

#[test]
fn constructs_that_are_not_compiled_would_be_said_with_their_policy() {
    // No source that validates is known to hold one, so the error is made here.
    let span = Some(Span { start: 3, end: 9 });
    let (severity, message) = (Severity::Error, "unknown function `f`".to_owned());
    let finding = Diagnostic { source: Source::Policies, span, severity, message, help: None };
    let error = CompileError::Unsupported(vec![finding.clone()]);
    assert_eq!(error.to_string(), "cannot be compiled: policies at byte 3: unknown function `f`");
    assert_eq!(error.diagnostics(), [finding]);
}
