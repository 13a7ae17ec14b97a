//! A tidy frame as text and numbers by column name and row.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, DataType};

use crate::error::Error;
use crate::measure::{Measure, Unit};

/// What the rows of a frame are, seen from its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Gaps,
    Changes,
    Other,
}

pub(super) struct Rows<'a> {
    pub kind: Kind,
    pub height: usize,
    /// Columns that say where and when: dimensions, and the years of a change.
    pub places: Vec<String>,
    measures: &'a [Measure],
    texts: BTreeMap<String, Vec<Option<String>>>,
    numbers: BTreeMap<String, Vec<Option<f64>>>,
}

impl<'a> Rows<'a> {
    pub fn of(frame: &DataFrame, measures: &'a [Measure]) -> Result<Self, Error> {
        let (mut texts, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        let mut names: Vec<&str> = Vec::new();
        for column in frame.columns() {
            let series = column.as_materialized_series();
            let name = series.name().as_str();
            names.push(name);
            if series.dtype().is_primitive_numeric() {
                let values = series.cast(&DataType::Float64)?;
                numbers.insert(name.to_owned(), values.f64()?.iter().collect());
            } else {
                let values = series.cast(&DataType::String)?;
                let values = values.str()?.iter().map(|v| v.map(str::to_owned));
                texts.insert(name.to_owned(), values.collect());
            }
        }
        let has = |wanted: &[&str]| wanted.iter().all(|name| names.contains(name));
        let kind = if has(&[
            "measure",
            "group",
            "difference",
            "finding",
            "baseline_value",
        ]) {
            Kind::Gaps
        } else if has(&["measure", "group", "from", "to", "change", "finding"]) {
            Kind::Changes
        } else {
            Kind::Other
        };
        let dimensions = names
            .iter()
            .skip_while(|name| **name != "measure")
            .skip(1)
            .take_while(|name| **name != "group");
        let mut places: Vec<String> = dimensions.map(ToString::to_string).collect();
        if kind == Kind::Changes {
            places.extend(["from".to_owned(), "to".to_owned()]);
        }
        Ok(Rows {
            kind,
            height: frame.height(),
            places,
            measures,
            texts,
            numbers,
        })
    }

    pub fn text(&self, name: &str, row: usize) -> Option<&str> {
        let value = self.texts.get(name)?.get(row)?.as_deref()?;
        Some(value).filter(|value| !value.is_empty())
    }

    pub fn number(&self, name: &str, row: usize) -> Option<f64> {
        self.numbers.get(name)?.get(row).copied().flatten()
    }

    /// Both ends, where both are there.
    pub fn ends(&self, lower: &str, upper: &str, row: usize) -> Option<(f64, f64)> {
        Some((self.number(lower, row)?, self.number(upper, row)?))
    }

    pub fn measure(&self, row: usize) -> Option<&'a Measure> {
        let id = self.text("measure", row)?;
        self.measures.iter().find(|measure| measure.id == id)
    }

    pub fn unit(&self, row: usize) -> Unit {
        self.measure(row).map_or(Unit::Number, |m| m.unit)
    }

    pub fn decimals(&self, row: usize) -> usize {
        self.measure(row).map_or(1, |m| usize::from(m.decimals))
    }

    /// The part of `reason` that concerns one of these columns, or the whole row.
    pub fn reason(&self, wanted: &[&str], row: usize) -> Option<&str> {
        let all = self.text("reason", row)?;
        all.split("; ").find_map(|part| {
            let Some((code, of)) = part.split_once(" (") else {
                return Some(part);
            };
            let mut of = of.trim_end_matches(')').split(", ");
            of.any(|name| wanted.contains(&name)).then_some(code)
        })
    }
}
