//! A straight line through a gap over the years of one comparable series.

use disprop_stats::trend::{self, Slope, SlopeError, Verdict};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable};

use super::{Baseline, Error, Gap, Gaps, elsewhere, period};
use crate::gaps::{Index, Key};
use crate::measure::{Measure, academic_year};

/// What becomes of years that are out of line though the series goes on, such as 2019/20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutOfLine {
    /// They are used, and the row says so.
    #[default]
    Flag,
    /// They are left out, and the row says so.
    LeaveOut,
}

/// The line through one gap.
#[derive(Debug, Clone, PartialEq)]
pub struct GapLine {
    /// Which gap; its place is without the year.
    pub key: Key,
    /// The first year used.
    pub from: String,
    /// The last year used.
    pub to: String,
    /// Years used.
    pub years: usize,
    /// Smallest group in them.
    pub smallest_n: Option<i64>,
    /// The gap in the last year.
    pub last: Calculated<f64>,
    /// The line.
    pub line: Calculated<Slope>,
    /// Whether the line leads towards zero, away from it, or cannot be told.
    pub verdict: Calculated<Verdict>,
    /// Years left out, breaks and years out of line.
    pub series: Option<String>,
}

/// Lines through every gap.
#[derive(Debug, Clone)]
pub struct Lines {
    /// One row a measure, group and place.
    pub rows: Vec<GapLine>,
    /// What the rows index; without the year.
    pub index: Index,
}

/// The years of one gap that can be compared with the last one.
pub(super) struct Stretch<'a> {
    pub(super) gaps: Vec<(f64, &'a Gap)>,
    pub(super) notes: Vec<String>,
}

impl Gaps {
    /// Returns the yearly change of every gap: a weighted straight line through its years.
    ///
    /// Only the years since the last break in the series are used; what was left out is said in the
    /// row. Years out of line (pandemic) are used and flagged, or left out.
    ///
    /// # Formula
    /// [`trend::slope`]: weights 1/variance, error of the slope from the years' own variances.
    /// `Narrowing` where the interval of the slope excludes zero and points towards a gap of zero.
    ///
    /// # Returns None when
    /// `too_few_for_variance` for fewer than two years; `no_variation` where a year's gap has no
    /// variance; a year that is not calculable is left out.
    ///
    /// # Errors
    /// `dimension.unknown`; `option.bad` for the baseline `Overall`, or values that are no years.
    ///
    /// # Source
    /// Draper and Smith (1998), section 9.2; DOMAIN 0.6 for the breaks.
    ///
    /// # Example: two points a year
    /// ```
    /// use disprop::{GapOptions, Tallies, measure, over_time::OutOfLine};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!(
    ///     "year" => ["2021/22", "2021/22", "2022/23", "2022/23", "2023/24", "2023/24"],
    ///     "group" => ["Black Caribbean", "White British"].repeat(3),
    ///     "events" => [300, 400, 280, 400, 260, 400], "pupils" => [1000, 4000].repeat(3))?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .by("year", "year").whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let lines = gaps.slope("year", OutOfLine::Flag)?;
    /// assert!((lines.rows[1].line?.slope.estimate + 0.02).abs() < 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slope(&self, year: &str, out_of_line: OutOfLine) -> Result<Lines, Error> {
        let place = self.year_place(year)?;
        let mut rows = Vec::new();
        self.stretches(place, out_of_line, |key, stretch| {
            rows.push(self.line(key, place, &stretch));
        })?;
        Ok(Lines {
            rows,
            index: self.without(year),
        })
    }

    /// What rows index where the year is no dimension any more.
    pub(super) fn without(&self, year: &str) -> Index {
        let mut index = self.index();
        index.dimensions.retain(|name| name != year);
        index
    }

    /// Calls with the comparable years of every gap.
    pub(super) fn stretches<'a>(
        &'a self,
        year: usize,
        out_of_line: OutOfLine,
        mut call: impl FnMut(Key, Stretch<'a>),
    ) -> Result<(), Error> {
        if matches!(self.options.baseline, Baseline::Overall) {
            return Err(Error::Option {
                option: "baseline",
                found: "overall".into(),
                expected: "a baseline that does not hold the group, for changes over time".into(),
            });
        }
        for series in self.series(year).values() {
            let Some(first) = series.first() else {
                continue;
            };
            let measure = self.measures.get(first.measure);
            let mut years = Vec::with_capacity(series.len());
            for gap in series {
                let label = name(gap, year);
                let time = academic_year(&label).ok_or_else(|| Error::Option {
                    option: "year",
                    found: label.clone(),
                    expected: "academic years such as 2022/23".into(),
                })?;
                years.push((f64::from(time), *gap));
            }
            let key = Key {
                measure: first.measure,
                of: first.of,
                place: elsewhere(&first.place, year).into(),
            };
            call(key, stretch(years, year, measure, out_of_line));
        }
        Ok(())
    }

    fn line(&self, key: Key, year: usize, stretch: &Stretch<'_>) -> GapLine {
        let usable: Vec<(f64, Estimate, &Gap)> = stretch
            .gaps
            .iter()
            .filter_map(|(time, gap)| Some((*time, gap_estimate(gap).ok()?, *gap)))
            .collect();
        let line = fitted(&usable);
        let end = |gap: Option<&(f64, &Gap)>| gap.map_or_else(String::new, |(_, g)| name(g, year));
        GapLine {
            from: end(stretch.gaps.first()),
            to: end(stretch.gaps.last()),
            years: usable.len(),
            smallest_n: usable.iter().filter_map(|(_, _, gap)| gap.group.n).min(),
            last: stretch
                .gaps
                .last()
                .map_or(Err(NotCalculable::NoCounterpart), |(_, gap)| {
                    gap.difference.value
                }),
            verdict: line.and_then(|line| self.direction(&line)),
            line,
            series: Some(stretch.notes.join("; ")).filter(|n| !n.is_empty()),
            key,
        }
    }

    fn direction(&self, line: &Slope) -> Calculated<Verdict> {
        let ends = line.slope.interval(self.options.level)?;
        let rising = match (ends.lower > 0.0, ends.upper < 0.0) {
            (false, false) => return Ok(Verdict::NoClearChange),
            (rising, _) => rising,
        };
        // A gap below zero that rises comes nearer to it.
        Ok(if rising == (line.level.estimate < 0.0) {
            Verdict::Narrowing
        } else {
            Verdict::Widening
        })
    }
}

