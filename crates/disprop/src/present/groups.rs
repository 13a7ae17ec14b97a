//! Crossed groups, formal rules, indices and numbers of pupils as tables.

use disprop_stats::formal_rules::Flag;
use polars::prelude::{Column, DataFrame};

use crate::crossed::{ComparedWith, Crossed, CrossedGap};
use crate::error::Error;
use crate::formal::{Formal, comparison};
use crate::present::Sheet;
use crate::present::frame::{Frame, named};
use crate::pupils::{Excess, ExcessSum};
use crate::summary::{IndexScale, Summary, SummaryRow};

impl Crossed {
    /// Returns the crossed gaps as a frame, one row a crossing and group.
    ///
    /// # Units and shapes
    /// Each crossed dimension is a column, `all` where it is not crossed in a row and null where its
    /// value is missing. Values and differences are in the unit of the measure.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let level = self.index.level;
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        for (place, name) in self.crossed.iter().enumerate() {
            to.text(name, |row| match row.values.get(place) {
                Some(Some(value)) => value.clone(),
                _ => Some("all".into()),
            });
        }
        to.text("crossing", |row| Some(self.crossing(row)));
        to.group();
        to.count("group_n", |row| row.gap.group.n);
        to.number("group_value", |row| row.gap.group.value);
        to.ends("group", |row| row.gap.group.interval);
        to.count("baseline_n", |row| row.gap.baseline.n);
        to.number("baseline_value", |row| row.gap.baseline.value);
        to.number("difference", |row| row.gap.difference.value);
        to.ends("difference", |row| row.gap.difference.interval);
        to.bare("ratio", |row| row.gap.ratio.value);
        to.bare_ends("ratio", |row| row.gap.ratio.interval);
        to.bare("excess", |row| row.gap.excess.value);
        to.bare_ends("excess", |row| row.gap.excess.interval);
        to.number("shrunken", |row| row.shrunken.map(|s| s.gap.estimate));
        to.ends("shrunken", |row| row.shrunken?.gap.interval(level));
        to.bare("reliability", |row| row.shrunken.map(|s| s.reliability));
        to.bare("p_value", |row| row.p_value);
        to.bare("p_adjusted", |row| row.p_adjusted);
        to.text("finding", |row| Some(row.gap.verdict.to_string()));
        to.flag("clear_of_many", |row| {
            let alpha = level.alpha();
            row.p_adjusted.ok().map(|p| p < alpha)
        });
        to.reason(|row| {
            let difference = &row.gap.difference;
            difference.value.err().or(difference.interval.err())
        });
        to.finish()
    }

    /// Names of the dimensions that a row crosses: `sex × fsm`, or `none`.
    fn crossing(&self, row: &CrossedGap) -> String {
        let names = self.crossed.iter().zip(&row.values);
        let names: Vec<&str> = names
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        match names.is_empty() {
            true => "none".into(),
            false => names.join(" × "),
        }
    }

    /// Returns the crossed gaps as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Crossed::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let mut more: Vec<&str> = self.crossed.iter().map(String::as_str).collect();
        more.extend([
            "group_label",
            "group_n",
            "group_value",
            "baseline_value",
            "difference",
            "shrunken",
            "p_adjusted",
            "finding",
            "reason",
        ]);
        let shown = named(&self.index.dimensions, &more);
        let whom = match self.options.compared_with {
            ComparedWith::Everyone => {
                "Each crossed group is compared with everyone else, pupils of the same ethnic group \
                 among them."
            }
            ComparedWith::Alike => {
                "Each crossed group is compared with pupils of other ethnic groups in the same cell."
            }
        };
        let many = crate::many::said(self.judged(), 1, self.options.adjustment, self.index.level);
        Ok(Sheet::new("crossed", "Gaps of crossed groups", self.to_frame()?)
            .showing(&shown)
            .note(whom)
            .note(format!(
                "{} Rows of fewer than {} pupils on a side are not judged, and no part of that number.",
                many.replace("over all of them", "within each measure and place"),
                self.options.gaps.minimum
            ))
            .note(
                "`shrunken` pulls a difference towards the mean of its crossing by as much as it is \
                 unsure: it is the better guess at what another year would show.",
            )
            .note(self.note.clone()))
    }
}

