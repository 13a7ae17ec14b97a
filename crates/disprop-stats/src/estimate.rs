//! What a calculation gives: a number with an interval, or a typed reason why there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::distribution::normal_quantile;
use crate::error::Error;

/// A value, or the reason why it does not exist.
pub type Calculated<T> = Result<T, NotCalculable>;

/// The typed reason why a number is not there; it stands in place of NaN, 0 and infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotCalculable {
    /// The group has nobody in it.
    NoGroup,
    /// The baseline has nobody in it, as when the group is the whole cohort.
    NoBaseline,
    /// The baseline's value is zero, so a ratio to it does not exist.
    ZeroBaseline,
    /// The group's value is zero, so this method's interval has no lower end.
    ZeroGroup,
    /// Everyone in the group or in the baseline has the outcome, so the odds do not exist.
    NoComplement,
    /// Fewer than the two pupils that a variance needs.
    TooFewForVariance,
    /// Every value is the same, so the spread that this method needs is zero.
    NoVariation,
    /// Published sums without squares: the spread between pupils is not known.
    NoSecondMoment,
    /// More events than trials, as when they were counted at different times.
    EventsExceedTrials,
    /// A negative count is left after subtraction: the group is no part of the total.
    GroupExceedsTotal,
    /// The scale has no natural zero (or the value is not positive), so a ratio has no meaning.
    NotARatioScale,
    /// Fewer than the smallest number that the caller allows.
    BelowMinimum,
    /// An input was withheld or not available where it was published.
    SuppressedInput,
    /// Only rates were given; sums of the others need counts.
    RatesWithoutCounts,
    /// The group sits in too few clusters (schools) for a clustered variance.
    TooFewClusters,
    /// Periods on the two sides of a break in the series.
    SeriesBreak,
    /// The group is the baseline itself.
    IsBaseline,
    /// The group and the baseline share pupils, so they cannot be contrasted as two.
    OverlapsBaseline,
    /// This family of measures has no method for this interval.
    NoMethod,
    /// Odds exist for proportions only.
    NotAProportion,
    /// The figure was not given, as the number of pupils beside published sums of sessions.
    NotStated,
    /// No such measure, group or cell on the other side of the comparison.
    NoCounterpart,
    /// An iteration did not settle; no number is better than a wrong one.
    NoConvergence,
    /// A sum left the range of its integer.
    Overflow,
    /// Values of any size agree with the data, so the interval has no end on one side.
    Unbounded,
}

impl NotCalculable {
    /// Returns the stable slug written in result columns, such as `zero_baseline`.
    pub fn code(self) -> &'static str {
        match self {
            NotCalculable::NoGroup => "no_group",
            NotCalculable::NoBaseline => "no_baseline",
            NotCalculable::ZeroBaseline => "zero_baseline",
            NotCalculable::ZeroGroup => "zero_group",
            NotCalculable::NoComplement => "no_complement",
            NotCalculable::TooFewForVariance => "too_few_for_variance",
            NotCalculable::NoVariation => "no_variation",
            NotCalculable::NoSecondMoment => "no_second_moment",
            NotCalculable::EventsExceedTrials => "events_exceed_trials",
            NotCalculable::GroupExceedsTotal => "group_exceeds_total",
            NotCalculable::NotARatioScale => "not_a_ratio_scale",
            NotCalculable::BelowMinimum => "below_minimum",
            NotCalculable::SuppressedInput => "suppressed_input",
            NotCalculable::RatesWithoutCounts => "rates_without_counts",
            NotCalculable::TooFewClusters => "too_few_clusters",
            NotCalculable::SeriesBreak => "series_break",
            NotCalculable::IsBaseline => "is_baseline",
            NotCalculable::OverlapsBaseline => "overlaps_baseline",
            NotCalculable::NoMethod => "no_method",
            NotCalculable::NotAProportion => "not_a_proportion",
            NotCalculable::NotStated => "not_stated",
            NotCalculable::NoCounterpart => "no_counterpart",
            NotCalculable::NoConvergence => "no_convergence",
            NotCalculable::Overflow => "overflow",
            NotCalculable::Unbounded => "unbounded",
        }
    }
}

