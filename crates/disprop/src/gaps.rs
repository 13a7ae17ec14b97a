//! Each group against its baseline: difference, ratio, odds ratio, excess, and a finding in words.

mod clustered;
mod compare;
mod dispersed;
mod family;
mod groups;
pub(crate) mod layers;
mod options;
mod sums;
mod verdict;

use std::sync::Arc;

use disprop_stats::{Calculated, Interval, NotCalculable};

pub use clustered::{Cluster, ClusterMethod, Clustered};
pub(crate) use groups::resolve;
pub use groups::{Group, GroupChoice};
pub use options::{Baseline, Dispersion, GapOptions, Unclassified};
pub(crate) use sums::Sum;
pub use verdict::Verdict;

use crate::error::Error;
use crate::finding::Finding;
use crate::measure::Measure;
use crate::tallies::Tallies;

/// Values of the dimensions that name a place.
pub(crate) type Place = Arc<[Option<String>]>;

/// What the rows of an analysis index, and the level of its intervals.
#[derive(Debug, Clone)]
pub struct Index {
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions of a place.
    pub dimensions: Vec<String>,
    /// Level of every interval.
    pub level: disprop_stats::Level,
}

/// Which measure, group and place a row of an analysis is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which measure: an index into [`Index::measures`].
    pub measure: usize,
    /// Which group: an index into [`Index::groups`].
    pub of: usize,
    /// Values of the dimensions, in the order of [`Index::dimensions`].
    pub place: Arc<[Option<String>]>,
}

impl Index {
    /// What the unit of a measure multiplies an inner value with.
    pub(crate) fn factor(&self, key: &Key) -> f64 {
        let measure = self.measures.get(key.measure);
        measure.map_or(1.0, |m| m.unit.factor())
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Pupils (enrolments, staff, schools) behind the value; nothing where not known.
    pub n: Option<i64>,
    /// The value, as a fraction for percentages.
    pub value: Calculated<f64>,
    /// Its interval.
    pub interval: Calculated<Interval>,
    /// Variance of the value over independent pupils, from which changes over time are judged.
    pub variance: Calculated<f64>,
    /// Where the value must lie, when rounding or a withheld count leaves it open.
    pub range: Option<Interval>,
}

/// Group against baseline on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The estimate.
    pub value: Calculated<f64>,
    /// Its interval.
    pub interval: Calculated<Interval>,
    /// Where the estimate must lie, when rounding, a withheld count or the policy on unclassified
    /// pupils leaves it open.
    pub range: Option<Interval>,
    /// Id of the interval's method.
    pub method: &'static str,
}

/// One group against its baseline, for one measure in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Which measure: an index into [`Gaps::measures`].
    pub measure: usize,
    /// Which group: an index into [`Gaps::groups`].
    pub of: usize,
    /// Values of the dimensions, in the order of [`Gaps::dimensions`].
    pub place: Arc<[Option<String>]>,
    /// The group.
    pub group: Side,
    /// What it is compared with.
    pub baseline: Side,
    /// Name of the baseline in print.
    pub baseline_label: Arc<str>,
    /// Group − baseline.
    pub difference: Contrast,
    /// Group ÷ baseline.
    pub ratio: Contrast,
    /// Odds of the group ÷ odds of the baseline; proportions only.
    pub odds_ratio: Contrast,
    /// Share of the outcome ÷ share of the cohort: the group's value ÷ everyone's.
    pub share_ratio: Calculated<f64>,
    /// Events, pupils or points above (+) or below (−) what the baseline's value would give.
    pub excess: Contrast,
    /// What it comes to, in words.
    pub verdict: Verdict,
    /// Share of the cohort with a known ethnic group.
    pub coverage: Calculated<f64>,
    /// What must be said of the year: a break in the series or a year out of line.
    pub series: Option<String>,
    /// What schools being alike does to it, where that was asked for.
    pub clustering: Option<Clustered>,
    /// Its test of no difference, where many comparisons were allowed for.
    pub test: Option<Tested>,
}

