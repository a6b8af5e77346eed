//! The walk through the day.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trapkey::{
    Bundle, Cause, CompileOptions, Datetime, Decider, Decision, Duration, Effect, Engine, Limits,
    Release, Request, SessionId, SessionKeys, SessionLimits, SessionTerms, Sessions, Sources,
    compile,
};
use trapkey_testkit::{Oracle, plant};

use super::requests::{DAY, MINUTE, Way, after, at_midnight, midnight};

/// Minutes between two questions to Cedar.
const CEDAR_EVERY: i64 = 30;

/// What may not change before the horizon.
type Said = (bool, Vec<String>, Vec<String>);

fn said(decision: &Decision) -> Said {
    let determining = decision.determining().map(|policy| policy.id.clone()).collect();
    let erring = decision.erring().map(|erring| format!("{} {:?}", erring.policy.id, erring.error));
    (decision.is_allow(), determining, erring.collect())
}

/// A request, and the decision whose horizon it lives in.
struct Walker {
    name: String,
    json: Value,
    request: Request,
    held: Option<(Said, Option<i64>)>,
    session: Option<SessionId>,
}

#[derive(Debug, Default)]
struct Tally {
    decided: u64,
    /// Requests at an instant that they cannot be moved to.
    left_out: u64,
    horizons: u64,
    changes: u64,
    asked: u64,
    opened: u64,
    ended: u64,
    kept: u64,
}

struct Day {
    engine: Engine,
    decider: Decider,
    oracle: Oracle,
    sessions: Sessions,
    walkers: Vec<Walker>,
    tally: Tally,
}

/// The plant's policies that are in force: Cedar knows no stages.
fn enforced(policies: &str) -> String {
    let blocks: Vec<&str> = policies.split("\n@id(").collect();
    let (observed, enforced): (Vec<&str>, Vec<&str>) =
        blocks.iter().partition(|block| block.contains("\n@stage(\"observe\")"));
    assert_eq!(observed.len(), 1, "{observed:?}");
    enforced.join("\n@id(")
}

impl Day {
    fn new() -> Self {
        let folder = plant::folder().unwrap();
        let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).unwrap();
        let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
        let bundle = Bundle::pack(&release, &compiled.module).unwrap();
        let engine = Engine::new(Limits::default()).unwrap();
        let entities = folder.entities.to_string();
        engine.publish_with_json(&Bundle::open(&bundle).unwrap(), &entities).unwrap();
        let oracle =
            Oracle::new(&folder.schema, &enforced(&folder.policies), &folder.entities).unwrap();
        let model = engine.model().unwrap();
        let mut walkers = Vec::new();
        for case in folder.cases.iter().filter(|case| case.entities == folder.entities) {
            for way in [Way::Left, Way::Renewed, Way::Noncompliant] {
                let json = at_midnight(&case.request, way);
                let request = Request::from_json(&model, &json.to_string()).unwrap();
                let name = format!("{} ({way:?})", case.name);
                walkers.push(Walker { name, json, request, held: None, session: None });
            }
        }
        let (decider, sessions) = (engine.decider(), engine.sessions(SessionLimits::default()));
        Self { engine, decider, oracle, sessions, walkers, tally: Tally::default() }
    }

    /// Everything at one minute.
    fn minute(&mut self, ms: i64) {
        let now = Datetime(midnight() + ms);
        let mut flips = Vec::new();
        self.sessions.poll(now, &mut flips);
        let mut ended = BTreeMap::new();
        for flip in flips {
            assert!(flip.is_over && flip.cause == Cause::Horizon, "{flip:?}");
            ended.insert(flip.session, said(&flip.after.unwrap()));
        }
        for walker in &mut self.walkers {
            let mut request = walker.request.clone();
            if request.advance(Duration(ms)).is_err() {
                self.tally.left_out += 1;
                continue;
            }
            assert_eq!(request.at(), Some(now));
            let decision = self.decider.decide(&request).clone();
            self.tally.decided += 1;
            hold(walker, &mut self.decider, &mut self.tally, &decision);
            if ms % (CEDAR_EVERY * MINUTE) == 0 {
                ask(&self.oracle, walker, ms, &decision);
                self.tally.asked += 1;
            }
            let id = walker.session.take();
            let found = id.and_then(|id| ended.remove(&id));
            match (id, found) {
                // The session is one of those that the poll has closed.
                (Some(_), Some(found)) => {
                    assert!(!decision.is_allow(), "{} ends at {ms} without reason", walker.name);
                    assert_eq!(found, said(&decision), "{} at {ms}", walker.name);
                    self.tally.ended += 1;
                }
                (Some(id), None) => {
                    assert!(decision.is_allow(), "{} goes on at {ms}", walker.name);
                    let kept = self.sessions.check(id, now).unwrap();
                    assert_eq!(said(kept), said(&decision), "{} at {ms}", walker.name);
                    self.tally.kept += 1;
                    walker.session = Some(id);
                }
                (None, _) if decision.is_allow() => {
                    let terms = SessionTerms::default();
                    let opened = self.sessions.open(now, request, SessionKeys::default(), terms);
                    let (id, opened) = opened.unwrap();
                    assert_eq!(said(opened), said(&decision));
                    walker.session = Some(id);
                    self.tally.opened += 1;
                }
                (None, _) => {}
            }
        }
        assert!(ended.is_empty(), "sessions of nobody end at {ms}: {ended:?}");
    }
}

