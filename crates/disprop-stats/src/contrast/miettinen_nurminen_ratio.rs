//! Miettinen and Nurminen's score interval for a ratio of proportions.

use crate::contrast::{ContrastMethod, Scale, koopman};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "miettinen_nurminen_ratio",
    label: "Miettinen-Nurminen score ratio",
    scale: Scale::Ratio,
    formula: "(p1 - phi p2)^2 <= z^2 V(phi) N/(N-1), V with both proportions at their likeliest under phi",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226",
    when_to_use: "as Koopman, where few pupils in all make N / (N - 1) matter",
    when_not: "where a closed form is wanted: the ratio from Wilson limits differs little",
    function: interval,
};

/// Returns all ratios that the score test with N / (N − 1) would not reject.
///
/// # Formula
/// The φ with (p̂₁ − φp̂₂)² ≤ z² V(φ) N / (N − 1), V(φ) = p₁q₁/n + φ²p₂q₂/m at the likeliest p₁ =
/// φp₂. Solved to machine precision; the lower end is 0 for no events in the group.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there, where the interval has no upper end.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226.
///
/// # Example: everybody on both sides
/// ```
/// use disprop_stats::{Level, Proportion, contrast::miettinen_nurminen_ratio};
/// let (group, rest) = (Proportion::new(10, 10), Proportion::new(20, 20));
/// let ends = miettinen_nurminen_ratio::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "0.7156 1.1987");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    koopman::scored(group, baseline, level, true)
}
