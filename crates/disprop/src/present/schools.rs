//! Funnels, school gaps and contributions as tables.

use disprop_stats::funnel::Position;
use polars::prelude::DataFrame;

use crate::error::Error;
use crate::present::Sheet;
use crate::present::frame::{Frame, named};
use crate::schools::{Contributions, Funnel, FunnelOf, SchoolGaps};

impl Funnel {
    /// Returns the funnel as a frame, one row a school.
    ///
    /// # Units and shapes
    /// Values and limits in the unit of the measure. `chance_*` are limits of chance alone, `limit_*`
    /// those that allow for ordinary differences between schools; `_95` and `_998` say at which level.
    /// `position_*` is `low`, `inside` or `high` against `limit_*`.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.text(&self.school, |row| row.school.clone());
        to.count("group_n", |row| Some(row.group_n));
        to.count("baseline_n", |row| Some(row.baseline_n));
        to.number("value", |row| row.value);
        to.number("target", |row| row.target);
        to.ends("limit_95", |row| row.ordinary.inner);
        to.ends("limit_998", |row| row.ordinary.outer);
        to.ends("chance_95", |row| row.chance.inner);
        to.ends("chance_998", |row| row.chance.outer);
        let word = |position: Position| match position {
            Position::Low => "low",
            Position::Inside => "inside",
            Position::High => "high",
        };
        to.text("position_95", |row| row.inner.ok().map(|p| word(p).into()));
        to.text("position_998", |row| row.outer.ok().map(|p| word(p).into()));
        to.bare("dispersion", |row| row.dispersion);
        to.count("schools", |row| i64::try_from(row.schools).ok());
        to.text("reason", |row| {
            row.inner.err().map(|reason| reason.code().into())
        });
        to.finish()
    }

    /// Returns the funnel as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Funnel::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let what = match self.of {
            FunnelOf::Gap => "the gap inside each school",
            FunnelOf::Group => "the group's value in each school",
        };
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                &self.school,
                "group_n",
                "value",
                "target",
                "limit_95_lower",
                "limit_95_upper",
                "position_95",
                "position_998",
                "reason",
            ],
        );
        let judged = self.rows.iter().filter(|row| row.inner.is_ok()).count();
        let outside =
            disprop_stats::multiplicity::expected_misses(judged, disprop_stats::Level::P95);
        Ok(Sheet::new("funnel", &format!("Funnel limits of {what}"), self.to_frame()?)
            .showing(&shown)
            .note(
                "A funnel is not a league table: within the limits, schools differ no more than \
                 schools ordinarily do. The limits allow for that ordinary spread; those of chance \
                 alone are in the columns `chance_*`.",
            )
            .note(format!(
                "{judged} schools are judged, so about {outside:.0} would lie beyond the 95 % limits with \
                 nothing to find. Schools with fewer than {} pupils on a side are not judged.",
                self.minimum
            )))
    }
}

impl SchoolGaps {
    /// Returns every school's gap as a frame, one row a school.
    ///
    /// # Units and shapes
    /// Gaps in the unit of the measure; `reliability` and probabilities 0–1; `rank` from 1 for the
    /// lowest gap.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let level = self.index.level;
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.text(&self.school, |row| row.school.clone());
        to.count("group_n", |row| Some(row.group_n));
        to.count("baseline_n", |row| Some(row.baseline_n));
        to.number("gap", |row| row.gap.map(|gap| gap.estimate));
        to.ends("gap", |row| row.gap?.interval(level));
        to.number("shrunken", |row| row.shrunken.map(|s| s.gap.estimate));
        to.ends("shrunken", |row| row.shrunken?.gap.interval(level));
        to.bare("reliability", |row| row.shrunken.map(|s| s.reliability));
        to.bare("rank", |row| row.ranks.map(|r| r.rank.mean));
        to.bare("rank_lower", |row| row.ranks.map(|r| r.rank.lower));
        to.bare("rank_upper", |row| row.ranks.map(|r| r.rank.upper));
        let none = disprop_stats::NotCalculable::NoMethod;
        to.bare("probability_among_worst", |row| {
            row.ranks?.among_worst.ok_or(none)
        });
        to.bare("probability_among_best", |row| {
            row.ranks?.among_best.ok_or(none)
        });
        to.number("mean_gap", |row| row.mean.map(|m| m.estimate));
        to.number("deviation_between_schools", |row| row.deviation);
        to.bare("heterogeneity_p", |row| row.heterogeneity.map(|h| h.p));
        to.count("schools", |row| i64::try_from(row.schools).ok());
        to.reason(|row| row.gap.err().or(row.shrunken.err()));
        to.finish()
    }

    /// Returns every school's gap as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](SchoolGaps::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                &self.school,
                "group_n",
                "gap",
                "shrunken",
                "reliability",
                "rank",
                "probability_among_worst",
                "reason",
            ],
        );
        let title = "The gap inside each school, and how sure it is";
        Ok(Sheet::new("school_gaps", title, self.to_frame()?)
            .showing(&shown)
            .note(
                "Each gap is pulled towards the common one by as much as its own pupils leave it unsure; \
                 `reliability` is the weight of the school's own figure. It is no league table: read \
                 a rank by its interval.",
            )
            .note(format!(
                "Ranks run from the lowest gap and come from {} draws (seed {}); \"among the worst\" means \
                 the {} least favourable.",
                self.options.draws, self.options.seed, self.options.among
            )))
    }
}

impl Contributions {
    /// Returns every school's part as a frame, one row a school.
    ///
    /// # Units and shapes
    /// Parts in the unit of the measure: `contribution` is `within` + `between` and sums to `gap`
    /// over the schools of a row's measure, group and place. `share_of_gap` is a fraction.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.text(&self.school, |row| row.school.clone());
        to.count("group_n", |row| Some(row.group_n));
        to.count("baseline_n", |row| Some(row.baseline_n));
        to.number("gap", |row| row.gap);
        to.number("contribution", |row| row.total());
        to.number("within", |row| row.within);
        to.number("between", |row| row.between);
        to.bare("share_of_gap", |row| row.share());
        to.text("reason", |row| {
            row.gap.err().map(|reason| reason.code().into())
        });
        to.finish()
    }

    /// Returns every school's part as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Contributions::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                &self.school,
                "group_n",
                "gap",
                "contribution",
                "within",
                "between",
                "share_of_gap",
                "reason",
            ],
        );
        let title = "What each school adds to the gap of all schools";
        Ok(Sheet::new("contributions", title, self.to_frame()?)
            .showing(&shown)
            .note(
                "Contributions of all schools sum to the gap. A large one is no fault of the school: \
                 where many pupils of the group are, an ordinary gap adds much. Schools pull both \
                 ways, so a share may be negative or above 1.",
            ))
    }
}
