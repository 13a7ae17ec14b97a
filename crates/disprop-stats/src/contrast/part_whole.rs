//! A group against the whole that contains it.
//!
//! A group's own pupils are in the national figure, so the two are not independent: the whole moves
//! with the group. With w the group's share of the whole, value(group) − value(whole) is exactly
//! (1 − w) times value(group) − value(others), and so is its interval. Treating the two as
//! independent samples gives an interval that is too wide, and a ratio nearer to 1 than the gap is.

use crate::contrast::{
    self, Exact, conditional_exact, linearised, linearised_log, log_means, mover_byar,
    mover_wilson_ratio, newcombe, welch,
};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::{Mean, Proportion, Rate, Ratio, Tally};

/// Returns the interval of group − whole for a proportion: Newcombe's, scaled.
///
/// # Formula
/// (1 − w) · (interval of group − others), w = trials of the group / trials of the whole.
/// Var(p_G − p_T) = (1 − w)² Var(p_G − p_O).
///
/// # Units and shapes
/// −1 to 1. The point estimate is `contrast::difference(&group, &whole)`.
///
/// # Errors
/// `no_group`; `no_baseline` where the group is the whole; `group_exceeds_total` where it is no
/// part.
///
/// # Example: a group that is the whole has nobody to differ from
/// ```
/// use disprop_stats::{Level, NotCalculable, Proportion, contrast::part_whole};
/// let whole = Proportion::new(30, 100);
/// let ends = part_whole::interval(&Proportion::new(20, 50), &whole, Level::P95).unwrap();
/// assert!(ends.lower > 0.0 && ends.contains(0.1));
/// let same = part_whole::interval(&whole, &whole, Level::P95);
/// assert_eq!(same, Err(NotCalculable::NoBaseline));
/// ```
pub fn interval(group: &Proportion, whole: &Proportion, level: Level) -> Calculated<Interval> {
    scaled(
        group,
        whole,
        level,
        group.trials as f64 / whole.trials as f64,
        newcombe::interval,
    )
}

/// Returns the interval of group − whole for a mean: Welch's, scaled by the others' share.
///
/// # Formula
/// (1 − w) · (interval of group − others), w = n of the group / n of the whole.
///
/// # Errors
/// As [`interval`] and [`welch::interval`].
///
/// # Example: half of four pupils
/// ```
/// use disprop_stats::{Level, Mean, contrast::part_whole};
/// let (group, whole) = (Mean::of(&[3.0, 5.0])?, Mean::of(&[3.0, 5.0, 1.0, 2.0])?);
/// let ends = part_whole::mean_interval(&group, &whole, Level::P95).unwrap();
/// assert!(ends.contains(4.0 - 2.75));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn mean_interval(group: &Mean, whole: &Mean, level: Level) -> Calculated<Interval> {
    scaled(
        group,
        whole,
        level,
        group.n as f64 / whole.n as f64,
        welch::interval,
    )
}

/// Returns the interval of group − whole for a ratio of sums: the linearised one, scaled.
///
/// # Formula
/// (1 − w) · (interval of group − others), w = Σd of the group / Σd of the whole.
///
/// # Errors
/// As [`interval`] and [`linearised::interval`].
///
/// # Example: absence of two pupils within four
/// ```
/// use disprop_stats::{Level, Ratio, Tally, contrast::part_whole};
/// let group = Ratio::of(&[(10.0, 380.0), (30.0, 380.0)])?;
/// let whole = group.merge(&Ratio::of(&[(5.0, 380.0), (8.0, 380.0)])?)?;
/// assert!(part_whole::ratio_interval(&group, &whole, Level::P95).is_ok());
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn ratio_interval(group: &Ratio, whole: &Ratio, level: Level) -> Calculated<Interval> {
    scaled(
        group,
        whole,
        level,
        group.d as f64 / whole.d as f64,
        linearised::interval,
    )
}

/// Returns the interval of group − whole for a rate of events: Byar's, combined and scaled.
///
/// # Formula
/// (1 − w) · (interval of group − others), w = exposure of the group / exposure of the whole.
///
/// # Errors
/// As [`interval`] and [`mover_byar::interval`].
///
/// # Example: suspensions of a tenth of the pupils
/// ```
/// use disprop_stats::{Level, Rate, contrast::part_whole};
/// let ends = part_whole::rate_interval(&Rate::new(9, 100), &Rate::new(50, 1_000), Level::P95);
/// assert!(ends.unwrap().contains(0.04));
/// ```
pub fn rate_interval(group: &Rate, whole: &Rate, level: Level) -> Calculated<Interval> {
    scaled(
        group,
        whole,
        level,
        group.exposure as f64 / whole.exposure as f64,
        mover_byar::interval,
    )
}

