//! A group against its baseline: difference, ratio and odds ratio, with intervals.
//!
//! A difference is group − baseline and a ratio group ÷ baseline, whatever the direction of the
//! measure. Point values come from one exact fraction of integers, so that a measure and its mirror
//! image (attendance and absence) differ to the last bit by their sign only. Each method is one
//! file; the lists here name them all, the default of each scale first.

pub mod agresti_caffo;
pub mod cohen_h;
pub mod conditional_exact;
pub mod cornfield;
pub mod exact_conditional;
pub mod fieller;
pub mod fieller_means;
pub mod hedges_g;
pub mod katz;
pub mod koopman;
pub mod linearised;
pub mod linearised_log;
pub mod log_means;
pub mod mee;
pub mod mid_p_odds;
pub mod miettinen_nurminen;
pub mod miettinen_nurminen_ratio;
pub mod mover_byar;
pub mod mover_jeffreys;
pub mod mover_jeffreys_ratio;
pub mod mover_wilson_ratio;
pub mod newcombe;
pub mod part_whole;
pub mod pooled;
pub mod quasi_poisson;
pub mod rate_log;
pub mod rate_mid_p;
pub mod rate_mover_jeffreys;
pub mod rate_mover_jeffreys_ratio;
pub mod rate_mover_score;
pub mod rate_mover_score_ratio;
pub mod rate_score;
pub mod rate_score_ratio;
pub mod rate_wald;
pub mod score_odds;
pub mod wald;
pub mod welch;
pub mod woolf;

mod exact;
pub(crate) mod hypergeometric;
pub(crate) mod mover;
pub(crate) mod score;

pub use exact::Exact;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::{Mean, Proportion, Rate, Ratio};
use crate::wide::Wide;

/// What two values are compared on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Group − baseline, in the unit of the measure.
    Difference,
    /// Group ÷ baseline.
    Ratio,
    /// Odds of the group ÷ odds of the baseline.
    OddsRatio,
}

/// One way to an interval of a contrast, with what a reader needs to judge it.
#[derive(Debug, Clone, Copy)]
pub struct ContrastMethod<T: 'static> {
    /// Stable name, as it stands in result columns; unique within its list.
    pub id: &'static str,
    /// Name in prose.
    pub label: &'static str,
    /// The scale of both ends.
    pub scale: Scale,
    /// The formula in plain text.
    pub formula: &'static str,
    /// Author, year and equation.
    pub source: &'static str,
    /// Where it is a good choice.
    pub when_to_use: &'static str,
    /// Where it is not.
    pub when_not: &'static str,
    /// The calculation itself: group, baseline, level.
    pub function: fn(&T, &T, Level) -> Calculated<Interval>,
}

/// Methods for two proportions; the first of each scale is its default.
pub const PROPORTION: &[ContrastMethod<Proportion>] = &[
    newcombe::METHOD,
    miettinen_nurminen::METHOD,
    mee::METHOD,
    agresti_caffo::METHOD,
    mover_jeffreys::METHOD,
    wald::METHOD,
    mover_wilson_ratio::METHOD,
    koopman::METHOD,
    miettinen_nurminen_ratio::METHOD,
    mover_jeffreys_ratio::METHOD,
    katz::METHOD,
    score_odds::METHOD,
    cornfield::METHOD,
    exact_conditional::METHOD,
    mid_p_odds::METHOD,
    woolf::METHOD,
];

/// Methods for two means; the first of each scale is its default.
pub const MEAN: &[ContrastMethod<Mean>] = &[
    welch::METHOD,
    pooled::METHOD,
    log_means::METHOD,
    fieller_means::METHOD,
];

/// Methods for two ratios of sums; the first of each scale is its default.
pub const RATIO: &[ContrastMethod<Ratio>] =
    &[linearised::METHOD, linearised_log::METHOD, fieller::METHOD];

/// Methods for two rates of events; the first of each scale is its default.
pub const RATE: &[ContrastMethod<Rate>] = &[
    mover_byar::METHOD,
    rate_score::METHOD,
    rate_mover_score::METHOD,
    rate_mover_jeffreys::METHOD,
    rate_wald::METHOD,
    conditional_exact::METHOD,
    rate_mid_p::METHOD,
    rate_score_ratio::METHOD,
    mover_byar::RATIO_METHOD,
    rate_mover_score_ratio::METHOD,
    rate_mover_jeffreys_ratio::METHOD,
    rate_log::METHOD,
];

