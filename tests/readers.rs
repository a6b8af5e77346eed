//! Our readers against Cedar's: what one accepts the other accepts, with the same meaning.
//!
//! Where we refuse more, `is_known_gap` in `reading.rs` says what and why.

#![cfg(test)]

#[path = "readers/tree.rs"]
mod tree;

use std::str::FromStr;

use cedar_policy::{EntityUid, EvalResult};
use proptest::prelude::*;
use trapkey::{EntityStore, Request, TextError, parse_uid};
use trapkey_tests::reading::cedar::{self, Schemas, evaluate};
use trapkey_tests::reading::{self, PLANT, PLANT_ENTITIES, TYPES, TYPES_ENTITIES, check_entities};

use tree::{Edit, Mutation, Tree, edit, mutation};

/// Checks a text of the extension type `constructor` against Cedar; `proof` is an expression that
/// is true if Cedar's value is ours.
#[track_caller]
fn check_text<T>(
    constructor: &str,
    text: &str,
    ours: Result<T, TextError>,
    proof: impl Fn(&str, T) -> String,
) {
    let call = format!("{constructor}(\"{}\")", text.escape_debug());
    match ours {
        Ok(value) => {
            assert_eq!(evaluate(&proof(&call, value)), Some(EvalResult::Bool(true)), "{text:?}");
        }
        Err(_) => assert_eq!(evaluate(&call), None, "{text:?}"),
    }
}

fn check_ip(text: &str) {
    check_text("ip", text, trapkey_abi::parse_ip(text), |call, value| {
        format!("{call} == ip(\"{}\")", cedar::ip(&value))
    });
}

fn check_decimal(text: &str) {
    check_text("decimal", text, trapkey_abi::parse_decimal(text), |call, value| {
        format!("{call} == decimal(\"{}\")", cedar::decimal(value))
    });
}

fn check_datetime(text: &str) {
    check_text("datetime", text, trapkey_abi::parse_datetime(text), |call, value| {
        format!("{call}.durationSince(datetime(\"1970-01-01\")).toMilliseconds() == {value}")
    });
}

fn check_duration(text: &str) {
    check_text("duration", text, trapkey_abi::parse_duration(text), |call, value| {
        format!("{call}.toMilliseconds() == {value}")
    });
}

fn edited(
    text: impl Strategy<Value = String>,
    alphabet: &'static str,
) -> impl Strategy<Value = String> {
    (text, proptest::collection::vec(edit(alphabet), 0..3)).prop_map(|(mut text, edits)| {
        for edit in &edits {
            edit.apply(&mut text);
        }
        text
    })
}

fn ip_text() -> impl Strategy<Value = String> {
    let v4 = "(0|[1-9][0-9]?|1[0-9]{2}|2[0-5][0-9])(\\.(0|[1-9][0-9]?|2[0-9]{2})){3}";
    let v6 = "[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){2,7}(\\.[0-9]{1,2}){0,3}";
    let whole = "[0-9A-F]{4}(:[0-9A-F]{4}){7}";
    let address = prop_oneof![v4, v6, whole, "::[0-9a-f]{0,4}"];
    let prefix = prop_oneof!["", "/(0|[0-9]{1,2}|1[0-3][0-9]|[0-9]{1,4})"];
    edited((address, prefix).prop_map(|(a, p)| a + &p), "0123456789abfF:./%+-٣ \u{0}")
}

fn decimal_text() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "-?[0-9]{1,4}\\.[0-9]{1,5}",
        "-?0{0,30}9223372036854[67][0-9]{2}\\.5[789]0[0-9]",
        "-?922337203685477\\.580[0-9]",
        "-?[0-9]{15,20}\\.[0-9]",
    ];
    edited(text, "0123456789.+-e٣ \n\u{0}")
}

fn datetime_text() -> impl Strategy<Value = String> {
    let day = "[0-9]{4}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])";
    let leap = "([0-9]{2}00|[0-9]{2}[02468][048])-02-(28|29|30)";
    let time = "T([01][0-9]|2[0-4]):[0-6][0-9]:([0-5][0-9]|60)(\\.[0-9]{3})?";
    let zone = "Z|[+-]([01][0-9]|2[0-4])([0-5][0-9]|60)";
    let text = (prop_oneof![day, leap], prop_oneof![Just(None), (time, zone).prop_map(Some)]);
    let text = text.prop_map(|(day, time)| match time {
        Some((time, zone)) => day + &time + &zone,
        None => day,
    });
    edited(text, "0123456789-:+.TZtz٣ \n\u{0}")
}

