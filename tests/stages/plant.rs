//! Observing a part of the plant: what is allowed and told is what Cedar says of policies and scope.

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, EntityUid, ObserveScope, Options, Release, Request,
    Semantics, Sources, StageOrder, compile,
};
use trapkey_testkit::{Generator, Oracle, plant};

const REQUESTS: u32 = 600;

/// What is observed, in Cedar's words.
const SCOPE: &str = r#"
permit(principal, action in Plant::Action::"anyOt", resource in Plant::Zone::"z-control")
unless { action in Plant::Action::"safetyOps" || action == Plant::Action::"safety.stop" };
"#;

#[test]
fn observed_are_the_clean_denies_of_the_scope() {
    let folder = plant::folder().unwrap();
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::CEDAR }).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let action = |id: &str| EntityUid::new("Plant::Action", id);
    let safety = vec![action("safetyOps"), action("safety.stop")];
    let options =
        Options { poison_frames: true, safety_actions: Some(safety), ..Options::default() };
    let engine = Engine::with_options(options).unwrap();
    engine.publish(&bundle).unwrap();
    let scope = ObserveScope {
        name: "control".into(),
        actions: Some(action("anyOt")),
        resources: Some(EntityUid::new("Plant::Zone", "z-control")),
    };
    let order = StageOrder { by: "eve".into(), reason: "roll-out".into(), at: Datetime(0) };
    engine.observe(scope, order).unwrap();
    let policies = Oracle::new(&folder.schema, &folder.policies, &folder.entities).unwrap();
    let covers = Oracle::new(&folder.schema, SCOPE, &folder.entities).unwrap();
    let counts = std::cell::Cell::new([0_u32; 4]);
    let config = Config { cases: REQUESTS, failure_persistence: None, ..Config::default() };
    let samples = Generator::new(&folder).unwrap();
    let result = TestRunner::new(config).run(&samples.samples(), |sample| {
        let (asked, entities) = (sample.request(), sample.entities());
        let [says, covered] = [&policies, &covers]
            .map(|oracle| oracle.with_entities(&entities).unwrap().decide(&asked).unwrap());
        let told = || engine.would_denies().iter().map(|of| of.count).sum::<u64>();
        let before = told();
        engine.replace_entities_json(&entities.to_string()).unwrap();
        let request = Request::from_json(&engine.model().unwrap(), &asked.to_string()).unwrap();
        let decision = engine.decide(&request);
        let is_clean = !says.allow && says.erring.is_empty();
        let want = is_clean && covered.allow;
        if decision.would_deny() != want
            || decision.is_allow() != (says.allow || want)
            || told() != before + u64::from(want)
        {
            return Err(TestCaseError::fail(format!("{says:?} {covered:?} {decision:?}")));
        }
        let kind = match (says.allow, covered.allow, is_clean) {
            (true, _, _) => 0,
            (false, true, true) => 1,
            (false, true, false) => 2,
            (false, false, _) => 3,
        };
        let mut sum = counts.get();
        sum[kind] += 1;
        counts.set(sum);
        Ok(())
    });
    result.unwrap();
    let sum = counts.get();
    println!("allowed, observed, erred in the scope, outside: {sum:?}");
    assert!(sum.iter().all(|count| *count > 0), "not every kind was met: {sum:?}");
}
