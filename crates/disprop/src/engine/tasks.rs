//! What is done at every row: readings that share columns share the work.
//!
//! Absence, attendance and persistent absence are three measures of two columns. They are one task
//! here: attendance is the mirror of absence, which needs no row, and the persistent are counted on
//! the way.

use std::sync::Arc;

use super::plan::Reading;
use crate::cohort::numbers::Numbers;

/// One set of sums, as the rows give them.
pub(crate) struct Task<'a> {
    pub(crate) kind: TaskKind<'a>,
    /// Place of its first sum among the sums of a cell.
    pub(crate) first: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum TaskKind<'a> {
    AtLeast {
        values: &'a Arc<Numbers>,
        least: i64,
    },
    Threshold {
        x: &'a Arc<Numbers>,
        d: &'a Arc<Numbers>,
        of: [i64; 2],
    },
    /// Sums and squares; where most values are zero, the others only are looked at.
    Value {
        values: &'a Arc<Numbers>,
        sparse: bool,
    },
    /// Sums and products, and events where x · `of[0]` ≥ d · `of[1]`.
    Share {
        x: &'a Arc<Numbers>,
        d: &'a Arc<Numbers>,
        of: Option<[i64; 2]>,
    },
}

/// Tasks, and which of them each reading takes its sums from.
pub(crate) struct Tasks<'a> {
    pub(crate) tasks: Vec<Task<'a>>,
    /// Place of each reading's sums among the sums of a cell.
    pub(crate) sums: Vec<Source>,
    /// Sums a cell.
    pub(crate) width: usize,
}

/// Where a reading's sums are, among those of a cell.
pub(crate) enum Source {
    /// Events and trials, each at its place.
    Two([usize; 2]),
    /// From this place on.
    From(usize),
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(readings: &'a [Reading]) -> Self {
        let mut kinds: Vec<TaskKind<'a>> = Vec::new();
        // Shares first, so that thresholds of the same columns find them.
        for reading in readings {
            if let Reading::Share { x, d, .. } = reading
                && !kinds.iter().any(|kind| kind.is_share(x, d))
            {
                kinds.push(TaskKind::Share { x, d, of: None });
            }
        }
        // Each reading's task, and whether it takes the events of a share.
        let chosen: Vec<(usize, bool)> = readings
            .iter()
            .map(|reading| match reading {
                Reading::Share { x, d, .. } => {
                    let task = kinds.iter().position(|kind| kind.is_share(x, d));
                    (task.unwrap_or(0), false)
                }
                Reading::Threshold { x, d, of_x, of_d } => {
                    let wanted = [*of_x, *of_d];
                    for (task, kind) in kinds.iter_mut().enumerate() {
                        if let TaskKind::Share { x: a, d: b, of } = kind
                            && Arc::ptr_eq(a, x)
                            && Arc::ptr_eq(b, d)
                            && of.is_none_or(|of| of == wanted)
                        {
                            *of = Some(wanted);
                            return (task, true);
                        }
                    }
                    kinds.push(TaskKind::Threshold { x, d, of: wanted });
                    (kinds.len() - 1, false)
                }
                Reading::AtLeast { values, least } => {
                    kinds.push(TaskKind::AtLeast {
                        values,
                        least: *least,
                    });
                    (kinds.len() - 1, false)
                }
                Reading::Value { values } => {
                    let sparse = mostly_zero(values);
                    kinds.push(TaskKind::Value { values, sparse });
                    (kinds.len() - 1, false)
                }
            })
            .collect();
        // The first sum is the number of rows.
        let mut width = 1;
        let tasks: Vec<Task<'a>> = kinds
            .into_iter()
            .map(|kind| {
                let first = width;
                width += kind.width();
                Task { kind, first }
            })
            .collect();
        let sums = readings
            .iter()
            .zip(chosen)
            .map(|(reading, (task, of_share))| {
                let first = tasks.get(task).map_or(0, |task| task.first);
                match reading {
                    Reading::Threshold { .. } if of_share => Source::Two([first + 6, first]),
                    Reading::AtLeast { .. } | Reading::Threshold { .. } => {
                        Source::Two([first, first + 1])
                    }
                    _ => Source::From(first),
                }
            })
            .collect();
        Tasks { tasks, sums, width }
    }

