//! Sessions while the time is uncertain.

use trapkey::{Datetime, Engine, SessionKeys, SessionLimits, SessionTerms, Sessions, Trust};

use super::site::{MINUTE, START, engine, holdover, reading, request};

fn door(engine: &Engine, is_open: bool) {
    let text = format!(
        r#"{{"uid": {{"type": "Door", "id": "d"}}, "attrs": {{"isOpen": {is_open}}}, "parents": []}}"#
    );
    engine.upsert_json(&text).unwrap();
}

fn opened(engine: &Engine, action: &str, window: (i64, i64)) -> Sessions {
    let mut sessions = engine.sessions(SessionLimits::default());
    let asked = request(engine, action, START, window);
    let (keys, terms) = (SessionKeys::default(), SessionTerms::default());
    sessions.open(Datetime(START), asked, keys, terms).unwrap();
    sessions
}

fn flips(sessions: &mut Sessions, now: i64) -> usize {
    let mut flips = Vec::new();
    sessions.poll(Datetime(now), &mut flips);
    flips.len()
}

#[test]
fn a_changed_entity_ends_a_session_that_is_decided_at_several_instants() {
    let engine = engine();
    engine.set_clock(reading(START, 0, holdover(1000))).unwrap();
    door(&engine, true);
    let mut sessions = opened(&engine, "enter", (0, 0));
    assert_eq!(flips(&mut sessions, START + 1), 0);
    door(&engine, false);
    assert_eq!(flips(&mut sessions, START + 2), 1);
}

#[test]
fn a_clock_that_loses_its_source_ends_a_session_near_the_edge_of_its_window() {
    let engine = engine();
    engine.set_clock(reading(START, 0, Trust::Trusted)).unwrap();
    let window = (START - 10 * MINUTE, START + 2 * MINUTE);
    let mut sessions = opened(&engine, "open", window);
    engine.set_clock(reading(START + 1000, 1000, Trust::Trusted)).unwrap();
    assert_eq!(flips(&mut sessions, START + 1000), 0);
    let uncertainty = u64::try_from(5 * MINUTE).unwrap();
    engine.set_clock(reading(START + 2000, 2000, holdover(uncertainty))).unwrap();
    assert_eq!(flips(&mut sessions, START + 2000), 1);
}