/// Returns the method called `id` in one of the lists above.
///
/// # Errors
/// `stats.unknown_method`, naming the methods there are.
///
/// # Example: a name no list holds
/// ```
/// use disprop_stats::contrast::{self, Scale};
/// assert_eq!(contrast::find(contrast::PROPORTION, "katz")?.scale, Scale::Ratio);
/// assert_eq!(contrast::find(contrast::MEAN, "katz").unwrap_err().code(), "stats.unknown_method");
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn find<T>(
    methods: &'static [ContrastMethod<T>],
    id: &str,
) -> Result<&'static ContrastMethod<T>, Error> {
    methods
        .iter()
        .find(|method| method.id == id)
        .ok_or_else(|| Error::UnknownMethod {
            found: id.into(),
            known: methods
                .iter()
                .map(|method| method.id)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Returns the first method of a list on `scale`, or `None` where the family has no such scale.
///
/// # Example: means have no odds
/// ```
/// use disprop_stats::contrast::{self, Scale};
/// assert_eq!(contrast::default(contrast::MEAN, Scale::Difference).unwrap().id, "welch");
/// assert!(contrast::default(contrast::MEAN, Scale::OddsRatio).is_none());
/// ```
pub fn default<T>(
    methods: &'static [ContrastMethod<T>],
    scale: Scale,
) -> Option<&'static ContrastMethod<T>> {
    methods.iter().find(|method| method.scale == scale)
}

/// Returns group − baseline.
///
/// # Formula
/// (a d − c b) / (b d) for a / b against c / d, with the numerator as one integer.
///
/// # Units and shapes
/// The unit of the measure; a proportion's difference is −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`.
///
/// # Example: the mirrored measure has the mirrored difference, bit for bit
/// ```
/// use disprop_stats::{Proportion, contrast};
/// let present = contrast::difference(&Proportion::new(2, 3), &Proportion::new(5, 7));
/// let absent = contrast::difference(&Proportion::new(1, 3), &Proportion::new(2, 7));
/// assert_eq!(present, absent.map(|difference| -difference));
/// ```
pub fn difference<T: Exact>(group: &T, baseline: &T) -> Calculated<f64> {
    let ((a, b), (c, d)) = fractions(group, baseline)?;
    let exact = || Some(cross(a, b, c, d)?.float() / Wide::product(b, d)?.float());
    Ok(exact().unwrap_or_else(|| a as f64 / b as f64 - c as f64 / d as f64))
}

/// Returns group ÷ baseline.
///
/// # Formula
/// a d / (b c) for a / b against c / d, both as integers.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `zero_baseline`; `not_a_ratio_scale` where
/// either value is negative.
///
/// # Example: no ratio to nothing
/// ```
/// use disprop_stats::{NotCalculable, Proportion, contrast};
/// let (group, none) = (Proportion::new(3, 10), Proportion::new(0, 90));
/// assert_eq!(contrast::ratio(&group, &Proportion::new(9, 90)), Ok(3.0));
/// assert_eq!(contrast::ratio(&group, &none), Err(NotCalculable::ZeroBaseline));
/// ```
pub fn ratio<T: Exact>(group: &T, baseline: &T) -> Calculated<f64> {
    let ((a, b), (c, d)) = fractions(group, baseline)?;
    if a < 0 || c < 0 {
        return Err(NotCalculable::NotARatioScale);
    }
    if c == 0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    let exact = || Some(Wide::product(a, d)?.float() / Wide::product(b, c)?.float());
    Ok(exact().unwrap_or_else(|| (a as f64 / b as f64) / (c as f64 / d as f64)))
}

/// Returns the odds of the group ÷ the odds of the baseline.
///
/// # Formula
/// a (m − c) / (c (n − a)) for a of n against c of m. It is 0 where nobody in the group, or
/// everybody in the baseline, has the outcome.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// c = 0, `no_complement` for a = n.
///
/// # Example: 3 to 7 against 1 to 9
/// ```
/// use disprop_stats::{Proportion, contrast};
/// let odds = contrast::odds_ratio(&Proportion::new(3, 10), &Proportion::new(1, 10));
/// assert_eq!(odds, Ok(27.0 / 7.0));
/// ```
pub fn odds_ratio(group: &Proportion, baseline: &Proportion) -> Calculated<f64> {
    pair(group, baseline)?;
    if baseline.events == 0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    if group.events == group.trials {
        return Err(NotCalculable::NoComplement);
    }
    let times = |a: i64, b: i64| (i128::from(a) * i128::from(b)) as f64;
    Ok(times(group.events, baseline.trials - baseline.events)
        / times(baseline.events, group.trials - group.events))
}

/// Returns how many more events (points, sessions) the group has than at the baseline's value.
///
/// The number that would have to change for parity; negative where the group has fewer, and not
/// whole in general.
///
/// # Formula
/// a − b (c / d) for a / b against c / d.
///
/// # Units and shapes
/// Events, points or sessions in the whole group.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`.
///
/// # Example: two more of ten than at one in ten
/// ```
/// use disprop_stats::{Proportion, contrast};
/// assert_eq!(contrast::excess(&Proportion::new(3, 10), &Proportion::new(9, 90)), Ok(2.0));
/// ```
pub fn excess<T: Exact>(group: &T, baseline: &T) -> Calculated<f64> {
    let ((a, b), (c, d)) = fractions(group, baseline)?;
    let steps = T::STEPS;
    let exact = || Some(cross(a, b, c, d)?.float() / Wide::product(d, steps.into())?.float());
    // A mean's denominator carries the steps already, so its numerator is in steps like the others.
    Ok(exact().unwrap_or_else(|| (a as f64 - b as f64 * (c as f64 / d as f64)) / steps as f64))
}

type Fractions = ((i128, i128), (i128, i128));

fn fractions<T: Exact>(group: &T, baseline: &T) -> Calculated<Fractions> {
    Ok((group.fraction()?, of_baseline(baseline.fraction())?))
}

/// Returns `result` with an empty tally named as the baseline's.
pub(crate) fn of_baseline<T>(result: Calculated<T>) -> Calculated<T> {
    result.map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    })
}

