//! No decision takes more instructions than its module states for the action, however full the
//! request: the fuel that `decide` uses is held against the bound.

#![cfg(test)]

#[path = "cost/full.rs"]
mod full;
#[path = "cost/host.rs"]
mod host;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use trapkey::{CompileOptions, Compiled, Semantics, Sources, TemplateLink, compile};
use trapkey_testkit::{Folder, Generator, World, examples_dir};
use trapkey_tests::constructs;
use trapkey_tests::links::template_link;

use full::Fill;
use host::{Facts, Host};

/// Worlds whose decisions are measured.
const WORLDS: u64 = 60;

/// Generated requests of each example folder.
const SAMPLES: usize = 200;

fn build(policies: &str, schema: &str, links: &[TemplateLink]) -> Compiled {
    let sources = Sources { policies, schema, links };
    compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap()
}

/// Decides full requests about full entities, by modules of one schema.
fn check_full(facts: &Facts, hosts: &mut [(String, Host)]) {
    for fill in Fill::ALL {
        facts.store(&fill.store(&hosts[0].1.compiled.schema));
        for (place, host) in &mut *hosts {
            for request in fill.requests(&host.compiled) {
                host.check(facts, &request, place);
            }
        }
    }
}

/// Says how near decisions came to their bounds, and that there were some.
fn report(what: &str, hosts: &[(String, Host)]) {
    let mut tightness: Vec<u64> = hosts.iter().filter_map(|(_, host)| host.tightness()).collect();
    tightness.sort_unstable();
    let decisions: u64 = hosts.iter().map(|(_, host)| host.decisions).sum();
    let too_large: u64 = hosts.iter().map(|(_, host)| host.too_large).sum();
    let at = |share: usize| tightness[(tightness.len() - 1) * share / 100];
    if hosts.len() < 40 {
        for (place, host) in hosts {
            let bounds = host.compiled.manifest.instructions_max.iter().max();
            println!(
                "  {:>3?} % of {:>10?}: {place}",
                host.tightness().unwrap_or(0),
                bounds.unwrap_or(&0)
            );
        }
    }
    println!("{what}: {} modules, {decisions} decisions, {too_large} too large", hosts.len());
    println!(
        "  the nearest decision of each used {} % of its bound at least, {} % at the median, {} % at most",
        at(0),
        at(50),
        at(100)
    );
    assert!(decisions > too_large, "{what}: most requests are too large");
}

#[test]
fn no_condition_costs_more_than_its_bound() {
    let (policies, _) = constructs::policies();
    let one = |policy: &str| (policy.to_owned(), Host::new(build(policy, constructs::SCHEMA, &[])));
    let mut hosts: Vec<(String, Host)> = policies.lines().map(one).collect();
    let facts = Facts::new(&hosts[0].1.compiled);
    check_full(&facts, &mut hosts);
    report("constructs", &hosts);
    let tight = hosts.iter().filter(|(_, host)| host.tightness() >= Some(80)).count();
    assert!(tight * 2 > hosts.len(), "{tight} of {} bounds are near", hosts.len());
}

/// A schema whose limits differ from the defaults, at every place where there may be one.
const LIMITS: &str = r#"
type Names = { @max("3000") one: String, two?: { @max("900") all: Set<Long>, who: Set<String> } };
entity Role enum ["a", "b"];
entity Group in [Group];
entity Other;
entity User in [Group, Role] = {
  names: Names, @max("2000") ids: Set<Long>, @max("1000") friends: Set<User>, @max("1") few: Set<Long>,
  @max("20") records: Set<Names>, @max("3000") text: String, @max("5") sets: Set<Set<Long>>,
} tags { @max("400") word: String, list: { @max("8") of: Set<Group> } };
action a appliesTo { principal: User, resource: [User, Other], context: {
  names: Names, @max("1500") ids: Set<Long>, @max("3000") text: String, users: Set<User>, @max("2") sets: Set<Set<Long>>,
  @max("900") words: Set<String>, user: User, group: Group, small: Bool,
} };
"#;

