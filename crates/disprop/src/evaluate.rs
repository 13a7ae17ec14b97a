//! Did a gap change more in the schools that took a programme than in those that did not?
//!
//! The answer is about the programme only if, without it, both sorts of school would have moved
//! alike. That cannot be tested; every result comes with each year's gap in both arms and with the
//! difference of their trends before the programme.

mod options;
mod plan;
mod scene;

use disprop_stats::{Calculated, Interval};

pub use options::{Arm, EvaluateOptions, Programme, Statistic};

use crate::error::Error;
use crate::gaps::Group;
use crate::measure::Measure;
use crate::strata::{Figures, Place, Strata};
use crate::tallies::{Column, Tallies};

use plan::Plan;
use scene::Scene;

/// One number of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Which measure: an index into [`Evaluation::measures`].
    pub measure: usize,
    /// Which group: an index into [`Evaluation::groups`].
    pub of: usize,
    /// The place.
    pub place: Place,
    /// What it is.
    pub statistic: Statistic,
    /// Where.
    pub arm: Arm,
    /// When: a year, or the years before and after.
    pub period: String,
    /// The number.
    pub value: Calculated<f64>,
    /// Its interval, schools as clusters.
    pub interval: Calculated<Interval>,
    /// Two-sided p-value against nothing.
    pub p: Calculated<f64>,
    /// Pupils of the group and of the baseline behind it.
    pub n: (i64, i64),
    /// The smallest number of pupils on either side in an arm and period behind it.
    pub smallest: i64,
    /// Schools with pupils of the group: with the programme, and elsewhere.
    pub schools: (usize, usize),
    /// What an effect comes to, in words.
    pub finding: Option<String>,
    /// What must be said of the years: a break in the series.
    pub series: Option<String>,
}

/// An evaluation.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// For each measure, place and group the effect, its two sides, the pre-trend, the change in both
    /// arms and every year's gap in both arms.
    pub rows: Vec<Outcome>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions that name a place.
    pub dimensions: Vec<String>,
    /// The choices that made them.
    pub options: EvaluateOptions,
    /// Programme schools named that the tallies do not have.
    pub absent: usize,
}

impl Tallies {
    /// Returns how much more every chosen group's gap changed in programme schools than elsewhere.
    ///
    /// Pupils without a school are left out. A school that exists in some years only counts in
    /// those. The pre-trend takes all years up to the last one before the programme.
    ///
    /// # Formula
    /// (g₁₁ − b₁₁ − g₁₀ + b₁₀) − (g₀₁ − b₀₁ − g₀₀ + b₀₀), first index the arm, second the period:
    /// a triple difference, with schools as clusters; see [`did`](disprop_stats::did).
    ///
    /// # Errors
    /// `dimension.unknown`, `group.unknown`; `option.bad` for years that are not there, or on both
    /// sides, for no school of the tallies in the programme, and a baseline that is neither all
    /// others nor a group.
    ///
    /// # Source
    /// Bertrand, Duflo and Mullainathan, *QJE* 119 (2004), 249; Roth, *AER: Insights* 4 (2022), 305.
    ///
    /// # Example: too few schools are refused with a reason
    /// ```
    /// use disprop::evaluate::{EvaluateOptions, Programme, Statistic};
    /// use disprop::{Cohort, Columns, measure};
    /// use disprop_stats::NotCalculable;
    /// # let (mut year, mut urn, mut code, mut gld) = (vec![], vec![], vec![], vec![]);
    /// # for y in ["2022/23", "2023/24"] { for u in [1, 2] { for i in 0..40 {
    /// #     year.push(y); urn.push(u); code.push(if i % 4 == 0 { "BCRB" } else { "WBRI" }); gld.push(i % 3 % 2);
    /// # } } }
    /// # let frame = polars::prelude::df!("year" => year, "urn" => urn, "ethnicity" => code, "gld" => gld)?;
    /// let tallies = Cohort::new(frame, Columns::npd())?
    ///     .tally(&[measure("gld")?], &["year", "urn"])?;
    /// let schools = Programme::Schools(vec!["1".into()]);
    /// let options = EvaluateOptions {
    ///     school: "urn".into(),
    ///     ..EvaluateOptions::new(schools, &["2022/23"], &["2023/24"])
    /// };
    /// let evaluation = tallies.evaluate(&options)?;
    /// assert_eq!(evaluation.rows[0].statistic, Statistic::Effect);
    /// assert_eq!(evaluation.rows[0].value, Err(NotCalculable::TooFewClusters));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate(&self, options: &EvaluateOptions) -> Result<Evaluation, Error> {
        let mut names = vec![options.year.as_str(), options.school.as_str()];
        if let Programme::Flag { dimension, .. } = &options.programme {
            names.push(dimension);
        }
        let strata = Strata::new(self, &names, &[], &options.gaps)?;
        let plan = Plan::new(&strata, options)?;
        let mut rows = Vec::new();
        for place in &strata.places {
            for (number, measure) in strata.tallies.measures().iter().enumerate() {
                for (of, group) in strata.groups.iter().enumerate() {
                    let scene = Scene {
                        plan: &plan,
                        options,
                        measure: &measure.measure,
                        number,
                        of,
                        place,
                    };
                    match &measure.column {
                        Column::Proportion(c) => {
                            scene.rows(strata.of(place, Figures::new(c, measure), group), &mut rows)
                        }
                        Column::Mean(c) => {
                            scene.rows(strata.of(place, Figures::new(c, measure), group), &mut rows)
                        }
                        Column::Ratio(c) => {
                            scene.rows(strata.of(place, Figures::new(c, measure), group), &mut rows)
                        }
                        Column::Rate(c) => {
                            scene.rows(strata.of(place, Figures::new(c, measure), group), &mut rows)
                        }
                    }
                }
            }
        }
        let all = strata.tallies.measures().iter();
        Ok(Evaluation {
            rows,
            measures: all.map(|m| m.measure.clone()).collect(),
            dimensions: strata.by,
            groups: strata.groups,
            options: options.clone(),
            absent: plan.absent,
        })
    }
}

impl Evaluation {
    /// Returns one line over the table.
    pub fn title(&self) -> String {
        format!(
            "Change of each gap from {} to {}: programme schools against elsewhere",
            self.options.before.join(", "),
            self.options.after.join(", ")
        )
    }

    /// Returns what must be said of the rows.
    pub fn note(&self) -> String {
        let absent = match self.absent {
            0 => String::new(),
            1 => " One school of the programme is not in the data.".into(),
            n => format!(" {n} schools of the programme are not in the data."),
        };
        format!(
            "The effect is the change of the gap in programme schools less its change elsewhere. It \
             is the programme's only if both sorts of school would have moved alike without it: \
             look at the pre-trend and at each year's gap, ask how schools came to take part, and \
             mind that a pre-trend that is not clear is no proof of a common one. Intervals take \
             schools as clusters and are at the {} % level.{absent}",
            crate::number::plain(100.0 * self.options.gaps.level.value()),
        )
    }
}
