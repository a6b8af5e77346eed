//! One scope from its start to its end: what it covers, what it tells, how it ends.

use trapkey::{
    CacheOptions, Datetime, Decision, Effect, EnforceError, Engine, ExceptionKind, Grant, Honours,
    Limits, ObserveScope, Options, PolicyException, Reason, SessionKeys, SessionLimits,
    SessionTerms, Sessions, ShadowOptions, StageChange, Verdict,
};

use super::robots::{
    POLICIES, SCHEMA, bundle, bundle_of, engine, engine_with, facts, options, order, request,
    robot, uid,
};

fn scope(name: &str, actions: Option<&str>, area: Option<&str>) -> ObserveScope {
    ObserveScope {
        name: name.into(),
        actions: actions.map(|id| uid("Action", id)),
        resources: area.map(|id| uid("Area", id)),
    }
}

/// Operating is observed in the plant.
fn observing() -> Engine {
    let engine = engine();
    engine.observe(scope("plant", Some("operate"), Some("plant")), order("roll-out")).unwrap();
    engine
}

fn said(decision: &Decision) -> (Verdict, Reason, bool) {
    (decision.verdict(), decision.reason(), decision.would_deny())
}

#[test]
fn clean_denies_of_the_scope_are_allowed_and_nothing_else() {
    let engine = observing();
    let told =
        |worker, action, robot| said(&engine.decide(&request(&engine, worker, action, robot)));
    let denied = |reason| (Verdict::Deny, reason, false);
    let observed = |reason| (Verdict::Allow, reason, true);
    assert_eq!(told("ada", "move", "r1"), (Verdict::Allow, Reason::Permitted, false));
    assert_eq!(told("ben", "move", "r1"), observed(Reason::NotPermitted));
    assert_eq!(told("ada", "grip", "r1"), observed(Reason::Forbidden));
    // Another area, another action, a safety operation in the group that is observed.
    assert_eq!(told("ben", "move", "r2"), denied(Reason::NotPermitted));
    assert_eq!(told("ben", "look", "r1"), denied(Reason::NotPermitted));
    assert_eq!(told("ben", "release", "r1"), denied(Reason::NotPermitted));
    // A robot that nobody knows is in no area.
    assert_eq!(told("ben", "move", "r9"), denied(Reason::NotPermitted));
    // A policy errs: nobody knows Cy.
    assert_eq!(told("cy", "move", "r1"), denied(Reason::NotPermitted));
    assert_eq!(told("cy", "grip", "r1"), denied(Reason::Forbidden));
    let would_denies = engine.would_denies();
    let reasons: Vec<Reason> =
        would_denies.iter().map(|would_deny| would_deny.decision.reason()).collect();
    assert_eq!(reasons, [Reason::NotPermitted, Reason::Forbidden]);
    let determining: Vec<&str> =
        would_denies[1].decision.determining().map(|policy| policy.id.as_str()).collect();
    assert_eq!(determining, ["no.grip"]);
}

#[test]
fn scope_of_everything_leaves_safety_out() {
    let engine = engine();
    engine.observe(scope("all", None, None), order("first day")).unwrap();
    for (action, is_observed) in [("move", true), ("look", true), ("release", false)] {
        let decision = engine.decide(&request(&engine, "ben", action, "r2"));
        assert_eq!((decision.is_allow(), decision.would_deny()), (is_observed, is_observed));
    }
}

#[test]
fn failures_stay_denied() {
    let engine = observing();
    let asked = request(&engine, "ben", "move", "r1");
    assert!(engine.decide(&asked).would_deny());
    // A request of another layout.
    let wider = SCHEMA.replace("level: Long", "level: Long, name?: String");
    let schema = wider.replace("entity Area", "entity Extra; entity Area");
    engine.publish(&bundle_of(&schema, POLICIES)).unwrap();
    assert_eq!(engine.observed_scopes().len(), 1, "the new schema has all that the scope names");
    let stale = engine.decide(&asked);
    assert!(matches!(stale.reason(), Reason::Failed(_)) && !stale.is_allow());
    assert!(engine.decide(&request(&engine, "ben", "move", "r1")).would_deny());
}

