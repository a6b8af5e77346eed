//! The requests of the plant's cases, at any minute of one day.

use serde_json::{Value, json};
use trapkey::{Datetime, Duration};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const DAY: i64 = 1_440 * MINUTE;

/// What grows with the clock, and whether something renews it.
const ELAPSED: [(&str, bool); 5] = [
    ("/context/env/dataAge", true),
    ("/context/session/idle", true),
    ("/context/cred/age", true),
    ("/context/session/age", false),
    ("/context/device/attestAge", false),
];
const REMAINING: &str = "/context/cred/expiresIn";
const NOW: &str = "/context/env/now";

/// How a case lives through the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing but time changes: at its instant it is the case.
    Left,
    /// What a gateway renews stays fresh all day, so that windows and ages of sessions decide.
    Renewed,
    /// Renewed, from a device that is not compliant.
    Noncompliant,
}

/// The first instant of the day: 2026-10-05T00:00:00Z.
pub(crate) fn midnight() -> i64 {
    let Datetime(ms) = "2026-10-05T00:00:00Z".parse().unwrap();
    ms
}

fn argument(request: &Value, path: &str) -> String {
    request.pointer(&format!("{path}/__extn/arg")).unwrap().as_str().unwrap().to_owned()
}

fn milliseconds(request: &Value, path: &str) -> i64 {
    let Duration(ms) = argument(request, path).parse().unwrap();
    ms
}

fn put(request: &mut Value, path: &str, argument: String) {
    *request.pointer_mut(&format!("{path}/__extn/arg")).unwrap() = argument.into();
}

/// The request so many milliseconds later, without any of Trapkey's own reckoning of time.
pub(crate) fn after(request: &Value, ms: i64) -> Value {
    let mut later = request.clone();
    let Datetime(now) = argument(request, NOW).parse().unwrap();
    put(&mut later, NOW, text(now + ms));
    for (path, _) in ELAPSED {
        put(&mut later, path, format!("{}ms", milliseconds(request, path) + ms));
    }
    put(&mut later, REMAINING, format!("{}ms", milliseconds(request, REMAINING) - ms));
    later
}

/// The request of a case as it is at midnight.
pub(crate) fn at_midnight(case: &Value, way: Way) -> Value {
    let Datetime(now) = argument(case, NOW).parse().unwrap();
    let mut request = after(case, midnight() - now);
    if way != Way::Left {
        for (path, is_renewed) in ELAPSED {
            if is_renewed {
                let fresh = milliseconds(case, path) - DAY;
                put(&mut request, path, format!("{fresh}ms"));
            }
        }
        let left = milliseconds(case, REMAINING) + DAY;
        put(&mut request, REMAINING, format!("{left}ms"));
    }
    if way == Way::Noncompliant {
        let state = json!({"__entity": {"type": "Plant::Compliance", "id": "not-compliant"}});
        *request.pointer_mut("/context/device/compliance").unwrap() = state;
    }
    request
}

/// A datetime of that month, as Cedar writes it.
fn text(ms: i64) -> String {
    let since = ms - midnight();
    let (day, rest) = (5 + since.div_euclid(DAY), since.rem_euclid(DAY));
    assert!((1..=31).contains(&day), "{ms} is in another month");
    let (hours, minutes) = (rest / 3_600_000, rest / MINUTE % 60);
    let (seconds, ms) = (rest / 1_000 % 60, rest % 1_000);
    format!("2026-10-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z")
}