impl fmt::Display for NotCalculable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotCalculable::NoGroup => "the group has nobody in it",
            NotCalculable::NoBaseline => "there is nobody to compare the group with",
            NotCalculable::ZeroBaseline => {
                "the baseline's value is zero, so there is no ratio to it"
            }
            NotCalculable::ZeroGroup => {
                "the group's value is zero, so this interval has no lower end"
            }
            NotCalculable::NoComplement => {
                "everyone on one side has the outcome, so there are no odds"
            }
            NotCalculable::TooFewForVariance => "fewer than two pupils",
            NotCalculable::NoVariation => "every value is the same",
            NotCalculable::NoSecondMoment => {
                "the figures are sums only, so the spread between pupils is not known"
            }
            NotCalculable::EventsExceedTrials => "more events than pupils were counted",
            NotCalculable::GroupExceedsTotal => {
                "the group is larger than the total it should be part of"
            }
            NotCalculable::NotARatioScale => "a ratio has no meaning on this scale",
            NotCalculable::BelowMinimum => "fewer pupils than the stated minimum",
            NotCalculable::SuppressedInput => {
                "a figure it needs was withheld where it was published"
            }
            NotCalculable::RatesWithoutCounts => "rates were given without counts",
            NotCalculable::TooFewClusters => "the group is in too few schools",
            NotCalculable::SeriesBreak => "the series breaks between these periods",
            NotCalculable::IsBaseline => "the group is the baseline itself",
            NotCalculable::OverlapsBaseline => "the group and the baseline share pupils",
            NotCalculable::NoMethod => "there is no method for this interval",
            NotCalculable::NotAProportion => "odds exist for proportions only",
            NotCalculable::NotStated => "the figure was not given",
            NotCalculable::NoCounterpart => "the other side of the comparison has no such figure",
            NotCalculable::NoConvergence => "the calculation did not settle",
            NotCalculable::Overflow => "a sum is larger than its integer holds",
            NotCalculable::Unbounded => "values of any size agree with so few data",
        })
    }
}

impl std::error::Error for NotCalculable {}

/// Two ends, lower first, on the scale of the estimate they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Returns the interval with these ends.
    pub fn new(lower: f64, upper: f64) -> Self {
        Interval { lower, upper }
    }

    /// Returns the interval with these ends, moved outwards to the estimate where rounding, or
    /// shrinkage at a low level, left it outside.
    ///
    /// # Errors
    /// `no_convergence` where a number is not finite.
    pub(crate) fn holding(estimate: f64, lower: f64, upper: f64) -> Calculated<Self> {
        if lower.is_finite() && upper.is_finite() && estimate.is_finite() {
            Ok(Interval::new(lower.min(estimate), upper.max(estimate)))
        } else {
            Err(NotCalculable::NoConvergence)
        }
    }

    /// Returns both ends multiplied by `factor`, swapped where it is negative.
    pub fn scale(self, factor: f64) -> Self {
        let (a, b) = (self.lower * factor, self.upper * factor);
        if factor < 0.0 {
            Interval::new(b, a)
        } else {
            Interval::new(a, b)
        }
    }

    /// Returns whether `value` lies inside or on an end.
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// A two-sided confidence level, such as 0.95, with its normal quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    level: f64,
    z: f64,
}

impl Level {
    /// The 95 % level.
    pub const P95: Level = Level {
        level: 0.95,
        z: 1.959_963_984_540_054,
    };

    /// Returns the level, which lies strictly between 0 and 1.
    ///
    /// # Errors
    /// `stats.level` for anything else; the hint turns 95 into 0.95.
    ///
    /// # Example: a percentage is not a level
    /// ```
    /// use disprop_stats::Level;
    /// assert_eq!(Level::new(95.0).unwrap_err().hint().unwrap(), "write 0.95 for 95 %");
    /// ```
    pub fn new(level: f64) -> Result<Self, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Level { found: level });
        }
        if level == 0.95 {
            return Ok(Self::P95);
        }
        let z = normal_quantile(0.5 * (1.0 - level))
            .ok_or(Error::Level { found: level })?
            .abs();
        Ok(Level { level, z })
    }

    /// Returns the level itself, 0–1.
    pub fn value(self) -> f64 {
        self.level
    }

    /// Returns 1 − level, the error shared by the two tails.
    pub fn alpha(self) -> f64 {
        1.0 - self.level
    }

    /// Returns the standard normal quantile at 1 − alpha / 2.
    pub fn z(self) -> f64 {
        self.z
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::P95
    }
}
