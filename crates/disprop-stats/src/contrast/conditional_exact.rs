//! The exact interval for a ratio of rates, given all events.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::distribution::beta_odds_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::events;
use crate::tally::{Proportion, Rate};

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "conditional_exact",
    label: "exact, given all events",
    scale: Scale::Ratio,
    formula: "(f/e) times the odds of Clopper-Pearson's ends for a of a + c",
    source: "Przyborowski and Wilenski (1940), Biometrika 31, 313-323",
    when_to_use: "by default for published events: holds at any number of them, none in the group included",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Returns the interval of group ÷ baseline in which no more than alpha / 2 lies beyond each end.
///
/// Given a + c events in all, those of the group are binomial; its odds are the ratio of rates
/// times the ratio of exposures.
///
/// # Formula
/// (f / e) B(alpha/2; a, c + 1) to (f / e) B(1 − alpha/2; a + 1, c), with B the odds x / (1 − x) of
/// a beta quantile, a events over e in the group and c over f in the baseline.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `zero_baseline` for c = 0, where [`lower_bound`] still exists.
///
/// # Source
/// Przyborowski and Wilenski (1940), *Biometrika* 31, 313–323.
///
/// # Example: no events in the group have an upper end
/// ```
/// use disprop_stats::{Level, Rate, contrast::conditional_exact};
/// let rest = Rate::new(30, 900);
/// let ends = conditional_exact::interval(&Rate::new(0, 44), &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 3.0);
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    let ((a, e), (c, f)) = pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    let tail = 0.5 * level.alpha();
    let lower = if a == 0.0 {
        0.0
    } else {
        odds(tail, a, c + 1.0)?
    };
    Interval::holding(
        ratio,
        lower * (f / e),
        odds(1.0 - tail, a + 1.0, c)? * (f / e),
    )
}

/// Returns the value that group ÷ baseline exceeds with this confidence, which exists without any
/// event in the baseline too.
///
/// # Formula
/// (f / e) B(alpha; a, c + 1), all of alpha on one side.
///
/// # Errors
/// As [`interval`], but for `zero_baseline`; `zero_group` for no events in the group.
///
/// # Example: six suspensions of 44 pupils against none of 900
/// ```
/// use disprop_stats::{Level, Rate, contrast::conditional_exact};
/// let (group, rest) = (Rate::new(6, 44), Rate::new(0, 900));
/// assert!(conditional_exact::lower_bound(&group, &rest, Level::P95).unwrap() > 24.0);
/// ```
pub fn lower_bound(group: &Rate, baseline: &Rate, level: Level) -> Calculated<f64> {
    let ((a, e), (c, f)) = pair(group, baseline)?;
    if a == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    Ok(odds(level.alpha(), a, c + 1.0)? * (f / e))
}

/// Returns (events, exposure) of the group and of the baseline.
pub(crate) fn pair(group: &Rate, baseline: &Rate) -> Calculated<((f64, f64), (f64, f64))> {
    Ok((events(group)?, of_baseline(events(baseline))?))
}

/// Returns the interval of group ÷ baseline from one of the group's share of all events.
pub(crate) fn through_share(
    group: &Rate,
    baseline: &Rate,
    one: impl Fn(&Proportion) -> Calculated<Interval>,
) -> Calculated<Interval> {
    let ((a, e), (c, f)) = pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    // The smaller share, so that 1 − share keeps its digits.
    let fewer = a.min(c);
    let ends = one(&Proportion::new(fewer as i64, (a + c) as i64))?;
    let odds = |share: f64| share / (1.0 - share);
    let (lower, upper) = if a <= c {
        (odds(ends.lower), odds(ends.upper))
    } else {
        (1.0 / odds(ends.upper), 1.0 / odds(ends.lower))
    };
    Interval::holding(ratio, lower * (f / e), upper * (f / e))
}

fn odds(p: f64, a: f64, b: f64) -> Calculated<f64> {
    beta_odds_quantile(p, a, b).ok_or(NotCalculable::NoConvergence)
}