/// A test of no difference, by itself and as one of many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Two-sided p-value of this comparison alone.
    pub p_value: Calculated<f64>,
    /// The same, corrected over its family.
    pub p_adjusted: Calculated<f64>,
}

/// Gaps of some groups, measures and places, with the choices behind them.
///
/// # Example: difference and ratio in one row
/// ```
/// use disprop::{GapOptions, Tallies, measure};
/// use disprop::tallies::{Counts, Whole};
/// use polars::prelude::df;
///
/// // England 2016/17: suspensions, rounded to 5 (DfE, Permanent and fixed-period exclusions).
/// let frame = df!(
///     "characteristic" => ["Black Caribbean", "Total"],
///     "suspensions" => [9_445, 381_865],
///     "headcount" => [92_595, 8_025_075],
/// )?;
/// let counts = Counts::new(measure("suspensions")?, "characteristic", "suspensions", "headcount")
///     .whole(Whole::Row("Total".into()));
/// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
/// let gap = gaps.find("suspensions", "BCRB").expect("the row is there");
/// assert_eq!(format!("{:.3}", gap.ratio.value?), "2.173");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gaps {
    /// One row a gap: by place, measure and group, in order.
    pub rows: Vec<Gap>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions.
    pub dimensions: Vec<String>,
    /// The choices that made them.
    pub options: GapOptions,
    /// What was counted: `enrolment`, `pupil` or `published count`.
    pub unit: String,
    /// What was found in the data on the way.
    pub findings: Vec<Finding>,
    /// The exact sums behind the rows, which disclosure control needs and no output shows.
    pub(crate) tallies: Arc<Tallies>,
    /// What was said of many comparisons, where they were allowed for.
    pub many: Option<String>,
    /// The sums behind them, schools kept apart where they are clusters.
    pub(crate) source: Arc<Tallies>,
}

impl Tallies {
    /// Returns every chosen group's gap to its baseline, for every measure and place.
    ///
    /// # Errors
    /// `group.unknown`, `dimension.unknown`, `option.bad`, `stats.unknown_method`.
    pub fn gaps(&self, options: &GapOptions) -> Result<Gaps, Error> {
        compare::gaps(self, options)
    }
}

/// The groups that choices stand for, as they are among these tallies.
///
/// # Errors
/// `group.unknown`.
pub(crate) fn resolved(tallies: &Tallies, choices: &[GroupChoice]) -> Result<Vec<Group>, Error> {
    groups::resolve(tallies, choices)
}

/// Names of the dimensions that gaps keep: those asked for, or all but the cluster's.
///
/// # Errors
/// `option.bad` where the cluster's dimension is to be kept as well.
pub(crate) fn kept<'a>(
    tallies: &'a Tallies,
    options: &'a GapOptions,
) -> Result<Vec<&'a str>, Error> {
    let cluster = options.cluster.as_ref().map(|c| c.dimension.as_str());
    let Some(by) = &options.by else {
        let all = tallies.dimensions().iter().map(|d| d.name.as_str());
        return Ok(all.filter(|name| Some(*name) != cluster).collect());
    };
    match by.iter().find(|name| Some(name.as_str()) == cluster) {
        None => Ok(by.iter().map(String::as_str).collect()),
        Some(name) => Err(Error::Option {
            option: "cluster",
            found: name.clone(),
            expected: "a dimension that is not in `by` as well".into(),
        }),
    }
}

impl Gaps {
    /// Returns the first gap of a measure and group, by id and by code or name.
    pub fn find(&self, measure: &str, group: &str) -> Option<&Gap> {
        self.rows.iter().find(|gap| {
            self.measures
                .get(gap.measure)
                .is_some_and(|m| m.id == measure)
                && self.groups.get(gap.of).is_some_and(|g| g.name == group)
        })
    }

    /// Returns dimensions of which one value was kept before the gaps were made, and that value.
    pub fn kept(&self) -> &[(String, String)] {
        self.tallies.kept()
    }