/// Checks a decision against the horizon that was given before, or starts a new one.
fn hold(walker: &mut Walker, decider: &mut Decider, tally: &mut Tally, decision: &Decision) {
    let at = decision_at(decision);
    if let Some((before, until)) = &walker.held
        && until.is_none_or(|until| at < until)
    {
        assert_eq!(&said(decision), before, "{} changes at {at} before {until:?}", walker.name);
        return;
    }
    let until = decision.valid_until().map(|Datetime(until)| until);
    walker.held = Some((said(decision), until));
    tally.horizons += 1;
    let Some(until) = until else { return };
    let mut decide = |instant: i64| {
        let mut request = walker.request.clone();
        request.advance(Duration(instant - midnight())).ok()?;
        tally.decided += 1;
        Some(said(decider.decide(&request)))
    };
    if until > at
        && let Some(last) = decide(until - 1)
    {
        assert_eq!(last, said(decision), "{} changes 1 ms before {until}", walker.name);
    }
    if let Some(next) = decide(until) {
        tally.changes += u64::from(next != said(decision));
    }
}

fn decision_at(decision: &Decision) -> i64 {
    let Datetime(at) = decision.at().unwrap();
    at
}

/// Asks Cedar the same, in the request's JSON at that instant.
fn ask(oracle: &Oracle, walker: &Walker, ms: i64, decision: &Decision) {
    let cedar = oracle.decide(&after(&walker.json, ms)).unwrap();
    let name = &walker.name;
    let erring: BTreeSet<String> =
        decision.erring().map(|erring| erring.policy.id.clone()).collect();
    assert_eq!(erring, cedar.erring, "{name} at {ms}");
    // Cedar skips a forbid that errs; here it denies.
    if decision.erring().any(|erring| erring.policy.effect == Effect::Forbid) {
        assert!(!decision.is_allow() || cedar.allow, "{name} at {ms}");
        return;
    }
    let determining: BTreeSet<String> =
        decision.determining().map(|policy| policy.id.clone()).collect();
    assert_eq!((decision.is_allow(), determining), (cedar.allow, cedar.determining), "{name} {ms}");
}

#[test]
fn every_minute_of_a_day_is_as_the_horizons_said() {
    let mut day = Day::new();
    let requests = day.walkers.len();
    for ms in (0..DAY).step_by(usize::try_from(MINUTE).unwrap()) {
        day.minute(ms);
    }
    let Tally { horizons, changes, opened, ended, .. } = day.tally;
    println!("{requests} requests: {changes} of {horizons} horizons ended in a change");
    println!("{:?}", day.tally);
    assert!(requests >= 60, "{requests}");
    assert!(changes >= 40 && ended >= 10, "{:?}", day.tally);
    assert_eq!(opened - ended, u64::try_from(day.sessions.len()).unwrap());
    assert_eq!(day.tally.left_out, 0, "no attribute of the plant's contexts is bounded");
    assert!(day.sessions.counts().decided < day.tally.kept / 10, "{:?}", day.sessions.counts());
    assert_eq!(day.engine.generation(), day.engine.decide(&day.walkers[0].request).generation());
}
