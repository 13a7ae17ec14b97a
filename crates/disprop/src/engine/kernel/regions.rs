//! More cells than a cache holds: rows are first shared out by region of the cells.
//!
//! Rows in no order would wait for memory at every cell. So a segment of rows is put in order of
//! regions, each a range of cells whose records stay in the second cache; only the narrow codes and
//! values of a row move. Then a region is added up at a time, from all segments, by whichever core
//! is free. No cell is in two regions, so there is nothing to join.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use super::partial::Table;
use super::summed::Part;
use super::{BLOCK, Layout, Summed, turns};
use crate::cohort::encode::{Categories, Codes};
use crate::cohort::numbers::{Numbers, Values};
use crate::engine::TallyOptions;
use crate::engine::numbering::number_plain;
use crate::engine::tasks::Task;
use crate::engine::word::Word;
use crate::error::Error;

/// Bytes of a region's records in lanes: half of a second cache of a megabyte or less.
const REGION_BYTES: usize = 256 << 10;
/// Regions there may be; with more, each has too few rows of a segment to be worth its while.
const MOST_REGIONS: u64 = 1 << 14;
/// Rows of a segment.
const SEGMENT: usize = 1 << 19;
/// Turns that the regions are taken in, for each thread: enough for the last to end together.
const TURNS_A_THREAD: usize = 32;

/// How cells are divided.
pub(super) struct Regions {
    /// Places, which are cells without their leaf, of a region: a power of two.
    shift: u32,
    /// Cells of a region.
    span: usize,
    /// How many there are.
    count: usize,
}

impl Regions {
    /// Divides cells of this many places and leaves, if that is worth while.
    pub(super) fn new(places: u128, leaves: u64, stride: usize, width: usize) -> Option<Self> {
        let places = u32::try_from(places).ok()?;
        let leaf_bytes = 8 * stride as u64 * leaves;
        let mut shift = (REGION_BYTES as u64 / leaf_bytes.max(1)).max(1).ilog2();
        while (u64::from(places) >> shift) >= MOST_REGIONS {
            shift += 1;
        }
        let span = leaves << shift;
        let bytes = span * 8 * (stride + width) as u64;
        // Cells of a region are numbered in 16 bits.
        (span <= 1 << 16 && bytes <= super::TABLE_BYTES as u64).then_some(Regions {
            shift,
            span: span as usize,
            count: (places >> shift) as usize + 1,
        })
    }
}

/// Takes the tally; sums come by task, cells in order.
pub(super) fn run<A: Word>(
    regions: &Regions,
    layout: &Layout<'_>,
    columns: &[&Categories],
    options: &TallyOptions<'_>,
) -> Result<Summed<A>, Error> {
    let threads = layout.threads(options);
    let values = layout.tasks.columns();
    let shares = layout.rows.div_ceil(SEGMENT);
    let segments = turns::take(shares, threads, options, Vec::new, |made, turn| {
        let rows = turn * SEGMENT..((turn + 1) * SEGMENT).min(layout.rows);
        made.push(Segment::new(regions, layout, columns, &values, rows));
        Ok(())
    })?;
    let segments: Vec<Segment> = segments.into_iter().flatten().collect();
    let tasks: Vec<Vec<Task<'_>>> = segments
        .iter()
        .map(|segment| layout.tasks.over(&values, &segment.columns))
        .collect();
    let each = regions.count.div_ceil(threads * TURNS_A_THREAD).max(1);
    let turns = regions.count.div_ceil(each);
    let of_turn = |turn: usize| turn * each..((turn + 1) * each).min(regions.count);
    // Counted first, so that sums are written once, to where they stay.
    let counts = turns::take(turns, threads, options, Vec::new, |made, turn| {
        let mut rows = vec![0_u32; regions.span];
        let mut count = Count::default();
        for region in of_turn(turn) {
            count.add(region, &segments, &mut rows);
        }
        made.push((turn, count));
        Ok(())
    })?;
    let mut counts: Vec<(usize, Count)> = counts.into_iter().flatten().collect();
    counts.sort_unstable_by_key(|(turn, _)| *turn);
    let cells: usize = counts.iter().map(|(_, count)| count.cells).sum();
    let rows = counts.iter().map(|(_, count)| count.rows).max();
    layout.within_limit(cells)?;
    let mut whole = Summed::<A>::zeros(layout, cells, rows.unwrap_or(0).into());
    let parts = whole.parts(layout, counts.iter().map(|(_, count)| count.cells));
    let parts: Vec<Mutex<Part<'_, A>>> = parts.into_iter().map(Mutex::new).collect();
    let own = || Table::<A>::new(layout, regions.span);
    turns::take(turns, threads, options, own, |table, turn| {
        // Nobody else has this turn, so that nobody waits.
        let Some(Ok(mut part)) = parts.get(turn).map(Mutex::lock) else {
            return Ok(());
        };
        let mut done = 0;
        for region in of_turn(turn) {
            for (segment, tasks) in segments.iter().zip(&tasks) {
                segment.add(region, tasks, table);
            }
            done = part.take(done, region, regions, layout, table);
        }
        Ok(())
    })?;
    drop(parts);
    Ok(whole)
}

/// What there will be to write.
#[derive(Default)]
struct Count {
    /// Cells that have rows.
    cells: usize,
    /// Rows of the cell that has most.
    rows: u32,
}

