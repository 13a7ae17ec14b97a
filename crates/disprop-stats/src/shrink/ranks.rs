//! Ranks of schools with how unsure they are, drawn from the posterior.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use super::Shrunken;
use crate::estimate::{Calculated, Level, NotCalculable};
use crate::tail;

/// Draws that share one random stream. Part of what a seed means: changing it changes every rank.
const BLOCK: usize = 64;

/// Most draws of one call: beyond it they are a slip, and their memory a failure.
const MOST: usize = 1_000_000;

/// Most threads of one call.
const THREADS: usize = 64;

/// How ranks are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draws {
    /// Seed: the same seed gives the same result.
    pub seed: u64,
    /// Number of draws.
    pub draws: usize,
    /// How many schools at either end are asked about.
    pub among: usize,
    /// Threads to use, at least 1; it does not change the result.
    pub threads: usize,
}

impl Draws {
    /// Returns 4,000 draws on one thread from this seed, asking about one school at either end.
    ///
    /// A probability near one half is then known to within about 0.016 at 95 %.
    pub fn new(seed: u64) -> Self {
        Draws {
            seed,
            draws: 4_000,
            among: 1,
            threads: 1,
        }
    }
}

/// Where a school stands among the others, and how unsure that is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    /// Mean rank over the draws, from 1 for the lowest gap.
    pub mean: f64,
    /// Lower end of the interval of the rank.
    pub lower: f64,
    /// Upper end of the interval of the rank.
    pub upper: f64,
    /// Probability of being among the lowest `among` gaps, 0–1.
    pub among_lowest: f64,
    /// Probability of being among the highest `among` gaps, 0–1.
    pub among_highest: f64,
}

/// Returns each school's rank from the lowest gap, with an interval and the probability of standing
/// among the lowest and among the highest few.
///
/// It replaces the league table: an interval from 3 to 41 of 50 says that the school cannot be ranked.
///
/// # Formula
/// In each draw μ ~ N(μ̂, 1/Σw) and θⱼ ~ N(B yⱼ + (1 − B)μ, B v): the posterior of
/// [`schools`](super::schools) with the uncertainty of the common mean shared. Ranks are counted in each
/// draw; the interval is their quantiles at α/2 and 1 − α/2 (the smallest rank with at least that
/// share of draws).
///
/// # Units and shapes
/// One rank a school, in the order of `shrunken`. Draws come in blocks with a ChaCha stream each, so
/// threads do not change the result.
///
/// # Errors
/// `too_few_for_variance` for fewer than two draws; `overflow` for more than a million.
///
/// # Source
/// Goldstein and Spiegelhalter, *JRSS A* 159 (1996), 385; Laird and Louis (1989).
///
/// # Example: two schools that differ clearly and one that is anybody's guess
/// ```
/// use disprop_stats::{Level, shrink::{self, Draws}, wald::Estimate};
/// let gaps = [(-0.40, 0.0004), (-0.10, 0.02), (0.30, 0.0004)]
///     .map(|(gap, variance)| Estimate::linear(gap, variance));
/// let shrunken = shrink::schools(&gaps, Default::default())?;
/// let ranks = shrink::ranks(&shrunken, Draws::new(1), Level::P95)?;
/// assert!(ranks[0].among_lowest > 0.95 && ranks[2].among_highest > 0.95);
/// let threads = shrink::ranks(&shrunken, Draws { threads: 3, ..Draws::new(1) }, Level::P95)?;
/// assert_eq!(ranks, threads);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn ranks(shrunken: &Shrunken, draws: Draws, level: Level) -> Calculated<Vec<Rank>> {
    if draws.draws < 2 {
        return Err(NotCalculable::TooFewForVariance);
    }
    if draws.draws > MOST {
        return Err(NotCalculable::Overflow);
    }
    let schools = shrunken.schools.len();
    let counts = drawn(shrunken, draws);
    let total = draws.draws as f64;
    let half = level.alpha() / 2.0;
    let rank = |of: &[u32]| {
        let share = |ranks: &[u32]| ranks.iter().map(|c| f64::from(*c)).sum::<f64>() / total;
        let quantile = |p: f64| {
            let mut below = 0.0;
            let place = of.iter().position(|c| {
                below += f64::from(*c);
                below >= p * total
            });
            place.map_or(schools, |place| place + 1) as f64
        };
        let among = draws.among.min(schools);
        let mean = of
            .iter()
            .zip(1_u32..)
            .map(|(c, rank)| f64::from(*c) * f64::from(rank));
        Rank {
            mean: mean.sum::<f64>() / total,
            lower: quantile(half),
            upper: quantile(1.0 - half),
            among_lowest: share(of.get(..among).unwrap_or_default()),
            among_highest: share(of.get(schools - among..).unwrap_or_default()),
        }
    };
    Ok(counts.chunks(schools.max(1)).map(rank).collect())
}

