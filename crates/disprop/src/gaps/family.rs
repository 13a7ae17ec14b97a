//! The four families as comparable things: which methods apply, and where their lists are.

use disprop_stats::contrast::{self, ContrastMethod, Exact, Scale, part_whole};
use disprop_stats::fraction::Fraction;
use disprop_stats::interval::{self, IntervalMethod};
use disprop_stats::{Calculated, Interval, Level, Mean, NotCalculable, Proportion, Rate, Ratio};

use crate::error::Error;
use crate::tallies::OfWords;

/// What the comparison needs to know of a family.
pub(crate) trait Comparable: Exact + Fraction + OfWords + Send + Sync + 'static {
    fn intervals() -> &'static [IntervalMethod<Self>];
    fn contrasts() -> &'static [ContrastMethod<Self>];
    /// Interval of group − whole, where the whole holds the group.
    fn part_whole(&self, whole: &Self, level: Level) -> Calculated<Interval>;
    /// Interval of group ÷ whole, where the whole holds the group.
    fn index(&self, whole: &Self, level: Level) -> Calculated<Interval>;
    fn odds_ratio(&self, _baseline: &Self) -> Calculated<f64> {
        Err(NotCalculable::NotAProportion)
    }
}

impl Comparable for Proportion {
    fn intervals() -> &'static [IntervalMethod<Self>] {
        interval::PROPORTION
    }
    fn contrasts() -> &'static [ContrastMethod<Self>] {
        contrast::PROPORTION
    }
    fn part_whole(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::interval(self, whole, level)
    }
    fn index(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::index_interval(self, whole, level)
    }
    fn odds_ratio(&self, baseline: &Self) -> Calculated<f64> {
        contrast::odds_ratio(self, baseline)
    }
}

impl Comparable for Mean {
    fn intervals() -> &'static [IntervalMethod<Self>] {
        interval::MEAN
    }
    fn contrasts() -> &'static [ContrastMethod<Self>] {
        contrast::MEAN
    }
    fn part_whole(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::mean_interval(self, whole, level)
    }
    fn index(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::mean_index_interval(self, whole, level)
    }
}

impl Comparable for Ratio {
    fn intervals() -> &'static [IntervalMethod<Self>] {
        interval::RATIO
    }
    fn contrasts() -> &'static [ContrastMethod<Self>] {
        contrast::RATIO
    }
    fn part_whole(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::ratio_interval(self, whole, level)
    }
    fn index(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::ratio_index_interval(self, whole, level)
    }
}

impl Comparable for Rate {
    fn intervals() -> &'static [IntervalMethod<Self>] {
        interval::RATE
    }
    fn contrasts() -> &'static [ContrastMethod<Self>] {
        contrast::RATE
    }
    fn part_whole(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::rate_interval(self, whole, level)
    }
    fn index(&self, whole: &Self, level: Level) -> Calculated<Interval> {
        part_whole::rate_index_interval(self, whole, level)
    }
}

/// The interval methods of one family: the defaults, or those the caller named.
pub(crate) struct Methods<T: 'static> {
    pub(crate) own: Option<&'static IntervalMethod<T>>,
    pub(crate) difference: Option<&'static ContrastMethod<T>>,
    pub(crate) ratio: Option<&'static ContrastMethod<T>>,
    pub(crate) odds: Option<&'static ContrastMethod<T>>,
}

impl<T: Comparable> Methods<T> {
    pub(crate) fn chosen(ids: &[String]) -> Self {
        let on = |scale: Scale| {
            let named =
                |m: &&ContrastMethod<T>| m.scale == scale && ids.iter().any(|id| id == m.id);
            T::contrasts()
                .iter()
                .find(named)
                .or_else(|| contrast::default(T::contrasts(), scale))
        };
        let own = T::intervals()
            .iter()
            .find(|m| ids.iter().any(|id| id == m.id));
        Methods {
            own: own.or_else(|| T::intervals().first()),
            difference: on(Scale::Difference),
            ratio: on(Scale::Ratio),
            odds: on(Scale::OddsRatio),
        }
    }
}

/// Every id must name a method of some family.
pub(crate) fn check_methods(ids: &[String]) -> Result<(), Error> {
    fn ids_of<T: Comparable>() -> Vec<&'static str> {
        let own = T::intervals().iter().map(|m| m.id);
        own.chain(T::contrasts().iter().map(|m| m.id)).collect()
    }
    let mut known = ids_of::<Proportion>();
    known.extend(ids_of::<Mean>());
    known.extend(ids_of::<Ratio>());
    known.extend(ids_of::<Rate>());
    known.sort_unstable();
    known.dedup();
    match ids.iter().find(|id| !known.contains(&id.as_str())) {
        None => Ok(()),
        Some(id) => Err(disprop_stats::Error::UnknownMethod {
            found: id.clone(),
            known: known.join(", "),
        }
        .into()),
    }
}
