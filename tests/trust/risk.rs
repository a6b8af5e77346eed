//! A higher risk only takes away.

use std::cell::Cell;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use trapkey::{Bundle, CompileOptions, Engine, Limits, Release, Request, Sources, compile};
use trapkey_testkit::{Folder, Generator};

#[test]
fn raising_the_risk_never_turns_deny_into_allow() {
    let path = trapkey_testkit::repository_dir().join("policies-examples/plant");
    let folder = Folder::read(&path).unwrap();
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    let model = engine.model().unwrap();
    let (raised, lost) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let generator = Generator::new(&folder).unwrap();
    let ran = TestRunner::new(config).run(&generator.samples(), |sample| {
        engine.replace_entities_json(&sample.entities().to_string()).unwrap();
        let mut before = true;
        for level in ["LOW", "MEDIUM", "HIGH"] {
            let mut request = sample.request();
            request["context"]["session"]["risk"] =
                json!({"__entity": {"type": "Plant::RiskLevel", "id": level}});
            let request = Request::from_json(&model, &request.to_string()).unwrap();
            let is_allowed = engine.decide(&request).is_allow();
            if is_allowed && !before {
                return Err(TestCaseError::fail(format!("{level} allows what less denies")));
            }
            lost.set(lost.get() + u32::from(before && !is_allowed && level != "LOW"));
            before = is_allowed;
        }
        raised.set(raised.get() + 1);
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
    println!("{} requests, {} lost their allow by a higher risk", raised.get(), lost.get());
}
