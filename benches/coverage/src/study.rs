//! The studies, each a list of jobs that can run in any order on any thread.

pub mod binomial;
pub mod clusters;
pub mod poisson;
pub mod pupils;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::score::Row;

/// A part of the grid.
pub type Job = Box<dyn Fn() -> Vec<Row> + Send + Sync>;

/// Rates of outcomes: permanent exclusion and leadership at the low end, attendance at the high one.
pub const OUTCOMES: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 0.95];

/// How much of the grid is visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Some seconds: for a test.
    Quick,
    /// All of it.
    Full,
}

impl Extent {
    /// Returns every `step`-th value where quick, all of them where full.
    pub fn thin<T: Copy>(self, values: &[T], step: usize) -> Vec<T> {
        let step = if self == Extent::Quick { step } else { 1 };
        values
            .iter()
            .skip(step / 2)
            .step_by(step)
            .copied()
            .collect()
    }
}

/// Returns every row of the grid, in the order of the jobs whatever the threads.
pub fn run(extent: Extent, threads: usize) -> Vec<Row> {
    let jobs: Vec<Job> = [
        binomial::jobs(extent),
        poisson::jobs(extent),
        pupils::jobs(extent),
        clusters::jobs(extent),
    ]
    .into_iter()
    .flatten()
    .collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Row>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, job)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(index).map(|job| (index, job))
                } {
                    let rows = job();
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((index, rows));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, rows)| rows).collect()
}
