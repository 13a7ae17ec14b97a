//! Wilson's score interval of a proportion.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::IntervalMethod;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "wilson",
    label: "Wilson score",
    formula: "(2 n p + z^2 -/+ z sqrt(z^2 + 4 n p q)) / (2 (n + z^2))",
    source: "Wilson (1927), JASA 22, 209-212; Newcombe (1998), Statistics in Medicine 17, 857-872, method 3",
    when_to_use: "by default, at every size, none and all included",
    when_not: "where at least the stated coverage must be certain: Clopper-Pearson",
    function: interval,
};

/// Returns Wilson's score interval: all proportions a score test would not reject.
///
/// Good at every size and at 0 % and 100 %; the default, and the one that public health and
/// education statistics in England use.
///
/// # Formula
/// (2 n p + z² ∓ z √(z² + 4 n p q)) / (2 (n + z²)), with p = events / trials and q = 1 − p.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Wilson (1927); Newcombe (1998), *Statistics in Medicine* 17, 857–872, method 3.
///
/// # Example: nobody out of one still leaves most values possible
/// ```
/// use disprop_stats::{Level, Proportion, interval};
/// let ends = interval::wilson::interval(&Proportion::new(0, 1), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.4}", ends.lower, ends.upper), "0 0.7935");
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    let z = level.z();
    let p = x / n;
    let reach = x + 0.5 * z * z + z * (x * ((n - x) / n) + 0.25 * z * z).sqrt();
    // The product of both ends is x p / (n + z²): no difference of nearly equal numbers.
    Interval::holding(p, x * p / reach, (reach / (n + z * z)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcombes_first_example() {
        // 81 of 263, printed as 0.2553 to 0.3662.
        let ends = interval(&Proportion::new(81, 263), Level::P95).unwrap();
        assert!((ends.lower - 0.2553).abs() < 5e-5 && (ends.upper - 0.3662).abs() < 5e-5);
    }

    #[test]
    fn none_and_all_touch_the_edge_exactly() {
        assert_eq!(
            interval(&Proportion::new(0, 7), Level::P95).unwrap().lower,
            0.0
        );
        assert_eq!(
            interval(&Proportion::new(7, 7), Level::P95).unwrap().upper,
            1.0
        );
    }
}
