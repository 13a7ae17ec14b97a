//! What the kernel is to do: columns to read, sums to keep, cells to keep them in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use disprop_stats::{Mean, Proportion, Ratio};
use rayon::prelude::*;

use super::TallyOptions;
use super::kernel::{self, Layout};
use super::tasks::Source;
use crate::cohort::Cohort;
use crate::cohort::encode::Categories;
use crate::cohort::numbers::Numbers;
use crate::error::Error;
use crate::measure::{Measure, Quantity};
use crate::tallies::{
    Column, Dimension, Leaf, MeasureTallies, Parts, Recipe, Store, Sums, Tallies, Words,
};

/// Most cells that are kept at once; a cell of a dozen measures takes about half a kilobyte.
const MOST_CELLS: u64 = 20_000_000;

/// Cells whose tallies are worth a core's while.
const CELLS_A_SHARE: usize = 2048;

/// One measure's columns, ready to be read.
pub(crate) enum Reading {
    /// Event where the value is at least a number.
    AtLeast { values: Arc<Numbers>, least: i64 },
    /// Event where x · `of_x` ≥ d · `of_d`; trial where d > 0.
    Threshold {
        x: Arc<Numbers>,
        d: Arc<Numbers>,
        of_x: i64,
        of_d: i64,
    },
    /// Sum and sum of squares.
    Value { values: Arc<Numbers> },
    /// x over d, both raised to the same decimals.
    Share {
        x: Arc<Numbers>,
        d: Arc<Numbers>,
        raise_x: i64,
        raise_d: i64,
        complement: bool,
    },
}

/// A tally about to be taken.
pub(crate) struct Plan<'a> {
    cohort: &'a Cohort,
    measures: Vec<Measure>,
    readings: Vec<Reading>,
    names: Vec<String>,
    dimensions: Vec<Arc<Categories>>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        cohort: &'a Cohort,
        measures: &[Measure],
        dimensions: &[&str],
    ) -> Result<Self, Error> {
        let readings = measures
            .iter()
            .map(|measure| Reading::new(cohort, measure))
            .collect::<Result<Vec<Reading>, Error>>()?;
        let columns = dimensions
            .iter()
            .map(|name| cohort.dimension(name))
            .collect::<Result<Vec<Arc<Categories>>, Error>>()?;
        Ok(Plan {
            cohort,
            measures: measures.to_vec(),
            readings,
            names: dimensions.iter().map(ToString::to_string).collect(),
            dimensions: columns,
        })
    }

    pub(crate) fn run(self, options: &TallyOptions<'_>) -> Result<Tallies, Error> {
        let (ethnicity, kinds) = self.cohort.leaves();
        let mut columns: Vec<&Categories> = self.dimensions.iter().map(Arc::as_ref).collect();
        columns.push(ethnicity);
        let leaves: Vec<Leaf> = (ethnicity.labels.iter().zip(kinds))
            .map(|(code, kind)| Leaf {
                code: code.clone().unwrap_or_default(),
                kind: *kind,
            })
            .collect();
        // As tallies have them, so that their cells come in order.
        let mut order: Vec<u32> = (0..leaves.len() as u32).collect();
        let leaf = |place: &u32| leaves.get(*place as usize);
        order.sort_by(|a, b| {
            let of = |place| leaf(place).map(|l| (l.kind, &l.code));
            of(a).cmp(&of(b))
        });
        let rows = self.cohort.units();
        let layout = Layout::new(&columns, &order, &self.readings, rows, MOST_CELLS)?;
        let sums = kernel::run(&layout, &columns, &self.readings, options)?;
        let mut keys = vec![0_u32; sums.cells.len() * columns.len()];
        keys.par_chunks_exact_mut(columns.len())
            .zip(&sums.cells)
            .with_min_len(CELLS_A_SHARE)
            .for_each(|(numbers, cell)| layout.numbers(*cell, numbers));
        let measures = self
            .measures
            .into_iter()
            .zip(sums.measures)
            .map(|(measure, column)| MeasureTallies {
                measure,
                column,
                open: None,
            })
            .collect();
        let dimensions = self.names.into_iter().zip(&self.dimensions);
        Tallies::canonical(Parts {
            kept: Vec::new(),
            dimensions: dimensions
                .map(|(name, column)| Dimension {
                    name,
                    values: column.labels.clone(),
                })
                .collect(),
            leaves: order.iter().filter_map(leaf).cloned().collect(),
            keys,
            measures,
            codes: self.cohort.options().codes.clone(),
            unit: self.cohort.options().rows.label().into(),
            findings: self.cohort.findings().to_vec(),
        })
    }
}

