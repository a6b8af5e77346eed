//! The rows of the report: each comparison with what was measured.

use serde::Serialize;

use super::aims::{self, Aim, Comparison};
use super::results::Results;

/// One row. A number that is absent was not measured, or does not apply.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) ours: Option<f64>,
    pub(super) peer_name: Option<&'static str>,
    pub(super) peer: Option<f64>,
    /// The peer's number by ours where ours is to be faster, or else ours by the peer's.
    pub(super) ratio: Option<f64>,
    /// What is to be reached, in words; empty if nothing is.
    pub(super) aim: String,
    /// Absent if nothing is to be reached, or something was not measured.
    pub(super) reached: Option<bool>,
    /// How many times better than the aim; below 1 it is not reached.
    #[serde(skip)]
    pub(super) margin: Option<f64>,
    /// Ids of the benches that did not run.
    pub(super) missing: Vec<String>,
}

/// All rows, in the order of the report.
pub(super) fn all(results: &Results) -> Vec<Row> {
    aims::all().iter().map(|comparison| Row::new(comparison, results)).collect()
}

impl Row {
    fn new(comparison: &Comparison, results: &Results) -> Self {
        let ours = results.find(&comparison.ours);
        let peer = comparison.peer.as_ref().and_then(|(_, id)| results.find(id));
        let mut missing = Vec::new();
        if ours.is_none() {
            missing.push(comparison.ours.clone());
        }
        if let (Some((_, id)), None) = (&comparison.peer, peer) {
            missing.push(id.clone());
        }
        let faster = quotient(peer, ours);
        let times = quotient(ours, peer);
        let (ratio, margin) = match comparison.aim {
            Aim::Faster(aim) => (faster, faster.map(|ratio| ratio / aim)),
            Aim::AtMostTimes(aim) => (times, times.map(|ratio| aim / ratio)),
            Aim::AtMost(aim) => (faster, quotient(Some(aim), ours)),
            Aim::None => (faster, None),
        };
        let reached = match comparison.aim {
            Aim::Faster(_) | Aim::AtMostTimes(_) => margin.map(|margin| margin >= 1.0),
            Aim::AtMost(aim) => ours.map(|ours| ours <= aim),
            Aim::None => None,
        };
        Self {
            name: comparison.name.clone(),
            unit: comparison.unit,
            ours,
            peer_name: comparison.peer.as_ref().map(|(name, _)| *name),
            peer,
            ratio,
            aim: words(comparison.aim, comparison.unit),
            reached,
            margin,
            missing,
        }
    }
}

/// Absent where there is nothing to divide by.
fn quotient(dividend: Option<f64>, divisor: Option<f64>) -> Option<f64> {
    match (dividend, divisor) {
        (Some(dividend), Some(divisor)) if divisor > 0.0 => Some(dividend / divisor),
        _ => None,
    }
}

fn words(aim: Aim, unit: &str) -> String {
    match aim {
        Aim::Faster(times) => format!("{times} times faster"),
        Aim::AtMostTimes(times) => format!("at most {times} times"),
        Aim::AtMost(number) => format!("at most {number} {unit}"),
        Aim::None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::aims::{Aim, Comparison};
    use super::super::results::Results;
    use super::{Row, all};

    fn results(numbers: &[(&str, f64)]) -> Results {
        let mut results = Results::default();
        for (id, median) in numbers {
            let benchmark = format!(r#"{{"full_id": "{id}", "throughput": null}}"#);
            let estimates = format!(r#"{{"median": {{"point_estimate": {median}}}}}"#);
            results.add(&benchmark, &estimates).expect("the fixture is a result");
        }
        results
    }

    fn row(aim: Aim, numbers: &[(&str, f64)]) -> Row {
        let comparison = Comparison {
            name: "name".to_owned(),
            ours: "ours".to_owned(),
            peer: Some(("peer", "theirs".to_owned())),
            unit: "ns",
            aim,
        };
        Row::new(&comparison, &results(numbers))
    }

    #[track_caller]
    fn check(aim: Aim, ours: f64, ratio: f64, reached: Option<bool>) {
        let row = row(aim, &[("ours", ours), ("theirs", 400.0)]);
        assert_eq!((row.ratio, row.reached), (Some(ratio), reached), "{row:?}");
        let is_better = row.margin.map(|margin| margin >= 1.0);
        assert_eq!(is_better, reached, "{row:?}");
    }

    #[test]
    fn faster_is_the_peers_time_by_ours() {
        check(Aim::Faster(4.0), 100.0, 4.0, Some(true));
        check(Aim::Faster(4.0), 200.0, 2.0, Some(false));
    }

    #[test]
    fn at_most_is_ours_by_the_peers_time() {
        check(Aim::AtMostTimes(2.0), 800.0, 2.0, Some(true));
        check(Aim::AtMostTimes(2.0), 1_000.0, 2.5, Some(false));
    }

    #[test]
    fn an_absolute_aim_ignores_the_peer() {
        check(Aim::AtMost(200.0), 200.0, 2.0, Some(true));
        check(Aim::AtMost(200.0), 250.0, 1.6, Some(false));
    }

    #[test]
    fn nothing_is_reached_without_an_aim() {
        check(Aim::None, 100.0, 4.0, None);
    }

    #[test]
    fn none_of_something_is_within_an_aim_of_none() {
        let row = row(Aim::AtMost(0.0), &[("ours", 0.0), ("theirs", 50.0)]);
        assert_eq!((row.ratio, row.reached), (None, Some(true)));
    }

    #[test]
    fn a_bench_that_did_not_run_is_named_and_nothing_is_reached() {
        let row = row(Aim::Faster(4.0), &[("ours", 100.0)]);
        assert_eq!((row.ratio, row.reached), (None, None));
        assert_eq!(row.missing, ["theirs"]);
    }

    #[test]
    fn every_row_is_there_without_results() {
        let rows = all(&Results::default());
        assert!(rows.len() > 40, "{}", rows.len());
        for row in rows {
            assert!(row.reached.is_none() && !row.missing.is_empty(), "{row:?}");
        }
    }
}