impl Formal {
    /// Returns what the rules say as a frame, one row a gap.
    ///
    /// # Units and shapes
    /// Counts of pupils, bare ratios. `compared_with` says whether a ratio is the alternate one.
    /// `flag` stands in the last year of a series: `significant`, `making progress` or `no`.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.count("group_cell", |row| row.group.ok().map(|p| p.events));
        to.count("group_n", |row| row.group.ok().map(|p| p.trials));
        to.count("others_cell", |row| row.others.ok().map(|p| p.events));
        to.count("others_n", |row| row.others.ok().map(|p| p.trials));
        to.bare("risk_ratio", |row| row.risk_ratio.map(|r| r.ratio));
        to.text("compared_with", |row| {
            row.risk_ratio.ok().map(|r| comparison(&r).into())
        });
        to.text("flag", |row| {
            row.flag.map(|flag| match flag {
                Flag::Significant => "significant".into(),
                Flag::MakingProgress => "making progress".into(),
                Flag::No => "no".into(),
            })
        });
        to.bare("relative_rate", |row| row.relative_rate);
        to.bare_ends("relative_rate", |row| row.interval);
        if self.options.four_fifths {
            to.flag("outside_four_fifths", |row| row.four_fifths);
        }
        to.reason(|row| row.risk_ratio.err());
        to.finish()
    }

    /// Returns what the rules say as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Formal::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                "group_cell",
                "group_n",
                "risk_ratio",
                "compared_with",
                "flag",
                "relative_rate",
                "outside_four_fifths",
                "reason",
            ],
        );
        let minimums = self.options.minimums;
        Ok(Sheet::new("formal_rules", "Formal rules", self.to_frame()?)
            .showing(&shown)
            .note(format!(
                "Risk ratio as in 34 CFR 300.647: at least {} with the outcome and {} pupils on a side; \
                 where only the others are fewer, all others of the wider area stand in. A rule decides \
                 and does not estimate: the relative rate beside it has no minimum and an interval.",
                minimums.cell, minimums.n
            )))
    }
}

impl Summary {
    /// Returns the indices as a frame, one row a measure, place and index.
    ///
    /// # Units and shapes
    /// `value` is in the unit of the measure, in that unit squared, or bare, as `scale` says.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = &self.index;
        let mut to = Frame::of(&self.rows, index, |row| &row.key);
        to.text("index", |row| Some(row.kind.id.into()));
        to.text("index_label", |row| Some(row.kind.label.into()));
        to.bare("value", |row| Ok(row.value? * self.scale(row)));
        to.bare_ends("value", |row| Ok(row.interval?.scale(self.scale(row))));
        to.text("scale", |row| {
            let unit = index
                .measures
                .get(row.key.measure)
                .map(|m| m.unit.difference_label());
            match row.kind.scale {
                IndexScale::Measure => unit,
                IndexScale::Squared => unit.map(|u| format!("{u} squared")),
                IndexScale::Bare => Some("none".into()),
            }
        });
        to.count("groups", |row| i64::try_from(row.groups).ok());
        to.count("smallest_n", |row| row.smallest_n);
        to.text("misleads", |row| Some(row.kind.misleads.into()));
        to.reason(|row| row.value.err());
        to.finish()
    }

    /// Returns the indices as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Summary::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "index_label",
                "printed",
                "scale",
                "groups",
                "smallest_n",
                "misleads",
                "reason",
            ],
        );
        let order = match self.ordered {
            true => "The groups are taken in the order given, lowest first.",
            false => "Ethnic groups have no order, so slope and relative index are left out.",
        };
        let mut frame = self.to_frame()?;
        frame.with_column(Column::new("printed".into(), self.printed()))?;
        Ok(Sheet::new("summary_indices", "One number for many groups", frame)
        .showing(&shown)
        .note(
            "None of these says which group is where, most move when the grouping is made finer, \
                 and all grow with chance in small groups. Show the gaps beside them.",
        )
        .note(order))
    }
}

