//! Miettinen-Nurminen's score interval for a difference of proportions.

use crate::contrast::{self, ContrastMethod, Scale, pair, score};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "miettinen_nurminen",
    label: "Miettinen-Nurminen score",
    scale: Scale::Difference,
    formula: "(d - delta)^2 <= z^2 V(delta) N/(N-1), V with both proportions at their likeliest under delta",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226; V by their eqs. 27 and 28",
    when_to_use: "where interval and test must agree, and in trials guidance that names it",
    when_not: "where a closed form is wanted: Newcombe differs little",
    function: interval,
};

/// Returns all differences that the score test with N / (N − 1) would not reject.
///
/// # Formula
/// The δ with (d − δ)² ≤ z² V(δ) N / (N − 1), V(δ) = p₁q₁/n + p₂q₂/m at the likeliest p₁ = p₂ + δ,
/// N = n + m. Solved to machine precision; an end the test never rejects is −1 or 1.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226.
///
/// # Example: nobody out of one on both sides
/// ```
/// use disprop_stats::{Level, Proportion, contrast::miettinen_nurminen};
/// let none = Proportion::new(0, 1);
/// let ends = miettinen_nurminen::interval(&none, &none, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "-0.8848 0.8848");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    scored(group, baseline, level, true)
}

/// Returns the score interval, with N / (N − 1) in the variance where `corrected`.
pub(crate) fn scored(
    group: &Proportion,
    baseline: &Proportion,
    level: Level,
    corrected: bool,
) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    let factor = if corrected {
        (n + m) / (n + m - 1.0)
    } else {
        1.0
    };
    let statistic = |delta: f64| {
        let r = score::restricted_difference(a, n, c, m, delta);
        let variance = (r.p1 * r.q1 / n + r.p2 * r.q2 / m) * factor;
        (difference - delta).abs() / variance.sqrt()
    };
    let lower = score::end(statistic, level.z(), difference, -1.0)?;
    let upper = score::end(statistic, level.z(), difference, 1.0)?;
    Interval::holding(difference, lower, upper)
}
