//! Differences in units of spread: Hedges' g for means.
//!
//! Not in the lists of methods: its scale is neither the measure's nor a ratio. Do not turn it into
//! months of progress (DOMAIN 11.2).

use crate::contrast::{self, pooled};
use crate::distribution::ln_gamma;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::facts::Facts;
use crate::tally::Mean;

/// What a reader needs to judge it.
pub const FACTS: Facts = Facts {
    id: "hedges_g",
    label: "Hedges' g",
    formula: "J d / s, s the pooled standard deviation, J = gamma(k/2) / (sqrt(k/2) gamma((k-1)/2)), k = n1 + n2 - 2",
    source: "Hedges (1981), Journal of Educational Statistics 6, 107-128; interval of Hedges and Olkin (1985), chapter 5",
    when_to_use: "for gaps in means on one scale across measures",
    when_not: "as months of progress, or beside Cohen's h: the two are not on one scale",
};

/// Returns (group − baseline) over the pooled standard deviation, corrected for small groups.
///
/// # Formula
/// g = J d / s with s the pooled standard deviation, J = Γ(k/2) / (√(k/2) Γ((k − 1)/2)) and
/// k = n₁ + n₂ − 2.
///
/// # Units and shapes
/// Standard deviations of pupils.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for fewer than four
/// pupils in all, where J does not exist or is no correction; `no_variation`.
///
/// # Source
/// Hedges (1981), *Journal of Educational Statistics* 6, 107–128.
///
/// # Example: the spread is that of pupils, not of the mean
/// ```
/// use disprop_stats::{Mean, contrast::hedges_g};
/// let (group, rest) = (Mean::of(&[1.0, 2.0, 3.0])?, Mean::of(&[2.0, 3.0, 4.0])?);
/// assert_eq!(format!("{:.4}", hedges_g::value(&group, &rest).unwrap()), "-0.7979");
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn value(group: &Mean, baseline: &Mean) -> Calculated<f64> {
    let difference = contrast::difference(group, baseline)?;
    let freedom = group.n as f64 + baseline.n as f64 - 2.0;
    if freedom < 2.0 {
        return Err(NotCalculable::TooFewForVariance);
    }
    let variance = pooled::variance(group, baseline)?;
    if variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    Ok(correction(freedom) * difference / variance.sqrt())
}

/// Returns the interval of Hedges' g in large samples.
///
/// # Formula
/// g ∓ z √((n₁ + n₂)/(n₁n₂) + g²/(2(n₁ + n₂))).
///
/// # Errors
/// As [`value`].
///
/// # Source
/// Hedges and Olkin (1985), *Statistical Methods for Meta-Analysis*, chapter 5.
///
/// # Example: three against three say little
/// ```
/// use disprop_stats::{Level, Mean, contrast::hedges_g};
/// let (group, rest) = (Mean::of(&[1.0, 2.0, 3.0])?, Mean::of(&[2.0, 3.0, 4.0])?);
/// let ends = hedges_g::interval(&group, &rest, Level::P95).unwrap();
/// assert!(ends.lower < -2.0 && ends.upper > 0.5);
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Mean, baseline: &Mean, level: Level) -> Calculated<Interval> {
    let g = value(group, baseline)?;
    let (n, m) = (group.n as f64, baseline.n as f64);
    let reach = level.z() * (1.0 / n + 1.0 / m + g * g / (2.0 * (n + m))).sqrt();
    Interval::holding(g, g - reach, g + reach)
}

fn correction(freedom: f64) -> f64 {
    let half = 0.5 * freedom;
    if half > 1e6 {
        // The gamma functions' logarithms would cancel; the next term is of order 1 / k².
        return 1.0 - 3.0 / (4.0 * freedom - 1.0);
    }
    (ln_gamma(half) - ln_gamma(half - 0.5) - 0.5 * half.ln()).exp()
}
