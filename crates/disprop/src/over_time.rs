//! Whether a gap is closing: its change between years, and who moved.
//!
//! Works on gaps alone. A gap that narrowed because all other groups fell is told apart from one
//! that narrowed because the group rose, and no line is drawn across a break in the series.

mod line;
mod pooled;
mod same;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use disprop_stats::trend::{self, Change, Movement, Period, Verdict};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, Level, NotCalculable};

pub use line::{GapLine, Lines, OutOfLine};
pub(crate) use pooled::holds as pooled_holds;
pub use target::{GapProgress, Progresses, Target};

use same::Same;

use crate::engine::SharedPupils;
use crate::error::Error;
use crate::gaps::{Baseline, Gap, Gaps, Group, Side};
use crate::measure::Measure;

/// How one gap changed between two years.
#[derive(Debug, Clone, PartialEq)]
pub struct GapChange {
    /// Which measure: an index into [`Changes::measures`].
    pub measure: usize,
    /// Which group: an index into [`Changes::groups`].
    pub of: usize,
    /// Values of the other dimensions, in the order of [`Changes::dimensions`].
    pub place: Vec<Option<String>>,
    /// Name of the baseline in print; of both years where they differ.
    pub baseline_label: Arc<str>,
    /// The earlier year.
    pub from: String,
    /// The later year.
    pub to: String,
    /// Gap in the earlier year.
    pub earlier: Calculated<f64>,
    /// Gap in the later year.
    pub later: Calculated<f64>,
    /// Later gap − earlier gap.
    pub change: Calculated<f64>,
    /// Its interval, years taken as of different pupils: too wide, not too narrow, where they are
    /// not.
    pub interval: Calculated<Interval>,
    /// Later value − earlier value of the group.
    pub group_change: Calculated<f64>,
    /// The same of the baseline.
    pub baseline_change: Calculated<f64>,
    /// Narrowing, widening or no clear change.
    pub verdict: Calculated<Verdict>,
    /// What the group's value did.
    pub group_moved: Calculated<Movement>,
    /// What the baseline's value did.
    pub baseline_moved: Calculated<Movement>,
    /// What must be said of the years: a break between them, or a year out of line.
    pub series: Option<String>,
    /// Pupils of the group in the earlier and in the later year.
    pub group_n: (Option<i64>, Option<i64>),
    /// Pupils of the baseline in the earlier and in the later year.
    pub baseline_n: (Option<i64>, Option<i64>),
    /// Pupils of the group who are in both years, where identifiers were given.
    pub same: Option<i64>,
}

/// Changes of gaps between consecutive years, and from the first to the last.
#[derive(Debug, Clone)]
pub struct Changes {
    /// One row a change.
    pub rows: Vec<GapChange>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Names of the dimensions other than the year.
    pub dimensions: Vec<String>,
    /// How pupils, or schools, of both years were dealt with.
    pub allowance: Allowance,
    /// What was counted: `pupil` or `enrolment`.
    pub unit: String,
    /// Level of the intervals.
    pub level: Level,
}

/// How pupils, or schools, of both years were dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Years are taken as of different pupils: intervals are too wide, not too narrow.
    DifferentPupils,
    /// Pupils in both years are allowed for by their identifiers.
    SamePupils,
    /// Schools are in both years, and their pupils with them.
    Schools,
}

/// Gaps of one place, measure and group, in the order of their years.
type Series<'a> = BTreeMap<(Vec<Option<String>>, usize, usize), Vec<&'a Gap>>;

