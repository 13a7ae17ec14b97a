//! Seeded bootstrap over schools: intervals that assume neither a formula nor independent pupils.
//!
//! Schools are drawn with replacement; each replicate draws one set of school weights that all
//! groups and measures share, so their gaps keep their dependence and 10,000 replicates cost one
//! matrix product. The result depends on the seed alone, not on threads: replicates come in blocks,
//! each with its own ChaCha stream.

mod sample;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

pub use sample::Replicates;

use crate::cluster::{Clustering, School, leave_one_out, total};
use crate::estimate::{Calculated, NotCalculable};
use crate::facts::Facts;
use crate::fraction::Fraction;
use crate::stratum::Stratum;
use crate::wald::Scale;

/// What a reader needs to judge each interval from drawn schools.
pub const METHODS: &[Facts] = &[
    Facts {
        id: "bootstrap_bca",
        label: "schools drawn, bias-corrected and accelerated",
        formula: "quantiles of the replicates at levels moved by bias and acceleration",
        source: "Efron (1987), JASA 82, 171-185; Davison and Hinkley (1997), section 5.3",
        when_to_use: "for skewed figures from some thirty schools a side or more",
        when_not: "with fewer schools: CR2",
    },
    Facts {
        id: "bootstrap_percentile",
        label: "schools drawn, percentiles",
        formula: "quantiles of the replicates",
        source: "Davison and Hinkley (1997), Bootstrap Methods, section 5.3",
        when_to_use: "to match others who print it",
        when_not: "with fewer than some thirty schools a side, or skewed figures",
    },
];

/// Replicates that share one random stream and one pass over the schools' sums. Part of what a seed
/// means: changing it changes every bootstrap result.
const BLOCK: usize = 64;

/// Fewest replicates in which a gap must be defined, as a share of all.
const DEFINED: f64 = 0.99;

/// Most replicates of one call: beyond it they are a slip, and their memory a failure.
const MOST: usize = 10_000_000;

/// Most threads of one call.
const THREADS: usize = 64;

/// How a bootstrap is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// Seed: the same seed gives the same result.
    pub seed: u64,
    /// Number of replicates; 10,000 for an interval to be published.
    pub replicates: usize,
    /// Threads to use, at least 1; it does not change the result.
    pub threads: usize,
    /// Differences, or logarithms of ratios.
    pub scale: Scale,
    /// Fewest schools that each side must sit in, never less than 2.
    pub minimum_clusters: usize,
}

impl Drawing {
    /// Returns 10,000 replicates of differences on one thread from this seed.
    pub fn new(seed: u64) -> Self {
        Drawing {
            seed,
            replicates: 10_000,
            threads: 1,
            scale: Scale::Linear,
            minimum_clusters: Clustering::MINIMUM,
        }
    }
}

/// One gap (a group and a measure) in every school, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Column(Vec<School>);

impl Column {
    /// Returns the gap's sums by school; every column of one call lists the same schools in one
    /// order, empty ones included.
    pub fn new<T: Fraction>(schools: &[Stratum<T>]) -> Self {
        Column(schools.iter().map(School::new).collect())
    }

    /// Returns one side's sums by school, whose replicates are its value rather than a gap.
    ///
    /// For differences only: on the log scale it has no counterpart to be divided by.
    pub fn value<T: Fraction>(schools: &[T]) -> Self {
        let alone = |side: &T| School {
            // A baseline of nothing in every school.
            x0: 0.0,
            d0: 1.0,
            ..School::new(&Stratum::new(*side, T::default()))
        };
        Column(schools.iter().map(alone).collect())
    }
}

/// Returns the replicates of every gap, drawn with the same schools in each replicate.
///
/// # Formula
/// In each replicate school j has weight wⱼ, multinomial(m, 1/m); gap = Σw x₁/Σw d₁ − Σw x₀/Σw d₀.
///
/// # Units and shapes
/// One result for each column, in order. Every column has all schools in the same order; an empty
/// school is still drawn.
///
/// # Errors
/// For a column: `no_group`, `no_baseline`, `zero_group`, `zero_baseline` (log scale);
/// `too_few_clusters` where a side sits in fewer schools than the minimum, or is missing from more
/// than 1 % of the replicates; `no_counterpart` where its schools are not as many as the first
/// column's; `too_few_for_variance` for fewer than two replicates; `overflow` for more than ten
/// million.
///
/// # Source
/// Davison and Hinkley (1997), section 3.8, strategy 1.
///
/// # Example: reproducible on any number of threads
/// ```
/// use disprop_stats::bootstrap::{Column, Drawing, replicates};
/// use disprop_stats::{Level, Proportion, stratum::Stratum};
/// let schools: Vec<_> = (0..12)
///     .map(|i| Stratum::new(Proportion::new(1 + i % 4, 9), Proportion::new(10 + i, 80)))
///     .collect();
/// let column = [Column::new(&schools)];
/// let one = replicates(&column, Drawing { replicates: 999, ..Drawing::new(7) });
/// let two = replicates(&column, Drawing { replicates: 999, threads: 2, ..Drawing::new(7) });
/// assert_eq!(one, two);
/// let gap = one[0].as_ref().unwrap();
/// assert!(gap.bca(Level::P95)?.contains(gap.estimate));
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn replicates(columns: &[Column], drawing: Drawing) -> Vec<Calculated<Replicates>> {
    let schools = columns.first().map_or(0, |c| c.0.len());
    let checked: Vec<Calculated<f64>> =
        columns.iter().map(|c| check(c, schools, drawing)).collect();
    let drawn: Vec<&Column> = columns
        .iter()
        .zip(&checked)
        .filter(|(_, ok)| ok.is_ok())
        .map(|(column, _)| column)
        .collect();
    let mut values = if schools == 0 {
        Vec::new()
    } else {
        draw(&drawn, schools, drawing)
    }
    .into_iter();
    columns
        .iter()
        .zip(checked)
        .map(|(column, estimate)| {
            let estimate = estimate?;
            let values = values.next().ok_or(NotCalculable::TooFewForVariance)?;
            summary(column, estimate, values, drawing)
        })
        .collect()
}