impl Reading {
    pub(crate) fn new(cohort: &Cohort, measure: &Measure) -> Result<Self, Error> {
        let values = |name: &str| cohort.values_of(measure, name);
        Ok(match &measure.quantity {
            Quantity::Flag { column } => Reading::at_least(values(column)?, 1),
            Quantity::CountAtLeast { column, at_least } => {
                Reading::at_least(values(column)?, *at_least)
            }
            Quantity::Count { column } | Quantity::Score { column } => Reading::Value {
                values: values(column)?,
            },
            Quantity::Threshold {
                numerator,
                denominator,
                at_least: [p, q],
            } => {
                let (x, d) = (values(numerator)?, values(denominator)?);
                // x / 10^a ≥ (p / q) d / 10^b  ⇔  x q 10^b ≥ d p 10^a, in whole numbers.
                let common = x.decimals.min(d.decimals);
                let of_x = i64::from(*q) * 10_i64.pow(d.decimals - common);
                let of_d = i64::from(*p) * 10_i64.pow(x.decimals - common);
                let fits = |n: &Numbers, by: i64| i64::try_from(n.largest).ok()?.checked_mul(by);
                if fits(&x, of_x).is_none() || fits(&d, of_d).is_none() {
                    return Err(disprop_stats::Error::Overflow {
                        quantity: "threshold",
                        bits: 64,
                    }
                    .into());
                }
                Reading::Threshold { x, d, of_x, of_d }
            }
            Quantity::Share {
                numerator,
                denominator,
                complement,
            } => {
                let (x, d) = (values(numerator)?, values(denominator)?);
                let common = x.decimals.max(d.decimals);
                Reading::Share {
                    raise_x: 10_i64.pow(common - x.decimals),
                    raise_d: 10_i64.pow(common - d.decimals),
                    x,
                    d,
                    complement: *complement,
                }
            }
        })
    }

    fn at_least(values: Arc<Numbers>, least: u32) -> Self {
        let least = i64::from(least) * 10_i64.pow(values.decimals);
        Reading::AtLeast { values, least }
    }

    /// Returns the largest magnitude that one row can add to a sum.
    pub(crate) fn largest_addend(&self) -> u128 {
        match self {
            Reading::AtLeast { .. } | Reading::Threshold { .. } => 1,
            Reading::Value { values } => {
                let x = u128::from(values.largest.max(1));
                x * x
            }
            Reading::Share {
                x,
                d,
                raise_x,
                raise_d,
                complement,
            } => {
                let x = u128::from(x.largest) * u128::from(raise_x.unsigned_abs());
                let d = u128::from(d.largest) * u128::from(raise_d.unsigned_abs());
                let largest = if *complement { x + d } else { x.max(d) }.max(1);
                largest.saturating_mul(largest)
            }
        }
    }

    /// Takes a cell's sums from those that the rows gave; what it does not have is zero.
    fn take(&self, source: &Source, at: impl Fn(usize) -> i128) -> [i128; 6] {
        match (self, source) {
            (_, Source::Two([events, trials])) => [at(*events), at(*trials), 0, 0, 0, 0],
            (
                Reading::Share {
                    raise_x,
                    raise_d,
                    complement,
                    ..
                },
                Source::From(first),
            ) => {
                let (up_x, up_d) = (i128::from(*raise_x), i128::from(*raise_d));
                let [n, x, d, xx, xd, dd] = std::array::from_fn(|i| at(first + i));
                let (x, d) = (x * up_x, d * up_d);
                let (xx, xd, dd) = (xx * up_x * up_x, xd * up_x * up_d, dd * up_d * up_d);
                if *complement {
                    // (d − x)² = d² − 2xd + x². The sum is known to fit; what leads to it may wrap.
                    let squares = dd.wrapping_sub(xd).wrapping_sub(xd).wrapping_add(xx);
                    [n, d - x, d, squares, dd - xd, dd]
                } else {
                    [n, x, d, xx, xd, dd]
                }
            }
            (_, Source::From(first)) => [at(*first), at(first + 1), at(first + 2), 0, 0, 0],
        }
    }

