//! Raw and adjusted gaps as a table.

use disprop_stats::Level;
use polars::prelude::DataFrame;

use super::frame::{Frame, named};
use crate::adjust::Adjusted;
use crate::decompose::Decomposed;
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::gaps::{Group, Index};
use crate::measure::Measure;
use crate::present::Sheet;
use crate::segregation::Segregation;

impl Adjusted {
    /// Returns the rows as a frame, raw and adjusted side by side.
    ///
    /// # Units and shapes
    /// One row a measure, place, group and method. Values and differences are in the unit of the
    /// measure; ratios, `remaining`, `group_kept` and p-values are bare numbers. A number that is
    /// not there is null, and `reason` says why.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = index(
            &self.measures,
            &self.groups,
            &self.dimensions,
            self.options.gaps.level,
        );
        let mut to = Frame::new(&self.rows, &index, |row| {
            (row.raw.measure, row.raw.of, &row.raw.place)
        });
        to.group();
        to.count("group_n", |row| row.raw.group.n);
        to.number("group_value", |row| row.raw.group.value);
        to.text("baseline", |row| Some(row.raw.baseline_label.to_string()));
        to.count("baseline_n", |row| row.raw.baseline.n);
        to.number("baseline_value", |row| row.raw.baseline.value);
        to.text("adjusted_for", |_| Some(self.options.strata.join(", ")));
        to.contrast("raw_difference", |row| &row.raw_difference);
        to.contrast("adjusted_difference", |row| &row.difference);
        to.bare("adjusted_p", |row| row.p);
        to.bare("remaining", |row| row.remains);
        to.bare_ends("remaining", |row| row.remains_interval);
        to.bare_contrast("raw_ratio", |row| &row.raw_ratio);
        to.bare_contrast("adjusted_ratio", |row| &row.ratio);
        to.bare_contrast("raw_odds_ratio", |row| &row.raw.odds_ratio);
        to.bare_contrast("adjusted_odds_ratio", |row| &row.odds_ratio);
        to.bare("homogeneity_p", |row| Ok(row.homogeneity?.p));
        to.count("strata", |row| Some(row.support.strata as i64));
        to.count("strata_compared", |row| Some(row.support.compared as i64));
        to.count("group_unmatched", |row| Some(row.support.group_unmatched));
        to.count("baseline_unmatched", |row| {
            Some(row.support.baseline_unmatched)
        });
        to.bare("group_kept", |row| Ok(row.support.kept));
        to.count("schools", |row| row.schools.map(|n| n as i64));
        to.text("raw_finding", |row| Some(row.raw.verdict.to_string()));
        to.text("finding", |row| Some(row.verdict.to_string()));
        to.text("reason", |row| {
            Some(row.reasons()).filter(|r| !r.is_empty())
        });
        to.text("method", |row| Some(row.method.id().into()));
        to.level();
        to.unit();
        to.text("counted", |_| Some(self.unit.clone()));
        to.text("series_note", |row| row.raw.series.clone());
        to.finish()
    }

    /// Returns the rows as a table with title and note.
    ///
    /// # Errors
    /// As [`to_frame`](Adjusted::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.dimensions,
            &[
                "group_label",
                "group_n",
                "raw_difference",
                "adjusted_difference",
                "remaining",
                "raw_ratio",
                "adjusted_ratio",
                "strata_compared",
                "group_unmatched",
                "finding",
                "method",
                "reason",
            ],
        );
        let sheet = Sheet::new("adjusted", &self.title(), self.to_frame()?);
        Ok(sheet.showing(&shown).note(self.note()))
    }
}

impl Decomposed {
    /// Returns the parts as a frame, one row a part.
    ///
    /// # Units and shapes
    /// For each measure, place and group first the raw gap (`part` = `gap`), then its parts; those
    /// whose `part_of` is `gap` sum to it. Values are in the unit of the measure; `share` and
    /// `group_kept` are bare numbers.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = index(
            &self.measures,
            &self.groups,
            &self.dimensions,
            self.options.gaps.level,
        );
        let mut to = Frame::new(&self.rows, &index, |row| (row.measure, row.of, &row.place));
        to.group();
        to.count("group_n", |row| row.n.0);
        to.text("baseline", |row| Some(row.baseline.to_string()));
        to.count("baseline_n", |row| row.n.1);
        to.text("over", |_| Some(self.options.over.join(", ")));
        to.text("part", |row| Some(row.part.clone()));
        to.text("part_of", |row| row.within.map(Into::into));
        to.number("value", |row| row.value);
        to.ends("value", |row| row.interval);
        to.bare("share", |row| row.share);
        to.number("gap", |row| row.gap);
        to.count("strata", |row| Some(row.support.strata as i64));
        to.count("strata_compared", |row| Some(row.support.compared as i64));
        to.count("group_unmatched", |row| Some(row.support.group_unmatched));
        to.count("baseline_unmatched", |row| {
            Some(row.support.baseline_unmatched)
        });
        to.bare("group_kept", |row| Ok(row.support.kept));
        to.text("reason", |row| {
            let reason = row.value.and(row.interval.map(|_| 0.0)).err()?;
            Some(match row.value {
                Ok(_) => format!("{} (interval)", reason.code()),
                Err(_) => reason.code().into(),
            })
        });
        to.text("method", |_| Some(self.options.split.id().into()));
        to.level();
        to.unit();
        to.finish()
    }

    /// Returns the parts as a table with title and note.
    ///
    /// # Errors
    /// As [`to_frame`](Decomposed::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.dimensions,
            &[
                "group_label",
                "group_n",
                "part",
                "value",
                "share",
                "strata_compared",
                "group_unmatched",
                "reason",
            ],
        );
        let sheet = Sheet::new("decomposition", &self.title(), self.to_frame()?);
        Ok(sheet.showing(&shown).note(self.note()))
    }
}

