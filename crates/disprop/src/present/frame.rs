//! Columns of a tidy frame, made row by row from any list of rows.

use disprop_stats::{Calculated, Interval};
use polars::prelude::{Column, DataFrame};

use crate::error::Error;
use crate::gaps::{Contrast, Group};
use crate::measure::Measure;

/// A frame in the making: every column is a function of a row.
pub(super) struct Frame<'a, R> {
    rows: &'a [R],
    made: Vec<Column>,
}

impl<'a, R> Frame<'a, R> {
    pub(super) fn new(rows: &'a [R]) -> Self {
        Frame {
            rows,
            made: Vec::new(),
        }
    }

    pub(super) fn text(&mut self, name: &str, value: impl Fn(&R) -> Option<String>) {
        let values: Vec<Option<String>> = self.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    pub(super) fn count(&mut self, name: &str, value: impl Fn(&R) -> Option<i64>) {
        let values: Vec<Option<i64>> = self.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    pub(super) fn number(&mut self, name: &str, value: impl Fn(&R) -> Calculated<f64>) {
        let values: Vec<Option<f64>> = self.rows.iter().map(|row| value(row).ok()).collect();
        self.made.push(Column::new(name.into(), values));
    }

    /// A number with `_lower` and `_upper`, all times a factor of the row.
    pub(super) fn estimate(
        &mut self,
        name: &str,
        value: impl Fn(&R) -> (Calculated<f64>, Calculated<Interval>),
        factor: impl Fn(&R) -> f64,
    ) {
        self.number(name, |row| Ok(value(row).0? * factor(row)));
        self.number(&format!("{name}_lower"), |row| {
            Ok(value(row).1?.scale(factor(row)).lower)
        });
        self.number(&format!("{name}_upper"), |row| {
            Ok(value(row).1?.scale(factor(row)).upper)
        });
    }

    pub(super) fn contrast(
        &mut self,
        name: &str,
        value: impl Fn(&R) -> &Contrast,
        factor: impl Fn(&R) -> f64,
    ) {
        let both = |row: &R| (value(row).value, value(row).interval);
        self.estimate(name, both, factor);
    }

    /// The measure, the dimensions and the group of every row.
    pub(super) fn keys(
        &mut self,
        measures: &[Measure],
        dimensions: &[String],
        groups: &[Group],
        of: impl Fn(&R) -> (usize, usize, &[Option<String>]),
    ) {
        self.text("measure", |row| {
            measures.get(of(row).0).map(|m| m.id.clone())
        });
        for (place, name) in dimensions.iter().enumerate() {
            self.text(name, |row| of(row).2.get(place).cloned().flatten());
        }
        self.text("group", |row| groups.get(of(row).1).map(|g| g.name.clone()));
        self.text("group_label", |row| {
            groups.get(of(row).1).map(|g| g.label.clone())
        });
    }

    pub(super) fn finish(self) -> Result<DataFrame, Error> {
        Ok(DataFrame::new(self.rows.len(), self.made)?)
    }
}

/// The factor from fractions to the unit of a measure.
pub(super) fn factor(measures: &[Measure], measure: usize) -> f64 {
    measures.get(measure).map_or(1.0, |m| m.unit.factor())
}
