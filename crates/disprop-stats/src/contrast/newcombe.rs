//! Newcombe's hybrid score interval for a difference of proportions.

use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::wilson;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "newcombe",
    label: "Newcombe hybrid score",
    scale: Scale::Difference,
    formula: "d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2), l and u Wilson's ends",
    source: "Newcombe (1998), Statistics in Medicine 17, 873-890, method 10",
    when_to_use: "by default, at every size, none and all included",
    when_not: "beside a score test whose verdict must agree: Miettinen-Nurminen",
    function: interval,
};

/// Returns Newcombe's interval for group − baseline, built from both Wilson intervals.
///
/// The default for proportions: a closed form, never outside −1 to 1, and fair for a handful of
/// pupils against a million.
///
/// # Formula
/// d − √((p₁ − l₁)² + (u₂ − p₂)²) to d + √((u₁ − p₁)² + (p₂ − l₂)²), with l and u the ends of
/// each Wilson interval.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Newcombe (1998), *Statistics in Medicine* 17, 873–890, method 10.
///
/// # Example: the paper's first table, 56 of 70 against 48 of 80
/// ```
/// use disprop_stats::{Level, Proportion, contrast::newcombe};
/// let (group, rest) = (Proportion::new(56, 70), Proportion::new(48, 80));
/// let ends = newcombe::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "0.0524 0.3339");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    mover::difference(
        contrast::difference(group, baseline)?,
        group,
        baseline,
        |tally| Side::of(tally, wilson::interval(tally, level)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_against_nobody_is_uncertain_both_ways() {
        let none = Proportion::new(0, 10);
        let ends = interval(&none, &none, Level::P95).unwrap();
        assert_eq!(ends.lower, -ends.upper);
        assert!((ends.upper - 0.2775).abs() < 5e-5);
    }
}
