//! What is wrong with a column of values, found row by row; only columns with a fault come here,
//! and those of a type that has no faster way.

use polars::prelude::*;

use super::{Content, LARGEST, Rows, spelt};
use crate::finding::{Finding, RowNumbers};
use disprop_stats::tally::{MICRO, micro};

#[derive(Default)]
pub(super) struct Found {
    not_a_number: RowNumbers,
    not_finite: RowNumbers,
    too_large: RowNumbers,
    negative: RowNumbers,
    not_a_flag: RowNumbers,
}

impl Found {
    pub(super) fn findings(&self, column: &str, content: Content) -> Vec<Finding> {
        let kinds: [(&RowNumbers, &'static str, &str, &str); 5] = [
            (
                &self.not_a_number,
                "not_a_number",
                "text where a number is expected",
                "leave the cell empty where there is no value",
            ),
            (
                &self.not_finite,
                "not_finite",
                "a value that is not finite",
                "leave the cell empty where there is no value",
            ),
            (
                &self.too_large,
                "out_of_range",
                "a value beyond ±1,000,000,000",
                "check the unit of the column",
            ),
            (
                &self.negative,
                "negative",
                "a negative value where none can be",
                "check how the column was made",
            ),
            (
                &self.not_a_flag,
                "not_a_flag",
                "a value other than 0 and 1 in a flag",
                "write 1 for yes, 0 for no and nothing for not applicable",
            ),
        ];
        kinds
            .into_iter()
            .filter(|(rows, ..)| !rows.is_empty())
            .filter(|(_, kind, ..)| *kind != "negative" || content != Content::Score)
            .map(|(rows, kind, message, hint)| {
                Finding::refused(kind, message)
                    .column(column)
                    .rows(rows)
                    .hint(hint)
            })
            .collect()
    }
}

pub(super) fn unreadable(series: &Series) -> Vec<Finding> {
    vec![Finding::refused("wrong_type", "could not be read").column(series.name())]
}

pub(super) fn whole(series: &Series, found: &mut Found) -> Result<Rows, Vec<Finding>> {
    let whole = series
        .cast(&DataType::Int64)
        .map_err(|_| unreadable(series))?;
    let values = whole.i64().map_err(|_| unreadable(series))?;
    // What does not fit 64 signed bits has become missing in the cast, and must not stay silent.
    let present = series.is_not_null();
    for (row, (value, there)) in values.iter().zip(present.iter()).enumerate() {
        if value.is_none() && there == Some(true) {
            found.too_large.note(row);
        }
    }
    Ok(Rows {
        units: values.iter().collect(),
        decimals: 0,
    })
}

pub(super) fn floats(series: &Series, found: &mut Found) -> Result<Rows, Vec<Finding>> {
    let floats = series
        .cast(&DataType::Float64)
        .map_err(|_| unreadable(series))?;
    let values = floats.f64().map_err(|_| unreadable(series))?;
    let mut micros = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        micros.push(value.and_then(|v| in_range(v, row, found)));
    }
    Ok(fewest_decimals(micros))
}

/// NaN is what pandas writes for a missing value; infinity is a mistake.
fn in_range(value: f64, row: usize, found: &mut Found) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        found.not_finite.note(row);
        return None;
    }
    if value.abs() > LARGEST {
        found.too_large.note(row);
        return None;
    }
    micro(value)
}

pub(super) fn text(
    series: &Series,
    content: Content,
    found: &mut Found,
) -> Result<Rows, Vec<Finding>> {
    let values = series.str().map_err(|_| unreadable(series))?;
    let mut micros = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let cell = value.map(str::trim).filter(|cell| !cell.is_empty());
        micros.push(match cell {
            None => None,
            Some(cell) => match spelt::number(cell, content) {
                Some(number) => in_range(number, row, found),
                None => {
                    found.not_a_number.note(row);
                    None
                }
            },
        });
    }
    Ok(fewest_decimals(micros))
}

/// Scales micro-units down to the fewest decimals that hold every value.
fn fewest_decimals(micros: Vec<Option<i64>>) -> Rows {
    let mut decimals = 0;
    let mut step = MICRO;
    for value in micros.iter().flatten() {
        while value % step != 0 {
            step /= 10;
            decimals += 1;
        }
    }
    if step == 1 {
        return Rows {
            units: micros,
            decimals,
        };
    }
    Rows {
        units: micros.into_iter().map(|v| v.map(|v| v / step)).collect(),
        decimals,
    }
}

pub(super) fn check(rows: &Rows, content: Content, found: &mut Found) {
    let limit = (LARGEST as i64).saturating_mul(10_i64.pow(rows.decimals.min(6)));
    let one = 10_i64.pow(rows.decimals.min(6));
    for (row, value) in rows.units.iter().enumerate() {
        let Some(value) = value else { continue };
        if *value < 0 {
            found.negative.note(row);
        }
        if value.unsigned_abs() > limit.unsigned_abs() {
            found.too_large.note(row);
        } else if content == Content::Flag && *value != 0 && *value != one {
            found.not_a_flag.note(row);
        }
    }
}
