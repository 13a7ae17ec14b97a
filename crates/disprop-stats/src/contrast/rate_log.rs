//! The log interval for a ratio of rates.

use crate::contrast::conditional_exact::pair;
use crate::contrast::quasi_poisson;
use crate::contrast::{ContrastMethod, Scale};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "log",
    label: "log ratio of rates",
    scale: Scale::Ratio,
    formula: "r exp(-/+ z sqrt(1/a + 1/c))",
    source: "Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14",
    when_to_use: "with more than about ten events a side; what most tools print",
    when_not: "with fewer, or none: the exact interval",
    function: interval,
};

/// Returns the log-normal interval of group ÷ baseline.
///
/// # Formula
/// r exp(∓ z √(1/a + 1/c)) for a events in the group and c in the baseline.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `zero_group` and `zero_baseline` for no events.
///
/// # Source
/// Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14.
///
/// # Example: sixty events against thirty
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_log};
/// let ends = rate_log::interval(&Rate::new(60, 1_000), &Rate::new(30, 1_000),
/// Level::P95).unwrap();
/// assert_eq!(format!("{:.3} {:.3}", ends.lower, ends.upper), "1.290 3.100");
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    quasi_poisson::ratio_interval(group, baseline, 1.0, level)
}
