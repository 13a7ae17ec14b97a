//! Rules that others have written down, applied to gaps: 34 CFR 300.647, relative rates, four fifths.
//!
//! A rule decides, it does not estimate: in a small group a ratio over a threshold is mostly chance.
//! Each row therefore stands with its numbers, and the four-fifths flag is off unless asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use disprop_stats::formal_rules::{self, Comparison, Flag, FormalRatio, Minimums};
use disprop_stats::{Calculated, Interval, NotCalculable, Proportion};

use crate::error::Error;
use crate::gaps::layers::{Layers, Spot};
use crate::gaps::{Baseline, GapOptions, Gaps, Index, Key};
use crate::measure::Polarity;
use crate::tallies::{Column, MeasureTallies, Tallies};

/// How formal rules are applied.
#[derive(Debug, Clone)]
pub struct FormalOptions {
    /// Smallest number with the outcome, and of pupils, on a side.
    pub minimums: Minimums,
    /// Ratio above which a group is flagged; no flag without it.
    pub threshold: Option<f64>,
    /// Years in a row that a ratio must lie above it: one to three.
    pub years: usize,
    /// Yearly fall that counts as reasonable progress, where the rule knows one.
    pub reasonable_progress: Option<f64>,
    /// The dimension of years.
    pub year: String,
    /// Tallies of the state, region or country, for the alternate ratio.
    pub wider: Option<Arc<Tallies>>,
    /// Whether to flag ratios outside 0.8 to 1.25.
    pub four_fifths: bool,
}

impl Default for FormalOptions {
    fn default() -> Self {
        FormalOptions {
            minimums: Minimums::default(),
            threshold: None,
            years: 3,
            reasonable_progress: None,
            year: "year".into(),
            wider: None,
            four_fifths: false,
        }
    }
}

/// What the rules say of one gap.
#[derive(Debug, Clone, PartialEq)]
pub struct FormalRow {
    /// Which gap.
    pub key: Key,
    /// Pupils with the outcome and pupils: the group.
    pub group: Calculated<Proportion>,
    /// The same of all others.
    pub others: Calculated<Proportion>,
    /// The risk ratio of the rule, or the alternate one, or why there is none.
    pub risk_ratio: Calculated<FormalRatio>,
    /// What the last years' ratios say, in the last year of a series.
    pub flag: Option<Flag>,
    /// The relative rate without any minimum, and its interval.
    pub relative_rate: Calculated<f64>,
    /// Interval of the relative rate.
    pub interval: Calculated<Interval>,
    /// Whether the relative rate lies outside 0.8 to 1.25 on the unfavourable side; where asked for.
    pub four_fifths: Option<bool>,
}

/// What the rules say of every gap.
#[derive(Debug, Clone)]
pub struct Formal {
    /// One row a gap.
    pub rows: Vec<FormalRow>,
    /// What the rows index.
    pub index: Index,
    /// The choices behind them.
    pub options: FormalOptions,
}

impl Gaps {
    /// Returns what formal rules say of every gap to all others.
    ///
    /// # Formula
    /// risk ratio (a/n₁)/(c/n₀) where both a, c ≥ cell and n₁, n₀ ≥ n; where only the comparison
    /// fails, with c and n₀ of all others in the wider area (the alternate ratio). The flag stands in
    /// the last year of a series: above the threshold in each of the last `years`.
    ///
    /// # Returns None when
    /// `not_a_proportion` for measures that do not count pupils; else as
    /// [`formal_rules::risk_ratio`].
    ///
    /// # Errors
    /// `option.bad` for a baseline other than all others, or years outside one to three;
    /// `dimension.unknown` where a threshold is given and the gaps have no such years.
    ///
    /// # Source
    /// 34 CFR 300.647; Uhrig (2016) for the relative rate index; 29 CFR 1607.4(D).
    ///
    /// # Example: the group is too small for the rule
    /// ```
    /// use disprop::{GapOptions, Tallies, formal::FormalOptions, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "White British"],
    ///     "events" => [9, 40], "pupils" => [100, 300])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let formal = gaps.formal_rules(&FormalOptions::default())?;
    /// let black_caribbean = &formal.rows[1]; // in the order of the code list
    /// assert_eq!(black_caribbean.risk_ratio.unwrap_err().code(), "below_minimum");
    /// assert!(black_caribbean.relative_rate? < 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn formal_rules(&self, options: &FormalOptions) -> Result<Formal, Error> {
        let bad = |option: &'static str, found: String, expected: &str| Error::Option {
            option,
            found,
            expected: expected.into(),
        };
        if !matches!(self.options.baseline, Baseline::AllOthers) {
            let expected = "all_others: the rules compare a group with all others";
            return Err(bad("baseline", self.options.baseline.label(), expected));
        }
        if !(1..=3).contains(&options.years) {
            return Err(bad(
                "years",
                options.years.to_string(),
                "one to three years",
            ));
        }
        let year = self.dimensions.iter().position(|d| *d == options.year);
        if options.threshold.is_some() && year.is_none() {
            return Err(Error::UnknownDimension {
                found: options.year.clone(),
                known: self.dimensions.clone(),
            });
        }
        let by = self.by();
        let layers = Layers::new(&self.source, &by, &[], &self.choices())?;
        let wider = match &options.wider {
            Some(wider) => Some(Wider::new(wider, &by, &self.choices())?),
            None => None,
        };
        let mut rows: Vec<FormalRow> = Vec::with_capacity(self.rows.len());
        let mut gaps = self.rows.iter();
        layers.each(|spot, measure, group, key| {
            let Some(gap) = gaps.next() else { return };
            let sides = layers.sides(spot, measure, group);
            let pair = match &measure.column {
                Column::Proportion(_) => {
                    sides.map(|s| (share(&s.group.sums), share(&s.baseline.sums)))
                }
                _ => Err(NotCalculable::NotAProportion),
            };
            let outside = wider
                .as_ref()
                .and_then(|w| w.others(spot, measure, &group.name));
            rows.push(FormalRow {
                key,
                group: pair.map(|(group, _)| group),
                others: pair.map(|(_, others)| others),
                risk_ratio: pair.and_then(|(group, others)| {
                    formal_rules::risk_ratio(&group, &others, outside.as_ref(), options.minimums)
                }),
                flag: None,
                relative_rate: gap.ratio.value,
                interval: gap.ratio.interval,
                four_fifths: options.four_fifths.then(|| {
                    gap.ratio
                        .value
                        .is_ok_and(|r| adverse(r, measure.measure.polarity))
                }),
            });
        });
        if let (Some(threshold), Some(year)) = (options.threshold, year) {
            flag(&mut rows, year, threshold, options);
        }
        Ok(Formal {
            rows,
            index: self.index(),
            options: options.clone(),
        })
    }

    /// The options that find the same groups again.
    pub(crate) fn choices(&self) -> GapOptions {
        GapOptions {
            cluster: None,
            ..self.options.clone()
        }
    }
}

