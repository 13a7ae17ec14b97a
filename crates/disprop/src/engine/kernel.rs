//! The fused pass: every row is placed in its cell once, and every measure adds to that cell.
//!
//! Rows are taken in blocks that stay in the first cache. A block's cell numbers are worked out
//! once, column by column; then each task adds its sums, in lanes of one record a cell that are
//! emptied into wide sums before they could overflow. Machine words hold the wide sums where the
//! largest values of the columns prove that they suffice, 128 bits elsewhere.

mod joined;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::TallyOptions;
use super::lanes::{Lanes, unpack};
use super::numbering::{number_narrow, number_plain, number_wide};
use super::plan::Reading;
use super::tasks::{Source, Tasks};
use super::word::Word;
use crate::cohort::encode::Categories;
use crate::error::Error;
use crate::tallies::Column;

/// Rows of a block: their cell numbers, the columns read beside them and a few hundred records fit
/// the first cache.
const BLOCK: usize = 1024;
/// Sums of all cells below this size are kept as a table, above it by hash.
const TABLE_BYTES: u128 = 64 << 20;
/// Rows below which a second thread costs more than it saves.
const ROWS_A_THREAD: usize = 50_000;
/// Rows a thread takes at a time: whoever is free takes the next.
const SHARE: usize = 1 << 16;
/// Shares between two looks at whether to stop.
const SHARES_A_LOOK: usize = 4;

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
        let bound = tasks.largest_addend().checked_mul(rows as u128);
        Ok(Layout {
            sizes,
            table,
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

    /// Writes the numbers of a cell, one a column, after those of the cells before it.
    pub(crate) fn numbers(&self, mut cell: u64, numbers: &mut Vec<u32>) {
        let first = numbers.len();
        numbers.resize(first + self.sizes.len(), 0);
        let slots = numbers.iter_mut().rev();
        for (slot, size) in slots.zip(self.sizes.iter().rev()) {
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
        run_in::<i64>(layout, columns, readings, options)
    } else {
        run_in::<i128>(layout, columns, readings, options)
    }
}

fn run_in<A: Word>(
    layout: &Layout<'_>,
    columns: &[&Categories],
    readings: &[Reading],
    options: &TallyOptions<'_>,
) -> Result<Cells, Error> {
    let threads = layout.threads(options);
    let stopped = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let look = || {
        if options.stop.is_some_and(|stop| stop()) {
            stopped.store(true, Ordering::Relaxed);
        }
    };
    let work = |look: &dyn Fn()| {
        let mut mine = Partial::<A>::new(layout);
        for turn in 0.. {
            if turn % SHARES_A_LOOK == 0 {
                look();
            }
            if stopped.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            let start = next.fetch_add(SHARE, Ordering::Relaxed);
            if start >= layout.rows {
                break;
            }
            mine.pass(start..(start + SHARE).min(layout.rows), columns)?;
        }
        mine.empty();
        Ok(mine)
    };
    let partials: Vec<Result<Partial<'_, A>, Error>> = std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(move || work(&|| ())))
            .collect();
        // Only the caller's own thread asks the caller whether to stop.
        let first = work(&look);
        let joined = others.into_iter().map(|thread| {
            // A thread that panicked is a fault of ours; nothing it did is used.
            thread.join().unwrap_or(Err(Error::Interrupted))
        });
        std::iter::once(first).chain(joined).collect()
    });
    let partials = partials
        .into_iter()
        .collect::<Result<Vec<Partial<'_, A>>, Error>>()?;
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    joined::join(&partials, layout, readings, threads)
}

/// Sums of one thread's rows.
struct Partial<'a, A> {
    layout: &'a Layout<'a>,
    /// Cells by their number in the sums, where a hash finds them; a table needs none.
    keys: Vec<u64>,
    places: FxHashMap<u64, u32>,
    /// Rows since the lanes were emptied, and the cells they are in.
    rows: usize,
    touched: Vec<u32>,
    lanes: Vec<u64>,
    sums: Vec<A>,
    /// A bit a cell of a table: whether it has rows. The rest of the table is never looked at, and
    /// so never becomes memory.
    seen: Vec<u64>,
    /// Cells of a block: as the columns number them, in as few bits as hold them, and as the sums do.
    narrow: Vec<u16>,
    wide: Vec<u64>,
    cells: Vec<u32>,
}

