//! Exact sums for every cell: what is left of pupil rows, or what a publication gives.
//!
//! A cell is one value of each dimension and one leaf code of ethnicity, the finest there is. A
//! group is a set of leaf codes, so its tally is a union of cells, and "all others" is the total
//! less that union, to the last digit.

mod published;
mod wire;

use std::collections::BTreeSet;

use disprop_stats::{Mean, Proportion, Rate, Ratio, Tally};

use crate::codes::{CodeSet, LeafKind};
use crate::error::Error;
use crate::finding::Finding;
use crate::measure::{Family, Measure};
use crate::order::natural;

pub use published::{Counts, Whole};

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
    Proportion(Vec<Proportion>),
    Mean(Vec<Mean>),
    Ratio(Vec<Ratio>),
    Rate(Vec<Rate>),
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
    keys: Vec<u32>,
    measures: Vec<MeasureTallies>,
    codes: CodeSet,
    unit: String,
    findings: Vec<Finding>,
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

/// What an engine hands over: numbers of cells and their tallies, in any order.
pub(crate) struct Parts {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) keys: Vec<u32>,
    pub(crate) measures: Vec<MeasureTallies>,
    pub(crate) codes: CodeSet,
    pub(crate) unit: String,
    pub(crate) findings: Vec<Finding>,
}

impl Tallies {
    /// Returns tallies in canonical form: unused labels gone, cells sorted, equal cells merged.
    pub(crate) fn canonical(mut parts: Parts) -> Result<Self, Error> {
        parts.drop_unused();
        parts.sort_leaves();
        let stride = parts.dimensions.len() + 1;
        let cells = parts.keys.len() / stride;
        let key = |cell: &usize| parts.keys.get(cell * stride..(cell + 1) * stride);
        let mut order: Vec<usize> = (0..cells).collect();
        order.sort_by_key(key);
        let mut keys: Vec<u32> = Vec::with_capacity(parts.keys.len());
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for cell in &order {
            let Some(of_cell) = key(cell) else { continue };
            let same = keys.len() >= stride && keys.get(keys.len() - stride..) == Some(of_cell);
            match runs.last_mut().filter(|_| same) {
                Some(run) => run.push(*cell),
                None => {
                    keys.extend_from_slice(of_cell);
                    runs.push(vec![*cell]);
                }
            }
        }
        let measures = parts
            .measures
            .iter()
            .map(|m| m.gather(&runs))
            .collect::<Result<Vec<MeasureTallies>, Error>>()?;
        Ok(Tallies {
            dimensions: parts.dimensions,
            leaves: parts.leaves,
            keys,
            measures,
            codes: parts.codes,
            unit: parts.unit,
            findings: parts.findings,
        })
    }

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

    /// Returns the numbers of a cell: one a dimension, then the leaf's.
    pub(crate) fn key(&self, cell: usize) -> &[u32] {
        let stride = self.dimensions.len() + 1;
        self.keys
            .get(cell * stride..(cell + 1) * stride)
            .unwrap_or_default()
    }

    /// Returns the tallies of fewer dimensions, in the order asked for; the rest is added up.
    ///
    /// # Errors
    /// `dimension.unknown`, or `stats.overflow`.
    pub fn roll_up(&self, keep: &[&str]) -> Result<Self, Error> {
        let places = keep
            .iter()
            .map(|name| self.dimension_place(name))
            .collect::<Result<Vec<usize>, Error>>()?;
        let leaf = self.dimensions.len();
        let mut keys = Vec::with_capacity(self.cells() * (keep.len() + 1));
        for cell in 0..self.cells() {
            let key = self.key(cell);
            let numbers = places.iter().chain(std::iter::once(&leaf));
            keys.extend(numbers.filter_map(|place| key.get(*place)));
        }
        Tallies::canonical(Parts {
            dimensions: places
                .iter()
                .filter_map(|p| self.dimensions.get(*p))
                .cloned()
                .collect(),
            leaves: self.leaves.clone(),
            keys,
            measures: self.measures.clone(),
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings: self.findings.clone(),
        })
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
        let wanted: Vec<Vec<usize>> = (0..self.cells())
            .filter(|cell| self.key(*cell).get(place) == Some(&(number as u32)))
            .map(|cell| vec![cell])
            .collect();
        let mut keys = Vec::new();
        for cell in wanted.iter().flatten() {
            let key = self.key(*cell).iter().enumerate();
            keys.extend(key.filter(|(i, _)| *i != place).map(|(_, number)| *number));
        }
        let mut dimensions = self.dimensions.clone();
        dimensions.remove(place);
        Tallies::canonical(Parts {
            dimensions,
            leaves: self.leaves.clone(),
            keys,
            measures: self
                .measures
                .iter()
                .map(|m| m.gather(&wanted))
                .collect::<Result<_, _>>()?,
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings: self.findings.clone(),
        })
    }

