//! Wald's interval for a difference of proportions, to reproduce what others print.

use crate::contrast::{self, ContrastMethod, Scale, pair};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "wald",
    label: "Wald",
    scale: Scale::Difference,
    formula: "d -/+ z sqrt(p1 q1 / n + p2 q2 / m), cut at -1 and 1",
    source: "Newcombe (1998), Statistics in Medicine 17, 873-890, method 1",
    when_to_use: "only to reproduce figures published with it",
    when_not: "with fewer than hundreds of pupils a side or near 0 % and 100 %: it covers far too little",
    function: interval,
};

/// Returns the textbook interval, which covers too little for small groups and rare outcomes.
///
/// # Formula
/// d ∓ z √(p₁q₁/n + p₂q₂/m), cut at −1 and 1.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `no_variation` where
/// each side has none or all, so that it would have no width.
///
/// # Source
/// Newcombe (1998), Statistics in Medicine 17, 873-890, method 1.
///
/// # Example: none against all is refused
/// ```
/// use disprop_stats::{Level, NotCalculable, Proportion, contrast::wald};
/// let refused = wald::interval(&Proportion::new(0, 5), &Proportion::new(9, 9), Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NoVariation));
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let variance = a / n * ((n - a) / n) / n + c / m * ((m - c) / m) / m;
    if variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let difference = contrast::difference(group, baseline)?;
    let reach = level.z() * variance.sqrt();
    Interval::holding(
        difference,
        (difference - reach).max(-1.0),
        (difference + reach).min(1.0),
    )
}
