//! Readings of clocks that are refused: the exact reason, the engine as before.

use std::time::Duration;

use trapkey::{ClockError, ClockReading, Datetime, Engine, Limits, Trust};

fn reading(wall: i64, monotonic: u64) -> ClockReading {
    let monotonic = Duration::from_millis(monotonic);
    ClockReading { wall: Datetime(wall), monotonic, trust: Trust::Trusted }
}

#[test]
fn clocks_that_jump_or_go_back_are_refused() {
    let engine = Engine::new(Limits::default()).unwrap();
    let clock = engine.set_clock(reading(1_000_000, 100)).unwrap();
    let slack = Duration::from_mins(5);
    for (wall, monotonic, error, says) in [
        (
            1_000_000,
            99,
            ClockError::MonotonicBack {
                before: Duration::from_millis(100),
                after: Duration::from_millis(99),
            },
            "the monotonic clock went back from 100ms to 99ms",
        ),
        (
            1_300_011,
            110,
            ClockError::Jump { expected: Datetime(1_000_010), wall: Datetime(1_300_011), slack },
            "the wall clock says 1300011 ms, expected 1000010 ms and no more than 300s beyond",
        ),
        (
            699_999,
            110,
            ClockError::SetBack { mark: Datetime(1_000_000), wall: Datetime(699_999), slack },
            "the wall clock says 699999 ms, the time mark is 1000000 ms and no more than 300s ahead",
        ),
    ] {
        let refused = engine.set_clock(reading(wall, monotonic)).unwrap_err();
        assert_eq!((refused, refused.to_string().as_str()), (error, says));
        assert_eq!(engine.clock(), Some(clock));
    }
    engine.set_clock(reading(1_300_010, 110)).unwrap();
}
