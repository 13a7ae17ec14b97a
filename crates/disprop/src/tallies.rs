//! Exact sums for every cell: what is left of pupil rows, or what a publication gives.
//!
//! A cell is one value of each dimension and one leaf code of ethnicity, the finest there is. A
//! group is a set of leaf codes, so its tally is a union of cells, and "all others" is the total
//! less that union, to the last digit.

mod canonical;
mod checkpoint;
mod merge;
mod pieces;
mod published;
mod rolled;
mod sums;
mod wire;
mod words;

use std::sync::Arc;

use disprop_stats::{Mean, Proportion, Rate, Ratio};

use crate::codes::{CodeSet, LeafKind};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::{Family, Measure};

pub(crate) use canonical::{Parts, Places};
pub(crate) use checkpoint::slug;
pub use published::{Counts, Whole};
pub use sums::Sums;
pub(crate) use sums::{OfWords, Recipe, Words};
pub(crate) use words::{Kept, Store};

/// A dimension of the cells: its name and its values in natural order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Name, such as `year`.
    pub name: String,
    /// Values; a missing one is nothing and comes last.
    pub values: Vec<Option<String>>,
}

/// A leaf code of ethnicity among the cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The code, or the group's name where groups are one's own.
    pub code: String,
    /// Whether it stands for a group.
    pub kind: LeafKind,
}

/// The tallies of one measure, one a cell, all of one family.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Column {
    Proportion(Sums<Proportion>),
    Mean(Sums<Mean>),
    Ratio(Sums<Ratio>),
    Rate(Sums<Rate>),
}

/// What a publication leaves open about one cell: a symbol in place of a number, or rounding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Open {
    /// The symbol, where a number was withheld or not available.
    pub symbol: Option<String>,
    /// Lowest and highest numerator, in micro-units.
    pub numerator: (i128, i128),
    /// Lowest and highest denominator, in micro-units.
    pub denominator: (i128, i128),
}

impl Open {
    pub(crate) fn merge(&self, other: &Open) -> Open {
        let add =
            |a: (i128, i128), b: (i128, i128)| (a.0.saturating_add(b.0), a.1.saturating_add(b.1));
        Open {
            symbol: self.symbol.clone().or_else(|| other.symbol.clone()),
            numerator: add(self.numerator, other.numerator),
            denominator: add(self.denominator, other.denominator),
        }
    }

    /// The range of what is left without a part, clipped at zero (DOMAIN 0.2.6).
    pub(crate) fn subtract(&self, part: &Open) -> Open {
        let less = |a: (i128, i128), b: (i128, i128)| {
            (
                a.0.saturating_sub(b.1).max(0),
                a.1.saturating_sub(b.0).max(0),
            )
        };
        Open {
            symbol: self.symbol.clone().or_else(|| part.symbol.clone()),
            numerator: less(self.numerator, part.numerator),
            denominator: less(self.denominator, part.denominator),
        }
    }
}

/// One measure's tallies over all cells.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureTallies {
    /// The measure.
    pub measure: Measure,
    /// Its tallies, in the order of the cells.
    pub column: Column,
    /// What a publication leaves open, in the order of the cells; nothing where all is exact.
    pub open: Option<Vec<Open>>,
}

/// Exact sums for every cell of some measures.
#[derive(Debug, Clone)]
pub struct Tallies {
    dimensions: Vec<Dimension>,
    leaves: Vec<Leaf>,
    /// Cells in lexicographic order; each has a number per dimension and then its leaf's.
    keys: Arc<Vec<u32>>,
    measures: Vec<MeasureTallies>,
    codes: CodeSet,
    unit: String,
    findings: Vec<Finding>,
    kept: Vec<(String, String)>,
}

impl PartialEq for Tallies {
    /// Equal to the last bit: same dimensions, leaves, cells and sums.
    fn eq(&self, other: &Self) -> bool {
        self.dimensions == other.dimensions
            && self.leaves == other.leaves
            && self.keys == other.keys
            && self.measures == other.measures
    }
}

impl Tallies {
    /// Returns the dimensions of the cells.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// Returns the leaf codes, in order.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Returns the measures with their tallies.
    pub fn measures(&self) -> &[MeasureTallies] {
        &self.measures
    }