impl Segregation {
    /// Returns the rows as a frame, one row a measure, place and group; indices are bare numbers.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = index(&self.measures, &self.groups, &self.dimensions, Level::P95);
        let mut to = Frame::new(&self.rows, &index, |row| (row.measure, row.of, &row.place));
        to.group();
        to.count("group_n", |row| Some(row.n.0));
        to.count("baseline_n", |row| Some(row.n.1));
        to.count("schools", |row| Some(row.schools.0 as i64));
        to.count("group_schools", |row| Some(row.schools.1 as i64));
        to.bare("dissimilarity", |row| row.dissimilarity);
        to.bare("dissimilarity_by_chance", |row| row.by_chance);
        to.bare("dissimilarity_beyond_chance", |row| row.beyond_chance);
        to.bare("theil", |row| row.theil);
        to.bare("isolation", |row| row.isolation);
        to.bare("exposure", |row| row.exposure);
        to.text("reason", |row| {
            row.dissimilarity.err().map(|reason| reason.code().into())
        });
        to.finish()
    }

    /// Returns the rows as a table with title and note.
    ///
    /// # Errors
    /// As [`to_frame`](Segregation::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.dimensions,
            &[
                "group_label",
                "group_n",
                "group_schools",
                "schools",
                "dissimilarity",
                "dissimilarity_by_chance",
                "dissimilarity_beyond_chance",
                "isolation",
                "exposure",
                "reason",
            ],
        );
        let sheet = Sheet::new("segregation", &self.title(), self.to_frame()?);
        Ok(sheet.showing(&shown).note(self.note()))
    }
}

impl Evaluation {
    /// Returns the rows as a frame, one row a statistic, arm and period.
    ///
    /// # Units and shapes
    /// `value` is in the unit of the measure; a pre-trend is per year. `smallest_n` is the smallest
    /// number of pupils on either side in an arm and year behind the row.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = index(
            &self.measures,
            &self.groups,
            &self.dimensions,
            self.options.gaps.level,
        );
        let mut to = Frame::new(&self.rows, &index, |row| (row.measure, row.of, &row.place));
        to.group();
        to.text("statistic", |row| Some(row.statistic.id().into()));
        to.text("arm", |row| Some(row.arm.id().into()));
        to.text("period", |row| Some(row.period.clone()));
        to.number("value", |row| row.value);
        to.ends("value", |row| row.interval);
        to.bare("p", |row| row.p);
        to.count("group_n", |row| Some(row.n.0));
        to.count("baseline_n", |row| Some(row.n.1));
        to.count("smallest_n", |row| Some(row.smallest));
        to.count("programme_schools", |row| Some(row.schools.0 as i64));
        to.count("other_schools", |row| Some(row.schools.1 as i64));
        to.text("finding", |row| row.finding.clone());
        to.text("reason", |row| {
            let reason = row.value.and(row.interval.map(|_| 0.0)).err()?;
            Some(reason.code().into())
        });
        to.level();
        to.unit();
        to.text("series_note", |row| row.series.clone());
        to.finish()
    }

    /// Returns the rows as a table with title and note.
    ///
    /// # Errors
    /// As [`to_frame`](Evaluation::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.dimensions,
            &[
                "group_label",
                "statistic",
                "arm",
                "period",
                "value",
                "p",
                "group_n",
                "programme_schools",
                "other_schools",
                "finding",
                "reason",
                "series_note",
            ],
        );
        let sheet = Sheet::new("evaluation", &self.title(), self.to_frame()?);
        Ok(sheet.showing(&shown).note(self.note()))
    }
}

fn index(measures: &[Measure], groups: &[Group], dimensions: &[String], level: Level) -> Index {
    Index {
        measures: measures.to_vec(),
        groups: groups.to_vec(),
        dimensions: dimensions.to_vec(),
        level,
    }
}
