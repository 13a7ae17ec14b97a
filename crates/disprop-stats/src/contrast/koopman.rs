//! Koopman's score interval for a ratio of proportions.

use crate::contrast::{self, ContrastMethod, Scale, pair, score};
use crate::distribution::normal_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "koopman",
    label: "Koopman score",
    scale: Scale::Ratio,
    formula: "(p1 - phi p2)^2 <= z^2 V(phi), V with both proportions at their likeliest under phi",
    source: "Koopman (1984), Biometrics 40, 513-517; V by Gart and Nam (1988), Biometrics 44, 323-338, eq. 3.3",
    when_to_use: "where interval and Pearson's chi-square test must agree; none in the group included",
    when_not: "where a closed form is wanted: the ratio from Wilson limits differs little",
    function: interval,
};

/// Returns all ratios that the score test would not reject.
///
/// # Formula
/// The φ with (p̂₁ − φp̂₂)² ≤ z² V(φ), V(φ) = p₁q₁/n + φ²p₂q₂/m at the likeliest p₁ = φp₂. Solved
/// to machine precision; the lower end is 0 for no events in the group.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there, where the interval has no upper end ([`lower_bound`] still exists).
///
/// # Source
/// Koopman (1984), Biometrics 40, 513-517; restricted proportions by Gart and Nam (1988), Biometrics
/// 44, 323-338, eq. 3.3.
///
/// # Example: all of five against 504 of 583, where some tools return the estimate as an end
/// ```
/// use disprop_stats::{Level, Proportion, contrast::koopman};
/// let (group, rest) = (Proportion::new(504, 583), Proportion::new(5, 5));
/// let ends = koopman::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.3}", ends.lower), "0.834");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    scored(group, baseline, level, false)
}

/// Returns the value that group ÷ baseline exceeds with this confidence, which exists without any
/// event in the baseline too.
///
/// # Formula
/// The lower end with z the one-sided quantile.
///
/// # Errors
/// As [`interval`], but for `zero_baseline`; `zero_group` for no events in the group, `unbounded`
/// for a level of ½ or less.
///
/// # Source
/// Koopman (1984), *Biometrics* 40, 513–517.
///
/// # Example: six of 44 against none of 900
/// ```
/// use disprop_stats::{Level, Proportion, contrast::koopman};
/// let (group, rest) = (Proportion::new(6, 44), Proportion::new(0, 900));
/// assert!(koopman::lower_bound(&group, &rest, Level::P95).unwrap() > 30.0);
/// ```
pub fn lower_bound(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<f64> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    if a == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    let z = normal_quantile(level.value())
        .filter(|z| *z > 0.0)
        .ok_or(NotCalculable::Unbounded)?;
    let start = (a / n) / (c.max(0.5) / m);
    score::ratio_end(|phi| statistic((a, n), (c, m), phi, 1.0), z, start, 0.25)
}

/// Returns the score interval, with N / (N − 1) in the variance where `corrected`.
pub(crate) fn scored(
    group: &Proportion,
    baseline: &Proportion,
    level: Level,
    corrected: bool,
) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    let factor = if corrected {
        (n + m) / (n + m - 1.0)
    } else {
        1.0
    };
    let at = |phi: f64| {
        if phi == ratio {
            0.0
        } else {
            statistic((a, n), (c, m), phi, factor)
        }
    };
    let lower = if a == 0.0 {
        0.0
    } else {
        score::ratio_end(at, level.z(), ratio, 0.25)?
    };
    // Without an event in the group the search starts from a hundredth of one.
    let start = if a == 0.0 { 0.01 / n } else { ratio };
    Interval::holding(ratio, lower, score::ratio_end(at, level.z(), start, 4.0)?)
}

fn statistic((a, n): (f64, f64), (c, m): (f64, f64), phi: f64, factor: f64) -> f64 {
    let r = score::restricted_ratio(a, n, c, m, phi);
    let variance = (r.p1 * r.q1 / n + phi * phi * r.p2 * r.q2 / m) * factor;
    (a / n - phi * (c / m)).abs() / variance.sqrt()
}
