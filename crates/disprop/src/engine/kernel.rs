//! The fused pass: every row is placed in its cell once, and every measure adds to that cell.
//!
//! Rows are taken in blocks that stay in the first cache. A block's cell numbers are worked out
//! once, column by column; then each measure adds its sums. Machine words hold the sums where the
//! largest values of the columns prove that they cannot overflow, 128 bits elsewhere.

use std::num::NonZeroUsize;
use std::ops::{AddAssign, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use super::TallyOptions;
use super::plan::Reading;
use crate::cohort::encode::{Categories, Codes};
use crate::cohort::numbers::Values;
use crate::error::Error;

/// Rows of a block: their cell numbers and the columns read beside them fit the first cache.
const BLOCK: usize = 4096;
/// Sums of all cells below this size are kept as a table, above it by hash.
const TABLE_BYTES: u128 = 64 << 20;
/// Rows below which a second thread costs more than it saves.
const ROWS_A_THREAD: usize = 50_000;
/// Blocks between two looks at whether to stop.
const BLOCKS_A_LOOK: usize = 256;

/// Sums of one measure, `width` a cell, in the order of the cells.
pub(crate) type Sums = Vec<i128>;

/// Sums of every measure for the cells that have rows.
pub(crate) struct Cells {
    /// Mixed-radix numbers of the cells, ascending.
    pub(crate) cells: Vec<u64>,
    /// Sums by measure.
    pub(crate) measures: Vec<Sums>,
}

/// How cells are numbered, and whether machine words hold their sums.
pub(crate) struct Layout {
    sizes: Vec<u64>,
    table: Option<usize>,
    rows: usize,
    words: bool,
    most: u64,
}

impl Layout {
    pub(crate) fn new(
        columns: &[&Categories],
        readings: &[Reading],
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
        let bytes: usize = 4 + readings.iter().map(|r| 8 * r.width()).sum::<usize>();
        let table = (cells.saturating_mul(bytes as u128) <= TABLE_BYTES).then_some(cells as usize);
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
        let words = bound.is_some_and(|b| b < 1 << 62);
        Ok(Layout {
            sizes,
            table,
            rows,
            words,
            most,
        })
    }

    /// Returns the numbers of a cell: one a column.
    pub(crate) fn numbers(&self, mut cell: u64) -> Vec<u32> {
        let mut numbers: Vec<u32> = self
            .sizes
            .iter()
            .rev()
            .map(|size| {
                let number = (cell % size) as u32;
                cell /= size;
                number
            })
            .collect();
        numbers.reverse();
        numbers
    }
}

/// Takes the tally, on as many threads as asked for; the result does not depend on how many.
pub(crate) fn run(
    layout: &Layout,
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
    layout: &Layout,
    columns: &[&Categories],
    readings: &[Reading],
    options: &TallyOptions<'_>,
) -> Result<Cells, Error> {
    let available = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let useful = layout.rows / ROWS_A_THREAD + 1;
    let threads = options
        .threads
        .map_or_else(available, NonZeroUsize::get)
        .min(useful)
        .max(1);
    let share = layout.rows.div_ceil(threads);
    let parts =
        (0..threads).map(|t| (t * share).min(layout.rows)..((t + 1) * share).min(layout.rows));
    let stopped = AtomicBool::new(false);
    let look = || {
        if options.stop.is_some_and(|stop| stop()) {
            stopped.store(true, Ordering::Relaxed);
        }
    };
    let partials: Vec<Result<Partial<A>, Error>> = std::thread::scope(|scope| {
        let (stopped, look) = (&stopped, &look);
        let mut parts = parts.into_iter();
        let mine = parts.next();
        let others: Vec<_> = parts
            .map(|rows| {
                scope.spawn(move || {
                    Partial::<A>::new(layout, readings).pass(
                        rows,
                        columns,
                        readings,
                        &|| (),
                        stopped,
                    )
                })
            })
            .collect();
        // Only the caller's own thread asks the caller whether to stop.
        let first = mine.map(|rows| {
            Partial::<A>::new(layout, readings).pass(rows, columns, readings, look, stopped)
        });
        let joined = others.into_iter().map(|thread| {
            // A thread that panicked is a fault of ours; nothing it did is used.
            thread.join().unwrap_or(Err(Error::Interrupted))
        });
        first.into_iter().chain(joined).collect()
    });
    let partials = partials
        .into_iter()
        .collect::<Result<Vec<Partial<A>>, Error>>()?;
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    Ok(join(&partials, readings))
}

/// Sums of one thread's rows.
struct Partial<A> {
    /// Cells by their number in the sums, where a hash finds them; a table needs none.
    keys: Vec<u64>,
    places: FxHashMap<u64, u32>,
    by_hash: bool,
    sizes: Vec<u64>,
    rows: Vec<u32>,
    sums: Vec<Vec<A>>,
    most: u64,
}

impl<A: Word> Partial<A> {
    fn new(layout: &Layout, readings: &[Reading]) -> Self {
        let cells = layout.table.unwrap_or(0);
        Partial {
            keys: Vec::new(),
            places: FxHashMap::default(),
            by_hash: layout.table.is_none(),
            sizes: layout.sizes.clone(),
            rows: vec![0; cells],
            sums: readings
                .iter()
                .map(|r| vec![A::default(); cells * r.width()])
                .collect(),
            most: layout.most,
        }
    }

    fn pass(
        mut self,
        rows: Range<usize>,
        columns: &[&Categories],
        readings: &[Reading],
        look: &dyn Fn(),
        stopped: &AtomicBool,
    ) -> Result<Self, Error> {
        let mut wide = vec![0_u64; BLOCK];
        let mut cells = vec![0_u32; BLOCK];
        for (turn, start) in rows.clone().step_by(BLOCK).enumerate() {
            if turn % BLOCKS_A_LOOK == 0 {
                look();
                if stopped.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
            }
            let block = start..(start + BLOCK).min(rows.end);
            let length = block.len();
            let Some(cells) = cells.get_mut(..length) else {
                break;
            };
            if self.by_hash {
                let Some(wide) = wide.get_mut(..length) else {
                    break;
                };
                wide.fill(0);
                for (column, size) in columns.iter().zip(&self.sizes) {
                    number_wide(wide, &column.codes, &block, *size);
                }
                self.find(wide, cells, readings)?;
            } else {
                cells.fill(0);
                for (column, size) in columns.iter().zip(&self.sizes) {
                    number_narrow(cells, &column.codes, &block, *size as u32);
                }
            }
            for cell in cells.iter() {
                if let Some(rows) = self.rows.get_mut(*cell as usize) {
                    *rows += 1;
                }
            }
            for (reading, sums) in readings.iter().zip(&mut self.sums) {
                add(reading, cells, &block, sums);
            }
        }
        Ok(self)
    }

    /// Gives each cell of a block its place among the sums, with room for new ones.
    fn find(&mut self, wide: &[u64], cells: &mut [u32], readings: &[Reading]) -> Result<(), Error> {
        let mut last = None;
        for (key, cell) in wide.iter().zip(cells) {
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
        if self.keys.len() as u64 > self.most {
            let cells = self.keys.len() as u128;
            return Err(Error::TooManyCells {
                cells,
                limit: self.most,
            });
        }
        self.rows.resize(self.keys.len(), 0);
        for (reading, sums) in readings.iter().zip(&mut self.sums) {
            sums.resize(self.keys.len() * reading.width(), A::default());
        }
        Ok(())
    }
}

/// Cell number so far × size of the column + code of the row, in the width of the numbers.
macro_rules! numbering {
    ($name:ident, $int:ty) => {
        fn $name(cells: &mut [$int], codes: &Codes, block: &Range<usize>, size: $int) {
            macro_rules! fold {
                ($codes:expr) => {
                    for (cell, code) in cells.iter_mut().zip($codes) {
                        *cell = *cell * size + <$int>::from(*code);
                    }
                };
            }
            match codes {
                Codes::U8(v) => fold!(v.get(block.clone()).unwrap_or_default()),
                Codes::U16(v) => fold!(v.get(block.clone()).unwrap_or_default()),
                Codes::U32(v) => fold!(v.get(block.clone()).unwrap_or_default()),
            }
        }
    };
}
numbering!(number_narrow, u32);
numbering!(number_wide, u64);

/// An integer that sums are kept in.
trait Word: Copy + Default + AddAssign + Send + Into<i128> {
    fn from_word(value: i64) -> Self;
    fn product(a: i64, b: i64) -> Self;
}

impl Word for i64 {
    fn from_word(value: i64) -> Self {
        value
    }
    fn product(a: i64, b: i64) -> Self {
        a * b
    }
}

impl Word for i128 {
    fn from_word(value: i64) -> Self {
        value.into()
    }
    fn product(a: i64, b: i64) -> Self {
        i128::from(a) * i128::from(b)
    }
}

/// A stored number; its smallest value stands for a missing one.
trait Stored: Copy + PartialEq + Into<i64> {
    const MISSING: Self;
}

macro_rules! stored {
    ($($int:ty)*) => { $(impl Stored for $int { const MISSING: Self = <$int>::MIN; })* };
}
stored!(i8 i16 i32 i64);

/// Runs a body with the slice of a block, whatever its width.
macro_rules! with_slice {
    ($numbers:expr, $block:expr, |$slice:ident| $body:expr) => {
        match &$numbers.values {
            Values::I8(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I16(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I32(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
            Values::I64(v) => {
                let $slice = v.get($block.clone()).unwrap_or_default();
                $body
            }
        }
    };
}

fn add<A: Word>(reading: &Reading, cells: &[u32], block: &Range<usize>, sums: &mut [A]) {
    match reading {
        Reading::AtLeast { values, least } => {
            with_slice!(values, block, |v| add_at_least(cells, v, *least, sums));
        }
        Reading::Threshold { x, d, of_x, of_d } => with_slice!(x, block, |x| {
            with_slice!(d, block, |d| add_threshold(
                cells,
                x,
                d,
                [*of_x, *of_d],
                sums
            ))
        }),
        Reading::Value { values } => {
            with_slice!(values, block, |v| add_value(cells, v, sums));
        }
        Reading::Share {
            x,
            d,
            raise_x,
            raise_d,
            complement,
        } => with_slice!(x, block, |x| {
            with_slice!(d, block, |d| {
                add_share(cells, x, d, [*raise_x, *raise_d], *complement, sums)
            })
        }),
    }
}

fn cell_of<A, const WIDTH: usize>(sums: &mut [A], cell: u32) -> Option<&mut [A; WIDTH]> {
    let start = cell as usize * WIDTH;
    sums.get_mut(start..start + WIDTH)?.first_chunk_mut()
}

fn add_at_least<A: Word, V: Stored>(cells: &[u32], values: &[V], least: i64, sums: &mut [A]) {
    for (cell, value) in cells.iter().zip(values) {
        if *value == V::MISSING {
            continue;
        }
        if let Some([events, trials]) = cell_of(sums, *cell) {
            let value: i64 = (*value).into();
            *events += A::from_word(i64::from(value >= least));
            *trials += A::from_word(1);
        }
    }
}

fn add_threshold<A: Word, X: Stored, D: Stored>(
    cells: &[u32],
    xs: &[X],
    ds: &[D],
    [of_x, of_d]: [i64; 2],
    sums: &mut [A],
) {
    for ((cell, x), d) in cells.iter().zip(xs).zip(ds) {
        let (wide_x, wide_d): (i64, i64) = ((*x).into(), (*d).into());
        // A missing d is negative, so one comparison drops it together with zero.
        if *x == X::MISSING || wide_d <= 0 {
            continue;
        }
        if let Some([events, trials]) = cell_of(sums, *cell) {
            *events += A::from_word(i64::from(wide_x * of_x >= wide_d * of_d));
            *trials += A::from_word(1);
        }
    }
}

fn add_value<A: Word, V: Stored>(cells: &[u32], values: &[V], sums: &mut [A]) {
    for (cell, value) in cells.iter().zip(values) {
        if *value == V::MISSING {
            continue;
        }
        if let Some([n, sum, squares]) = cell_of(sums, *cell) {
            let value: i64 = (*value).into();
            *n += A::from_word(1);
            *sum += A::from_word(value);
            *squares += A::product(value, value);
        }
    }
}

fn add_share<A: Word, X: Stored, D: Stored>(
    cells: &[u32],
    xs: &[X],
    ds: &[D],
    [raise_x, raise_d]: [i64; 2],
    complement: bool,
    sums: &mut [A],
) {
    for ((cell, x), d) in cells.iter().zip(xs).zip(ds) {
        let (wide_x, wide_d): (i64, i64) = ((*x).into(), (*d).into());
        if *x == X::MISSING || wide_d <= 0 {
            continue;
        }
        let (x, d) = (wide_x * raise_x, wide_d * raise_d);
        let x = if complement { d - x } else { x };
        if let Some([n, sum_x, sum_d, xx, xd, dd]) = cell_of(sums, *cell) {
            *n += A::from_word(1);
            *sum_x += A::from_word(x);
            *sum_d += A::from_word(d);
            *xx += A::product(x, x);
            *xd += A::product(x, d);
            *dd += A::product(d, d);
        }
    }
}

/// Adds the threads' sums; the order of threads does not matter to integers.
fn join<A: Word>(partials: &[Partial<A>], readings: &[Reading]) -> Cells {
    let mut places: Vec<(u64, usize, usize)> = Vec::new();
    for (part, partial) in partials.iter().enumerate() {
        for (place, rows) in partial.rows.iter().enumerate() {
            if *rows > 0 {
                let key = partial.keys.get(place).copied().unwrap_or(place as u64);
                places.push((key, part, place));
            }
        }
    }
    places.sort_unstable();
    let mut cells: Vec<u64> = Vec::new();
    let mut measures: Vec<Sums> = vec![Vec::new(); readings.len()];
    for (key, part, place) in places {
        let new = cells.last() != Some(&key);
        if new {
            cells.push(key);
        }
        let Some(partial) = partials.get(part) else {
            continue;
        };
        for ((reading, sums), to) in readings.iter().zip(&partial.sums).zip(&mut measures) {
            let width = reading.width();
            let from = sums
                .get(place * width..(place + 1) * width)
                .unwrap_or_default();
            if new {
                to.extend(from.iter().map(|v| Into::<i128>::into(*v)));
            } else {
                let start = to.len().saturating_sub(width);
                for (to, from) in to.iter_mut().skip(start).zip(from) {
                    let from: i128 = (*from).into();
                    *to += from;
                }
            }
        }
    }
    Cells { cells, measures }
}
