//! The fused pass: every row is placed in its cell once, and every measure adds to that cell.
//!
//! Rows are taken in blocks that stay in the first cache. A block's cell numbers are worked out
//! once, column by column; then each task adds its sums, in lanes of one record a cell that are
//! emptied into wide sums before they could overflow. Machine words hold the wide sums where the
//! largest values of the columns prove that they suffice, 128 bits elsewhere.

mod joined;
mod partial;
mod regions;
mod summed;
mod turns;

use std::num::NonZeroUsize;

use partial::Partial;
use regions::Regions;
use summed::Summed;

use super::TallyOptions;
use super::lanes::Lanes;
use super::plan::Reading;
use super::tasks::{Source, Tasks};
use super::word::Word;
use crate::cohort::encode::Categories;
use crate::error::Error;
use crate::tallies::Column;

/// Rows of a block: their cell numbers, the columns read beside them and a few hundred records fit
/// the first cache.
const BLOCK: usize = 1024;
/// Sums of all cells below this size are kept as a table, above it by region or by hash.
const TABLE_BYTES: u128 = 64 << 20;
/// Rows below which a second thread costs more than it saves.
const ROWS_A_THREAD: usize = 50_000;
/// Rows a thread takes at a time: whoever is free takes the next.
const SHARE: usize = 1 << 16;

/// Tallies of every measure for the cells that have rows.
pub(crate) struct Cells {
    /// Mixed-radix numbers of the cells, leaves in their order, ascending.
    pub(crate) cells: Vec<u64>,
    /// Tallies by measure.
    pub(crate) measures: Vec<Column>,
}

/// How cells are numbered, and whether machine words hold their sums.
pub(crate) struct Layout<'a> {
    sizes: Vec<u64>,
    table: Option<usize>,
    regions: Option<Regions>,
    rows: usize,
    words: bool,
    most: u64,
    tasks: Tasks<'a>,
    lanes: Lanes,
    /// Leaves, the last column's labels, in the order in which cells are handed over.
    leaves: &'a [u32],
}

impl<'a> Layout<'a> {
    pub(crate) fn new(
        columns: &[&Categories],
        leaves: &'a [u32],
        readings: &'a [Reading],
        rows: usize,
        most: u64,
    ) -> Result<Self, Error> {
        let sizes: Vec<u64> = columns
            .iter()
            .map(|c| c.labels.len().max(1) as u64)
            .collect();
        let cells = sizes
            .iter()
            .fold(1_u128, |n, size| n.saturating_mul(u128::from(*size)));
        if cells > u128::from(u64::MAX) {
            return Err(Error::TooManyCells { cells, limit: most });
        }
        let largest = readings
            .iter()
            .map(Reading::largest_addend)
            .max()
            .unwrap_or(1);
        let bound = largest.checked_mul(rows as u128);
        if bound.is_none_or(|b| b > i128::MAX as u128) {
            return Err(disprop_stats::Error::Overflow {
                quantity: "x squared",
                bits: 128,
            }
            .into());
        }
        let tasks = Tasks::new(readings);
        let lanes = Lanes::new(&tasks.tasks);
        let bytes = 8 * (lanes.stride + tasks.width);
        let table = (cells.saturating_mul(bytes as u128) <= TABLE_BYTES).then_some(cells as usize);
        let regions = match table {
            None => {
                let leaves = leaves.len().max(1) as u64;
                let places = cells / u128::from(leaves);
                Regions::new(places, leaves, lanes.stride, tasks.width)
            }
            Some(_) => None,
        };
        let bound = tasks.largest_addend().checked_mul(rows as u128);
        Ok(Layout {
            sizes,
            table,
            regions,
            rows,
            words: bound.is_some_and(|b| b < 1 << 62),
            most,
            tasks,
            lanes,
            leaves,
        })
    }

    /// Threads that are of use, of those asked for.
    fn threads(&self, options: &TallyOptions<'_>) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let asked = options.threads.map_or_else(available, NonZeroUsize::get);
        asked.min(self.rows / ROWS_A_THREAD + 1).max(1)
    }

    fn within_limit(&self, cells: usize) -> Result<(), Error> {
        if cells as u64 > self.most {
            return Err(Error::TooManyCells {
                cells: cells as u128,
                limit: self.most,
            });
        }
        Ok(())
    }

    /// Writes the numbers of a cell, one a column.
    pub(crate) fn numbers(&self, mut cell: u64, numbers: &mut [u32]) {
        for (slot, size) in numbers.iter_mut().zip(&self.sizes).rev() {
            *slot = (cell % size) as u32;
            cell /= size;
        }
    }
}

/// Takes the tally, on as many threads as asked for; the result does not depend on how many.
pub(crate) fn run(
    layout: &Layout<'_>,
    columns: &[&Categories],
    readings: &[Reading],
    options: &TallyOptions<'_>,
) -> Result<Cells, Error> {
    if layout.words {
        let sums = sums::<i64>(layout, columns, options)?;
        return Ok(sums.words(layout, readings));
    }
    let sums = sums::<i128>(layout, columns, options)?;
    sums.tallies(layout, readings, layout.threads(options))
}

fn sums<A: Word>(
    layout: &Layout<'_>,
    columns: &[&Categories],
    options: &TallyOptions<'_>,
) -> Result<Summed<A>, Error> {
    match &layout.regions {
        Some(regions) => regions::run(regions, layout, columns, options),
        None => Ok(joined::join(&partials(layout, columns, options)?, layout)),
    }
}

/// Takes the sums of every thread's rows.
fn partials<'a, A: Word>(
    layout: &'a Layout<'a>,
    columns: &[&Categories],
    options: &TallyOptions<'_>,
) -> Result<Vec<Partial<'a, A>>, Error> {
    let shares = layout.rows.div_ceil(SHARE);
    let own = || Partial::<A>::new(layout);
    let threads = layout.threads(options);
    let mut partials = turns::take(shares, threads, options, own, |mine, turn| {
        let start = turn * SHARE;
        mine.pass(start..(start + SHARE).min(layout.rows), columns)
    })?;
    for partial in &mut partials {
        partial.table.empty();
    }
    Ok(partials)
}