fn duration_text() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "-?([0-9]{1,3}d)?([0-9]{1,3}h)?([0-9]{1,3}m)?([0-9]{1,3}s)?([0-9]{1,3}ms)?",
        "-?(10675199116[678]d)?([67]h)?(12m)?(5[56]s)?(80[789]ms)?",
        "-?0{0,20}922337203685477580[6-9]ms",
        "-?[0-9]{12,21}(d|h|m|s|ms)",
    ];
    edited(text, "0123456789dhms-+.٣ \n\u{0}")
}

fn uid_text() -> impl Strategy<Value = String> {
    let name = "(A|_b1|in|__cedar|Plant|true)(::[A-Za-z_][a-z0-9]{0,3}){0,2}";
    let id = prop_oneof![
        "[a-z\"'\\\\\n\t\r\u{0}é\u{200b}\u{301}\u{7f}]{0,6}"
            .prop_map(|id| id.escape_debug().to_string()),
        "([a-z]|\\\\[nrt0\\\\'\"x]|\\\\x4[0-9]|\\\\u\\{[0-9a-fA-F_]{0,7}\\})\
         {0,4}",
    ];
    let text = (name, id).prop_map(|(name, id)| format!("{name}::\"{id}\""));
    edited(text, "aA_1:\"\\ '/\n{}u0")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn addresses_are_read_as_cedar_reads_them(text in ip_text()) {
        check_ip(&text);
    }

    #[test]
    fn decimals_are_read_as_cedar_reads_them(text in decimal_text()) {
        check_decimal(&text);
    }

    #[test]
    fn datetimes_are_read_as_cedar_reads_them(text in datetime_text()) {
        check_datetime(&text);
    }

    #[test]
    fn durations_are_read_as_cedar_reads_them(text in duration_text()) {
        check_duration(&text);
    }

    #[test]
    fn uids_are_read_as_cedar_reads_them(text in uid_text()) {
        let theirs = EntityUid::from_str(&text).ok();
        prop_assert_eq!(parse_uid(&text).ok().map(|uid| cedar::uid(&uid)), theirs);
    }
}

#[track_caller]
fn check_request(schemas: &Schemas, tree: &Tree) {
    reading::check_request(schemas, &tree.to_string());
}

fn mutated(text: &str, mutations: &[Mutation]) -> Tree {
    let mut tree = Tree::parse(text);
    for mutation in mutations {
        mutation.apply(&mut tree);
    }
    tree
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    proptest::collection::vec(mutation(), 1..3)
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec(edit("{}[]\",:0123456789eE.+-\\ \ntrufalsn_xé\u{0}"), 1..3)
}

fn requests() -> Vec<(&'static Schemas, Tree)> {
    let list = |text: &str| -> Vec<serde_json::Value> {
        serde_json::from_str(text).expect("list of requests")
    };
    let plant = list(include_str!("../policies-examples/plant/cases.json"))
        .into_iter()
        .map(|case| (&*PLANT, Tree::from_value(&case["request"])));
    let types = list(include_str!("readers/requests.json"));
    plant.chain(types.iter().map(|case| (&*TYPES, Tree::from_value(case)))).collect()
}

#[test]
fn documents_are_accepted_before_they_are_mutated() {
    for (schemas, text) in [(&*PLANT, PLANT_ENTITIES), (&*TYPES, TYPES_ENTITIES)] {
        assert!(schemas.entities(text).is_some());
        EntityStore::from_json(schemas.model.clone(), text).expect("accepted");
        check_entities(schemas, text);
    }
    for (schemas, tree) in requests() {
        assert!(schemas.request(&tree.to_string()).is_some(), "{tree}");
        Request::from_json(&schemas.model, &tree.to_string()).expect("accepted");
    }
}

