//! The mid-p interval for an odds ratio, given all margins.

use crate::contrast::{ContrastMethod, Scale, exact_conditional};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mid_p_odds",
    label: "mid-p odds ratio",
    scale: Scale::OddsRatio,
    formula: "ends where the tail beyond the table plus half of the table itself, given all margins, has chance alpha/2",
    source: "Lancaster (1961), JASA 56, 223-234; Vollset, Hirji and Elashoff (1991), JASA 86, 404-409",
    when_to_use: "where an exact method is wanted without the width of the exact interval",
    when_not: "where at least the stated coverage must be certain: it holds on average only",
    function: interval,
};

/// Returns the interval of the odds ratio from Fisher's noncentral hypergeometric distribution.
///
/// It belongs to the conditional estimate, which differs a little from the sample odds ratio of
/// [`odds_ratio`](crate::contrast::odds_ratio) that it is printed beside.
///
/// # Formula
/// Ends where the tail beyond the table plus half of the table itself, given all margins, has
/// chance alpha / 2; the lower end is 0 where the odds ratio is.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there and `no_complement` where everybody in the group has the outcome, so that the
/// interval has no upper end.
///
/// # Source
/// Lancaster (1961), JASA 56, 223-234; Vollset, Hirji and Elashoff (1991), JASA 86, 404-409.
///
/// # Example: 3 of 4 against 1 of 4
/// ```
/// use disprop_stats::{Level, Proportion, contrast::mid_p_odds};
/// let (group, rest) = (Proportion::new(3, 4), Proportion::new(1, 4));
/// assert!(mid_p_odds::interval(&group, &rest, Level::P95).unwrap().contains(9.0));
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    exact_conditional::conditional(group, baseline, level, 0.5)
}
