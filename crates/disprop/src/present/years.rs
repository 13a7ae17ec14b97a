//! Lines through gaps and progress to targets as tables.

use disprop_stats::trend::{Standing, Verdict};
use polars::prelude::DataFrame;

use crate::error::Error;
use crate::over_time::{Lines, Progresses};
use crate::present::Sheet;
use crate::present::frame::{Frame, named};

impl Lines {
    /// Returns the lines as a frame, one row a gap.
    ///
    /// # Units and shapes
    /// `yearly_change` is in the unit of the measure a year, signed; `scatter_p` is small where the
    /// years lie farther from a line than their own errors allow.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let level = self.index.level;
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.text("from", |row| Some(row.from.clone()));
        to.text("to", |row| Some(row.to.clone()));
        to.count("years", |row| i64::try_from(row.years).ok());
        to.count("smallest_n", |row| row.smallest_n);
        to.number("last_gap", |row| row.last);
        to.number("yearly_change", |row| row.line.map(|l| l.slope.estimate));
        to.ends("yearly_change", |row| row.line?.slope.interval(level));
        let none = disprop_stats::NotCalculable::TooFewForVariance;
        to.bare("scatter_p", |row| {
            row.line?.scatter.map(|s| s.p).ok_or(none)
        });
        to.text("finding", |row| {
            Some(match row.verdict {
                Ok(Verdict::Narrowing) => "narrowing".into(),
                Ok(Verdict::Widening) => "widening".into(),
                Ok(Verdict::NoClearChange) => "no clear change".into(),
                Err(_) => "not calculable".into(),
            })
        });
        to.reason(|row| row.line.err());
        to.text("series_note", |row| row.series.clone());
        to.finish()
    }

    /// Returns the lines as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Lines::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                "from",
                "to",
                "years",
                "last_gap",
                "yearly_change",
                "finding",
                "reason",
                "series_note",
            ],
        );
        Ok(Sheet::new("slope", "Yearly change of each gap", self.to_frame()?)
            .showing(&shown)
            .note(
                "A straight line through the years of one comparable series, each weighted by how sure \
                 it is; no line is drawn across a break. The error is that of the years' own figures: \
                 where `scatter_p` is small they do not lie on a line, and the change is less sure \
                 than it says.",
            ))
    }
}

impl Progresses {
    /// Returns progress to targets as a frame, one row a gap with a target.
    ///
    /// # Units and shapes
    /// Gaps, distances and changes in the unit of the measure, signed; `probability` 0–1.
    /// `standing` is `met`, `on track`, `off track`, `unclear` or `not calculable`.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let level = self.index.level;
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.text("now", |row| Some(row.now.clone()));
        to.text("due", |row| Some(row.due.clone()));
        to.count("group_n", |row| row.group_n);
        to.number("gap", |row| row.gap);
        to.ends("gap", |row| row.interval);
        to.number("target", |row| Ok(row.target));
        to.number("distance", |row| row.distance);
        to.number("needed_each_year", |row| row.needed_each);
        to.number("yearly_change", |row| row.yearly.map(|y| y.estimate));
        to.ends("yearly_change", |row| row.yearly?.interval(level));
        to.number("projected", |row| {
            row.progress.map(|p| p.projected.estimate)
        });
        to.ends("projected", |row| row.progress?.projected.interval(level));
        to.bare("probability", |row| row.progress.map(|p| p.probability));
        to.text("standing", |row| {
            Some(match row.standing {
                Ok(Standing::Met) => "met".into(),
                Ok(Standing::OnTrack) => "on track".into(),
                Ok(Standing::OffTrack) => "off track".into(),
                Ok(Standing::Unclear) => "unclear".into(),
                Err(_) => "not calculable".into(),
            })
        });
        to.count("years", |row| i64::try_from(row.years).ok());
        to.reason(|row| row.gap.err().or(row.progress.err()));
        to.text("series_note", |row| row.series.clone());
        to.finish()
    }

    /// Returns progress to targets as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Progresses::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                "now",
                "due",
                "gap",
                "target",
                "distance",
                "needed_each_year",
                "yearly_change",
                "standing",
                "reason",
            ],
        );
        Ok(Sheet::new("progress", "Progress to targets", self.to_frame()?)
            .showing(&shown)
            .note(
                "A target is a size: it is met by any gap at least as near to zero, and by one on the \
                 favourable side. `needed_each_year` is what is \
                 still to change, spread over the years until the target is due; `standing` holds it \
                 against the line through the years so far, which is no promise that it goes on. A \
                 gap may meet its target because the others' value moved: see the changes.",
            ))
    }
}
