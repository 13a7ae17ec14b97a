//! How many pupils a gap is: excess and shortfall, and how they add up across groups.
//!
//! Against all others each group has a baseline of its own, so the numbers of different groups do
//! not add up. Against one common value they do: against everyone's value they sum to zero, against
//! a group's or a fixed value to the whole distance of the cohort from it.

use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Interval, NotCalculable};

use crate::error::Error;
use crate::gaps::layers::Layers;
use crate::gaps::{Baseline, Contrast, GapOptions, Gaps, Index, Key};

/// One group's excess on both baselines.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcessRow {
    /// Which gap.
    pub key: Key,
    /// Pupils of the group.
    pub group_n: Option<i64>,
    /// Its events, pupils with the outcome, sessions or points.
    pub numerator: Calculated<f64>,
    /// Above (+) or below (−) what the gaps' own baseline would give.
    pub own: Contrast,
    /// Above (+) or below (−) what everyone's value would give; sums to zero over a partition.
    pub common: Calculated<f64>,
    /// Its interval.
    pub common_interval: Calculated<Interval>,
}

/// The sum over all groups of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcessSum {
    /// Which measure and place; its group has no meaning.
    pub key: Key,
    /// Sum of `own`: it has no meaning of its own against all others.
    pub own: Calculated<f64>,
    /// Sum of `common`: zero where the groups are everyone.
    pub common: Calculated<f64>,
    /// Sum of the positive ones: what would have to move for all groups to have everyone's value.
    pub to_move: Calculated<f64>,
    /// Share of the classified that the groups hold: 1 for a partition.
    pub covered: Calculated<f64>,
}

/// Excess and shortfall of every group, with sums.
#[derive(Debug, Clone)]
pub struct Excess {
    /// One row a gap.
    pub rows: Vec<ExcessRow>,
    /// One row a measure and place.
    pub sums: Vec<ExcessSum>,
    /// What the rows index.
    pub index: Index,
    /// Name of the gaps' own baseline.
    pub baseline: String,
}

impl Gaps {
    /// Returns how many pupils (events, sessions, points) each gap is, on its own baseline and on one
    /// that adds up.
    ///
    /// # Formula
    /// own: x − d r₀ with r₀ the baseline's value. common: x − d r̄ with r̄ everyone's;
    /// Σ (xₖ − dₖ r̄) = X − D r̄ = 0 over groups that are everyone. With w = d/D, common =
    /// (1 − w) · own against all others, so its interval is that of `own` times 1 − w.
    ///
    /// # Returns None when
    /// A group without a gap passes its reason on; sums then do not exist either. Where groups overlap
    /// or leave pupils out, `covered` is not 1 and sums mean little.
    ///
    /// # Errors
    /// `group.unknown`, `stats.overflow`.
    ///
    /// # Source
    /// DOMAIN 0.2.4 for the identity.
    ///
    /// # Example: over all groups nothing is left
    /// ```
    /// use disprop::{GapOptions, Tallies, measure};
    /// use disprop::tallies::{Counts, Whole};
    /// let frame = polars::prelude::df!("group" => ["Black Caribbean", "Indian", "White British"],
    ///     "events" => [30, 10, 40], "pupils" => [100, 100, 200])?;
    /// let counts = Counts::new(measure("persistent_absence")?, "group", "events", "pupils")
    ///     .whole(Whole::Exhaustive);
    /// let gaps = Tallies::from_counts(&frame, &counts)?.gaps(&GapOptions::default())?;
    /// let excess = gaps.number_of_pupils()?;
    /// assert!(excess.sums[0].common?.abs() < 1e-9);
    /// assert_eq!(excess.sums[0].to_move, Ok(10.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn number_of_pupils(&self) -> Result<Excess, Error> {
        let whole = GapOptions {
            baseline: Baseline::Overall,
            ..self.choices()
        };
        let layers = Layers::new(&self.source, &self.by(), &[], &whole)?;
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut gaps = self.rows.iter();
        let mut held: Vec<Calculated<(f64, f64)>> = Vec::new();
        layers.each(|spot, measure, group, key| {
            let Some(gap) = gaps.next() else { return };
            let sums = layers.sides(spot, measure, group).and_then(|sides| {
                let (x, d) = sides.group.sums.checked()?;
                let (all, of) = sides.baseline.sums.checked()?;
                Ok((x, d, all, of, sides))
            });
            let common = sums
                .as_ref()
                .map_err(|reason| *reason)
                .map(|(x, d, all, of, _)| x - d * all / of);
            let common_interval =
                sums.as_ref()
                    .map_err(|reason| *reason)
                    .and_then(|(_, d, _, of, sides)| {
                        if let Baseline::AllOthers = self.options.baseline {
                            return Ok(gap.excess.interval?.scale(1.0 - d / of));
                        }
                        let (v, whole) = (sides.group.variance?, sides.baseline.variance?);
                        // var(r − r̄) of a part and its whole, the covariance being w · var(r).
                        let variance = v + whole - 2.0 * (d / of) * v;
                        Estimate::linear(common?, d * d * variance.max(0.0))
                            .interval(self.options.level)
                    });
            held.push(
                sums.as_ref()
                    .map_err(|reason| *reason)
                    .map(|(_, d, _, of, _)| (*d, *of)),
            );
            rows.push(ExcessRow {
                key,
                group_n: gap.group.n,
                numerator: sums.as_ref().map_err(|reason| *reason).map(|(x, ..)| *x),
                own: gap.excess.clone(),
                common,
                common_interval,
            });
        });
        let sums = self.groups.len().max(1);
        let sums = rows
            .chunks(sums)
            .zip(held.chunks(sums))
            .filter_map(|(rows, held)| total(rows, held))
            .collect();
        Ok(Excess {
            rows,
            sums,
            index: self.index(),
            baseline: self.options.baseline.label(),
        })
    }
}

/// Sums over the groups of one measure and place; a group with nobody in it adds nothing.
fn total(rows: &[ExcessRow], held: &[Calculated<(f64, f64)>]) -> Option<ExcessSum> {
    let first = rows.first()?;
    let add = |values: &mut dyn Iterator<Item = Calculated<f64>>| -> Calculated<f64> {
        values
            .filter(|value| *value != Err(NotCalculable::NoGroup))
            .try_fold(0.0, |sum, value| Ok(sum + value?))
    };
    let covered = held
        .iter()
        .filter(|held| **held != Err(NotCalculable::NoGroup))
        .try_fold(0.0, |sum, held| held.map(|(d, of)| sum + d / of));
    Some(ExcessSum {
        key: Key {
            of: 0,
            ..first.key.clone()
        },
        own: add(&mut rows.iter().map(|row| row.own.value)),
        common: add(&mut rows.iter().map(|row| row.common)),
        to_move: add(&mut rows
            .iter()
            .map(|row| row.common.map(|value| value.max(0.0)))),
        covered,
    })
}
