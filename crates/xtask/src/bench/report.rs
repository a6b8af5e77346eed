//! The report as text, Markdown and JSON.

use std::fmt;

use serde_json::json;

use super::machine::Machine;
use super::rows::Row;
use crate::repository::TaskError;

/// All rows, and where they were measured.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) rows: Vec<Row>,
}

/// Lines between which `benches/README.md` holds the newest table.
const MARKS: [&str; 2] = ["<!-- results -->", "<!-- end of results -->"];

const HEADINGS: [&str; 7] = ["what", "ours", "peer", "its", "ratio", "aim", "reached"];

impl Report {
    /// The report as JSON.
    pub(super) fn json(&self) -> Result<String, TaskError> {
        let document = json!({ "machine": self.machine, "rows": self.rows });
        let text = serde_json::to_string_pretty(&document).map_err(TaskError::Results)?;
        Ok(text + "\n")
    }

    /// The report as Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("{}\n\n", self.machine.line());
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text.push_str(&line(&HEADINGS.map(str::to_owned)));
        text.push_str(&line(&HEADINGS.map(|_| "---".to_owned())));
        for row in &self.rows {
            text.push_str(&line(&row.cells()));
        }
        text.push('\n');
        text.push_str(&self.summary());
        text.push('\n');
        text
    }

    /// `readme` with this report between its marks.
    pub(super) fn within(&self, readme: &str) -> Result<String, TaskError> {
        let [start, end] = MARKS;
        let parts = readme.split_once(start).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(end)?;
            Some((before, after))
        });
        let Some((before, after)) = parts else {
            return Err(TaskError::Marks { marks: MARKS.join("` and `") });
        };
        let chart = "![How many times better than its aim each row is](results/results.svg)";
        Ok(format!("{before}{start}\n{}\n{chart}\n{end}{after}", self.markdown()))
    }

    fn summary(&self) -> String {
        let count = |reached| self.rows.iter().filter(|row| row.reached == reached).count();
        let missing = self.rows.iter().filter(|row| !row.missing.is_empty()).count();
        format!(
            "{} aims reached, {} not reached; {missing} rows miss a bench that did not run.",
            count(Some(true)),
            count(Some(false)),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEADINGS.map(str::to_owned)];
        lines.extend(self.rows.iter().map(Row::cells));
        let width = |column: usize| {
            let lens =
                lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count());
            lens.max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
        for line in &lines {
            for (cell, width) in line.iter().zip(&widths) {
                write!(f, "{cell:width$}  ")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "\n{}\n{}", self.machine.line(), self.summary())
    }
}

impl Row {
    fn cells(&self) -> [String; HEADINGS.len()] {
        let number = |number: Option<f64>| {
            number.map_or_else(String::new, |number| measured(number, self.unit))
        };
        let reached = match (self.reached, self.missing.is_empty()) {
            (_, false) => format!("missing: {}", self.missing.join(", ")),
            (Some(true), true) => "yes".to_owned(),
            (Some(false), true) => "no".to_owned(),
            (None, true) => String::new(),
        };
        [
            self.name.clone(),
            number(self.ours),
            self.peer_name.unwrap_or_default().to_owned(),
            number(self.peer),
            self.ratio.map_or_else(String::new, significant),
            self.aim.clone(),
            reached,
        ]
    }
}

/// A number with its unit; times in the unit that suits them.
fn measured(number: f64, unit: &str) -> String {
    if unit != "ns" {
        return format!("{} {unit}", significant(number));
    }
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let fitting = units.into_iter().find(|(scale, _)| number >= *scale);
    let (scale, unit) = fitting.unwrap_or((1.0, "ns"));
    format!("{} {unit}", significant(number / scale))
}

/// Three digits, or all before the point.
pub(super) fn significant(number: f64) -> String {
    match number {
        n if n >= 100.0 || n == 0.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::Results;
    use super::super::rows;
    use super::{Report, measured, significant};

    const MACHINE: &str = r#"{"cpu": "CPU", "cores": 2, "load": "1 1 1", "date": "2026-01-01",
        "commit": "abc", "command": "bench"}"#;

    fn report() -> Report {
        let machine = serde_json::from_str(MACHINE).expect("the fixture is a machine");
        Report { machine, rows: rows::all(&Results::default()) }
    }

    #[test]
    fn the_readme_keeps_what_is_outside_its_marks() {
        let readme = "before\n<!-- results -->\nstale text\n<!-- end of results -->\nafter\n";
        let text = report().within(readme).unwrap_or_default();
        assert!(text.starts_with("before\n<!-- results -->\n`bench`, 2026-01-01"), "{text}");
        assert!(text.ends_with("<!-- end of results -->\nafter\n"), "{text}");
        assert!(!text.contains("stale text"), "{text}");
        assert_eq!(report().within(&text).unwrap_or_default(), text);
    }

    #[test]
    fn a_readme_without_marks_is_refused() {
        assert!(report().within("<!-- results --> and no end").is_err());
    }

    #[test]
    fn benches_that_did_not_run_stand_in_every_form() {
        let report = report();
        let want = "missing: plant/batch/trapkey, plant/batch/by-hand";
        let json = report.json().unwrap_or_default();
        assert!(report.markdown().contains(want));
        assert!(report.to_string().contains(want));
        assert!(
            json.contains("plant/batch/by-hand") && json.contains("\"reached\": null"),
            "{json}"
        );
    }

    #[test]
    fn numbers_have_three_digits() {
        for (number, want) in
            [(0.0, "0"), (0.5, "0.50"), (9.876, "9.88"), (43.21, "43.2"), (68_161.4, "68161")]
        {
            assert_eq!(significant(number), want);
        }
    }

    #[test]
    fn times_have_the_unit_that_suits_them() {
        for (number, want) in
            [(132.4, "132 ns"), (1_500.0, "1.50 µs"), (9_612_345.0, "9.61 ms"), (2e9, "2.00 s")]
        {
            assert_eq!(measured(number, "ns"), want);
        }
        assert_eq!(measured(0.0, "allocations"), "0 allocations");
    }
}