#[test]
fn obligation_that_nobody_honours_stays_denied() {
    let options = Options { honours: Honours::names(["sign"]), ..options() };
    let engine = engine_with(options);
    let policies = r#"
        @id("film") @obligation("film") permit(principal, action == Action::"move", resource);
    "#;
    engine.publish(&bundle(policies)).unwrap();
    engine.observe(scope("all", None, None), order("first day")).unwrap();
    let decision = engine.decide(&request(&engine, "ben", "move", "r1"));
    assert_eq!(said(&decision), (Verdict::Deny, Reason::ObligationNotHonoured, false));
}

#[test]
fn every_way_to_decide_observes_and_counts() {
    let engine = observing();
    let ben = request(&engine, "ben", "move", "r1");
    let mut decider = engine.decider();
    let mut caching = engine.caching_decider(CacheOptions::default());
    let mut decisions = Vec::new();
    for round in 1..=3 {
        assert!(engine.decide(&ben).would_deny());
        assert!(decider.decide(&ben).would_deny());
        assert!(caching.decide(&ben).would_deny());
        engine.decide_batch(&[ben.clone(), request(&engine, "ben", "look", "r1")], &mut decisions);
        let observed: Vec<bool> = decisions.iter().map(Decision::would_deny).collect();
        assert_eq!(observed, [true, false]);
        decider.decide_batch(std::slice::from_ref(&ben), &mut decisions);
        assert!(decisions[0].would_deny());
        let would_denies = engine.would_denies();
        assert_eq!((would_denies.len(), would_denies[0].count), (1, round * 5));
    }
    assert_eq!(caching.counts().hits, 2);
    // A kept decision goes with its resource.
    engine.upsert(robot("r1", "south")).unwrap();
    assert!(!caching.decide(&ben).is_allow());
    engine.upsert(robot("r1", "north")).unwrap();
    assert!(caching.decide(&ben).is_allow());
    engine.enforce("plant", order("done"), true).unwrap();
    assert!(!caching.decide(&ben).is_allow() && !decider.decide(&ben).is_allow());
}

#[test]
fn promotion_waits_for_explanations() {
    let engine = observing();
    engine.observe(scope("south", None, Some("south")), order("later")).unwrap();
    for (worker, action, robot) in
        [("ben", "move", "r1"), ("ada", "grip", "r1"), ("ben", "move", "r1"), ("ben", "look", "r2")]
    {
        assert!(engine.decide(&request(&engine, worker, action, robot)).would_deny());
    }
    let refused = |unexplained: u64| {
        let error = engine.enforce("plant", order("now"), false).unwrap_err();
        assert!(
            matches!(&error, EnforceError::Unexplained { scope, unexplained: found }
                if scope == "plant" && *found == unexplained),
            "{error:?}"
        );
        assert!(engine.decide(&request(&engine, "ben", "move", "r1")).would_deny());
    };
    refused(2);
    let of_plant = |index: usize| {
        let all = engine.would_denies();
        all.into_iter().filter(|of| of.scope == "plant").nth(index).unwrap()
    };
    assert_eq!((of_plant(0).count, of_plant(1).count), (3, 1));
    engine.explain_would_deny(of_plant(0).id, order("ben is not trained")).unwrap();
    refused(1);
    engine.explain_would_deny(of_plant(1).id, order("wanted")).unwrap();
    assert_eq!(of_plant(0).explained, Some(order("ben is not trained")));
    // More of the same stays explained; another worker is not the same.
    engine.enforce("plant", order("now"), false).unwrap();
    assert!(!engine.decide(&request(&engine, "ben", "move", "r1")).is_allow());
    assert!(engine.decide(&request(&engine, "ben", "move", "r2")).would_deny());
    let left = engine.would_denies();
    assert!(left.iter().all(|of| of.scope == "south") && left.len() == 2, "{left:?}");
    engine.enforce("south", order("no more time"), true).unwrap();
    assert!(!engine.decide(&request(&engine, "ben", "move", "r2")).is_allow());
    let records = engine.stage_records();
    let changes: Vec<(&str, StageChange)> =
        records.iter().map(|record| (record.scope.as_str(), record.change)).collect();
    let [first, second] = [0, 1];
    assert_eq!(
        changes,
        [
            ("plant", StageChange::Observed),
            ("south", StageChange::Observed),
            ("plant", StageChange::Refused { unexplained: 2 }),
            ("plant", StageChange::Explained { id: first }),
            ("plant", StageChange::Refused { unexplained: 1 }),
            ("plant", StageChange::Explained { id: second }),
            ("plant", StageChange::Enforced),
            ("south", StageChange::Forced { unexplained: 2 }),
        ]
    );
    assert_eq!(records[7].order, Some(order("no more time")));
    assert!(records.iter().all(|record| record.generation == engine.generation()));
}