impl Gaps {
    /// Returns how every gap changed between consecutive values of a dimension of years, and from
    /// the first to the last where there are more than two.
    ///
    /// # Formula
    /// change = (g₂ − b₂) − (g₁ − b₁); variance the sum of the four; `Narrowing` where |gap| fell
    /// and the interval excludes zero.
    ///
    /// # Returns None when
    /// A change across a break in the series is `series_break`; a gap that is not calculable in
    /// either year passes its reason on.
    ///
    /// # Errors
    /// `dimension.unknown`; `option.bad` for the baseline `Overall`, which holds the group itself.
    ///
    /// # Source
    /// Variance of a linear combination; DOMAIN 0.6 for the breaks, 15 for "closer".
    ///
    /// # Example: it narrowed because the group's absence fell
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, measure};
    /// use disprop_stats::trend::{Movement, Verdict};
    /// # let (mut year, mut code, mut absent) = (vec![], vec![], vec![]);
    /// # for i in 0..400 {
    /// #     for y in ["2022/23", "2023/24"] {
    /// #         for c in ["BCRB", "WBRI"] {
    /// #             let high = if (y, c) == ("2022/23", "BCRB") { 2 } else { 4 };
    /// #             year.push(y); code.push(c); absent.push(if i % high == 0 { 60 } else { 5 });
    /// #         }
    /// #     }
    /// # }
    /// # let possible = vec![380; year.len()];
    /// # let frame = polars::prelude::df!("year" => year, "ethnicity" => code,
    /// #     "sessions_absent" => absent, "sessions_possible" => possible)?;
    /// let cohort = Cohort::new(frame, Columns::npd())?;
    /// let groups = vec![disprop::gaps::GroupChoice::Code("BCRB".into())];
    /// let gaps = cohort.tally(&[measure("persistent_absence")?], &["year"])?
    ///     .gaps(&GapOptions { groups, ..GapOptions::default() })?;
    /// let changes = gaps.over_time("year")?;
    /// assert_eq!(changes.rows[0].verdict, Ok(Verdict::Narrowing));
    /// assert_eq!(changes.rows[0].group_moved, Ok(Movement::Fell));
    /// assert_eq!(changes.rows[0].baseline_moved, Ok(Movement::Held));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over_time(&self, year: &str) -> Result<Changes, Error> {
        self.over_time_of(year, None)
    }

    /// Returns the same, with pupils who are in both years allowed for.
    ///
    /// Gaps with schools as clusters allow for them already: a school's terms of both years enter as
    /// one, and its pupils with them.
    ///
    /// # Formula
    /// The variance of each side's change less 2 cov(r₁, r₂), cov = Σ (x₁ − r₁d₁)(x₂ − r₂d₂)/(D₁D₂) over the
    /// pupils in that side in both years, at the same place.
    ///
    /// # Errors
    /// As [`Gaps::over_time`]; `option.bad` where the pupils were counted over other dimensions.
    ///
    /// # Source
    /// Cochran (1977), section 12.10.
    ///
    /// # Example: the same pupils twice do not change by chance
    /// ```
    /// use disprop::{Cohort, Columns, GapOptions, measure};
    /// let frame = polars::prelude::df!(
    ///     "pupil_id" => ["a", "b", "c", "d", "e", "f", "a", "b", "c", "d", "e", "f"],
    ///     "ethnicity" => ["BCRB", "BCRB", "BCRB", "WBRI", "WBRI", "WBRI"].repeat(2),
    ///     "year" => [["2022/23"; 6], ["2023/24"; 6]].concat(),
    ///     "gld" => [1, 0, 0, 1, 1, 0].repeat(2),
    /// )?;
    /// let cohort = Cohort::new(frame, Columns::npd().role("pupil", "pupil_id"))?;
    /// let gld = measure("gld")?;
    /// let gaps = cohort.tally(&[gld.clone()], &["year"])?.gaps(&GapOptions::default())?;
    /// let shared = cohort.shared_pupils(&[gld], "year", &[])?;
    /// let alone = gaps.over_time("year")?.rows[0].interval?;
    /// let same = gaps.over_time_of("year", Some(&shared))?.rows[0].interval?;
    /// assert!(alone.upper > 0.5 && same.upper < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over_time_of(
        &self,
        year: &str,
        shared: Option<&SharedPupils>,
    ) -> Result<Changes, Error> {
        let place = self.year_place(year)?;
        if matches!(self.options.baseline, Baseline::Overall) {
            return Err(Error::Option {
                option: "baseline",
                found: "overall".into(),
                expected: "a baseline that does not hold the group, for changes over time".into(),
            });
        }
        let same = Same::new(self, year, shared)?;
        let mut rows = Vec::new();
        for series in self.series(place).values() {
            let spans = series.windows(2).map(|pair| (pair.first(), pair.last()));
            let whole = (series.len() > 2).then(|| (series.first(), series.last()));
            for (earlier, later) in spans.chain(whole) {
                if let (Some(earlier), Some(later)) = (earlier, later) {
                    rows.push(self.change(earlier, later, place, &same));
                }
            }
        }
        let others = self.dimensions.iter().filter(|name| *name != year);
        Ok(Changes {
            rows,
            measures: self.measures.clone(),
            groups: self.groups.clone(),
            dimensions: others.cloned().collect(),
            allowance: same.allowance(),
            unit: self.unit.clone(),
            level: self.options.level,
        })
    }

    fn year_place(&self, year: &str) -> Result<usize, Error> {
        self.dimensions
            .iter()
            .position(|name| name == year)
            .ok_or_else(|| Error::UnknownDimension {
                found: year.into(),
                known: self.dimensions.clone(),
            })
    }

    /// Gaps by place without the year, measure and group, in order of years as they stand.
    fn series(&self, year: usize) -> Series<'_> {
        let mut series: BTreeMap<_, Vec<&Gap>> = BTreeMap::new();
        for gap in self
            .rows
            .iter()
            .filter(|gap| gap.place.get(year).is_some_and(Option::is_some))
        {
            series
                .entry((elsewhere(&gap.place, year), gap.measure, gap.of))
                .or_default()
                .push(gap);
        }
        series
    }

    fn change(&self, earlier: &Gap, later: &Gap, year: usize, same: &Same) -> GapChange {
        let name = |gap: &Gap| gap.place.get(year).cloned().flatten().unwrap_or_default();
        let (from, to) = (name(earlier), name(later));
        let measure = self.measures.get(earlier.measure);
        let broken = measure.and_then(|m| m.break_between(&from, &to));
        let change = match broken {
            Some(_) => Err(NotCalculable::SeriesBreak),
            None => same.change(earlier, later),
        };
        let notes = [
            broken.map(Into::into),
            earlier.series.clone(),
            later.series.clone(),
        ];
        let mut notes: Vec<String> = notes.into_iter().flatten().collect();
        notes.dedup();
        GapChange {
            measure: earlier.measure,
            of: earlier.of,
            place: elsewhere(&earlier.place, year),
            baseline_label: both_labels(&earlier.baseline_label, &later.baseline_label),
            from,
            to,
            earlier: earlier.difference.value,
            later: later.difference.value,
            change: change.map(|c| c.change.estimate),
            interval: change.and_then(|c| c.change.interval(self.options.level)),
            group_change: change.map(|c| c.group.estimate),
            baseline_change: change.map(|c| c.baseline.estimate),
            verdict: change.map(|c| c.verdict),
            group_moved: change.map(|c| c.group_moved),
            baseline_moved: change.map(|c| c.baseline_moved),
            series: Some(notes.join("; ")).filter(|n| !n.is_empty()),
            group_n: (earlier.group.n, later.group.n),
            baseline_n: (earlier.baseline.n, later.baseline.n),
            same: same.pupils(earlier, later),
        }
    }
}

/// The best-placed group of one year need not be that of another.
fn both_labels(earlier: &Arc<str>, later: &Arc<str>) -> Arc<str> {
    if earlier == later {
        Arc::clone(earlier)
    } else {
        format!("{earlier}, then {later}").into()
    }
}

fn elsewhere(place: &Arc<[Option<String>]>, year: usize) -> Vec<Option<String>> {
    place
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != year)
        .map(|(_, v)| v.clone())
        .collect()
}

fn period(gap: &Gap) -> Calculated<Period> {
    gap.difference.value?;
    let side = |side: &Side| Ok(Estimate::linear(side.value?, side.variance?));
    Ok(Period {
        group: side(&gap.group)?,
        baseline: side(&gap.baseline)?,
    })
}
