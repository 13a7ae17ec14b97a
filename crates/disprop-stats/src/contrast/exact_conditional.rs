//! The exact interval for an odds ratio, given all margins.

use crate::contrast::hypergeometric::Hypergeometric;
use crate::contrast::{self, ContrastMethod, Scale, pair, score};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "exact_conditional",
    label: "exact conditional odds ratio",
    scale: Scale::OddsRatio,
    formula: "ends where the tail beyond and including the table, given all margins, has chance alpha/2",
    source: "Fisher (1935), Journal of the Royal Statistical Society 98, 39-54; Cornfield (1956)",
    when_to_use: "where at least the stated coverage must be certain",
    when_not: "for many comparisons of small groups: it is wider than need be; mid-p is closer",
    function: interval,
};

/// Returns the interval of the odds ratio from Fisher's noncentral hypergeometric distribution.
///
/// It belongs to the conditional estimate, which differs a little from the sample odds ratio of
/// [`odds_ratio`](crate::contrast::odds_ratio) that it is printed beside.
///
/// # Formula
/// Ends where the tail beyond and including the table, given all margins, has chance alpha / 2;
/// the lower end is 0 where the odds ratio is.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there and `no_complement` where everybody in the group has the outcome, so that the
/// interval has no upper end.
///
/// # Source
/// Fisher (1935), Journal of the Royal Statistical Society 98, 39-54; Cornfield (1956).
///
/// # Example: 3 of 4 against 1 of 4
/// ```
/// use disprop_stats::{Level, Proportion, contrast::exact_conditional};
/// let (group, rest) = (Proportion::new(3, 4), Proportion::new(1, 4));
/// assert!(exact_conditional::interval(&group, &rest, Level::P95).unwrap().contains(9.0));
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    conditional(group, baseline, level, 1.0)
}

/// Returns the conditional interval that counts `own` of the observed table's chance in each tail.
pub(crate) fn conditional(
    group: &Proportion,
    baseline: &Proportion,
    level: Level,
    own: f64,
) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let odds = contrast::odds_ratio(group, baseline)?;
    let table = Hypergeometric::new((a, n), (c, m))?;
    // Grows from 0 at the estimate's side to 1 beyond the end, as a score statistic does.
    let left_out = |tail: f64| 1.0 - tail;
    let critical = left_out(0.5 * level.alpha());
    let below = |psi: f64| {
        let tails = table.tails(psi);
        left_out(tails.more + own * tails.same)
    };
    let above = |psi: f64| {
        let tails = table.tails(psi);
        left_out(tails.fewer + own * tails.same)
    };
    let start = (a + 0.5) / (n - a + 0.5) * ((m - c + 0.5) / (c + 0.5));
    let lower = if odds == 0.0 {
        0.0
    } else {
        score::ratio_end(below, critical, start, 0.25)?
    };
    Interval::holding(odds, lower, score::ratio_end(above, critical, start, 4.0)?)
}
