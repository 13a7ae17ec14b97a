//! Adjusted gaps: what is left of a gap among pupils alike in FSM, SEN, sex or year group.
//!
//! The raw gap always stands beside the adjusted one. Adjusting compares like with like; it does not
//! say what causes a gap, and a characteristic that is itself part of how the disparity comes about
//! (SEN, exclusion, often FSM) takes that part away.

mod methods;
mod options;
mod scene;

use std::collections::BTreeMap;

use disprop_stats::wald::ChiSquared;
use disprop_stats::{Calculated, Interval, NotCalculable};

use crate::error::Error;
use crate::gaps::{Contrast, Gap, GapOptions, Group, Verdict};
use crate::measure::Measure;
use crate::strata::{Figures, Place, Strata, Support};
use crate::tallies::{Column, Tallies};

pub use options::{AdjustOptions, Method};

use scene::Scene;

/// One group's raw gap and the gap that is left within strata.
#[derive(Debug, Clone, PartialEq)]
pub struct AdjustedGap {
    /// The raw gap: measure, group and place are its.
    pub raw: Gap,
    /// Raw difference, with a clustered interval where schools are clusters.
    pub raw_difference: Contrast,
    /// Raw ratio, likewise.
    pub raw_ratio: Contrast,
    /// How it was adjusted.
    pub method: Method,
    /// Adjusted difference, group − baseline.
    pub difference: Contrast,
    /// Adjusted ratio, group ÷ baseline.
    pub ratio: Contrast,
    /// Adjusted odds ratio; proportions only.
    pub odds_ratio: Contrast,
    /// Two-sided p-value of the adjusted difference.
    pub p: Calculated<f64>,
    /// Adjusted ÷ raw difference, where the raw gap is clearly not nothing.
    pub remains: Calculated<f64>,
    /// Its interval: adjusted and raw difference are made from the same pupils.
    pub remains_interval: Calculated<Interval>,
    /// Breslow–Day–Tarone test that the odds ratio is the same in every stratum.
    pub homogeneity: Calculated<ChiSquared>,
    /// What the comparison rests on.
    pub support: Support,
    /// Schools with pupils of the group, where schools are clusters.
    pub schools: Option<usize>,
    /// What the adjusted gap comes to.
    pub verdict: Verdict,
}

/// Raw and adjusted gaps side by side.
#[derive(Debug, Clone)]
pub struct Adjusted {
    /// One row a measure, place, group and method.
    pub rows: Vec<AdjustedGap>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions that name a place.
    pub dimensions: Vec<String>,
    /// The choices that made them.
    pub options: AdjustOptions,
    /// What was counted.
    pub unit: String,
}

