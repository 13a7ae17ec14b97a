//! Jeffreys' interval of a rate.

use crate::distribution::gamma_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::{IntervalMethod, events};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "jeffreys",
    label: "Jeffreys",
    formula: "gamma quantiles: G(alpha/2; x + 1/2) / e to G(1 - alpha/2; x + 1/2) / e; 0 for no events",
    source: "Brown, Cai and DasGupta (2003), Statistica Sinica 13, 19-49",
    when_to_use: "where a Bayesian reading is wanted",
    when_not: "where at least the stated coverage must be certain: Garwood",
    function: interval,
};

/// Returns the equal-tailed interval of the posterior under Jeffreys' prior.
///
/// # Formula
/// G(alpha / 2; x + ½) / e to G(1 − alpha / 2; x + ½) / e, with G the gamma quantile; the lower
/// end is 0 for no events.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events.
///
/// # Source
/// Brown, Cai and DasGupta (2003), Statistica Sinica 13, 19-49.
///
/// # Example: seven suspensions of 380 pupils
/// ```
/// use disprop_stats::{Level, Rate, interval::rate_jeffreys};
/// let ends = rate_jeffreys::interval(&Rate::new(7, 380), Level::P95).unwrap();
/// assert_eq!(format!("{:.6} {:.6}", ends.lower, ends.upper), "0.008240 0.036169");
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    let tail = 0.5 * level.alpha();
    let quantile = |p| gamma_quantile(p, x + 0.5).ok_or(NotCalculable::NoConvergence);
    let lower = if x == 0.0 { 0.0 } else { quantile(tail)? };
    Interval::holding(
        x / exposure,
        lower / exposure,
        quantile(1.0 - tail)? / exposure,
    )
}