/// The column's own gap, or why it cannot be drawn.
fn check(column: &Column, schools: usize, drawing: Drawing) -> Calculated<f64> {
    let Column(sums) = column;
    if sums.len() != schools {
        return Err(NotCalculable::NoCounterpart);
    }
    if drawing.replicates > MOST {
        return Err(NotCalculable::Overflow);
    }
    let all = total(sums);
    if all.d1 <= 0.0 {
        return Err(NotCalculable::NoGroup);
    }
    if all.d0 <= 0.0 {
        return Err(NotCalculable::NoBaseline);
    }
    let occupied = |side: fn(&School) -> f64| sums.iter().filter(|s| side(s) > 0.0).count();
    let fewest = drawing.minimum_clusters.max(2);
    if occupied(|s| s.d1) < fewest || occupied(|s| s.d0) < fewest {
        return Err(NotCalculable::TooFewClusters);
    }
    match drawing.scale {
        Scale::Linear => Ok(all.x1 / all.d1 - all.x0 / all.d0),
        Scale::Log if all.x0 <= 0.0 => Err(NotCalculable::ZeroBaseline),
        Scale::Log if all.x1 <= 0.0 => Err(NotCalculable::ZeroGroup),
        Scale::Log => Ok((all.x1 / all.d1) / (all.x0 / all.d0)),
    }
}

/// Every column's replicates, in the order of the blocks.
fn draw(columns: &[&Column], schools: usize, drawing: Drawing) -> Vec<Vec<f64>> {
    let blocks = drawing.replicates.div_ceil(BLOCK);
    let threads = drawing.threads.clamp(1, blocks.clamp(1, THREADS));
    let mut done: Vec<Option<Vec<[f64; BLOCK]>>> = vec![None; blocks];
    std::thread::scope(|scope| {
        for chunk in done.chunks_mut(blocks.div_ceil(threads).max(1)).enumerate() {
            let first = chunk.0 * blocks.div_ceil(threads).max(1);
            scope.spawn(move || {
                for (offset, slot) in chunk.1.iter_mut().enumerate() {
                    *slot = Some(block(columns, schools, first + offset, drawing));
                }
            });
        }
    });
    let mut values = vec![Vec::with_capacity(blocks * BLOCK); columns.len()];
    for gaps in done.into_iter().flatten() {
        for (column, gap) in values.iter_mut().zip(gaps) {
            column.extend_from_slice(&gap);
        }
    }
    for column in &mut values {
        column.truncate(drawing.replicates);
    }
    values
}

/// One block of replicates of every column; NaN marks a replicate without one of the sides.
fn block(columns: &[&Column], schools: usize, index: usize, drawing: Drawing) -> Vec<[f64; BLOCK]> {
    let mut random = ChaCha8Rng::seed_from_u64(drawing.seed);
    random.set_stream(index as u64);
    let mut weights = vec![[0.0_f64; BLOCK]; schools];
    for replicate in 0..BLOCK {
        for _ in 0..schools {
            // Multiply and shift: the bias of less than schools / 2⁶⁴ is beyond any use.
            let pick = (u128::from(random.next_u64()) * schools as u128) >> 64;
            if let Some(weight) = weights.get_mut(pick as usize) {
                weight[replicate] += 1.0;
            }
        }
    }
    let gap = |column: &&Column| {
        let mut sums = [[0.0_f64; BLOCK]; 4];
        for (school, weight) in column.0.iter().zip(&weights) {
            for (sum, value) in sums
                .iter_mut()
                .zip([school.x1, school.d1, school.x0, school.d0])
            {
                if value != 0.0 {
                    for (cell, w) in sum.iter_mut().zip(weight) {
                        *cell += w * value;
                    }
                }
            }
        }
        let [x1, d1, x0, d0] = sums;
        let mut gaps = [f64::NAN; BLOCK];
        for ((((gap, x1), d1), x0), d0) in gaps.iter_mut().zip(x1).zip(d1).zip(x0).zip(d0) {
            *gap = match drawing.scale {
                Scale::Linear => x1 / d1 - x0 / d0,
                Scale::Log => ((x1 / d1) / (x0 / d0)).ln(),
            };
        }
        gaps
    };
    columns.iter().map(gap).collect()
}