pub(super) fn fitted(usable: &[(f64, Estimate, &Gap)]) -> Calculated<Slope> {
    let times: Vec<f64> = usable.iter().map(|(time, ..)| *time).collect();
    let gaps: Vec<Estimate> = usable.iter().map(|(_, gap, _)| *gap).collect();
    trend::slope(&times, &gaps, SlopeError::Given)
}

/// A gap with its error: clustered where schools are clusters.
pub(super) fn gap_estimate(gap: &Gap) -> Calculated<Estimate> {
    match &gap.clustering {
        // Degrees of freedom of one year are not those of a line.
        Some(clustered) => clustered
            .difference
            .map(|e| Estimate::linear(e.estimate, e.variance())),
        None => period(gap).map(|period| period.gap()),
    }
}

pub(super) fn name(gap: &Gap, year: usize) -> String {
    gap.place.get(year).cloned().flatten().unwrap_or_default()
}

/// The years since the last break, with what must be said of the others.
fn stretch<'a>(
    mut years: Vec<(f64, &'a Gap)>,
    year: usize,
    measure: Option<&Measure>,
    out_of_line: OutOfLine,
) -> Stretch<'a> {
    years.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut notes: Vec<String> = Vec::new();
    let mut gaps: Vec<(f64, &Gap)> = Vec::new();
    let of = |gap: &Gap| name(gap, year);
    for (time, gap) in years {
        let broken = gaps
            .last()
            .and_then(|(_, before)| measure?.break_between(&of(before), &of(gap)));
        if let Some(note) = broken {
            let last = gaps.last().map_or_else(String::new, |(_, g)| of(g));
            notes.push(format!("years to {last} left out: {note}"));
            gaps.clear();
        }
        let odd = measure.filter(|m| broken.is_none() && m.is_out_of_line(&of(gap)));
        match (odd.and_then(|m| m.note_on(&of(gap))), out_of_line) {
            (Some(note), OutOfLine::LeaveOut) => {
                notes.push(format!("{} left out: {note}", of(gap)));
                continue;
            }
            (Some(note), OutOfLine::Flag) => notes.push(format!("{}: {note}", of(gap))),
            (None, _) => {}
        }
        gaps.push((time, gap));
    }
    Stretch { gaps, notes }
}
