//! What is generated parses and conforms, and reaches every construct and every kind of verdict.

use std::collections::BTreeMap;

use super::*;
use crate::oracle::Oracle;

const WORLDS: u64 = 150;

/// Operators, methods and forms, as policies write them.
const CONSTRUCTS: [&str; 52] = [
    " == ",
    " != ",
    " < ",
    " <= ",
    " > ",
    " >= ",
    " + ",
    " - ",
    " * ",
    "(-",
    "!(",
    " && ",
    " || ",
    "if ",
    " in ",
    " in [",
    " is ",
    " has ",
    "getTag",
    "hasTag",
    "contains(",
    "containsAll",
    "containsAny",
    "isEmpty",
    " like ",
    "isInRange",
    "isIpv4",
    "isIpv6",
    "isLoopback",
    "isMulticast",
    "lessThan(",
    "lessThanOrEqual",
    "greaterThan(",
    "greaterThanOrEqual",
    "offset",
    "durationSince",
    "toDate",
    "toTime",
    "toMilliseconds",
    "toSeconds",
    "toMinutes",
    "toHours",
    "toDays",
    "datetime(",
    "duration(",
    "decimal(",
    "ip(",
    "unless",
    "?principal",
    "?resource",
    "action in",
    "[\"odd name\"]",
];

#[test]
fn worlds_conform_and_reach_every_construct_and_verdict() {
    let mut missing: Vec<&str> = CONSTRUCTS.to_vec();
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..WORLDS {
        let world = World::generate(seed).unwrap_or_else(|error| panic!("{seed}: {error:?}"));
        let text = world.policies();
        missing.retain(|construct| !text.contains(construct));
        *tally.entry("written").or_default() += world.attempts;
        *tally.entry("valid").or_default() += world.policies.len();
        for store in &world.stores {
            let oracle = Oracle::new(&world.schema, &text, store)
                .and_then(|oracle| oracle.with_links(&world.links))
                .unwrap_or_else(|error| panic!("{seed}: {error:?}"));
            for request in &world.requests {
                let verdict =
                    oracle.decide(request).unwrap_or_else(|error| panic!("{seed}: {error:?}"));
                let kind = match (verdict.allow, verdict.determining.is_empty()) {
                    (true, _) => "allow",
                    (false, false) => "forbidden",
                    (false, true) => "not permitted",
                };
                *tally.entry(kind).or_default() += 1;
                *tally.entry("erring").or_default() += usize::from(!verdict.erring.is_empty());
            }
        }
    }
    println!("{tally:?}, missing {missing:?}");
    assert!(missing.is_empty(), "{missing:?}");
    let requests = tally["allow"] + tally["forbidden"] + tally["not permitted"];
    for kind in ["allow", "forbidden", "not permitted", "erring"] {
        assert!(tally[kind] * 20 > requests, "{kind} in {tally:?}");
    }
    assert!(tally["valid"] * 2 > tally["written"], "{tally:?}");
}

#[test]
fn the_same_number_gives_the_same_world() {
    let (first, second) = (World::generate(7).unwrap(), World::generate(7).unwrap());
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert_ne!(format!("{first:?}"), format!("{:?}", World::generate(8).unwrap()));
}

#[test]
fn other_schemas_have_worlds_too() {
    let folder = crate::Folder::read(&crate::places::examples_dir().join("plant")).unwrap();
    for seed in 0..3 {
        let world = World::under(&folder.schema, seed).unwrap();
        let oracle = Oracle::new(&world.schema, &world.policies(), &world.stores[0]).unwrap();
        assert!(!world.requests.is_empty());
        for request in &world.requests {
            oracle.decide(request).unwrap();
        }
    }
}