/// Returns (events, trials) of the group and of the baseline, both checked.
pub(crate) fn pair(
    group: &Proportion,
    baseline: &Proportion,
) -> Calculated<((f64, f64), (f64, f64))> {
    Ok((group.checked()?, of_baseline(baseline.checked())?))
}

fn cross(a: i128, b: i128, c: i128, d: i128) -> Option<Wide> {
    Wide::product(a, d)?.minus(Wide::product(c, b)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_fractions_differ_by_nothing_and_have_ratio_one() {
        let (a, b) = (Proportion::new(1, 3), Proportion::new(333_333, 999_999));
        assert_eq!(difference(&a, &b), Ok(0.0));
        assert_eq!(ratio(&a, &b), Ok(1.0));
    }

    #[test]
    fn excess_of_a_mean_is_in_its_own_unit() {
        // Two pupils five points above a baseline of 40: ten points.
        let (group, rest) = (Mean::of(&[44.0, 46.0]).unwrap(), Mean::of(&[40.0]).unwrap());
        assert_eq!(excess(&group, &rest), Ok(10.0));
    }

    #[test]
    fn sums_beyond_the_integers_fall_back_on_floats() {
        let huge = Ratio {
            n: 1,
            x: i128::MAX,
            d: i128::MAX / 2,
            ..Ratio::default()
        };
        assert!(difference(&huge, &huge).unwrap().abs() < 1e-12);
    }

    #[test]
    fn the_empty_side_is_named() {
        let (some, none) = (Proportion::new(1, 2), Proportion::default());
        assert_eq!(difference(&none, &some), Err(NotCalculable::NoGroup));
        assert_eq!(difference(&some, &none), Err(NotCalculable::NoBaseline));
        assert_eq!(odds_ratio(&some, &none), Err(NotCalculable::NoBaseline));
    }
}
