//! What the benches stored: one median per bench.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::repository::TaskError;

/// Medians by the full id of their bench, per element where the bench says how many it has: in
/// nanoseconds, but for what is counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Results(BTreeMap<String, f64>);

/// Criterion's `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    /// Absent where a bench counts something else.
    #[serde(rename = "Elements")]
    elements: Option<f64>,
}

/// Criterion's `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

impl Results {
    /// Reads every result below a directory.
    pub(super) fn read(directory: &Path) -> Result<Self, TaskError> {
        let mut results = Self::default();
        results.descend(directory)?;
        Ok(results)
    }

    fn descend(&mut self, directory: &Path) -> Result<(), TaskError> {
        let failed = |source| TaskError::Read { path: directory.display().to_string(), source };
        for entry in fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if !path.is_dir() {
                continue;
            }
            if path.ends_with("new") {
                let benchmark = text(&path.join("benchmark.json"))?;
                self.add(&benchmark, &text(&path.join("estimates.json"))?)?;
            } else {
                self.descend(&path)?;
            }
        }
        Ok(())
    }

    /// Adds the result in these two documents.
    pub(super) fn add(&mut self, benchmark: &str, estimates: &str) -> Result<(), TaskError> {
        let Benchmark { full_id, throughput } =
            serde_json::from_str(benchmark).map_err(TaskError::Results)?;
        let Estimates { median } = serde_json::from_str(estimates).map_err(TaskError::Results)?;
        let elements = throughput.and_then(|throughput| throughput.elements).unwrap_or(1.0);
        self.0.insert(full_id, median.point_estimate / elements);
        Ok(())
    }

    /// The result of the bench with this id.
    pub(super) fn find(&self, id: &str) -> Option<f64> {
        self.0.get(id).copied()
    }
}

fn text(path: &Path) -> Result<String, TaskError> {
    fs::read_to_string(path)
        .map_err(|source| TaskError::Read { path: path.display().to_string(), source })
}

#[cfg(test)]
mod tests {
    use super::Results;

    #[test]
    fn medians_are_per_element() {
        let mut results = Results::default();
        let estimates = r#"{"mean": {"point_estimate": 9}, "median": {"point_estimate": 60.0}}"#;
        let of = |id: &str, throughput: &str| {
            format!(r#"{{"full_id": "{id}", "throughput": {throughput}}}"#)
        };
        for (id, throughput) in
            [("a", r#"{"Elements": 30}"#), ("b", r#"{"Bytes": 30}"#), ("c", "null")]
        {
            assert!(results.add(&of(id, throughput), estimates).is_ok());
        }
        assert_eq!(results.find("a"), Some(2.0));
        assert_eq!(results.find("b"), Some(60.0));
        assert_eq!(results.find("c"), Some(60.0));
        assert_eq!(results.find("d"), None);
    }

    #[test]
    fn malformed_results_are_refused() {
        assert!(Results::default().add("{}", "{}").is_err());
    }
}
