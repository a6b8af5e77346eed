//! The plant's policies on posture and stale facts, with a provider of both.

use trapkey::{Engine, EntityUid, Limits, Request};
use trapkey_plugin::{Grants, Host, HostOptions, Provider};
use trapkey_testkit::plant;
use trapkey_tests::guests::{NOW, Published, Told, bundle, provider};

const PROVIDES: &str = "[provides]
entities = { \"Plant::VendorTech\" = [\"active\"], \"Plant::Asset\" = [\"lockedOut\"] }
context = [\"device.compliance\", \"device.score\", \"device.attestAge\"]
age = \"env.dataAge\"
";

const VENDOR: [&str; 2] = ["Plant::VendorTech", "acme/jo"];

const FINE: &str = r#"{"type":"Plant::Compliance","id":"compliant"}"#;

const NOT_FINE: &str = r#"{"__entity":{"type":"Plant::Compliance","id":"not-compliant"}}"#;

fn load(told: &Told<'_>) -> Provider {
    let host = Host::new(&HostOptions::default()).unwrap();
    let component = provider(told, "").component();
    let published = Published::new("context-provider", component, PROVIDES);
    let (grants, limits) = (Grants::none().take_all(), trapkey_plugin::Limits::default());
    host.load_provider(published.package(), grants, limits).unwrap()
}

/// The plant's engine and the request of its vendor in the window, as the pack has it.
fn stage() -> (Engine, Request, EntityUid) {
    let folder = plant::folder().unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let bundle = bundle(&folder.schema, &folder.policies);
    engine.publish_with_json(&bundle, &folder.entities.to_string()).unwrap();
    let case = folder.cases.iter().find(|case| case.name == "vendor in window").unwrap();
    let request = Request::from_json(&engine.model().unwrap(), &case.request.to_string());
    (engine, request.unwrap(), EntityUid::new("Plant::Action", "remote.session"))
}

/// The policies that decide, minutes after the provider's facts; none if it is never refreshed.
fn determining(provider: &Provider, is_refreshed: bool, minutes: i64) -> (bool, Vec<String>) {
    let (engine, mut request, action) = stage();
    if is_refreshed {
        provider.refresh(&engine, NOW).unwrap();
    }
    let filler = provider.filler(&engine.model().unwrap(), &action).unwrap();
    filler.fill(&mut request, trapkey::Datetime(NOW.0 + minutes * 60_000)).unwrap();
    let decision = engine.decide(&request);
    let ids = decision.determining().map(|policy| policy.id.clone()).collect();
    (decision.is_allow(), ids)
}

#[test]
fn vendor_is_let_in_by_new_facts_of_a_fine_device_alone() {
    let vendor = |active: &'static str| vec![[VENDOR[0], VENDOR[1], active]];
    let context = |value| vec![["device.compliance", value], ["device.score", "90"]];
    let fine = Told { entities: vendor(r#"{"active":true}"#), context: context(FINE) };
    let allows = (true, vec!["vendor-01-maintenance".to_owned()]);
    assert_eq!(determining(&load(&fine), true, 0), allows);
    assert_eq!(determining(&load(&fine), true, 5), allows);
    let stale = (false, vec!["sig-02-stale-facts".to_owned()]);
    assert_eq!(determining(&load(&fine), true, 6), stale);
    assert_eq!(determining(&load(&fine), false, 0), stale);
    let not_fine = Told { context: context(NOT_FINE), ..fine.clone() };
    let posture = (false, vec!["sig-01-session-and-posture".to_owned()]);
    assert_eq!(determining(&load(&not_fine), true, 0), posture);
    let left = Told { entities: vendor(r#"{"active":false}"#), ..fine };
    assert!(!determining(&load(&left), true, 0).0);
}

#[test]
fn wrong_facts_leave_the_plant_as_it_is() {
    let asset = |attributes| Told {
        entities: vec![
            ["Plant::Asset", "plc-7", r#"{"lockedOut":true}"#],
            ["Plant::Asset", "plc-7b", attributes],
        ],
        ..Told::default()
    };
    let value = |value| Told { context: vec![["device.compliance", value]], ..Told::default() };
    for told in [
        asset(r#"{"lockedOut":"yes"}"#),
        asset(r#"{"legacy":true}"#),
        asset(r#"{"lockedOut":null}"#),
        value(r#"{"type":"Plant::Compliance","id":"splendid"}"#),
        value(r#"{"type":"Plant::RiskLevel","id":"LOW"}"#),
        value(r#""compliant""#),
    ] {
        let (engine, request, _) = stage();
        let provider = load(&told);
        let refused = provider.refresh(&engine, NOW).unwrap_err();
        let plc = EntityUid::new("Plant::Asset", "plc-7");
        let entities = engine.entities().unwrap();
        let locked = entities.get(&plc).unwrap().attribute("lockedOut").cloned();
        assert_eq!(locked, Some(trapkey::Value::Bool(false)), "{refused}");
        assert!(engine.decide(&request).is_allow(), "{refused}");
        assert_eq!(provider.health().misbehaved, 1);
    }
}