    /// Returns the sums of both: parts of one cohort, or years tallied apart.
    ///
    /// # Errors
    /// `tallies.merge` where dimensions, measures or units differ; `stats.overflow`.
    pub fn merge(&self, other: &Self) -> Result<Self, Error> {
        let names = |t: &Tallies| {
            t.dimensions
                .iter()
                .map(|d| d.name.clone())
                .collect::<Vec<_>>()
        };
        let measures = |t: &Tallies| {
            t.measures
                .iter()
                .map(|m| m.measure.clone())
                .collect::<Vec<_>>()
        };
        let differ = |problem: &str| {
            Err(Error::Merge {
                problem: problem.into(),
            })
        };
        if names(self) != names(other) {
            return differ("their dimensions differ");
        }
        if measures(self) != measures(other) {
            return differ("their measures differ");
        }
        if self.unit != other.unit {
            return differ("one counts enrolments and the other pupils or published figures");
        }
        let dimensions: Vec<Dimension> = self
            .dimensions
            .iter()
            .zip(&other.dimensions)
            .map(|(a, b)| Dimension {
                name: a.name.clone(),
                values: union(&a.values, &b.values),
            })
            .collect();
        let mut leaves = self.leaves.clone();
        leaves.extend(
            other
                .leaves
                .iter()
                .filter(|l| !self.leaves.contains(l))
                .cloned(),
        );
        leaves.sort_by(|a, b| (a.kind, &a.code).cmp(&(b.kind, &b.code)));
        let mut keys = Vec::with_capacity(self.keys.len() + other.keys.len());
        for side in [self, other] {
            side.renumbered(&dimensions, &leaves, &mut keys);
        }
        let joined = self
            .measures
            .iter()
            .zip(&other.measures)
            .map(|(a, b)| a.join(b))
            .collect::<Result<Vec<MeasureTallies>, Error>>()?;
        let mut findings = self.findings.clone();
        findings.extend(
            other
                .findings
                .iter()
                .filter(|f| !self.findings.contains(f))
                .cloned(),
        );
        Tallies::canonical(Parts {
            dimensions,
            leaves,
            keys,
            measures: joined,
            codes: self.codes.clone(),
            unit: self.unit.clone(),
            findings,
        })
    }

    fn renumbered(&self, dimensions: &[Dimension], leaves: &[Leaf], keys: &mut Vec<u32>) {
        let place = |from: &[Option<String>], to: &[Option<String>]| -> Vec<u32> {
            let at = |v| to.iter().position(|w| w == v).unwrap_or(0) as u32;
            from.iter().map(at).collect()
        };
        let mut maps: Vec<Vec<u32>> = self
            .dimensions
            .iter()
            .zip(dimensions)
            .map(|(from, to)| place(&from.values, &to.values))
            .collect();
        let at = |leaf| leaves.iter().position(|l| l == leaf).unwrap_or(0) as u32;
        maps.push(self.leaves.iter().map(at).collect());
        for cell in 0..self.cells() {
            let numbers = self.key(cell).iter().zip(&maps);
            keys.extend(numbers.filter_map(|(number, map)| map.get(*number as usize)));
        }
    }
}

