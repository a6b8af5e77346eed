//! Decisions while the time is uncertain: allowed only where all instants allow.

use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use trapkey::{DecideError, Horizon, Reason, Trust};

use super::site::{MINUTE, START, allows, engine, holdover, reading, request};

#[test]
fn five_minutes_at_the_edge_of_a_window_deny() {
    let engine = engine();
    let uncertainty = u64::try_from(5 * MINUTE).unwrap();
    engine.set_clock(reading(START - 60 * MINUTE, 0, Trust::Trusted)).unwrap();
    engine.set_clock(reading(START, 3_600_000, holdover(uncertainty))).unwrap();
    for (open, close, is_allowed) in [
        (-5, 6, true),
        (-60, 60, true),
        (-4, 60, false),
        (-60, 5, false),
        (6, 60, false),
        (-60, -6, false),
    ] {
        let window = (START + open * MINUTE, START + close * MINUTE);
        let request = request(&engine, "open", START, window);
        assert_eq!(allows(&engine, &request), is_allowed, "{open} {close}");
    }
}

#[test]
fn what_turns_too_often_is_denied_and_says_so() {
    let engine = engine();
    engine.set_clock(reading(START, 0, holdover(60_000))).unwrap();
    let hold = request(&engine, "hold", START, (0, 0));
    let unsettled = Reason::Failed(DecideError::ClockUnsettled);
    assert_eq!(engine.decide(&hold).reason(), unsettled);
    assert!(!allows(&engine, &hold));
    engine.set_clock(reading(START, 0, holdover(500))).unwrap();
    assert!(allows(&engine, &hold));
}

#[test]
fn an_untrusted_clock_allows_what_holds_for_ever() {
    let engine = engine();
    let window = (START - MINUTE, START + MINUTE);
    engine.set_clock(reading(START, 0, Trust::Untrusted)).unwrap();
    let open = request(&engine, "open", START, window);
    // No trusted clock was ever read.
    assert_eq!(engine.decide(&open).reason(), Reason::Failed(DecideError::ClockUnknown));
    engine.set_clock(reading(START, 0, Trust::Trusted)).unwrap();
    assert!(allows(&engine, &open));
    engine.set_clock(reading(START, 0, Trust::Untrusted)).unwrap();
    assert!(!allows(&engine, &open));
    assert!(!allows(&engine, &request(&engine, "pass", START, window)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every instant of the window is looked at apart.
    #[test]
    fn uncertain_decisions_are_those_of_all_instants(
        open in -60_i64..60, length in 0_i64..120, now in -30_i64..30, uncertainty in 0_u64..40,
        mark in -100_i64..0,
    ) {
        let uncertain = engine();
        let window = (START + open, START + open + length);
        uncertain.set_clock(reading(START + mark, 0, Trust::Trusted)).unwrap();
        uncertain.set_clock(reading(START, 100, holdover(uncertainty))).unwrap();
        let decision = uncertain.decide(&request(&uncertain, "open", START + now, window));

        let radius = i64::try_from(uncertainty).unwrap();
        let passed = now.max(0);
        let (low, high) = ((-radius).max(mark) + passed, radius + passed);
        let plain = engine();
        let holds = |shift: i64| {
            (low + shift..=high + shift).all(|at| {
                plain.decide(&request(&plain, "open", START + at, window)).is_allow()
            })
        };
        prop_assert_eq!(decision.is_allow(), holds(0), "{} {:?}", uncertainty, decision.reason());
        prop_assert_eq!(allows(&uncertain, &request(&uncertain, "open", START + now, window)), holds(0));
        // As long as it says, every instant goes on allowing while the window moves.
        if let (true, Horizon::Remaining(remaining)) = (decision.is_allow(), decision.horizon()) {
            let remaining = i64::try_from(remaining.as_millis()).unwrap();
            prop_assert!((0..remaining).all(holds));
            prop_assert!(!holds(remaining));
        }
    }
}
