//! What makes a request another one, and what does not.

use trapkey::{CacheCounts, CacheOptions, CachingDecider, Duration, Engine, Request, Value};
use trapkey_tests::lasting::{self, Asked, START, entity};

fn engine() -> Engine {
    let engine = lasting::engine();
    let user = |number| entity(lasting::GROUPS + number, 3, None, &[0]);
    engine.replace_entities(vec![entity(0, 3, None, &[]), user(0), user(1)]).unwrap();
    engine
}

fn asked(compliant: Option<bool>) -> Asked {
    Asked { user: 0, action: "write", doc: 0, age: 0, idle: 0, left: 600, risk: 0, compliant }
}

/// Decides; whether that was a hit.
#[track_caller]
fn hits(cached: &mut CachingDecider, engine: &Engine, request: &Request) -> bool {
    let before = cached.counts();
    let got = super::history::said(cached.decide(request));
    assert_eq!(got, super::history::said(&engine.decide(request)));
    let CacheCounts { hits, misses } = cached.counts();
    assert_eq!(hits + misses, before.hits + before.misses + 1);
    hits > before.hits
}

#[test]
fn what_no_policy_reads_does_not_count_and_what_one_reads_does() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let model = engine.model().unwrap();
    let write = trapkey::EntityUid::new("Action", "write");
    let mut request = asked(Some(true)).request(&engine, START);
    assert!(!hits(&mut cached, &engine, &request));
    assert!(hits(&mut cached, &engine, &request));
    // No policy reads the name of a device.
    let name = model.slot::<str>(&write, "device.name").unwrap();
    request.set(&name, "another, and a longer one than before").unwrap();
    assert!(hits(&mut cached, &engine, &request));
    let risk = model.slot::<i64>(&write, "session.risk").unwrap();
    request.set(&risk, 1_i64).unwrap();
    assert!(!hits(&mut cached, &engine, &request));
    let other = Asked { user: 1, ..asked(Some(true)) }.request(&engine, START);
    assert!(!hits(&mut cached, &engine, &other));
    let read = Asked { action: "read", ..asked(Some(true)) }.request(&engine, START);
    assert!(!hits(&mut cached, &engine, &read));
    assert!(!hits(&mut cached, &engine, &asked(None).request(&engine, START)));
    assert_eq!(cached.len(), 5);
}

/// Content counts wherever it lies in a row; where it lies does not.
#[test]
fn texts_count_by_their_content() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let model = engine.model().unwrap();
    let note = trapkey::EntityUid::new("Action", "note");
    let text = model.slot::<str>(&note, "text").unwrap();
    let first = Asked { action: "note", risk: 3, ..asked(None) }.request(&engine, START);
    let mut second = first.clone();
    assert!(!hits(&mut cached, &engine, &first));
    second.set(&text, "something else, and longer").unwrap();
    assert!(!hits(&mut cached, &engine, &second));
    second.set(&text, "3 ok").unwrap();
    assert_ne!(first.context(), second.context(), "it lies elsewhere");
    assert!(hits(&mut cached, &engine, &second));
    second.set(&text, "3 ko").unwrap();
    assert!(!hits(&mut cached, &engine, &second));
    second.set(&text, "").unwrap();
    assert!(!hits(&mut cached, &engine, &second));
}

#[test]
fn only_changes_of_what_it_depends_on_make_a_decision_again() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let request = asked(Some(true)).request(&engine, START);
    assert!(!hits(&mut cached, &engine, &request));
    engine.upsert(entity(lasting::GROUPS + 1, 5, None, &[])).unwrap();
    assert!(hits(&mut cached, &engine, &request), "another user");
    engine.upsert(entity(lasting::GROUPS, 3, None, &[0])).unwrap();
    assert!(hits(&mut cached, &engine, &request), "the same again");
    engine.upsert(entity(lasting::GROUPS, 3, None, &[])).unwrap();
    assert!(!hits(&mut cached, &engine, &request), "another parent");
    // The document was looked up before it was there.
    engine.upsert(entity(lasting::GROUPS + lasting::USERS, 3, Some(0), &[])).unwrap();
    assert!(!hits(&mut cached, &engine, &request), "it is there now");
    engine.publish(&lasting::bundle(lasting::POLICIES)).unwrap();
    assert!(!hits(&mut cached, &engine, &request), "another publication");
    assert!(hits(&mut cached, &engine, &request));
}

#[test]
fn a_request_of_another_layout_or_without_environment_is_not_kept() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let other = lasting::SCHEMA.replace("device?", "tool?");
    let model = trapkey::Model::new(trapkey::parse_schema(&other).unwrap());
    let stale = Request::builder(&model)
        .principal(lasting::user(0))
        .action(trapkey::EntityUid::new("Action", "note"))
        .resource(lasting::doc(0))
        .attribute("text", Value::String("ok".into()))
        .build()
        .unwrap();
    for _ in 0..3 {
        assert!(!hits(&mut cached, &engine, &stale));
    }
    assert!(cached.is_empty());
}

#[test]
fn a_cache_keeps_no_more_than_it_may_and_lets_go() {
    let engine = engine();
    for (entries_max, places) in [(0, 4), (1, 4), (4, 4), (9, 8), (64, 64)] {
        let mut cached = engine.caching_decider(CacheOptions { entries_max });
        for risk in 0..500 {
            let request = Asked { risk, ..asked(None) }.request(&engine, START);
            assert!(!hits(&mut cached, &engine, &request));
            assert!(hits(&mut cached, &engine, &request), "the last one is kept");
            assert!(cached.len() <= places);
        }
        assert_eq!(cached.len(), places, "{entries_max}");
        cached.release();
        assert!(cached.is_empty());
    }
}

/// A value that time cannot have reached is another value, although the sum is the same.
#[test]
fn values_that_wrap_are_not_those_that_time_has_moved() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let model = engine.model().unwrap();
    let write = trapkey::EntityUid::new("Action", "write");
    let age = model.slot::<Duration>(&write, "session.age").unwrap();
    let mut request = asked(Some(true)).request(&engine, START);
    let mut later = request.clone();
    request.set(&age, Duration(i64::MAX)).unwrap();
    assert!(!hits(&mut cached, &engine, &request));
    // One millisecond later, where the age would have to be one more than the largest.
    later.advance(Duration(1)).unwrap();
    later.set(&age, Duration(i64::MIN)).unwrap();
    assert!(!hits(&mut cached, &engine, &later));
}

#[test]
fn time_that_passes_alone_makes_no_other_request() {
    let engine = engine();
    let mut cached = engine.caching_decider(CacheOptions::default());
    let mut request = asked(Some(true)).request(&engine, START);
    assert!(!hits(&mut cached, &engine, &request));
    for _ in 0..5 {
        request.advance(Duration(1_000)).unwrap();
        assert!(hits(&mut cached, &engine, &request));
    }
    // Of an earlier instant than what is kept.
    request.advance(Duration(-6_000)).unwrap();
    assert!(!hits(&mut cached, &engine, &request));
}
