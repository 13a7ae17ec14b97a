//! Byar's approximation to the exact interval of a rate.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::{IntervalMethod, events};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "byar",
    label: "Byar",
    formula: "x (1 - 1/(9x) - z/(3 sqrt(x)))^3 / e to (x+1) (1 - 1/(9(x+1)) + z/(3 sqrt(x+1)))^3 / e",
    source: "Breslow and Day (1987), Statistical Methods in Cancer Research II, eq. 2.13",
    when_to_use: "by default for published events over headcount, without a step between few and many",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Returns Byar's interval, a close approximation to the exact Poisson one.
///
/// Takes events as independent. Repeat suspensions of one pupil are not, and the interval is then
/// too narrow; tally pupils' rows as a `Mean` where there are any.
///
/// # Formula
/// With x events over an exposure e: x (1 − 1/(9x) − z/(3√x))³ / e and
/// (x+1) (1 − 1/(9(x+1)) + z/(3√(x+1)))³ / e. A negative lower end, as for one event at a level of
/// 0.998, is zero.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events.
///
/// # Source
/// Breslow and Day (1987), *Statistical Methods in Cancer Research* II, eq. 2.13.
///
/// # Example: no events have an upper end
/// ```
/// use disprop_stats::{Level, Rate, interval};
/// let ends = interval::byar::interval(&Rate::new(0, 100), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.4}", ends.lower, ends.upper), "0 0.0367");
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    let end = |count: f64, z: f64| {
        let root = 1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt());
        count * root * root * root
    };
    let lower = if x == 0.0 {
        0.0
    } else {
        end(x, -level.z()).max(0.0)
    };
    Interval::holding(
        x / exposure,
        lower / exposure,
        end(x + 1.0, level.z()) / exposure,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_has_no_negative_end() {
        let level = Level::new(0.998).unwrap();
        assert_eq!(interval(&Rate::new(1, 10), level).unwrap().lower, 0.0);
    }
}