    pub(crate) fn decimals(&self) -> u32 {
        match self {
            Reading::AtLeast { .. } | Reading::Threshold { .. } => 0,
            Reading::Value { values } => values.decimals,
            Reading::Share { x, d, .. } => x.decimals.max(d.decimals),
        }
    }

    /// Keeps the words of every cell, with what makes tallies of them; `first` is the place of the
    /// task's first sum in a record.
    pub(crate) fn words(&self, source: &Source, first: usize, store: &Arc<Store>) -> Column {
        let at = match source {
            Source::Two(at) => at.map(|at| at - first),
            Source::From(from) => [from - first; 2],
        };
        let up = |numbers: &Numbers| 10_i64.pow(6 - numbers.decimals);
        let (up, complement) = match self {
            Reading::AtLeast { .. } | Reading::Threshold { .. } => ([1; 2], false),
            Reading::Value { values } => ([up(values); 2], false),
            Reading::Share {
                x, d, complement, ..
            } => ([up(x), up(d)], *complement),
        };
        let words = Words {
            store: Arc::clone(store),
            recipe: Recipe { at, up, complement },
        };
        match self {
            Reading::AtLeast { .. } | Reading::Threshold { .. } => Column::Proportion(words.into()),
            Reading::Value { .. } => Column::Mean(words.into()),
            Reading::Share { .. } => Column::Ratio(words.into()),
        }
    }

    /// Turns the sums of every cell into tallies, in micro-units; `record` gives a cell's sums.
    pub(crate) fn column<R: Fn(usize) -> i128>(
        &self,
        source: &Source,
        cells: usize,
        threads: usize,
        record: impl Fn(usize) -> R + Sync,
    ) -> Result<Column, Error> {
        let up = 10_i128.pow(6 - self.decimals());
        // A number of 64 bits times 10¹² has 103: no need of the slow check.
        let raised = |v: i128, by: i128| match i64::try_from(v) {
            Ok(v) => Some(i128::from(v) * by),
            Err(_) => v.checked_mul(by),
        };
        let first = |v: i128| raised(v, up).ok_or(overflow("x"));
        let second = |v: i128| raised(v, up * up).ok_or(overflow("x squared"));
        let count = |v: i128| i64::try_from(v).map_err(|_| overflow("n"));
        let sums = |cell: usize| self.take(source, record(cell));
        Ok(match self {
            Reading::AtLeast { .. } | Reading::Threshold { .. } => {
                Column::Proportion(whole(cells, threads, |cell| {
                    let [events, trials, ..] = sums(cell);
                    Ok(Proportion {
                        events: count(events)?,
                        trials: count(trials)?,
                    })
                })?)
            }
            Reading::Value { .. } => Column::Mean(whole(cells, threads, |cell| {
                let [n, x, xx, ..] = sums(cell);
                Ok(Mean {
                    n: count(n)?,
                    sum: first(x)?,
                    squares: second(xx)?,
                })
            })?),
            Reading::Share { .. } => Column::Ratio(whole(cells, threads, |cell| {
                let [n, x, d, xx, xd, dd] = sums(cell);
                Ok(Ratio {
                    n: count(n)?,
                    x: first(x)?,
                    d: first(d)?,
                    xx: second(xx)?,
                    xd: second(xd)?,
                    dd: second(dd)?,
                })
            })?),
        })
    }
}

/// Makes the tally of every cell, on all cores where there are many and more than one is asked for.
fn whole<T: Default + Send>(
    cells: usize,
    threads: usize,
    tally: impl Fn(usize) -> Result<T, Error> + Sync,
) -> Result<Sums<T>, Error> {
    if threads > 1 && cells >= 2 * CELLS_A_SHARE {
        let failed = AtomicBool::new(false);
        let shares = (0..cells).into_par_iter().with_min_len(CELLS_A_SHARE);
        let made = shares.map(|cell| {
            tally(cell).unwrap_or_else(|_| {
                failed.store(true, Ordering::Relaxed);
                T::default()
            })
        });
        let made: Vec<T> = made.collect();
        if !failed.into_inner() {
            return Ok(made.into());
        }
    }
    // In order, so that of several errors the first is told.
    let made: Result<Vec<T>, Error> = (0..cells).map(tally).collect();
    Ok(made?.into())
}

fn overflow(quantity: &'static str) -> Error {
    disprop_stats::Error::Overflow {
        quantity,
        bits: 128,
    }
    .into()
}
