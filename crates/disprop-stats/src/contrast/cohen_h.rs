//! Differences of proportions on the arcsine scale: Cohen's h.
//!
//! Not in the lists of methods: its scale is neither the measure's nor a ratio.

use crate::contrast::pair;
use crate::estimate::{Calculated, Interval, Level};
use crate::facts::Facts;
use crate::tally::Proportion;

/// What a reader needs to judge it.
pub const FACTS: Facts = Facts {
    id: "cohen_h",
    label: "Cohen's h",
    formula: "2 asin sqrt(p1) - 2 asin sqrt(p2)",
    source: "Cohen (1988), Statistical Power Analysis, section 6.2",
    when_to_use: "for gaps in percentages on one scale across measures",
    when_not: "for a reader who wants percentage points",
};

/// Returns the difference of both proportions' angles, whose variance does not depend on them.
///
/// # Formula
/// h = 2 asin √p₁ − 2 asin √p₂.
///
/// # Units and shapes
/// Radians, −π to π.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Cohen (1988), *Statistical Power Analysis*, section 6.2.
///
/// # Example: none against all
/// ```
/// use disprop_stats::{Proportion, contrast::cohen_h};
/// let h = cohen_h::value(&Proportion::new(4, 4), &Proportion::new(0, 9));
/// assert_eq!(h, Ok(std::f64::consts::PI));
/// ```
pub fn value(group: &Proportion, baseline: &Proportion) -> Calculated<f64> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    Ok(2.0 * ((a / n).sqrt().asin() - (c / m).sqrt().asin()))
}

/// Returns the interval of Cohen's h in large samples.
///
/// # Formula
/// h ∓ z √(1/n + 1/m), cut at −π and π.
///
/// # Errors
/// As [`value`].
///
/// # Source
/// Cohen (1988), *Statistical Power Analysis*, section 6.2.
///
/// # Example: equal proportions
/// ```
/// use disprop_stats::{Level, Proportion, contrast::cohen_h};
/// let half = Proportion::new(50, 100);
/// assert!(cohen_h::interval(&half, &half, Level::P95).unwrap().contains(0.0));
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    let ((_, n), (_, m)) = pair(group, baseline)?;
    let h = value(group, baseline)?;
    let reach = level.z() * (1.0 / n + 1.0 / m).sqrt();
    let most = std::f64::consts::PI;
    Interval::holding(h, (h - reach).max(-most), (h + reach).min(most))
}
