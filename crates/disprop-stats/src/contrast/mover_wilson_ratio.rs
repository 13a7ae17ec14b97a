//! Ratios of proportions from the Wilson interval of each.

use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side, pair};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::wilson;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mover_wilson_ratio",
    label: "ratio from Wilson limits (MOVER)",
    scale: Scale::Ratio,
    formula: "Fieller's form with each proportion's distance to its own Wilson end",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9",
    when_to_use: "by default: a closed form, none in the group included, and in step with Newcombe's difference, so that ratio and difference never disagree on whether there is a gap",
    when_not: "beside a score test whose verdict must agree: Koopman",
    function: interval,
};

/// Returns the interval for group ÷ baseline built from both Wilson intervals.
///
/// The default for a ratio of proportions. It holds 1 exactly where [Newcombe's interval] of the
/// difference holds 0, since both ask whether (p₁ − φp₂)² exceeds the squared distances to the
/// Wilson ends, here at φ = 1.
///
/// [Newcombe's interval]: crate::contrast::newcombe::interval
///
/// # Formula
/// With a = l₁(2p₁ − l₁), b = u₂(2p₂ − u₂) the lower end is (p₁p₂ − √((p₁p₂)² − a b)) / b, and
/// with a = u₁(2p₁ − u₁), b = l₂(2p₂ − l₂) the upper one (p₁p₂ + √((p₁p₂)² − a b)) / b.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9.
///
/// # Example: nobody in the group
/// ```
/// use disprop_stats::{Level, Proportion, contrast::mover_wilson_ratio};
/// let (none, rest) = (Proportion::new(0, 10), Proportion::new(30, 90));
/// let ends = mover_wilson_ratio::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    mover::ratio(ratio, group, baseline, |tally| {
        Side::of(tally, wilson::interval(tally, level))
    })
}