/// Returns the interval of group ÷ whole for a proportion: that from Wilson limits, carried over.
///
/// The proportionality index: a group's share of those with the outcome over its share of pupils.
///
/// # Formula
/// With ρ = group ÷ others and w the group's share of pupils, group ÷ whole is ρ / (w ρ + 1 − w),
/// which rises with ρ; both ends of the interval of ρ go through it.
///
/// # Errors
/// As [`interval`] and [`mover_wilson_ratio::interval`]; `no_variation` where the ends are one
/// number to the last digit.
///
/// # Example: a fifth of the pupils, a third of those with the outcome
/// ```
/// use disprop_stats::{Level, Proportion, contrast, contrast::part_whole};
/// let (group, whole) = (Proportion::new(20, 100), Proportion::new(60, 500));
/// let ends = part_whole::index_interval(&group, &whole, Level::P95).unwrap();
/// assert!(ends.contains(5.0 / 3.0) && ends.lower > 1.0);
/// ```
pub fn index_interval(
    group: &Proportion,
    whole: &Proportion,
    level: Level,
) -> Calculated<Interval> {
    let ends = mover_wilson_ratio::interval(group, &others(group, whole)?, level)?;
    carried(
        group,
        whole,
        ends,
        group.trials as f64 / whole.trials as f64,
    )
}

/// Returns the interval of group ÷ whole for a rate of events, exact given all events.
///
/// # Formula
/// As [`index_interval`], from the exact interval of group ÷ others, w the share of exposure.
///
/// # Errors
/// As [`interval`] and [`conditional_exact::interval`].
///
/// # Example: twice the overall rate, near enough
/// ```
/// use disprop_stats::{Level, Rate, contrast::part_whole};
/// let (group, whole) = (Rate::new(20, 100), Rate::new(100, 1_000));
/// assert!(part_whole::rate_index_interval(&group, &whole, Level::P95).unwrap().contains(2.0));
/// ```
pub fn rate_index_interval(group: &Rate, whole: &Rate, level: Level) -> Calculated<Interval> {
    let ends = conditional_exact::interval(group, &others(group, whole)?, level)?;
    carried(
        group,
        whole,
        ends,
        group.exposure as f64 / whole.exposure as f64,
    )
}

/// Returns the interval of group ÷ whole for a mean: the log ratio's, carried over.
///
/// # Formula
/// As [`index_interval`], from the interval of group ÷ others, w the group's share of pupils.
///
/// # Errors
/// As [`interval`] and [`log_means::interval`].
///
/// # Example: half of four pupils
/// ```
/// use disprop_stats::{Level, Mean, contrast::part_whole};
/// let (group, whole) = (Mean::of(&[3.0, 5.0])?, Mean::of(&[3.0, 5.0, 1.0, 2.0])?);
/// let ends = part_whole::mean_index_interval(&group, &whole, Level::P95).unwrap();
/// assert!(ends.contains(4.0 / 2.75) && ends.lower > 0.0 && ends.upper < 2.0);
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn mean_index_interval(group: &Mean, whole: &Mean, level: Level) -> Calculated<Interval> {
    let ends = log_means::interval(group, &others(group, whole)?, level)?;
    carried(group, whole, ends, group.n as f64 / whole.n as f64)
}

/// Returns the interval of group ÷ whole for a ratio of sums: the log ratio's, carried over.
///
/// # Formula
/// As [`index_interval`], from the interval of group ÷ others, w the group's share of the
/// denominator.
///
/// # Errors
/// As [`interval`] and [`linearised_log::interval`].
///
/// # Example: sessions missed by two of five pupils
/// ```
/// use disprop_stats::{Level, Ratio, contrast::part_whole};
/// let group = Ratio::of(&[(30.0, 380.0), (10.0, 380.0)])?;
/// let whole = Ratio::of(&[(30.0, 380.0), (10.0, 380.0), (5.0, 380.0), (9.0, 380.0), (2.0, 380.0)])?;
/// let ends = part_whole::ratio_index_interval(&group, &whole, Level::P95).unwrap();
/// assert!(ends.contains((40.0 / 760.0) / (56.0 / 1_900.0)));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn ratio_index_interval(group: &Ratio, whole: &Ratio, level: Level) -> Calculated<Interval> {
    let ends = linearised_log::interval(group, &others(group, whole)?, level)?;
    carried(group, whole, ends, group.d as f64 / whole.d as f64)
}

/// A group of which nearly everything comes pins the index to 1 / w, to the last digit of a number.
fn carried<T: Exact>(group: &T, whole: &T, ends: Interval, share: f64) -> Calculated<Interval> {
    let end = |rho: f64| rho / (share * rho + (1.0 - share));
    let (lower, upper) = (end(ends.lower), end(ends.upper));
    if lower >= upper {
        return Err(NotCalculable::NoVariation);
    }
    Interval::holding(contrast::ratio(group, whole)?, lower, upper)
}

fn others<T: Tally>(group: &T, whole: &T) -> Calculated<T> {
    whole.subtract(group).map_err(|_| NotCalculable::Overflow)
}

fn scaled<T: Exact>(
    group: &T,
    whole: &T,
    level: Level,
    share: f64,
    against_others: fn(&T, &T, Level) -> Calculated<Interval>,
) -> Calculated<Interval> {
    let ends = against_others(group, &others(group, whole)?, level)?;
    let Interval { lower, upper } = ends.scale(1.0 - share);
    Interval::holding(contrast::difference(group, whole)?, lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_larger_than_the_whole_is_no_part_of_it() {
        let (group, whole) = (Proportion::new(5, 20), Proportion::new(3, 10));
        assert_eq!(
            interval(&group, &whole, Level::P95),
            Err(NotCalculable::GroupExceedsTotal)
        );
    }
}
