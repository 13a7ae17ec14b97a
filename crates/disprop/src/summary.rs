//! One number for many groups, each with when it misleads.
//!
//! None says which group is where, most move when the grouping is made finer, and all grow with
//! chance in small groups: the gaps belong beside them.

use disprop_stats::inequality::{Best, Groups, Weights};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, NotCalculable};

use crate::error::Error;
use crate::gaps::layers::Layers;
use crate::gaps::{Gaps, Index, Key};
use crate::measure::{Family, Measure, Polarity};
use crate::tallies::Column;

/// What is said of one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexKind {
    /// Stable name.
    pub id: &'static str,
    /// Name in print.
    pub label: &'static str,
    /// On what scale it is.
    pub scale: IndexScale,
    /// When it misleads.
    pub misleads: &'static str,
}

/// The scale of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexScale {
    /// The unit of the measure.
    Measure,
    /// The unit of the measure, squared.
    Squared,
    /// A bare number.
    Bare,
}

/// One index over all groups of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// Which measure and place; its group has no meaning.
    pub key: Key,
    /// Which index.
    pub kind: IndexKind,
    /// Its value on its own scale, 0–1 inside.
    pub value: Calculated<f64>,
    /// Its interval, where it has one.
    pub interval: Calculated<Interval>,
    /// Groups that it rests on.
    pub groups: usize,
    /// Pupils of the smallest of them.
    pub smallest_n: Option<i64>,
}

/// Indices of every measure and place.
#[derive(Debug, Clone)]
pub struct Summary {
    /// One row a measure, place and index.
    pub rows: Vec<SummaryRow>,
    /// What the rows index.
    pub index: Index,
    /// Whether the groups stand in an order.
    pub ordered: bool,
}

const fn kind(
    id: &'static str,
    label: &'static str,
    scale: IndexScale,
    misleads: &'static str,
) -> IndexKind {
    IndexKind {
        id,
        label,
        scale,
        misleads,
    }
}

const RANGE: IndexKind = kind(
    "largest_difference",
    "Largest difference between two groups",
    IndexScale::Measure,
    "where a group is small: the extremes are then chance, and its interval does not allow for having picked them",
);
const RATIO: IndexKind = kind(
    "largest_ratio",
    "Largest ratio between two groups",
    IndexScale::Bare,
    "where values are near zero, and the ratio of the opposite outcome is another number",
);
const FROM_BEST: IndexKind = kind(
    "mean_difference_from_best",
    "Mean difference from the best-placed group",
    IndexScale::Measure,
    "where the best-placed group is small: chance then sets the mark",
);
const FROM_MEAN: IndexKind = kind(
    "mean_difference_from_mean",
    "Mean difference from everyone's value, groups equal",
    IndexScale::Measure,
    "where there are small groups: each weighs as much as the largest",
);
const WEIGHTED: IndexKind = kind(
    "weighted_difference_from_mean",
    "Mean difference from everyone's value, by pupils",
    IndexScale::Measure,
    "where one group is most pupils: it is its own mark",
);
const DISPARITY: IndexKind = kind(
    "index_of_disparity",
    "Index of disparity",
    IndexScale::Bare,
    "over time: improving all groups alike raises it for an adverse outcome",
);
const VARIANCE: IndexKind = kind(
    "between_group_variance",
    "Between-group variance",
    IndexScale::Squared,
    "by its unit, points squared, and by its weight on groups far out; chance raises it",
);
const THEIL: IndexKind = kind(
    "theil",
    "Theil index",
    IndexScale::Bare,
    "by having no reading of its own; groups with high values weigh most",
);
const DEVIATION: IndexKind = kind(
    "mean_log_deviation",
    "Mean log deviation",
    IndexScale::Bare,
    "where a value is near zero: it grows without bound",
);
const SLOPE: IndexKind = kind(
    "slope_index",
    "Slope index of inequality",
    IndexScale::Measure,
    "for groups without an order, and where values do not follow it in a smooth curve",
);
const RELATIVE: IndexKind = kind(
    "relative_index",
    "Relative index of inequality",
    IndexScale::Bare,
    "as the slope index, and near zero as every ratio",
);

/// Every index, in the order of the rows; the last two only where groups have an order.
pub const INDICES: [IndexKind; 11] = [
    RANGE, RATIO, FROM_BEST, FROM_MEAN, WEIGHTED, DISPARITY, VARIANCE, THEIL, DEVIATION, SLOPE,
    RELATIVE,
];