/// Documents that Cedar accepts and we refuse, and what we say.
#[test]
fn known_gaps_are_gaps() {
    let bare = |uid: &str, parents: &str, more: &str| {
        format!(r#"[{{"uid":{uid},"attrs":{{}},"parents":[{parents}]{more}}}]"#)
    };
    let team = r#"{"type":"Shop::Team","id":"t"}"#;
    let tagged = |tag: &str| bare(r#"{"type":"Shop::Tagged","id":"t"}"#, "", tag);
    let with = |name: &str, value: &str| {
        let mut tree = Tree::parse(TYPES_ENTITIES);
        Mutation::set(&mut tree, &["6", "attrs", name], value);
        tree.to_string()
    };
    let unknown = r#"{"__extn":{"fn":"unknown","arg":"x"}}"#;
    let predicate = r#"{"__extn":{"fn":"isIpv4","arg":{"__extn":{"fn":"ip","arg":"::"}}}}"#;
    let numbers = serde_json::json!((0..=100).rev().collect::<Vec<_>>()).to_string();
    for (text, want) in [
        (format!(r"[[{team},{{}},[]]]"), "invalid type: sequence, expected an entity"),
        (bare(r#"["Shop::Team","t"]"#, "", ""), "found an array"),
        (bare(team, r#"{"__entity":["Shop::Team","u"]}"#, ""), "found an object"),
        (
            bare(team, r#"{"type":"Shop::Team","id":"u","__entity":["Shop::Team","v"]}"#, ""),
            "found an object",
        ),
        (bare(team, r#"{"type":"Shop::Team","id":"u","x":1,"x":1}"#, ""), "occurs twice"),
        (with("address", unknown), "no function `unknown`"),
        (with("yes", predicate), "expected a value of type Bool, found an object"),
        (with("name", &format!("\"{}\"", "x".repeat(601))), "601 bytes, the limit is 600"),
        (with("numbers", &numbers), "set has 101 elements, the limit is 100"),
        (with("made", &format!("{}{}", "[".repeat(70), "]".repeat(70))), "nested deeper"),
        (tagged(&format!(r#","tags":{{"{}":[]}}"#, "x".repeat(257))), "257 bytes"),
    ] {
        let error = EntityStore::from_json(TYPES.model.clone(), &text).expect_err(&text);
        let chain =
            format!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
        assert!(chain.contains(want), "{chain}");
        // Cedar reads deep arrays, and then finds that they are no datetime.
        assert_eq!(TYPES.entities(&text).is_some(), want != "nested deeper", "{text}");
    }
}

#[test]
fn entities_given_twice_are_accepted_if_they_say_the_same() {
    let team = |parents: &str| {
        format!(r#"{{"uid":{{"type":"Shop::Team","id":"t"}},"attrs":{{}},"parents":[{parents}]}}"#)
    };
    let (a, b) = (r#"{"type":"Shop::Team","id":"a"}"#, r#"{"type":"Shop::Team","id":"b"}"#);
    for (first, second, is_same) in [
        (team(a), team(a), true),
        (team(&format!("{a},{b}")), team(&format!("{b},{a},{b}")), true),
        (team(a), team(b), false),
        (team(a), team(""), false),
    ] {
        let text = format!("[{first},{second}]");
        assert_eq!(EntityStore::from_json(TYPES.model.clone(), &text).is_ok(), is_same);
        assert_eq!(TYPES.entities(&text).is_some(), is_same);
    }
}

#[test]
fn hierarchies_and_actions_are_read_as_cedar_reads_them() {
    let team = |id: &str, parents: &[&str]| entity("Shop::Team", id, "Shop::Team", parents);
    let action = |id: &str, groups: &[&str]| entity("Shop::Action", id, "Shop::Action", groups);
    for list in [
        vec![team("a", &["a"])],
        vec![team("a", &["b"]), team("b", &["c"]), team("c", &["a"])],
        vec![team("a", &["b", "c"]), team("b", &["c"]), team("d", &["a", "x"])],
        vec![action("buy", &["change"])],
        vec![action("buy", &["change", "all"])],
        vec![action("buy", &["change"]), action("change", &["all"])],
        vec![action("buy", &["all"]), action("change", &["all"])],
        vec![action("buy", &["change", "all", "look"])],
        vec![action("change", &["buy"]), action("buy", &["change", "all"])],
        vec![action("all", &[]), action("all", &[])],
        vec![action("rob", &[])],
        vec![entity("Action", "buy", "Action", &[])],
        vec![entity("Shop::Action", "all", "Shop::Team", &["t"])],
        vec![entity("Shop::Team", "t", "Shop::Action", &["all"])],
        vec![entity("Shop::Org", "o", "Shop::Org", &["p"])],
        vec![entity("Shop::Colour", "blue", "Shop::Org", &[])],
        vec![entity("Shop::Tagged", "t", "Shop::Colour", &["blue"])],
        vec![entity("Shop::Tagged", "t", "Shop::Colour", &["red"])],
        vec![entity("Team", "t", "Shop::Team", &[])],
    ] {
        check_entities(&TYPES, &format!("[{}]", list.join(",")));
    }
}

#[test]
fn references_are_to_declared_ids() {
    for (name, value) in [
        ("does", r#"{"type":"Shop::Action","id":"look"}"#),
        ("does", r#"{"type":"Shop::Action","id":"rob"}"#),
        ("does", r#"{"type":"Action","id":"look"}"#),
        ("colour", r#"{"type":"Shop::Colour","id":"green"}"#),
        ("colour", r#"{"type":"Shop::Colour","id":"blue"}"#),
        (
            "palette",
            r#"[{"type":"Shop::Colour","id":"green"},{"type":"Shop::Colour","id":"blue"}]"#,
        ),
        ("maker", r#"{"type":"Shop::Org","id":"nobody"}"#),
        ("maker", r#"{"type":"Shop::Team","id":"t1"}"#),
    ] {
        let mut tree = Tree::parse(TYPES_ENTITIES);
        Mutation::set(&mut tree, &["6", "attrs", name], value);
        check_entities(&TYPES, &tree.to_string());
    }
}

#[test]
fn contexts_refer_to_declared_actions() {
    let schemas = Schemas::parse(
        "entity A; action a appliesTo { principal: A, resource: A, context: { by: Action } };",
    );
    for (principal, by, is_accepted) in
        [("A", "a", true), ("A", "b", false), ("Action", "a", false), ("B", "a", false)]
    {
        let tree = Tree::parse(&format!(
            r#"{{"principal":{{"type":"{principal}","id":"a"}},"action":"Action::\"a\"",
                "resource":"A::\"a\"","context":{{"by":{{"type":"Action","id":"{by}"}}}}}}"#
        ));
        assert_eq!(schemas.request(&tree.to_string()).is_some(), is_accepted, "{tree}");
        assert_eq!(Request::from_json(&schemas.model, &tree.to_string()).is_ok(), is_accepted);
    }
}

fn entity(type_name: &str, id: &str, parent_type: &str, parents: &[&str]) -> String {
    let uid = |type_name: &str, id: &str| format!(r#"{{"type":"{type_name}","id":"{id}"}}"#);
    let parents: Vec<String> = parents.iter().map(|id| uid(parent_type, id)).collect();
    let uid = uid(type_name, id);
    format!(r#"{{"uid":{uid},"attrs":{{}},"parents":[{}]}}"#, parents.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn entities_of_every_type_are_read_as_cedar_reads_them(mutations in mutations()) {
        check_entities(&TYPES, &mutated(TYPES_ENTITIES, &mutations).to_string());
    }

    #[test]
    fn requests_are_read_as_cedar_reads_them(
        which in any::<proptest::sample::Index>(),
        mutations in mutations(),
    ) {
        let (schemas, mut tree) = which.get(&requests()).clone();
        for mutation in &mutations {
            mutation.apply(&mut tree);
        }
        check_request(schemas, &tree);
    }

    #[test]
    fn edited_entities_are_read_as_cedar_reads_them(edits in edits()) {
        let mut text = TYPES_ENTITIES.to_owned();
        for edit in &edits {
            edit.apply(&mut text);
        }
        check_entities(&TYPES, &text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn entities_of_a_plant_are_read_as_cedar_reads_them(mutations in mutations()) {
        check_entities(&PLANT, &mutated(PLANT_ENTITIES, &mutations).to_string());
    }
}
