//! Tallies as a table: one row a cell and measure, sums as exact decimals.

use polars::prelude::*;

use super::{Column, Tallies};
use crate::error::Error;

/// Decimal digits of the sums on the wire; 38 is what Arrow's 128 bits hold.
const DIGITS: usize = 38;

impl Tallies {
    /// Returns the tallies as a frame: dimensions, `ethnicity`, `kind`, `measure`, `family`, `n`
    /// and the exact sums `x`, `d` (scale 6), `xx`, `xd`, `dd` (scale 12).
    ///
    /// A proportion has its events in `x` and its trials in `n` and `d`; sums that a family does
    /// not have are null.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        const MICRO: i128 = disprop_stats::tally::MICRO as i128;
        let height = self.cells() * self.measures.len();
        let mut columns: Vec<polars::prelude::Column> = Vec::new();
        let cells =
            || (0..self.cells()).flat_map(|cell| std::iter::repeat_n(cell, self.measures.len()));
        for (place, dimension) in self.dimensions.iter().enumerate() {
            let value = |cell: usize| {
                let number = self.key(cell).get(place).copied().unwrap_or(0);
                dimension
                    .values
                    .get(number as usize)
                    .and_then(Option::as_deref)
            };
            let values = StringChunked::from_iter_options(
                dimension.name.as_str().into(),
                cells().map(value),
            );
            columns.push(values.into_column());
        }
        let leaf = |cell: usize| {
            let number = self.key(cell).last().copied().unwrap_or(0);
            self.leaves.get(number as usize)
        };
        let codes = cells().map(|cell| leaf(cell).map(|l| l.code.as_str()));
        columns.push(StringChunked::from_iter_options("ethnicity".into(), codes).into_column());
        let kinds = cells().map(|cell| {
            leaf(cell).map(|l| match l.kind {
                crate::codes::LeafKind::Classified => "classified",
                crate::codes::LeafKind::Unclassified => "unclassified",
                crate::codes::LeafKind::Total => "total",
            })
        });
        columns.push(StringChunked::from_iter_options("kind".into(), kinds).into_column());
        let measures = || (0..self.cells()).flat_map(|_| &self.measures);
        let ids = measures().map(|m| Some(m.measure.id.as_str()));
        columns.push(StringChunked::from_iter_options("measure".into(), ids).into_column());
        let families = measures().map(|m| Some(m.column.family().name()));
        columns.push(StringChunked::from_iter_options("family".into(), families).into_column());
        let mut sums: [Vec<Option<i128>>; 6] = Default::default();
        for cell in 0..self.cells() {
            for measure in &self.measures {
                let row: [Option<i128>; 6] = match &measure.column {
                    Column::Proportion(c) => c.get(cell).map_or([None; 6], |t| {
                        let trials = i128::from(t.trials);
                        [
                            Some(trials),
                            Some(i128::from(t.events) * MICRO),
                            Some(trials * MICRO),
                            None,
                            None,
                            None,
                        ]
                    }),
                    Column::Mean(c) => c.get(cell).map_or([None; 6], |t| {
                        [
                            Some(t.n.into()),
                            Some(t.sum),
                            Some(i128::from(t.n) * MICRO),
                            Some(t.squares),
                            None,
                            None,
                        ]
                    }),
                    Column::Ratio(c) => c.get(cell).map_or([None; 6], |t| {
                        [
                            Some(t.n.into()),
                            Some(t.x),
                            Some(t.d),
                            Some(t.xx),
                            Some(t.xd),
                            Some(t.dd),
                        ]
                    }),
                    Column::Rate(c) => c.get(cell).map_or([None; 6], |t| {
                        [
                            Some(t.n.into()),
                            Some(t.events),
                            Some(t.exposure),
                            None,
                            None,
                            None,
                        ]
                    }),
                };
                for (sum, value) in sums.iter_mut().zip(row) {
                    sum.push(value);
                }
            }
        }
        for ((name, scale), values) in [
            ("n", 0),
            ("x", 6),
            ("d", 6),
            ("xx", 12),
            ("xd", 12),
            ("dd", 12),
        ]
        .into_iter()
        .zip(sums)
        {
            let whole = Int128Chunked::from_iter_options(name.into(), values.into_iter());
            let series = if scale == 0 {
                whole.into_series().cast(&DataType::Int64)?
            } else {
                whole.into_series().into_decimal(DIGITS, scale)?
            };
            columns.push(series.into_column());
        }
        Ok(DataFrame::new(height, columns)?)
    }
}