fn summary(
    column: &Column,
    estimate: f64,
    mut values: Vec<f64>,
    drawing: Drawing,
) -> Calculated<Replicates> {
    values.retain(|v| v.is_finite());
    let defined = values.len();
    if drawing.replicates < 2 {
        return Err(NotCalculable::TooFewForVariance);
    }
    if (defined as f64) < DEFINED * drawing.replicates as f64 {
        return Err(NotCalculable::TooFewClusters);
    }
    values.sort_unstable_by(f64::total_cmp);
    let n = defined as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Ok(Replicates {
        estimate,
        standard_error: (squares / (n - 1.0)).sqrt(),
        defined,
        scale: drawing.scale,
        acceleration: acceleration(&column.0, drawing.scale),
        sorted: values,
    })
}

/// Σ(θ̄ − θ₍ᵢ₎)³ / (6 (Σ(θ̄ − θ₍ᵢ₎)²)^1.5) over the schools that can be left out.
fn acceleration(schools: &[School], scale: Scale) -> f64 {
    let left_out: Vec<f64> = leave_one_out(schools)
        .map(|s| match scale {
            Scale::Linear => s.x1 / s.d1 - s.x0 / s.d0,
            Scale::Log => ((s.x1 / s.d1) / (s.x0 / s.d0)).ln(),
        })
        .filter(|v| v.is_finite())
        .collect();
    let mean = left_out.iter().sum::<f64>() / left_out.len() as f64;
    let power = |k: i32| left_out.iter().map(|v| (mean - v).powi(k)).sum::<f64>();
    let squares = power(2);
    if squares > 0.0 {
        power(3) / (6.0 * squares.powf(1.5))
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{self, Correction};
    use crate::estimate::Level;
    use crate::tally::Proportion;

    fn schools(m: i64) -> Vec<Stratum<Proportion>> {
        (0..m)
            .map(|i| {
                Stratum::new(
                    Proportion::new(1 + (i * 5) % 4, 8 + i % 3),
                    Proportion::new(10 + (i * 7) % 20, 80 + i),
                )
            })
            .collect()
    }

    #[test]
    fn the_spread_is_that_of_the_linearised_variance() {
        let schools = schools(40);
        let drawn = replicates(&[Column::new(&schools)], Drawing::new(1));
        let drawn = drawn[0].as_ref().unwrap();
        let linear = cluster::difference(&schools, Clustering::new(Correction::Cr0)).unwrap();
        assert!((drawn.standard_error / linear.standard_error - 1.0).abs() < 0.05);
        let (percentile, wald) = (
            drawn.percentile(Level::P95).unwrap(),
            linear.interval(Level::P95).unwrap(),
        );
        assert!((percentile.lower - wald.lower).abs() < linear.standard_error / 4.0);
        assert!((percentile.upper - wald.upper).abs() < linear.standard_error / 4.0);
    }

    #[test]
    fn reasons_stand_in_their_place_and_do_not_move_the_others() {
        let full = Column::new(&schools(12));
        let mut one = vec![Stratum::default(); 12];
        one[3] = Stratum::new(Proportion::new(1, 4), Proportion::new(1, 9));
        let lonely = Column::new(&one);
        let few = Drawing {
            replicates: 200,
            ..Drawing::new(3)
        };
        let both = replicates(&[full.clone(), lonely, Column(vec![])], few);
        assert_eq!(both[0], replicates(&[full], few)[0]);
        assert_eq!(both[1], Err(NotCalculable::TooFewClusters));
        assert_eq!(both[2], Err(NotCalculable::NoCounterpart));
        assert!(replicates(&[], few).is_empty());
    }

    #[test]
    fn one_side_alone_is_drawn_as_its_value() {
        let schools = schools(12);
        let group: Vec<Proportion> = schools.iter().map(|s| s.group).collect();
        let drawn = replicates(&[Column::value(&group)], Drawing::new(5));
        let drawn = drawn[0].as_ref().unwrap();
        let clustering = Clustering::new(Correction::Cr0);
        let linear = cluster::value(&group, clustering).unwrap();
        assert_eq!(drawn.estimate, linear.estimate);
        assert!((drawn.standard_error / linear.standard_error - 1.0).abs() < 0.1);
    }

    #[test]
    fn too_few_replicates_have_no_interval() {
        let column = [Column::new(&schools(12))];
        let drawn = replicates(
            &column,
            Drawing {
                replicates: 20,
                ..Drawing::new(3)
            },
        );
        let gap = drawn[0].as_ref().unwrap();
        assert_eq!(
            gap.percentile(Level::P95),
            Err(NotCalculable::TooFewForVariance)
        );
        let none = replicates(
            &column,
            Drawing {
                replicates: 0,
                ..Drawing::new(3)
            },
        );
        assert_eq!(none[0], Err(NotCalculable::TooFewForVariance));
    }
}
