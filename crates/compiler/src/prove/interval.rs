//! Ranges of numbers.

/// The numbers from `min` to `max`; none if `min` is larger, where no evaluation gets to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    min: i64,
    max: i64,
}

impl Interval {
    pub(super) const ALL: Self = Self::new(i64::MIN, i64::MAX);

    pub(super) const fn new(min: i64, max: i64) -> Self {
        Self { min, max }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::new(self.min.max(other.min), self.max.min(other.max))
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            (false, false) => Self::new(self.min.min(other.min), self.max.max(other.max)),
        }
    }

    fn is_empty(self) -> bool {
        self.min > self.max
    }

    /// All that is less than some number of these.
    pub(super) fn below(self) -> Self {
        Self::new(i64::MIN, self.max.saturating_sub(1))
    }

    /// All that is at most some number of these.
    pub(super) fn up_to(self) -> Self {
        Self::new(i64::MIN, self.max)
    }

    /// All that is more than some number of these.
    pub(super) fn above(self) -> Self {
        Self::new(self.min.saturating_add(1), i64::MAX)
    }

    /// All that is at least some number of these.
    pub(super) fn from(self) -> Self {
        Self::new(self.min, i64::MAX)
    }

    /// All quotients by a positive number, truncated toward zero.
    pub(super) fn divided(self, by: i64) -> Self {
        let quotient = |value: i64| value.checked_div(by).unwrap_or(value);
        Self::new(quotient(self.min), quotient(self.max))
    }

    /// All sums that are 64-bit numbers, and whether all sums are.
    pub(super) fn sum(self, other: Self) -> (Self, bool) {
        self.of_ends(other, |x, y| x + y)
    }

    /// All differences that are 64-bit numbers, and whether all differences are.
    pub(super) fn difference(self, other: Self) -> (Self, bool) {
        self.of_ends(other, |x, y| x - y)
    }

    /// All products that are 64-bit numbers, and whether all products are.
    pub(super) fn product(self, other: Self) -> (Self, bool) {
        self.of_ends(other, |x, y| x * y)
    }

    /// An operation that is monotone in each operand has its extremes at their ends.
    fn of_ends(self, other: Self, op: impl Fn(i128, i128) -> i128) -> (Self, bool) {
        if self.is_empty() || other.is_empty() {
            return (Self::new(1, 0), true);
        }
        let ends = [self.min, self.max].map(i128::from);
        let others = [other.min, other.max].map(i128::from);
        let results = ends.iter().flat_map(|x| others.map(|y| op(*x, y)));
        let (min, max) = results
            .fold((i128::MAX, i128::MIN), |(min, max), result| (min.min(result), max.max(result)));
        let clamped = Self::new(clamp(min), clamp(max));
        let is_exact = i128::from(clamped.min) == min && i128::from(clamped.max) == max;
        (clamped, is_exact)
    }
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::Interval;

    const EDGES: [i64; 9] = [i64::MIN, i64::MIN + 1, -3, -1, 0, 1, 2, i64::MAX - 1, i64::MAX];

    fn intervals() -> impl Iterator<Item = Interval> {
        let pairs = EDGES.iter().flat_map(|min| EDGES.map(|max| Interval::new(*min, max)));
        pairs.filter(|interval| !interval.is_empty())
    }

    fn has(interval: Interval, value: i64) -> bool {
        (interval.min..=interval.max).contains(&value)
    }

    #[track_caller]
    fn check(
        of: impl Fn(Interval, Interval) -> (Interval, bool),
        op: impl Fn(i64, i64) -> Option<i64>,
    ) {
        for (a, b) in intervals().flat_map(|a| intervals().map(move |b| (a, b))) {
            let (result, is_exact) = of(a, b);
            let mut overflows = false;
            for (x, y) in EDGES.iter().flat_map(|x| EDGES.map(|y| (*x, y))) {
                if has(a, x) && has(b, y) {
                    match op(x, y) {
                        Some(value) => assert!(has(result, value), "{a:?} {b:?} {x} {y}"),
                        None => overflows = true,
                    }
                }
            }
            assert_eq!(is_exact, !overflows, "{a:?} {b:?}");
        }
    }

    #[test]
    fn arithmetic_is_exact_where_no_pair_overflows() {
        check(Interval::sum, i64::checked_add);
        check(Interval::difference, i64::checked_sub);
        check(Interval::product, i64::checked_mul);
    }

    #[test]
    fn quotients_stay_inside() {
        for interval in intervals() {
            for value in EDGES.into_iter().filter(|value| has(interval, *value)) {
                assert!(has(interval.divided(2), value / 2), "{interval:?} {value}");
            }
        }
    }
}
