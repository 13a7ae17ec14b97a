//! One number for the spread over many groups.
//!
//! For a headline or a trend of spread as a whole. None of them says which group is where, most
//! move when the grouping is made finer, and all grow with chance in small groups: show the gaps
//! beside them.

mod ordered;
mod relative;

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::wald::Estimate;

/// Which end of the scale is good: it decides which group is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Best {
    /// The highest value, as of attainment.
    Highest,
    /// The lowest value, as of absence.
    Lowest,
}

/// How groups count in an average over groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Each group once: small groups, and the chance in them, weigh as much as large ones.
    Equal,
    /// Each group by its pupils: large groups decide.
    Population,
}

/// One group as the measures of spread see it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    /// Place among the tallies given, empty ones counted.
    place: usize,
    share: f64,
    value: f64,
    variance: f64,
}

/// The values of all groups, with their shares and variances.
///
/// Differences and means are on the measure's own scale, 0–1 for proportions; relative measures
/// have no unit (an index of disparity of 0.4 is printed as 40 elsewhere, a Theil of 0.03 as 30).
///
/// # Example: three groups
/// ```
/// use disprop_stats::{Proportion, inequality::{Best, Groups, Weights}};
/// let groups = Groups::new(&[(10, 100), (40, 200), (90, 300)].map(|(x, n)| Proportion::new(x, n)))?;
/// assert!((groups.difference().estimate - 0.2).abs() < 1e-15);
/// let from_best = groups.mean_difference_from_best(Best::Highest, Weights::Equal);
/// assert!((from_best - 0.1).abs() < 1e-15);
/// assert!(Groups::new(&[Proportion::new(1, 2)]).is_err());
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    groups: Vec<Group>,
    mean: f64,
    /// Numerator and denominator of each group, for the attributable fraction.
    counts: Vec<(f64, f64)>,
}

impl Groups {
    /// Returns the groups of these tallies; groups with nobody in them are left out, and a reference is
    /// named by its place in `tallies` all the same.
    ///
    /// For the measures of ordered groups the order given is the order, lowest rank first.
    ///
    /// # Errors
    /// `no_counterpart` for fewer than two groups with somebody in them; a group's own reason where
    /// it has no value or variance.
    pub fn new<T: Fraction>(tallies: &[T]) -> Calculated<Self> {
        let occupied = || {
            tallies
                .iter()
                .enumerate()
                .filter(|(_, t)| t.denominator() > 0.0)
        };
        if occupied().count() < 2 {
            return Err(NotCalculable::NoCounterpart);
        }
        let total: f64 = occupied().map(|(_, t)| t.denominator()).sum();
        let mut groups = Vec::new();
        for (place, tally) in occupied() {
            groups.push(Group {
                place,
                share: tally.denominator() / total,
                value: tally.value()?,
                variance: tally.value_variance()?,
            });
        }
        let mean = groups.iter().map(|g| g.share * g.value).sum();
        let counts = occupied()
            .map(|(_, t)| (t.numerator(), t.denominator()))
            .collect();
        Ok(Groups {
            groups,
            mean,
            counts,
        })
    }

    /// Returns everyone's value.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The group at this place among the tallies given, if it has anybody in it.
    fn at(&self, place: usize) -> Calculated<Group> {
        let found = self.groups.iter().find(|g| g.place == place);
        found.copied().ok_or(NotCalculable::NoCounterpart)
    }

    fn sum(&self, term: impl Fn(&Group) -> f64) -> f64 {
        self.groups.iter().map(term).sum()
    }

    fn average(&self, weights: Weights, term: impl Fn(&Group) -> f64) -> f64 {
        match weights {
            Weights::Equal => self.sum(term) / self.groups.len() as f64,
            Weights::Population => self.sum(|g| g.share * term(g)),
        }
    }

    /// The first of the groups with the best value.
    fn best(&self, best: Best) -> Group {
        let none = Group {
            place: 0,
            share: 0.0,
            value: self.mean,
            variance: 0.0,
        };
        let first = self.groups.first().copied().unwrap_or(none);
        self.groups.iter().fold(first, |found, group| {
            let better = match best {
                Best::Highest => group.value > found.value,
                Best::Lowest => group.value < found.value,
            };
            if better { *group } else { found }
        })
    }

    /// Returns the largest difference between two groups, highest minus lowest.
    ///
    /// Misleads where a group is small: the extremes are then chance. Its interval does not allow
    /// for the groups having been picked as extremes.
    ///
    /// # Formula
    /// max r − min r, variance the sum of the two.
    ///
    /// # Source
    /// WHO, *Handbook on health inequality monitoring* (2013), section 3.2.
    pub fn difference(&self) -> Estimate {
        let (high, low) = (self.best(Best::Highest), self.best(Best::Lowest));
        Estimate::linear(high.value - low.value, high.variance + low.variance)
    }

