//! Sums of the cells that have rows, task by task.

use rayon::prelude::*;

use super::Layout;
use crate::engine::plan::Reading;
use crate::engine::word::Word;
use crate::error::Error;
use crate::tallies::Column;

/// Sums of the cells that have rows, task by task.
#[derive(Debug)]
pub(crate) struct Summed<A> {
    /// Mixed-radix numbers of the cells, leaves in their order, ascending.
    pub(crate) cells: Vec<u64>,
    /// Sums of each task, cell after cell.
    pub(crate) tasks: Vec<Vec<A>>,
}

impl<A: Word> Summed<A> {
    pub(super) fn new(layout: &Layout<'_>) -> Self {
        Summed {
            cells: Vec::new(),
            tasks: layout.tasks.tasks.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// Adds a cell's sums, which stand in a record as the kernel has them.
    pub(super) fn push(&mut self, record: &[A], layout: &Layout<'_>) {
        for (task, sums) in layout.tasks.tasks.iter().zip(&mut self.tasks) {
            let sums_of = record.get(task.first..task.first + task.kind.width());
            sums.extend_from_slice(sums_of.unwrap_or_default());
        }
    }

    /// Puts parts one after another.
    pub(super) fn joined(mut parts: Vec<Self>) -> Self {
        let tasks = parts.first().map_or(0, |part| part.tasks.len());
        let cells = parts.iter().flat_map(|part| &part.cells).copied().collect();
        let mut by_task: Vec<Vec<Vec<A>>> = (0..tasks).map(|_| Vec::new()).collect();
        for part in &mut parts {
            for (all, sums) in by_task.iter_mut().zip(part.tasks.drain(..)) {
                all.push(sums);
            }
        }
        Summed {
            cells,
            tasks: by_task.into_par_iter().map(|sums| sums.concat()).collect(),
        }
    }

    /// Makes the tallies of every reading.
    pub(super) fn columns(
        &self,
        layout: &Layout<'_>,
        readings: &[Reading],
        threads: usize,
    ) -> Result<Vec<Column>, Error> {
        let measure = |(reading, source): (&Reading, _)| {
            let (task, first) = layout.task_of(source);
            let width = layout.tasks.tasks.get(task).map_or(0, |t| t.kind.width());
            let sums = self.tasks.get(task).map_or(&[][..], Vec::as_slice);
            reading.column(source, self.cells.len(), threads, |cell| {
                let record = sums.get(cell * width..).unwrap_or_default();
                move |sum| record.get(sum - first).map_or(0, |sum| (*sum).into())
            })
        };
        readings.iter().zip(layout.sources()).map(measure).collect()
    }
}