#[test]
fn no_limit_of_a_schema_is_forgotten() {
    let conditions = [
        "principal.ids.contains(-1)",
        "principal.few.contains(-1)",
        "principal.names.one == context.names.one",
        "principal.names.two.all.containsAll(context.names.two.all)",
        "principal.names == context.names",
        "principal.names.two == context.names.two",
        "{ x: principal.names }.x == context.names",
        "principal.records.contains(context.names)",
        "principal.records == principal.records",
        "principal.friends.containsAny(context.users)",
        "principal in principal.friends",
        "principal in Group::\"none\" || principal in Role::\"b\"",
        "principal.text like \"*a*b*\" || context.text like \"-*--------x\"",
        "principal.text == context.text",
        "(if context.small then principal.text else context.text) == context.text",
        "(if context.ids.contains(1) then principal.text else context.names.one) == context.text",
        "principal.ids == context.ids",
        "principal.ids.containsAll(context.ids)",
        "!principal.friends.containsAll(principal.friends)",
        "principal.sets == context.sets",
        "principal.sets.contains([1, 2, 3])",
        "context.words.contains(\"none\")",
        "context.words.contains(principal.text)",
        "principal.hasTag(context.text) && principal.getTag(context.text).word == context.text",
        "principal.hasTag(\"t\") && principal.getTag(\"t\").list.of.contains(context.group)",
    ];
    let mut hosts: Vec<(String, Host)> = Vec::new();
    for condition in conditions {
        let mut condition = condition.to_owned();
        if condition.contains("two") && !condition.contains("names ==") {
            condition = format!("principal.names has two && context.names has two && {condition}");
        }
        let policy = format!("permit(principal, action, resource) when {{ {condition} }};");
        hosts.push((condition, Host::new(build(&policy, LIMITS, &[]))));
    }
    let facts = Facts::new(&hosts[0].1.compiled);
    check_full(&facts, &mut hosts);
    report("limits", &hosts);
}

/// Constants have no limit but their text's: what is searched in them counts as it is.
#[test]
fn no_constant_is_forgotten() {
    let numbers = |range: std::ops::Range<u32>| format!("{:?}", range.collect::<Vec<_>>());
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    let words = |n: u32| list((0..n).map(|n| format!("\"{n:->16}\"")).collect());
    let names = list((1..500).map(|n| format!("Group::\"n{n}\"")).collect());
    let sets = list((0..5).map(|n| numbers(n * 64..n * 64 + 64)).collect());
    let text = format!("{:->3000}", 0);
    let conditions = [
        format!("{}.contains(-1)", numbers(0..5000)),
        format!("{}.containsAll(context.ids)", numbers(0..5000)),
        format!("[{}].contains(context.ids)", numbers(0..1500)),
        format!("[[1], {}].contains(context.ids)", numbers(0..1500)),
        format!("[{sets}].contains(principal.sets)"),
        format!("{}.containsAll(context.words)", words(1000)),
        format!("{}.containsAny(context.words)", words(9)),
        format!("context.words.containsAll({})", words(900)),
        format!("principal in {names}"),
        format!("context.text == \"{text}\""),
        format!("context.text like \"*{}z*\"", "-".repeat(1000)),
        format!("(if context.small then {} else {}).contains(-1)", numbers(0..9), numbers(0..5000)),
    ];
    let mut hosts = Vec::new();
    for condition in conditions {
        let policy = format!("permit(principal, action, resource) when {{ {condition} }};");
        let place: String = condition.chars().take(60).collect();
        hosts.push((place, Host::new(build(&policy, LIMITS, &[]))));
    }
    let facts = Facts::new(&hosts[0].1.compiled);
    check_full(&facts, &mut hosts);
    report("constants", &hosts);
}

/// Thousands of policies, of which an entity's ancestors lead to as many as they can.
#[test]
fn no_dispatch_costs_more_than_its_bound() {
    let schema = "entity Group; entity Team; entity User in [Group, Team] = { level: Long };
        entity Doc in [Group]; action a appliesTo { principal: User, resource: Doc };";
    let condition = |n: usize| format!("when {{ principal.level < {} }}", n % 7);
    let one = |n: usize| match n % 5 {
        0 => format!("permit(principal in Group::\"g{n}\", action, resource) {};", condition(n)),
        1 => format!("permit(principal in Team::\"g{n}\", action, resource);"),
        2 => format!("forbid(principal in Group::\"g{n}\", action, resource in Group::\"g1\");"),
        3 => format!("forbid(principal == User::\"e\", action, resource == Doc::\"d{n}\");"),
        _ => format!("permit(principal, action, resource in Group::\"g{n}\");"),
    };
    let mut hosts = Vec::new();
    for len in [20, 300, 3_000] {
        let policies: Vec<String> = (0..len).map(one).collect();
        let compiled = build(&policies.join("\n"), schema, &[]);
        hosts.push((format!("{len} policies"), Host::new(compiled)));
    }
    let facts = Facts::new(&hosts[0].1.compiled);
    check_full(&facts, &mut hosts);
    report("dispatch", &hosts);
}