#[test]
fn what_finds_no_room_is_not_explained() {
    let limits = Limits { would_denies_max: 1, ..Limits::default() };
    let engine = engine_with(Options { limits, ..options() });
    engine.observe(scope("all", None, None), order("first day")).unwrap();
    for robot in ["r1", "r2", "r2"] {
        assert!(engine.decide(&request(&engine, "ben", "move", robot)).would_deny());
    }
    assert_eq!((engine.would_denies().len(), engine.would_denies_dropped("all")), (1, 2));
    engine.explain_would_deny(engine.would_denies()[0].id, order("wanted")).unwrap();
    assert!(matches!(
        engine.enforce("all", order("now"), false),
        Err(EnforceError::Unexplained { unexplained: 2, .. })
    ));
    engine.enforce("all", order("now"), true).unwrap();
    assert_eq!(engine.would_denies_dropped("all"), 0);
}

#[test]
fn overlapping_scopes_are_told_each() {
    let engine = observing();
    engine.observe(scope("all", None, None), order("first day")).unwrap();
    let ben = request(&engine, "ben", "move", "r1");
    assert!(engine.decide(&ben).would_deny());
    let scopes: Vec<String> = engine.would_denies().into_iter().map(|of| of.scope).collect();
    assert_eq!(scopes, ["all", "plant"]);
    engine.enforce("plant", order("now"), true).unwrap();
    assert!(engine.decide(&ben).would_deny(), "it is still in the other scope");
}

#[test]
fn publication_that_lacks_the_scope_ends_it() {
    let engine = observing();
    engine.observe(scope("looking", Some("look"), None), order("first day")).unwrap();
    let without = SCHEMA.replace("action look ", "action watch ");
    engine.publish_with(&bundle_of(&without, POLICIES), facts()).unwrap();
    let names: Vec<String> = engine.observed_scopes().into_iter().map(|of| of.name).collect();
    assert_eq!(names, ["plant"]);
    // An operation that touches safety is no longer known by its name: nothing is observed.
    let renamed = SCHEMA.replace("safety", "protective");
    engine.publish_with(&bundle_of(&renamed, POLICIES), facts()).unwrap();
    assert!(engine.observed_scopes().is_empty());
    assert!(!engine.decide(&request(&engine, "ben", "move", "r1")).is_allow());
    let ended: Vec<String> = engine
        .stage_records()
        .into_iter()
        .filter(|record| record.change == StageChange::Ended && record.order.is_none())
        .map(|record| record.scope)
        .collect();
    assert_eq!(ended, ["looking", "plant"]);
    // Going back does not observe again.
    engine.rollback().unwrap();
    assert!(!engine.decide(&request(&engine, "ben", "move", "r1")).is_allow());
}

