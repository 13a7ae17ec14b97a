//! Tidy frames of analyses: one row a result, keys first, numbers in the unit of the measure.

use disprop_stats::{Calculated, Interval, NotCalculable};
use polars::prelude::{Column, DataFrame};

use crate::error::Error;
use crate::gaps::{Index, Key};

/// A frame in the making, column by column over the same rows.
pub(super) struct Rows<'a, R> {
    rows: &'a [R],
    index: &'a Index,
    key: fn(&R) -> &Key,
    made: Vec<Column>,
}

impl<'a, R> Rows<'a, R> {
    /// Begins with the measure and the dimensions.
    pub(super) fn new(rows: &'a [R], index: &'a Index, key: fn(&R) -> &Key) -> Self {
        let mut made = Rows {
            rows,
            index,
            key,
            made: Vec::new(),
        };
        made.text("measure", |row| {
            index.measures.get(key(row).measure).map(|m| m.id.clone())
        });
        for (place, name) in index.dimensions.iter().enumerate() {
            made.text(name, |row| key(row).place.get(place).cloned().flatten());
        }
        made
    }

    /// The group's name and label.
    pub(super) fn group(&mut self) {
        let (index, key) = (self.index, self.key);
        self.text("group", |row| {
            index.groups.get(key(row).of).map(|g| g.name.clone())
        });
        self.text("group_label", |row| {
            index.groups.get(key(row).of).map(|g| g.label.clone())
        });
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
        let (index, key) = (self.index, self.key);
        self.bare(name, |row| Ok(value(row)? * index.factor(key(row))));
    }

    /// Both ends of a bare interval.
    pub(super) fn bare_ends(&mut self, name: &str, ends: impl Fn(&R) -> Calculated<Interval>) {
        self.bare(&format!("{name}_lower"), |row| Ok(ends(row)?.lower));
        self.bare(&format!("{name}_upper"), |row| Ok(ends(row)?.upper));
    }

    /// Both ends of an interval in the unit of the measure.
    pub(super) fn ends(&mut self, name: &str, ends: impl Fn(&R) -> Calculated<Interval>) {
        let (index, key) = (self.index, self.key);
        self.bare_ends(name, |row| Ok(ends(row)?.scale(index.factor(key(row)))));
    }

    /// The level, and the first reason why something of a row is missing.
    pub(super) fn reason(&mut self, reasons: impl Fn(&R) -> Option<NotCalculable>) {
        let level = self.index.level.value();
        self.bare("level", |_| Ok(level));
        self.text("reason", |row| {
            reasons(row).map(|reason| reason.code().into())
        });
    }

    pub(super) fn finish(self) -> Result<DataFrame, Error> {
        Ok(DataFrame::new(self.rows.len(), self.made)?)
    }
}

/// The columns that name a row in print.
pub(super) fn named<'a>(index: &'a Index, more: &[&'a str]) -> Vec<&'a str> {
    let dimensions = index.dimensions.iter().map(String::as_str);
    std::iter::once("measure")
        .chain(dimensions)
        .chain(more.iter().copied())
        .collect()
}
