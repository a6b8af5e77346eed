//! A module by hand whose decisions turn with time: a user may view every other ten seconds, and the
//! level of the user moves that. It says exactly how long each decision holds.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a fixture that is wrong stops its tests"
)]

use trapkey::{Datetime, Engine, Limits, Request};

use crate::fixture::{self, ALLOW, DENY, Fixture};

/// Milliseconds for which a decision of one kind lasts.
pub const PERIOD: i64 = 10_000;

/// The engine with the module, and no entities.
pub fn engine() -> Engine {
    let decide = format!(
        "(local $t i64)
         (local.set $t
           (i64.add (i64.load offset=72 (local.get $frame))
             (i64.mul (i64.const 1000) (i64.extend_i32_s (call $level (local.get $frame))))))
         (i64.store offset=16 (local.get $out)
           (i64.sub (i64.const {PERIOD}) (i64.rem_u (local.get $t) (i64.const {PERIOD}))))
         (if (i64.lt_u (i64.rem_u (local.get $t) (i64.const {})) (i64.const {PERIOD}))
           (then {ALLOW}) (else {DENY}))",
        2 * PERIOD
    );
    let engine = fixture::engine(Limits::default());
    engine.publish(&Fixture::new(&decide).bundle()).expect("it is published");
    engine
}

/// The request of a user at an instant.
pub fn request(engine: &Engine, id: &str, at: Datetime) -> Request {
    let mut request = fixture::request(engine, id);
    request.set_at(Some(at));
    request
}

/// Whether a user of this level may view at an instant, and for how many milliseconds that holds;
/// no level if the user is not there.
pub fn want(level: Option<i64>, Datetime(at): Datetime) -> (bool, i64) {
    let at = at + level.unwrap_or(-1) * 1_000;
    (at.rem_euclid(2 * PERIOD) < PERIOD, PERIOD - at.rem_euclid(PERIOD))
}
