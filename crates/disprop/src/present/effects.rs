//! Tests, effect sizes and repeated events as tables.

use disprop_stats::NotCalculable;
use polars::prelude::DataFrame;

use crate::effects::Effects;
use crate::error::Error;
use crate::many::Tests;
use crate::present::Sheet;
use crate::present::frame::{Frame, named};
use crate::repeated::Repeated;

impl Tests {
    /// Returns the tests as a frame, one row a gap.
    ///
    /// # Units and shapes
    /// `difference` in the unit of the measure; `statistic` is chi-square on one degree of freedom,
    /// or t for `welch` and clusters, and null for tests that have none; `p_value` is two-sided, 0–1.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.count("group_n", |row| row.group_n);
        to.count("baseline_n", |row| row.baseline_n);
        to.number("difference", |row| row.difference);
        to.text("test", |row| row.test.ok().map(|(name, _)| name.into()));
        to.bare("statistic", |row| {
            row.test
                .and_then(|(_, t)| t.statistic.ok_or(NotCalculable::NoMethod))
        });
        to.bare("p_value", |row| row.test.map(|(_, test)| test.p_value));
        to.text("reason", |row| {
            row.test.err().map(|reason| reason.code().into())
        });
        to.finish()
    }

    /// Returns the tests as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Tests::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let more = [
            "group_label",
            "group_n",
            "baseline_n",
            "difference",
            "test",
            "p_value",
            "reason",
        ];
        let asked = match self.asked {
            Some(_) => "the test asked for",
            None => "the test that fits the measure",
        };
        Ok(Sheet::new("tests", "Tests of no difference", self.to_frame()?)
            .showing(&named(&self.index.dimensions, &more))
            .note(format!(
                "Each row is {asked}, of no difference between the group and {}. A p-value is how often \
                 chance alone would give a gap at least as far out; it says nothing of its size, and a \
                 large one is not evidence of no gap. These are not corrected for their number.",
                self.baseline
            )))
    }
}

impl Effects {
    /// Returns the effect sizes as a frame, one row a gap.
    ///
    /// # Units and shapes
    /// `difference` in the unit of the measure; `effect_size` in standard deviations of pupils for
    /// `hedges_g`, in radians for `cohen_h`.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.count("group_n", |row| row.group_n);
        to.count("baseline_n", |row| row.baseline_n);
        to.number("difference", |row| row.difference);
        to.text("effect", |row| row.effect.map(Into::into));
        to.bare("effect_size", |row| row.value);
        to.bare_ends("effect_size", |row| row.interval);
        to.reason(|row| row.value.err().or(row.interval.err()));
        to.finish()
    }

    /// Returns the effect sizes as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Effects::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let more = [
            "group_label",
            "group_n",
            "difference",
            "effect",
            "effect_size",
            "reason",
        ];
        Ok(Sheet::new("effect_sizes", "Gaps without their unit", self.to_frame()?)
            .showing(&named(&self.index.dimensions, &more))
            .note(format!(
                "Group minus {}. `hedges_g` is the difference in standard deviations of pupils, \
                 `cohen_h` that of two proportions' angles; the two are not on one scale. Neither is \
                 months of progress, and what is small or large depends on the measure. Intervals take \
                 pupils as independent.",
                self.baseline
            )))
    }
}

impl Repeated {
    /// Returns the dispersion of events as a frame, one row a measure, place and group.
    ///
    /// # Units and shapes
    /// `value` in the unit of the measure; `dispersion` and `widening` bare.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.count("group_n", |row| Some(row.n));
        to.bare("events", |row| row.events);
        to.number("value", |row| row.value);
        to.bare("dispersion", |row| row.dispersion);
        to.bare("widening", |row| row.widening());
        to.bare("dispersion_both", |row| row.dispersion_both);
        to.text("reason", |row| {
            let reason: Option<NotCalculable> = row.dispersion.err();
            reason.map(|reason| reason.code().into())
        });
        to.finish()
    }

    /// Returns the dispersion of events as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Repeated::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        Ok(Sheet::new("repeated_events", "Repeated events", self.to_frame()?).note(
            "`dispersion` is the variance over the mean of events per pupil: 1 where events come \
             singly. An interval that takes events as independent is `widening` times too narrow. \
             Intervals from pupil rows allow for it already; for published totals state it with \
             `dispersion=`. `dispersion_both` is that of the group and all other groups together.",
        ))
    }
}