impl Summary {
    /// Values of such different size that each row needs its own decimals.
    fn printed(&self) -> Vec<Option<String>> {
        let text = |value: f64| match value.abs() {
            v if v >= 10.0 => format!("{value:.1}"),
            v if v >= 1.0 => format!("{value:.2}"),
            v if v >= 0.1 => format!("{value:.3}"),
            _ => format!("{value:.4}"),
        };
        let row = |row: &SummaryRow| {
            let scale = self.scale(row);
            let value = text(row.value.ok()? * scale);
            Some(match row.interval {
                Ok(ends) => {
                    let ends = ends.scale(scale);
                    format!("{value} ({} to {})", text(ends.lower), text(ends.upper))
                }
                Err(_) => value,
            })
        };
        self.rows.iter().map(row).collect()
    }

    /// What an inner value is multiplied with to be printed.
    fn scale(&self, row: &SummaryRow) -> f64 {
        let factor = self.index.factor(&row.key);
        match row.kind.scale {
            IndexScale::Measure => factor,
            IndexScale::Squared => factor * factor,
            IndexScale::Bare => 1.0,
        }
    }
}

impl Excess {
    /// Returns the numbers as a frame: one row a group, then one a measure and place with `group` "sum".
    ///
    /// # Units and shapes
    /// Pupils, events, sessions or points. `excess` is on the gaps' own baseline, `excess_common` on
    /// everyone's value, which sums to zero over groups that are everyone (`covered` = 1).
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.rows, &self.index, |row| &row.key);
        to.group();
        to.count("group_n", |row| row.group_n);
        to.bare("numerator", |row| row.numerator);
        to.bare("excess", |row| row.own.value);
        to.bare_ends("excess", |row| row.own.interval);
        to.bare("excess_common", |row| row.common);
        to.bare_ends("excess_common", |row| row.common_interval);
        to.reason(|row| row.own.value.err().or(row.common.err()));
        to.finish()
    }

    /// Returns the sums over groups as a frame, one row a measure and place.
    ///
    /// # Errors
    /// As [`to_frame`](Excess::to_frame).
    pub fn sums_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Frame::of(&self.sums, &self.index, |row: &ExcessSum| &row.key);
        to.bare("sum_of_excess", |row| row.own);
        to.bare("sum_of_excess_common", |row| row.common);
        to.bare("to_move", |row| row.to_move);
        to.bare("covered", |row| row.covered);
        to.reason(|row| row.common.err());
        to.finish()
    }

    /// Returns the numbers as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Excess::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let shown = named(
            &self.index.dimensions,
            &[
                "group_label",
                "group_n",
                "numerator",
                "excess",
                "excess_common",
                "reason",
            ],
        );
        Ok(Sheet::new("number_of_pupils", "How many pupils each gap is", self.to_frame()?)
            .showing(&shown)
            .note(format!(
                "`excess` is what would have to change for the group to have the value of {}; those of \
                 different groups have different baselines and do not add up. `excess_common` is the same \
                 against everyone's value: over groups that are everyone it sums to zero, so what one \
                 group has too many others have too few.",
                self.baseline
            )))
    }

    /// Returns the sums over groups as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Excess::to_frame).
    pub fn sums_sheet(&self) -> Result<Sheet, Error> {
        Ok(Sheet::new("number_of_pupils_sums", "How the numbers add up", self.sums_frame()?).note(
            "`sum_of_excess_common` is zero where the groups are everyone once (`covered` = 1); \
             `to_move` is how many would have to change for all groups to have everyone's value. \
             `sum_of_excess` adds up figures on different baselines against all others, and means \
             nothing then; against a named group or value it is the distance of all groups from it.",
        ))
    }
}