/// How often each school (rows) took each rank (columns).
fn drawn(shrunken: &Shrunken, draws: Draws) -> Vec<u32> {
    let schools = shrunken.schools.len();
    let blocks = draws.draws.div_ceil(BLOCK);
    let threads = draws.threads.clamp(1, blocks.clamp(1, THREADS));
    let each = blocks.div_ceil(threads).max(1);
    let mut parts = vec![vec![0_u32; schools * schools]; threads];
    std::thread::scope(|scope| {
        for (thread, counts) in parts.iter_mut().enumerate() {
            scope.spawn(move || {
                for block in (thread * each)..((thread + 1) * each).min(blocks) {
                    let many = BLOCK.min(draws.draws - block * BLOCK);
                    one_block(shrunken, draws.seed, block as u64, many, counts);
                }
            });
        }
    });
    let mut counts = vec![0_u32; schools * schools];
    for part in parts {
        for (sum, count) in counts.iter_mut().zip(part) {
            *sum += count;
        }
    }
    counts
}

fn one_block(shrunken: &Shrunken, seed: u64, block: u64, many: usize, counts: &mut [u32]) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(block);
    let schools = shrunken.schools.len();
    let mean = &shrunken.mean;
    let mut gaps: Vec<(f64, u64, usize)> = Vec::with_capacity(schools);
    for _ in 0..many {
        let shift = mean.standard_error * normal(&mut random);
        gaps.clear();
        gaps.extend(shrunken.schools.iter().enumerate().map(|(place, school)| {
            let rest = 1.0 - school.reliability;
            // What is left of the posterior variance once the common mean is given.
            let own = (school.gap.variance() - rest * rest * mean.variance()).max(0.0);
            let gap = school.gap.estimate + rest * shift + own.sqrt() * normal(&mut random);
            // Where schools do not differ at all, chance decides and not their order.
            (gap, random.next_u64(), place)
        }));
        gaps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (rank, (_, _, place)) in gaps.iter().enumerate() {
            if let Some(count) = counts.get_mut(place * schools + rank) {
                *count += 1;
            }
        }
    }
}

/// A standard normal number by inversion: one draw of the stream each, whatever came before.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    // The middle of one of 2⁵³ equal steps, so that neither 0 nor 1 comes up.
    let uniform = ((random.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
    tail::normal_quantile(uniform).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::{Between, schools};
    use super::*;
    use crate::wald::Estimate;

    #[test]
    fn equal_schools_share_all_ranks() {
        let gaps = [Estimate::linear(0.1, 0.01); 4];
        let shrunken = schools(&gaps, Between::default()).unwrap();
        for rank in ranks(&shrunken, Draws::new(3), Level::P95).unwrap() {
            assert!((rank.mean - 2.5).abs() < 0.1);
            assert!((rank.among_lowest - 0.25).abs() < 0.04);
            assert_eq!((rank.lower, rank.upper), (1.0, 4.0));
        }
    }

    #[test]
    fn the_mean_rank_is_the_expected_rank() {
        let gaps = [
            (-0.30, 0.004),
            (-0.10, 0.001),
            (0.05, 0.002),
            (-0.02, 0.002),
            (0.2, 0.006),
        ]
        .map(|(gap, variance)| Estimate::linear(gap, variance));
        let shrunken = schools(&gaps, Between::default()).unwrap();
        let drawn = ranks(&shrunken, Draws::new(9), Level::P95).unwrap();
        for (rank, school) in drawn.iter().zip(&shrunken.schools) {
            assert!((rank.mean - school.expected_rank).abs() < 0.1);
            assert!(rank.lower <= rank.upper);
            assert!(rank.among_lowest + rank.among_highest <= 1.0);
        }
        let all = Draws {
            among: 99,
            ..Draws::new(9)
        };
        assert!(
            ranks(&shrunken, all, Level::P95)
                .unwrap()
                .iter()
                .all(|r| r.among_lowest == 1.0)
        );
    }

    #[test]
    fn a_single_draw_is_no_ranking() {
        let gaps = [Estimate::linear(0.1, 0.01); 4];
        let shrunken = schools(&gaps, Between::default()).unwrap();
        let one = Draws {
            draws: 1,
            ..Draws::new(3)
        };
        assert_eq!(
            ranks(&shrunken, one, Level::P95),
            Err(NotCalculable::TooFewForVariance)
        );
    }
}
