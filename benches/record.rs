//! Results that criterion cannot take, stored beside its own and in their form.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a result that cannot be stored must stop the bench; counts fit in 52 bits"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

/// What the command line of a bench asks for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    measurement: Duration,
}

impl Options {
    /// Reads criterion's own options; absent if a filter leaves the bench `name` out.
    pub fn of_bench(name: &str) -> Option<Self> {
        let mut options = Self { measurement: Duration::from_secs(10) };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--measurement-time" => {
                    let seconds = arguments.next().and_then(|text| text.parse().ok());
                    options.measurement = Duration::from_secs_f64(seconds.expect("seconds"));
                }
                "--warm-up-time" | "--sample-size" => drop(arguments.next()),
                flag if flag.starts_with("--") => {}
                filter if !filter.starts_with(name) => return None,
                _ => {}
            }
        }
        Some(options)
    }

    /// How many rounds of this length fit into the time, but at least five.
    pub fn rounds(self, round: Duration) -> u32 {
        let rounds = self.measurement.as_millis() / round.as_millis().max(1);
        u32::try_from(rounds).unwrap_or(u32::MAX).max(5)
    }
}

/// Stores the median of a bench's rounds, in nanoseconds, and prints it with the extremes.
pub fn store(group: &str, name: &str, mut rounds: Vec<f64>) {
    rounds.sort_by(f64::total_cmp);
    let (least, most) = (rounds[0], rounds[rounds.len() - 1]);
    let median = rounds[rounds.len() / 2];
    println!("{group}/{name}: [{least:.1} {median:.1} {most:.1}] ns, {} rounds", rounds.len());
    write(group, name, median);
}

/// Stores a number that is no time.
pub fn store_count(group: &str, name: &str, count: f64) {
    println!("{group}/{name}: {count}");
    write(group, name, count);
}

fn write(group: &str, name: &str, median: f64) {
    let directory = criterion_dir().join(group.replace('/', "_")).join(name).join("new");
    fs::create_dir_all(&directory).expect("a directory for results");
    let full = format!("{group}/{name}");
    let benchmark = json!({ "full_id": full, "group_id": group, "function_id": name,
        "value_str": null, "throughput": null });
    let estimates = json!({ "median": { "point_estimate": median } });
    for (file, content) in [("benchmark.json", benchmark), ("estimates.json", estimates)] {
        fs::write(directory.join(file), content.to_string()).expect("a file of results");
    }
}

/// Where criterion stores its results.
fn criterion_dir() -> PathBuf {
    if let Some(home) = std::env::var_os("CRITERION_HOME") {
        return home.into();
    }
    // A bench runs from `target/release/deps`.
    let program = std::env::current_exe().expect("a path");
    program.ancestors().nth(3).expect("a target directory").join("criterion")
}

/// Counts of times by nanoseconds up to 65 µs; what is longer counts as that.
#[derive(Clone, Debug)]
pub struct Histogram(Vec<u64>);

impl Histogram {
    const BUCKETS: usize = 1 << 16;

    /// Without any times.
    pub fn new() -> Self {
        Self(vec![0; Self::BUCKETS])
    }

    /// Counts one time.
    pub fn add(&mut self, time: Duration) {
        let bucket = usize::try_from(time.as_nanos()).unwrap_or(usize::MAX);
        self.0[bucket.min(Self::BUCKETS - 1)] += 1;
    }

    /// Adds all times of another.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, count)| *own += count);
    }

    /// The least time, in nanoseconds, that this share of all times does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let total: u64 = self.0.iter().sum();
        let mut seen = 0;
        for (nanoseconds, count) in self.0.iter().enumerate() {
            seen += count;
            if seen as f64 >= share * total as f64 {
                return nanoseconds as f64;
            }
        }
        Self::BUCKETS as f64
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}