impl<'a, A: Word> Partial<'a, A> {
    fn new(layout: &'a Layout<'a>) -> Self {
        let cells = layout.table.unwrap_or(0);
        Partial {
            layout,
            keys: Vec::new(),
            places: FxHashMap::default(),
            rows: 0,
            touched: Vec::new(),
            lanes: vec![0; cells * layout.lanes.stride],
            sums: vec![A::default(); cells * layout.tasks.width],
            seen: vec![0; cells.div_ceil(64)],
            narrow: Vec::new(),
            wide: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn pass(&mut self, rows: Range<usize>, columns: &[&Categories]) -> Result<(), Error> {
        let layout = self.layout;
        for start in rows.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(rows.end);
            let length = block.len();
            if self.rows + length > layout.lanes.turn {
                self.empty();
            }
            self.rows += length;
            let mut cells = std::mem::take(&mut self.cells);
            cells.resize(length, 0);
            if layout.table.is_some_and(|cells| cells <= 1 << 16) {
                self.narrow.clear();
                self.narrow.resize(length, 0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_narrow(&mut self.narrow, &column.codes, &block, *size as u16);
                }
                for (cell, narrow) in cells.iter_mut().zip(&self.narrow) {
                    *cell = u32::from(*narrow);
                }
            } else if layout.table.is_none() {
                self.wide.clear();
                self.wide.resize(length, 0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_wide(&mut self.wide, &column.codes, &block, *size);
                }
                self.find(&mut cells)?;
            } else {
                cells.fill(0);
                for (column, size) in columns.iter().zip(&layout.sizes) {
                    number_plain(&mut cells, &column.codes, &block, *size as u32);
                }
            }
            for cell in &cells {
                if let Some(rows) = self.lanes.get_mut(*cell as usize * layout.lanes.stride) {
                    if *rows == 0 {
                        self.touched.push(*cell);
                    }
                    *rows += 1;
                }
            }
            for (task, place) in layout.tasks.tasks.iter().zip(&layout.lanes.places) {
                match place {
                    Some(place) => {
                        task.add_lanes(
                            *place,
                            layout.lanes.stride,
                            &cells,
                            &block,
                            &mut self.lanes,
                        );
                    }
                    None => task.add_wide(layout.tasks.width, &cells, &block, &mut self.sums),
                }
            }
            self.cells = cells;
        }
        Ok(())
    }

    /// Empties the lanes of every cell of this turn into its sums.
    fn empty(&mut self) {
        let Layout { tasks, lanes, .. } = self.layout;
        for cell in self.touched.drain(..) {
            if let Some(seen) = self.seen.get_mut(cell as usize / 64) {
                *seen |= 1 << (cell % 64);
            }
            let (words, sums) = (cell as usize * lanes.stride, cell as usize * tasks.width);
            let Some(words) = self.lanes.get_mut(words..words + lanes.stride) else {
                continue;
            };
            let Some(sums) = self.sums.get_mut(sums..sums + tasks.width) else {
                continue;
            };
            if let Some((rows, of_turn)) = sums.first_mut().zip(words.first()) {
                *rows += A::from_word(*of_turn as i64);
            }
            for (task, place) in tasks.tasks.iter().zip(&lanes.places) {
                let Some(place) = place else {
                    continue;
                };
                let (parts, count) = unpack(words, &task.kind, *place);
                let sums = sums.iter_mut().skip(task.first).take(count);
                for (sum, part) in sums.zip(parts) {
                    *sum += A::from_word(part);
                }
            }
            words.fill(0);
        }
        self.rows = 0;
    }

    fn has(&self, cell: usize) -> bool {
        let seen = self.seen.get(cell / 64);
        seen.is_some_and(|seen| (seen >> (cell % 64)) & 1 == 1)
    }

    /// Gives each cell of a block its place among the sums, with room for new ones.
    fn find(&mut self, cells: &mut [u32]) -> Result<(), Error> {
        let mut last = None;
        for (key, cell) in self.wide.iter().zip(cells) {
            *cell = match last {
                Some((seen, place)) if seen == *key => place,
                _ => {
                    let next = self.keys.len() as u32;
                    *self.places.entry(*key).or_insert_with(|| {
                        self.keys.push(*key);
                        next
                    })
                }
            };
            last = Some((*key, *cell));
        }
        let (found, layout) = (self.keys.len(), self.layout);
        if found as u64 > layout.most {
            return Err(Error::TooManyCells {
                cells: found as u128,
                limit: layout.most,
            });
        }
        self.lanes.resize(found * layout.lanes.stride, 0);
        self.sums.resize(found * layout.tasks.width, A::default());
        Ok(())
    }
}