#[test]
fn sessions_end_when_their_scope_is_enforced_or_left() {
    let engine = observing();
    let mut sessions = engine.sessions(SessionLimits::default());
    let ben = request(&engine, "ben", "move", "r1");
    let now = ben.at().unwrap();
    let open = |sessions: &mut Sessions| {
        sessions.open(now, ben.clone(), SessionKeys::default(), SessionTerms::default()).unwrap();
    };
    let mut flips = Vec::new();
    open(&mut sessions);
    sessions.poll(now, &mut flips);
    assert!(flips.is_empty());
    engine.upsert(robot("r1", "south")).unwrap();
    sessions.poll(now, &mut flips);
    assert_eq!(flips.len(), 1, "the robot left the scope");
    engine.upsert(robot("r1", "north")).unwrap();
    open(&mut sessions);
    engine.enforce("plant", order("done"), true).unwrap();
    sessions.poll(now, &mut flips);
    assert_eq!(flips.len(), 2, "the scope is enforced");
}

#[test]
fn candidate_is_compared_by_what_the_policies_say() {
    let engine = observing();
    let options = ShadowOptions { reports_reasons: true, ..ShadowOptions::default() };
    engine.shadow(&bundle(POLICIES), options).unwrap();
    let asked = [("ben", "move", "r1"), ("ada", "grip", "r1"), ("ada", "move", "r1")];
    for (worker, action, robot) in asked {
        engine.decide(&request(&engine, worker, action, robot));
    }
    let counts = engine.shadow_counts();
    assert_eq!((counts.compared, counts.same), (3, 3), "{counts:?}");
    assert_eq!(engine.would_denies().len(), 2, "the candidate tells nobody");
}

#[test]
fn exceptions_are_listed_by_their_end() {
    let policies = r#"
        @id("b") @owner("ot") @why("old drive") @ticket("CHG-7") @review("2026-10-01")
        @expires("2027-01-01")
        permit(principal, action == Action::"look", resource);
        @id("a") @expires("2026-01-01") forbid(principal, action == Action::"grip", resource);
        @id("c") permit(principal, action == Action::"move", resource);
        @id("helper") permit(principal == ?principal, action == Action::"move", resource);
    "#;
    let engine = engine();
    engine.publish(&bundle(policies)).unwrap();
    let day = |number: i64| Datetime(number * 86_400_000);
    engine
        .grant(Grant {
            id: "g".into(),
            template: "helper".into(),
            principal: Some(uid("Worker", "ben")),
            resource: None,
            not_before: None,
            expires: day(20_500),
            reason: Some("stands in".into()),
            ticket: Some("WO-1".into()),
            requester: uid("Worker", "ada"),
            approvers: Vec::new(),
        })
        .unwrap();
    // 2026-01-01 is day 20,454, 2027-01-01 day 20,819.
    let listed = engine.exceptions(day(20_454));
    let found: Vec<_> =
        listed.iter().map(|one| (one.id.as_str(), one.kind, one.expires, one.is_over)).collect();
    assert_eq!(
        found,
        [
            ("a", ExceptionKind::Policy(Effect::Forbid), day(20_454), true),
            ("g", ExceptionKind::Grant, day(20_500), false),
            ("b", ExceptionKind::Policy(Effect::Permit), day(20_819), false),
        ]
    );
    let texts = |index: usize| {
        let PolicyException { owner, reason, reference, review, .. } = &listed[index];
        [owner, reason, reference, review].map(|text| text.as_deref())
    };
    assert_eq!(texts(0), [None; 4]);
    assert_eq!(texts(1), [Some("Worker::\"ada\""), Some("stands in"), Some("WO-1"), None]);
    assert_eq!(texts(2), [Some("ot"), Some("old drive"), Some("CHG-7"), Some("2026-10-01")]);
    let look = request(&engine, "ben", "look", "r1");
    let at = |ms: i64| {
        let mut look = look.clone();
        look.set_at(Some(Datetime(ms)));
        engine.decide(&look).is_allow()
    };
    let end = day(20_819).0;
    assert!(at(end - 1) && !at(end), "past its end it no longer permits");
    assert!(engine.exceptions(Datetime(end)).iter().all(|one| one.is_over));
}
