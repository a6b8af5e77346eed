//! The time mark: forward only, by bounded steps, and what it does to requests.

use std::time::Duration;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use trapkey::{ClockError, Datetime, DecideError, Reason, Trust};

use super::site::{MINUTE, START, allows, engine, holdover, reading, request};

const DAY: i64 = 86_400_000;

#[test]
fn without_a_reading_the_request_alone_says_the_time() {
    let engine = engine();
    assert_eq!(engine.clock(), None);
    let window = (START, START + MINUTE);
    assert!(allows(&engine, &request(&engine, "open", START, window)));
    assert!(!allows(&engine, &request(&engine, "open", START + MINUTE, window)));
}

#[test]
fn a_clock_set_back_opens_no_closed_window() {
    let engine = engine();
    let window = (START - MINUTE, START);
    let open = request(&engine, "open", START - 1, window);
    engine.set_clock(reading(START - 1, 0, Trust::Trusted)).unwrap();
    assert!(allows(&engine, &open));
    engine.set_clock(reading(START, 1, Trust::Trusted)).unwrap();
    // The host's wall clock goes back a day; requests carry what it says.
    let error = engine.set_clock(reading(START - DAY, 2, Trust::Trusted)).unwrap_err();
    let (mark, wall) = (Datetime(START), Datetime(START - DAY));
    assert_eq!(error, ClockError::SetBack { mark, wall, slack: Duration::from_mins(5) });
    for now in [START - 1, START - 1000, START - MINUTE] {
        assert!(!allows(&engine, &request(&engine, "open", now, window)), "{now}");
    }
    // A little is taken, and changes nothing.
    let clock = engine.set_clock(reading(START - 1000, 3, Trust::Trusted)).unwrap();
    assert_eq!(clock.low, Some(mark));
    assert!(!allows(&engine, &open));
    // Nor do the other kinds of reading.
    engine.set_clock(reading(START - DAY, 4, Trust::Untrusted)).unwrap();
    assert!(!allows(&engine, &open));
    engine.set_clock(reading(START - 1000, 5, holdover(500))).unwrap();
    assert!(!allows(&engine, &open));
    assert!(engine.accept_clock(reading(START - DAY, 6, Trust::Trusted)).is_err());
    assert!(!allows(&engine, &open));
}

#[test]
fn one_false_time_does_not_stop_the_plant() {
    let engine = engine();
    engine.set_clock(reading(START, 0, Trust::Trusted)).unwrap();
    let before = engine.clock();
    let error = engine.set_clock(reading(START + DAY, 1000, Trust::Trusted)).unwrap_err();
    let (expected, wall) = (Datetime(START + 1000), Datetime(START + DAY));
    assert_eq!(error, ClockError::Jump { expected, wall, slack: Duration::from_mins(5) });
    assert_eq!(engine.clock(), before);
    let window = (START, START + MINUTE);
    // A request of the false time fails alone.
    let ahead = request(&engine, "open", START + DAY, (START + DAY, START + 2 * DAY));
    let reason = Reason::Failed(DecideError::ClockAhead { at: START + DAY, clock: START });
    assert_eq!(engine.decide(&ahead).reason(), reason);
    assert!(!allows(&engine, &ahead));
    assert!(allows(&engine, &request(&engine, "open", START + 1, window)));
    engine.set_clock(reading(START + 2000, 2000, Trust::Trusted)).unwrap();
    assert!(allows(&engine, &request(&engine, "open", START + 2000, window)));
    // Somebody who answers for it can move the clock.
    engine.accept_clock(reading(START + DAY, 3000, Trust::Trusted)).unwrap();
    assert!(allows(&engine, &ahead));
}

#[test]
fn requests_without_an_instant_are_decided_as_they_are() {
    let engine = engine();
    for trust in [Trust::Trusted, holdover(10), Trust::Untrusted] {
        engine.set_clock(reading(START, 0, trust)).unwrap();
        assert!(allows(&engine, &request(&engine, "knock", 0, (0, 0))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_mark_never_goes_back(
        readings in proptest::collection::vec(
            (-600_000_i64..600_000, 0_u64..400_000, 0_u8..3, any::<bool>()), 1..40),
    ) {
        let engine = engine();
        let (mut wall, mut monotonic) = (START, 10_000_000_u64);
        engine.set_clock(reading(wall, monotonic, Trust::Untrusted)).unwrap();
        let mut mark: Option<Datetime> = None;
        for (jump, passed, trust, is_back) in readings {
            let trust = [Trust::Trusted, holdover(60_000), Trust::Untrusted][usize::from(trust)];
            let before = engine.clock();
            let says = wall + i64::try_from(passed).unwrap() + jump;
            let at = if is_back && jump > 0 { monotonic - 1 } else { monotonic + passed };
            let window = (START - 1_000, START);
            if let Ok(clock) = engine.set_clock(reading(says, at, trust)) {
                prop_assert!(at >= monotonic);
                prop_assert!(clock.low >= mark, "{clock:?} {mark:?}");
                if trust == Trust::Trusted {
                    mark = clock.low;
                }
                (wall, monotonic) = (says, at);
            } else {
                prop_assert_eq!(engine.clock(), before);
            }
            if mark >= Some(Datetime(START)) {
                prop_assert!(!engine.decide(&request(&engine, "open", START - 1, window)).is_allow());
            }
        }
    }

    #[test]
    fn trusted_clocks_that_run_alike_are_followed(
        steps in proptest::collection::vec(prop_oneof![0_i64..1000, 0..3_600_000_i64], 1..30),
    ) {
        let engine = engine();
        let (mut wall, mut monotonic) = (START, 0_u64);
        for step in steps {
            (wall, monotonic) = (wall + step, monotonic + u64::try_from(step).unwrap());
            let clock = engine.set_clock(reading(wall, monotonic, Trust::Trusted)).unwrap();
            prop_assert_eq!((clock.low, clock.high), (Some(Datetime(wall)), Some(Datetime(wall))));
        }
    }
}
