//! Cornfield’s score interval for an odds ratio.

use crate::contrast::{ContrastMethod, Scale, score_odds};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "cornfield",
    label: "Cornfield score odds ratio",
    scale: Scale::OddsRatio,
    formula: "(a - n p1)^2 (1/(n p1 q1) + 1/(m p2 q2)) <= z^2, p1 and p2 at their likeliest under psi",
    source: "Cornfield (1956), Proc. Third Berkeley Symposium 4, 135-148; without continuity correction",
    when_to_use: "as the score odds ratio, to agree with Pearson's chi-square test",
    when_not: "with few pupils in all, where N / (N - 1) matters",
    function: interval,
};

/// Returns all odds ratios that the score test would not reject.
///
/// # Formula
/// The ψ with (a − n p₁)² (1/(n p₁q₁) + 1/(m p₂q₂)) ≤ z², at the likeliest p₁ and p₂ with odds
/// ratio ψ. Solved to machine precision; the lower end is 0 where the odds ratio is.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there and `no_complement` where everybody in the group has the outcome, so that the
/// interval has no upper end.
///
/// # Source
/// Cornfield (1956), Proc. Third Berkeley Symposium 4, 135-148; without continuity correction.
///
/// # Example: nobody in the group
/// ```
/// use disprop_stats::{Level, Proportion, contrast::cornfield};
/// let (none, rest) = (Proportion::new(0, 10), Proportion::new(30, 90));
/// let ends = cornfield::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    score_odds::scored(group, baseline, level, false)
}
