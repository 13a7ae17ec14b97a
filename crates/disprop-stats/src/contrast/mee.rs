//! Mee's score interval for a difference of proportions.

use crate::contrast::{ContrastMethod, Scale, miettinen_nurminen};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mee",
    label: "Mee score",
    scale: Scale::Difference,
    formula: "(d - delta)^2 <= z^2 V(delta), V with both proportions at their likeliest under delta",
    source: "Mee (1984), Biometrics 40, 1175-1176",
    when_to_use: "as Miettinen-Nurminen, to agree with Pearson's chi-square test",
    when_not: "with few pupils in all, where N / (N - 1) matters",
    function: interval,
};

/// Returns all differences that the score test would not reject.
///
/// # Formula
/// The δ with (d − δ)² ≤ z² V(δ), V(δ) = p₁q₁/n + p₂q₂/m at the likeliest p₁ = p₂ + δ, N = n + m.
/// Solved to machine precision; an end the test never rejects is −1 or 1.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Mee (1984), Biometrics 40, 1175-1176.
///
/// # Example: nobody out of one on both sides
/// ```
/// use disprop_stats::{Level, Proportion, contrast::mee};
/// let none = Proportion::new(0, 1);
/// let ends = mee::interval(&none, &none, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "-0.7935 0.7935");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    miettinen_nurminen::scored(group, baseline, level, false)
}