impl Tallies {
    /// Returns every chosen group's gap beside the gap that is left within strata.
    ///
    /// Strata are all combinations of the named dimensions, a missing value being one of its own.
    /// Pupils in strata without a counterpart take no part in Mantel–Haenszel or standardisation;
    /// the row says how many there are. A regression takes each characteristic on its own and so
    /// reaches beyond the strata that compare.
    ///
    /// # Formula
    /// See [`mantel_haenszel`](disprop_stats::mantel_haenszel),
    /// [`to_group_mix`](disprop_stats::standardise::to_group_mix) and
    /// [`cell_regression`](disprop_stats::cell_regression), whose standardised gap at the group's
    /// own mix is the adjusted difference. Errors of regressions: HC1, the model's own for logistic
    /// odds; CR2 by school. Of the other two by school, and of what remains: leaving out one school at
    /// a time. What remains: see [`remaining`](disprop_stats::remaining).
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for no strata, a dimension named twice, a
    /// baseline that is neither all others nor a group, a method that is not on the list.
    ///
    /// # Source
    /// DOMAIN 11.4; Mantel and Haenszel (1959); Sato (1989); Lane and Nelder (1982).
    ///
    /// # Example: the raw gap is all mix
    /// ```
    /// use disprop::adjust::AdjustOptions;
    /// use disprop::{Cohort, Columns, GapOptions, gaps::GroupChoice, measure};
    /// # let (mut code, mut fsm, mut suspended) = (vec![], vec![], vec![]);
    /// # let cells = [("BCRB", 1, 40, 4), ("BCRB", 0, 10, 2), ("WBRI", 1, 100, 10), ("WBRI", 0, 400, 80)];
    /// # for (c, f, n, every) in cells {
    /// #     for i in 0..n { code.push(c); fsm.push(f); suspended.push(i32::from(i % (n / every) == 0)); }
    /// # }
    /// # let frame = polars::prelude::df!("ethnicity" => code, "fsm" => fsm, "gld" => suspended)?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let tallies = cohort.tally(&[measure("gld")?], &["fsm"])?;
    /// let groups = vec![GroupChoice::Code("BCRB".into())];
    /// let adjusted = tallies.adjusted(&AdjustOptions {
    ///     gaps: GapOptions { groups, ..GapOptions::default() },
    ///     strata: vec!["fsm".into()],
    ///     ..AdjustOptions::default()
    /// })?;
    /// let row = &adjusted.rows[0];
    /// assert!(row.raw.difference.value? < -0.05);
    /// assert!(row.difference.value?.abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn adjusted(&self, options: &AdjustOptions) -> Result<Adjusted, Error> {
        if options.strata.is_empty() {
            return Err(Error::Option {
                option: "strata",
                found: "nothing".into(),
                expected: "one dimension or more to adjust for".into(),
            });
        }
        let names: Vec<&str> = options
            .strata
            .iter()
            .chain(&options.cluster)
            .map(String::as_str)
            .collect();
        let strata = Strata::new(self, &names, &[], &options.gaps)?;
        let raw = strata.tallies.gaps(&GapOptions {
            by: Some(strata.by.clone()),
            ..options.gaps.clone()
        })?;
        let known: BTreeMap<(&Place, usize, usize), &Gap> = raw
            .rows
            .iter()
            .map(|gap| ((&gap.place, gap.measure, gap.of), gap))
            .collect();
        let mut rows = Vec::new();
        for place in &strata.places {
            for (number, measure) in strata.tallies.measures().iter().enumerate() {
                let scene = Scene {
                    strata: &strata,
                    place,
                    measure: &measure.measure,
                    family: measure.column.family(),
                    options,
                };
                for (of, group) in strata.groups.iter().enumerate() {
                    let Some(raw) = known.get(&(&place.place, number, of)) else {
                        continue;
                    };
                    match &measure.column {
                        Column::Proportion(c) => {
                            scene.rows(raw, group, Figures::new(c, measure), &mut rows)
                        }
                        Column::Mean(c) => {
                            scene.rows(raw, group, Figures::new(c, measure), &mut rows)
                        }
                        Column::Ratio(c) => {
                            scene.rows(raw, group, Figures::new(c, measure), &mut rows)
                        }
                        Column::Rate(c) => {
                            scene.rows(raw, group, Figures::new(c, measure), &mut rows)
                        }
                    }
                }
            }
        }
        Ok(Adjusted {
            rows,
            measures: raw.measures,
            groups: raw.groups,
            dimensions: raw.dimensions,
            options: AdjustOptions {
                gaps: raw.options,
                ..options.clone()
            },
            unit: raw.unit,
        })
    }
}

impl Adjusted {
    /// Returns one line over the table.
    pub fn title(&self) -> String {
        format!(
            "Raw gaps and gaps adjusted for {}",
            self.options.strata.join(", ")
        )
    }

    /// Returns what must be said of the rows.
    pub fn note(&self) -> String {
        let clusters = match &self.options.cluster {
            Some(_) => " Intervals allow for pupils of one school being alike.",
            None => "",
        };
        format!(
            "An adjusted gap compares pupils alike in {}; it is no measure of what causes a gap. {} \
             What remains is the adjusted difference as a share of the raw one, given only where \
             the raw gap is clear; strata and pupils without a counterpart are counted in the row. \
             A gap that closes when adjusted is still a gap.{clusters} Intervals are at the {} % level.",
            self.options.strata.join(", "),
            crate::strata::pathway(&self.options.strata),
            crate::number::plain(100.0 * self.options.gaps.level.value()),
        )
    }

    /// Returns the first row of a measure, group and method.
    pub fn find(&self, measure: &str, group: &str, method: Method) -> Option<&AdjustedGap> {
        self.rows.iter().find(|row| {
            row.method == method
                && self
                    .measures
                    .get(row.raw.measure)
                    .is_some_and(|m| m.id == measure)
                && self.groups.get(row.raw.of).is_some_and(|g| g.name == group)
        })
    }
}

impl AdjustedGap {
    /// Returns why numbers are missing, in the form `zero_baseline (ratio)`.
    pub fn reasons(&self) -> String {
        let ends = |c: &Contrast| c.value.and(c.interval.map(|_| 0.0));
        let mut parts: Vec<(&str, Calculated<f64>)> = vec![
            ("raw_difference", ends(&self.raw_difference)),
            ("adjusted_difference", ends(&self.difference)),
            ("adjusted_ratio", ends(&self.ratio)),
        ];
        let odds = ends(&self.odds_ratio);
        if odds != Err(NotCalculable::NotAProportion) && odds != Err(NotCalculable::NoMethod) {
            parts.push(("adjusted_odds_ratio", odds));
        }
        let remains = self.remains.and(self.remains_interval.map(|_| 0.0));
        if ends(&self.raw_difference)
            .and(ends(&self.difference))
            .is_ok()
        {
            parts.push(("remaining", remains));
        }
        let said = parts.into_iter().filter_map(|(name, value)| {
            let reason = value.err()?;
            Some(format!("{} ({name})", reason.code()))
        });
        said.collect::<Vec<String>>().join("; ")
    }
}
