//! Tallies of the cells that have rows, from what every thread has of them.

use super::{Cells, Layout, Partial, Reading, Source, Word};
use crate::error::Error;
use crate::tallies::Column;

/// Where a thread has the sums of a cell: the cell's number, the thread's and the place there.
type Found = (u64, u32, u32);

/// Adds the threads' sums; the order of threads does not matter to integers.
pub(super) fn join<A: Word>(
    partials: &[Partial<'_, A>],
    layout: &Layout<'_>,
    readings: &[Reading],
    threads: usize,
) -> Result<Cells, Error> {
    let found = match layout.table {
        Some(cells) => found_in_tables(partials, layout, cells),
        None => found_by_hash(partials, layout),
    };
    let width = layout.tasks.width;
    let of = |(_, part, place): &Found| {
        let sums = &partials.get(*part as usize)?.sums;
        sums.get(*place as usize * width..)?.get(..width)
    };
    // Most cells are one thread's, whose sums serve as they stand; of the others a sum is made here.
    let mut added: Vec<A> = Vec::new();
    let mut cells: Vec<u64> = Vec::with_capacity(found.len());
    let mut records: Vec<Record<'_, A>> = Vec::with_capacity(found.len());
    for run in found.chunk_by(|a, b| a.0 == b.0) {
        let Some((first, others)) = run.split_first() else {
            continue;
        };
        cells.push(first.0);
        let Some(record) = of(first) else {
            continue;
        };
        if others.is_empty() {
            records.push(Record::Own(record));
            continue;
        }
        let start = added.len();
        added.extend_from_slice(record);
        for other in others.iter().filter_map(of) {
            let sums = added.iter_mut().skip(start);
            sums.zip(other).for_each(|(sum, part)| *sum += *part);
        }
        records.push(Record::Added(start));
    }
    let record = |cell: usize| -> &[A] {
        match records.get(cell) {
            Some(Record::Own(record)) => record,
            Some(Record::Added(start)) => added.get(*start..).unwrap_or_default(),
            None => &[],
        }
    };
    let measure = |(reading, source): (&Reading, &Source)| {
        reading.column(source, cells.len(), threads, |cell| {
            let record = record(cell);
            move |sum| record.get(sum).map_or(0, |sum| (*sum).into())
        })
    };
    let measures = readings.iter().zip(&layout.tasks.sums).map(measure);
    Ok(Cells {
        measures: measures.collect::<Result<Vec<Column>, Error>>()?,
        cells,
    })
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
            for (part, _) in (0..).zip(partials).filter(|(_, p)| p.has(cell)) {
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