/// Outside the four-fifths band on the side that is unfavourable, or on either without a direction.
fn adverse(ratio: f64, polarity: Polarity) -> bool {
    formal_rules::four_fifths(ratio)
        && match polarity {
            Polarity::HigherIsBetter => ratio < 1.0,
            Polarity::LowerIsBetter => ratio > 1.0,
            Polarity::Neither => true,
        }
}

/// A series of one measure, group and place: the row of each year, in order.
type Series = BTreeMap<(usize, usize, Vec<Option<String>>), Vec<usize>>;

fn flag(rows: &mut [FormalRow], year: usize, threshold: f64, options: &FormalOptions) {
    let mut series: Series = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        if row.key.place.get(year).is_none_or(Option::is_none) {
            continue;
        }
        let elsewhere = row.key.place.iter().enumerate().filter(|(i, _)| *i != year);
        let place = elsewhere.map(|(_, v)| v.clone()).collect();
        series
            .entry((row.key.measure, row.key.of, place))
            .or_default()
            .push(number);
    }
    for members in series.values() {
        let ratios: Vec<Option<f64>> = members
            .iter()
            .map(|i| Some(rows.get(*i)?.risk_ratio.ok()?.ratio))
            .collect();
        let last = members.last().and_then(|i| rows.get_mut(*i));
        if let Some(last) = last {
            last.flag = formal_rules::flag(
                &ratios,
                threshold,
                options.years,
                options.reasonable_progress,
            );
        }
    }
}

fn share(sums: &disprop_stats::Rate) -> Proportion {
    let units = |micro: i128| {
        i64::try_from(micro / i128::from(disprop_stats::tally::MICRO)).unwrap_or(i64::MAX)
    };
    Proportion::new(units(sums.events), units(sums.exposure))
}

/// All others in a wider area, over the dimensions that it shares.
struct Wider {
    layers: Layers,
    /// Places of the shared dimensions among those of the gaps.
    shared: Vec<usize>,
}

impl Wider {
    fn new(tallies: &Tallies, by: &[&str], options: &GapOptions) -> Result<Self, Error> {
        let has = |name: &str| tallies.dimensions().iter().any(|d| d.name == name);
        let shared: Vec<usize> = (0..by.len())
            .filter(|i| by.get(*i).is_some_and(|n| has(n)))
            .collect();
        let names: Vec<&str> = shared.iter().filter_map(|i| by.get(*i)).copied().collect();
        Ok(Wider {
            layers: Layers::new(tallies, &names, &[], options)?,
            shared,
        })
    }

    fn others(&self, spot: &Spot, measure: &MeasureTallies, group: &str) -> Option<Proportion> {
        let wanted: Vec<_> = self.shared.iter().map(|i| spot.place.get(*i)).collect();
        let there = |s: &&Spot| s.place.iter().map(Some).collect::<Vec<_>>() == wanted;
        let spot = self.layers.spots.iter().find(there)?;
        let measures = self.layers.tallies.measures();
        let same = measures
            .iter()
            .find(|m| m.measure.id == measure.measure.id)?;
        let group = self.layers.groups.iter().find(|g| g.name == group)?;
        let sides = self.layers.sides(spot, same, group).ok()?;
        matches!(same.column, Column::Proportion(_)).then(|| share(&sides.baseline.sums))
    }
}

/// Words for which comparison a ratio used.
pub(crate) fn comparison(ratio: &FormalRatio) -> &'static str {
    match ratio.comparison {
        Comparison::Local => "all others here",
        Comparison::Wider => "all others in the wider area",
    }
}
