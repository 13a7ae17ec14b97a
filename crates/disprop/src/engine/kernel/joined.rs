//! Tallies of the cells that have rows, from what every thread has of them.

use super::{Layout, Partial, Summed, Word};

/// Where a thread has the sums of a cell: the cell's number, the thread's and the place there.
type Found = (u64, u32, u32);

/// Adds the threads' sums; the order of threads does not matter to integers.
pub(super) fn join<A: Word>(partials: &[Partial<'_, A>], layout: &Layout<'_>) -> Summed<A> {
    let found = match layout.table {
        Some(cells) => found_in_tables(partials, layout, cells),
        None => found_by_hash(partials, layout),
    };
    let of = |(_, part, place): &Found| partials.get(*part as usize)?.table.of(*place as usize);
    let mut summed = Summed::new(layout, found.len());
    let mut added: Vec<A> = Vec::new();
    for run in found.chunk_by(|a, b| a.0 == b.0) {
        let Some((first, others)) = run.split_first() else {
            continue;
        };
        let Some(record) = of(first) else {
            continue;
        };
        summed.cells.push(first.0);
        // Most cells are one thread's, whose sums serve as they stand.
        if others.is_empty() {
            summed.push(record, layout);
            continue;
        }
        added.clear();
        added.extend_from_slice(record);
        for other in others.iter().filter_map(of) {
            let sums = added.iter_mut().zip(other);
            sums.for_each(|(sum, part)| *sum += *part);
        }
        summed.push(&added, layout);
    }
    summed
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
