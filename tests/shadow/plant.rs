//! Planted changes of the plant's policies: what a shadow finds is what Cedar finds by both sets.

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use trapkey::{
    Bundle, CompileOptions, Decision, Engine, Options, Release, Request, Semantics, ShadowCounts,
    ShadowKind, ShadowOptions, Sources, compile,
};
use trapkey_testkit::{Folder, Generator, Oracle, Sample, Verdict, plant};

const REQUESTS: u32 = 300;

/// Observing is forbidden, writing registers permitted.
const PLANTED: &str = r#"
@id("planted.forbid")
forbid(principal, action in Plant::Action::"observe", resource);
@id("planted.permit")
permit(principal, action in Plant::Action::"modbusWrite", resource);
"#;

fn bundle(policies: &str, folder: &Folder) -> Bundle {
    let sources = Sources { policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

/// An engine with the plant's policies, beside which the planted ones are a shadow.
fn shadowed(folder: &Folder, candidate: &str) -> Engine {
    let options = Options { poison_frames: true, ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    engine.publish(&bundle(&folder.policies, folder)).unwrap();
    let options = ShadowOptions { reports_reasons: true, ..ShadowOptions::default() };
    engine.shadow(&bundle(candidate, folder), options).unwrap();
    engine
}

/// How Cedar's answers differ.
fn wanted(active: &Verdict, candidate: &Verdict) -> Option<ShadowKind> {
    match (active.allow, candidate.allow) {
        (true, false) => Some(ShadowKind::AllowToDeny),
        (false, true) => Some(ShadowKind::DenyToAllow),
        (true, true) | (false, false) => {
            (active.determining != candidate.determining).then_some(ShadowKind::Reason)
        }
    }
}

fn determining(decision: &Decision) -> Vec<&str> {
    let mut ids: Vec<&str> = decision.determining().map(|policy| policy.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn check(
    engine: &Engine,
    oracles: [&Oracle; 2],
    sample: &Sample,
) -> Result<Option<ShadowKind>, TestCaseError> {
    let (request, entities) = (sample.request(), sample.entities());
    let [active, candidate] =
        oracles.map(|oracle| oracle.with_entities(&entities).unwrap().decide(&request).unwrap());
    engine.replace_entities_json(&entities.to_string()).unwrap();
    let request = Request::from_json(&engine.model().unwrap(), &request.to_string()).unwrap();
    let decision = engine.decide(&request);
    let fail = |what: &str| {
        Err(TestCaseError::fail(format!("{what}: {active:?}, candidate {candidate:?}")))
    };
    if decision.is_allow() != active.allow {
        return fail("the answer is not the active module's");
    }
    let found = engine.take_shadow_differences();
    let want = wanted(&active, &candidate);
    if found.iter().map(|difference| difference.kind).ne(want) {
        return fail(&format!("the shadow found {found:?}"));
    }
    for difference in &found {
        if difference.active.is_allow() != active.allow
            || !determining(&difference.active).into_iter().eq(&active.determining)
            || difference.candidate.is_allow() != candidate.allow
            || !determining(&difference.candidate).into_iter().eq(&candidate.determining)
        {
            return fail("the report is wrong");
        }
    }
    Ok(want)
}

#[test]
fn differences_are_those_that_cedar_finds() {
    let folder = plant::folder().unwrap();
    let policies = format!("{}{PLANTED}", folder.policies);
    let engine = shadowed(&folder, &policies);
    let active = Oracle::new(&folder.schema, &folder.policies, &folder.entities).unwrap();
    let candidate = Oracle::new(&folder.schema, &policies, &folder.entities).unwrap();
    let counts = std::cell::Cell::new(ShadowCounts::default());
    let config = Config { cases: REQUESTS, failure_persistence: None, ..Config::default() };
    let samples = Generator::new(&folder).unwrap();
    let result = TestRunner::new(config).run(&samples.samples(), |sample| {
        let kind = check(&engine, [&active, &candidate], &sample)?;
        let mut sum = counts.get();
        sum.compared += 1;
        match kind {
            None => sum.same += 1,
            Some(ShadowKind::AllowToDeny) => sum.allow_to_deny += 1,
            Some(ShadowKind::DenyToAllow) => sum.deny_to_allow += 1,
            Some(ShadowKind::Reason) => sum.reason_only += 1,
            Some(ShadowKind::CandidateFailed) => sum.candidate_failures += 1,
        }
        counts.set(sum);
        if engine.shadow_counts() == sum {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!("{:?}, not {sum:?}", engine.shadow_counts())))
        }
    });
    result.unwrap();
    let sum = counts.get();
    println!("{sum:?}");
    for count in [sum.same, sum.allow_to_deny, sum.deny_to_allow, sum.reason_only] {
        assert!(count > 0, "not every kind of difference was met: {sum:?}");
    }
}

#[test]
fn same_policies_in_another_order_are_no_difference() {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(trapkey::Limits::default()).unwrap();
    let [planted, moved] =
        [format!("{}{PLANTED}", folder.policies), format!("{PLANTED}{}", folder.policies)];
    engine.publish_with_json(&bundle(&planted, &folder), &folder.entities.to_string()).unwrap();
    engine.shadow(&bundle(&moved, &folder), ShadowOptions::default()).unwrap();
    let model = engine.model().unwrap();
    for case in &folder.cases {
        engine.decide(&Request::from_json(&model, &case.request.to_string()).unwrap());
    }
    let counts = engine.shadow_counts();
    assert_eq!(counts.same, folder.cases.len() as u64);
    assert_eq!(counts.compared, counts.same);
}
