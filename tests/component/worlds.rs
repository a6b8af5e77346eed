//! Generated worlds decide in components as in Cedar and in the engine: any schema, policies of every construct, links.
//!
//! `TRAPKEY_CASES` and `TRAPKEY_SEED` set how many decisions are compared and where the numbers of the worlds begin.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use trapkey::{
    Bundle, CompileOptions, Engine, Limits, Options, Release, Request, Semantics, Sources,
    TemplateLink, compile,
};
use trapkey_testkit::{Oracle, World};
use trapkey_tests::links::template_link;

use crate::{Loaded, line, told};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn bundle(world: &World) -> Bundle {
    let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
    let policies = world.policies();
    let sources = Sources { policies: &policies, schema: &world.schema_as_given, links: &links };
    let semantics = Semantics::CEDAR;
    let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
    let release = Release { name: "world".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

/// Compares all decisions of a world; how many, and how many of them allowed and erred.
fn compare(world: &World) -> [u64; 3] {
    let bundle = bundle(world);
    let mut component = Loaded::of(&bundle);
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    let engine = Engine::with_options(Options { limits, ..Options::default() }).unwrap();
    let [mut compared, mut allowed, mut erred] = [0; 3];
    for store in &world.stores {
        let oracle = Oracle::new(&world.schema, &world.policies(), store).unwrap();
        let oracle = oracle.with_links(&world.links).unwrap();
        engine.publish_with_json(&bundle, &store.to_string()).unwrap();
        let model = engine.model().unwrap();
        for request in &world.requests {
            let got = component.decide(store, request).unwrap();
            let want = oracle.decide(request).unwrap();
            let found = (
                got.verdict == crate::Verdict::Allow,
                got.determining.iter().cloned().collect::<BTreeSet<_>>(),
                got.erring.iter().map(|erring| erring.policy.clone()).collect::<BTreeSet<_>>(),
            );
            allowed += u64::from(want.allow);
            erred += u64::from(!want.erring.is_empty());
            let wanted = (want.allow, want.determining, want.erring);
            assert_eq!(found, wanted, "{request}\n{store}\n{}", world.policies());
            let request = Request::from_json(&model, &request.to_string()).unwrap();
            assert_eq!(told::line(&got), line::line(&engine.decide(&request)), "{store}");
            compared += 1;
        }
    }
    [compared, allowed, erred]
}

#[test]
fn generated_worlds_decide_as_in_cedar() {
    let (cases, seed) = (number("TRAPKEY_CASES", 1_000), number("TRAPKEY_SEED", 1));
    let mut sums = [0; 3];
    let mut worlds = 0;
    for seed in seed.. {
        if sums[0] >= cases {
            break;
        }
        let world = World::generate(seed).unwrap();
        let counts = compare(&world);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        worlds += 1;
    }
    let [compared, allowed, erred] = sums;
    println!("{worlds} worlds, {compared} decisions: {allowed} allowed, {erred} with errors");
    assert!(allowed > compared / 20 && erred > compared / 50, "{sums:?}");
}
