//! Jeffreys' interval of a proportion.

use crate::distribution::beta_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::IntervalMethod;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "jeffreys",
    label: "Jeffreys",
    formula: "beta quantiles: B(alpha/2; x + 1/2, n - x + 1/2) to B(1 - alpha/2; x + 1/2, n - x + 1/2); 0 for none, 1 for all",
    source: "Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133",
    when_to_use: "for rare outcomes, and where a Bayesian reading is wanted",
    when_not: "where at least the stated coverage must be certain: Clopper-Pearson",
    function: interval,
};

/// Returns the equal-tailed interval of the posterior under Jeffreys' prior, beta(½, ½).
///
/// # Formula
/// B(alpha / 2; x + ½, n − x + ½) to B(1 − alpha / 2; x + ½, n − x + ½), with B the beta quantile.
/// The lower end is 0 for none and the upper 1 for all.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133.
///
/// # Example: all of five
/// ```
/// use disprop_stats::{Level, Proportion, interval::jeffreys};
/// let ends = jeffreys::interval(&Proportion::new(5, 5), Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {}", ends.lower, ends.upper), "0.6206 1");
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    let tail = 0.5 * level.alpha();
    let quantile = |p| beta_quantile(p, x + 0.5, n - x + 0.5).ok_or(NotCalculable::NoConvergence);
    let lower = if x == 0.0 { 0.0 } else { quantile(tail)? };
    let upper = if x == n { 1.0 } else { quantile(1.0 - tail)? };
    Interval::holding(x / n, lower, upper)
}