    /// Returns how far the group worst off among the others stands behind one that is named.
    ///
    /// Positive where the named group fares better: its value minus the lowest of the others, or the
    /// highest of the others minus its value where the lowest is best.
    ///
    /// # Errors
    /// `no_counterpart` where there is no such group or nobody in it.
    ///
    /// # Source
    /// As [`difference`](Groups::difference).
    pub fn difference_from(&self, reference: usize, best: Best) -> Calculated<Estimate> {
        let mark = self.at(reference)?;
        let behind = |g: &Group| match best {
            Best::Highest => mark.value - g.value,
            Best::Lowest => g.value - mark.value,
        };
        let others = self.groups.iter().filter(|g| g.place != reference);
        let worst = others.fold(None, |worst: Option<&Group>, g| match worst {
            Some(w) if behind(w) >= behind(g) => Some(w),
            _ => Some(g),
        });
        let worst = worst.ok_or(NotCalculable::NoCounterpart)?;
        Ok(Estimate::linear(
            behind(worst),
            worst.variance + mark.variance,
        ))
    }

    /// Returns the largest ratio between two groups, highest over lowest.
    ///
    /// Misleads where values are near zero: 0.2 % against 0.1 % is a ratio of 2 and no disparity to
    /// speak of. The ratio of the opposite outcome is another number.
    ///
    /// # Errors
    /// `zero_baseline` where the lowest value is not positive.
    ///
    /// # Source
    /// As [`difference`](Groups::difference).
    pub fn ratio(&self) -> Calculated<Estimate> {
        let (high, low) = (self.best(Best::Highest), self.best(Best::Lowest));
        if low.value <= 0.0 {
            return Err(NotCalculable::ZeroBaseline);
        }
        let relative = |g: Group| g.variance / (g.value * g.value);
        Ok(Estimate::log(
            high.value / low.value,
            relative(high) + relative(low),
        ))
    }

    /// Returns the mean distance of the groups from the best one.
    ///
    /// Misleads where the best group is small, which sets the mark by chance.
    ///
    /// # Formula
    /// mean of |rₖ − best|, the best group counted among them.
    ///
    /// # Source
    /// Keppel et al., *Vital Health Stat.* 2(141) (2005), measure 8.
    pub fn mean_difference_from_best(&self, best: Best, weights: Weights) -> f64 {
        let mark = self.best(best).value;
        self.average(weights, |g| (g.value - mark).abs())
    }

    /// Returns the mean distance of the groups from everyone's value.
    ///
    /// Misleads with `Population` weights where one group is most pupils: it is its own mark.
    ///
    /// # Formula
    /// mean of |rₖ − r̄|.
    ///
    /// # Source
    /// As [`mean_difference_from_best`](Groups::mean_difference_from_best).
    pub fn mean_difference_from_mean(&self, weights: Weights) -> f64 {
        self.average(weights, |g| (g.value - self.mean).abs())
    }

    /// Returns the mean distance of the groups from one that is named.
    ///
    /// Misleads as a baseline: the named group becomes the norm. This library's gaps compare with
    /// all others.
    ///
    /// # Errors
    /// `no_counterpart` where there is no such group or nobody in it.
    ///
    /// # Source
    /// As [`mean_difference_from_best`](Groups::mean_difference_from_best).
    pub fn mean_difference_from(&self, reference: usize, weights: Weights) -> Calculated<f64> {
        let mark = self.at(reference)?.value;
        Ok(self.average(weights, |g| (g.value - mark).abs()))
    }

    fn positive_mean(&self) -> Calculated<f64> {
        if self.mean > 0.0 {
            Ok(self.mean)
        } else {
            Err(NotCalculable::ZeroBaseline)
        }
    }

    /// Returns the between-group variance.
    ///
    /// Misleads by its unit (points squared) and its weight on groups far out; biased upwards by
    /// chance, which its own interval does not remove.
    ///
    /// # Formula
    /// Σ sₖ(rₖ − r̄)²; variance 4Σs²(r − r̄)²v + 2\[(Σs²v)² + Σs²v² − 2Σs³v²\], v the variance of rₖ.
    ///
    /// # Source
    /// Ahn et al., *Health Serv. Outcomes Res. Methodol.* 19 (2019), 1, eq. 8.
    pub fn between_group_variance(&self) -> Estimate {
        let spread = self.sum(|g| g.share * (g.value - self.mean).powi(2));
        let first = 4.0 * self.sum(|g| (g.share * (g.value - self.mean)).powi(2) * g.variance);
        let mixed = self.sum(|g| g.share * g.share * g.variance);
        let second = mixed * mixed + self.sum(|g| (g.share * g.variance).powi(2))
            - 2.0 * self.sum(|g| g.share.powi(3) * g.variance * g.variance);
        Estimate::linear(spread, first + 2.0 * second)
    }

    /// Returns the between-group standard deviation, in the measure's unit.
    ///
    /// # Source
    /// WHO, *Health Equity Assessment Toolkit: technical notes* (2022), section 3.
    pub fn between_group_deviation(&self) -> f64 {
        self.between_group_variance().estimate.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    #[test]
    fn an_empty_group_does_not_move_the_places_of_the_others() {
        let tallies = [(0, 0), (1, 10), (3, 10)].map(|(x, n)| Proportion::new(x, n));
        let groups = Groups::new(&tallies).unwrap();
        let behind = groups.difference_from(1, Best::Lowest).unwrap();
        assert!((behind.estimate - 0.2).abs() < 1e-15);
        let empty = groups.mean_difference_from(0, Weights::Equal);
        assert_eq!(empty, Err(NotCalculable::NoCounterpart));
    }
}