impl Gaps {
    /// Returns one number for the spread over all groups, by every index there is.
    ///
    /// With `ordered` the groups are taken to stand in an order, lowest first, as bands of
    /// deprivation do; ethnic groups have none, and slope and relative index are left out.
    ///
    /// # Formula
    /// As the functions of [`disprop_stats::inequality::Groups`], over the groups of the gaps.
    ///
    /// # Units and shapes
    /// Values are 0–1 inside; [`IndexKind::scale`] says what a unit's factor does to them.
    ///
    /// # Returns None when
    /// `no_counterpart` for fewer than two groups with anybody in them; `not_a_ratio_scale` for
    /// relative indices of scales without a zero; `not_a_proportion` for slopes of other measures.
    ///
    /// # Errors
    /// `option.bad` where groups overlap: a pupil would count twice.
    ///
    /// # Source
    /// Keppel et al. (2005); Pearcy and Keppel (2002); Harper and Lynch (2005); WHO (2013, 2022).
    ///
    /// # Example: three groups
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "Indian", "White British"],
    ///     "events" => [30, 10, 40], "pupils" => [100, 100, 200])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let summary = gaps.summary_indices(false)?;
    /// assert_eq!(summary.rows[0].kind.id, "largest_difference");
    /// assert!((summary.rows[0].value? - 0.2).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn summary_indices(&self, ordered: bool) -> Result<Summary, Error> {
        for (place, group) in self.groups.iter().enumerate() {
            let shared = |other: &&crate::gaps::Group| {
                other.leaves.iter().any(|leaf| group.leaves.contains(leaf))
            };
            if let Some(other) = self.groups.iter().skip(place + 1).find(shared) {
                return Err(Error::Option {
                    option: "groups",
                    found: format!("{} and {}", group.label, other.label),
                    expected: "groups that share no pupil".into(),
                });
            }
        }
        let layers = Layers::new(&self.source, &self.by(), &[], &self.choices())?;
        let mut rows = Vec::new();
        for spot in &layers.spots {
            for (number, measure) in layers.tallies.measures().iter().enumerate() {
                let sizes = self
                    .rows
                    .iter()
                    .filter(|gap| gap.measure == number && gap.place == spot.place);
                let sizes: Vec<i64> = sizes
                    .filter_map(|gap| gap.group.n)
                    .filter(|n| *n > 0)
                    .collect();
                let found = match &measure.column {
                    Column::Proportion(c) => groups(layers.totals(spot, measure, c)),
                    Column::Mean(c) => groups(layers.totals(spot, measure, c)),
                    Column::Ratio(c) => groups(layers.totals(spot, measure, c)),
                    Column::Rate(c) => groups(layers.totals(spot, measure, c)),
                };
                let family = measure.column.family();
                let point = family == Family::Rate && !measure.measure.quantity.counts_events();
                for kind in INDICES.iter().take(if ordered { 11 } else { 9 }) {
                    let value = found
                        .as_ref()
                        .map_err(|reason| *reason)
                        .and_then(|groups| index_of(groups, kind, &measure.measure, family));
                    rows.push(SummaryRow {
                        key: Key {
                            measure: number,
                            of: 0,
                            place: std::sync::Arc::clone(&spot.place),
                        },
                        kind: *kind,
                        value: value.map(Found::value),
                        interval: value.and_then(|found| match found {
                            Found::Estimate(_) if point => Err(NotCalculable::NoSecondMoment),
                            Found::Estimate(e) => e.interval(self.options.level),
                            Found::Number(_) => Err(NotCalculable::NoMethod),
                        }),
                        groups: sizes.len(),
                        smallest_n: sizes.iter().min().copied(),
                    });
                }
            }
        }
        Ok(Summary {
            rows,
            index: self.index(),
            ordered,
        })
    }
}

fn groups<T: disprop_stats::fraction::Fraction>(tallies: Vec<Calculated<T>>) -> Calculated<Groups> {
    Groups::new(&tallies.into_iter().collect::<Calculated<Vec<T>>>()?)
}

/// A number with or without an error.
#[derive(Clone, Copy)]
enum Found {
    Number(f64),
    Estimate(Estimate),
}

impl Found {
    fn value(self) -> f64 {
        match self {
            Found::Number(value) => value,
            Found::Estimate(estimate) => estimate.estimate,
        }
    }
}

fn index_of(
    groups: &Groups,
    kind: &IndexKind,
    measure: &Measure,
    family: Family,
) -> Calculated<Found> {
    let best = match measure.polarity {
        Polarity::HigherIsBetter => Ok(Best::Highest),
        Polarity::LowerIsBetter => Ok(Best::Lowest),
        Polarity::Neither => Err(NotCalculable::NoMethod),
    };
    let bare = kind.scale == IndexScale::Bare;
    if bare && !measure.ratio_scale {
        return Err(NotCalculable::NotARatioScale);
    }
    if (*kind == SLOPE || *kind == RELATIVE) && family != Family::Proportion {
        return Err(NotCalculable::NotAProportion);
    }
    let number = |value: Calculated<f64>| value.map(Found::Number);
    let estimate = |value: Calculated<Estimate>| value.map(Found::Estimate);
    match kind.id {
        "largest_difference" => estimate(Ok(groups.difference())),
        "largest_ratio" => estimate(groups.ratio()),
        "mean_difference_from_best" => {
            number(best.map(|best| groups.mean_difference_from_best(best, Weights::Equal)))
        }
        "mean_difference_from_mean" => number(Ok(groups.mean_difference_from_mean(Weights::Equal))),
        "weighted_difference_from_mean" => {
            number(Ok(groups.mean_difference_from_mean(Weights::Population)))
        }
        "index_of_disparity" => number(groups.index_of_disparity(Weights::Equal)),
        "between_group_variance" => estimate(Ok(groups.between_group_variance())),
        "theil" => estimate(groups.theil()),
        "mean_log_deviation" => estimate(groups.mean_log_deviation()),
        "slope_index" => number(groups.slope_index()),
        _ => number(groups.relative_index()),
    }
}
