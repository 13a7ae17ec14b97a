//! The replicates of one gap and the intervals read off them.

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tail;
use crate::wald::Scale;

/// The replicates of one gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    /// The gap itself: a difference, or a ratio on the log scale's own side.
    pub estimate: f64,
    /// Standard deviation of the replicates, on the scale drawn.
    pub standard_error: f64,
    /// Replicates in which both sides had somebody in them.
    pub defined: usize,
    pub(super) scale: Scale,
    pub(super) sorted: Vec<f64>,
    pub(super) acceleration: f64,
}

impl Replicates {
    /// Returns the percentile interval.
    ///
    /// # Formula
    /// Order statistics at (B + 1)α/2 and (B + 1)(1 − α/2), interpolated.
    ///
    /// # Errors
    /// `too_few_for_variance` where there are too few replicates for the level.
    ///
    /// # Source
    /// Davison and Hinkley, *Bootstrap Methods* (1997), eq. 5.18.
    pub fn percentile(&self, level: Level) -> Calculated<Interval> {
        let half = level.alpha() / 2.0;
        self.ends(half, 1.0 - half)
    }

    /// Returns the bias-corrected and accelerated interval.
    ///
    /// # Formula
    /// Percentiles at Φ(z₀ + (z₀ ± z)/(1 − a(z₀ ± z))); z₀ from the share of replicates below the
    /// estimate, a from leaving out one school at a time.
    ///
    /// # Errors
    /// `too_few_for_variance` as [`percentile`](Replicates::percentile); `no_variation` where all
    /// replicates lie on one side of the estimate.
    ///
    /// # Source
    /// Efron, *JASA* 82 (1987), eq. 2.3 and 6.6.
    pub fn bca(&self, level: Level) -> Calculated<Interval> {
        let centre = self.transformed();
        let below = self.sorted.partition_point(|v| *v < centre) as f64;
        let not_above = self.sorted.partition_point(|v| *v <= centre) as f64;
        let share = (below + not_above) / 2.0 / self.sorted.len() as f64;
        if share <= 0.0 || share >= 1.0 {
            return Err(NotCalculable::NoVariation);
        }
        let bias = tail::normal_quantile(share)?;
        let end = |z: f64| {
            let shifted = bias + z;
            let rest = 1.0 - self.acceleration * shifted;
            if rest <= 0.0 {
                return Err(NotCalculable::NoConvergence);
            }
            Ok(tail::normal_below(bias + shifted / rest))
        };
        self.ends(end(-level.z())?, end(level.z())?)
    }

    fn transformed(&self) -> f64 {
        if self.scale == Scale::Log {
            self.estimate.ln()
        } else {
            self.estimate
        }
    }

    fn ends(&self, low: f64, high: f64) -> Calculated<Interval> {
        let at = |p: f64| {
            let position = (self.sorted.len() as f64 + 1.0) * p;
            let rank = position.floor();
            // Beyond the outermost replicates nothing is known.
            let index = (rank as usize).checked_sub(1)?;
            let lower = *self.sorted.get(index)?;
            let upper = self.sorted.get(index + 1).copied();
            let between = position - rank;
            if between == 0.0 {
                Some(lower)
            } else {
                Some(lower + between * (upper? - lower))
            }
        };
        let (lower, upper) = at(low)
            .zip(at(high))
            .ok_or(NotCalculable::TooFewForVariance)?;
        Ok(match self.scale {
            Scale::Linear => Interval::new(lower, upper),
            Scale::Log => Interval::new(lower.exp(), upper.exp()),
        })
    }
}