    /// Returns the task that makes a reading's sums, and its place.
    pub(crate) fn task_of(&self, source: &Source) -> Option<(usize, &Task<'a>)> {
        let (Source::From(sum) | Source::Two([sum, _])) = source;
        let after = self.tasks.partition_point(|task| task.first <= *sum);
        let place = after.checked_sub(1)?;
        Some((place, self.tasks.get(place)?))
    }

    /// Returns the columns that are read, each once.
    pub(crate) fn columns(&self) -> Vec<&'a Arc<Numbers>> {
        let mut columns: Vec<&'a Arc<Numbers>> = Vec::new();
        for read in self.tasks.iter().flat_map(|task| task.kind.columns()) {
            if let Some(read) = read
                && !columns.iter().any(|column| Arc::ptr_eq(column, read))
            {
                columns.push(read);
            }
        }
        columns
    }

    /// Returns the same tasks over other rows: `others` stand in the places of `columns`.
    pub(crate) fn over<'b>(
        &self,
        columns: &[&Arc<Numbers>],
        others: &'b [Arc<Numbers>],
    ) -> Vec<Task<'b>> {
        let other = |read: &Arc<Numbers>| {
            let place = columns
                .iter()
                .position(|column| Arc::ptr_eq(column, read))?;
            others.get(place)
        };
        let over = |task: &Task<'_>| {
            let kind = match task.kind {
                TaskKind::AtLeast { values, least } => TaskKind::AtLeast {
                    values: other(values)?,
                    least,
                },
                TaskKind::Threshold { x, d, of } => TaskKind::Threshold {
                    x: other(x)?,
                    d: other(d)?,
                    of,
                },
                TaskKind::Value { values, sparse } => TaskKind::Value {
                    values: other(values)?,
                    sparse,
                },
                TaskKind::Share { x, d, of } => TaskKind::Share {
                    x: other(x)?,
                    d: other(d)?,
                    of,
                },
            };
            Some(Task {
                kind,
                first: task.first,
            })
        };
        self.tasks.iter().filter_map(over).collect()
    }

    /// Returns the largest magnitude that one row can add to a sum.
    pub(crate) fn largest_addend(&self) -> u128 {
        let largest = self.tasks.iter().map(|task| task.kind.largest_addend());
        largest.max().unwrap_or(1)
    }
}

/// Whether nearly all of a sample of a column is zero; the answer changes how fast the work is done,
/// never what comes of it.
fn mostly_zero(values: &Numbers) -> bool {
    const SAMPLE: usize = 1024;
    let step = (values.len() / SAMPLE).max(1);
    let sample = (0..values.len()).step_by(step);
    let zeros = sample.clone().filter(|row| values.get(*row) == Some(0));
    zeros.count() * 8 > sample.count() * 7
}

impl<'a> TaskKind<'a> {
    /// Returns the columns that it reads.
    fn columns(&self) -> [Option<&'a Arc<Numbers>>; 2] {
        match self {
            TaskKind::AtLeast { values, .. } | TaskKind::Value { values, .. } => {
                [Some(values), None]
            }
            TaskKind::Threshold { x, d, .. } | TaskKind::Share { x, d, .. } => [Some(x), Some(d)],
        }
    }

    /// Returns the largest magnitude that one row can add to a sum.
    pub(crate) fn largest_addend(&self) -> u128 {
        match self {
            TaskKind::AtLeast { .. } | TaskKind::Threshold { .. } => 1,
            TaskKind::Value { values, .. } => u128::from(values.largest).pow(2).max(1),
            TaskKind::Share { x, d, .. } => u128::from(x.largest.max(d.largest)).pow(2).max(1),
        }
    }

    fn is_share(&self, x: &Arc<Numbers>, d: &Arc<Numbers>) -> bool {
        matches!(self, TaskKind::Share { x: a, d: b, .. } if Arc::ptr_eq(a, x) && Arc::ptr_eq(b, d))
    }

    /// Returns how many sums there are: `events, trials`; `n, x, xx`; `n, x, d, xx, xd, dd, events`.
    pub(crate) fn width(&self) -> usize {
        match self {
            TaskKind::AtLeast { .. } | TaskKind::Threshold { .. } => 2,
            TaskKind::Value { .. } => 3,
            TaskKind::Share { .. } => 7,
        }
    }
}