impl Count {
    /// Counts the rows of each cell of a region, and leaves the slots for the next.
    fn add(&mut self, region: usize, segments: &[Segment], slots: &mut [u32]) {
        for segment in segments {
            for cell in segment.cells.get(segment.rows(region)).unwrap_or_default() {
                if let Some(rows) = slots.get_mut(usize::from(*cell)) {
                    self.cells += usize::from(*rows == 0);
                    *rows += 1;
                }
            }
        }
        for rows in slots {
            self.rows = self.rows.max(*rows);
            *rows = 0;
        }
    }
}

impl<A: Word> Part<'_, A> {
    /// Takes the cells of a region that have rows, leaves in order, and leaves the table as new;
    /// returns how many cells the part has then.
    fn take(
        &mut self,
        mut done: usize,
        region: usize,
        regions: &Regions,
        layout: &Layout<'_>,
        table: &mut Table<'_, A>,
    ) -> usize {
        table.empty();
        let leaves = layout.leaves.len().max(1);
        for first in (0..regions.span).step_by(leaves) {
            for (rank, leaf) in layout.leaves.iter().enumerate() {
                let cell = first + *leaf as usize;
                if !table.has(cell) {
                    continue;
                }
                let number = (region * regions.span + first + rank) as u64;
                if let Some(record) = table.of(cell) {
                    self.set(done, number, record, layout);
                }
                table.clear(cell);
                done += 1;
            }
        }
        done
    }
}

/// Rows in order of their regions.
struct Segment {
    /// Where each region's rows begin, and the end of the last.
    starts: Vec<u32>,
    /// Cells within their regions.
    cells: Vec<u16>,
    /// Values, column by column.
    columns: Vec<Arc<Numbers>>,
}

impl Segment {
    fn new(
        regions: &Regions,
        layout: &Layout<'_>,
        columns: &[&Categories],
        values: &[&Arc<Numbers>],
        rows: Range<usize>,
    ) -> Self {
        let mut places = vec![0_u32; rows.len()];
        let mut cells = vec![0_u16; rows.len()];
        let leaves = layout.leaves.len().max(1) as u32;
        let within = (1_u32 << regions.shift) - 1;
        let blocks = (rows.clone().step_by(BLOCK))
            .map(|start| start..(start + BLOCK).min(rows.end))
            .zip(places.chunks_mut(BLOCK))
            .zip(cells.chunks_mut(BLOCK));
        for ((block, places), cells) in blocks {
            let Some((ethnicity, others)) = columns.split_last() else {
                continue;
            };
            for (column, size) in others.iter().zip(&layout.sizes) {
                number_plain(places, &column.codes, &block, *size as u32);
            }
            for (cell, place) in cells.iter_mut().zip(&*places) {
                *cell = ((place & within) * leaves) as u16;
            }
            add_codes(cells, &ethnicity.codes, &block);
            for place in places {
                *place >>= regions.shift;
            }
        }
        let mut starts = vec![0_u32; regions.count + 1];
        for region in &places {
            if let Some(rows) = starts.get_mut(*region as usize + 1) {
                *rows += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        for place in &mut places {
            if let Some(next) = next.get_mut(*place as usize) {
                *place = *next;
                *next += 1;
            }
        }
        let columns = values.iter().map(|numbers| {
            macro_rules! moved {
                ($variant:ident, $values:expr) => {
                    Values::$variant(scatter(
                        $values.get(rows.clone()).unwrap_or_default(),
                        &places,
                    ))
                };
            }
            Arc::new(Numbers {
                values: match &numbers.values {
                    Values::I8(v) => moved!(I8, v),
                    Values::I16(v) => moved!(I16, v),
                    Values::I32(v) => moved!(I32, v),
                    Values::I64(v) => moved!(I64, v),
                },
                ..***numbers
            })
        });
        Segment {
            columns: columns.collect(),
            cells: scatter(&cells, &places),
            starts,
        }
    }

    /// Returns where the rows of a region are.
    fn rows(&self, region: usize) -> Range<usize> {
        match self.starts.get(region..).and_then(|s| s.first_chunk()) {
            Some([from, to]) => *from as usize..*to as usize,
            None => 0..0,
        }
    }

    /// Adds the rows of a region to its table.
    fn add<A: Word>(&self, region: usize, tasks: &[Task<'_>], table: &mut Table<'_, A>) {
        let rows = self.rows(region);
        let mut wide = [0_u32; BLOCK];
        for start in rows.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(rows.end);
            let narrow = self.cells.get(block.clone()).unwrap_or_default();
            for (wide, cell) in wide.iter_mut().zip(narrow) {
                *wide = u32::from(*cell);
            }
            table.add(wide.get(..narrow.len()).unwrap_or_default(), &block, tasks);
        }
    }
}

/// Adds the codes of a block to cells.
fn add_codes(cells: &mut [u16], codes: &Codes, block: &Range<usize>) {
    macro_rules! add {
        ($codes:expr) => {
            for (cell, code) in cells
                .iter_mut()
                .zip($codes.get(block.clone()).unwrap_or_default())
            {
                *cell = cell.wrapping_add(*code as u16);
            }
        };
    }
    match codes {
        Codes::U8(v) => add!(v),
        Codes::U16(v) => add!(v),
        Codes::U32(v) => add!(v),
    }
}

/// Puts every value in its place.
fn scatter<T: Copy + Default>(values: &[T], places: &[u32]) -> Vec<T> {
    let mut moved = vec![T::default(); values.len()];
    for (value, place) in values.iter().zip(places) {
        if let Some(slot) = moved.get_mut(*place as usize) {
            *slot = *value;
        }
    }
    moved
}
