//! Sums of the cells that have rows, task by task.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Cells, Layout, Source};
use crate::engine::plan::Reading;
use crate::engine::word::Word;
use crate::error::Error;
use crate::tallies::Column;

/// Sums of the cells that have rows, task by task.
pub(super) struct Summed<A> {
    /// Mixed-radix numbers of the cells, leaves in their order, ascending.
    pub(super) cells: Vec<u64>,
    /// Sums of each task, cell after cell.
    pub(super) tasks: Vec<Vec<A>>,
}

impl<A: Word> Summed<A> {
    /// Returns room for sums of this many cells.
    pub(super) fn new(layout: &Layout<'_>, cells: usize) -> Self {
        let tasks = layout.tasks.tasks.iter();
        Summed {
            cells: Vec::with_capacity(cells),
            tasks: tasks
                .map(|task| Vec::with_capacity(cells * task.kind.width()))
                .collect(),
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
    pub(super) fn tallies(
        self,
        layout: &Layout<'_>,
        readings: &[Reading],
        threads: usize,
    ) -> Result<Cells, Error> {
        let measure = |(reading, source): (&Reading, &Source)| {
            let (place, task) = layout.tasks.task_of(source)?;
            let (first, width) = (task.first, task.kind.width());
            let sums = self.tasks.get(place)?;
            Some(reading.column(source, self.cells.len(), threads, |cell| {
                let record = sums.get(cell * width..).unwrap_or_default();
                move |sum| record.get(sum - first).map_or(0, |sum| (*sum).into())
            }))
        };
        let measures = readings.iter().zip(&layout.tasks.sums).filter_map(measure);
        Ok(Cells {
            measures: measures.collect::<Result<Vec<Column>, Error>>()?,
            cells: self.cells,
        })
    }
}

impl Summed<i64> {
    /// Hands over the words themselves, which measures of the same columns share.
    pub(super) fn words(self, layout: &Layout<'_>, readings: &[Reading]) -> Cells {
        let words: Vec<Arc<Vec<i64>>> = self.tasks.into_iter().map(Arc::new).collect();
        let measure = |(reading, source): (&Reading, &Source)| {
            let (place, task) = layout.tasks.task_of(source)?;
            let words = words.get(place)?;
            Some(reading.words(source, task.first, task.kind.width(), words))
        };
        let measures = readings.iter().zip(&layout.tasks.sums);
        Cells {
            measures: measures.filter_map(measure).collect(),
            cells: self.cells,
        }
    }
}