    /// Returns the number of cells.
    pub fn cells(&self) -> usize {
        self.keys.len() / (self.dimensions.len() + 1)
    }

    /// Returns what the values of ethnicity mean.
    pub fn codes(&self) -> &CodeSet {
        &self.codes
    }

    /// Returns the word for what was counted: `enrolment`, `pupil` or `published count`.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Returns what was found on the way to the tallies.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns dimensions of which one value was kept, and that value: what [`Tallies::only`] has done.
    ///
    /// Disclosure control needs it: a table of one year by school adds up to a row of the table by
    /// year.
    pub fn kept(&self) -> &[(String, String)] {
        &self.kept
    }

    /// Returns the numbers of a cell: one a dimension, then the leaf's.
    pub(crate) fn key(&self, cell: usize) -> &[u32] {
        let stride = self.dimensions.len() + 1;
        self.keys
            .get(cell * stride..(cell + 1) * stride)
            .unwrap_or_default()
    }

    fn dimension_place(&self, name: &str) -> Result<usize, Error> {
        self.dimensions
            .iter()
            .position(|d| d.name == name)
            .ok_or_else(|| Error::UnknownDimension {
                found: name.into(),
                known: self.dimensions.iter().map(|d| d.name.clone()).collect(),
            })
    }

    /// Returns the cells where a dimension has one value, without that dimension.
    ///
    /// # Errors
    /// `dimension.unknown`; a value that no cell has is `option.bad`.
    pub fn only(&self, dimension: &str, value: &str) -> Result<Self, Error> {
        let place = self.dimension_place(dimension)?;
        let values = self.dimensions.get(place).map_or(&[][..], |d| &d.values);
        let number = values
            .iter()
            .position(|v| v.as_deref() == Some(value))
            .ok_or_else(|| Error::Option {
                option: "where",
                found: value.into(),
                expected: crate::error::quoted(
                    &values.iter().flatten().cloned().collect::<Vec<String>>(),
                ),
            })?;
        let wanted: Vec<bool> = (0..self.cells())
            .map(|cell| self.key(cell).get(place) == Some(&(number as u32)))
            .collect();
        let mut keys = Vec::new();
        for (cell, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
            let key = self.key(cell).iter().enumerate();
            keys.extend(key.filter(|(i, _)| *i != place).map(|(_, number)| *number));
        }
        let mut dimensions = self.dimensions.clone();
        dimensions.remove(place);
        let mut kept = self.kept.clone();
        kept.push((dimension.to_owned(), value.to_owned()));
        Tallies::canonical(Parts {
            kept,
            dimensions,
            leaves: self.leaves.clone(),
            keys,
            measures: Places::kept(&wanted).gather(&self.measures)?,
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings: self.findings.clone(),
        })
    }
}

impl Column {
    /// Returns the family of its tallies.
    pub fn family(&self) -> Family {
        match self {
            Column::Proportion(_) => Family::Proportion,
            Column::Mean(_) => Family::Mean,
            Column::Ratio(_) => Family::Ratio,
            Column::Rate(_) => Family::Rate,
        }
    }

    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        match self {
            Column::Proportion(cells) => cells.len(),
            Column::Mean(cells) => cells.len(),
            Column::Ratio(cells) => cells.len(),
            Column::Rate(cells) => cells.len(),
        }
    }

    /// Returns whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The range of a cell whose numbers are exact: no range.
    pub(crate) fn exact(&self, cell: usize) -> Open {
        const MICRO: i128 = disprop_stats::tally::MICRO as i128;
        let (numerator, denominator) = match self {
            Column::Proportion(cells) => cells.get(cell).map_or((0, 0), |t| {
                (i128::from(t.events) * MICRO, i128::from(t.trials) * MICRO)
            }),
            Column::Mean(cells) => cells
                .get(cell)
                .map_or((0, 0), |t| (t.sum, i128::from(t.n) * MICRO)),
            Column::Ratio(cells) => cells.get(cell).map_or((0, 0), |t| (t.x, t.d)),
            Column::Rate(cells) => cells.get(cell).map_or((0, 0), |t| (t.events, t.exposure)),
        };
        Open {
            symbol: None,
            numerator: (numerator, numerator),
            denominator: (denominator, denominator),
        }
    }
}