fn union(a: &[Option<String>], b: &[Option<String>]) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = a
        .iter()
        .chain(b)
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    values.sort_by(|a, b| match (a, b) {
        (Some(a), Some(b)) => natural(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    values
}

impl Parts {
    /// Drops labels that no cell has, so that tallies of the same cells are equal.
    fn drop_unused(&mut self) {
        let stride = self.dimensions.len() + 1;
        let mut sizes: Vec<usize> = self.dimensions.iter().map(|d| d.values.len()).collect();
        sizes.push(self.leaves.len());
        let mut used: Vec<Vec<bool>> = sizes.iter().map(|n| vec![false; *n]).collect();
        for (i, number) in self.keys.iter().enumerate() {
            if let Some(slot) = used
                .get_mut(i % stride)
                .and_then(|u| u.get_mut(*number as usize))
            {
                *slot = true;
            }
        }
        let maps: Vec<Vec<u32>> = used
            .iter()
            .map(|used| {
                let mut next = 0;
                used.iter()
                    .map(|used| {
                        next += u32::from(*used);
                        next.saturating_sub(1)
                    })
                    .collect()
            })
            .collect();
        for (i, number) in self.keys.iter_mut().enumerate() {
            let map = maps.get(i % stride).and_then(|m| m.get(*number as usize));
            *number = map.copied().unwrap_or(0);
        }
        for (dimension, used) in self.dimensions.iter_mut().zip(&used) {
            let mut used = used.iter();
            dimension
                .values
                .retain(|_| used.next().copied().unwrap_or(false));
        }
        if let Some(used) = used.last() {
            let mut used = used.iter();
            self.leaves
                .retain(|_| used.next().copied().unwrap_or(false));
        }
    }
}

impl Parts {
    /// Puts leaves in order of kind and code, whatever order the data gave them.
    fn sort_leaves(&mut self) {
        let stride = self.dimensions.len() + 1;
        let mut sorted = self.leaves.clone();
        sorted.sort_by(|a, b| (a.kind, &a.code).cmp(&(b.kind, &b.code)));
        let place = |leaf| sorted.iter().position(|l| l == leaf).unwrap_or(0) as u32;
        let map: Vec<u32> = self.leaves.iter().map(place).collect();
        for number in self.keys.iter_mut().skip(stride - 1).step_by(stride) {
            *number = map.get(*number as usize).copied().unwrap_or(0);
        }
        self.leaves = sorted;
    }
}

impl MeasureTallies {
    /// Returns one tally for each run of cells: their sum.
    pub(crate) fn gather(&self, runs: &[Vec<usize>]) -> Result<Self, Error> {
        fn sums<T: Tally>(cells: &[T], runs: &[Vec<usize>]) -> Result<Vec<T>, Error> {
            let sum = |run: &Vec<usize>| {
                let mut parts = run.iter().filter_map(|cell| cells.get(*cell));
                let first = parts.next().copied().unwrap_or_default();
                parts
                    .try_fold(first, |sum, part| sum.merge(part))
                    .map_err(Error::from)
            };
            runs.iter().map(sum).collect()
        }
        let column = match &self.column {
            Column::Proportion(cells) => Column::Proportion(sums(cells, runs)?),
            Column::Mean(cells) => Column::Mean(sums(cells, runs)?),
            Column::Ratio(cells) => Column::Ratio(sums(cells, runs)?),
            Column::Rate(cells) => Column::Rate(sums(cells, runs)?),
        };
        let open = self.open.as_ref().map(|open| {
            let sum = |run: &Vec<usize>| {
                run.iter()
                    .filter_map(|cell| open.get(*cell))
                    .fold(Open::default(), |sum, part| sum.merge(part))
            };
            runs.iter().map(sum).collect()
        });
        Ok(MeasureTallies {
            measure: self.measure.clone(),
            column,
            open,
        })
    }

    fn join(&self, other: &Self) -> Result<Self, Error> {
        fn both<T: Clone>(a: &[T], b: &[T]) -> Vec<T> {
            a.iter().chain(b).cloned().collect()
        }
        let column = match (&self.column, &other.column) {
            (Column::Proportion(a), Column::Proportion(b)) => Column::Proportion(both(a, b)),
            (Column::Mean(a), Column::Mean(b)) => Column::Mean(both(a, b)),
            (Column::Ratio(a), Column::Ratio(b)) => Column::Ratio(both(a, b)),
            (Column::Rate(a), Column::Rate(b)) => Column::Rate(both(a, b)),
            (a, b) => {
                return Err(disprop_stats::Error::FamilyMismatch {
                    found: b.family().name(),
                    expected: a.family().name(),
                }
                .into());
            }
        };
        let open = match (&self.open, &other.open) {
            (None, None) => None,
            (a, b) => {
                let of = |open: &Option<Vec<Open>>, column: &Column| match open {
                    Some(open) => open.clone(),
                    None => (0..column.len()).map(|cell| column.exact(cell)).collect(),
                };
                Some(both(&of(a, &self.column), &of(b, &other.column)))
            }
        };
        Ok(MeasureTallies {
            measure: self.measure.clone(),
            column,
            open,
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
