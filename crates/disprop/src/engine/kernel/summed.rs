//! Sums of the cells that have rows, task by task.

use std::sync::Arc;

use super::{Cells, Layout, Source};
use crate::engine::plan::Reading;
use crate::engine::tasks::Task;
use crate::engine::word::Word;
use crate::error::Error;
use crate::tallies::{Column, Kept, Store};

/// Sums of the cells that have rows, task by task.
pub(super) struct Summed<A> {
    /// Mixed-radix numbers of the cells, leaves in their order, ascending.
    pub(super) cells: Vec<u64>,
    /// Sums of each task, cell after cell.
    tasks: Vec<TaskSums<A>>,
    /// Rows of the cell that has most, or more.
    rows: u64,
}

/// Sums of a task, in 32 bits where the rows of no cell can make them larger.
enum TaskSums<A> {
    Narrow(Vec<i32>),
    Wide(Vec<A>),
}

/// Some of the cells, to be written to.
pub(super) struct Part<'s, A> {
    cells: &'s mut [u64],
    tasks: Vec<TaskPart<'s, A>>,
}

enum TaskPart<'s, A> {
    Narrow(&'s mut [i32]),
    Wide(&'s mut [A]),
}

impl<'s, A> TaskPart<'s, A> {
    /// Takes so many sums from the front.
    fn split_off(&mut self, sums: usize) -> Option<Self> {
        Some(match self {
            TaskPart::Narrow(all) => TaskPart::Narrow(all.split_off_mut(..sums)?),
            TaskPart::Wide(all) => TaskPart::Wide(all.split_off_mut(..sums)?),
        })
    }
}

impl<A: Word> Part<'_, A> {
    /// Writes the number of a cell and its sums, which stand in a record as the kernel has them.
    pub(super) fn set(&mut self, place: usize, cell: u64, record: &[A], layout: &Layout<'_>) {
        if let Some(slot) = self.cells.get_mut(place) {
            *slot = cell;
        }
        for (task, sums) in layout.tasks.tasks.iter().zip(&mut self.tasks) {
            let width = task.kind.width();
            let sums_at = place * width..(place + 1) * width;
            let record = record.get(task.first..task.first + width);
            let record = record.unwrap_or_default();
            match sums {
                TaskPart::Narrow(sums) => {
                    let sums = sums.get_mut(sums_at).unwrap_or_default();
                    for (slot, sum) in sums.iter_mut().zip(record) {
                        *slot = sum.narrow();
                    }
                }
                TaskPart::Wide(sums) => {
                    let sums = sums.get_mut(sums_at).unwrap_or_default();
                    for (slot, sum) in sums.iter_mut().zip(record) {
                        *slot = *sum;
                    }
                }
            }
        }
    }
}

impl<A: Word> Summed<A> {
    /// Returns room for sums of this many cells.
    pub(super) fn new(layout: &Layout<'_>, cells: usize) -> Self {
        let tasks = layout.tasks.tasks.iter();
        Summed {
            cells: Vec::with_capacity(cells),
            tasks: tasks
                .map(|task| TaskSums::Wide(Vec::with_capacity(cells * task.kind.width())))
                .collect(),
            rows: layout.rows as u64,
        }
    }

    /// Adds a cell's sums, which stand in a record as the kernel has them.
    pub(super) fn push(&mut self, record: &[A], layout: &Layout<'_>) {
        for (task, sums) in layout.tasks.tasks.iter().zip(&mut self.tasks) {
            let record = record.get(task.first..task.first + task.kind.width());
            if let TaskSums::Wide(sums) = sums {
                sums.extend_from_slice(record.unwrap_or_default());
            }
        }
    }

    /// Returns sums of this many cells, all of them zero, of which none has more rows than this.
    pub(super) fn zeros(layout: &Layout<'_>, cells: usize, rows: u64) -> Self {
        let tasks = layout.tasks.tasks.iter();
        Summed {
            cells: vec![0; cells],
            tasks: tasks
                .map(|task| {
                    let sums = cells * task.kind.width();
                    if layout.words && Store::is_narrow(most(task, rows)) {
                        TaskSums::Narrow(vec![0; sums])
                    } else {
                        TaskSums::Wide(vec![A::default(); sums])
                    }
                })
                .collect(),
            rows,
        }
    }

    /// Cuts the sums into parts of so many cells each.
    pub(super) fn parts(
        &mut self,
        layout: &Layout<'_>,
        counts: impl Iterator<Item = usize>,
    ) -> Vec<Part<'_, A>> {
        let mut cells = self.cells.as_mut_slice();
        let mut tasks: Vec<TaskPart<'_, A>> = (self.tasks.iter_mut())
            .map(|sums| match sums {
                TaskSums::Narrow(sums) => TaskPart::Narrow(sums),
                TaskSums::Wide(sums) => TaskPart::Wide(sums),
            })
            .collect();
        let part = |count: usize| {
            let widths = layout.tasks.tasks.iter().map(|task| task.kind.width());
            Some(Part {
                cells: cells.split_off_mut(..count)?,
                tasks: (tasks.iter_mut().zip(widths))
                    .map(|(sums, width)| sums.split_off(count * width))
                    .collect::<Option<_>>()?,
            })
        };
        counts.map_while(part).collect()
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
            let TaskSums::Wide(sums) = self.tasks.get(place)? else {
                return None;
            };
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
        let stores: Vec<Arc<Store>> = (self.tasks.into_iter())
            .zip(&layout.tasks.tasks)
            .map(|(sums, task)| {
                Arc::new(Store {
                    words: match sums {
                        TaskSums::Narrow(sums) => Kept::Narrow(sums),
                        TaskSums::Wide(sums) => Kept::Wide(sums),
                    },
                    width: task.kind.width(),
                    most: most(task, self.rows),
                })
            })
            .collect();
        let measure = |(reading, source): (&Reading, &Source)| {
            let (place, task) = layout.tasks.task_of(source)?;
            Some(reading.words(source, task.first, stores.get(place)?))
        };
        let measures = readings.iter().zip(&layout.tasks.sums);
        Cells {
            measures: measures.filter_map(measure).collect(),
            cells: self.cells,
        }
    }
}

/// The largest sum that so many rows can make of a task.
fn most(task: &Task<'_>, rows: u64) -> u64 {
    let most = task.kind.largest_addend().saturating_mul(rows.into());
    u64::try_from(most).unwrap_or(u64::MAX)
}
