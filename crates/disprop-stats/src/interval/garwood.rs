//! Garwood's exact interval of a rate.

use crate::distribution::gamma_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::{IntervalMethod, events};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "garwood",
    label: "exact Poisson (Garwood)",
    formula: "gamma quantiles: G(alpha/2; x) / e to G(1 - alpha/2; x + 1) / e",
    source: "Garwood (1936), Biometrika 28, 437-442",
    when_to_use: "where at least the stated coverage must be certain",
    when_not: "for many comparisons of small groups: it is wider than need be; mid-p is closer",
    function: interval,
};

/// Returns Garwood's interval: both tails of the Poisson distribution hold at most alpha / 2.
///
/// # Formula
/// G(alpha / 2; x) / e to G(1 − alpha / 2; x + 1) / e, with G(p; a) the gamma quantile of shape a
/// and x events over an exposure e; the lower end is 0 for no events.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events.
///
/// # Source
/// Garwood (1936), *Biometrika* 28, 437–442.
///
/// # Example: no events, where the upper end is −ln 0.025 over the exposure
/// ```
/// use disprop_stats::{Level, Rate, interval};
/// let ends = interval::garwood::interval(&Rate::new(0, 100), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.6}", ends.lower, ends.upper), "0 0.036889");
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    let tail = 0.5 * level.alpha();
    let quantile = |p, shape| gamma_quantile(p, shape).ok_or(NotCalculable::NoConvergence);
    let lower = if x == 0.0 { 0.0 } else { quantile(tail, x)? };
    Interval::holding(
        x / exposure,
        lower / exposure,
        quantile(1.0 - tail, x + 1.0)? / exposure,
    )
}
