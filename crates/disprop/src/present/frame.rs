//! Tidy frames: one row a result, keys first, numbers in the unit of the measure.

use disprop_stats::{Calculated, Interval, NotCalculable};
use polars::prelude::{Column, DataFrame};

use crate::error::Error;
use crate::gaps::{Contrast, Index, Key};

/// Which measure, group and place a row is about: indices, and values of the dimensions.
type About<'r> = (usize, usize, &'r [Option<String>]);

/// A frame in the making: every column is a function of a row.
pub(super) struct Frame<'a, R> {
    rows: &'a [R],
    index: &'a Index,
    about: Box<dyn Fn(&R) -> About<'_> + 'a>,
    made: Vec<Column>,
}

impl<'a, R> Frame<'a, R> {
    /// Begins with the measure and the dimensions.
    pub(super) fn new(
        rows: &'a [R],
        index: &'a Index,
        about: impl Fn(&R) -> About<'_> + 'a,
    ) -> Self {
        let mut frame = Frame {
            rows,
            index,
            about: Box::new(about),
            made: Vec::new(),
        };
        frame.keyed(
            |measure, _, _| index.measures.get(measure).map(|m| m.id.clone()),
            "measure",
        );
        for (place, name) in index.dimensions.iter().enumerate() {
            frame.keyed(|_, _, at| at.get(place).cloned().flatten(), name);
        }
        frame
    }

    /// The same for rows that carry a key.
    pub(super) fn of(rows: &'a [R], index: &'a Index, key: fn(&R) -> &Key) -> Self {
        Frame::new(rows, index, move |row| {
            let key = key(row);
            (key.measure, key.of, &key.place)
        })
    }

    /// The group's name and label.
    pub(super) fn group(&mut self) {
        let groups = &self.index.groups;
        self.keyed(|_, of, _| groups.get(of).map(|g| g.name.clone()), "group");
        self.keyed(
            |_, of, _| groups.get(of).map(|g| g.label.clone()),
            "group_label",
        );
    }

    /// The unit of the measure.
    pub(super) fn unit(&mut self) {
        let measures = &self.index.measures;
        self.keyed(
            |measure, _, _| measures.get(measure).map(|m| m.unit.label()),
            "unit",
        );
    }

    fn keyed(
        &mut self,
        value: impl Fn(usize, usize, &[Option<String>]) -> Option<String>,
        name: &str,
    ) {
        let values = self.rows.iter().map(|row| {
            let (measure, of, place) = (self.about)(row);
            value(measure, of, place)
        });
        let values: Vec<Option<String>> = values.collect();
        self.made.push(Column::new(name.into(), values));
    }

    pub(super) fn text(&mut self, name: &str, value: impl Fn(&R) -> Option<String>) {
        let values: Vec<Option<String>> = self.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    pub(super) fn count(&mut self, name: &str, value: impl Fn(&R) -> Option<i64>) {
        let values: Vec<Option<i64>> = self.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    pub(super) fn flag(&mut self, name: &str, value: impl Fn(&R) -> Option<bool>) {
        let values: Vec<Option<bool>> = self.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    /// A bare number: a ratio, a share, a probability, a number of pupils.
    pub(super) fn bare(&mut self, name: &str, value: impl Fn(&R) -> Calculated<f64>) {
        let values: Vec<Option<f64>> = self.rows.iter().map(|row| value(row).ok()).collect();
        self.made.push(Column::new(name.into(), values));
    }

    /// A number in the unit of the measure.
    pub(super) fn number(&mut self, name: &str, value: impl Fn(&R) -> Calculated<f64>) {
        let values = self
            .rows
            .iter()
            .map(|row| Some(value(row).ok()? * self.factor(row)));
        let values: Vec<Option<f64>> = values.collect();
        self.made.push(Column::new(name.into(), values));
    }

    /// Both ends of a bare interval.
    pub(super) fn bare_ends(&mut self, name: &str, ends: impl Fn(&R) -> Calculated<Interval>) {
        self.bare(&format!("{name}_lower"), |row| Ok(ends(row)?.lower));
        self.bare(&format!("{name}_upper"), |row| Ok(ends(row)?.upper));
    }

    /// Both ends of an interval in the unit of the measure.
    pub(super) fn ends(&mut self, name: &str, ends: impl Fn(&R) -> Calculated<Interval>) {
        self.number(&format!("{name}_lower"), |row| Ok(ends(row)?.lower));
        self.number(&format!("{name}_upper"), |row| Ok(ends(row)?.upper));
    }

    /// A contrast and the ends of its interval, in the unit of the measure.
    pub(super) fn contrast(&mut self, name: &str, contrast: impl Fn(&R) -> &Contrast) {
        self.number(name, |row| contrast(row).value);
        self.ends(name, |row| contrast(row).interval);
    }

    /// A contrast without a unit, and the ends of its interval.
    pub(super) fn bare_contrast(&mut self, name: &str, contrast: impl Fn(&R) -> &Contrast) {
        self.bare(name, |row| contrast(row).value);
        self.bare_ends(name, |row| contrast(row).interval);
    }

    /// The level of every interval.
    pub(super) fn level(&mut self) {
        let level = self.index.level.value();
        self.bare("level", |_| Ok(level));
    }

    /// The level, and the first reason why something of a row is missing.
    pub(super) fn reason(&mut self, reasons: impl Fn(&R) -> Option<NotCalculable>) {
        self.level();
        self.text("reason", |row| {
            reasons(row).map(|reason| reason.code().into())
        });
    }

    /// The factor from fractions to the unit of a row's measure.
    fn factor(&self, row: &R) -> f64 {
        let measure = self.index.measures.get((self.about)(row).0);
        measure.map_or(1.0, |m| m.unit.factor())
    }

    pub(super) fn finish(self) -> Result<DataFrame, Error> {
        Ok(DataFrame::new(self.rows.len(), self.made)?)
    }
}

/// The columns that name a row in print.
pub(super) fn named<'a>(dimensions: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    std::iter::once("measure")
        .chain(dimensions.iter().map(String::as_str))
        .chain(more.iter().copied())
        .collect()
}