    /// What rows made of these gaps index.
    pub(crate) fn index(&self) -> Index {
        Index {
            measures: self.measures.clone(),
            groups: self.groups.clone(),
            dimensions: self.dimensions.clone(),
            level: self.options.level,
        }
    }

    /// Names of the dimensions, to be passed on.
    pub(crate) fn by(&self) -> Vec<&str> {
        self.dimensions.iter().map(String::as_str).collect()
    }

    /// Returns the note that belongs to every table, file or picture of these gaps.
    pub fn note(&self) -> String {
        let unclassified = match self.options.unclassified {
            Unclassified::Exclude => {
                "Pupils whose ethnicity was refused, not obtained or is missing are on neither side."
            }
            Unclassified::Include => {
                "Pupils whose ethnicity was refused, not obtained or is missing count among the others."
            }
            Unclassified::Bounds => {
                "Pupils whose ethnicity was refused, not obtained or is missing are on neither side; \
                 the range shows the gap with and without them among the others."
            }
        };
        let many = self
            .many
            .as_ref()
            .map_or_else(String::new, |m| format!(" {m}"));
        format!(
            "{} {unclassified} A gap describes outcomes, not pupils, and by itself says nothing of \
             its cause. Intervals are at the {} % level and describe year-to-year random variation{}.{many}",
            self.options.baseline.note(),
            crate::number::plain(100.0 * self.options.level.value()),
            self.options
                .cluster
                .as_ref()
                .map_or_else(String::new, Cluster::note),
        )
    }
}

impl Gap {
    /// Returns why numbers are missing, in the form `zero_baseline (ratio, odds_ratio)`.
    pub fn reasons(&self) -> String {
        let interval = |c: &Contrast| c.value.and(c.interval.map(|_| 0.0));
        let side = |s: &Side| s.value.and(s.interval.map(|_| 0.0));
        let n = |s: &Side| match (s.n, s.value) {
            (Some(n), _) => Ok(n as f64),
            (None, Err(reason)) => Err(reason),
            (None, Ok(_)) => Err(NotCalculable::NotStated),
        };
        let parts: [(&str, Calculated<f64>); 16] = [
            ("group_n", n(&self.group)),
            ("baseline_n", n(&self.baseline)),
            ("group_value", self.group.value),
            ("group_interval", side(&self.group)),
            ("baseline_value", self.baseline.value),
            ("baseline_interval", side(&self.baseline)),
            ("difference", self.difference.value),
            ("difference_interval", interval(&self.difference)),
            ("ratio", self.ratio.value),
            ("ratio_interval", interval(&self.ratio)),
            ("odds_ratio", self.odds_ratio.value),
            ("odds_ratio_interval", interval(&self.odds_ratio)),
            ("share_ratio", self.share_ratio),
            ("excess", self.excess.value),
            ("excess_interval", interval(&self.excess)),
            ("coverage", self.coverage),
        ];
        let mut reasons: Vec<(NotCalculable, Vec<&str>)> = Vec::new();
        for (name, reason) in parts.iter().filter_map(|(name, v)| Some((*name, v.err()?))) {
            let stem = name.trim_end_matches("_interval");
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                // An interval is missing because its value is; that is said once.
                Some((_, names)) if names.contains(&stem) => {}
                Some((_, names)) => names.push(name),
                None => reasons.push((reason, vec![name])),
            }
        }
        let said = reasons.into_iter().map(|(reason, names)| {
            let whole = names.contains(&"difference") && names.contains(&"ratio");
            if whole {
                reason.code().into()
            } else {
                format!("{} ({})", reason.code(), names.join(", "))
            }
        });
        said.collect::<Vec<String>>().join("; ")
    }

    /// Returns the ids of the interval methods behind the row.
    pub fn methods(&self) -> String {
        let contrasts = [&self.difference, &self.ratio, &self.odds_ratio];
        let used = contrasts.into_iter().filter(|c| c.interval.is_ok());
        let mut ids: Vec<&str> = used.map(|c| c.method).collect();
        ids.dedup();
        ids.join(" ")
    }
}
