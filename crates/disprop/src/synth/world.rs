//! A plan at work: pieces of rows, made on all threads and laid in order.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::DataFrame;

use super::{Error, Plan, Scope, frame, pupils, schools, targets};

/// Rows in a piece of work for one thread: small enough to stay in cache while its columns are made.
pub(super) const PIECE: usize = 16_384;
/// A plan made ready: schools drawn, thresholds solved, labels known.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) map: schools::Map,
    pub(super) targets: targets::Targets,
    pub(super) codes: pupils::Codes,
    pub(super) labels: Arc<frame::Labels>,
    /// Schools of one year in a piece of work.
    schools_in_piece: usize,
}

impl World {
    pub(super) fn new(plan: &Plan) -> Result<Self, Error> {
        plan.check()?;
        let map = schools::Map::new(plan);
        let codes = pupils::Codes::new();
        let (authorities, schools) = (map.authorities.len(), map.schools.len());
        let labels = frame::Labels::new(plan, authorities, schools, &codes.labels)?;
        let rows_in_school = (plan.pupils as usize / schools.max(1)).max(1);
        Ok(World {
            plan: plan.clone(),
            targets: targets::Targets::new(plan.scope == Scope::Authority),
            codes,
            labels: Arc::new(labels),
            schools_in_piece: PIECE.div_ceil(rows_in_school),
            map,
        })
    }

    /// Pieces of work: runs of schools in each year. They do not depend on threads, and rows do not depend on them.
    pub(super) fn pieces(&self) -> usize {
        self.map.schools.len().div_ceil(self.schools_in_piece) * self.plan.years as usize
    }

    fn piece(&self, piece: usize) -> Result<DataFrame, Error> {
        let schools = self.map.schools.len();
        let in_year = schools.div_ceil(self.schools_in_piece).max(1);
        let year = (piece / in_year) as u32;
        let first = piece % in_year * self.schools_in_piece;
        let mut rows = Vec::with_capacity(PIECE + PIECE / 4);
        for school in first..(first + self.schools_in_piece).min(schools) {
            self.rows(year, school, &mut rows);
        }
        frame::frame(&rows, &self.labels, self.plan.plain_text)
    }

    pub(super) fn threads(&self) -> usize {
        self.plan
            .threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    /// The frames of a range of pieces, in order, made on all threads.
    pub(super) fn frames(&self, range: std::ops::Range<usize>) -> Result<Vec<DataFrame>, Error> {
        let next = AtomicUsize::new(range.start);
        let work = || {
            let mut made = Vec::new();
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= range.end {
                    return made;
                }
                made.push((piece, self.piece(piece)));
            }
        };
        let mut made = std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads().min(range.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut made = work();
            for other in others {
                match other.join() {
                    Ok(more) => made.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            made
        });
        made.sort_by_key(|(piece, _)| *piece);
        made.into_iter().map(|(_, frame)| frame).collect()
    }
}

/// One frame under another.
pub(super) fn stack(frames: impl IntoIterator<Item = DataFrame>) -> Result<DataFrame, Error> {
    let mut frames = frames.into_iter();
    let mut whole = frames.next().unwrap_or_default();
    for frame in frames {
        whole.vstack_mut_owned(frame)?;
    }
    Ok(whole)
}
