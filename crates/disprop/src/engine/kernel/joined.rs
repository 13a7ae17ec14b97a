//! Tallies of the cells that have rows, from what every thread has of them.

use super::{Cells, Layout, Partial, Reading, Source, Summed, Word};
use crate::error::Error;
use crate::tallies::Column;

/// Where a thread has the sums of a cell: the cell's number, the thread's and the place there.
type Found = (u64, u32, u32);

/// The threads' sums, added where several have rows of a cell.
pub(super) struct Joined<'p, A> {
    cells: Vec<u64>,
    records: Vec<Record<'p, A>>,
    /// Records that are no thread's own.
    added: Vec<A>,
}

impl<'p, A: Word> Joined<'p, A> {
    /// Adds the threads' sums; the order of threads does not matter to integers.
    pub(super) fn new(partials: &'p [Partial<'_, A>], layout: &Layout<'_>) -> Self {
        let found = match layout.table {
            Some(cells) => found_in_tables(partials, layout, cells),
            None => found_by_hash(partials, layout),
        };
        let of = |(_, part, place): &Found| partials.get(*part as usize)?.table.of(*place as usize);
        // Most cells are one thread's, whose sums serve as they stand; of the others a sum is made here.
        let mut joined = Joined {
            cells: Vec::with_capacity(found.len()),
            records: Vec::with_capacity(found.len()),
            added: Vec::new(),
        };
        for run in found.chunk_by(|a, b| a.0 == b.0) {
            let Some((first, others)) = run.split_first() else {
                continue;
            };
            let Some(record) = of(first) else {
                continue;
            };
            joined.cells.push(first.0);
            if others.is_empty() {
                joined.records.push(Record::Own(record));
                continue;
            }
            let start = joined.added.len();
            joined.added.extend_from_slice(record);
            for other in others.iter().filter_map(of) {
                let sums = joined.added.iter_mut().skip(start);
                sums.zip(other).for_each(|(sum, part)| *sum += *part);
            }
            joined.records.push(Record::Added(start));
        }
        joined
    }

    fn record(&self, cell: usize) -> &[A] {
        match self.records.get(cell) {
            Some(Record::Own(record)) => record,
            Some(Record::Added(start)) => self.added.get(*start..).unwrap_or_default(),
            None => &[],
        }
    }

    /// Makes the tallies of every reading.
    pub(super) fn tallies(
        self,
        layout: &Layout<'_>,
        readings: &[Reading],
        threads: usize,
    ) -> Result<Cells, Error> {
        let measure = |(reading, source): (&Reading, &Source)| {
            reading.column(source, self.cells.len(), threads, |cell| {
                let record = self.record(cell);
                move |sum| record.get(sum).map_or(0, |sum| (*sum).into())
            })
        };
        let measures = readings.iter().zip(&layout.tasks.sums).map(measure);
        Ok(Cells {
            measures: measures.collect::<Result<Vec<Column>, Error>>()?,
            cells: self.cells,
        })
    }

    /// Hands over the sums, task by task.
    pub(super) fn sums(self, layout: &Layout<'_>) -> Summed<A> {
        let mut summed = Summed::new(layout);
        for cell in 0..self.cells.len() {
            summed.push(self.record(cell), layout);
        }
        Summed {
            cells: self.cells,
            ..summed
        }
    }
}

/// The sums of a cell: one thread's, or where those of several begin once added.
enum Record<'a, A> {
    Own(&'a [A]),
    Added(usize),
}

/// The cells of the tables that have rows, leaves in order: no sort, since a table's places are.
fn found_in_tables<A: Word>(
    partials: &[Partial<'_, A>],
    layout: &Layout<'_>,
    cells: usize,
) -> Vec<Found> {
    let mut found = Vec::with_capacity(cells);
    let leaves = layout.leaves.len().max(1);
    for first in (0..cells).step_by(leaves) {
        for (rank, leaf) in layout.leaves.iter().enumerate() {
            let cell = first + *leaf as usize;
            for (part, _) in (0..).zip(partials).filter(|(_, p)| p.table.has(cell)) {
                found.push(((first + rank) as u64, part, cell as u32));
            }
        }
    }
    found
}

/// The same from hashes, by sorting.
fn found_by_hash<A: Word>(partials: &[Partial<'_, A>], layout: &Layout<'_>) -> Vec<Found> {
    let leaves = layout.leaves.len().max(1) as u64;
    let mut ranks = vec![0_u64; leaves as usize];
    for (rank, leaf) in (0..).zip(layout.leaves) {
        if let Some(slot) = ranks.get_mut(*leaf as usize) {
            *slot = rank;
        }
    }
    let ranked = |key: u64| {
        let leaf = key % leaves;
        key - leaf + ranks.get(leaf as usize).copied().unwrap_or(leaf)
    };
    let mut found: Vec<Found> = Vec::new();
    for (part, partial) in (0..).zip(partials) {
        let places = (0..).zip(&partial.keys);
        found.extend(places.map(|(place, key)| (ranked(*key), part, place)));
    }
    found.sort_unstable();
    found
}
