//! Cells of published tables: numbers, symbols in their place, and the range that either leaves.

use std::collections::BTreeSet;

use disprop_stats::tally::{MICRO, micro};
use polars::prelude::*;

use super::{Counts, Finding, Open, Quantity, RowNumbers};

/// Symbols that stand for a number in published tables: GSS, older DfE, and nothing at all.
const SYMBOLS: [&str; 14] = [
    "z", "x", "c", "u", "b", "low", "k", ":", "~", "..", ".", "-", "*", "n/a",
];
/// Farther than any count; the upper end of a withheld one.
const UNBOUNDED: i128 = i128::MAX / 2;

/// One cell of a count column.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// In micro-units.
    Number(i64),
    /// In place of a number, lower case.
    Symbol(String),
}

impl Open {
    pub(super) fn is_range(&self) -> bool {
        self.numerator.0 != self.numerator.1 || self.denominator.0 != self.denominator.1
    }
}

impl Counts {
    /// What counts above the line: for attendance, which is declared on sessions missed, the rest.
    pub(super) fn numerator_of(&self, x: i64, d: i64) -> i64 {
        if self.mirrors() {
            d.saturating_sub(x)
        } else {
            x
        }
    }

    fn mirrors(&self) -> bool {
        matches!(
            self.measure.quantity,
            Quantity::Share {
                complement: true,
                ..
            }
        )
    }

    /// How far rounding may have moved a count.
    pub(super) fn half_rounding(&self) -> i128 {
        self.rounded_to
            .map_or(0, |base| i128::from(base) * i128::from(MICRO) / 2)
    }

    /// Where numerator and denominator of a cell may lie.
    pub(super) fn open(&self, x: &Cell, d: &Cell) -> Open {
        let symbol = [x, d].into_iter().find_map(|cell| match cell {
            Cell::Symbol(symbol) => Some(symbol.clone()),
            Cell::Number(_) => None,
        });
        let half = self.half_rounding();
        let range = |cell: &Cell| match cell {
            Cell::Number(v) => {
                let v = i128::from(*v);
                ((v - half).max(v.min(0)), v + half)
            }
            Cell::Symbol(symbol) => match self.symbols.get(symbol) {
                Some((from, to)) => (
                    i128::from(*from) * i128::from(MICRO),
                    i128::from(*to) * i128::from(MICRO),
                ),
                None => (0, UNBOUNDED),
            },
        };
        let (numerator, denominator) = (range(x), range(d));
        let numerator = if self.mirrors() {
            let (low, high) = (denominator.0 - numerator.1, denominator.1 - numerator.0);
            (low.max(0), high.max(0))
        } else {
            numerator
        };
        Open {
            symbol,
            numerator,
            denominator,
        }
    }
}

/// Columns in which two rows differ, other than those named and those of numbers.
pub(super) fn differing(
    frame: &DataFrame,
    a: usize,
    b: usize,
    named: &BTreeSet<&str>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for column in frame.columns() {
        let name = column.name().as_str();
        let text = column.dtype().is_string() || column.dtype().is_categorical();
        if named.contains(name) || !text {
            continue;
        }
        if let (Ok(x), Ok(y)) = (column.get(a), column.get(b))
            && x != y
            && x.get_str().is_none_or(|text| read_number(text).is_none())
        {
            names.insert(name.to_owned());
        }
    }
    names
}

fn read_number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| *c != ',').collect();
    let digits = plain.bytes().any(|b| b.is_ascii_digit());
    digits.then(|| plain.parse().ok()).flatten()
}

/// Reads counts of some rows: numbers, numbers as text, or symbols.
pub(super) fn read_counts(
    frame: &DataFrame,
    column: &str,
    rows: &[usize],
    findings: &mut Vec<Finding>,
) -> Vec<Cell> {
    let mut text = RowNumbers::default();
    let mut negative = RowNumbers::default();
    let mut cells = Vec::with_capacity(rows.len());
    let Ok(values) = frame.column(column) else {
        return cells;
    };
    let values = values.as_materialized_series();
    let as_text = values.cast(&DataType::String).ok();
    let floats = if values.dtype().is_numeric() {
        values.cast(&DataType::Float64).ok()
    } else {
        None
    };
    for row in rows {
        let number = match &floats {
            Some(floats) => floats
                .f64()
                .ok()
                .and_then(|f| f.get(*row))
                .filter(|v| !v.is_nan()),
            None => None,
        };
        let raw = as_text
            .as_ref()
            .and_then(|s| s.str().ok())
            .and_then(|s| s.get(*row));
        let raw = raw.map_or("", str::trim);
        let number = number.or_else(|| {
            if floats.is_none() {
                read_number(raw)
            } else {
                None
            }
        });
        cells.push(match number.and_then(micro) {
            Some(v) => {
                if v < 0 {
                    negative.note(*row);
                }
                Cell::Number(v)
            }
            None => {
                let symbol = if floats.is_some() {
                    String::new()
                } else {
                    raw.to_lowercase()
                };
                if !symbol.is_empty() && !SYMBOLS.contains(&symbol.as_str()) {
                    text.note(*row);
                }
                Cell::Symbol(symbol)
            }
        });
    }
    if !text.is_empty() {
        findings.push(
            Finding::refused(
                "not_a_number",
                "text that is neither a number nor a DfE symbol",
            )
            .column(column)
            .rows(&text)
            .hint(format!("symbols are {}", SYMBOLS.join(" "))),
        );
    }
    // Points such as Progress 8 may be negative; a number of pupils may not. Which it is shows in
    // the measure, so this is a warning here and a typed reason in the result.
    if !negative.is_empty() {
        findings.push(
            Finding::warning("negative", "a negative number")
                .column(column)
                .rows(&negative),
        );
    }
    cells
}
