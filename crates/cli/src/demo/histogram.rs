//! Latencies in buckets that grow with what they hold: quantiles of any number in fixed space.

use std::time::Duration;

/// Buckets per power of two: a quantile is at most 1/64 too large.
const STEPS: u64 = 64;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Latencies counted in nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Nothing counted yet.
    pub(super) fn new() -> Self {
        Self { counts: Vec::new(), total: 0, max: 0 }
    }

    /// Counts one latency.
    pub(super) fn count(&mut self, latency: Duration) {
        let value = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        let bucket = bucket(value);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket.saturating_add(1), 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// Adds what `other` has counted.
    pub(super) fn add(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many latencies were counted.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The longest latency in nanoseconds.
    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// The latency in nanoseconds that so many of a thousand do not exceed.
    pub(super) fn quantile(&self, per_mille: u64) -> u64 {
        let rank = self.total.saturating_mul(per_mille).div_ceil(1000);
        let mut seen = 0;
        for (value, count) in (0..).map(upper).zip(&self.counts) {
            seen += count;
            if seen >= rank {
                return value.min(self.max);
            }
        }
        self.max
    }
}

/// The bucket of a value: exact below [`STEPS`], then so many per power of two.
fn bucket(value: u64) -> usize {
    let exponent = value.checked_ilog2().unwrap_or(0).saturating_sub(STEP_BITS);
    let bucket = u64::from(exponent) * STEPS + (value >> exponent);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The largest value in a bucket.
fn upper(bucket: u64) -> u64 {
    let exponent = (bucket / STEPS).saturating_sub(1);
    let step = bucket - exponent * STEPS;
    ((step + 1) << exponent) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_the_bucket_that_ends_at_or_above_it() {
        for value in (0..20_000).chain([1 << 20, (1 << 33) + 12_345]) {
            let bucket = u64::try_from(bucket(value)).unwrap();
            assert!(upper(bucket) >= value, "{value}");
            assert!(bucket == 0 || upper(bucket - 1) < value, "{value}");
            assert!(upper(bucket) - value <= value / STEPS, "{value}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_counted() {
        let (mut low, mut high) = (Histogram::new(), Histogram::new());
        for nanos in 1..=500 {
            low.count(Duration::from_nanos(nanos));
            high.count(Duration::from_nanos(nanos + 500));
        }
        low.add(&high);
        assert_eq!((low.total(), low.max()), (1000, 1000));
        for (per_mille, want) in [(500, 500), (990, 990), (999, 999), (1000, 1000)] {
            let found = low.quantile(per_mille);
            assert!((want..=want + want / STEPS + 1).contains(&found), "{per_mille}: {found}");
        }
        assert_eq!(Histogram::new().quantile(500), 0);
    }
}
