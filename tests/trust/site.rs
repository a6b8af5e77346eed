//! A door with a window of time, and clocks.

use std::time::Duration;

use trapkey::{
    Bundle, ClockReading, CompileOptions, Datetime, Engine, EntityUid, Limits, Release, Request,
    Sources, Trust, Value, compile,
};

/// 2026-11-24T08:00:00Z.
pub(crate) const START: i64 = 1_795_507_200_000;
pub(crate) const MINUTE: i64 = 60_000;

const SCHEMA: &str = r#"
entity User; entity Door { isOpen: Bool };
action open, pass, hold, enter appliesTo { principal: User, resource: Door, context: {
  @clock("instant") now: datetime, @clock("elapsed") age: duration, opens: datetime, closes: datetime
} };
action knock appliesTo { principal: User, resource: Door, context: {} };
"#;

const POLICIES: &str = r#"
permit (principal, action == Action::"open", resource)
when { context.now >= context.opens && context.now < context.closes };
permit (principal, action == Action::"pass", resource) when { context.age < duration("1h") };
permit (principal, action == Action::"hold", resource) when { context.age.toSeconds() > -1000000000 };
permit (principal, action == Action::"knock", resource);
permit (principal, action == Action::"enter", resource) when { resource.isOpen };
"#;

pub(crate) fn engine() -> Engine {
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "door".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    engine
}

/// A request at an instant, of a window.
pub(crate) fn request(engine: &Engine, action: &str, now: i64, window: (i64, i64)) -> Request {
    let model = engine.model().unwrap();
    let request = Request::builder(&model)
        .principal(EntityUid::new("User", "ann"))
        .action(EntityUid::new("Action", action))
        .resource(EntityUid::new("Door", "d"));
    if action == "knock" {
        return request.build().unwrap();
    }
    request
        .attribute("now", Value::Datetime(now))
        .attribute("age", Value::Duration(0))
        .attribute("opens", Value::Datetime(window.0))
        .attribute("closes", Value::Datetime(window.1))
        .build()
        .unwrap()
}

/// A reading; both clocks in milliseconds.
pub(crate) fn reading(wall: i64, monotonic: u64, trust: Trust) -> ClockReading {
    ClockReading { wall: Datetime(wall), monotonic: Duration::from_millis(monotonic), trust }
}

pub(crate) fn holdover(ms: u64) -> Trust {
    Trust::Holdover { uncertainty: Duration::from_millis(ms) }
}

/// What all ways of deciding say, which must be the same.
pub(crate) fn allows(engine: &Engine, request: &Request) -> bool {
    let decision = engine.decide(request);
    let mut decider = engine.decider();
    assert_eq!(decider.decide(request).reason(), decision.reason());
    let mut cached = engine.caching_decider(trapkey::CacheOptions::default());
    for _ in 0..2 {
        assert_eq!(cached.decide(request).reason(), decision.reason());
    }
    let mut decisions = Vec::new();
    engine.decide_batch(&[request.clone(), request.clone()], &mut decisions);
    for other in &decisions {
        assert_eq!((other.reason(), other.horizon()), (decision.reason(), decision.horizon()));
    }
    decision.is_allow()
}
