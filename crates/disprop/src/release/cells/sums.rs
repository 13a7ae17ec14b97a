//! Sums of one measure in one table: pupils, outcomes, and what one pupil may account for.

use std::collections::BTreeSet;

use disprop_stats::tally::MICRO;

use crate::tallies::{Column, MeasureTallies};

/// Sums of one measure by place and region.
#[derive(Clone)]
pub(super) struct Sums {
    pub(super) n: Option<Vec<i64>>,
    pub(super) events: Option<Vec<i64>>,
    pub(super) open: Vec<bool>,
    pub(super) proportion: bool,
    /// Whether a total row holds somebody whom no row lists.
    pub(super) unlisted: bool,
    /// Pupils, sums and sums of squares of what is averaged or divided, where pupils are known.
    pub(super) moments: Option<Vec<[i128; 3]>>,
}

impl Sums {
    /// Numbers of pupils alone.
    pub(super) fn of(n: Vec<i64>) -> Self {
        Sums {
            open: vec![false; n.len()],
            n: Some(n),
            events: None,
            proportion: false,
            unlisted: false,
            moments: None,
        }
    }

    /// The same without outcomes, where pupils are known.
    pub(super) fn of_pupils(self) -> Option<Self> {
        Some(Sums {
            open: self.open,
            unlisted: self.unlisted,
            ..Self::of(self.n?)
        })
    }

    /// Most that one pupil can account for of the sum over these regions of a place, as a share.
    ///
    /// # Formula
    /// With n pupils of mean m and standard deviation s (over n), no value lies farther than
    /// s √(n − 1) from m, so the share is at most (m + s √(n − 1)) ÷ (n m).
    ///
    /// # Source
    /// Samuelson (1968), Journal of the American Statistical Association 63, 1522–1525.
    pub(super) fn largest(&self, first: usize, regions: &BTreeSet<usize>) -> Option<f64> {
        let moments = self.moments.as_ref()?;
        let held = regions.iter().filter_map(|r| moments.get(first + r));
        let [n, sum, squares] = held.fold([0_i128; 3], |[a, b, c], [x, y, z]| {
            [a + x, b.saturating_add(*y), c.saturating_add(*z)]
        });
        if n < 1 || sum < 1 {
            return None;
        }
        let (n, sum, squares) = (n as f64, sum as f64, squares as f64);
        let mean = sum / n;
        let spread = (squares / n - mean * mean).max(0.0).sqrt();
        Some(((mean + spread * (n - 1.0).sqrt()) / sum).min(1.0))
    }
}

/// Pupils, their sum and sum of squares, of what each contributes to a mean or a share.
pub(super) fn moments_of(column: &Column, cell: usize) -> Option<[i128; 3]> {
    match column {
        Column::Mean(c) => c.get(cell).map(|t| [i128::from(t.n), t.sum, t.squares]),
        Column::Ratio(c) => c.get(cell).map(|t| [i128::from(t.n), t.x, t.xx]),
        _ => None,
    }
}

/// What a cell counts: pupils, and pupils or events with the outcome.
pub(super) fn counts(column: &Column, cell: usize) -> (Option<i64>, Option<i64>) {
    let whole = |micro: i128| i64::try_from(micro / i128::from(MICRO)).ok();
    match column {
        Column::Proportion(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.trials), Some(t.events))),
        Column::Mean(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.n), whole(t.sum))),
        Column::Ratio(c) => c.get(cell).map_or((None, None), |t| (Some(t.n), None)),
        Column::Rate(c) => c
            .get(cell)
            .map_or((None, None), |t| (Some(t.n), whole(t.events))),
    }
}

/// Whether a measure has numbers of pupils, and whether its sums count something.
pub(super) fn counted(measure: &MeasureTallies) -> (bool, bool) {
    let events = measure.measure.quantity.counts_events();
    match &measure.column {
        Column::Proportion(_) => (true, true),
        Column::Mean(_) => (true, events),
        Column::Ratio(_) => (true, false),
        Column::Rate(cells) => {
            let nobody = cells.iter().all(|c| c.exposure == 0);
            (nobody || cells.iter().any(|c| c.n > 0), events)
        }
    }
}