/// Where the request's own entity leads to all that is visited.
#[test]
fn no_bucket_costs_more_than_its_bound() {
    let schema = "entity User; entity Doc; action a appliesTo { principal: User, resource: Doc };";
    let policy = |n: usize| match n {
        0..60 => format!("permit(principal == User::\"u{n}\", action, resource);\n"),
        _ => "forbid(principal == User::\"e\", action, resource);\n".to_owned(),
    };
    let policies: String = (0..100).map(policy).collect();
    let host = Host::new(build(&policies, schema, &[]));
    let facts = Facts::new(&host.compiled);
    let mut one = [("one bucket".to_owned(), host)];
    check_full(&facts, &mut one);
    report("buckets", &one);
    assert!(one[0].1.tightness() >= Some(80));
}

/// As many rows as the tags of one entity lead to, searched for one that is not there.
#[test]
fn no_directory_costs_more_than_its_bound() {
    let schema = "entity User = { level: Long, boss: User } tags User; entity Doc;
        action a appliesTo { principal: User, resource: Doc };";
    let policy = "permit(principal, action, resource) when {
        principal.hasTag(\"k64\") && principal.getTag(\"k64\").boss.boss.boss.level > 3 };";
    let mut host = Host::new(build(policy, schema, &[]));
    let facts = Facts::new(&host.compiled);
    let uid = |n: u32| json!({ "type": "User", "id": n.to_string() });
    let user = |n: u32, tags: Value| {
        let attributes = json!({ "level": 1, "boss": { "__entity": uid(n + 100) } });
        json!({ "uid": uid(n), "attrs": attributes, "parents": [], "tags": tags })
    };
    let tags = (1..=64).map(|n| (format!("k{n:02}"), json!({ "__entity": uid(n) }))).collect();
    // The bosses of bosses of all that tags lead to, but for the last one of the last tag.
    let users = (1..364).filter(|n| n % 100 >= 1 && n % 100 <= 64).map(|n| user(n, json!({})));
    facts.store(&users.chain([user(1_000, tags)]).collect());
    let uid = |type_name: &str, id: &str| json!({ "type": type_name, "id": id });
    let request = json!({
        "principal": uid("User", "1000"),
        "action": uid("Action", "a"),
        "resource": uid("Doc", "e"),
        "context": {},
    });
    host.check(&facts, &request, "directory");
    let one = [("directory".to_owned(), host)];
    report("directory", &one);
}

/// Actions may be in more groups than entities may have ancestors.
#[test]
fn no_group_of_actions_is_forgotten() {
    let names: Vec<String> = (0..1_500).map(|n| format!("g{n}")).collect();
    let schema = format!(
        "entity User; action {groups}, zz; action a in [{groups}] appliesTo {{
            principal: User, resource: User, context: {{ act: Action }} }};",
        groups = names.join(", ")
    );
    let policy = "permit(principal, action, resource) when { context.act in Action::\"zz\" };";
    let host = Host::new(build(policy, &schema, &[]));
    let facts = Facts::new(&host.compiled);
    let mut one = [("groups of actions".to_owned(), host)];
    check_full(&facts, &mut one);
    report("actions", &one);
    // A search that halves takes one step more or less, whatever it looks for.
    assert!(one[0].1.tightness() >= Some(70));
}

#[test]
fn no_example_costs_more_than_its_bound() {
    let mut hosts = Vec::new();
    for entry in std::fs::read_dir(examples_dir()).unwrap() {
        let path = entry.unwrap().path();
        let folder = Folder::read(&path).unwrap();
        let place = path.display().to_string();
        let mut host = Host::new(build(&folder.policies, &folder.schema, &[]));
        let facts = Facts::new(&host.compiled);
        for case in &folder.cases {
            facts.store(&case.entities);
            host.check(&facts, &case.request, &place);
        }
        let samples = Generator::new(&folder).unwrap().samples();
        let mut runner = TestRunner::deterministic();
        for _ in 0..SAMPLES {
            let sample = samples.new_tree(&mut runner).unwrap().current();
            facts.store(&sample.entities());
            host.check(&facts, &sample.request(), &place);
        }
        let mut one = [(place, host)];
        check_full(&facts, &mut one);
        hosts.extend(one);
    }
    report("examples", &hosts);
}

#[test]
fn no_world_costs_more_than_its_bound() {
    let mut hosts = Vec::new();
    for seed in 1..=WORLDS {
        let world = World::generate(seed).unwrap();
        let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
        let compiled = build(&world.policies(), &world.schema_as_given, &links);
        let facts = Facts::new(&compiled);
        let mut host = Host::new(compiled);
        let place = format!("world {seed}");
        for store in &world.stores {
            facts.store(store);
            for request in &world.requests {
                host.check(&facts, request, &place);
            }
        }
        let mut one = [(place, host)];
        check_full(&facts, &mut one);
        hosts.extend(one);
    }
    report("worlds", &hosts);
}
